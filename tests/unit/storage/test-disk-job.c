/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "disk-steps.h"
#include "storage/ccbt-disk-job-private.h"

#include <gio/gio.h>
#include <unistd.h>

#define PIECE (1024u * KIB)
#define RUN (256u * KIB)

static const FixtureFile SINGLE[] = { { NULL, 3 * PIECE + 70000 } };
static const FixtureFile ROW[] = { { "a", 2 * PIECE + 5 }, { "b", 3000 }, { "c", PIECE + 777 } };

/* One run of a piece, in two segments. */
static void
hash_write (CcbtDiskPool *pool, CcbtStorage *storage, const Fixture *fixture, CcbtDiskJob *job,
            guint32 piece, guint32 offset, CcbtPieceHash *hash)
{
  guint32 length = MIN (RUN, get_piece_length (fixture, piece) - offset), half = length / 2;
  guint8 *data = fixture->content->data + (gsize) piece * fixture->piece_length + offset;
  CcbtDiskSegment segments[]
      = { { data, offset, half, FALSE }, { data + half, offset + half, length - half, FALSE } };

  *job = (CcbtDiskJob){ .kind = CCBT_DISK_HASH_WRITE,
                        .storage = storage,
                        .piece = piece,
                        .segments = segments,
                        .n_segments = G_N_ELEMENTS (segments),
                        .hash = hash,
                        .is_last = offset + length == get_piece_length (fixture, piece) };
  run_job (pool, job);
}

/* All runs of a piece, in order. Returns: the verdict */
static gboolean
write_piece (CcbtDiskPool *pool, CcbtStorage *storage, const Fixture *fixture, guint32 piece,
             CcbtPieceHash *hash)
{
  CcbtDiskJob job = { 0 };

  for (guint32 offset = 0; offset < get_piece_length (fixture, piece); offset += RUN)
    {
      g_assert_false (job.passed);
      hash_write (pool, storage, fixture, &job, piece, offset, hash);
      g_assert_no_error (job.error);
    }
  return job.passed;
}

static void
write_torrent (CcbtDiskPool *pool, CcbtStorage *storage, const Fixture *fixture)
{
  CcbtPieceHash *hash = ccbt_piece_hash_new ();

  for (guint32 piece = 0; piece < ccbt_metainfo_get_n_pieces (fixture->metainfo); piece++)
    g_assert_true (write_piece (pool, storage, fixture, piece, hash));
  ccbt_piece_hash_free (hash);
}

/* --- Hashing and writing --- */

static void
test_right_bytes_pass_and_are_written (void)
{
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, PIECE, ROW, G_N_ELEMENTS (ROW));
  write_torrent (bench.pool, bench.storage, &bench.fixture);
  for (guint file = 0; file < G_N_ELEMENTS (ROW); file++)
    fixture_assert_file (&bench.fixture, file);
}

static void
test_one_wrong_bit_fails_its_piece_only (void)
{
  g_auto (Bench) bench = { 0 };
  CcbtPieceHash *hash = ccbt_piece_hash_new ();

  bench_init (&bench, PIECE, SINGLE, 1);
  bench.fixture.content->data[PIECE + 600000] ^= 1;
  g_assert_false (write_piece (bench.pool, bench.storage, &bench.fixture, 1, hash));
  g_assert_true (write_piece (bench.pool, bench.storage, &bench.fixture, 0, hash));
  bench.fixture.content->data[PIECE + 600000] ^= 1;
  g_assert_true (write_piece (bench.pool, bench.storage, &bench.fixture, 1, hash));
  ccbt_piece_hash_free (hash);
}

static void
test_a_hash_that_is_reset_forgets_what_it_had (void)
{
  g_auto (Bench) bench = { 0 };
  CcbtPieceHash *hash = ccbt_piece_hash_new ();
  CcbtDiskJob job;

  bench_init (&bench, PIECE, SINGLE, 1);
  hash_write (bench.pool, bench.storage, &bench.fixture, &job, 0, 0, hash); /* and no further */
  ccbt_piece_hash_reset (hash);
  g_assert_true (write_piece (bench.pool, bench.storage, &bench.fixture, 2, hash));
  ccbt_piece_hash_free (hash);
}

/* Blocks that were spilled are read back into the hash: into their buffer, or through the worker's.
 */
static void
test_spilled_segments_are_read_back_into_the_hash (void)
{
  g_auto (Bench) bench = { 0 };
  CcbtPieceHash *hash = ccbt_piece_hash_new ();
  g_autofree guint8 *back = g_malloc0 (RUN);
  guint8 *data;
  CcbtDiskJob spill, job;
  CcbtDiskSegment spilled[2], all[4];

  bench_init (&bench, PIECE, SINGLE, 1);
  data = bench.fixture.content->data;
  spilled[0] = (CcbtDiskSegment){ data + RUN, RUN, RUN, FALSE };
  spilled[1] = (CcbtDiskSegment){ data + 3 * RUN, 3 * RUN, RUN, FALSE };
  spill = (CcbtDiskJob){
    .kind = CCBT_DISK_WRITE, .storage = bench.storage, .segments = spilled, .n_segments = 2
  };
  run_job (bench.pool, &spill);
  g_assert_no_error (spill.error);
  all[0] = (CcbtDiskSegment){ data, 0, RUN, FALSE };
  all[1] = (CcbtDiskSegment){ NULL, RUN, RUN, TRUE };
  all[2] = (CcbtDiskSegment){ data + 2 * RUN, 2 * RUN, RUN, FALSE };
  all[3] = (CcbtDiskSegment){ back, 3 * RUN, RUN, TRUE };
  job = (CcbtDiskJob){ .kind = CCBT_DISK_HASH_WRITE,
                       .storage = bench.storage,
                       .segments = all,
                       .n_segments = 4,
                       .hash = hash,
                       .is_last = TRUE };
  run_job (bench.pool, &job);
  g_assert_no_error (job.error);
  g_assert_true (job.passed);
  g_assert_cmpmem (back, RUN, data + 3 * RUN, RUN);
  ccbt_piece_hash_free (hash);
}

static void
test_a_write_that_fails_is_an_error_and_no_verdict (void)
{
  g_auto (Bench) bench = { 0 };
  CcbtPieceHash *hash = ccbt_piece_hash_new ();
  g_autofree char *path = NULL;
  CcbtDiskJob job;

  bench_init (&bench, PIECE, SINGLE, 1);
  path = fixture_path (&bench.fixture, 0);
  g_assert_cmpint (g_unlink (path), ==, 0);
  hash_write (bench.pool, bench.storage, &bench.fixture, &job, 3, 0,
              hash); /* the whole last piece */
  g_assert_true (job.is_last);
  g_assert_error (job.error, CCBT_ERROR, CCBT_ERROR_FILES_MISSING);
  g_assert_false (job.passed);
  g_clear_error (&job.error);
  ccbt_piece_hash_free (hash);
}

static void
test_reads_give_what_was_written (void)
{
  g_auto (Bench) bench = { 0 };
  g_autofree guint8 *a = g_malloc (50000), *b = g_malloc (50000);
  CcbtDiskSegment segments[] = { { a, 1000, 50000, FALSE }, { b, 900000, 50000, FALSE } };
  CcbtDiskJob job;

  bench_init (&bench, PIECE, ROW, G_N_ELEMENTS (ROW));
  write_torrent (bench.pool, bench.storage, &bench.fixture);
  job = (CcbtDiskJob){ .kind = CCBT_DISK_READ,
                       .storage = bench.storage,
                       .piece = 2,
                       .segments = segments,
                       .n_segments = 2 };
  run_job (bench.pool, &job);
  g_assert_no_error (job.error);
  g_assert_cmpmem (a, 50000, bench.fixture.content->data + 2 * PIECE + 1000, 50000);
  g_assert_cmpmem (b, 50000, bench.fixture.content->data + 2 * PIECE + 900000, 50000);
}

static void
test_block_digests_name_the_bad_block (void)
{
  g_auto (Bench) bench = { 0 };
  CcbtSha1 digests[PIECE / CCBT_BLOCK_SIZE];
  CcbtDiskJob job;

  bench_init (&bench, PIECE, SINGLE, 1);
  write_torrent (bench.pool, bench.storage, &bench.fixture);
  for (guint32 piece = 2; piece < 4; piece++) /* a whole one, and the short last one */
    {
      guint32 length = get_piece_length (&bench.fixture, piece);

      job = (CcbtDiskJob){ .kind = CCBT_DISK_DIGEST_BLOCKS,
                           .storage = bench.storage,
                           .piece = piece,
                           .block_digests = digests };
      run_job (bench.pool, &job);
      g_assert_no_error (job.error);
      for (guint32 at = 0; at < length; at += CCBT_BLOCK_SIZE)
        {
          g_autofree char *got = ccbt_hex_encode (digests[at / CCBT_BLOCK_SIZE].bytes, 20);
          g_autofree char *expected = g_compute_checksum_for_data (
              G_CHECKSUM_SHA1, bench.fixture.content->data + piece * PIECE + at,
              MIN (CCBT_BLOCK_SIZE, length - at));

          g_assert_cmpstr (got, ==, expected);
        }
    }
}

/* --- Checking --- */

static void
assert_check (Bench *bench, guint32 first, guint32 n_pieces, const char *expected)
{
  g_autofree guint8 *passed = g_malloc (n_pieces);
  g_autoptr (GString) text = g_string_new (NULL);
  CcbtDiskJob job = { .kind = CCBT_DISK_CHECK,
                      .is_background = TRUE,
                      .storage = bench->storage,
                      .first_piece = first,
                      .n_pieces = n_pieces,
                      .passed_pieces = passed };

  memset (passed, 0xee, n_pieces);
  run_job (bench->pool, &job);
  g_assert_no_error (job.error);
  g_assert_cmpint (g_atomic_int_get (&job.n_checked), ==, n_pieces);
  for (guint32 i = 0; i < n_pieces; i++)
    g_string_append_printf (text, "%u", passed[i]);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
damage (const Fixture *fixture, guint file, goffset offset)
{
  g_autofree char *path = fixture_path (fixture, file);
  FILE *stream = fopen (path, "r+");

  g_assert_nonnull (stream);
  fseek (stream, offset, SEEK_SET);
  fputs ("damage", stream);
  fclose (stream);
}

static void
test_a_check_finds_the_good_the_bad_and_the_missing (void)
{
  static const guint32 piece_lengths[] = { 16 * KIB, 512 * KIB, 1024 * KIB, 2048 * KIB };
  static const FixtureFile files[] = { { "a", 5000000 }, { "b", 5000000 }, { "c", 123456 } };

  for (guint i = 0; i < G_N_ELEMENTS (piece_lengths); i++)
    {
      g_auto (Bench) bench = { 0 };
      guint32 length = piece_lengths[i], n_pieces;
      g_autoptr (GString) expected = g_string_new (NULL);
      g_autofree char *path = NULL;

      bench_init (&bench, length, files, G_N_ELEMENTS (files));
      n_pieces = ccbt_metainfo_get_n_pieces (bench.fixture.metainfo);
      write_torrent (bench.pool, bench.storage, &bench.fixture);
      damage (&bench.fixture, 0, 3000000);
      path = fixture_path (&bench.fixture, 1);
      g_assert_cmpint (truncate (path, 4000000), ==, 0);
      for (guint32 piece = 0; piece < n_pieces; piece++)
        {
          guint64 start = (guint64) piece * length, end = MIN (start + length, 10123456);
          gboolean is_bad
              = (start < 3000006 && end > 3000000) || (start < 10000000 && end > 9000000);

          g_string_append (expected, is_bad ? "0" : "1");
        }
      g_assert_nonnull (strstr (expected->str, "0"));
      assert_check (&bench, 0, n_pieces, expected->str);
      assert_check (&bench, 1, n_pieces - 1, expected->str + 1);
      assert_check (&bench, n_pieces - 1, 1, expected->str + n_pieces - 1);
    }
}

static void
test_a_check_of_nothing_finds_nothing (void)
{
  g_auto (Bench) bench = { 0 };
  g_autofree char *path = NULL;

  bench_init (&bench, PIECE, SINGLE, 1);
  assert_check (&bench, 0, 4, "0000");
  path = fixture_path (&bench.fixture, 0);
  g_assert_cmpint (g_unlink (path), ==, 0);
  assert_check (&bench, 0, 4, "0000");
}

static void
test_a_check_of_what_cannot_be_read_is_an_error (void)
{
  g_auto (Bench) bench = { 0 };
  g_autofree char *path = NULL;
  guint8 passed[4];
  CcbtDiskJob job;

  bench_init (&bench, PIECE, SINGLE, 1);
  path = fixture_path (&bench.fixture, 0);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_mkdir (path, 0777), ==, 0); /* something else has its name */
  job = (CcbtDiskJob){
    .kind = CCBT_DISK_CHECK, .storage = bench.storage, .n_pieces = 4, .passed_pieces = passed
  };
  run_job (bench.pool, &job);
  g_assert_error (job.error, CCBT_ERROR, CCBT_ERROR_DISK);
  g_clear_error (&job.error);
}

static gboolean
always_yield (gpointer data)
{
  (*(guint *) data)++;
  return TRUE;
}

static void
test_a_check_that_gives_way_goes_on_where_it_was (void)
{
  g_auto (Bench) bench = { 0 };
  guint8 passed[4] = { 9, 9, 9, 9 };
  static const guint8 expected[] = { 1, 0, 1, 1 };
  guint n_asked = 0, n_runs = 1;
  CcbtDiskWorkspace workspace = { .should_yield = always_yield, .data = &n_asked };
  CcbtDiskJob job;

  bench_init (&bench, PIECE, SINGLE, 1);
  write_torrent (bench.pool, bench.storage, &bench.fixture);
  damage (&bench.fixture, 0, PIECE);
  job = (CcbtDiskJob){ .kind = CCBT_DISK_CHECK,
                       .is_background = TRUE,
                       .storage = bench.storage,
                       .n_pieces = 4,
                       .passed_pieces = passed };
  while (!ccbt_disk_job_run (&job, &workspace))
    g_assert_cmpint (job.n_checked, ==, n_runs++);
  g_assert_cmpuint (n_runs, ==, 4);
  g_assert_cmpuint (n_asked, ==, 3); /* not after the last */
  g_assert_cmpmem (passed, 4, expected, 4);
  ccbt_disk_workspace_clear (&workspace);
}

static gboolean
cancel_and_stay (gpointer data)
{
  g_atomic_int_set ((gint *) data, TRUE);
  return FALSE;
}

static void
test_a_check_is_cancelled_between_pieces (void)
{
  g_auto (Bench) bench = { 0 };
  guint8 passed[4] = { 9, 9, 9, 9 };
  CcbtDiskJob job;
  CcbtDiskWorkspace workspace = { .should_yield = cancel_and_stay, .data = &job.is_cancelled };

  bench_init (&bench, PIECE, SINGLE, 1);
  job = (CcbtDiskJob){ .kind = CCBT_DISK_CHECK,
                       .is_background = TRUE,
                       .storage = bench.storage,
                       .n_pieces = 4,
                       .passed_pieces = passed };
  g_assert_true (ccbt_disk_job_run (&job, &workspace));
  g_assert_error (job.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (job.n_checked, ==, 1);
  g_assert_cmpuint (passed[1], ==, 9);
  g_clear_error (&job.error);
  ccbt_disk_workspace_clear (&workspace);
}

/* --- Whole torrents --- */

static void
test_preparing_stamps_syncs_and_deletes_by_jobs (void)
{
  g_auto (Bench) bench = { 0 };
  CcbtFileStamp stamps[G_N_ELEMENTS (ROW)];
  CcbtDiskJob job;

  bench_init (&bench, PIECE, ROW, G_N_ELEMENTS (ROW));
  job = (CcbtDiskJob){ .kind = CCBT_DISK_PREPARE, .storage = bench.storage, .stamps = stamps };
  run_job (bench.pool, &job);
  g_assert_no_error (job.error);
  g_assert_cmpint (stamps[2].size, ==, PIECE + 777);
  write_torrent (bench.pool, bench.storage, &bench.fixture);
  job = (CcbtDiskJob){ .kind = CCBT_DISK_SYNC, .storage = bench.storage };
  run_job (bench.pool, &job);
  g_assert_no_error (job.error);
  job = (CcbtDiskJob){ .kind = CCBT_DISK_DELETE, .storage = bench.storage };
  run_job (bench.pool, &job);
  g_assert_true (fixture_file_exists (&bench.fixture, 0)); /* only closed */
  job = (CcbtDiskJob){ .kind = CCBT_DISK_DELETE, .storage = bench.storage, .flag = TRUE };
  run_job (bench.pool, &job);
  g_assert_no_error (job.error);
  g_assert_false (fixture_file_exists (&bench.fixture, 0));
  job = (CcbtDiskJob){ .kind = CCBT_DISK_STAMPS, .storage = bench.storage, .stamps = stamps };
  run_job (bench.pool, &job);
  g_assert_cmpint (stamps[0].size, ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/storage/disk-job/" #name, test_##name)
  ADD (right_bytes_pass_and_are_written);
  ADD (one_wrong_bit_fails_its_piece_only);
  ADD (a_hash_that_is_reset_forgets_what_it_had);
  ADD (spilled_segments_are_read_back_into_the_hash);
  ADD (a_write_that_fails_is_an_error_and_no_verdict);
  ADD (reads_give_what_was_written);
  ADD (block_digests_name_the_bad_block);
  ADD (a_check_finds_the_good_the_bad_and_the_missing);
  ADD (a_check_of_nothing_finds_nothing);
  ADD (a_check_of_what_cannot_be_read_is_an_error);
  ADD (a_check_that_gives_way_goes_on_where_it_was);
  ADD (a_check_is_cancelled_between_pieces);
  ADD (preparing_stamps_syncs_and_deletes_by_jobs);
#undef ADD
  return g_test_run ();
}

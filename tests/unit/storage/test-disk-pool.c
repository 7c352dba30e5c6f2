/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent-fixture.h"
#include "storage/ccbt-disk-job-private.h"

#include <gio/gio.h>
#include <unistd.h>

#define KIB 1024u
#define PIECE (1024u * KIB)
#define RUN (256u * KIB)

static const FixtureFile SINGLE[] = { { NULL, 3 * PIECE + 70000 } };
static const FixtureFile ROW[] = { { "a", 2 * PIECE + 5 }, { "b", 3000 }, { "c", PIECE + 777 } };

/* --- Helpers --- */

static guint n_done;
static GThread *done_thread;

static void
count_done (CcbtDiskJob *job)
{
  n_done++;
  done_thread = g_thread_self ();
}

static void
wait_done (guint n)
{
  while (n_done < n)
    g_main_context_iteration (NULL, TRUE);
}

/* Submits the job and waits. */
static void
run_job (CcbtDiskPool *pool, CcbtDiskJob *job)
{
  job->done = count_done;
  n_done = 0;
  ccbt_disk_pool_submit (pool, job);
  wait_done (1);
}

static void
prepare (CcbtDiskPool *pool, CcbtStorage *storage)
{
  CcbtDiskJob job = { .kind = CCBT_DISK_PREPARE, .storage = storage };

  run_job (pool, &job);
  g_assert_no_error (job.error);
}

static guint32
get_piece_length (const Fixture *fixture, guint32 piece)
{
  return MIN (fixture->piece_length, fixture->content->len - piece * fixture->piece_length);
}

/* One run of a piece, in two segments. */
static void
hash_write (CcbtDiskPool *pool, CcbtStorage *storage, const Fixture *fixture, CcbtDiskJob *job,
            guint32 piece, guint32 offset, CcbtPieceHash *hash)
{
  guint32 length = MIN (RUN, get_piece_length (fixture, piece) - offset), half = length / 2;
  guint8 *data = fixture->content->data + (gsize)piece * fixture->piece_length + offset;
  CcbtDiskSegment segments[] = { { data, offset, half, FALSE },
                                 { data + half, offset + half, length - half, FALSE } };

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

/* A pool, a torrent in a folder, and its storage, prepared. */
typedef struct
{
  Fixture fixture;
  CcbtDiskPool *pool;
  CcbtStorage *storage;
} Bench;

static void
bench_init (Bench *self, guint32 piece_length, const FixtureFile *files, guint n_files)
{
  fixture_init (&self->fixture, piece_length, files, n_files);
  self->pool = ccbt_disk_pool_new (3);
  self->storage = fixture_open (&self->fixture, CCBT_ALLOCATION_SPARSE);
  prepare (self->pool, self->storage);
}

static void
bench_clear (Bench *self)
{
  ccbt_disk_pool_free (self->pool);
  ccbt_storage_unref (self->storage);
  fixture_clear (&self->fixture);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

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

/* Blocks that were spilled are read back into the hash: into their buffer, or through the worker's. */
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
  spill = (CcbtDiskJob){ .kind = CCBT_DISK_WRITE,
                         .storage = bench.storage,
                         .segments = spilled,
                         .n_segments = 2 };
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
  hash_write (bench.pool, bench.storage, &bench.fixture, &job, 3, 0, hash); /* the whole last piece */
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
          guint64 start = (guint64)piece * length, end = MIN (start + length, 10123456);
          gboolean is_bad = (start < 3000006 && end > 3000000) || (start < 10000000 && end > 9000000);

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
  job = (CcbtDiskJob){ .kind = CCBT_DISK_CHECK,
                       .storage = bench.storage,
                       .n_pieces = 4,
                       .passed_pieces = passed };
  run_job (bench.pool, &job);
  g_assert_error (job.error, CCBT_ERROR, CCBT_ERROR_DISK);
  g_clear_error (&job.error);
}

static gboolean
always_yield (gpointer data)
{
  (*(guint *)data)++;
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
  g_atomic_int_set ((gint *)data, TRUE);
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

/* --- The pool --- */

static GThread *engine_thread;
static gint n_called;
static gint n_called_here;

static void
count_call (CcbtDiskJob *job)
{
  g_atomic_int_inc (&n_called);
  if (g_thread_self () == engine_thread)
    g_atomic_int_inc (&n_called_here);
}

static void
test_thousands_of_jobs_come_back_on_their_own_thread (void)
{
  enum { N_JOBS = 20000 };
  CcbtDiskPool *pool = ccbt_disk_pool_new (4);
  g_autofree CcbtDiskJob *jobs = g_new0 (CcbtDiskJob, N_JOBS);

  n_called = n_called_here = 0;
  n_done = 0;
  engine_thread = g_thread_self ();
  done_thread = NULL;
  for (guint i = 0; i < N_JOBS; i++)
    {
      jobs[i] = (CcbtDiskJob){ .kind = CCBT_DISK_CALL, .call = count_call, .done = count_done };
      ccbt_disk_pool_submit (pool, &jobs[i]);
      if (i % 700 == 0)
        g_main_context_iteration (NULL, FALSE);
    }
  wait_done (N_JOBS);
  g_assert_cmpint (g_atomic_int_get (&n_called), ==, N_JOBS);
  g_assert_cmpint (g_atomic_int_get (&n_called_here), ==, 0);
  g_assert_true (done_thread == g_thread_self ());
  g_assert_cmpuint (ccbt_disk_pool_get_n_threads (pool), ==, 4);
  ccbt_disk_pool_free (pool);
}

static void
test_a_job_begins_without_a_flush_once_the_loop_turns (void)
{
  CcbtDiskPool *pool = ccbt_disk_pool_new (0);
  CcbtDiskJob job = { .kind = CCBT_DISK_CALL, .call = count_call, .done = count_done };

  g_assert_cmpuint (ccbt_disk_pool_get_n_threads (pool), >=, 2);
  n_called = 0;
  n_done = 0;
  ccbt_disk_pool_submit (pool, &job);
  g_usleep (20000);
  g_assert_cmpint (g_atomic_int_get (&n_called), ==, 0); /* it waits for its batch */
  wait_done (1);
  g_assert_cmpint (g_atomic_int_get (&n_called), ==, 1);
  ccbt_disk_pool_free (pool);
}

typedef struct
{
  CcbtDiskJob job;
  CcbtDiskPool *pool;
  guint n_left;
} Chain;

static void
continue_chain (CcbtDiskJob *job)
{
  Chain *chain = job->owner;

  if (chain->n_left-- > 0)
    ccbt_disk_pool_submit (chain->pool, job);
}

static void
test_freeing_the_pool_finishes_every_job_and_what_follows_it (void)
{
  CcbtDiskPool *pool = ccbt_disk_pool_new (2);
  Chain chains[50];

  n_called = 0;
  for (guint i = 0; i < G_N_ELEMENTS (chains); i++)
    {
      chains[i] = (Chain){ .pool = pool, .n_left = i };
      chains[i].job = (CcbtDiskJob){
        .kind = CCBT_DISK_CALL, .call = count_call, .done = continue_chain, .owner = &chains[i]
      };
      ccbt_disk_pool_submit (pool, &chains[i].job);
    }
  ccbt_disk_pool_free (pool);
  g_assert_cmpint (g_atomic_int_get (&n_called), ==, 50 * 51 / 2);
}

static void
test_a_cancelled_job_does_nothing (void)
{
  g_auto (Bench) bench = { 0 };
  guint8 byte = 7;
  CcbtDiskSegment segment = { &byte, 0, 1, FALSE };
  CcbtDiskJob job;
  g_autofree char *path = NULL, *data = NULL;

  bench_init (&bench, PIECE, SINGLE, 1);
  job = (CcbtDiskJob){ .kind = CCBT_DISK_WRITE,
                       .storage = bench.storage,
                       .segments = &segment,
                       .n_segments = 1,
                       .is_cancelled = TRUE };
  run_job (bench.pool, &job);
  g_assert_error (job.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&job.error);
  path = fixture_path (&bench.fixture, 0);
  g_assert_true (g_file_get_contents (path, &data, NULL, NULL));
  g_assert_cmpint (data[0], ==, 0);
}

static void
test_queued_bytes_count_what_is_to_be_written (void)
{
  g_auto (Bench) bench = { 0 };
  g_autofree guint8 *data = g_malloc0 (3000);
  CcbtDiskSegment segments[] = { { data, 0, 1000, FALSE }, { data, 1000, 2000, FALSE } };
  CcbtDiskJob write, read;

  bench_init (&bench, PIECE, SINGLE, 1);
  write = (CcbtDiskJob){ .kind = CCBT_DISK_WRITE,
                         .storage = bench.storage,
                         .done = count_done,
                         .segments = segments,
                         .n_segments = 2 };
  read = write;
  read.kind = CCBT_DISK_READ;
  n_done = 0;
  ccbt_disk_pool_submit (bench.pool, &write);
  g_assert_cmpuint (ccbt_disk_pool_get_queued_bytes (bench.pool), ==, 3000);
  ccbt_disk_pool_submit (bench.pool, &read);
  g_assert_cmpuint (ccbt_disk_pool_get_queued_bytes (bench.pool), ==, 3000);
  wait_done (2);
  g_assert_cmpuint (ccbt_disk_pool_get_queued_bytes (bench.pool), ==, 0);
  g_clear_error (&read.error);
}

static void
test_a_job_keeps_its_storage (void)
{
  g_auto (Fixture) fixture = { 0 };
  CcbtDiskPool *pool = ccbt_disk_pool_new (2);
  CcbtDiskJob job = { .kind = CCBT_DISK_PREPARE, .done = count_done };

  fixture_init (&fixture, PIECE, SINGLE, 1);
  job.storage = fixture_open (&fixture, CCBT_ALLOCATION_SPARSE);
  ccbt_disk_pool_submit (pool, &job);
  ccbt_storage_unref (job.storage); /* a sanitizer sees what comes too early */
  ccbt_disk_pool_free (pool);
  g_assert_no_error (job.error);
  g_assert_true (fixture_file_exists (&fixture, 0));
}

/* --- What goes first --- */

typedef struct
{
  GMutex lock;
  GCond changed;
  guint n_inside;
  gboolean is_open;
  GString *order;
} Gate;

static void
pass_gate (CcbtDiskJob *job)
{
  Gate *gate = job->owner;

  g_mutex_lock (&gate->lock);
  gate->n_inside++;
  g_cond_broadcast (&gate->changed);
  while (!gate->is_open)
    g_cond_wait (&gate->changed, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

static void
note_order (CcbtDiskJob *job)
{
  Gate *gate = job->owner;

  g_mutex_lock (&gate->lock);
  g_string_append_c (gate->order, job->is_background ? 'b' : 'f');
  g_mutex_unlock (&gate->lock);
}

static void
wait_inside (Gate *gate, guint n)
{
  g_mutex_lock (&gate->lock);
  while (gate->n_inside < n)
    g_cond_wait (&gate->changed, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

static void
open_gate (Gate *gate)
{
  g_mutex_lock (&gate->lock);
  gate->is_open = TRUE;
  g_cond_broadcast (&gate->changed);
  g_mutex_unlock (&gate->lock);
}

static void
init_gate (Gate *gate)
{
  *gate = (Gate){ .order = g_string_new (NULL) };
  g_mutex_init (&gate->lock);
  g_cond_init (&gate->changed);
}

static void
clear_gate (Gate *gate)
{
  g_string_free (gate->order, TRUE);
  g_cond_clear (&gate->changed);
  g_mutex_clear (&gate->lock);
}

static CcbtDiskJob
make_gate_job (Gate *gate, void (*call) (CcbtDiskJob *), gboolean is_background)
{
  return (CcbtDiskJob){ .kind = CCBT_DISK_CALL,
                        .is_background = is_background,
                        .call = call,
                        .done = count_done,
                        .owner = gate };
}

static void
test_background_jobs_wait_for_all_others (void)
{
  CcbtDiskPool *pool = ccbt_disk_pool_new (1);
  CcbtDiskJob jobs[9];
  Gate gate;

  init_gate (&gate);
  n_done = 0;
  jobs[0] = make_gate_job (&gate, pass_gate, FALSE);
  ccbt_disk_pool_submit (pool, &jobs[0]);
  ccbt_disk_pool_flush (pool);
  wait_inside (&gate, 1);
  for (guint i = 1; i < G_N_ELEMENTS (jobs); i++)
    {
      jobs[i] = make_gate_job (&gate, note_order, i % 2 == 1);
      ccbt_disk_pool_submit (pool, &jobs[i]);
    }
  ccbt_disk_pool_flush (pool);
  open_gate (&gate);
  wait_done (G_N_ELEMENTS (jobs));
  g_assert_cmpstr (gate.order->str, ==, "ffffbbbb");
  ccbt_disk_pool_free (pool);
  clear_gate (&gate);
}

static void
test_background_leaves_a_worker_while_others_run_and_has_all_alone (void)
{
  CcbtDiskPool *pool = ccbt_disk_pool_new (3);
  CcbtDiskJob front, background[4];
  Gate front_gate, gate;

  init_gate (&front_gate);
  init_gate (&gate);
  n_done = 0;
  front = make_gate_job (&front_gate, pass_gate, FALSE);
  ccbt_disk_pool_submit (pool, &front);
  ccbt_disk_pool_flush (pool);
  wait_inside (&front_gate, 1);
  for (guint i = 0; i < G_N_ELEMENTS (background); i++)
    {
      background[i] = make_gate_job (&gate, pass_gate, TRUE);
      ccbt_disk_pool_submit (pool, &background[i]);
    }
  ccbt_disk_pool_flush (pool);
  wait_inside (&gate, 2);
  g_assert_cmpuint (gate.n_inside, ==, 2);
  open_gate (&front_gate); /* now they are alone: the third worker joins */
  wait_inside (&gate, 3);
  open_gate (&gate);
  wait_done (5);
  ccbt_disk_pool_free (pool);
  clear_gate (&gate);
  clear_gate (&front_gate);
}

/* A pool of one, all taken by a long check: a read comes in between. */
static void
test_a_running_check_lets_others_in (void)
{
  static const FixtureFile large[] = { { NULL, 24 * 1024 * 1024 } };
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  CcbtDiskPool *pool = ccbt_disk_pool_new (1);
  g_autofree guint8 *passed = NULL;
  CcbtDiskJob check, call = { .kind = CCBT_DISK_CALL, .call = count_call, .done = count_done };
  guint n_tries = 0;
  gboolean was_let_in = FALSE;

  fixture_init (&fixture, 16 * KIB, large, 1);
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_SPARSE);
  passed = g_malloc0 (ccbt_metainfo_get_n_pieces (fixture.metainfo));
  /* How far the check is when the call comes is chance; that it was not over is not, in one of many tries. */
  while (!was_let_in && n_tries++ < 200)
    {
      check = (CcbtDiskJob){ .kind = CCBT_DISK_CHECK,
                             .is_background = TRUE,
                             .storage = storage,
                             .done = count_done,
                             .n_pieces = ccbt_metainfo_get_n_pieces (fixture.metainfo),
                             .passed_pieces = passed };
      n_done = 0;
      ccbt_disk_pool_submit (pool, &check);
      ccbt_disk_pool_flush (pool);
      while (g_atomic_int_get (&check.n_checked) == 0)
        g_thread_yield ();
      ccbt_disk_pool_submit (pool, &call);
      wait_done (1);
      was_let_in = (guint)g_atomic_int_get (&check.n_checked) < check.n_pieces;
      wait_done (2);
      g_assert_no_error (check.error);
      g_assert_cmpuint ((guint)check.n_checked, ==, check.n_pieces);
    }
  g_assert_true (was_let_in);
  ccbt_disk_pool_free (pool);
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

/* Every piece on its own way through the pool, many at once, while the choice of files changes. */
typedef struct
{
  CcbtDiskJob job;
  CcbtDiskSegment segment;
  Bench *bench;
  guint32 piece;
  guint32 offset;
} Way;

static guint n_ways;

static void
take_next_run (Way *way)
{
  const Fixture *fixture = &way->bench->fixture;
  guint32 length = MIN (16 * KIB, get_piece_length (fixture, way->piece) - way->offset);
  guint8 *data = fixture->content->data + (gsize)way->piece * fixture->piece_length + way->offset;

  way->segment = (CcbtDiskSegment){ data, way->offset, length, FALSE };
  way->offset += length;
  way->job.is_last = way->offset == get_piece_length (fixture, way->piece);
  ccbt_disk_pool_submit (way->bench->pool, &way->job);
}

static void
run_done (CcbtDiskJob *job)
{
  Way *way = job->owner;

  g_assert_no_error (job->error);
  g_assert_true (job->passed == job->is_last); /* in order, or the hash would be wrong */
  if (!job->is_last)
    take_next_run (way);
  else
    n_ways--;
}

static void
test_many_pieces_at_once_while_files_are_skipped_and_wanted (void)
{
  enum { N_FILES = 40 };
  g_auto (Bench) bench = { 0 };
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  FixtureFile files[N_FILES];
  gboolean skipped[N_FILES] = { FALSE };
  g_autofree Way *ways = NULL;
  CcbtDiskJob preparing;
  guint32 n_pieces;

  for (guint i = 0; i < N_FILES; i++)
    {
      g_ptr_array_add (names, g_strdup_printf ("%u/file-%u", i % 3, i));
      files[i] = (FixtureFile){ g_ptr_array_index (names, i), 1000 + 7919 * (i % 11) };
      skipped[i] = i % 2 == 1;
    }
  fixture_init (&bench.fixture, 64 * KIB, files, N_FILES);
  bench.pool = ccbt_disk_pool_new (4);
  bench.storage = fixture_open (&bench.fixture, CCBT_ALLOCATION_NONE);
  ccbt_storage_set_skipped (bench.storage, skipped);
  prepare (bench.pool, bench.storage);
  n_pieces = n_ways = ccbt_metainfo_get_n_pieces (bench.fixture.metainfo);
  ways = g_new0 (Way, n_pieces);
  for (guint32 i = 0; i < n_pieces; i++)
    {
      ways[i] = (Way){ .bench = &bench, .piece = i };
      ways[i].job = (CcbtDiskJob){ .kind = CCBT_DISK_HASH_WRITE,
                                   .storage = bench.storage,
                                   .done = run_done,
                                   .owner = &ways[i],
                                   .piece = i,
                                   .segments = &ways[i].segment,
                                   .n_segments = 1,
                                   .hash = ccbt_piece_hash_new () };
      take_next_run (&ways[i]);
    }
  for (guint round = 0; n_ways > 0; round++)
    {
      skipped[round % N_FILES] = !skipped[round % N_FILES];
      ccbt_storage_set_skipped (bench.storage, skipped);
      if (round % 4 == 0)
        {
          preparing = (CcbtDiskJob){ .kind = CCBT_DISK_PREPARE, .storage = bench.storage };
          run_job (bench.pool, &preparing);
          g_assert_no_error (preparing.error);
        }
      else
        g_main_context_iteration (NULL, FALSE);
    }
  memset (skipped, 0, sizeof skipped);
  ccbt_storage_set_skipped (bench.storage, skipped);
  prepare (bench.pool, bench.storage);
  for (guint i = 0; i < N_FILES; i++)
    fixture_assert_file (&bench.fixture, i);
  g_assert_false (g_file_test (bench.fixture.parts_path, G_FILE_TEST_EXISTS));
  for (guint32 i = 0; i < n_pieces; i++)
    ccbt_piece_hash_free (ways[i].job.hash);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/storage/disk-pool/" #name, test_##name)
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
  ADD (thousands_of_jobs_come_back_on_their_own_thread);
  ADD (a_job_begins_without_a_flush_once_the_loop_turns);
  ADD (freeing_the_pool_finishes_every_job_and_what_follows_it);
  ADD (a_cancelled_job_does_nothing);
  ADD (queued_bytes_count_what_is_to_be_written);
  ADD (a_job_keeps_its_storage);
  ADD (background_jobs_wait_for_all_others);
  ADD (background_leaves_a_worker_while_others_run_and_has_all_alone);
  ADD (a_running_check_lets_others_in);
  ADD (preparing_stamps_syncs_and_deletes_by_jobs);
  ADD (many_pieces_at_once_while_files_are_skipped_and_wanted);
#undef ADD
  return g_test_run ();
}

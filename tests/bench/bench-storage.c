/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast a torrent goes to disk and is checked: MB/s and seconds of processor per GiB.
 *   bench-storage [FOLDER] [MIB]       a folder on tmpfs shows the program, one on a disk the disk
 */
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include "storage/ccbt-disk-pool.h"

#define PIECE (4u * 1024 * 1024)
#define RUN (256u * 1024)
#define N_PIECES_AT_ONCE 8u
#define PIECES_PER_CHECK 8u

/* One piece on its way, or one check. */
typedef struct
{
  CcbtDiskJob job;
  CcbtDiskSegment segment;
} Lane;

typedef struct
{
  CcbtDiskPool *pool;
  CcbtStorage *storage;
  guint8 *content;
  gsize size;
  guint32 n_pieces;
  guint32 next_piece;
  guint n_busy;
  guint n_wrong;
  guint8 *passed;
} Bench;

static Bench bench;

/* --- Time --- */

typedef struct
{
  gint64 wall;
  double cpu; /* seconds, all threads, kernel included */
} Moment;

static Moment
get_now (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (Moment){ .wall = g_get_monotonic_time (),
                   .cpu = (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
                          + (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6 };
}

static void
report (const char *what, Moment begin, gsize n_bytes)
{
  Moment end = get_now ();
  double seconds = (double) (end.wall - begin.wall) / 1e6;

  printf ("%-28s %7.0f MB/s  %5.2f CPU s/GiB\n", what, (double) n_bytes / 1e6 / seconds,
          (end.cpu - begin.cpu) / ((double) n_bytes / (1 << 30)));
}

/* --- The torrent --- */

static void
fill_content (void)
{
  guint64 state = 88172645463325252u, *words = (guint64 *) bench.content;

  for (gsize i = 0; i < bench.size / sizeof *words; i++)
    {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      words[i] = state;
    }
}

static CcbtMetainfo *
make_metainfo (void)
{
  GByteArray *torrent = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *head = g_strdup_printf (
      "d4:infod6:lengthi%zue4:name10:bench-data12:piece lengthi%ue6:pieces%u:", bench.size, PIECE,
      bench.n_pieces * 20);
  CcbtPieceHash *hash = ccbt_piece_hash_new ();
  Moment begin = get_now ();
  CcbtMetainfo *metainfo;

  g_byte_array_append (torrent, (const guint8 *) head, (guint) strlen (head));
  for (guint32 i = 0; i < bench.n_pieces; i++)
    {
      CcbtSha1 digest;

      ccbt_piece_hash_update (hash, bench.content + (gsize) i * PIECE, PIECE);
      digest = ccbt_piece_hash_finish (hash);
      g_byte_array_append (torrent, digest.bytes, sizeof digest.bytes);
    }
  report ("SHA-1 alone, one thread", begin, bench.size);
  ccbt_piece_hash_free (hash);
  g_byte_array_append (torrent, (const guint8 *) "ee", 2);
  bytes = g_byte_array_free_to_bytes (torrent);
  metainfo = ccbt_metainfo_parse (bytes, &error);
  if (metainfo == NULL)
    g_error ("%s", error->message);
  return metainfo;
}

/* --- Jobs --- */

static void
stop_at_error (const CcbtDiskJob *job)
{
  if (job->error != NULL)
    g_error ("%s", job->error->message);
}

static void
submit_run (Lane *lane)
{
  lane->segment.data = bench.content + (gsize) lane->job.piece * PIECE + lane->segment.offset;
  lane->segment.length = RUN;
  lane->job.is_last = lane->segment.offset + RUN == PIECE;
  ccbt_disk_pool_submit (bench.pool, &lane->job);
}

static void
run_done (CcbtDiskJob *job)
{
  Lane *lane = job->owner;

  stop_at_error (job);
  lane->segment.offset += RUN;
  if (job->is_last)
    {
      bench.n_wrong += !job->passed;
      if (bench.next_piece == bench.n_pieces)
        {
          bench.n_busy--;
          return;
        }
      job->piece = bench.next_piece++;
      lane->segment.offset = 0;
    }
  submit_run (lane);
}

static void
write_all (Lane *lanes)
{
  bench.next_piece = 0;
  for (guint i = 0; i < N_PIECES_AT_ONCE && bench.next_piece < bench.n_pieces; i++)
    {
      lanes[i] = (Lane){ .job = { .kind = CCBT_DISK_HASH_WRITE,
                                  .storage = bench.storage,
                                  .done = run_done,
                                  .owner = &lanes[i],
                                  .piece = bench.next_piece++,
                                  .segments = &lanes[i].segment,
                                  .n_segments = 1,
                                  .hash = ccbt_piece_hash_new () } };
      bench.n_busy++;
      submit_run (&lanes[i]);
    }
  while (bench.n_busy > 0)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < N_PIECES_AT_ONCE; i++)
    g_clear_pointer (&lanes[i].job.hash, ccbt_piece_hash_free);
}

static void
check_done (CcbtDiskJob *job)
{
  stop_at_error (job);
  for (guint32 i = 0; i < job->n_pieces; i++)
    bench.n_wrong += !job->passed_pieces[i];
  bench.n_busy--;
}

static void
check_all (void)
{
  guint n_jobs = (bench.n_pieces + PIECES_PER_CHECK - 1) / PIECES_PER_CHECK;
  g_autofree CcbtDiskJob *jobs = g_new0 (CcbtDiskJob, n_jobs);

  for (guint i = 0; i < n_jobs; i++)
    {
      guint32 first = i * PIECES_PER_CHECK;

      jobs[i] = (CcbtDiskJob){ .kind = CCBT_DISK_CHECK,
                               .is_background = TRUE,
                               .storage = bench.storage,
                               .done = check_done,
                               .first_piece = first,
                               .n_pieces = MIN (PIECES_PER_CHECK, bench.n_pieces - first),
                               .passed_pieces = bench.passed + first };
      bench.n_busy++;
      ccbt_disk_pool_submit (bench.pool, &jobs[i]);
    }
  while (bench.n_busy > 0)
    g_main_context_iteration (NULL, TRUE);
}

/* What a job costs by itself: nothing but the way there and back. */
static void
count_done (CcbtDiskJob *job)
{
  bench.n_busy--;
}

static void
do_nothing (CcbtDiskJob *job)
{
}

static void
measure_empty_jobs (void)
{
  enum
  {
    N_JOBS = 200000
  };
  g_autofree CcbtDiskJob *jobs = g_new0 (CcbtDiskJob, N_JOBS);
  Moment begin = get_now (), end;

  for (guint i = 0; i < N_JOBS; i++)
    {
      jobs[i] = (CcbtDiskJob){ .kind = CCBT_DISK_CALL, .call = do_nothing, .done = count_done };
      bench.n_busy++;
      ccbt_disk_pool_submit (bench.pool, &jobs[i]);
      if (i % 64 == 63)
        g_main_context_iteration (NULL, FALSE);
    }
  while (bench.n_busy > 0)
    g_main_context_iteration (NULL, TRUE);
  end = get_now ();
  printf ("%-28s %7.0f ns     %5.0f CPU ns\n", "an empty job, 64 a batch",
          (double) (end.wall - begin.wall) * 1000 / N_JOBS, (end.cpu - begin.cpu) * 1e9 / N_JOBS);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder
      = g_build_filename (argc > 1 ? argv[1] : "/dev/shm", "bench-XXXXXX", NULL);
  g_autofree char *parts = NULL;
  g_autoptr (CcbtMetainfo) metainfo = NULL;
  g_autoptr (GError) error = NULL;
  Lane lanes[N_PIECES_AT_ONCE] = { 0 };
  Moment begin;

  bench.n_pieces = (guint32) (argc > 2 ? MAX (4, atoi (argv[2])) : 1024) / 4;
  bench.size = (gsize) bench.n_pieces * PIECE;
  bench.content = g_malloc (bench.size);
  bench.passed = g_malloc0 (bench.n_pieces);
  fill_content ();
  metainfo = make_metainfo ();
  if (g_mkdtemp (folder) == NULL)
    g_error ("%s cannot be made", folder);
  parts = g_build_filename (folder, "parts", NULL);
  bench.storage = ccbt_storage_new (metainfo, folder, parts, CCBT_ALLOCATION_SPARSE);
  if (!ccbt_storage_prepare (bench.storage, FALSE, &error))
    g_error ("%s", error->message);
  bench.pool = ccbt_disk_pool_new (0);
  printf ("%u threads, %zu MiB\n", ccbt_disk_pool_get_n_threads (bench.pool), bench.size >> 20);

  measure_empty_jobs ();
  begin = get_now ();
  write_all (lanes);
  report ("HASH_WRITE, new file", begin, bench.size);
  begin = get_now ();
  write_all (lanes);
  report ("HASH_WRITE, file is there", begin, bench.size);
  begin = get_now ();
  check_all ();
  report ("CHECK", begin, bench.size);
  printf ("%u pieces wrong\n", bench.n_wrong);

  ccbt_disk_pool_free (bench.pool);
  ccbt_storage_delete (bench.storage, NULL);
  ccbt_storage_unref (bench.storage);
  g_rmdir (folder);
  g_free (bench.content);
  g_free (bench.passed);
  return bench.n_wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

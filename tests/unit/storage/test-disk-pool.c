/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "disk-steps.h"

#include <gio/gio.h>

#define PIECE (1024u * KIB)

static const FixtureFile SINGLE[] = { { NULL, 3 * PIECE + 70000 } };

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
  enum
  {
    N_JOBS = 20000
  };
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
  g_autofree guint8 *data = g_malloc0 (3000), *other = g_malloc0 (1000);
  CcbtDiskSegment elsewhere = { other, 0, 1000, FALSE };
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
  read.segments = &elsewhere;
  read.n_segments = 1;
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
test_background_jobs_take_every_worker_that_others_leave (void)
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
  open_gate (&front_gate); /* the third worker joins */
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
  /* How far the check is when the call comes is chance; that it was not over is not, in one of many
   * tries. */
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
      was_let_in = (guint) g_atomic_int_get (&check.n_checked) < check.n_pieces;
      wait_done (2);
      g_assert_no_error (check.error);
      g_assert_cmpuint ((guint) check.n_checked, ==, check.n_pieces);
    }
  g_assert_true (was_let_in);
  ccbt_disk_pool_free (pool);
}

/* --- All together --- */

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
  guint8 *data = fixture->content->data + (gsize) way->piece * fixture->piece_length + way->offset;

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
  enum
  {
    N_FILES = 40
  };
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
  ADD (thousands_of_jobs_come_back_on_their_own_thread);
  ADD (a_job_begins_without_a_flush_once_the_loop_turns);
  ADD (freeing_the_pool_finishes_every_job_and_what_follows_it);
  ADD (a_cancelled_job_does_nothing);
  ADD (queued_bytes_count_what_is_to_be_written);
  ADD (a_job_keeps_its_storage);
  ADD (background_jobs_wait_for_all_others);
  ADD (background_jobs_take_every_worker_that_others_leave);
  ADD (a_running_check_lets_others_in);
  ADD (many_pieces_at_once_while_files_are_skipped_and_wanted);
#undef ADD
  return g_test_run ();
}

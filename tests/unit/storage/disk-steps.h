/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the tests of the disk pool have in common. */

#include "torrent-fixture.h"
#include "storage/ccbt-disk-pool.h"

#define KIB 1024u

static guint n_done;
static GThread *done_thread;

static inline void
count_done (CcbtDiskJob *job)
{
  n_done++;
  done_thread = g_thread_self ();
}

static inline void
wait_done (guint n)
{
  while (n_done < n)
    g_main_context_iteration (NULL, TRUE);
}

/* Submits the job and waits. */
static inline void
run_job (CcbtDiskPool *pool, CcbtDiskJob *job)
{
  job->done = count_done;
  n_done = 0;
  ccbt_disk_pool_submit (pool, job);
  wait_done (1);
}

static inline void
prepare (CcbtDiskPool *pool, CcbtStorage *storage)
{
  CcbtDiskJob job = { .kind = CCBT_DISK_PREPARE, .storage = storage };

  run_job (pool, &job);
  g_assert_no_error (job.error);
}

static inline guint32
get_piece_length (const Fixture *fixture, guint32 piece)
{
  return MIN (fixture->piece_length, fixture->content->len - piece * fixture->piece_length);
}

/* A pool, a torrent in a folder, and its storage, prepared. */
typedef struct
{
  Fixture fixture;
  CcbtDiskPool *pool;
  CcbtStorage *storage;
} Bench;

static inline void
bench_init (Bench *self, guint32 piece_length, const FixtureFile *files, guint n_files)
{
  fixture_init (&self->fixture, piece_length, files, n_files);
  self->pool = ccbt_disk_pool_new (3);
  self->storage = fixture_open (&self->fixture, CCBT_ALLOCATION_SPARSE);
  prepare (self->pool, self->storage);
}

static inline void
bench_clear (Bench *self)
{
  ccbt_disk_pool_free (self->pool);
  ccbt_storage_unref (self->storage);
  fixture_clear (&self->fixture);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

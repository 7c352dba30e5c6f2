/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage/ccbt-disk-pool.h"
#include "storage/ccbt-disk-job-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define FEWEST_THREADS 2u

/* First in, first out; linked through the jobs. */
typedef struct
{
  CcbtDiskJob *head;
  CcbtDiskJob *tail;
  guint length;
} JobQueue;

typedef struct
{
  CcbtDiskPool *pool;
  GThread *thread;
  CcbtDiskWorkspace workspace;
} Worker;

/* Flushes before each turn of the loop waits. */
typedef struct
{
  GSource parent;
  CcbtDiskPool *pool;
} FlushSource;

struct _CcbtDiskPool
{
  /* The engine thread's. */
  GSource *flush_source;
  GSource *done_source;
  JobQueue pending;  /* submitted, not flushed */
  guint n_submitted; /* and not done */
  gsize queued_bytes;
  CcbtWindowCache *windows;
  guint n_workers;
  Worker *workers;

  GMutex lock; /* guards up to is_ending */
  GCond wake;
  JobQueue ready;
  JobQueue background;
  guint n_idle;
  gboolean is_ending;

  gint n_ready; /* atomic: ready.length, for those who only want a look */

  GMutex done_lock; /* guards done */
  JobQueue done;
  int done_event; /* eventfd: done is no longer empty */
};

static void
push (JobQueue *queue, CcbtDiskJob *job)
{
  job->next = NULL;
  if (queue->tail != NULL)
    queue->tail->next = job;
  else
    queue->head = job;
  queue->tail = job;
  queue->length++;
}

static void
push_front (JobQueue *queue, CcbtDiskJob *job)
{
  job->next = queue->head;
  queue->head = job;
  if (queue->tail == NULL)
    queue->tail = job;
  queue->length++;
}

static CcbtDiskJob *
pop (JobQueue *queue)
{
  CcbtDiskJob *job = queue->head;

  if (job == NULL)
    return NULL;
  queue->head = job->next;
  if (queue->head == NULL)
    queue->tail = NULL;
  queue->length--;
  return job;
}

/* --- Workers --- */

/* With the lock. */
static CcbtDiskJob *
take_job (CcbtDiskPool *self)
{
  CcbtDiskJob *job = pop (&self->ready);

  if (job != NULL)
    {
      g_atomic_int_set (&self->n_ready, (gint) self->ready.length);
      return job;
    }
  return pop (&self->background);
}

static void
report_done (CcbtDiskPool *self, CcbtDiskJob *job)
{
  const guint64 one = 1;
  gboolean was_empty;

  g_mutex_lock (&self->done_lock);
  was_empty = self->done.length == 0;
  push (&self->done, job);
  g_mutex_unlock (&self->done_lock);
  /* Otherwise who pushed the first one has told, or is about to. */
  if (was_empty)
    while (write (self->done_event, &one, sizeof one) < 0 && errno == EINTR)
      ;
}

static gboolean
should_yield_cb (gpointer data)
{
  CcbtDiskPool *self = data;

  return g_atomic_int_get (&self->n_ready) > 0;
}

/* With the lock, which it gives up meanwhile. */
static void
run_job (CcbtDiskPool *self, CcbtDiskJob *job, CcbtDiskWorkspace *workspace)
{
  gboolean is_finished;

  g_mutex_unlock (&self->lock);
  is_finished = ccbt_disk_job_run (job, workspace);
  if (is_finished)
    report_done (self, job); /* from here on the job is the engine thread's */
  g_mutex_lock (&self->lock);
  if (!is_finished)
    push_front (&self->background, job);
}

static gpointer
work (gpointer data)
{
  Worker *worker = data;
  CcbtDiskPool *self = worker->pool;
  CcbtDiskJob *job;

  g_mutex_lock (&self->lock);
  while (!self->is_ending)
    {
      job = take_job (self);
      if (job != NULL)
        {
          run_job (self, job, &worker->workspace);
          continue;
        }
      self->n_idle++;
      g_cond_wait (&self->wake, &self->lock);
      self->n_idle--;
    }
  g_mutex_unlock (&self->lock);
  ccbt_disk_workspace_clear (&worker->workspace);
  return NULL;
}

/* --- The engine's side --- */

static gsize
count_bytes (const CcbtDiskJob *job)
{
  gsize n_bytes = 0;

  if (job->kind != CCBT_DISK_HASH_WRITE && job->kind != CCBT_DISK_WRITE)
    return 0;
  for (guint i = 0; i < job->n_segments; i++)
    if (!job->segments[i].is_on_disk)
      n_bytes += job->segments[i].length;
  return n_bytes;
}

void
ccbt_disk_pool_submit (CcbtDiskPool *self, CcbtDiskJob *job)
{
  g_return_if_fail (job->storage != NULL || job->kind == CCBT_DISK_CALL);
  g_return_if_fail (job->done != NULL);

  if (job->storage != NULL)
    ccbt_storage_ref (job->storage);
  self->queued_bytes += count_bytes (job);
  self->n_submitted++;
  push (&self->pending, job);
}

void
ccbt_disk_pool_flush (CcbtDiskPool *self)
{
  guint n_jobs = self->pending.length;
  CcbtDiskJob *job;

  if (n_jobs == 0)
    return;
  g_mutex_lock (&self->lock);
  while ((job = pop (&self->pending)) != NULL)
    push (job->is_background ? &self->background : &self->ready, job);
  g_atomic_int_set (&self->n_ready, (gint) self->ready.length);
  if (n_jobs >= self->n_idle)
    g_cond_broadcast (&self->wake);
  else
    while (n_jobs-- > 0)
      g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
}

static void
finish_job (CcbtDiskPool *self, CcbtDiskJob *job)
{
  CcbtStorage *storage = job->storage;

  self->queued_bytes -= count_bytes (job);
  self->n_submitted--;
  job->done (job); /* it may be gone or submitted again afterwards */
  if (storage != NULL)
    ccbt_storage_unref (storage);
}

static void
finish_jobs (CcbtDiskPool *self)
{
  guint64 count;
  JobQueue done;
  CcbtDiskJob *job;

  /* First the event, then the list: what is pushed in between is told of once more, never missed.
   */
  while (read (self->done_event, &count, sizeof count) < 0 && errno == EINTR)
    ;
  g_mutex_lock (&self->done_lock);
  done = self->done;
  self->done = (JobQueue){ 0 };
  g_mutex_unlock (&self->done_lock);
  while ((job = pop (&done)) != NULL)
    finish_job (self, job);
  ccbt_disk_pool_flush (self);
}

static gboolean
done_cb (gint descriptor, GIOCondition condition, gpointer data)
{
  finish_jobs (data);
  return G_SOURCE_CONTINUE;
}

static gboolean
flush_source_prepare (GSource *source, gint *timeout)
{
  *timeout = -1;
  ccbt_disk_pool_flush (((FlushSource *) source)->pool);
  return FALSE;
}

static GSourceFuncs flush_source_funcs = { .prepare = flush_source_prepare };

/* Nothing ever makes it ready: being asked, once a turn and before the loop waits, is all it is
 * for. The priority lets it be asked even when others are ready. */
static GSource *
attach_flush_source (CcbtDiskPool *self)
{
  GSource *source = g_source_new (&flush_source_funcs, sizeof (FlushSource));

  ((FlushSource *) source)->pool = self;
  g_source_set_static_name (source, "ccbt-disk-flush");
  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static GSource *
attach_done_source (CcbtDiskPool *self)
{
  GSource *source = g_unix_fd_source_new (self->done_event, G_IO_IN);

  g_source_set_static_name (source, "ccbt-disk-done");
  g_source_set_callback (source, G_SOURCE_FUNC (done_cb), self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static void
start_workers (CcbtDiskPool *self)
{
  self->workers = g_new0 (Worker, self->n_workers);
  for (guint i = 0; i < self->n_workers; i++)
    {
      Worker *worker = &self->workers[i];

      worker->pool = self;
      worker->workspace.should_yield = should_yield_cb;
      worker->workspace.data = self;
      worker->thread = g_thread_new ("ccbt-disk", work, worker);
    }
}

CcbtDiskPool *
ccbt_disk_pool_new (guint n_threads)
{
  CcbtDiskPool *self = g_new0 (CcbtDiskPool, 1);

  self->n_workers = n_threads > 0 ? n_threads : MAX (g_get_num_processors (), FEWEST_THREADS);
  g_mutex_init (&self->lock);
  g_mutex_init (&self->done_lock);
  g_cond_init (&self->wake);
  self->done_event = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (self->done_event < 0)
    g_error ("no eventfd: %s", g_strerror (errno));
  self->windows = ccbt_window_cache_new ();
  self->done_source = attach_done_source (self);
  self->flush_source = attach_flush_source (self);
  start_workers (self);
  return self;
}

/* The callbacks may submit more; that is finished, too. */
static void
finish_all (CcbtDiskPool *self)
{
  while (self->n_submitted > 0)
    {
      struct pollfd wait = { .fd = self->done_event, .events = POLLIN };

      ccbt_disk_pool_flush (self);
      if (poll (&wait, 1, -1) > 0)
        finish_jobs (self);
    }
}

void
ccbt_disk_pool_free (CcbtDiskPool *self)
{
  finish_all (self);
  g_mutex_lock (&self->lock);
  self->is_ending = TRUE;
  g_cond_broadcast (&self->wake);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < self->n_workers; i++)
    g_thread_join (self->workers[i].thread);
  g_source_destroy (self->flush_source);
  g_source_unref (self->flush_source);
  g_source_destroy (self->done_source);
  g_source_unref (self->done_source);
  ccbt_window_cache_free (self->windows);
  close (self->done_event);
  g_cond_clear (&self->wake);
  g_mutex_clear (&self->done_lock);
  g_mutex_clear (&self->lock);
  g_free (self->workers);
  g_free (self);
}

gsize
ccbt_disk_pool_get_queued_bytes (CcbtDiskPool *self)
{
  return self->queued_bytes;
}

guint
ccbt_disk_pool_get_n_threads (CcbtDiskPool *self)
{
  return self->n_workers;
}

CcbtWindowCache *
ccbt_disk_pool_get_windows (CcbtDiskPool *self)
{
  return self->windows;
}

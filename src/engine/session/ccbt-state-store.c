/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-store.h"
#include "session/ccbt-state-backup-private.h"
#include "session/ccbt-state-files-private.h"
#include "session/ccbt-state-mailbox-private.h"
#include "session/ccbt-state-recovery-private.h"
#include "session/ccbt-state-rows-private.h"
#include "base/ccbt-clock.h"
#include "base/ccbt-error.h"
#include <unistd.h>

/* Progress that arrives within this time goes into one transaction. */
#define BATCH_TIME (2 * CCBT_SECOND)
/* A full disk is tried again this often, and whenever somebody asks for a flush. */
#define RETRY_TIME (5 * CCBT_SECOND)
#define BACKUP_TIME (30 * 60 * CCBT_SECOND)

struct _CcbtStateStore
{
  /* Set by open. */
  char *path; /* of the database */
  char *parts_dir;
  int lock_descriptor;
  gboolean is_read_only;
  GThread *writer; /* NULL when read-only */

  /* What is read before the loop runs is read on the caller's thread: the lock hands the connection
   * over, nobody contends for it. */
  GMutex connection_lock;
  CcbtStateDatabase *database;
  GString *warning;

  GMutex lock; /* guards what follows */
  GCond has_work;
  CcbtStateMailbox *mailbox;
  GPtrArray *flushes; /* GTask, not answered yet */
  gint64 batch_due;   /* monotonic: when the oldest waiting progress is to be written */
  gboolean is_closing;
  char *trouble; /* why nothing can be saved, until somebody takes it; NULL */

  /* The writer's own. */
  gint64 retry_due; /* monotonic; 0 = the last try worked */
  gint64 backup_due;
  gboolean list_changed; /* since the last backup */
};

/* --- The writer's thread --- */

static gboolean
write_change (CcbtStateDatabase *database, const CcbtStateChange *change, GError **error)
{
  switch (change->kind)
    {
    case CCBT_STATE_REMOVE:
      return ccbt_state_rows_remove (database, &change->info_hash, error);
    case CCBT_STATE_PUT:
      return ccbt_state_rows_write (database, change->record, error);
    case CCBT_STATE_PROGRESS:
      return ccbt_state_rows_write_progress (database, change->record, error);
    case CCBT_STATE_VALUE:
      return ccbt_state_rows_write_value (database, change->name, change->value, error);
    default:
      g_assert_not_reached ();
    }
}

static gboolean
must_be_synced (GPtrArray *changes)
{
  for (guint i = 0; i < changes->len; i++)
    if (((CcbtStateChange *) changes->pdata[i])->must_sync)
      return TRUE;
  return FALSE;
}

static gboolean
changes_list (GPtrArray *changes)
{
  for (guint i = 0; i < changes->len; i++)
    {
      const CcbtStateChange *change = changes->pdata[i];

      if (change->kind == CCBT_STATE_PUT || change->kind == CCBT_STATE_REMOVE)
        return TRUE;
    }
  return FALSE;
}

/* All of them or none. */
static gboolean
write_changes (CcbtStateDatabase *database, GPtrArray *changes, gboolean synced, GError **error)
{
  gboolean is_done = ccbt_state_database_begin (database, synced, error);

  for (guint i = 0; is_done && i < changes->len; i++)
    is_done = write_change (database, changes->pdata[i], error);
  is_done = is_done && ccbt_state_database_commit (database, error);
  if (!is_done)
    ccbt_state_database_rollback (database);
  return is_done;
}

/* @must_sync: somebody waits for everything to be on the disk */
static gboolean
write_batch (CcbtStateStore *self, GPtrArray *changes, gboolean must_sync, GError **error)
{
  const gboolean synced = must_sync || must_be_synced (changes);
  g_autoptr (GError) problem = NULL;

  if (changes->len > 0 && !write_changes (self->database, changes, synced, error))
    return FALSE;
  self->list_changed |= changes_list (changes);
  if (!synced)
    return TRUE;
  /* Into the database at once: a damaged log is cut off where the damage begins, and no torrent may
   * be lost by that. What was just committed is safe even if there is no room for this now. */
  if (ccbt_state_database_checkpoint (self->database, &problem) || changes->len > 0)
    return TRUE;
  /* Nothing was committed with a sync, so the earlier progress depends on this one. */
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

/* What somebody wants done on the writer's thread; the data of a task. */
typedef struct
{
  CcbtStateJob run;
  char *argument;
} Job;

static void
free_job (gpointer data)
{
  Job *job = data;

  g_free (job->argument);
  g_free (job);
}

static void
answer_job (CcbtStateStore *self, GTask *task, const Job *job)
{
  GError *error = NULL;
  GVariant *answer = job->run (self->database, self->path, job->argument, &error);

  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) g_variant_unref);
  else
    g_task_return_error (task, error);
}

static void
answer_flushes (CcbtStateStore *self, GPtrArray *flushes, const GError *problem)
{
  for (guint i = 0; i < flushes->len; i++)
    {
      GTask *task = flushes->pdata[i];

      if (g_task_get_task_data (task) != NULL)
        answer_job (self, task, g_task_get_task_data (task));
      else if (problem != NULL)
        g_task_return_error (task, g_error_copy (problem));
      else
        g_task_return_boolean (task, TRUE);
    }
}

static void
note_failure (CcbtStateStore *self, GPtrArray *changes, const GError *problem)
{
  const gboolean is_first = self->retry_due == 0;

  if (is_first)
    g_message ("the state cannot be saved; it will be tried again: %s", problem->message);
  self->retry_due = g_get_monotonic_time () + RETRY_TIME;
  g_mutex_lock (&self->lock);
  if (is_first && self->trouble == NULL)
    self->trouble = g_strdup (problem->message);
  ccbt_state_mailbox_put_back (self->mailbox, changes);
  g_mutex_unlock (&self->lock);
}

static void
make_backup (CcbtStateStore *self)
{
  g_autoptr (GError) error = NULL;

  if (ccbt_state_backup_make (self->database, self->path, &error))
    self->list_changed = FALSE;
  else
    g_message ("no backup of the state was made: %s", error->message);
  self->backup_due = g_get_monotonic_time () + BACKUP_TIME;
}

/* @changes, @flushes: (transfer full) */
static void
handle_batch (CcbtStateStore *self, GPtrArray *changes, GPtrArray *flushes)
{
  g_autoptr (GPtrArray) answered = flushes;
  g_autoptr (GError) problem = NULL;

  g_mutex_lock (&self->connection_lock);
  if (write_batch (self, changes, flushes->len > 0, &problem))
    {
      self->retry_due = 0;
      g_ptr_array_unref (changes);
    }
  else
    note_failure (self, changes, problem);
  answer_flushes (self, answered, problem);
  if (problem == NULL && self->list_changed && g_get_monotonic_time () >= self->backup_due)
    make_backup (self);
  g_mutex_unlock (&self->connection_lock);
}

/* When the writer has to do something next; 0 = now. */
static gint64
get_due_time (CcbtStateStore *self)
{
  gint64 due = self->list_changed ? self->backup_due : G_MAXINT64;

  if (self->is_closing || self->flushes->len > 0)
    return 0;
  /* While the disk is full, new changes do not make it try more often. */
  if (self->retry_due != 0)
    return self->retry_due;
  if (ccbt_state_mailbox_get_length (self->mailbox) == 0)
    return due;
  if (ccbt_state_mailbox_is_urgent (self->mailbox))
    return 0;
  return MIN (due, self->batch_due);
}

/* Returns: FALSE when this is the last batch */
static gboolean
wait_for_batch (CcbtStateStore *self, GPtrArray **changes, GPtrArray **flushes)
{
  gboolean is_last;
  gint64 due;

  g_mutex_lock (&self->lock);
  while ((due = get_due_time (self)) > g_get_monotonic_time ())
    {
      if (due == G_MAXINT64)
        g_cond_wait (&self->has_work, &self->lock);
      else
        g_cond_wait_until (&self->has_work, &self->lock, due);
    }
  *changes = ccbt_state_mailbox_take (self->mailbox);
  *flushes = g_steal_pointer (&self->flushes);
  self->flushes = g_ptr_array_new_with_free_func (g_object_unref);
  is_last = self->is_closing;
  g_mutex_unlock (&self->lock);
  return !is_last;
}

static gpointer
run_writer (gpointer data)
{
  CcbtStateStore *self = data;
  gboolean goes_on = TRUE;

  while (goes_on)
    {
      GPtrArray *changes;
      GPtrArray *flushes;

      goes_on = wait_for_batch (self, &changes, &flushes);
      handle_batch (self, changes, flushes);
    }
  if (self->list_changed)
    make_backup (self);
  return NULL;
}

/* --- Opening and closing --- */

static void
free_store (CcbtStateStore *self)
{
  g_clear_pointer (&self->database, ccbt_state_database_close);
  if (self->lock_descriptor >= 0)
    close (self->lock_descriptor);
  g_ptr_array_unref (self->flushes);
  ccbt_state_mailbox_free (self->mailbox);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->connection_lock);
  g_cond_clear (&self->has_work);
  g_string_free (self->warning, TRUE);
  g_free (self->trouble);
  g_free (self->parts_dir);
  g_free (self->path);
  g_free (self);
}

static CcbtStateStore *
new_store (const char *state_dir)
{
  CcbtStateStore *self = g_new0 (CcbtStateStore, 1);

  self->path = g_build_filename (state_dir, "state.db", NULL);
  self->parts_dir = g_build_filename (state_dir, "parts", NULL);
  self->lock_descriptor = -1;
  self->warning = g_string_new (NULL);
  self->mailbox = ccbt_state_mailbox_new ();
  self->flushes = g_ptr_array_new_with_free_func (g_object_unref);
  g_mutex_init (&self->lock);
  g_mutex_init (&self->connection_lock);
  g_cond_init (&self->has_work);
  return self;
}

static gboolean
open_all (CcbtStateStore *self, const char *state_dir, GError **error)
{
  if (!ccbt_state_files_make_folder (state_dir, error)
      || (self->lock_descriptor = ccbt_state_files_lock_folder (state_dir, error)) < 0
      || !ccbt_state_files_make_folder (self->parts_dir, error))
    return FALSE;
  self->database = ccbt_state_recovery_open (self->path, self->warning, error);
  return self->database != NULL;
}

CcbtStateStore *
ccbt_state_store_open (const char *state_dir, GError **error)
{
  CcbtStateStore *self = new_store (state_dir);
  gint64 age;

  if (!open_all (self, state_dir, error))
    {
      free_store (self);
      return NULL;
    }
  self->is_read_only = self->database->mode == CCBT_STATE_READ_ONLY;
  age = ccbt_state_backup_get_age (self->path);
  self->backup_due = g_get_monotonic_time () + BACKUP_TIME - MIN (age, BACKUP_TIME);
  if (!self->is_read_only)
    self->writer = g_thread_new ("ccbt-state", run_writer, self);
  return self;
}

void
ccbt_state_store_close (CcbtStateStore *self)
{
  guint n_lost;

  if (self->writer != NULL)
    {
      g_mutex_lock (&self->lock);
      self->is_closing = TRUE;
      g_cond_signal (&self->has_work);
      g_mutex_unlock (&self->lock);
      g_thread_join (self->writer);
    }
  n_lost = ccbt_state_mailbox_get_length (self->mailbox);
  if (n_lost > 0)
    g_message ("%u changes could not be saved", n_lost);
  free_store (self);
}

/* --- What the engine calls --- */

gboolean
ccbt_state_store_is_read_only (CcbtStateStore *self)
{
  return self->is_read_only;
}

const char *
ccbt_state_store_get_warning (CcbtStateStore *self)
{
  return self->warning->len > 0 ? self->warning->str : NULL;
}

char *
ccbt_state_store_take_trouble (CcbtStateStore *self)
{
  char *trouble;

  g_mutex_lock (&self->lock);
  trouble = g_steal_pointer (&self->trouble);
  g_mutex_unlock (&self->lock);
  return trouble;
}

GPtrArray *
ccbt_state_store_load (CcbtStateStore *self, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->connection_lock);
  g_autoptr (GError) problem = NULL;
  g_autoptr (GPtrArray) rows = ccbt_state_rows_read (self->database, &problem);

  if (problem != NULL)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_DISK, "%s", problem->message);
      return NULL;
    }
  return ccbt_state_recovery_mend (self->database, self->path, rows, self->warning);
}

GBytes *
ccbt_state_store_load_value (CcbtStateStore *self, const char *name)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->connection_lock);

  return ccbt_state_rows_read_value (self->database, name);
}

/* @change: (transfer full) */
static void
post (CcbtStateStore *self, CcbtStateChange *change)
{
  if (self->is_read_only)
    {
      ccbt_state_change_free (change);
      return;
    }
  g_mutex_lock (&self->lock);
  if (ccbt_state_mailbox_get_length (self->mailbox) == 0)
    self->batch_due = g_get_monotonic_time () + BATCH_TIME;
  ccbt_state_mailbox_append (self->mailbox, change);
  g_cond_signal (&self->has_work);
  g_mutex_unlock (&self->lock);
}

static gboolean
is_named (const CcbtInfoHash *info_hash)
{
  return info_hash->has_v1 || info_hash->has_v2;
}

void
ccbt_state_store_put (CcbtStateStore *self, CcbtTorrentRecord *record)
{
  g_return_if_fail (is_named (&record->info_hash));

  post (self, ccbt_state_change_new_record (CCBT_STATE_PUT, record));
}

void
ccbt_state_store_put_progress (CcbtStateStore *self, CcbtTorrentRecord *record)
{
  g_return_if_fail (is_named (&record->info_hash));

  post (self, ccbt_state_change_new_record (CCBT_STATE_PROGRESS, record));
}

void
ccbt_state_store_put_synced_progress (CcbtStateStore *self, CcbtTorrentRecord *record)
{
  CcbtStateChange *change = ccbt_state_change_new_record (CCBT_STATE_PROGRESS, record);

  g_return_if_fail (is_named (&record->info_hash));

  change->must_sync = TRUE;
  post (self, change);
}

void
ccbt_state_store_remove (CcbtStateStore *self, const CcbtInfoHash *info_hash)
{
  g_return_if_fail (is_named (info_hash));

  post (self, ccbt_state_change_new_remove (info_hash));
}

void
ccbt_state_store_put_value (CcbtStateStore *self, const char *name, GBytes *value)
{
  post (self, ccbt_state_change_new_value (name, value));
}

void
ccbt_state_store_put_total (CcbtStateStore *self, const char *name, GBytes *value)
{
  CcbtStateChange *change = ccbt_state_change_new_value (name, value);

  change->must_sync = FALSE;
  post (self, change);
}

/* @task: (transfer full) */
static void
queue_task (CcbtStateStore *self, GTask *given)
{
  g_autoptr (GTask) task = given;

  if (self->is_read_only)
    {
      g_task_return_new_error (task, CCBT_ERROR, CCBT_ERROR_READ_ONLY,
                               "%s is of a newer version: it is not written", self->path);
      return;
    }
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->flushes, g_steal_pointer (&task));
  g_cond_signal (&self->has_work);
  g_mutex_unlock (&self->lock);
}

void
ccbt_state_store_flush_async (CcbtStateStore *self, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_source_tag (task, ccbt_state_store_flush_async);
  queue_task (self, task);
}

void
ccbt_state_store_run_async (CcbtStateStore *self, CcbtStateJob run, const char *argument,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Job *job = g_new (Job, 1);

  *job = (Job){ run, g_strdup (argument) };
  g_task_set_source_tag (task, ccbt_state_store_run_async);
  g_task_set_task_data (task, job, free_job);
  queue_task (self, g_steal_pointer (&task));
}

GVariant *
ccbt_state_store_run_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
ccbt_state_store_flush_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

const char *
ccbt_state_store_get_parts_dir (CcbtStateStore *self)
{
  return self->parts_dir;
}

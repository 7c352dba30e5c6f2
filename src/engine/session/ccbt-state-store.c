/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-store.h"
#include "session/ccbt-state-backup-private.h"
#include "session/ccbt-state-files-private.h"
#include "session/ccbt-state-recovery-private.h"
#include "session/ccbt-state-rows-private.h"
#include "session/ccbt-state-store-private.h"
#include "base/ccbt-error.h"
#include <unistd.h>

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
  self->backup_due
      = g_get_monotonic_time () + CCBT_STATE_BACKUP_TIME - MIN (age, CCBT_STATE_BACKUP_TIME);
  /* What a killed run committed and had not synced is about to be shown and built upon. Should there
   * be no room for it, the next commit tries again. */
  if (!self->is_read_only)
    ccbt_state_database_checkpoint (self->database, NULL);
  if (!self->is_read_only)
    self->writer = g_thread_new ("ccbt-state", ccbt_state_writer_run, self);
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
    self->batch_due = g_get_monotonic_time () + CCBT_STATE_BATCH_TIME;
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

static void
free_job (gpointer data)
{
  CcbtStateTask *job = data;

  g_free (job->argument);
  g_free (job);
}

void
ccbt_state_store_run_async (CcbtStateStore *self, CcbtStateJob run, const char *argument,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  CcbtStateTask *job = g_new (CcbtStateTask, 1);

  *job = (CcbtStateTask){ run, g_strdup (argument) };
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

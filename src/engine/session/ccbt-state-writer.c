/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-backup-private.h"
#include "session/ccbt-state-rows-private.h"
#include "session/ccbt-state-store-private.h"

/* The thread that owns the database: takes what waits, writes it in one transaction, answers who waits
 * for that, and makes backups. */

/* A full disk is tried again this often, and whenever somebody asks for a flush. */
#define RETRY_TIME (5 * CCBT_SECOND)

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

static void
answer_job (CcbtStateStore *self, GTask *task, const CcbtStateTask *job)
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
  self->backup_due = g_get_monotonic_time () + CCBT_STATE_BACKUP_TIME;
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

gpointer
ccbt_state_writer_run (gpointer data)
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

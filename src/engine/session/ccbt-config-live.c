/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-config-live.h"
#include "session/ccbt-config-file.h"
#include "session/ccbt-config-watch.h"
#include "base/ccbt-error.h"

#define MAX_WAITING 64

struct _CcbtConfigLive
{
  gint references; /* atomic: jobs that are on their way hold one */
  CcbtConfig *config;
  const CcbtConfigLiveOwner *owner;
  gpointer data;
  char *path;
  GThreadPool *worker; /* one thread */
  GQueue waiting;      /* Job */
  gboolean is_busy;
  gboolean is_closed;
  CcbtConfigWatch *watch;
  char *refused; /* (nullable): checksum of the broken file that was told of */
};

/* A change, or without a key a reading of the file. */
typedef struct
{
  CcbtConfigLive *live;
  char *key;
  char *text;
  CcbtConfigLiveDone done; /* NULL: nobody waits */
  gpointer data;

  /* Worker */
  char *path;
  gboolean is_local;
  char *toml;
  char *before, *after; /* checksums */
  CcbtConfig *fresh;
} Job;

static void start_next (CcbtConfigLive *self);

static void
live_unref (CcbtConfigLive *self)
{
  if (!g_atomic_int_dec_and_test (&self->references))
    return;
  g_free (self->refused);
  g_free (self->path);
  g_free (self);
}

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->key);
  g_free (job->text);
  g_free (job->path);
  g_free (job->toml);
  g_free (job->before);
  g_free (job->after);
  g_clear_pointer (&job->fresh, ccbt_config_free);
  live_unref (job->live);
  g_free (job);
}

static void
answer (Job *job, const char *const *keys, const GError *error)
{
  if (job->done != NULL)
    job->done (job->data, keys, error);
}

static void
add_job (CcbtConfigLive *self, const char *key, const char *text, CcbtConfigLiveDone done,
         gpointer data)
{
  Job *job = g_new0 (Job, 1);

  g_atomic_int_inc (&self->references);
  *job = (Job){
    .live = self, .key = g_strdup (key), .text = g_strdup (text), .done = done, .data = data
  };
  if (self->waiting.length >= MAX_WAITING)
    {
      g_autoptr (GError) error = g_error_new (CCBT_ERROR, CCBT_ERROR_BUSY,
                                              "Too many changes of the settings are waiting.");

      answer (job, NULL, error);
      job_free (job);
      return;
    }
  g_queue_push_tail (&self->waiting, job);
  start_next (self);
}

/* --- The worker's thread: touches its job only --- */

static void
run_job (gpointer data, gpointer user_data)
{
  g_autoptr (GTask) task = data;
  Job *job = g_task_get_task_data (task);
  GError *error = NULL;

  if (job->key == NULL)
    job->fresh = ccbt_config_load_again (job->path, job->is_local);
  else if (!ccbt_config_file_edit (job->path, job->key, job->toml, &job->before, &job->after,
                                   &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_return_boolean (task, TRUE);
}

/* --- The file was changed for us --- */

static void
finish_edit (CcbtConfigLive *self, Job *job)
{
  const char *const keys[] = { job->key, NULL };
  g_autofree char *was = ccbt_config_get_text (self->config, job->key, TRUE);
  g_autofree char *is = NULL;
  g_autoptr (GError) error = NULL;
  gboolean has_changed;

  if (!ccbt_config_put (self->config, job->key, job->text, &error))
    {
      answer (job, NULL, error);
      return;
    }
  is = ccbt_config_get_text (self->config, job->key, TRUE);
  has_changed = !g_str_equal (was, is);
  if (has_changed)
    self->owner->changed (self->data, keys);
  /* Somebody else's edit just before ours has not been read yet. */
  if (g_str_equal (job->before, ccbt_config_get_checksum (self->config)))
    ccbt_config_set_checksum (self->config, job->after);
  else
    add_job (self, NULL, NULL, NULL, NULL);
  answer (job, has_changed ? keys : keys + 1, NULL);
}

/* --- The file was read --- */

static void
tell_refused (CcbtConfigLive *self, const char *checksum, const char *text)
{
  if (g_strcmp0 (self->refused, checksum) == 0)
    return;
  g_free (self->refused);
  self->refused = g_strdup (checksum);
  self->owner->invalid (self->data, text);
}

static void
finish_reload (CcbtConfigLive *self, Job *job)
{
  const char *checksum = ccbt_config_get_checksum (job->fresh);
  const char *const *problems = ccbt_config_get_problems (job->fresh);
  const gboolean is_own
      = job->done == NULL && g_str_equal (checksum, ccbt_config_get_checksum (self->config));
  g_auto (GStrv) keys = NULL;
  g_autoptr (GError) error = NULL;

  if (is_own)
    {
      g_clear_pointer (&self->refused, g_free); /* mended by going back */
      return;
    }
  keys = ccbt_config_adopt (self->config, job->fresh, &error);
  if (keys == NULL)
    {
      tell_refused (self, checksum, error->message);
      answer (job, NULL, error);
      return;
    }
  g_clear_pointer (&self->refused, g_free);
  for (guint i = 0; problems[i] != NULL; i++)
    g_message ("%s", problems[i]);
  if (keys[0] != NULL)
    self->owner->changed (self->data, (const char *const *) keys);
  answer (job, (const char *const *) keys, NULL);
}

static void
job_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CcbtConfigLive *self = data;
  Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  static const char *const none[] = { NULL };

  self->is_busy = FALSE;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    answer (job, NULL, error);
  else if (self->is_closed)
    answer (job, none, NULL); /* it is in the file */
  else if (job->key != NULL)
    finish_edit (self, job);
  else
    finish_reload (self, job);
  if (!self->is_closed)
    start_next (self);
}

static void
start_next (CcbtConfigLive *self)
{
  while (!self->is_busy && self->waiting.length > 0)
    {
      Job *job = g_queue_pop_head (&self->waiting);
      g_autoptr (GError) error = NULL;
      GTask *task;

      job->is_local = ccbt_config_is_local (self->config);
      /* What a folder says is not ours to change. */
      job->path = job->key != NULL && job->is_local ? ccbt_config_file_get_usual ()
                                                    : g_strdup (self->path);
      if (job->key != NULL
          && !ccbt_config_check (self->config, job->key, job->text, &job->toml, &error))
        {
          answer (job, NULL, error);
          job_free (job);
          continue;
        }
      self->is_busy = TRUE;
      task = g_task_new (NULL, NULL, job_done_cb, self);
      g_task_set_source_tag (task, start_next);
      g_task_set_task_data (task, job, job_free);
      g_thread_pool_push (self->worker, task, NULL);
    }
}

/* --- What others call --- */

static void
file_changed_cb (gpointer data)
{
  add_job (data, NULL, NULL, NULL, NULL);
}

CcbtConfigLive *
ccbt_config_live_new (CcbtConfig *config, const CcbtConfigLiveOwner *owner, gpointer data)
{
  CcbtConfigLive *self = g_new0 (CcbtConfigLive, 1);

  self->references = 1;
  self->config = config;
  self->owner = owner;
  self->data = data;
  self->path = ccbt_config_get_path (config) != NULL ? g_strdup (ccbt_config_get_path (config))
                                                     : ccbt_config_file_get_usual ();
  self->worker = g_thread_pool_new (run_job, NULL, 1, FALSE, NULL);
  self->watch = ccbt_config_watch_new (self->path, file_changed_cb, self);
  return self;
}

void
ccbt_config_live_free (CcbtConfigLive *self)
{
  g_autoptr (GError) error
      = g_error_new (CCBT_ERROR, CCBT_ERROR_BUSY, "The engine is shutting down.");
  Job *job;

  self->is_closed = TRUE;
  g_clear_pointer (&self->watch, ccbt_config_watch_free);
  while ((job = g_queue_pop_head (&self->waiting)) != NULL)
    {
      answer (job, NULL, error);
      job_free (job);
    }
  g_thread_pool_free (self->worker, FALSE, TRUE);
  live_unref (self);
}

void
ccbt_config_live_set (CcbtConfigLive *self, const char *key, const char *text,
                      CcbtConfigLiveDone done, gpointer data)
{
  add_job (self, key, text, done, data);
}

void
ccbt_config_live_reload (CcbtConfigLive *self, CcbtConfigLiveDone done, gpointer data)
{
  add_job (self, NULL, NULL, done, data);
}

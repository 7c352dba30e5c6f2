/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-engine-host-private.h"
#include "base/ccbt-loop-watchdog.h"

#define EVENTS_KEPT 4096

struct _CcbtEngineHost
{
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  CcbtSnapshotStore *snapshots;
  CcbtEventRing *events;
  CcbtConfig *config;

  /* Engine thread */
  CcbtSession *session; /* NULL once closing */
  CcbtSession *closing;
  GTask *stop_task;

  /* Between the threads, while starting */
  GMutex lock;
  GCond started;
  gboolean is_started;
  const CcbtEngineOptions *options;
  GError *error;
};

/* --- The engine's thread --- */

static void
tell_started (CcbtEngineHost *self)
{
  g_mutex_lock (&self->lock);
  self->is_started = TRUE;
  g_cond_signal (&self->started);
  g_mutex_unlock (&self->lock);
}

static gpointer
run_engine (gpointer data)
{
  CcbtEngineHost *self = data;

  g_main_context_push_thread_default (self->context);
  self->session
      = ccbt_session_new (self->options, self->config, self->snapshots, self->events, &self->error);
  tell_started (self);
  if (self->session != NULL)
    {
      ccbt_loop_watchdog_install (self->context, ccbt_session_get_turns (self->session));
      g_main_loop_run (self->loop);
      ccbt_loop_watchdog_remove (self->context);
    }
  g_clear_pointer (&self->closing, ccbt_session_free);
  /* Calls that came too late are told so. */
  while (g_main_context_iteration (self->context, FALSE))
    ;
  if (self->stop_task != NULL)
    g_task_return_boolean (self->stop_task, TRUE);
  g_clear_object (&self->stop_task);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static gboolean
apply_settings (CcbtConfig *config, const char *const *settings, GError **error)
{
  for (guint i = 0; settings != NULL && settings[i] != NULL; i++)
    if (!ccbt_config_set_from_command_line (config, settings[i], error))
      return FALSE;
  return ccbt_config_validate (config, error);
}

CcbtEngineHost *
ccbt_engine_host_start (const CcbtEngineOptions *options, GError **error)
{
  CcbtEngineHost *self = g_new0 (CcbtEngineHost, 1);
  const char *const *problems;

  g_mutex_init (&self->lock);
  g_cond_init (&self->started);
  self->snapshots = ccbt_snapshot_store_new ();
  self->events = ccbt_event_ring_new (EVENTS_KEPT);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->config = ccbt_config_load (options->config_file, options->is_ephemeral);
  problems = ccbt_config_get_problems (self->config);
  for (guint i = 0; problems[i] != NULL; i++)
    g_warning ("%s", problems[i]);
  if (!apply_settings (self->config, options->settings, error))
    {
      ccbt_engine_host_free (self);
      return NULL;
    }
  self->options = options;
  self->thread = g_thread_new ("ccbt-engine", run_engine, self);
  g_mutex_lock (&self->lock);
  while (!self->is_started)
    g_cond_wait (&self->started, &self->lock);
  g_mutex_unlock (&self->lock);
  self->options = NULL;
  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      ccbt_engine_host_free (self);
      return NULL;
    }
  return self;
}

static gboolean
run_call_cb (gpointer data)
{
  gpointer *pair = data;
  CcbtEngineHost *self = pair[0];

  ccbt_call_run (pair[1], self->session);
  return G_SOURCE_REMOVE;
}

void
ccbt_engine_host_post_call (CcbtEngineHost *self, CcbtCall *call)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  gpointer *pair = g_new (gpointer, 2);

  pair[0] = self;
  pair[1] = call;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, run_call_cb, pair, g_free);
  g_source_attach (source, self->context);
}

/* --- Stopping --- */

static void
session_closed_cb (gpointer data)
{
  CcbtEngineHost *self = data;

  g_main_loop_quit (self->loop);
}

static gboolean
stop_cb (gpointer data)
{
  CcbtEngineHost *self = data;

  self->closing = g_steal_pointer (&self->session);
  ccbt_session_close (self->closing, session_closed_cb, self);
  return G_SOURCE_REMOVE;
}

void
ccbt_engine_host_stop_async (CcbtEngineHost *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_return_if_fail (self->stop_task == NULL);

  self->stop_task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (self->stop_task, ccbt_engine_host_stop_async);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, stop_cb, self, NULL);
  g_source_attach (source, self->context);
}

gboolean
ccbt_engine_host_stop_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ccbt_engine_host_free (CcbtEngineHost *self)
{
  if (self->thread != NULL)
    g_thread_join (self->thread);
  ccbt_config_free (self->config);
  ccbt_snapshot_store_unref (self->snapshots);
  ccbt_event_ring_unref (self->events);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->started);
  g_free (self);
}

CcbtSnapshotStore *
ccbt_engine_host_get_snapshots (CcbtEngineHost *self)
{
  return self->snapshots;
}

CcbtEventRing *
ccbt_engine_host_get_events (CcbtEngineHost *self)
{
  return self->events;
}

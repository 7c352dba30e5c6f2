/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-link.h"
#include "bitonic-calls.h"
#include "control/ccbt-control-client.h"
#include "control/ccbt-control-interface.h"

#define EVENTS_WAIT_MS 30000
#define RECONNECT_S 2
/* What takes a millisecond is asked for again after 20 at the earliest. */
#define PATIENCE 20

struct _BitonicLink
{
  char *state_dir; /* (nullable) */
  const char *const *fields;
  const char *const *more;
  BitonicLinkEvents events;
  gpointer data;
  CcbtControlClient *client; /* NULL: it is gone */
  guint subscription;
  guint reconnect;           /* source */
  GCancellable *cancellable; /* of all calls to this client */
  guint64 cursor;            /* of the events */
  gboolean asks_status;
  gboolean has_list; /* the first signal came: others may ask for time */
  gboolean asks_more;
  guint64 generation; /* of what is there of more */
  gboolean asks_details;
  BitonicCalls *calls; /* verbs; NULL with the client */
  gint64 next_details; /* monotonic */
  gint64 asked_details;
  char *info_hash; /* of the details that are asked for */
  char *part;
};

static void lose (BitonicLink *self);

/* --- One question --- */

static void
ask (BitonicLink *self, const char *method, GVariant *arguments, const char *reply, int timeout_ms,
     GAsyncReadyCallback callback)
{
  bitonic_ask (ccbt_control_client_get_connection (self->client), method, arguments, reply,
               timeout_ms, self->cancellable, callback, self);
}

static gboolean
is_closed (BitonicLink *self)
{
  return g_dbus_connection_is_closed (ccbt_control_client_get_connection (self->client));
}

/* --- Status --- */

static void
status_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  BitonicLink *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL, status = NULL;
  gboolean is_over;

  reply = bitonic_take_answer (source, result, &is_over, &error);
  if (is_over)
    return;
  self->asks_status = FALSE;
  if (reply == NULL)
    {
      if (is_closed (self))
        lose (self);
      return;
    }
  status = g_variant_get_child_value (reply, 0);
  self->events.status (self->data, status);
}

/* --- More of the torrents --- */

static void
more_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  BitonicLink *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  gboolean is_over;

  reply = bitonic_take_answer (source, result, &is_over, &error);
  if (is_over)
    return;
  self->asks_more = FALSE;
  if (reply == NULL)
    return;
  g_variant_get_child (reply, 0, "t", &self->generation);
  self->events.more (self->data, reply);
}

/* --- Details --- */

static void
details_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  BitonicLink *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL, details = NULL;
  gboolean is_over;
  gint64 now = g_get_monotonic_time ();

  reply = bitonic_take_answer (source, result, &is_over, &error);
  if (is_over)
    return;
  self->asks_details = FALSE;
  self->next_details = now + (now - self->asked_details) * PATIENCE;
  if (reply == NULL) /* removed meanwhile */
    return;
  details = g_variant_get_child_value (reply, 0);
  self->events.details (self->data, self->info_hash, self->part, details);
}

static void
ask_details (BitonicLink *self, const char *info_hash, const char *part)
{
  const char *parts[] = { part, NULL };
  const gboolean is_other
      = g_strcmp0 (info_hash, self->info_hash) != 0 || g_strcmp0 (part, self->part) != 0;

  if (self->asks_details || (!is_other && g_get_monotonic_time () < self->next_details))
    return;
  g_free (self->info_hash);
  g_free (self->part);
  self->info_hash = g_strdup (info_hash);
  self->part = g_strdup (part);
  self->asks_details = TRUE;
  self->asked_details = g_get_monotonic_time ();
  ask (self, "Details", g_variant_new ("(s^as)", info_hash, parts), "(a{sv})",
       BITONIC_CALL_TIMEOUT_MS, details_cb);
}

void
bitonic_link_refresh (BitonicLink *self, const char *info_hash, const char *part)
{
  if (self->client == NULL)
    return;
  if (is_closed (self))
    {
      lose (self);
      return;
    }
  if (!self->asks_status)
    {
      self->asks_status = TRUE;
      ask (self, "Status", g_variant_new ("()"), "(a{sv})", BITONIC_CALL_TIMEOUT_MS, status_cb);
    }
  if (self->has_list && !self->asks_more)
    {
      self->asks_more = TRUE;
      ask (self, "List", g_variant_new ("(^ast)", self->more, self->generation), "(tbaa{sv}au)",
           BITONIC_CALL_TIMEOUT_MS, more_cb);
    }
  if (info_hash != NULL && part != NULL)
    ask_details (self, info_hash, part);
}

/* --- Events --- */

static void
events_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  BitonicLink *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL, events = NULL;
  gboolean is_over;
  /* Not those of pieces and peers: many a second. */
  static const char *const types[]
      = { "torrent-added",     "torrent-removed",   "torrent-paused",
          "torrent-resumed",   "torrent-completed", "torrent-error",
          "metadata-received", "check-started",     "check-finished",
          "piece-failed",      "peer-banned",       "tracker-announced",
          "tracker-failed",    "listening",         "listen-failed",
          "state-warning",     "seed-goal-reached", NULL };

  if (result != NULL) /* NULL: the first question */
    {
      reply = bitonic_take_answer (source, result, &is_over, &error);
      if (is_over || reply == NULL)
        return;
      g_variant_get_child (reply, 0, "t", &self->cursor);
      events = g_variant_get_child_value (reply, 2);
      if (g_variant_n_children (events) > 0)
        self->events.events (self->data, events);
    }
  ask (self, "Events", g_variant_new ("(t^asu)", self->cursor, types, (guint32) EVENTS_WAIT_MS),
       "(ttaa{sv})", EVENTS_WAIT_MS + 10000, events_cb);
}

/* --- Verbs --- */

void
bitonic_link_call (BitonicLink *self, const char *verb, GVariant *arguments)
{
  g_autoptr (GVariant) kept = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;

  if (self->calls != NULL)
    bitonic_calls_add (self->calls, verb, kept);
}

/* --- Coming and going --- */

static void
changed_cb (GDBusConnection *connection, const char *sender, const char *path,
            const char *interface, const char *signal, GVariant *parameters, gpointer data)
{
  BitonicLink *self = data;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(tbaa{sv}au)")))
    return;
  self->has_list = TRUE;
  self->events.changed (self->data, parameters);
}

static void
watched_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  BitonicLink *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  gboolean is_over;

  reply = bitonic_take_answer (source, result, &is_over, &error);
  if (reply == NULL && !is_over)
    self->events.answered (self->data, "Watch", NULL, error);
}

/* @client: taken */
static void
begin (BitonicLink *self, CcbtControlClient *client)
{
  self->client = client;
  self->cancellable = g_cancellable_new ();
  self->calls = bitonic_calls_new (ccbt_control_client_get_connection (client), self->cancellable,
                                   self->events.answered, self->data);
  self->cursor = 0;
  self->generation = 0;
  self->has_list = FALSE;
  self->asks_status = self->asks_details = self->asks_more = FALSE;
  self->subscription = g_dbus_connection_signal_subscribe (
      ccbt_control_client_get_connection (client), NULL, CCBT_CONTROL_SESSION, "TorrentsChanged",
      CCBT_CONTROL_PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE, changed_cb, self, NULL);
  ask (self, "Watch", g_variant_new ("(^as)", self->fields), "()", BITONIC_CALL_TIMEOUT_MS,
       watched_cb);
  events_cb (NULL, NULL, self);
}

static void
end (BitonicLink *self)
{
  if (self->client == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->calls, bitonic_calls_free);
  g_clear_object (&self->cancellable);
  g_dbus_connection_signal_unsubscribe (ccbt_control_client_get_connection (self->client),
                                        self->subscription);
  g_clear_pointer (&self->client, ccbt_control_client_unref);
}

/* Waits for seconds when something takes the connection and says nothing. */
static void
connect_in_thread (GTask *task, gpointer source, gpointer state_dir, GCancellable *cancellable)
{
  CcbtControlClient *client = ccbt_control_client_connect (state_dir, NULL);

  g_task_return_pointer (task, client, (GDestroyNotify) ccbt_control_client_unref);
}

static gboolean reconnect_cb (gpointer data);

static void
reconnected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  BitonicLink *self = data;
  CcbtControlClient *client;

  if (g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    return; /* the link is gone */
  client = g_task_propagate_pointer (G_TASK (result), NULL);
  g_clear_object (&self->cancellable);
  if (client == NULL)
    {
      self->reconnect = g_timeout_add_seconds (RECONNECT_S, reconnect_cb, self);
      return;
    }
  begin (self, client);
  self->events.connected (self->data, TRUE);
}

static gboolean
reconnect_cb (gpointer data)
{
  BitonicLink *self = data;
  g_autoptr (GTask) task = NULL;

  self->reconnect = 0;
  self->cancellable = g_cancellable_new ();
  task = g_task_new (NULL, self->cancellable, reconnected_cb, self);
  g_task_set_task_data (task, g_strdup (self->state_dir), g_free);
  g_task_run_in_thread (task, connect_in_thread);
  return G_SOURCE_REMOVE;
}

static void
lose (BitonicLink *self)
{
  end (self);
  self->reconnect = g_timeout_add_seconds (RECONNECT_S, reconnect_cb, self);
  self->events.connected (self->data, FALSE);
}

BitonicLink *
bitonic_link_new (const char *state_dir, const char *const *fields, const char *const *more,
                  const BitonicLinkEvents *events, gpointer data, GError **error)
{
  CcbtControlClient *client = ccbt_control_client_activate (state_dir, error);
  BitonicLink *self;

  if (client == NULL)
    return NULL;
  self = g_new0 (BitonicLink, 1);
  self->state_dir = g_strdup (state_dir);
  self->fields = fields;
  self->more = more;
  self->events = *events;
  self->data = data;
  begin (self, client);
  return self;
}

void
bitonic_link_free (BitonicLink *self)
{
  end (self);
  if (self->reconnect != 0)
    g_source_remove (self->reconnect);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_free (self->state_dir);
  g_free (self->info_hash);
  g_free (self->part);
  g_free (self);
}

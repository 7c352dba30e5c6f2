/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-client.h"
#include "control/ccbt-control-service.h"
#include "session/ccbt-command.h"
#include "session/ccbt-engine-host.h"

struct _CcbtClient
{
  GObject parent_instance;
  CcbtClientState state;
  GError *error;
  CcbtEngineHost *host;
  CcbtControlService *service; /* NULL when it could not be made */
  CcbtEventBus *bus;
  CcbtEventLog *log; /* NULL until there is an engine */
  CcbtTorrentList *torrents;
  GHashTable *removals; /* set of info-hash: hidden, not removed yet */
  guint n_removing;     /* calls on their way */
};

G_DEFINE_FINAL_TYPE (CcbtClient, ccbt_client, G_TYPE_OBJECT)

enum
{
  PROP_STATE = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
set_state (CcbtClient *self, CcbtClientState state)
{
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

/* Opening the state store and binding sockets can take a while: not on the thread that draws. */
static void
start_in_thread (GTask *task, gpointer source, gpointer state_dir, GCancellable *cancellable)
{
  const CcbtEngineOptions options = { .state_dir = state_dir, .port = -1 };
  GError *error = NULL;
  CcbtEngineHost *host = ccbt_engine_host_start (&options, &error);

  if (host != NULL)
    g_task_return_pointer (task, host, (GDestroyNotify) ccbt_engine_host_free);
  else
    g_task_return_error (task, error);
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CcbtClient *self = CCBT_CLIENT (source);
  const char *state_dir = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  self->host = g_task_propagate_pointer (G_TASK (result), &self->error);
  if (self->host == NULL)
    {
      g_message ("The engine did not start: %s", self->error->message);
      set_state (self, CCBT_CLIENT_FAILED);
      return;
    }
  self->bus = ccbt_event_bus_new (ccbt_engine_host_get_snapshots (self->host),
                                  ccbt_engine_host_get_events (self->host), CCBT_EVENT_LOG_MASK);
  self->log = ccbt_event_log_new (self->bus, ccbt_engine_host_get_snapshots (self->host));
  ccbt_torrent_list_set_bus (self->torrents, self->bus);
  self->service = ccbt_control_service_start (self->host, state_dir, NULL, NULL, &error);
  if (self->service == NULL)
    g_message ("Other programs cannot control this session: %s", error->message);
  set_state (self, CCBT_CLIENT_READY);
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  gboolean *is_stopped = data;
  g_autoptr (GError) error = NULL;

  if (!ccbt_engine_host_stop_finish (result, &error))
    g_warning ("The engine did not stop well: %s", error->message);
  *is_stopped = TRUE;
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtClient) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  self->n_removing--;
  if (reply == NULL)
    g_warning ("A torrent could not be removed: %s", error->message);
}

static void
ccbt_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_STATE)
    g_value_set_uint (value, CCBT_CLIENT (object)->state);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ccbt_client_finalize (GObject *object)
{
  CcbtClient *self = CCBT_CLIENT (object);

  g_clear_error (&self->error);
  g_clear_object (&self->bus);
  g_clear_object (&self->log);
  g_clear_object (&self->torrents);
  g_hash_table_unref (self->removals);
  g_clear_pointer (&self->service, ccbt_control_service_stop);
  g_clear_pointer (&self->host, ccbt_engine_host_free);
  G_OBJECT_CLASS (ccbt_client_parent_class)->finalize (object);
}

static void
ccbt_client_class_init (CcbtClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ccbt_client_get_property;
  object_class->finalize = ccbt_client_finalize;
  props[PROP_STATE]
      = g_param_spec_uint ("state", NULL, NULL, 0, CCBT_CLIENT_STOPPED, CCBT_CLIENT_STARTING,
                           G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ccbt_client_init (CcbtClient *self)
{
  self->torrents = ccbt_torrent_list_new ();
  self->removals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

CcbtClient *
ccbt_client_new (void)
{
  return g_object_new (CCBT_TYPE_CLIENT, NULL);
}

void
ccbt_client_start (CcbtClient *self, const char *state_dir)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (CCBT_IS_CLIENT (self) && self->host == NULL);

  task = g_task_new (self, NULL, started_cb, NULL);
  g_task_set_task_data (task, g_strdup (state_dir), g_free);
  g_task_run_in_thread (task, start_in_thread);
}

void
ccbt_client_stop (CcbtClient *self)
{
  g_auto (GStrv) removals = NULL;
  gboolean is_stopped = FALSE;

  g_return_if_fail (CCBT_IS_CLIENT (self));

  while (self->state == CCBT_CLIENT_STARTING)
    g_main_context_iteration (NULL, TRUE);
  if (self->state != CCBT_CLIENT_READY)
    return;
  removals = (char **) g_hash_table_get_keys_as_array (self->removals, NULL);
  /* What is committed leaves the table, and with it goes the key. */
  for (guint i = 0; removals[i] != NULL; i++)
    removals[i] = g_strdup (removals[i]);
  ccbt_client_commit_removal (self, (const char *const *) removals);
  while (self->n_removing > 0)
    g_main_context_iteration (NULL, TRUE);
  set_state (self, CCBT_CLIENT_STOPPED);
  g_clear_pointer (&self->service, ccbt_control_service_stop);
  ccbt_engine_host_stop_async (self->host, stopped_cb, &is_stopped);
  while (!is_stopped)
    g_main_context_iteration (NULL, TRUE);
}

CcbtClientState
ccbt_client_get_state (CcbtClient *self)
{
  return self->state;
}

const GError *
ccbt_client_get_error (CcbtClient *self)
{
  return self->error;
}

CcbtTorrentList *
ccbt_client_get_torrents (CcbtClient *self)
{
  return self->torrents;
}

CcbtEventBus *
ccbt_client_get_bus (CcbtClient *self)
{
  return self->bus;
}

CcbtEventLog *
ccbt_client_get_log (CcbtClient *self)
{
  return self->log;
}

CcbtSnapshotStore *
ccbt_client_get_snapshots (CcbtClient *self)
{
  return self->host != NULL ? ccbt_engine_host_get_snapshots (self->host) : NULL;
}

gboolean
ccbt_client_call_async (CcbtClient *self, const char *verb, GVariant *arguments,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (arguments);

  g_return_val_if_fail (CCBT_IS_CLIENT (self), FALSE);

  if (self->state != CCBT_CLIENT_READY)
    return FALSE;
  ccbt_command_call_async (self->host, verb, owned, cancellable, callback, user_data);
  return TRUE;
}

void
ccbt_client_begin_removal (CcbtClient *self, const char *const *info_hashes)
{
  g_return_if_fail (CCBT_IS_CLIENT (self));

  for (guint i = 0; info_hashes[i] != NULL; i++)
    g_hash_table_add (self->removals, g_strdup (info_hashes[i]));
  ccbt_torrent_list_set_hidden (self->torrents, info_hashes, TRUE);
}

void
ccbt_client_undo_removal (CcbtClient *self, const char *const *info_hashes)
{
  g_autoptr (GPtrArray) undone = g_ptr_array_new ();

  g_return_if_fail (CCBT_IS_CLIENT (self));

  for (guint i = 0; info_hashes[i] != NULL; i++)
    if (g_hash_table_remove (self->removals, info_hashes[i]))
      g_ptr_array_add (undone, (char *) info_hashes[i]);
  g_ptr_array_add (undone, NULL);
  ccbt_torrent_list_set_hidden (self->torrents, (const char *const *) undone->pdata, FALSE);
}

static void
commit_removal (CcbtClient *self, const char *info_hash)
{
  g_autofree char *owned = g_strdup (info_hash);

  if (!g_hash_table_remove (self->removals, owned))
    return;
  if (ccbt_client_call_async (self, "torrent.remove", g_variant_new ("(sb)", owned, FALSE), NULL,
                              removed_cb, g_object_ref (self)))
    self->n_removing++;
  else
    g_object_unref (self);
}

void
ccbt_client_commit_removal (CcbtClient *self, const char *const *info_hashes)
{
  g_return_if_fail (CCBT_IS_CLIENT (self));

  for (guint i = 0; info_hashes[i] != NULL; i++)
    commit_removal (self, info_hashes[i]);
}

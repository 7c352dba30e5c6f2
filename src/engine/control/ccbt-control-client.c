/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-client.h"
#include "control/ccbt-control-error.h"
#include "control/ccbt-control-interface.h"
#include "control/ccbt-control-path.h"
#include "control/ccbt-control-values.h"
#include "base/ccbt-error.h"

#define CALL_TIMEOUT_MS 60000
#define CONNECT_SECONDS 5u
#define ACTIVATION_SECONDS 60u

struct _CcbtControlClient
{
  GDBusConnection *connection;
  GCancellable *cancellable; /* (nullable) */
};

typedef struct
{
  GMainLoop *loop;
  GDBusConnection *connection;
  GError *error;
} Connecting;

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Connecting *connecting = data;

  connecting->connection = g_dbus_connection_new_for_address_finish (result, &connecting->error);
  g_main_loop_quit (connecting->loop);
}

static gboolean
give_up_cb (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

/* With an end: a process that is stopped takes connections and says nothing. */
static GDBusConnection *
connect_socket (const char *path, guint seconds, GError **error)
{
  g_autofree char *escaped = g_dbus_address_escape_value (path);
  g_autofree char *address = g_strconcat ("unix:path=", escaped, NULL);
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GSource) timeout = g_timeout_source_new_seconds (seconds);
  Connecting connecting = { g_main_loop_new (context, FALSE) };

  g_main_context_push_thread_default (context);
  g_source_set_callback (timeout, give_up_cb, cancellable, NULL);
  g_source_attach (timeout, context);
  g_dbus_connection_new_for_address (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL,
                                     cancellable, connected_cb, &connecting);
  g_main_loop_run (connecting.loop);
  g_source_destroy (timeout);
  g_main_context_pop_thread_default (context);
  g_main_loop_unref (connecting.loop);
  if (connecting.error != NULL)
    g_propagate_error (error, connecting.error);
  return connecting.connection;
}

static CcbtControlClient *
client_new (GDBusConnection *connection)
{
  CcbtControlClient *self = g_atomic_rc_box_new0 (CcbtControlClient);

  self->connection = connection;
  return self;
}

CcbtControlClient *
ccbt_control_client_connect (const char *state_dir, GError **error)
{
  g_autofree char *path = ccbt_control_get_socket_path (state_dir);
  g_autoptr (GError) problem = NULL;
  GDBusConnection *connection;
  gboolean is_absent;

  ccbt_control_register_errors ();
  connection = connect_socket (path, CONNECT_SECONDS, &problem);
  if (connection == NULL)
    {
      is_absent = g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
                  || g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
      g_set_error (error, CCBT_ERROR, is_absent ? CCBT_ERROR_NOT_FOUND : CCBT_ERROR_NETWORK,
                   is_absent ? "Nothing runs for this state folder."
                             : "The running instance does not answer: %s",
                   problem->message);
      return NULL;
    }
  return client_new (connection);
}

/* What the service manager starts need not be for our folder: its environment may be another. */
static gboolean
serves_folder (CcbtControlClient *self, const char *state_dir)
{
  g_autofree char *own = ccbt_control_get_socket_path (state_dir);
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      self->connection, NULL, CCBT_CONTROL_PATH, CCBT_CONTROL_PROPERTIES, "Get",
      g_variant_new ("(ss)", CCBT_CONTROL_SESSION, "StateFolder"), G_VARIANT_TYPE ("(v)"),
      G_DBUS_CALL_FLAGS_NONE, CALL_TIMEOUT_MS, NULL, NULL);
  g_autoptr (GVariant) folder = NULL;
  g_autofree char *theirs = NULL;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(v)", &folder);
  if (!g_variant_is_of_type (folder, G_VARIANT_TYPE_STRING))
    return FALSE;
  theirs = ccbt_control_get_socket_path (g_variant_get_string (folder, NULL));
  return g_str_equal (own, theirs);
}

CcbtControlClient *
ccbt_control_client_activate (const char *state_dir, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (CcbtControlClient) self = ccbt_control_client_connect (state_dir, &problem);
  g_autofree char *path = ccbt_control_get_activation_path ();
  GDBusConnection *connection;

  if (self != NULL)
    return g_steal_pointer (&self);
  if (state_dir == NULL && g_error_matches (problem, CCBT_ERROR, CCBT_ERROR_NOT_FOUND)
      && (connection = connect_socket (path, ACTIVATION_SECONDS, NULL)) != NULL)
    {
      self = client_new (connection);
      if (serves_folder (self, state_dir))
        return g_steal_pointer (&self);
    }
  g_propagate_error (error, g_steal_pointer (&problem));
  return NULL;
}

CcbtControlClient *
ccbt_control_client_ref (CcbtControlClient *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
client_clear (gpointer data)
{
  CcbtControlClient *self = data;

  if (!g_dbus_connection_is_closed (self->connection))
    g_dbus_connection_close (self->connection, NULL, NULL, NULL);
  g_object_unref (self->connection);
  g_clear_object (&self->cancellable);
}

void
ccbt_control_client_unref (CcbtControlClient *self)
{
  g_atomic_rc_box_release_full (self, client_clear);
}

gboolean
ccbt_control_client_is_open (CcbtControlClient *self)
{
  return !g_dbus_connection_is_closed (self->connection);
}

void
ccbt_control_client_set_cancellable (CcbtControlClient *self, GCancellable *cancellable)
{
  g_set_object (&self->cancellable, cancellable);
}

GDBusConnection *
ccbt_control_client_get_connection (CcbtControlClient *self)
{
  return self->connection;
}

static GVariant *
call_method (CcbtControlClient *self, const char *method, GVariant *arguments, const char *reply,
             int timeout_ms, GError **error)
{
  GError *problem = NULL;
  GVariant *result = g_dbus_connection_call_sync (
      self->connection, NULL, CCBT_CONTROL_PATH, CCBT_CONTROL_SESSION, method, arguments,
      G_VARIANT_TYPE (reply), G_DBUS_CALL_FLAGS_NONE, timeout_ms, self->cancellable, &problem);

  if (result == NULL)
    g_propagate_error (error, ccbt_control_error_from_dbus (problem));
  return result;
}

GVariant *
ccbt_control_client_call (CcbtControlClient *self, const char *verb, GVariant *arguments,
                          GError **error)
{
  g_autoptr (GVariant) packed
      = ccbt_control_tuple_pack (arguments != NULL ? arguments : g_variant_new ("()"));
  g_autoptr (GVariant) reply = call_method (self, "Call", g_variant_new ("(sv)", verb, packed),
                                            "(v)", CALL_TIMEOUT_MS, error);
  g_autoptr (GVariant) inner = NULL;

  if (reply == NULL)
    return NULL;
  g_variant_get (reply, "(v)", &inner);
  return ccbt_control_tuple_unpack (inner);
}

static GVariant *
make_names (const char *const *names)
{
  return g_variant_new_strv (names, names != NULL ? -1 : 0);
}

GVariant *
ccbt_control_client_list (CcbtControlClient *self, const char *const *fields, guint64 generation,
                          GError **error)
{
  return call_method (self, "List", g_variant_new ("(@ast)", make_names (fields), generation),
                      "(tbaa{sv}au)", CALL_TIMEOUT_MS, error);
}

GVariant *
ccbt_control_client_columns (CcbtControlClient *self, const char *const *fields, GError **error)
{
  g_autoptr (GVariant) reply
      = call_method (self, "Columns", g_variant_new ("(@ast)", make_names (fields), (guint64) 0),
                     "(tbayau)", CALL_TIMEOUT_MS, error);
  g_autoptr (GVariant) packed = NULL, columns = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (reply == NULL)
    return NULL;
  packed = g_variant_get_child_value (reply, 2);
  bytes = g_variant_get_data_as_bytes (packed);
  columns = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARDICT, bytes, FALSE));
  return g_variant_get_normal_form (columns); /* checked once, not at each access */
}

static GVariant *
unpack (GVariant *reply)
{
  GVariant *inner = reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;

  g_clear_pointer (&reply, g_variant_unref);
  return inner;
}

GVariant *
ccbt_control_client_details (CcbtControlClient *self, const char *info_hash,
                             const char *const *parts, GError **error)
{
  return unpack (call_method (self, "Details",
                              g_variant_new ("(s@as)", info_hash, make_names (parts)), "(a{sv})",
                              CALL_TIMEOUT_MS, error));
}

GVariant *
ccbt_control_client_status (CcbtControlClient *self, GError **error)
{
  return unpack (
      call_method (self, "Status", g_variant_new ("()"), "(a{sv})", CALL_TIMEOUT_MS, error));
}

GVariant *
ccbt_control_client_events (CcbtControlClient *self, guint64 cursor, const char *const *types,
                            guint timeout_ms, GError **error)
{
  timeout_ms = MIN (timeout_ms, 60000);
  return call_method (self, "Events",
                      g_variant_new ("(t@asu)", cursor, make_names (types), timeout_ms),
                      "(ttaa{sv})", (int) timeout_ms + 10000, error);
}

gboolean
ccbt_control_client_quit (CcbtControlClient *self, GError **error)
{
  GError *problem = NULL;
  g_autoptr (GVariant) reply
      = call_method (self, "Quit", g_variant_new ("()"), "()", CALL_TIMEOUT_MS, &problem);

  /* The program may be gone before its answer is. */
  if (reply != NULL || g_dbus_connection_is_closed (self->connection))
    {
      g_clear_error (&problem);
      return TRUE;
    }
  g_propagate_error (error, problem);
  return FALSE;
}

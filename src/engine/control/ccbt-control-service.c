/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-error.h"
#include "control/ccbt-control-fields.h"
#include "control/ccbt-control-interface.h"
#include "control/ccbt-control-path.h"
#include "control/ccbt-control-peer.h"
#include "control/ccbt-control-service-private.h"
#include "base/ccbt-error.h"
#include "session/ccbt-command.h"
#include "ccbt-build.h"

#include <errno.h>
#include <gio/gunixconnection.h>
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_PEERS 64
#define STOP_PATIENCE (3 * G_USEC_PER_SEC)

/* --- Methods --- */

typedef struct
{
  CcbtControlService *service;
  GDBusMethodInvocation *invocation;
  gboolean is_boxed; /* by "Call": the reply is a variant */
} Call;

static void
called_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  GError *error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  call->service->n_calls--;
  if (reply == NULL)
    g_dbus_method_invocation_take_error (call->invocation, error);
  else if (call->is_boxed)
    {
      g_autoptr (GVariant) packed = ccbt_control_tuple_pack (reply);

      ccbt_control_reply (call->invocation, g_variant_new ("(v)", packed));
    }
  else
    ccbt_control_reply (call->invocation, reply);
  g_free (call);
}

void
ccbt_control_run_verb (CcbtControlService *self, GDBusMethodInvocation *invocation,
                       const char *verb, GVariant *arguments, gboolean is_boxed)
{
  Call *call = g_new (Call, 1);

  *call = (Call){ self, invocation, is_boxed };
  self->n_calls++;
  ccbt_command_call_async (self->host, verb, arguments, NULL, called_cb, call);
}

static void
list_verbs (GDBusMethodInvocation *invocation)
{
  guint n_verbs;
  const CcbtCommandInfo *table = ccbt_command_get_table (&n_verbs);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ssss)"));
  for (guint i = 0; i < n_verbs; i++)
    g_variant_builder_add (&builder, "(ssss)", table[i].verb, table[i].arguments, table[i].reply,
                           table[i].help);
  ccbt_control_reply (invocation, g_variant_new ("(a(ssss))", &builder));
}

static void
list_torrents (CcbtControlService *self, GDBusMethodInvocation *invocation, GVariant *parameters,
               gboolean by_columns)
{
  g_autofree const char **names = NULL;
  GError *error = NULL;
  guint64 since, mask, generation;

  g_variant_get (parameters, "(^a&st)", &names, &since);
  if (!ccbt_control_fields_parse (names, &mask, &error))
    g_dbus_method_invocation_take_error (invocation, error);
  else if (by_columns)
    ccbt_control_reply (invocation, ccbt_control_columns_to_variant (self->snapshots, since, mask));
  else
    ccbt_control_reply (invocation,
                        ccbt_control_list_to_variant (self->snapshots, since, mask, &generation));
}

static void
send_status (CcbtControlService *self, GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) values = NULL;
  CcbtSessionStatus status;
  GVariantDict dict;

  ccbt_snapshot_store_get_session (self->snapshots, &status);
  values = g_variant_ref_sink (ccbt_control_session_to_variant (&status));
  g_variant_dict_init (&dict, values);
  g_variant_dict_insert (&dict, "pid", "u", (guint32) getpid ());
  g_variant_dict_insert (&dict, "version", "s", CCBT_VERSION);
  ccbt_control_reply (invocation, g_variant_new ("(@a{sv})", g_variant_dict_end (&dict)));
}

static void
begin_details (CcbtControlService *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
  g_autofree const char **names = NULL;
  const char *info_hash;
  CcbtControlParts parts;
  GError *error = NULL;

  g_variant_get (parameters, "(&s^a&s)", &info_hash, &names);
  if (!ccbt_control_parts_parse (names, &parts, &error))
    g_dbus_method_invocation_take_error (invocation, error);
  else
    ccbt_control_details_begin (self, invocation, info_hash, parts);
}

static void
begin_events (CcbtControlService *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
  g_autofree const char **types = NULL;
  guint64 cursor;
  guint timeout;

  g_variant_get (parameters, "(t^a&su)", &cursor, &types, &timeout);
  ccbt_control_events_begin (self->events, invocation, cursor, types, timeout);
}

static void
watch (CcbtControlService *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
  g_autofree const char **names = NULL;
  GError *error = NULL;
  guint64 mask;
  GDBusConnection *connection = g_dbus_method_invocation_get_connection (invocation);
  g_autofree char *sender = g_strdup (g_dbus_method_invocation_get_sender (invocation));

  g_variant_get (parameters, "(^a&s)", &names);
  if (!ccbt_control_fields_parse (names, &mask, &error))
    {
      g_dbus_method_invocation_take_error (invocation, error);
      return;
    }
  ccbt_control_reply (invocation, g_variant_new ("()"));
  ccbt_control_watch_add (self, connection, sender, mask);
}

static void
quit (CcbtControlService *self, GDBusMethodInvocation *invocation)
{
  if (self->quit == NULL)
    {
      g_dbus_method_invocation_return_error (invocation, CCBT_ERROR, CCBT_ERROR_REFUSED,
                                             "The window runs this session: close it there.");
      return;
    }
  ccbt_control_reply (invocation, g_variant_new ("()"));
  g_idle_add_once (self->quit, self->quit_data);
}

static void
session_method_cb (GDBusConnection *connection, const char *sender, const char *path,
                   const char *interface, const char *method, GVariant *parameters,
                   GDBusMethodInvocation *invocation, gpointer data)
{
  CcbtControlService *self = data;

  if (g_str_equal (method, "Verbs"))
    list_verbs (invocation);
  else if (g_str_equal (method, "Call"))
    {
      g_autoptr (GVariant) arguments = NULL;
      g_autoptr (GVariant) tuple = NULL;
      const char *verb;

      g_variant_get (parameters, "(&sv)", &verb, &arguments);
      tuple = ccbt_control_tuple_unpack (arguments);
      ccbt_control_run_verb (self, invocation, verb, tuple, TRUE);
    }
  else if (g_str_equal (method, "List"))
    list_torrents (self, invocation, parameters, FALSE);
  else if (g_str_equal (method, "Columns"))
    list_torrents (self, invocation, parameters, TRUE);
  else if (g_str_equal (method, "Details"))
    begin_details (self, invocation, parameters);
  else if (g_str_equal (method, "Status"))
    send_status (self, invocation);
  else if (g_str_equal (method, "Events"))
    begin_events (self, invocation, parameters);
  else if (g_str_equal (method, "Watch"))
    watch (self, invocation, parameters);
  else if (g_str_equal (method, "Unwatch"))
    {
      ccbt_control_watch_remove (self, connection, sender);
      ccbt_control_reply (invocation, g_variant_new ("()"));
    }
  else
    quit (self, invocation);
}

static void
verb_method_cb (GDBusConnection *connection, const char *sender, const char *path,
                const char *interface, const char *method, GVariant *parameters,
                GDBusMethodInvocation *invocation, gpointer data)
{
  guint n_verbs;
  const CcbtCommandInfo *table = ccbt_command_get_table (&n_verbs);

  for (guint i = 0; i < n_verbs; i++)
    {
      g_autofree char *name = ccbt_control_make_camel (table[i].verb);

      if (g_str_equal (name, method))
        {
          ccbt_control_run_verb (data, invocation, table[i].verb, parameters, FALSE);
          return;
        }
    }
}

static GVariant *
session_property_cb (GDBusConnection *connection, const char *sender, const char *path,
                     const char *interface, const char *property, GError **error, gpointer data)
{
  CcbtControlService *self = data;

  if (g_str_equal (property, "Version"))
    return g_variant_new_string (CCBT_VERSION);
  if (g_str_equal (property, "StateFolder"))
    return g_variant_new_take_string (g_filename_display_name (self->state_dir));
  return g_variant_new_uint32 ((guint32) getpid ());
}

static const GDBusInterfaceVTable session_vtable = { session_method_cb, session_property_cb };
static const GDBusInterfaceVTable verbs_vtable = { verb_method_cb };

/* @objects: (out) (nullable): their two handles */
static void
publish (CcbtControlService *self, GDBusConnection *connection, guint *objects)
{
  const guint handles[] = {
    g_dbus_connection_register_object (connection, CCBT_CONTROL_PATH,
                                       ccbt_control_interface_get (CCBT_CONTROL_SESSION),
                                       &session_vtable, self, NULL, NULL),
    g_dbus_connection_register_object (connection, CCBT_CONTROL_PATH,
                                       ccbt_control_interface_get (CCBT_CONTROL_VERBS),
                                       &verbs_vtable, self, NULL, NULL),
  };

  for (guint i = 0; objects != NULL && i < G_N_ELEMENTS (handles); i++)
    objects[i] = handles[i];
  ccbt_control_tree_publish (self->tree, connection, objects != NULL ? self->bus_tree : NULL);
}

/* --- The socket --- */

/* Who it is we see for ourselves, so ANONYMOUS lets nobody in. Clients come to it who are in another
 * process namespace, such as a second sandbox: the kernel cannot name their process to us, and
 * GLib's EXTERNAL takes that for nobody (GCredentials with the process number 0). */
static gboolean
allow_mechanism_cb (GDBusAuthObserver *observer, const char *mechanism, gpointer data)
{
  return g_str_equal (mechanism, "EXTERNAL") || g_str_equal (mechanism, "ANONYMOUS");
}

/* SO_PEERCRED: what the kernel says, not the client. */
static gboolean
authorize_cb (GDBusAuthObserver *observer, GIOStream *stream, GCredentials *credentials,
              gpointer data)
{
  struct ucred peer = { .uid = (uid_t) -1 };
  socklen_t size = sizeof peer;
  GSocket *socket;

  if (!G_IS_UNIX_CONNECTION (stream))
    return FALSE;
  socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream));
  return getsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0
         && size == sizeof peer && peer.uid == geteuid ();
}

static void
closed_cb (GDBusConnection *connection, gboolean vanished, GError *error, gpointer data)
{
  CcbtControlService *self = data;

  ccbt_control_watch_remove (self, connection, NULL);
  ccbt_control_tree_forget (self->tree, connection);
  g_signal_handlers_disconnect_by_data (connection, self);
  g_hash_table_remove (self->peers, connection);
}

GDBusAuthObserver *
ccbt_control_service_make_observer (void)
{
  GDBusAuthObserver *observer = g_dbus_auth_observer_new ();

  g_signal_connect (observer, "allow-mechanism", G_CALLBACK (allow_mechanism_cb), NULL);
  g_signal_connect (observer, "authorize-authenticated-peer", G_CALLBACK (authorize_cb), NULL);
  return observer;
}

gboolean
ccbt_control_service_take (CcbtControlService *self, GDBusConnection *connection)
{
  if (self->is_stopping || g_hash_table_size (self->peers) >= MAX_PEERS)
    return FALSE;
  g_hash_table_add (self->peers, g_object_ref (connection));
  ccbt_control_peer_attach (connection);
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), self);
  publish (self, connection, NULL);
  return TRUE;
}

static gboolean
connection_cb (GDBusServer *server, GDBusConnection *connection, gpointer data)
{
  return ccbt_control_service_take (data, connection);
}

static gboolean
make_folder (const char *socket_path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (socket_path);
  struct stat info;

  if (g_mkdir_with_parents (folder, 0700) != 0 || lstat (folder, &info) != 0)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_DISK, "%s: %s", folder, g_strerror (errno));
      return FALSE;
    }
  if (!S_ISDIR (info.st_mode) || info.st_uid != geteuid () || chmod (folder, 0700) != 0)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_DISK, "%s is not a folder of yours.", folder);
      return FALSE;
    }
  return TRUE;
}

static gboolean
open_socket (CcbtControlService *self, GError **error)
{
  g_autofree char *escaped = g_dbus_address_escape_value (self->socket_path);
  g_autofree char *address = g_strconcat ("unix:path=", escaped, NULL);
  g_autofree char *guid = g_dbus_generate_guid ();
  g_autoptr (GDBusAuthObserver) observer = ccbt_control_service_make_observer ();
  g_autoptr (GError) problem = NULL;

  if (!make_folder (self->socket_path, error))
    return FALSE;
  unlink (self->socket_path);
  self->server = g_dbus_server_new_sync (
      address, G_DBUS_SERVER_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS, guid, observer, NULL, &problem);
  if (self->server == NULL)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_NETWORK, "%s: %s", self->socket_path,
                   problem->message);
      return FALSE;
    }
  chmod (self->socket_path, 0600); /* nobody else passes the folder meanwhile */
  g_signal_connect (self->server, "new-connection", G_CALLBACK (connection_cb), self);
  g_dbus_server_start (self->server);
  return TRUE;
}

/* --- The session bus --- */

static void
bus_cb (GDBusConnection *connection, const char *name, gpointer data)
{
  CcbtControlService *self = data;

  g_dbus_connection_set_exit_on_close (connection, FALSE);
  self->bus = g_object_ref (connection);
  publish (self, connection, self->bus_objects);
}

/* The connection is shared with the rest of the program and lives on. */
static void
leave_bus (CcbtControlService *self)
{
  if (self->bus_name != 0)
    g_bus_unown_name (self->bus_name);
  for (guint i = 0; self->bus != NULL && i < G_N_ELEMENTS (self->bus_objects); i++)
    if (self->bus_objects[i] != 0)
      g_dbus_connection_unregister_object (self->bus, self->bus_objects[i]);
  if (self->bus != NULL)
    ccbt_control_tree_withdraw (self->tree, self->bus, self->bus_tree);
  g_clear_object (&self->bus);
}

static gboolean
has_session_bus (void)
{
  g_autofree char *usual = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);

  return g_getenv ("DBUS_SESSION_BUS_ADDRESS") != NULL || g_file_test (usual, G_FILE_TEST_EXISTS);
}

/* --- Its life --- */

static void
snapshots_cb (gpointer data)
{
  CcbtControlService *self = data;

  ccbt_control_watch_tick (self);
  ccbt_control_details_tick (self);
  ccbt_control_tree_tick (self->tree);
}

static void
stop_cb (gpointer data)
{
  CcbtControlService *self = data;

  self->is_stopping = TRUE;
}

static void
close_all (CcbtControlService *self)
{
  g_autofree gpointer *peers = g_hash_table_get_keys_as_array (self->peers, NULL);

  g_ptr_array_set_size (self->watchers, 0);
  ccbt_control_tree_stop (self->tree);
  for (guint i = 0; peers[i] != NULL; i++)
    {
      g_signal_handlers_disconnect_by_data (peers[i], self);
      g_dbus_connection_close (peers[i], NULL, NULL, NULL);
    }
  g_hash_table_remove_all (self->peers);
}

static gpointer
run_thread (gpointer data)
{
  CcbtControlService *self = data;
  gint64 until;

  g_main_context_push_thread_default (self->context);
  while (!self->is_stopping)
    g_main_context_iteration (self->context, TRUE);
  g_dbus_server_stop (self->server);
  ccbt_control_service_stop_listening (self);
  unlink (self->socket_path);
  leave_bus (self);
  ccbt_snapshot_store_remove_watch (self->snapshots, self->snapshot_watch);
  g_clear_pointer (&self->events, ccbt_control_events_free);
  until = g_get_monotonic_time () + STOP_PATIENCE;
  while ((self->n_calls > 0 || self->n_beginning > 0) && g_get_monotonic_time () < until)
    if (!g_main_context_iteration (self->context, FALSE))
      g_usleep (5000);
  close_all (self);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static void
service_free (CcbtControlService *self)
{
  g_clear_object (&self->server);
  g_clear_object (&self->inherited);
  g_clear_pointer (&self->events, ccbt_control_events_free);
  g_clear_pointer (&self->tree, ccbt_control_tree_free);
  g_ptr_array_unref (self->watchers);
  g_ptr_array_unref (self->details);
  g_hash_table_unref (self->peers);
  g_main_context_unref (self->context);
  g_free (self->state_dir);
  g_free (self->socket_path);
  g_free (self);
}

CcbtControlService *
ccbt_control_service_start (CcbtEngineHost *host, const char *state_dir, GSourceOnceFunc quit_func,
                            gpointer data, GError **error)
{
  CcbtControlService *self = g_new0 (CcbtControlService, 1);
  gboolean is_open;

  ccbt_control_register_errors ();
  self->host = host;
  self->snapshots = ccbt_engine_host_get_snapshots (host);
  self->state_dir = ccbt_control_get_state_dir (state_dir);
  self->socket_path = ccbt_control_get_socket_path (state_dir);
  self->quit = quit_func;
  self->quit_data = data;
  self->peers = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->watchers = g_ptr_array_new ();
  self->details = g_ptr_array_new ();
  self->tree = ccbt_control_tree_new (self, self->snapshots);
  self->context = g_main_context_new ();
  /* What is made here belongs to the thread that will run the context. */
  g_main_context_push_thread_default (self->context);
  is_open = open_socket (self, error);
  if (is_open && has_session_bus ())
    self->bus_name = g_bus_own_name (G_BUS_TYPE_SESSION, CCBT_CONTROL_NAME,
                                     G_BUS_NAME_OWNER_FLAGS_NONE, bus_cb, NULL, NULL, self, NULL);
  g_main_context_pop_thread_default (self->context);
  if (!is_open)
    {
      service_free (self);
      return NULL;
    }
  self->events = ccbt_control_events_new (self);
  self->snapshot_watch
      = ccbt_snapshot_store_add_watch (self->snapshots, self->context, snapshots_cb, self);
  self->thread = g_thread_new ("ccbt-control", run_thread, self);
  return self;
}

void
ccbt_control_service_stop (CcbtControlService *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, (GSourceFunc) (void (*) (void)) stop_cb, self, NULL);
  g_source_attach (source, self->context);
  g_thread_join (self->thread);
  service_free (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-tray.h"
#include <glib/gi18n.h>
#include "ccbt-build.h"
#include "ccbt-interface.h"
#include "ccbt-tray-menu.h"

#define ITEM_INTERFACE "org.kde.StatusNotifierItem"
#define ITEM_PATH "/StatusNotifierItem"
#define MENU_PATH "/StatusNotifierItem/Menu"
#define WATCHER "org.kde.StatusNotifierWatcher"
#define WATCHER_PATH "/StatusNotifierWatcher"
/* Some watchers own their name before they answer. */
#define MAX_REGISTRATIONS 3u
#define SECONDS_BETWEEN_REGISTRATIONS 1

struct _CcbtTray
{
  GObject parent_instance;
  GDBusConnection *connection;
  CcbtActivity *activity;
  CcbtTrayMenu *menu;
  guint object;
  guint watch;
  guint host_signals;
  GCancellable *cancellable; /* of what the present watcher was asked */
  guint n_registrations;     /* tried with it */
  guint retry_source;
  gboolean is_registered;
  gboolean has_host; /* something draws the icons that the watcher knows */
  gboolean is_shown;
  char *tooltip;
  char *token; /* of the click that comes next */
};

G_DEFINE_FINAL_TYPE (CcbtTray, ccbt_tray, G_TYPE_OBJECT)

enum
{
  PROP_IS_SHOWN = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint activate_signal;

static const CcbtTrayEntry entries[] = {
  { "window-shown", N_ ("_Show Window"), N_ ("_Hide Window") },
  { NULL, NULL, NULL },
  { "pause-all", N_ ("Pa_use All"), NULL },
  { "resume-all", N_ ("_Resume All"), NULL },
  { "alternative-limits", N_ ("_Alternative Limits"), NULL },
  { NULL, NULL, NULL },
  { "quit", N_ ("_Quit"), NULL },
};

static void
update_shown (CcbtTray *self)
{
  const gboolean is_shown = self->is_registered && self->has_host;

  if (self->is_shown == is_shown)
    return;
  self->is_shown = is_shown;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_SHOWN]);
}

/* --- The item. --- */

static GVariant *
describe_tooltip (CcbtTray *self)
{
  return g_variant_new ("(s@a(iiay)ss)", CCBT_APPLICATION_ID,
                        g_variant_new_array (G_VARIANT_TYPE ("(iiay)"), NULL, 0), "ccBitTorrent",
                        self->tooltip);
}

static GVariant *
get_property_cb (GDBusConnection *connection, const char *sender, const char *path,
                 const char *interface, const char *property, GError **error, gpointer data)
{
  static const struct
  {
    const char *property;
    const char *value;
  } texts[] = {
    { "Category", "ApplicationStatus" }, { "Id", CCBT_APPLICATION_ID },
    { "Title", "ccBitTorrent" },         { "Status", "Active" },
    { "IconName", CCBT_APPLICATION_ID },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_str_equal (texts[i].property, property))
      return g_variant_new_string (texts[i].value);
  if (g_str_equal (property, "ToolTip"))
    return describe_tooltip (data);
  if (g_str_equal (property, "Menu"))
    return g_variant_new_object_path (MENU_PATH);
  if (g_str_equal (property, "ItemIsMenu"))
    return g_variant_new_boolean (FALSE);
  return g_variant_new_int32 (0); /* WindowId: nobody needs it, and Wayland has none */
}

/* ContextMenu and Scroll: whoever draws the icon draws the menu too, and there is nothing to
 * scroll. */
static void
call_cb (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *arguments, GDBusMethodInvocation *invocation, gpointer data)
{
  g_autoptr (CcbtTray) self = g_object_ref (data);

  if (g_str_equal (method, "ProvideXdgActivationToken"))
    {
      g_free (self->token);
      g_variant_get (arguments, "(s)", &self->token);
    }
  else if (g_str_equal (method, "Activate") || g_str_equal (method, "SecondaryActivate"))
    {
      g_autofree char *token = g_steal_pointer (&self->token);

      g_signal_emit (self, activate_signal, 0, token != NULL ? token : "");
    }
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
update_tooltip (CcbtTray *self)
{
  g_autofree char *tooltip = ccbt_activity_describe (self->activity);

  if (g_strcmp0 (tooltip, self->tooltip) == 0)
    return;
  g_free (self->tooltip);
  self->tooltip = g_steal_pointer (&tooltip);
  if (self->is_registered)
    g_dbus_connection_emit_signal (self->connection, NULL, ITEM_PATH, ITEM_INTERFACE, "NewToolTip",
                                   NULL, NULL);
}

/* --- The watcher. --- */

static void
host_read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtTray) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) value = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply != NULL)
    g_variant_get (reply, "(v)", &value);
  self->has_host = value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN)
                   && g_variant_get_boolean (value);
  update_shown (self);
}

static void
read_host (CcbtTray *self)
{
  g_dbus_connection_call (
      self->connection, WATCHER, WATCHER_PATH, "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", WATCHER, "IsStatusNotifierHostRegistered"), G_VARIANT_TYPE ("(v)"),
      G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->cancellable, host_read_cb, g_object_ref (self));
}

static void
host_changed_cb (GDBusConnection *connection, const char *sender, const char *path,
                 const char *interface, const char *signal, GVariant *arguments, gpointer data)
{
  CcbtTray *self = data;

  if (g_str_has_prefix (signal, "StatusNotifierHost") && self->is_registered)
    read_host (self);
}

static void register_item (CcbtTray *self);

static gboolean
retry_cb (gpointer data)
{
  CcbtTray *self = data;

  self->retry_source = 0;
  register_item (self);
  return G_SOURCE_REMOVE;
}

static void
registered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtTray) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply != NULL)
    {
      self->is_registered = TRUE;
      read_host (self);
    }
  else if (++self->n_registrations < MAX_REGISTRATIONS)
    self->retry_source = g_timeout_add_seconds (SECONDS_BETWEEN_REGISTRATIONS, retry_cb, self);
  else
    g_info ("No icon in the tray: %s", error->message);
}

/* By our address on the bus: a name of our own would need a permission in a sandbox. */
static void
register_item (CcbtTray *self)
{
  g_dbus_connection_call (
      self->connection, WATCHER, WATCHER_PATH, WATCHER, "RegisterStatusNotifierItem",
      g_variant_new ("(s)", g_dbus_connection_get_unique_name (self->connection)), NULL,
      G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->cancellable, registered_cb, g_object_ref (self));
}

static void
forget_watcher (CcbtTray *self)
{
  g_clear_handle_id (&self->retry_source, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->is_registered = FALSE;
  self->has_host = FALSE;
}

static void
watcher_appeared_cb (GDBusConnection *connection, const char *name, const char *owner,
                     gpointer data)
{
  CcbtTray *self = data;

  forget_watcher (self);
  self->cancellable = g_cancellable_new ();
  self->n_registrations = 0;
  register_item (self);
}

static void
watcher_vanished_cb (GDBusConnection *connection, const char *name, gpointer data)
{
  forget_watcher (data);
  update_shown (data);
}

/* --- The object. --- */

static void
ccbt_tray_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_IS_SHOWN)
    g_value_set_boolean (value, CCBT_TRAY (object)->is_shown);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ccbt_tray_dispose (GObject *object)
{
  CcbtTray *self = CCBT_TRAY (object);

  forget_watcher (self);
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  if (self->host_signals != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->host_signals);
  if (self->object != 0)
    g_dbus_connection_unregister_object (self->connection, self->object);
  self->host_signals = 0;
  self->object = 0;
  g_clear_object (&self->menu);
  G_OBJECT_CLASS (ccbt_tray_parent_class)->dispose (object);
}

static void
ccbt_tray_finalize (GObject *object)
{
  CcbtTray *self = CCBT_TRAY (object);

  g_clear_object (&self->connection);
  g_clear_object (&self->activity);
  g_free (self->tooltip);
  g_free (self->token);
  G_OBJECT_CLASS (ccbt_tray_parent_class)->finalize (object);
}

static void
ccbt_tray_class_init (CcbtTrayClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ccbt_tray_get_property;
  object_class->dispose = ccbt_tray_dispose;
  object_class->finalize = ccbt_tray_finalize;
  props[PROP_IS_SHOWN]
      = g_param_spec_boolean ("is-shown", NULL, NULL, FALSE,
                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  activate_signal = g_signal_new ("activate", CCBT_TYPE_TRAY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
ccbt_tray_init (CcbtTray *self)
{
}

CcbtTray *
ccbt_tray_new (GDBusConnection *connection, GActionGroup *actions, CcbtActivity *activity)
{
  static const GDBusInterfaceVTable vtable = { call_cb, get_property_cb, NULL, { 0 } };
  CcbtTray *self = g_object_new (CCBT_TYPE_TRAY, NULL);

  self->connection = g_object_ref (connection);
  self->activity = g_object_ref (activity);
  update_tooltip (self);
  g_signal_connect_object (activity, "changed", G_CALLBACK (update_tooltip), self,
                           G_CONNECT_SWAPPED);
  self->object = ccbt_interface_export (connection, ITEM_PATH, ITEM_INTERFACE, &vtable, self);
  self->menu = ccbt_tray_menu_new (connection, MENU_PATH, actions, entries, G_N_ELEMENTS (entries));
  self->host_signals
      = g_dbus_connection_signal_subscribe (connection, WATCHER, WATCHER, NULL, WATCHER_PATH, NULL,
                                            G_DBUS_SIGNAL_FLAGS_NONE, host_changed_cb, self, NULL);
  self->watch
      = g_bus_watch_name_on_connection (connection, WATCHER, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                        watcher_appeared_cb, watcher_vanished_cb, self, NULL);
  return self;
}

gboolean
ccbt_tray_is_shown (CcbtTray *self)
{
  g_return_val_if_fail (CCBT_IS_TRAY (self), FALSE);

  return self->is_shown;
}

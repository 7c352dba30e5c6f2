/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-background.h"
#include <glib/gi18n.h>

#define PORTAL "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"
#define INTERFACE "org.freedesktop.portal.Background"
#define TOKEN "ccbittorrent_background"
#define MAX_STATUS_CHARS 96 /* more is refused */

struct _CcbtBackground
{
  GObject parent_instance;
  GDBusConnection *connection;
  CcbtActivity *activity;
  GCancellable *cancellable;
  guint response;    /* subscription */
  gboolean is_asked; /* once a run is enough */
  gboolean is_allowed;
  gboolean is_active;
  gboolean wants_autostart;
  char *status; /* told last; NULL = none */
};

G_DEFINE_FINAL_TYPE (CcbtBackground, ccbt_background, G_TYPE_OBJECT)

static guint refused_signal;
static guint autostart_signal;

static void
status_set_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  /* Version 1 of the portal has no status. */
  if (reply == NULL)
    g_debug ("%s", error->message);
}

static void
update_status (CcbtBackground *self)
{
  g_autofree char *whole = NULL;
  g_autofree char *text = NULL;
  GVariantBuilder options;

  if (!self->is_active || !self->is_allowed)
    return;
  whole = ccbt_activity_describe (self->activity);
  text = g_utf8_substring (whole, 0, MIN (g_utf8_strlen (whole, -1), MAX_STATUS_CHARS));
  if (g_strcmp0 (text, self->status) == 0)
    return;
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "message", g_variant_new_string (text));
  g_dbus_connection_call (self->connection, PORTAL, PORTAL_PATH, INTERFACE, "SetStatus",
                          g_variant_new ("(a{sv})", &options), NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                          self->cancellable, status_set_cb, NULL);
  g_free (self->status);
  self->status = g_steal_pointer (&text);
}

static void
answer_autostart (CcbtBackground *self, gboolean will_start)
{
  self->wants_autostart = will_start;
  g_signal_emit (self, autostart_signal, 0, will_start);
}

static void
response_cb (GDBusConnection *connection, const char *sender, const char *path,
             const char *interface, const char *signal, GVariant *arguments, gpointer data)
{
  g_autoptr (CcbtBackground) self = g_object_ref (data);
  g_autoptr (GVariant) results = NULL;
  gboolean is_allowed = FALSE;
  gboolean will_start = FALSE;
  guint code;

  if (!g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(ua{sv})")))
    return;
  g_variant_get (arguments, "(u@a{sv})", &code, &results);
  self->is_allowed
      = code == 0 && g_variant_lookup (results, "background", "b", &is_allowed) && is_allowed;
  will_start = code == 0 && g_variant_lookup (results, "autostart", "b", &will_start) && will_start;
  answer_autostart (self, will_start);
  update_status (self);
  if (!self->is_allowed && self->is_active)
    g_signal_emit (self, refused_signal, 0);
}

static void
requested_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtBackground) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  /* Who has no portal ends no programs, and starts none either. */
  g_info ("Nobody was asked for leave to run in the background: %s", error->message);
  answer_autostart (self, FALSE);
}

/* The answer can be there before the reply: its path is known beforehand. */
static void
subscribe (CcbtBackground *self)
{
  g_autofree char *sender = g_strdelimit (
      g_strdup (g_dbus_connection_get_unique_name (self->connection) + 1), ".", '_');
  g_autofree char *path = g_strdup_printf (PORTAL_PATH "/request/%s/" TOKEN, sender);

  self->response = g_dbus_connection_signal_subscribe (
      self->connection, PORTAL, "org.freedesktop.portal.Request", "Response", path, NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, response_cb, self, NULL);
}

static void
request (CcbtBackground *self)
{
  static const char *const command[] = { "ccbittorrent", "--background", NULL };
  GVariantBuilder options;

  if (self->response == 0)
    subscribe (self);
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "handle_token", g_variant_new_string (TOKEN));
  g_variant_builder_add (&options, "{sv}", "reason",
                         g_variant_new_string (_ ("Downloads and uploads go on.")));
  g_variant_builder_add (&options, "{sv}", "autostart",
                         g_variant_new_boolean (self->wants_autostart));
  g_variant_builder_add (&options, "{sv}", "commandline", g_variant_new_strv (command, -1));
  g_dbus_connection_call (self->connection, PORTAL, PORTAL_PATH, INTERFACE, "RequestBackground",
                          g_variant_new ("(sa{sv})", "", &options), NULL, G_DBUS_CALL_FLAGS_NONE,
                          -1, self->cancellable, requested_cb, g_object_ref (self));
}

static void
ccbt_background_dispose (GObject *object)
{
  CcbtBackground *self = CCBT_BACKGROUND (object);

  g_cancellable_cancel (self->cancellable);
  if (self->response != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->response);
  self->response = 0;
  G_OBJECT_CLASS (ccbt_background_parent_class)->dispose (object);
}

static void
ccbt_background_finalize (GObject *object)
{
  CcbtBackground *self = CCBT_BACKGROUND (object);

  g_clear_object (&self->connection);
  g_clear_object (&self->activity);
  g_clear_object (&self->cancellable);
  g_free (self->status);
  G_OBJECT_CLASS (ccbt_background_parent_class)->finalize (object);
}

static void
ccbt_background_class_init (CcbtBackgroundClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ccbt_background_dispose;
  object_class->finalize = ccbt_background_finalize;
  refused_signal = g_signal_new ("refused", CCBT_TYPE_BACKGROUND, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
  autostart_signal = g_signal_new ("autostart", CCBT_TYPE_BACKGROUND, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
ccbt_background_init (CcbtBackground *self)
{
  self->cancellable = g_cancellable_new ();
}

CcbtBackground *
ccbt_background_new (GDBusConnection *connection, CcbtActivity *activity)
{
  CcbtBackground *self = g_object_new (CCBT_TYPE_BACKGROUND, NULL);

  self->connection = g_object_ref (connection);
  self->activity = g_object_ref (activity);
  g_signal_connect_object (activity, "changed", G_CALLBACK (update_status), self,
                           G_CONNECT_SWAPPED);
  return self;
}

void
ccbt_background_set_active (CcbtBackground *self, gboolean is_active)
{
  g_return_if_fail (CCBT_IS_BACKGROUND (self));

  self->is_active = is_active;
  g_clear_pointer (&self->status, g_free);
  if (is_active && !self->is_asked)
    {
      self->is_asked = TRUE;
      request (self);
    }
  update_status (self);
}

void
ccbt_background_expect_autostart (CcbtBackground *self, gboolean is_on)
{
  g_return_if_fail (CCBT_IS_BACKGROUND (self));

  self->wants_autostart = is_on;
}

void
ccbt_background_set_autostart (CcbtBackground *self, gboolean is_on)
{
  g_return_if_fail (CCBT_IS_BACKGROUND (self));

  self->wants_autostart = is_on;
  request (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-desktop.h"
#include <glib/gi18n.h>
#include "ccbt-activity.h"
#include "ccbt-autostart.h"
#include "ccbt-background.h"
#include "ccbt-inhibitor.h"
#include "ccbt-launcher.h"
#include "ccbt-sandbox.h"
#include "ccbt-search-provider.h"
#include "ccbt-tray.h"
#include "ccbt-window-keeper.h"
#include "session/ccbt-command.h"

struct _CcbtDesktop
{
  GObject parent_instance;
  GtkApplication *application; /* borrowed */
  CcbtClient *client;
  CcbtActivity *activity;
  CcbtWindowKeeper *keeper;
  GSimpleAction *alternative;
  CcbtWait told_wait;

  /* Once the engine runs. */
  CcbtInhibitor *inhibitor;
  /* The same, where there is a bus. */
  CcbtTray *tray;
  CcbtLauncher *launcher;
  CcbtSearchProvider *search_provider;
  CcbtBackground *background; /* in a sandbox */
  CcbtAutostart *autostart;
};

G_DEFINE_FINAL_TYPE (CcbtDesktop, ccbt_desktop, G_TYPE_OBJECT)

static void
tray_shown_cb (CcbtDesktop *self)
{
  ccbt_window_keeper_set_has_tray (self->keeper, ccbt_tray_is_shown (self->tray));
}

static void
tray_activated_cb (CcbtDesktop *self, const char *token)
{
  ccbt_window_keeper_toggle (self->keeper, token);
}

static void
start_tray (CcbtDesktop *self, GDBusConnection *bus)
{
  self->tray = ccbt_tray_new (bus, G_ACTION_GROUP (self->application), self->activity);
  g_signal_connect_object (self->tray, "notify::is-shown", G_CALLBACK (tray_shown_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tray, "activate", G_CALLBACK (tray_activated_cb), self,
                           G_CONNECT_SWAPPED);
}

/* --- Without the window. --- */

static void
window_hidden_cb (CcbtDesktop *self)
{
  if (self->background != NULL)
    ccbt_background_set_active (self->background, ccbt_window_keeper_is_hidden (self->keeper));
}

static void
background_refused_cb (CcbtDesktop *self)
{
  ccbt_window_keeper_tell (self->keeper, _ ("This desktop does not let it run without a window"));
}

static void
autostart_failed_cb (CcbtDesktop *self, const char *message)
{
  ccbt_window_keeper_mention (self->keeper, message);
}

static void
start_autostart (CcbtDesktop *self)
{
  self->autostart = ccbt_autostart_new (G_ACTION_MAP (self->application), self->background);
  g_signal_connect_object (self->autostart, "failed", G_CALLBACK (autostart_failed_cb), self,
                           G_CONNECT_SWAPPED);
}

/* Outside of a sandbox nobody has to be asked, and the portal takes no status. */
static void
start_background (CcbtDesktop *self, GDBusConnection *bus)
{
  if (!ccbt_is_sandboxed ())
    return;
  self->background = ccbt_background_new (bus, self->activity);
  g_signal_connect_object (self->background, "refused", G_CALLBACK (background_refused_cb), self,
                           G_CONNECT_SWAPPED);
  window_hidden_cb (self);
}

static void
start_inhibitor (CcbtDesktop *self, GDBusConnection *bus)
{
  g_autoptr (CcbtSleepLock) lock = ccbt_sleep_lock_new (bus);

  self->inhibitor = ccbt_inhibitor_new (lock, self->activity, CCBT_INHIBITOR_LINGER);
}

/* --- The alternative limits: the schedule changes them too, so the engine says how it is. --- */

static void
alternative_set_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply == NULL)
    g_warning ("The limits could not be changed: %s", error->message);
}

static void
change_alternative_cb (CcbtDesktop *self, GVariant *state)
{
  ccbt_client_call_async (self->client, "session.set-alternative",
                          g_variant_new ("(b)", g_variant_get_boolean (state)), NULL,
                          alternative_set_cb, NULL);
}

static void
activity_changed_cb (CcbtDesktop *self)
{
  const CcbtActivityStatus *status = ccbt_activity_get_status (self->activity);

  g_simple_action_set_state (self->alternative, g_variant_new_boolean (status->is_alternative));
  if (status->waits_for == self->told_wait)
    return;
  self->told_wait = status->waits_for;
  if (status->waits_for != CCBT_WAIT_NONE)
    ccbt_window_keeper_mention (self->keeper, ccbt_activity_describe_wait (status->waits_for));
}

static void
add_alternative_action (CcbtDesktop *self)
{
  self->alternative
      = g_simple_action_new_stateful ("alternative-limits", NULL, g_variant_new_boolean (FALSE));
  g_signal_connect_object (self->alternative, "change-state", G_CALLBACK (change_alternative_cb),
                           self, G_CONNECT_SWAPPED);
  g_action_map_add_action (G_ACTION_MAP (self->application), G_ACTION (self->alternative));
}

/* --- The object. --- */

/* What is not running is not worth an icon. */
static void
state_changed_cb (CcbtDesktop *self)
{
  GDBusConnection *bus = g_application_get_dbus_connection (G_APPLICATION (self->application));

  if (ccbt_client_get_state (self->client) != CCBT_CLIENT_READY)
    return;
  ccbt_activity_follow (self->activity, ccbt_client_get_snapshots (self->client));
  start_inhibitor (self, bus);
  if (bus == NULL)
    return;
  start_tray (self, bus);
  start_background (self, bus);
  start_autostart (self);
  self->launcher = ccbt_launcher_new (bus, self->activity);
  self->search_provider = ccbt_search_provider_new (bus, ccbt_client_get_snapshots (self->client),
                                                    G_ACTION_GROUP (self->application));
}

static void
ccbt_desktop_finalize (GObject *object)
{
  CcbtDesktop *self = CCBT_DESKTOP (object);

  if (self->tray != NULL)
    g_object_run_dispose (G_OBJECT (self->tray)); /* calls on their way may hold it */
  g_clear_object (&self->tray);
  g_clear_object (&self->autostart);
  g_clear_object (&self->background);
  g_clear_object (&self->inhibitor);
  g_clear_object (&self->launcher);
  g_clear_object (&self->search_provider);
  g_clear_object (&self->alternative);
  g_clear_object (&self->keeper);
  g_clear_object (&self->activity);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (ccbt_desktop_parent_class)->finalize (object);
}

static void
ccbt_desktop_class_init (CcbtDesktopClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ccbt_desktop_finalize;
}

static void
ccbt_desktop_init (CcbtDesktop *self)
{
  self->activity = ccbt_activity_new ();
}

CcbtDesktop *
ccbt_desktop_new (GtkApplication *application, CcbtClient *client)
{
  CcbtDesktop *self = g_object_new (CCBT_TYPE_DESKTOP, NULL);

  self->application = application;
  self->client = g_object_ref (client);
  self->keeper = ccbt_window_keeper_new (application, client);
  g_signal_connect_object (self->keeper, "notify::is-hidden", G_CALLBACK (window_hidden_cb), self,
                           G_CONNECT_SWAPPED);
  add_alternative_action (self);
  g_signal_connect_object (self->activity, "changed", G_CALLBACK (activity_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "notify::state", G_CALLBACK (state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-window-keeper.h"
#include "ccbt-window.h"

struct _CcbtWindowKeeper
{
  GObject parent_instance;
  GtkApplication *application; /* borrowed */
  CcbtClient *client;
  GSimpleAction *shown;
  GtkWindow *window; /* borrowed; NULL while there is none */
  gboolean has_tray;
};

G_DEFINE_FINAL_TYPE (CcbtWindowKeeper, ccbt_window_keeper, G_TYPE_OBJECT)

static gboolean
is_shown (CcbtWindowKeeper *self)
{
  return self->window != NULL && gtk_widget_get_visible (GTK_WIDGET (self->window));
}

static void
update_action (CcbtWindowKeeper *self)
{
  g_simple_action_set_state (self->shown, g_variant_new_boolean (is_shown (self)));
}

static void
show (CcbtWindowKeeper *self, const char *token)
{
  if (self->window != NULL && *token != '\0')
    gtk_window_set_startup_id (self->window, token);
  g_application_activate (G_APPLICATION (self->application));
}

static void
hide (CcbtWindowKeeper *self)
{
  if (self->window != NULL)
    gtk_widget_set_visible (GTK_WIDGET (self->window), FALSE);
}

static void
change_shown_cb (CcbtWindowKeeper *self, GVariant *state)
{
  if (g_variant_get_boolean (state))
    show (self, "");
  else
    hide (self);
}

/* After the window's own handler, which remembers its size. */
static gboolean
close_request_cb (CcbtWindowKeeper *self)
{
  /* An engine that does not run has nothing to go on with. */
  if (ccbt_client_get_state (self->client) != CCBT_CLIENT_READY || !self->has_tray)
    return GDK_EVENT_PROPAGATE;
  hide (self);
  return GDK_EVENT_STOP;
}

static void
window_added_cb (CcbtWindowKeeper *self, GtkWindow *window)
{
  if (!CCBT_IS_WINDOW (window))
    return;
  self->window = window;
  g_signal_connect_object (window, "notify::visible", G_CALLBACK (update_action), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (window, "close-request", G_CALLBACK (close_request_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  update_action (self);
}

static void
window_removed_cb (CcbtWindowKeeper *self, GtkWindow *window)
{
  if (window != self->window)
    return;
  self->window = NULL;
  update_action (self);
}

static void
ccbt_window_keeper_finalize (GObject *object)
{
  CcbtWindowKeeper *self = CCBT_WINDOW_KEEPER (object);

  g_clear_object (&self->shown);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (ccbt_window_keeper_parent_class)->finalize (object);
}

static void
ccbt_window_keeper_class_init (CcbtWindowKeeperClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ccbt_window_keeper_finalize;
}

static void
ccbt_window_keeper_init (CcbtWindowKeeper *self)
{
  self->shown = g_simple_action_new_stateful ("window-shown", NULL, g_variant_new_boolean (FALSE));
  g_signal_connect_object (self->shown, "change-state", G_CALLBACK (change_shown_cb), self,
                           G_CONNECT_SWAPPED);
}

CcbtWindowKeeper *
ccbt_window_keeper_new (GtkApplication *application, CcbtClient *client)
{
  CcbtWindowKeeper *self = g_object_new (CCBT_TYPE_WINDOW_KEEPER, NULL);

  self->application = application;
  self->client = g_object_ref (client);
  g_action_map_add_action (G_ACTION_MAP (application), G_ACTION (self->shown));
  g_signal_connect_object (application, "window-added", G_CALLBACK (window_added_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (application, "window-removed", G_CALLBACK (window_removed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}

void
ccbt_window_keeper_set_has_tray (CcbtWindowKeeper *self, gboolean has_tray)
{
  g_return_if_fail (CCBT_IS_WINDOW_KEEPER (self));

  self->has_tray = has_tray;
  if (!has_tray && self->window != NULL && !is_shown (self))
    show (self, "");
}

void
ccbt_window_keeper_toggle (CcbtWindowKeeper *self, const char *token)
{
  g_return_if_fail (CCBT_IS_WINDOW_KEEPER (self));

  if (is_shown (self))
    hide (self);
  else
    show (self, token);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-window-keeper.h"
#include "ccbt-close-dialog.h"
#include "ccbt-settings.h"
#include "ccbt-window.h"

/* As the schema numbers them. */
typedef enum
{
  ASK,
  KEEP_RUNNING,
  QUIT,
} WhenClosed;

struct _CcbtWindowKeeper
{
  GObject parent_instance;
  GtkApplication *application; /* borrowed */
  CcbtClient *client;
  GSettings *settings; /* NULL: nothing is remembered */
  GSimpleAction *shown;
  GSimpleAction *keep_running;
  GtkWindow *window; /* borrowed; NULL while there is none */
  GtkWidget *dialog; /* weak: the question, while it stands */
  gboolean has_tray;
  gboolean is_hidden;
};

G_DEFINE_FINAL_TYPE (CcbtWindowKeeper, ccbt_window_keeper, G_TYPE_OBJECT)

enum
{
  PROP_IS_HIDDEN = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* --- What the user wants. --- */

static WhenClosed
get_wish (CcbtWindowKeeper *self)
{
  return self->settings != NULL ? (WhenClosed) g_settings_get_enum (self->settings, "when-closed")
                                : ASK;
}

static WhenClosed
choose (CcbtWindowKeeper *self)
{
  const WhenClosed wish = get_wish (self);

  return wish == ASK && self->has_tray ? KEEP_RUNNING : wish;
}

static void
update_keep_running (CcbtWindowKeeper *self)
{
  g_simple_action_set_state (self->keep_running,
                             g_variant_new_boolean (choose (self) == KEEP_RUNNING));
}

static void
set_wish (CcbtWindowKeeper *self, WhenClosed wish)
{
  if (self->settings != NULL)
    g_settings_set_enum (self->settings, "when-closed", wish);
}

static void
change_keep_running_cb (CcbtWindowKeeper *self, GVariant *state)
{
  set_wish (self, g_variant_get_boolean (state) ? KEEP_RUNNING : QUIT);
}

/* --- The window. --- */

static gboolean
is_shown (CcbtWindowKeeper *self)
{
  return self->window != NULL && gtk_widget_get_visible (GTK_WIDGET (self->window));
}

/* Its dialogs go and come with it. */
static void
carry_dialogs (CcbtWindowKeeper *self)
{
  GListModel *windows = gtk_window_get_toplevels ();
  const guint n = g_list_model_get_n_items (windows);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GtkWindow) dialog = g_list_model_get_item (windows, i);

      if (dialog == NULL || gtk_window_get_transient_for (dialog) != self->window)
        continue;
      if (is_shown (self) && g_object_steal_data (G_OBJECT (dialog), "hidden-with-window") != NULL)
        gtk_widget_set_visible (GTK_WIDGET (dialog), TRUE);
      else if (!is_shown (self) && gtk_widget_get_visible (GTK_WIDGET (dialog)))
        {
          g_object_set_data (G_OBJECT (dialog), "hidden-with-window", self);
          gtk_widget_set_visible (GTK_WIDGET (dialog), FALSE);
        }
    }
}

static void
update_shown (CcbtWindowKeeper *self)
{
  const gboolean is_hidden = self->window != NULL && !is_shown (self);

  g_simple_action_set_state (self->shown, g_variant_new_boolean (is_shown (self)));
  if (self->is_hidden == is_hidden)
    return;
  self->is_hidden = is_hidden;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_HIDDEN]);
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

static void
answered_cb (gpointer data, gboolean keep_running)
{
  CcbtWindowKeeper *self = data;

  set_wish (self, keep_running ? KEEP_RUNNING : QUIT);
  if (keep_running)
    hide (self);
  else
    g_application_quit (G_APPLICATION (self->application));
}

static void
ask (CcbtWindowKeeper *self)
{
  if (self->dialog != NULL)
    gtk_window_present (GTK_WINDOW (self->dialog));
  else
    g_set_weak_pointer (&self->dialog,
                        ccbt_close_dialog_ask (self->window, answered_cb, G_OBJECT (self)));
}

static gboolean
has_torrents (CcbtWindowKeeper *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (ccbt_client_get_torrents (self->client))) > 0;
}

/* After the window's own handler, which remembers its size. */
static gboolean
close_request_cb (CcbtWindowKeeper *self)
{
  WhenClosed action = choose (self);

  /* An engine that does not run has nothing to go on with. */
  if (ccbt_client_get_state (self->client) != CCBT_CLIENT_READY
      || (action == ASK && !has_torrents (self)))
    action = QUIT;
  if (action == KEEP_RUNNING)
    hide (self);
  else if (action == ASK)
    ask (self);
  return action == QUIT ? GDK_EVENT_PROPAGATE : GDK_EVENT_STOP;
}

static void
window_added_cb (CcbtWindowKeeper *self, GtkWindow *window)
{
  if (!CCBT_IS_WINDOW (window))
    return;
  self->window = window;
  g_signal_connect_object (window, "notify::visible", G_CALLBACK (update_shown), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (window, "notify::visible", G_CALLBACK (carry_dialogs), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (window, "close-request", G_CALLBACK (close_request_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}

static void
window_removed_cb (CcbtWindowKeeper *self, GtkWindow *window)
{
  if (window != self->window)
    return;
  self->window = NULL;
  update_shown (self);
}

/* --- The object. --- */

static void
ccbt_window_keeper_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_IS_HIDDEN)
    g_value_set_boolean (value, CCBT_WINDOW_KEEPER (object)->is_hidden);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ccbt_window_keeper_finalize (GObject *object)
{
  CcbtWindowKeeper *self = CCBT_WINDOW_KEEPER (object);

  g_clear_weak_pointer (&self->dialog);
  g_clear_object (&self->keep_running);
  g_clear_object (&self->shown);
  g_clear_object (&self->settings);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (ccbt_window_keeper_parent_class)->finalize (object);
}

static void
ccbt_window_keeper_class_init (CcbtWindowKeeperClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ccbt_window_keeper_get_property;
  object_class->finalize = ccbt_window_keeper_finalize;
  props[PROP_IS_HIDDEN]
      = g_param_spec_boolean ("is-hidden", NULL, NULL, FALSE,
                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static GSimpleAction *
new_action (CcbtWindowKeeper *self, const char *name, GCallback change_cb)
{
  GSimpleAction *action = g_simple_action_new_stateful (name, NULL, g_variant_new_boolean (FALSE));

  g_signal_connect_object (action, "change-state", change_cb, self, G_CONNECT_SWAPPED);
  return action;
}

static void
ccbt_window_keeper_init (CcbtWindowKeeper *self)
{
  self->shown = new_action (self, "window-shown", G_CALLBACK (change_shown_cb));
  self->keep_running = new_action (self, "keep-running", G_CALLBACK (change_keep_running_cb));
  self->settings = ccbt_settings_open ();
  g_simple_action_set_enabled (self->keep_running, self->settings != NULL);
  if (self->settings != NULL)
    g_signal_connect_object (self->settings, "changed::when-closed",
                             G_CALLBACK (update_keep_running), self, G_CONNECT_SWAPPED);
  update_keep_running (self);
}

CcbtWindowKeeper *
ccbt_window_keeper_new (GtkApplication *application, CcbtClient *client)
{
  CcbtWindowKeeper *self = g_object_new (CCBT_TYPE_WINDOW_KEEPER, NULL);

  self->application = application;
  self->client = g_object_ref (client);
  g_action_map_add_action (G_ACTION_MAP (application), G_ACTION (self->shown));
  g_action_map_add_action (G_ACTION_MAP (application), G_ACTION (self->keep_running));
  g_signal_connect_object (application, "window-added", G_CALLBACK (window_added_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (application, "window-removed", G_CALLBACK (window_removed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}

gboolean
ccbt_window_keeper_is_hidden (CcbtWindowKeeper *self)
{
  return self->is_hidden;
}

void
ccbt_window_keeper_set_has_tray (CcbtWindowKeeper *self, gboolean has_tray)
{
  g_return_if_fail (CCBT_IS_WINDOW_KEEPER (self));

  self->has_tray = has_tray;
  update_keep_running (self);
  if (self->is_hidden && choose (self) != KEEP_RUNNING)
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

void
ccbt_window_keeper_mention (CcbtWindowKeeper *self, const char *message)
{
  g_return_if_fail (CCBT_IS_WINDOW_KEEPER (self));

  if (is_shown (self))
    ccbt_window_tell (CCBT_WINDOW (self->window), message);
}

void
ccbt_window_keeper_tell (CcbtWindowKeeper *self, const char *message)
{
  g_return_if_fail (CCBT_IS_WINDOW_KEEPER (self));

  show (self, "");
  ccbt_window_keeper_mention (self, message);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-autostart.h"
#include <glib/gi18n.h>
#include "ccbt-autostart-file.h"
#include "ccbt-settings.h"

#define KEY "start-at-login"

struct _CcbtAutostart
{
  GObject parent_instance;
  GSimpleAction *action;
  CcbtBackground *background; /* NULL outside of a sandbox */
  GSettings *settings;        /* in a sandbox what the portal said last; may be NULL */
};

G_DEFINE_FINAL_TYPE (CcbtAutostart, ccbt_autostart, G_TYPE_OBJECT)

static guint failed_signal;

static void
set_state (CcbtAutostart *self, gboolean is_on)
{
  g_simple_action_set_state (self->action, g_variant_new_boolean (is_on));
}

static void
file_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtAutostart) self = data;
  g_autoptr (GError) error = NULL;
  gboolean is_on;

  if (!ccbt_autostart_file_finish (result, &is_on, &error))
    {
      g_warning ("%s", error->message);
      g_signal_emit (self, failed_signal, 0, _ ("The entry for the start could not be changed"));
    }
  set_state (self, is_on);
}

static void
portal_answered_cb (CcbtAutostart *self, gboolean is_on)
{
  g_autoptr (GVariant) state = g_action_get_state (G_ACTION (self->action));
  const gboolean was_on = g_variant_get_boolean (state);

  if (self->settings != NULL)
    g_settings_set_boolean (self->settings, KEY, is_on);
  set_state (self, is_on);
  if (was_on && !is_on)
    g_signal_emit (self, failed_signal, 0, _ ("This desktop does not let it start by itself"));
}

static void
change_state_cb (CcbtAutostart *self, GVariant *state)
{
  const gboolean is_wanted = g_variant_get_boolean (state);

  g_simple_action_set_state (self->action, state); /* until the answer */
  if (self->background != NULL)
    ccbt_background_set_autostart (self->background, is_wanted);
  else
    ccbt_autostart_file_set_async (is_wanted, file_done_cb, g_object_ref (self));
}

static void
ccbt_autostart_finalize (GObject *object)
{
  CcbtAutostart *self = CCBT_AUTOSTART (object);

  g_clear_object (&self->action);
  g_clear_object (&self->background);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (ccbt_autostart_parent_class)->finalize (object);
}

static void
ccbt_autostart_class_init (CcbtAutostartClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ccbt_autostart_finalize;
  failed_signal = g_signal_new ("failed", CCBT_TYPE_AUTOSTART, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
ccbt_autostart_init (CcbtAutostart *self)
{
  self->action
      = g_simple_action_new_stateful ("start-at-login", NULL, g_variant_new_boolean (FALSE));
  g_signal_connect_object (self->action, "change-state", G_CALLBACK (change_state_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
follow_portal (CcbtAutostart *self)
{
  const gboolean is_on = self->settings != NULL && g_settings_get_boolean (self->settings, KEY);

  ccbt_background_expect_autostart (self->background, is_on);
  g_signal_connect_object (self->background, "autostart", G_CALLBACK (portal_answered_cb), self,
                           G_CONNECT_SWAPPED);
  set_state (self, is_on);
}

CcbtAutostart *
ccbt_autostart_new (GActionMap *actions, CcbtBackground *background)
{
  CcbtAutostart *self = g_object_new (CCBT_TYPE_AUTOSTART, NULL);

  g_set_object (&self->background, background);
  self->settings = background != NULL ? ccbt_settings_open () : NULL;
  if (background != NULL)
    follow_portal (self);
  else
    ccbt_autostart_file_read_async (file_done_cb, g_object_ref (self));
  g_action_map_add_action (actions, G_ACTION (self->action));
  return self;
}

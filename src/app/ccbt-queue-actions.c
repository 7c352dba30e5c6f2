/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-queue-actions.h"
#include "ccbt-error-text.h"
#include "session/ccbt-command.h"

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtWindow) window = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);
  g_autofree char *text = NULL;

  if (reply != NULL)
    return;
  text = ccbt_error_text (error);
  ccbt_window_tell (window, text);
}

static void
call (CcbtWindow *window, const char *verb, GVariant *arguments)
{
  if (!ccbt_client_call_async (ccbt_window_get_client (window), verb, arguments, NULL, done_cb,
                               g_object_ref (window)))
    g_object_unref (window);
}

/* win.queue-top moves to the "top". */
static void
move_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  const char *where = g_action_get_name (G_ACTION (action)) + strlen ("queue-");

  call (window, "queue.move", g_variant_new ("(ss)", g_variant_get_string (target, NULL), where));
}

static void
set_option (CcbtWindow *window, GVariant *target, const char *option, gboolean value)
{
  GVariantBuilder changes;

  g_variant_builder_init (&changes, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changes, "{sv}", option, g_variant_new_boolean (value));
  call (window, "torrent.set-options",
        g_variant_new ("(sa{sv})", g_variant_get_string (target, NULL), &changes));
}

static void
force_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  set_option (window, target, "forced", TRUE);
}

static void
leave_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  set_option (window, target, "forced", FALSE);
}

static void
super_seed_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  set_option (window, target, "super-seeding", TRUE);
}

static void
seed_plainly_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  set_option (window, target, "super-seeding", FALSE);
}

void
ccbt_queue_actions_add_to (CcbtWindow *window)
{
  static const GActionEntry entries[] = {
    { "queue-top", move_cb, "s", NULL, NULL, { 0 } },
    { "queue-up", move_cb, "s", NULL, NULL, { 0 } },
    { "queue-down", move_cb, "s", NULL, NULL, { 0 } },
    { "queue-bottom", move_cb, "s", NULL, NULL, { 0 } },
    { "force-start", force_cb, "s", NULL, NULL, { 0 } },
    { "leave-to-queue", leave_cb, "s", NULL, NULL, { 0 } },
    { "super-seed", super_seed_cb, "s", NULL, NULL, { 0 } },
    { "seed-plainly", seed_plainly_cb, "s", NULL, NULL, { 0 } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-queue-actions.h"
#include "ccbt-batch.h"

static void
reverse (const char **list)
{
  for (guint i = 0, n = g_strv_length ((char **) list); i < n / 2; i++)
    {
      const char *first = list[i];

      list[i] = list[n - 1 - i];
      list[n - 1 - i] = first;
    }
}

/* win.queue-top moves to the "top". The verbs run in the order they are called in: what is moved in the direction
 * of others that move too has to go after them, so that all keep their order. */
static void
move_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  const char *where = g_action_get_name (G_ACTION (action)) + strlen ("queue-");
  g_autofree const char **info_hashes = g_variant_get_strv (target, NULL);

  if (g_str_equal (where, "top") || g_str_equal (where, "down"))
    reverse (info_hashes);
  ccbt_batch_run (window, "queue.move", info_hashes, g_variant_new_string (where), NULL);
}

static void
set_option (CcbtWindow *window, GVariant *target, const char *option, gboolean value)
{
  g_autofree const char **info_hashes = g_variant_get_strv (target, NULL);
  GVariantBuilder changes;

  g_variant_builder_init (&changes, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changes, "{sv}", option, g_variant_new_boolean (value));
  ccbt_batch_run (window, "torrent.set-options", info_hashes, g_variant_builder_end (&changes),
                  NULL);
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
    { "queue-top", move_cb, "as", NULL, NULL, { 0 } },
    { "queue-up", move_cb, "as", NULL, NULL, { 0 } },
    { "queue-down", move_cb, "as", NULL, NULL, { 0 } },
    { "queue-bottom", move_cb, "as", NULL, NULL, { 0 } },
    { "force-start", force_cb, "as", NULL, NULL, { 0 } },
    { "leave-to-queue", leave_cb, "as", NULL, NULL, { 0 } },
    { "super-seed", super_seed_cb, "as", NULL, NULL, { 0 } },
    { "seed-plainly", seed_plainly_cb, "as", NULL, NULL, { 0 } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-filing-menu.h"
#include <glib/gi18n.h>
#include "ccbt-batch.h"
#include "ccbt-format.h"
#include "ccbt-option-values.h"

/* A state that no entry has. */
#define DIFFERENT "\n"

typedef struct
{
  CcbtWindow *window;          /* borrowed: it owns the actions */
  GPtrArray *items;            /* CcbtTorrentItem, owned */
  GPtrArray *info_hashes;      /* owned, NULL at the end */
  GSimpleActionGroup *actions; /* borrowed: they own this */
} Filing;

static void
free_filing (gpointer data)
{
  Filing *filing = data;

  g_ptr_array_unref (filing->items);
  g_ptr_array_unref (filing->info_hashes);
  g_free (filing);
}

static Filing *
filing_new (CcbtWindow *window, GPtrArray *items)
{
  Filing *filing = g_new0 (Filing, 1);

  filing->window = window;
  filing->items = g_ptr_array_new_with_free_func (g_object_unref);
  filing->info_hashes = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < items->len; i++)
    {
      g_ptr_array_add (filing->items, g_object_ref (items->pdata[i]));
      g_ptr_array_add (filing->info_hashes,
                       g_strdup (ccbt_torrent_item_get_info_hash (items->pdata[i])));
    }
  g_ptr_array_add (filing->info_hashes, NULL);
  return filing;
}

/* Returns: (transfer floating): a{sv} */
static GVariant *
new_change (const char *key, GVariant *value)
{
  GVariantBuilder changes;

  g_variant_builder_init (&changes, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changes, "{sv}", key, value);
  return g_variant_builder_end (&changes);
}

/* --- One of them: priority, category. --- */

static void
choose_cb (GSimpleAction *action, GVariant *target, gpointer data)
{
  Filing *filing = data;

  ccbt_batch_run (filing->window, "torrent.set-options",
                  (const char *const *) filing->info_hashes->pdata,
                  new_change (g_action_get_name (G_ACTION (action)), target), NULL);
}

static void
add_choice (Filing *filing, const char *key)
{
  g_autoptr (GVariant) common = ccbt_option_values_get_common (filing->items, key);
  g_autoptr (GSimpleAction) action = g_simple_action_new_stateful (
      key, G_VARIANT_TYPE_STRING, common != NULL ? common : g_variant_new_string (DIFFERENT));

  g_signal_connect (action, "activate", G_CALLBACK (choose_cb), filing);
  g_action_map_add_action (G_ACTION_MAP (filing->actions), G_ACTION (action));
}

/* What users wrote has no mnemonics. */
static char *
escape_label (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "_", -1);

  return g_strjoinv ("__", parts);
}

static void
append_choice (GMenu *menu, const char *key, const char *label, const char *value)
{
  g_autofree char *action = g_strconcat ("filing.", key, NULL);
  g_autoptr (GMenuItem) entry = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target_value (entry, action, g_variant_new_string (value));
  g_menu_append_item (menu, entry);
}

static void
append_priorities (GMenu *menu)
{
  g_autoptr (GMenu) priorities = g_menu_new ();

  for (guint i = CCBT_N_QUEUE_PRIORITIES; i > 0; i--)
    append_choice (priorities, "priority", ccbt_format_queue_priority (i - 1),
                   ccbt_queue_priority_get_name (i - 1));
  g_menu_append_submenu (menu, _ ("P_riority"), G_MENU_MODEL (priorities));
}

/* --- The end of both lists: names that are not there yet. --- */

static void
append_others (GMenu *menu, Filing *filing, const char *label)
{
  g_autoptr (GMenu) section = g_menu_new ();
  g_autoptr (GMenuItem) entry = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target_value (
      entry, "win.options",
      g_variant_new_strv ((const char *const *) filing->info_hashes->pdata, -1));
  g_menu_append_item (section, entry);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

static void
append_categories (GMenu *menu, Filing *filing, GListModel *torrents)
{
  g_auto (GStrv) used = ccbt_option_values_list_categories (torrents);
  g_autoptr (GMenu) categories = g_menu_new ();
  g_autoptr (GMenu) names = g_menu_new ();

  append_choice (names, "category", _ ("None"), "");
  for (guint i = 0; used[i] != NULL; i++)
    {
      g_autofree char *label = escape_label (used[i]);

      append_choice (names, "category", label, used[i]);
    }
  g_menu_append_section (categories, NULL, G_MENU_MODEL (names));
  append_others (categories, filing, _ ("_New Category…"));
  g_menu_append_submenu (menu, _ ("Cat_egory"), G_MENU_MODEL (categories));
}

/* --- Any of them: tags. --- */

/* Returns: (transfer full): a{sv} */
static GVariant *
change_tags (CcbtTorrentItem *item, const char *tag, gboolean is_added)
{
  const GStrv old = ccbt_torrent_item_get_status (item)->options->tags;
  g_autoptr (GPtrArray) tags = g_ptr_array_new ();

  for (guint i = 0; old[i] != NULL; i++)
    if (!g_str_equal (old[i], tag))
      g_ptr_array_add (tags, old[i]);
  if (is_added)
    g_ptr_array_add (tags, (char *) tag);
  return g_variant_ref_sink (new_change (
      "tags", g_variant_new_strv ((const char *const *) tags->pdata, (gssize) tags->len)));
}

/* All get it, or, when all have it, lose it. */
static void
toggle_tag_cb (GSimpleAction *action, GVariant *unused, gpointer data)
{
  Filing *filing = data;
  const char *tag = g_object_get_data (G_OBJECT (action), "tag");
  const gboolean is_added = ccbt_option_values_count_tag (filing->items, tag) < filing->items->len;
  g_autoptr (GPtrArray) changes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);

  for (guint i = 0; i < filing->items->len; i++)
    g_ptr_array_add (changes, change_tags (filing->items->pdata[i], tag, is_added));
  ccbt_batch_run_each (filing->window, "torrent.set-options",
                       (const char *const *) filing->info_hashes->pdata,
                       (GVariant *const *) changes->pdata, NULL);
}

static void
append_tag (GMenu *menu, Filing *filing, const char *tag, guint index)
{
  const gboolean have_all = ccbt_option_values_count_tag (filing->items, tag) == filing->items->len;
  g_autofree char *name = g_strdup_printf ("tag-%u", index);
  g_autofree char *detailed = g_strconcat ("filing.", name, NULL);
  g_autofree char *label = escape_label (tag);
  g_autoptr (GSimpleAction) action
      = g_simple_action_new_stateful (name, NULL, g_variant_new_boolean (have_all));

  g_object_set_data_full (G_OBJECT (action), "tag", g_strdup (tag), g_free);
  g_signal_connect (action, "activate", G_CALLBACK (toggle_tag_cb), filing);
  g_action_map_add_action (G_ACTION_MAP (filing->actions), G_ACTION (action));
  g_menu_append (menu, label, detailed);
}

static void
append_tags (GMenu *menu, Filing *filing, GListModel *torrents)
{
  g_auto (GStrv) used = ccbt_option_values_list_tags (torrents);
  g_autoptr (GMenu) tags = g_menu_new ();
  g_autoptr (GMenu) names = g_menu_new ();

  for (guint i = 0; used[i] != NULL; i++)
    append_tag (names, filing, used[i], i);
  g_menu_append_section (tags, NULL, G_MENU_MODEL (names));
  append_others (tags, filing, _ ("_New Tags…"));
  g_menu_append_submenu (menu, _ ("Ta_gs"), G_MENU_MODEL (tags));
}

void
ccbt_filing_menu_append (GMenu *menu, CcbtWindow *window, GPtrArray *items)
{
  GListModel *torrents = G_LIST_MODEL (ccbt_client_get_torrents (ccbt_window_get_client (window)));
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();
  Filing *filing = filing_new (window, items);

  filing->actions = actions;
  g_object_set_data_full (G_OBJECT (actions), "filing", filing, free_filing);
  add_choice (filing, "priority");
  add_choice (filing, "category");
  append_priorities (menu);
  append_categories (menu, filing, torrents);
  append_tags (menu, filing, torrents);
  gtk_widget_insert_action_group (GTK_WIDGET (window), "filing", G_ACTION_GROUP (actions));
}

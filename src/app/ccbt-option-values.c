/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-option-values.h"
#include "ccbt-torrent-item.h"

/* Returns: (transfer full) */
static GVariant *
get_value (CcbtTorrentItem *item, const char *key)
{
  const CcbtTorrentStatus *status = ccbt_torrent_item_get_status (item);
  g_autoptr (GVariant) all = NULL;

  if (g_str_equal (key, "sequential"))
    return g_variant_ref_sink (g_variant_new_boolean (status->is_sequential));
  all = g_variant_ref_sink (ccbt_torrent_options_to_variant (status->options));
  return g_variant_lookup_value (all, key, NULL);
}

GVariant *
ccbt_option_values_get_common (GPtrArray *items, const char *key)
{
  g_autoptr (GVariant) common = NULL;

  g_return_val_if_fail (items->len > 0, NULL);

  common = get_value (items->pdata[0], key);
  for (guint i = 1; i < items->len; i++)
    {
      g_autoptr (GVariant) value = get_value (items->pdata[i], key);

      if (!g_variant_equal (common, value))
        return NULL;
    }
  return g_steal_pointer (&common);
}

guint
ccbt_option_values_count_tag (GPtrArray *items, const char *tag)
{
  guint n_items = 0;

  for (guint i = 0; i < items->len; i++)
    n_items += g_strv_contains (
        (const char *const *) ccbt_torrent_item_get_status (items->pdata[i])->options->tags, tag);
  return n_items;
}

static int
compare_labels (gconstpointer a, gconstpointer b)
{
  return g_utf8_collate (*(const char *const *) a, *(const char *const *) b);
}

/* @labels: a set; borrowed. */
static GStrv
sort_labels (GHashTable *labels)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer label;

  g_hash_table_iter_init (&iter, labels);
  while (g_hash_table_iter_next (&iter, &label, NULL))
    g_ptr_array_add (sorted, g_strdup (label));
  g_ptr_array_sort (sorted, compare_labels);
  g_ptr_array_add (sorted, NULL);
  return (GStrv) g_ptr_array_steal (sorted, NULL);
}

static GStrv
list_labels (GListModel *torrents,
             void (*add) (GHashTable *labels, const CcbtTorrentOptions *options))
{
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);
  const guint n_torrents = g_list_model_get_n_items (torrents);

  for (guint i = 0; i < n_torrents; i++)
    {
      g_autoptr (CcbtTorrentItem) item = g_list_model_get_item (torrents, i);

      add (labels, ccbt_torrent_item_get_status (item)->options);
    }
  return sort_labels (labels);
}

static void
add_category (GHashTable *labels, const CcbtTorrentOptions *options)
{
  if (*options->category != '\0')
    g_hash_table_add (labels, options->category);
}

static void
add_tags (GHashTable *labels, const CcbtTorrentOptions *options)
{
  for (guint i = 0; options->tags[i] != NULL; i++)
    g_hash_table_add (labels, options->tags[i]);
}

GStrv
ccbt_option_values_list_categories (GListModel *torrents)
{
  return list_labels (torrents, add_category);
}

GStrv
ccbt_option_values_list_tags (GListModel *torrents)
{
  return list_labels (torrents, add_tags);
}

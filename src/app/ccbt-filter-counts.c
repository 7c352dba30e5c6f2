/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-filter-counts.h"

static void
count_key (GHashTable *keys, const char *key)
{
  g_hash_table_insert (keys, (char *) key,
                       GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (keys, key)) + 1));
}

static void
count_torrent (CcbtFilterCounts *self, const CcbtTorrentStatus *status)
{
  const guint states = ccbt_filter_state_find (status);
  const GStrv tags = status->options->tags;

  for (guint state = 0; state < CCBT_N_FILTER_STATES; state++)
    self->states[state] += states >> state & 1;
  count_key (self->keys[CCBT_FILTER_CATEGORY], status->options->category);
  if (tags[0] == NULL)
    count_key (self->keys[CCBT_FILTER_TAG], "");
  for (guint i = 0; tags[i] != NULL; i++)
    count_key (self->keys[CCBT_FILTER_TAG], tags[i]);
  if (status->folder != NULL)
    count_key (self->keys[CCBT_FILTER_FOLDER], status->folder);
}

CcbtFilterCounts *
ccbt_filter_counts_new (GListModel *torrents)
{
  CcbtFilterCounts *self = g_new0 (CcbtFilterCounts, 1);

  self->n_torrents = g_list_model_get_n_items (torrents);
  for (guint group = CCBT_FILTER_CATEGORY; group < CCBT_N_FILTER_GROUPS; group++)
    self->keys[group] = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < self->n_torrents; i++)
    {
      g_autoptr (CcbtTorrentItem) item = g_list_model_get_item (torrents, i);

      count_torrent (self, ccbt_torrent_item_get_status (item));
    }
  return self;
}

void
ccbt_filter_counts_free (CcbtFilterCounts *self)
{
  for (guint group = 0; group < CCBT_N_FILTER_GROUPS; group++)
    g_clear_pointer (&self->keys[group], g_hash_table_unref);
  g_free (self);
}

guint
ccbt_filter_counts_get (CcbtFilterCounts *self, CcbtFilterItem *item)
{
  const CcbtFilterGroup group = ccbt_filter_item_get_group (item);
  const char *key = ccbt_filter_item_get_key (item);

  if (ccbt_filter_item_get_kind (item) != CCBT_FILTER_ITEM_KEY)
    return self->n_torrents;
  if (group != CCBT_FILTER_STATE)
    return GPOINTER_TO_UINT (g_hash_table_lookup (self->keys[group], key));
  for (guint state = 0; state < CCBT_N_FILTER_STATES; state++)
    if (g_str_equal (ccbt_filter_state_get_name (state), key))
      return self->states[state];
  return 0;
}

/* By the alphabet; what has none of them comes last. */
static int
compare_keys (gconstpointer a, gconstpointer b)
{
  const char *key_a = *(const char *const *) a;
  const char *key_b = *(const char *const *) b;

  if (*key_a == '\0' || *key_b == '\0')
    return (*key_a == '\0') - (*key_b == '\0');
  return g_utf8_collate (key_a, key_b);
}

/* Returns: (transfer container): keys, sorted */
static GPtrArray *
list_keys (CcbtFilterCounts *self, CcbtFilterGroup group, GPtrArray *kept)
{
  GPtrArray *keys = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->keys[group]);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (keys, key);
  for (guint i = 0; i < kept->len; i++)
    if (ccbt_filter_item_get_group (kept->pdata[i]) == group
        && !g_hash_table_contains (self->keys[group], ccbt_filter_item_get_key (kept->pdata[i])))
      g_ptr_array_add (keys, (char *) ccbt_filter_item_get_key (kept->pdata[i]));
  g_ptr_array_sort (keys, compare_keys);
  return keys;
}

static void
add_group (CcbtFilterCounts *self, CcbtFilterGroup group, GPtrArray *kept, GPtrArray *rows)
{
  g_autoptr (GPtrArray) keys = list_keys (self, group, kept);

  /* Nothing to choose from: one folder, or nobody uses categories. */
  if (keys->len == 0
      || (keys->len == 1 && (group == CCBT_FILTER_FOLDER || *(char *) keys->pdata[0] == '\0')))
    return;
  g_ptr_array_add (rows, ccbt_filter_item_new (CCBT_FILTER_ITEM_HEADING, group, NULL));
  for (guint i = 0; i < keys->len; i++)
    g_ptr_array_add (rows, ccbt_filter_item_new (CCBT_FILTER_ITEM_KEY, group, keys->pdata[i]));
}

GPtrArray *
ccbt_filter_counts_make_rows (CcbtFilterCounts *self, GPtrArray *kept)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (rows, ccbt_filter_item_new (CCBT_FILTER_ITEM_ALL, CCBT_FILTER_STATE, NULL));
  for (guint state = 0; state < CCBT_N_FILTER_STATES; state++)
    g_ptr_array_add (rows, ccbt_filter_item_new (CCBT_FILTER_ITEM_KEY, CCBT_FILTER_STATE,
                                                 ccbt_filter_state_get_name (state)));
  for (guint group = CCBT_FILTER_CATEGORY; group < CCBT_N_FILTER_GROUPS; group++)
    add_group (self, group, kept, rows);
  return rows;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-torrents.h"

struct _BitonicTorrents
{
  GHashTable *by_id; /* guint32 -> BitonicTorrent */
  GPtrArray *shown;
  char *filter; /* folded */
  BitonicSort sort;
  gboolean is_reversed;
  gboolean needs_pick; /* who is shown */
  gboolean needs_sort;
};

BitonicTorrents *
bitonic_torrents_new (void)
{
  BitonicTorrents *self = g_new0 (BitonicTorrents, 1);

  self->by_id = g_hash_table_new_full (NULL, NULL, NULL, bitonic_torrent_free);
  self->shown = g_ptr_array_new ();
  self->filter = g_strdup ("");
  return self;
}

void
bitonic_torrents_free (BitonicTorrents *self)
{
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->shown);
  g_free (self->filter);
  g_free (self);
}

/* --- Changes --- */

static void
change_one (BitonicTorrents *self, GVariant *values)
{
  BitonicTorrent *torrent;
  g_autofree char *name = NULL, *state = NULL;
  double number;
  gboolean was_shown;
  guint32 id;

  if (!g_variant_lookup (values, "id", "u", &id))
    return;
  torrent = bitonic_torrents_lookup (self, id);
  if (torrent == NULL)
    {
      torrent = bitonic_torrent_new (id);
      g_hash_table_insert (self->by_id, GUINT_TO_POINTER (id), torrent);
    }
  number = bitonic_torrent_get_number (torrent, self->sort);
  name = g_strdup (torrent->collate_key);
  state = g_strdup (torrent->state);
  was_shown = torrent->is_shown;
  bitonic_torrent_set (torrent, values);
  torrent->is_shown = bitonic_torrent_passes (torrent, self->filter);
  self->needs_pick = self->needs_pick || torrent->is_shown != was_shown;
  self->needs_sort = self->needs_sort || number != bitonic_torrent_get_number (torrent, self->sort)
                     || !g_str_equal (name, torrent->collate_key)
                     || !g_str_equal (state, torrent->state);
}

void
bitonic_torrents_merge (BitonicTorrents *self, GVariant *changes)
{
  g_autoptr (GVariant) torrents = g_variant_get_child_value (changes, 2);
  GVariantIter iter;
  GVariant *values;

  g_variant_iter_init (&iter, torrents);
  while ((values = g_variant_iter_next_value (&iter)) != NULL)
    {
      change_one (self, values);
      g_variant_unref (values);
    }
}

void
bitonic_torrents_apply (BitonicTorrents *self, GVariant *changes)
{
  g_autoptr (GVariant) removed = g_variant_get_child_value (changes, 3);
  gboolean starts_over;
  GVariantIter iter;
  guint32 id;

  g_variant_get_child (changes, 1, "b", &starts_over);
  if (starts_over || g_variant_n_children (removed) > 0)
    {
      self->needs_pick = TRUE;
      g_ptr_array_set_size (self->shown, 0);
    }
  if (starts_over)
    g_hash_table_remove_all (self->by_id);
  g_variant_iter_init (&iter, removed);
  while (g_variant_iter_next (&iter, "u", &id))
    g_hash_table_remove (self->by_id, GUINT_TO_POINTER (id));
  bitonic_torrents_merge (self, changes);
}

/* --- Order --- */

static int
compare (gconstpointer a, gconstpointer b, gpointer data)
{
  const BitonicTorrents *self = data;
  const int order = bitonic_torrent_compare (*(BitonicTorrent *const *) a,
                                             *(BitonicTorrent *const *) b, self->sort);

  return self->is_reversed ? -order : order;
}

GPtrArray *
bitonic_torrents_get_shown (BitonicTorrents *self)
{
  GHashTableIter iter;
  gpointer torrent;

  if (self->needs_pick)
    {
      g_ptr_array_set_size (self->shown, 0);
      g_hash_table_iter_init (&iter, self->by_id);
      while (g_hash_table_iter_next (&iter, NULL, &torrent))
        if (((BitonicTorrent *) torrent)->is_shown)
          g_ptr_array_add (self->shown, torrent);
    }
  if (self->needs_pick || self->needs_sort)
    g_ptr_array_sort_with_data (self->shown, compare, self);
  self->needs_pick = self->needs_sort = FALSE;
  return self->shown;
}

void
bitonic_torrents_set_filter (BitonicTorrents *self, const char *filter)
{
  g_autofree char *valid = g_utf8_make_valid (filter, -1);
  GHashTableIter iter;
  gpointer torrent;

  g_free (self->filter);
  self->filter = g_utf8_casefold (valid, -1);
  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &torrent))
    ((BitonicTorrent *) torrent)->is_shown = bitonic_torrent_passes (torrent, self->filter);
  self->needs_pick = TRUE;
}

const char *
bitonic_torrents_get_filter (BitonicTorrents *self)
{
  return self->filter;
}

void
bitonic_torrents_set_sort (BitonicTorrents *self, BitonicSort sort, gboolean is_reversed)
{
  self->needs_sort = self->needs_sort || sort != self->sort || is_reversed != self->is_reversed;
  self->sort = sort;
  self->is_reversed = is_reversed;
}

BitonicSort
bitonic_torrents_get_sort (BitonicTorrents *self, gboolean *is_reversed)
{
  *is_reversed = self->is_reversed;
  return self->sort;
}

/* --- Looking --- */

guint
bitonic_torrents_count (BitonicTorrents *self)
{
  return g_hash_table_size (self->by_id);
}

BitonicTorrent *
bitonic_torrents_lookup (BitonicTorrents *self, guint32 id)
{
  return g_hash_table_lookup (self->by_id, GUINT_TO_POINTER (id));
}

int
bitonic_torrents_find (BitonicTorrents *self, guint32 id)
{
  GPtrArray *shown = bitonic_torrents_get_shown (self);
  guint index;

  return g_ptr_array_find (shown, bitonic_torrents_lookup (self, id), &index) ? (int) index : -1;
}

GPtrArray *
bitonic_torrents_get_marked (BitonicTorrents *self, BitonicTorrent *otherwise)
{
  GPtrArray *shown = bitonic_torrents_get_shown (self);
  GPtrArray *marked = g_ptr_array_new ();

  for (guint i = 0; i < shown->len; i++)
    if (((BitonicTorrent *) shown->pdata[i])->is_marked)
      g_ptr_array_add (marked, shown->pdata[i]);
  if (marked->len == 0 && otherwise != NULL)
    g_ptr_array_add (marked, otherwise);
  return marked;
}

void
bitonic_torrents_mark_all (BitonicTorrents *self, gboolean is_marked)
{
  GPtrArray *shown = bitonic_torrents_get_shown (self);

  for (guint i = 0; i < shown->len; i++)
    ((BitonicTorrent *) shown->pdata[i])->is_marked = is_marked;
}

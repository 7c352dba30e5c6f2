/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-torrent-list.h"

/* New torrents are shown a few at a time: for each of the first hundreds a view makes a row, in the
 * same turn of the loop, and lays it out with the next frame; together half a millisecond each. So
 * a long list appears over several frames, its top first, and the window never stands still. */
#define FIRST_SLICE 5u
#define SLICE_INTERVAL_MS 16u
/* Where showing took less, no rows were made: the next slice is twice as large. */
#define CHEAP_US 2000
#define MAX_SLICE 512u

struct _CcbtTorrentList
{
  GObject parent_instance;
  CcbtEventBus *bus;
  GHashTable *by_id;         /* CcbtTorrentId -> CcbtTorrentItem, owned */
  GHashTable *by_hash;       /* info-hash, of the item -> CcbtTorrentItem */
  GHashTable *hidden;        /* set of CcbtTorrentItem */
  GPtrArray *visible;        /* CcbtTorrentItem, owned: the model */
  GPtrArray *incoming;       /* CcbtTorrentItem, owned: shown after the batch, the last one first */
  guint show_source;         /* 0: none of them waits for its turn */
  guint slice;               /* of them are shown next time */
  CcbtTorrentFields changed; /* of any of them, since the last batch */
};

static guint changed_signal;

static void ccbt_torrent_list_init_model (GListModelInterface *model);

G_DEFINE_FINAL_TYPE_WITH_CODE (CcbtTorrentList, ccbt_torrent_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      ccbt_torrent_list_init_model))

static void
hide_item (CcbtTorrentList *self, CcbtTorrentItem *item)
{
  guint position;

  if (g_ptr_array_find (self->visible, item, &position))
    {
      g_ptr_array_remove_index (self->visible, position);
      g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
    }
}

static void
torrent_changed_cb (CcbtTorrentList *self, CcbtTorrentStatus *status)
{
  CcbtTorrentItem *item = g_hash_table_lookup (self->by_id, GUINT_TO_POINTER (status->id));

  if (item != NULL)
    {
      self->changed |= ccbt_torrent_item_update (item, status);
      return;
    }
  item = ccbt_torrent_item_new (status);
  g_hash_table_insert (self->by_id, GUINT_TO_POINTER (status->id), item);
  g_hash_table_replace (self->by_hash, g_strdup (status->info_hash), item);
  g_ptr_array_add (self->incoming, g_object_ref (item));
}

static void
torrent_removed_cb (CcbtTorrentList *self, CcbtTorrentId id)
{
  g_autoptr (CcbtTorrentItem) item = g_hash_table_lookup (self->by_id, GUINT_TO_POINTER (id));
  const char *info_hash;

  if (item == NULL)
    return;
  g_object_ref (item);
  info_hash = ccbt_torrent_item_get_info_hash (item);
  if (g_hash_table_lookup (self->by_hash, info_hash) == item)
    g_hash_table_remove (self->by_hash, info_hash);
  g_hash_table_remove (self->hidden, item);
  g_hash_table_remove (self->by_id, GUINT_TO_POINTER (id));
  g_ptr_array_remove (self->incoming, item);
  hide_item (self, item);
}

/* The newest at the end, from where they are taken: views sort them the same way, so that what
 * comes later does not move what stands there. */
static int
compare_age (gconstpointer a, gconstpointer b)
{
  const gint64 added_a = ccbt_torrent_item_get_status (*(CcbtTorrentItem **) a)->added_at;
  const gint64 added_b = ccbt_torrent_item_get_status (*(CcbtTorrentItem **) b)->added_at;

  return added_a < added_b ? -1 : added_a > added_b;
}

static void
show_some (CcbtTorrentList *self)
{
  const gint64 began = g_get_monotonic_time ();
  const guint n_before = self->visible->len;
  const guint n_added = MIN (self->incoming->len, self->slice);

  for (guint i = 0; i < n_added; i++)
    g_ptr_array_add (self->visible,
                     g_ptr_array_steal_index (self->incoming, self->incoming->len - 1));
  if (n_added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), n_before, 0, n_added);
  self->slice
      = g_get_monotonic_time () - began < CHEAP_US ? MIN (2 * self->slice, MAX_SLICE) : FIRST_SLICE;
}

static gboolean
show_more_cb (gpointer data)
{
  g_autoptr (CcbtTorrentList) self = g_object_ref (data);

  show_some (self);
  if (self->incoming->len > 0)
    return G_SOURCE_CONTINUE;
  self->show_source = 0;
  return G_SOURCE_REMOVE;
}

static void
batch_done_cb (CcbtTorrentList *self)
{
  if (self->changed != 0)
    g_signal_emit (self, changed_signal, 0, self->changed);
  self->changed = 0;
  g_ptr_array_sort (self->incoming, compare_age);
  if (self->show_source != 0)
    return;
  self->slice = FIRST_SLICE;
  show_some (self);
  if (self->incoming->len > 0)
    self->show_source
        = g_timeout_add_full (G_PRIORITY_DEFAULT_IDLE, SLICE_INTERVAL_MS, show_more_cb, self, NULL);
}

static GType
ccbt_torrent_list_get_item_type (GListModel *model)
{
  return CCBT_TYPE_TORRENT_ITEM;
}

static guint
ccbt_torrent_list_get_n_items (GListModel *model)
{
  return CCBT_TORRENT_LIST (model)->visible->len;
}

static gpointer
ccbt_torrent_list_get_item (GListModel *model, guint position)
{
  GPtrArray *visible = CCBT_TORRENT_LIST (model)->visible;

  return position < visible->len ? g_object_ref (visible->pdata[position]) : NULL;
}

static void
ccbt_torrent_list_init_model (GListModelInterface *model)
{
  model->get_item_type = ccbt_torrent_list_get_item_type;
  model->get_n_items = ccbt_torrent_list_get_n_items;
  model->get_item = ccbt_torrent_list_get_item;
}

static void
ccbt_torrent_list_finalize (GObject *object)
{
  CcbtTorrentList *self = CCBT_TORRENT_LIST (object);

  g_clear_handle_id (&self->show_source, g_source_remove);
  g_ptr_array_unref (self->incoming);
  g_ptr_array_unref (self->visible);
  g_hash_table_unref (self->hidden);
  g_hash_table_unref (self->by_hash);
  g_hash_table_unref (self->by_id);
  g_clear_object (&self->bus);
  G_OBJECT_CLASS (ccbt_torrent_list_parent_class)->finalize (object);
}

static void
ccbt_torrent_list_class_init (CcbtTorrentListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ccbt_torrent_list_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
ccbt_torrent_list_init (CcbtTorrentList *self)
{
  self->by_id = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->by_hash = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->hidden = g_hash_table_new (NULL, NULL);
  self->visible = g_ptr_array_new_with_free_func (g_object_unref);
  self->incoming = g_ptr_array_new_with_free_func (g_object_unref);
}

CcbtTorrentList *
ccbt_torrent_list_new (void)
{
  return g_object_new (CCBT_TYPE_TORRENT_LIST, NULL);
}

void
ccbt_torrent_list_set_bus (CcbtTorrentList *self, CcbtEventBus *bus)
{
  g_return_if_fail (CCBT_IS_TORRENT_LIST (self) && self->bus == NULL);

  self->bus = g_object_ref (bus);
  g_signal_connect_object (bus, "torrent-changed", G_CALLBACK (torrent_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (bus, "torrent-removed", G_CALLBACK (torrent_removed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (bus, "batch-done", G_CALLBACK (batch_done_cb), self, G_CONNECT_SWAPPED);
}

CcbtTorrentItem *
ccbt_torrent_list_lookup (CcbtTorrentList *self, const char *info_hash)
{
  g_return_val_if_fail (CCBT_IS_TORRENT_LIST (self), NULL);

  return g_hash_table_lookup (self->by_hash, info_hash);
}

gboolean
ccbt_torrent_list_contains (CcbtTorrentList *self, CcbtTorrentItem *item)
{
  g_return_val_if_fail (CCBT_IS_TORRENT_LIST (self), FALSE);

  return ccbt_torrent_list_lookup (self, ccbt_torrent_item_get_info_hash (item)) == item
         && !g_hash_table_contains (self->hidden, item);
}

/* Takes all that are hidden out of the model, as one change from the first to the last of them. */
static void
drop_hidden (CcbtTorrentList *self)
{
  const guint n_before = self->visible->len;
  g_autoptr (GPtrArray) kept = g_ptr_array_new_full (n_before, g_object_unref);
  guint first = n_before;
  guint last = 0;

  for (guint i = 0; i < n_before; i++)
    if (!g_hash_table_contains (self->hidden, self->visible->pdata[i]))
      g_ptr_array_add (kept, g_object_ref (self->visible->pdata[i]));
    else
      {
        first = MIN (first, i);
        last = i;
      }
  if (first == n_before)
    return;
  g_ptr_array_unref (self->visible);
  self->visible = g_steal_pointer (&kept);
  g_list_model_items_changed (G_LIST_MODEL (self), first, last - first + 1,
                              last - first + 1 - (n_before - self->visible->len));
}

void
ccbt_torrent_list_set_hidden (CcbtTorrentList *self, const char *const *info_hashes,
                              gboolean is_hidden)
{
  const guint n_before = self->visible->len;

  g_return_if_fail (CCBT_IS_TORRENT_LIST (self));

  for (guint i = 0; info_hashes[i] != NULL; i++)
    {
      CcbtTorrentItem *item = ccbt_torrent_list_lookup (self, info_hashes[i]);

      if (item == NULL || g_hash_table_contains (self->hidden, item) == is_hidden)
        continue;
      if (is_hidden)
        {
          g_hash_table_add (self->hidden, item);
          g_ptr_array_remove (self->incoming, item);
        }
      else
        {
          g_hash_table_remove (self->hidden, item);
          g_ptr_array_add (self->visible, g_object_ref (item));
        }
    }
  if (is_hidden)
    drop_hidden (self);
  else if (self->visible->len > n_before)
    g_list_model_items_changed (G_LIST_MODEL (self), n_before, 0, self->visible->len - n_before);
}

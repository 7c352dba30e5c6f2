/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-snapshot-store.h"
#include "base/ccbt-wake.h"

#define MIN_TOMBSTONES 65536u

/* The latest value of one torrent, linked into its shelf by age of change. */
typedef struct
{
  GList link; /* data is the slot */
  CcbtTorrentId id;
  guint64 generation;
  gpointer value; /* CcbtTorrentStatus or CcbtTorrentDetails */
} Slot;

/* All latest values of one kind. The one changed last is at the tail: what a reader has not seen is
 * a run at the end of the list, so a pull costs what changed and not what there is. */
typedef struct
{
  GHashTable *by_id; /* CcbtTorrentId -> Slot */
  GQueue by_age;
  GBoxedCopyFunc ref;
  GDestroyNotify unref;
} Shelf;

typedef struct
{
  guint64 generation;
  CcbtTorrentId id;
} Tombstone;

typedef struct
{
  guint handle;
  CcbtWake *wake;
} Watch;

struct _CcbtSnapshotStore
{
  GMutex lock; /* guards everything below */
  guint64 generation;
  gboolean is_dirty; /* something was put since the last flush */
  Shelf statuses;
  Shelf details;
  CcbtSessionStatus session;
  GArray *tombstones; /* Tombstone, oldest first */
  guint64 forgotten;  /* generation of the last tombstone thrown away; 0 = none */
  GArray *watches;    /* Watch */
  guint last_handle;
};

static void
shelf_init (Shelf *shelf, GBoxedCopyFunc ref, GDestroyNotify unref)
{
  shelf->by_id = g_hash_table_new (NULL, NULL);
  g_queue_init (&shelf->by_age);
  shelf->ref = ref;
  shelf->unref = unref;
}

static gboolean
shelf_remove (Shelf *shelf, CcbtTorrentId id)
{
  Slot *slot = g_hash_table_lookup (shelf->by_id, GUINT_TO_POINTER (id));

  if (slot == NULL)
    return FALSE;
  g_hash_table_remove (shelf->by_id, GUINT_TO_POINTER (id));
  g_queue_unlink (&shelf->by_age, &slot->link);
  shelf->unref (slot->value);
  g_free (slot);
  return TRUE;
}

static void
shelf_clear (Shelf *shelf)
{
  Slot *slot;

  while ((slot = g_queue_peek_head (&shelf->by_age)) != NULL)
    shelf_remove (shelf, slot->id);
  g_hash_table_unref (shelf->by_id);
}

static void
shelf_put (Shelf *shelf, CcbtTorrentId id, guint64 generation, gpointer value)
{
  Slot *slot = g_hash_table_lookup (shelf->by_id, GUINT_TO_POINTER (id));

  if (slot == NULL)
    {
      slot = g_new0 (Slot, 1);
      slot->link.data = slot;
      slot->id = id;
      g_hash_table_insert (shelf->by_id, GUINT_TO_POINTER (id), slot);
    }
  else
    {
      g_queue_unlink (&shelf->by_age, &slot->link);
      shelf->unref (slot->value);
    }
  slot->generation = generation;
  slot->value = value;
  g_queue_push_tail_link (&shelf->by_age, &slot->link);
}

/* Returns: (transfer full): what is newer than @since, oldest change first */
static GPtrArray *
shelf_collect (Shelf *shelf, guint64 since)
{
  GList *first = NULL;
  guint n = 0;
  GPtrArray *values;

  for (GList *l = shelf->by_age.tail; l != NULL && ((Slot *) l->data)->generation > since;
       l = l->prev)
    {
      first = l;
      n++;
    }
  values = g_ptr_array_new_full (n, shelf->unref);
  for (GList *l = first; l != NULL; l = l->next)
    g_ptr_array_add (values, shelf->ref (((Slot *) l->data)->value));
  return values;
}

static void
store_clear (gpointer data)
{
  CcbtSnapshotStore *self = data;

  for (guint i = 0; i < self->watches->len; i++)
    ccbt_wake_free (g_array_index (self->watches, Watch, i).wake);
  g_array_unref (self->watches);
  g_array_unref (self->tombstones);
  shelf_clear (&self->statuses);
  shelf_clear (&self->details);
  g_mutex_clear (&self->lock);
}

static guint64
next_generation (CcbtSnapshotStore *self)
{
  self->is_dirty = TRUE;
  return ++self->generation;
}

static void
add_tombstone (CcbtSnapshotStore *self, CcbtTorrentId id)
{
  const Tombstone tombstone = { next_generation (self), id };

  /* Half of them go at once, so that the cost of moving the rest is spread over as many removals.
   */
  if (self->tombstones->len == 2 * MIN_TOMBSTONES)
    {
      self->forgotten = g_array_index (self->tombstones, Tombstone, MIN_TOMBSTONES - 1).generation;
      g_array_remove_range (self->tombstones, 0, MIN_TOMBSTONES);
    }
  g_array_append_val (self->tombstones, tombstone);
}

/* Returns: (transfer full): ids removed after @since, in order */
static GArray *
collect_removed (CcbtSnapshotStore *self, guint64 since)
{
  GArray *removed = g_array_new (FALSE, FALSE, sizeof (CcbtTorrentId));
  guint first = self->tombstones->len;

  while (first > 0 && g_array_index (self->tombstones, Tombstone, first - 1).generation > since)
    first--;
  for (guint i = first; i < self->tombstones->len; i++)
    g_array_append_val (removed, g_array_index (self->tombstones, Tombstone, i).id);
  return removed;
}

CcbtSnapshotStore *
ccbt_snapshot_store_new (void)
{
  CcbtSnapshotStore *self = g_atomic_rc_box_new0 (CcbtSnapshotStore);

  g_mutex_init (&self->lock);
  shelf_init (&self->statuses, (GBoxedCopyFunc) ccbt_torrent_status_ref,
              (GDestroyNotify) ccbt_torrent_status_unref);
  shelf_init (&self->details, (GBoxedCopyFunc) ccbt_torrent_details_ref,
              (GDestroyNotify) ccbt_torrent_details_unref);
  self->tombstones = g_array_new (FALSE, FALSE, sizeof (Tombstone));
  self->watches = g_array_new (FALSE, FALSE, sizeof (Watch));
  return self;
}

CcbtSnapshotStore *
ccbt_snapshot_store_ref (CcbtSnapshotStore *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
ccbt_snapshot_store_unref (CcbtSnapshotStore *self)
{
  g_atomic_rc_box_release_full (self, store_clear);
}

void
ccbt_snapshot_store_put (CcbtSnapshotStore *self, CcbtTorrentStatus *status)
{
  g_return_if_fail (status->id != 0);

  g_mutex_lock (&self->lock);
  status->generation = next_generation (self);
  shelf_put (&self->statuses, status->id, status->generation, status);
  g_mutex_unlock (&self->lock);
}

void
ccbt_snapshot_store_put_details (CcbtSnapshotStore *self, CcbtTorrentDetails *details)
{
  g_return_if_fail (details->id != 0);

  g_mutex_lock (&self->lock);
  details->generation = next_generation (self);
  shelf_put (&self->details, details->id, details->generation, details);
  g_mutex_unlock (&self->lock);
}

void
ccbt_snapshot_store_put_session (CcbtSnapshotStore *self, const CcbtSessionStatus *status)
{
  g_mutex_lock (&self->lock);
  self->session = *status;
  self->session.generation = next_generation (self);
  g_mutex_unlock (&self->lock);
}

void
ccbt_snapshot_store_remove (CcbtSnapshotStore *self, CcbtTorrentId id)
{
  g_mutex_lock (&self->lock);
  shelf_remove (&self->details, id);
  if (shelf_remove (&self->statuses, id))
    add_tombstone (self, id);
  g_mutex_unlock (&self->lock);
}

void
ccbt_snapshot_store_drop_details (CcbtSnapshotStore *self, CcbtTorrentId id)
{
  g_mutex_lock (&self->lock);
  shelf_remove (&self->details, id);
  g_mutex_unlock (&self->lock);
}

void
ccbt_snapshot_store_flush (CcbtSnapshotStore *self)
{
  g_mutex_lock (&self->lock);
  if (self->is_dirty)
    for (guint i = 0; i < self->watches->len; i++)
      ccbt_wake_ring (g_array_index (self->watches, Watch, i).wake);
  self->is_dirty = FALSE;
  g_mutex_unlock (&self->lock);
}

guint64
ccbt_snapshot_store_pull (CcbtSnapshotStore *self, guint64 since, GPtrArray **changed,
                          GPtrArray **details, GArray **removed, gboolean *start_over)
{
  guint64 generation;

  g_mutex_lock (&self->lock);
  *start_over = since > 0 && since < self->forgotten;
  if (*start_over)
    since = 0;
  *changed = shelf_collect (&self->statuses, since);
  *details = shelf_collect (&self->details, since);
  /* Who begins with everything has nothing to forget. */
  *removed = collect_removed (self, since == 0 ? G_MAXUINT64 : since);
  generation = self->generation;
  g_mutex_unlock (&self->lock);
  return generation;
}

CcbtTorrentStatus *
ccbt_snapshot_store_lookup (CcbtSnapshotStore *self, CcbtTorrentId id)
{
  Slot *slot;
  CcbtTorrentStatus *status = NULL;

  g_mutex_lock (&self->lock);
  slot = g_hash_table_lookup (self->statuses.by_id, GUINT_TO_POINTER (id));
  if (slot != NULL)
    status = ccbt_torrent_status_ref (slot->value);
  g_mutex_unlock (&self->lock);
  return status;
}

void
ccbt_snapshot_store_get_session (CcbtSnapshotStore *self, CcbtSessionStatus *out)
{
  g_mutex_lock (&self->lock);
  *out = self->session;
  g_mutex_unlock (&self->lock);
}

guint
ccbt_snapshot_store_add_watch (CcbtSnapshotStore *self, GMainContext *context, GSourceOnceFunc wake,
                               gpointer data)
{
  Watch watch = { 0, ccbt_wake_new (context, wake, data) };

  g_mutex_lock (&self->lock);
  watch.handle = ++self->last_handle;
  g_array_append_val (self->watches, watch);
  /* What was put before would otherwise wait for the next change. */
  if (self->generation > 0)
    ccbt_wake_ring (watch.wake);
  g_mutex_unlock (&self->lock);
  return watch.handle;
}

void
ccbt_snapshot_store_remove_watch (CcbtSnapshotStore *self, guint handle)
{
  CcbtWake *wake = NULL;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->watches->len && wake == NULL; i++)
    if (g_array_index (self->watches, Watch, i).handle == handle)
      {
        wake = g_array_index (self->watches, Watch, i).wake;
        g_array_remove_index (self->watches, i);
      }
  g_mutex_unlock (&self->lock);
  g_return_if_fail (wake != NULL);
  ccbt_wake_free (wake);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-event-bus.h"

/* Events handed on in one turn of the loop: the rest waits for the next, so that drawing comes in
 * between. */
#define MAX_EVENTS_PER_TURN 256u

struct _CcbtEventBus
{
  GObject parent_instance;

  CcbtSnapshotStore *store;
  CcbtEventRing *ring;
  guint watch;  /* of the store */
  guint reader; /* of the ring */
  guint64 generation;
  CcbtSessionStatus session;
  GHashTable *known; /* set of CcbtTorrentId that listeners were told of */
  gboolean is_suspended;
};

G_DEFINE_FINAL_TYPE (CcbtEventBus, ccbt_event_bus, G_TYPE_OBJECT)

enum
{
  TORRENT_CHANGED,
  TORRENT_REMOVED,
  DETAILS_CHANGED,
  SESSION_CHANGED,
  BATCH_DONE,
  EVENT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
emit_removed (CcbtEventBus *self, CcbtTorrentId id)
{
  if (g_hash_table_remove (self->known, GUINT_TO_POINTER (id)))
    g_signal_emit (self, signals[TORRENT_REMOVED], 0, id);
}

/* After starting over, whatever is not among @changed has gone. */
static void
emit_vanished (CcbtEventBus *self, GPtrArray *changed)
{
  g_autoptr (GHashTable) present = g_hash_table_new (NULL, NULL);
  g_autofree gpointer *known = g_hash_table_get_keys_as_array (self->known, NULL);

  for (guint i = 0; i < changed->len; i++)
    g_hash_table_add (present, GUINT_TO_POINTER (((CcbtTorrentStatus *) changed->pdata[i])->id));
  for (guint i = 0; known[i] != NULL; i++)
    if (!g_hash_table_contains (present, known[i]))
      emit_removed (self, GPOINTER_TO_UINT (known[i]));
}

static void
emit_changed (CcbtEventBus *self, GPtrArray *changed)
{
  for (guint i = 0; i < changed->len; i++)
    {
      CcbtTorrentStatus *status = changed->pdata[i];

      g_hash_table_add (self->known, GUINT_TO_POINTER (status->id));
      g_signal_emit (self, signals[TORRENT_CHANGED], 0, status);
    }
}

static void
emit_session (CcbtEventBus *self)
{
  const guint64 seen = self->session.generation;

  ccbt_snapshot_store_get_session (self->store, &self->session);
  if (self->session.generation != seen)
    g_signal_emit (self, signals[SESSION_CHANGED], 0);
}

static void
pull (CcbtEventBus *self)
{
  g_autoptr (GPtrArray) changed = NULL;
  g_autoptr (GPtrArray) details = NULL;
  g_autoptr (GArray) removed = NULL;
  gboolean start_over;

  self->generation = ccbt_snapshot_store_pull (self->store, self->generation, &changed, &details,
                                               &removed, &start_over);
  if (start_over)
    emit_vanished (self, changed);
  for (guint i = 0; i < removed->len; i++)
    emit_removed (self, g_array_index (removed, CcbtTorrentId, i));
  emit_changed (self, changed);
  for (guint i = 0; i < details->len; i++)
    g_signal_emit (self, signals[DETAILS_CHANGED], 0, details->pdata[i]);
  emit_session (self);
  g_signal_emit (self, signals[BATCH_DONE], 0);
}

static void
snapshots_cb (gpointer data)
{
  g_autoptr (CcbtEventBus) self = g_object_ref (data);

  if (!self->is_suspended)
    pull (self);
}

static void
events_cb (gpointer data)
{
  g_autoptr (CcbtEventBus) self = g_object_ref (data);
  g_autoptr (GPtrArray) events = NULL;
  guint64 n_dropped;

  events = ccbt_event_ring_read (self->ring, self->reader, MAX_EVENTS_PER_TURN, &n_dropped);
  if (n_dropped > 0)
    g_debug ("%" G_GUINT64_FORMAT " events were lost: the listener was too slow", n_dropped);
  for (guint i = 0; i < events->len; i++)
    g_signal_emit (self, signals[EVENT], 0, events->pdata[i]);
}

static void
ccbt_event_bus_dispose (GObject *object)
{
  CcbtEventBus *self = CCBT_EVENT_BUS (object);

  if (self->watch != 0)
    ccbt_snapshot_store_remove_watch (self->store, self->watch);
  if (self->reader != 0)
    ccbt_event_ring_remove_reader (self->ring, self->reader);
  self->watch = 0;
  self->reader = 0;
  G_OBJECT_CLASS (ccbt_event_bus_parent_class)->dispose (object);
}

static void
ccbt_event_bus_finalize (GObject *object)
{
  CcbtEventBus *self = CCBT_EVENT_BUS (object);

  ccbt_snapshot_store_unref (self->store);
  ccbt_event_ring_unref (self->ring);
  g_hash_table_unref (self->known);
  G_OBJECT_CLASS (ccbt_event_bus_parent_class)->finalize (object);
}

static guint
new_signal (const char *name, GType argument)
{
  return g_signal_new (name, CCBT_TYPE_EVENT_BUS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, argument != G_TYPE_NONE ? 1 : 0,
                       argument | (G_TYPE_IS_BOXED (argument) ? G_SIGNAL_TYPE_STATIC_SCOPE : 0));
}

static void
ccbt_event_bus_class_init (CcbtEventBusClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ccbt_event_bus_dispose;
  object_class->finalize = ccbt_event_bus_finalize;

  signals[TORRENT_CHANGED] = new_signal ("torrent-changed", CCBT_TYPE_TORRENT_STATUS);
  signals[TORRENT_REMOVED] = new_signal ("torrent-removed", G_TYPE_UINT);
  signals[DETAILS_CHANGED] = new_signal ("details-changed", CCBT_TYPE_TORRENT_DETAILS);
  signals[SESSION_CHANGED] = new_signal ("session-changed", G_TYPE_NONE);
  signals[BATCH_DONE] = new_signal ("batch-done", G_TYPE_NONE);
  signals[EVENT] = new_signal ("event", CCBT_TYPE_EVENT);
}

static void
ccbt_event_bus_init (CcbtEventBus *self)
{
  self->known = g_hash_table_new (NULL, NULL);
}

CcbtEventBus *
ccbt_event_bus_new (CcbtSnapshotStore *store, CcbtEventRing *ring, guint64 event_mask)
{
  CcbtEventBus *self = g_object_new (CCBT_TYPE_EVENT_BUS, NULL);
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  self->store = ccbt_snapshot_store_ref (store);
  self->ring = ccbt_event_ring_ref (ring);
  self->watch = ccbt_snapshot_store_add_watch (store, context, snapshots_cb, self);
  self->reader = ccbt_event_ring_add_reader (ring, event_mask, TRUE, context, events_cb, self);
  return self;
}

void
ccbt_event_bus_get_session (CcbtEventBus *self, CcbtSessionStatus *out)
{
  g_return_if_fail (CCBT_IS_EVENT_BUS (self));

  *out = self->session;
}

void
ccbt_event_bus_set_suspended (CcbtEventBus *self, gboolean is_suspended)
{
  g_return_if_fail (CCBT_IS_EVENT_BUS (self));

  if (self->is_suspended == is_suspended)
    return;
  self->is_suspended = is_suspended;
  if (!is_suspended)
    pull (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-event-ring.h"
#include "base/ccbt-wake.h"

/* The union of all masks is read without the lock: it has to fit a GLib atomic. */
G_STATIC_ASSERT (CCBT_N_EVENT_TYPES <= 32);

/* Comes while the session starts, before there can be a reader, and must be told. */
#define KEPT_FOR_LATER (1u << CCBT_EVENT_STATE_WARNING)

typedef struct
{
  guint handle;
  guint mask;
  guint64 next;    /* sequence number to look at next */
  guint64 dropped; /* wanted events that were overwritten unread */
  CcbtWake *wake;  /* NULL: the reader polls */
} Reader;

struct _CcbtEventRing
{
  guint wanted;       /* atomic: union of the readers' masks */
  GMutex lock;        /* guards everything below */
  CcbtEvent **events; /* the one with sequence s is at s % capacity */
  guint capacity;
  guint64 oldest;  /* sequence of the oldest kept; == next when empty */
  guint64 next;    /* sequence the next one gets */
  GArray *readers; /* Reader */
  guint last_handle;
};

G_DEFINE_BOXED_TYPE (CcbtEvent, ccbt_event, ccbt_event_ref, ccbt_event_unref)

static void
clear_event (gpointer data)
{
  CcbtEvent *event = data;

  g_clear_pointer (&event->payload, g_variant_unref);
}

static void
clear_ring (gpointer data)
{
  CcbtEventRing *self = data;

  for (guint64 s = self->oldest; s < self->next; s++)
    ccbt_event_unref (self->events[s % self->capacity]);
  g_free (self->events);
  for (guint i = 0; i < self->readers->len; i++)
    g_clear_pointer (&g_array_index (self->readers, Reader, i).wake, ccbt_wake_free);
  g_array_unref (self->readers);
  g_mutex_clear (&self->lock);
}

static Reader *
find_reader (CcbtEventRing *self, guint handle)
{
  for (guint i = 0; i < self->readers->len; i++)
    if (g_array_index (self->readers, Reader, i).handle == handle)
      return &g_array_index (self->readers, Reader, i);
  return NULL;
}

static gboolean
reader_wants (const Reader *reader, CcbtEventType type)
{
  return (reader->mask & (1u << type)) != 0;
}

static void
update_wanted (CcbtEventRing *self)
{
  guint wanted = 0;

  for (guint i = 0; i < self->readers->len; i++)
    wanted |= g_array_index (self->readers, Reader, i).mask;
  g_atomic_int_set (&self->wanted, wanted);
}

/* Makes room for one more and tells those who had not read what goes. */
static void
drop_oldest (CcbtEventRing *self)
{
  g_autoptr (CcbtEvent) event = self->events[self->oldest % self->capacity];

  for (guint i = 0; i < self->readers->len; i++)
    {
      Reader *reader = &g_array_index (self->readers, Reader, i);

      if (reader->next > self->oldest)
        continue;
      reader->next = self->oldest + 1;
      if (reader_wants (reader, event->type))
        reader->dropped++;
    }
  self->oldest++;
}

static void
store_event (CcbtEventRing *self, CcbtEvent *event)
{
  if (self->next - self->oldest == self->capacity)
    drop_oldest (self);
  event->sequence = self->next++;
  self->events[event->sequence % self->capacity] = event;
  for (guint i = 0; i < self->readers->len; i++)
    {
      const Reader *reader = &g_array_index (self->readers, Reader, i);

      if (reader->wake != NULL && reader_wants (reader, event->type))
        ccbt_wake_ring (reader->wake);
    }
}

/* Moves the reader's cursor to the next event it wants. Returns: FALSE when there is none */
static gboolean
seek_wanted (CcbtEventRing *self, Reader *reader)
{
  while (reader->next < self->next
         && !reader_wants (reader, self->events[reader->next % self->capacity]->type))
    reader->next++;
  return reader->next < self->next;
}

const char *
ccbt_event_type_get_name (CcbtEventType type)
{
  static const char *const names[CCBT_N_EVENT_TYPES] = {
    [CCBT_EVENT_TORRENT_ADDED] = "torrent-added",
    [CCBT_EVENT_TORRENT_REMOVED] = "torrent-removed",
    [CCBT_EVENT_TORRENT_PAUSED] = "torrent-paused",
    [CCBT_EVENT_TORRENT_RESUMED] = "torrent-resumed",
    [CCBT_EVENT_TORRENT_COMPLETED] = "torrent-completed",
    [CCBT_EVENT_TORRENT_ERROR] = "torrent-error",
    [CCBT_EVENT_METADATA_RECEIVED] = "metadata-received",
    [CCBT_EVENT_CHECK_STARTED] = "check-started",
    [CCBT_EVENT_CHECK_FINISHED] = "check-finished",
    [CCBT_EVENT_PIECE_VERIFIED] = "piece-verified",
    [CCBT_EVENT_PIECE_FAILED] = "piece-failed",
    [CCBT_EVENT_PEER_CONNECTED] = "peer-connected",
    [CCBT_EVENT_PEER_DISCONNECTED] = "peer-disconnected",
    [CCBT_EVENT_PEER_BANNED] = "peer-banned",
    [CCBT_EVENT_TRACKER_ANNOUNCED] = "tracker-announced",
    [CCBT_EVENT_TRACKER_FAILED] = "tracker-failed",
    [CCBT_EVENT_LISTENING] = "listening",
    [CCBT_EVENT_LISTEN_FAILED] = "listen-failed",
    [CCBT_EVENT_STATE_WARNING] = "state-warning",
    [CCBT_EVENT_SEED_GOAL_REACHED] = "seed-goal-reached",
    [CCBT_EVENT_CONFIG_CHANGED] = "config-changed",
    [CCBT_EVENT_CONFIG_INVALID] = "config-invalid",
    [CCBT_EVENT_TORRENT_MOVED] = "torrent-moved",
    [CCBT_EVENT_MOVE_FAILED] = "move-failed",
    [CCBT_EVENT_WATCH_FAILED] = "watch-failed",
  };

  g_return_val_if_fail ((guint) type < CCBT_N_EVENT_TYPES, "unknown");

  return names[type];
}

CcbtEvent *
ccbt_event_ref (CcbtEvent *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
ccbt_event_unref (CcbtEvent *self)
{
  g_atomic_rc_box_release_full (self, clear_event);
}

CcbtEventRing *
ccbt_event_ring_new (guint capacity)
{
  CcbtEventRing *self;

  g_return_val_if_fail (capacity > 0, NULL);

  self = g_atomic_rc_box_new0 (CcbtEventRing);
  g_mutex_init (&self->lock);
  self->events = g_new0 (CcbtEvent *, capacity);
  self->capacity = capacity;
  self->oldest = 1;
  self->next = 1;
  self->readers = g_array_new (FALSE, FALSE, sizeof (Reader));
  return self;
}

CcbtEventRing *
ccbt_event_ring_ref (CcbtEventRing *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
ccbt_event_ring_unref (CcbtEventRing *self)
{
  g_atomic_rc_box_release_full (self, clear_ring);
}

gboolean
ccbt_event_ring_wants (CcbtEventRing *self, CcbtEventType type)
{
  return (((guint) g_atomic_int_get (&self->wanted) | KEPT_FOR_LATER) & (1u << type)) != 0;
}

void
ccbt_event_ring_post (CcbtEventRing *self, CcbtEventType type, CcbtTorrentId torrent,
                      gint64 wall_time, GVariant *payload)
{
  g_autoptr (GVariant) owned = payload != NULL ? g_variant_ref_sink (payload) : NULL;
  CcbtEvent *event;

  g_return_if_fail ((guint) type < CCBT_N_EVENT_TYPES);

  if (!ccbt_event_ring_wants (self, type))
    return;
  event = g_atomic_rc_box_new0 (CcbtEvent);
  event->wall_time = wall_time;
  event->type = type;
  event->torrent = torrent;
  event->payload = g_steal_pointer (&owned);
  g_mutex_lock (&self->lock);
  store_event (self, event);
  g_mutex_unlock (&self->lock);
}

guint
ccbt_event_ring_add_reader (CcbtEventRing *self, guint64 mask, gboolean replay,
                            GMainContext *context, GSourceOnceFunc wake, gpointer data)
{
  Reader reader = { .mask = (guint) mask };

  if (wake != NULL)
    reader.wake = ccbt_wake_new (context, wake, data);
  g_mutex_lock (&self->lock);
  reader.handle = ++self->last_handle;
  reader.next = replay ? self->oldest : self->next;
  if (reader.wake != NULL && seek_wanted (self, &reader))
    ccbt_wake_ring (reader.wake);
  g_array_append_val (self->readers, reader);
  update_wanted (self);
  g_mutex_unlock (&self->lock);
  return reader.handle;
}

void
ccbt_event_ring_remove_reader (CcbtEventRing *self, guint handle)
{
  Reader *reader;
  CcbtWake *wake = NULL;

  g_mutex_lock (&self->lock);
  reader = find_reader (self, handle);
  if (reader != NULL)
    {
      wake = reader->wake;
      g_array_remove_index (self->readers,
                            (guint) (reader - &g_array_index (self->readers, Reader, 0)));
      update_wanted (self);
    }
  g_mutex_unlock (&self->lock);
  g_return_if_fail (reader != NULL);
  g_clear_pointer (&wake, ccbt_wake_free);
}

GPtrArray *
ccbt_event_ring_read (CcbtEventRing *self, guint handle, guint max, guint64 *dropped)
{
  GPtrArray *events = g_ptr_array_new_with_free_func ((GDestroyNotify) ccbt_event_unref);
  guint64 n_dropped = 0;
  Reader *reader;

  g_mutex_lock (&self->lock);
  reader = find_reader (self, handle);
  if (reader != NULL)
    {
      n_dropped = reader->dropped;
      reader->dropped = 0;
      while (events->len < max && seek_wanted (self, reader))
        g_ptr_array_add (events, ccbt_event_ref (self->events[reader->next++ % self->capacity]));
      if (reader->wake != NULL && seek_wanted (self, reader))
        ccbt_wake_ring (reader->wake);
    }
  g_mutex_unlock (&self->lock);
  g_warn_if_fail (reader != NULL);
  if (dropped != NULL)
    *dropped = n_dropped;
  return events;
}

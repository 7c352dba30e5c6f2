/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib-object.h>
#include "base/ccbt-types.h"

/* Things that happened, in order. Names (ccbt_event_type_get_name) are part of the interface for
 * scripts. */
typedef enum
{
  CCBT_EVENT_TORRENT_ADDED,   /* payload: name (s) */
  CCBT_EVENT_TORRENT_REMOVED, /* payload: name (s) */
  CCBT_EVENT_TORRENT_PAUSED,
  CCBT_EVENT_TORRENT_RESUMED,
  CCBT_EVENT_TORRENT_COMPLETED, /* all wanted bytes verified and written, by downloading; not at
                                   start-up */
  CCBT_EVENT_TORRENT_ERROR,     /* payload: code (i), text (s) */
  CCBT_EVENT_METADATA_RECEIVED,
  CCBT_EVENT_CHECK_STARTED,
  CCBT_EVENT_CHECK_FINISHED,    /* payload: pieces found (u), pieces (u) */
  CCBT_EVENT_PIECE_VERIFIED,    /* payload: piece (u) */
  CCBT_EVENT_PIECE_FAILED,      /* payload: piece (u) */
  CCBT_EVENT_PEER_CONNECTED,    /* payload: address, source (s) */
  CCBT_EVENT_PEER_DISCONNECTED, /* payload: address (s), reason (s) */
  CCBT_EVENT_PEER_BANNED,       /* payload: address (s), reason (s) */
  CCBT_EVENT_TRACKER_ANNOUNCED, /* payload: redacted URL (s), peers (u) */
  CCBT_EVENT_TRACKER_FAILED,    /* payload: redacted URL (s), message (s) */
  CCBT_EVENT_LISTENING,         /* payload: port (u) */
  CCBT_EVENT_LISTEN_FAILED,     /* payload: text (s) */
  CCBT_EVENT_STATE_WARNING,     /* the state folder has a problem; payload: text (s) */
  CCBT_EVENT_SEED_GOAL_REACHED, /* it has seeded enough: paused, or removed */
  CCBT_EVENT_CONFIG_CHANGED, /* payload: text (s), keys (as), restart (as): those that need one */
  CCBT_EVENT_CONFIG_INVALID, /* the file has changed, the old values stay; payload: text (s) */
  CCBT_EVENT_TORRENT_MOVED, /* payload: folder (s); left (s), when something stays at the old place */
  CCBT_EVENT_MOVE_FAILED, /* all is as it was; payload: folder (s), code (i) of CcbtError, -1 when it
                               was cancelled, text (s) */
  CCBT_EVENT_WATCH_FAILED, /* a file in a watched folder; payload: text (s) */
  CCBT_N_EVENT_TYPES,
} CcbtEventType;

#define CCBT_EVENT_MASK_ALL G_MAXUINT64
#define CCBT_EVENT_MASK(type) (G_GUINT64_CONSTANT (1) << (type))

const char *ccbt_event_type_get_name (CcbtEventType type); /* "torrent-added" */

/* Immutable, shared by reference. */
typedef struct
{
  guint64 sequence; /* 1, 2, 3 ... without gaps over all types */
  gint64 wall_time; /* microseconds since 1970 */
  CcbtEventType type;
  CcbtTorrentId torrent; /* 0 = of the session */
  GVariant *payload;     /* (nullable): a{sv} */
} CcbtEvent;

#define CCBT_TYPE_EVENT (ccbt_event_get_type ())
GType ccbt_event_get_type (void);
CcbtEvent *ccbt_event_ref (CcbtEvent *self);
void ccbt_event_unref (CcbtEvent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtEvent, ccbt_event_unref)

/* A bounded, sequenced record of events with any number of readers, each at its own cursor. A
 * reader that falls behind loses the oldest and is told how many. Thread-safe. */
typedef struct _CcbtEventRing CcbtEventRing;

CcbtEventRing *ccbt_event_ring_new (guint capacity);
CcbtEventRing *ccbt_event_ring_ref (CcbtEventRing *self);
void ccbt_event_ring_unref (CcbtEventRing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtEventRing, ccbt_event_ring_unref)

/* Is there a reader that wants @type? Ask before building a payload: nothing is made for a type
 * nobody listens to. Lock-free. */
gboolean ccbt_event_ring_wants (CcbtEventRing *self, CcbtEventType type);

/* @payload: (nullable): floating reference is taken. Dropped at once when no reader wants @type, but
 * for STATE_WARNING: it comes before there are readers, and is kept for those with @replay. */
void ccbt_event_ring_post (CcbtEventRing *self, CcbtEventType type, CcbtTorrentId torrent,
                           gint64 wall_time, GVariant *payload);

/* Adds a reader that wants the types in @mask, starting with the next event (@replay FALSE) or with
 * the oldest kept one. @wake (nullable) is called on @context (NULL = the global default one) when
 * events wait: once however many come before it runs, and again when a read left some. Returns: the
 * reader's handle, never 0. Remove it on the thread that runs @context. */
guint ccbt_event_ring_add_reader (CcbtEventRing *self, guint64 mask, gboolean replay,
                                  GMainContext *context, GSourceOnceFunc wake, gpointer data);
void ccbt_event_ring_remove_reader (CcbtEventRing *self, guint reader);

/* Next events for @reader. @dropped: (out) (optional): how many it missed since the last call.
 * Returns: (transfer full) (element-type CcbtEvent): oldest first, possibly empty */
GPtrArray *ccbt_event_ring_read (CcbtEventRing *self, guint reader, guint max, guint64 *dropped);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-random.h"
#include "base/ccbt-torrent-status.h"
#include "wire/ccbt-tracker-http.h"

/* Which tracker to ask, when, and what to tell it (BEP 12, BEP 3 events). Pure: told of the time
 * and of answers. Times are monotonic microseconds. */
typedef struct
{
  char *url;
  guint tier;
  gboolean is_supported; /* a scheme we speak */
  CcbtTrackerState state;
  char *message; /* printable; NULL */
  char *tracker_id;
  guint n_failures;     /* in a row */
  gint64 next_announce; /* when it is due by its interval, or its back-off */
  gint64 early_next;    /* when it may be asked for want of peers: its minimum interval, if it gave
                           one */
  gint64 min_next;      /* not even the user can have it asked before */
  gboolean has_started; /* it knows of us */
  gboolean is_dead;     /* it said: never again (BEP 31) */
  gboolean knows_completion; /* where each is told: it was */
  int seeds;                 /* -1 = unknown, as the next two */
  int leechers;
  int downloaded;       /* how often the torrent was ever completed */
  int response_time_ms; /* of the last answer; -1 = none yet */
  gint64 answered_at;   /* the last time it worked; 0 = never */
  guint peers_received; /* in the last answer */
} CcbtTracker;

typedef struct
{
  GPtrArray *list; /* CcbtTracker, tier by tier, in the order to be asked */
  CcbtRandom random;
  gboolean can_udp;           /* set it before trackers are added */
  gboolean no_http;           /* the same */
  gboolean all_tiers;         /* one of every tier is announced to, not only the first that works */
  gboolean all_trackers;      /* every tracker of a tier is, not only the first that works */
  gboolean is_completion_due; /* "completed" is still to be told */
  gboolean was_completed;     /* ccbt_tracker_tiers_complete() was called */
} CcbtTrackerTiers;

void ccbt_tracker_tiers_init (CcbtTrackerTiers *self, guint64 seed);
void ccbt_tracker_tiers_clear (CcbtTrackerTiers *self);

#define CCBT_TRACKERS_MAX 200u /* of one torrent */

/* At a random place in its tier. Schemes we do not speak are listed as failed, with a message.
 * Returns: FALSE when it is there already, is no URL, has a host with characters beyond ASCII (plain
 * or as punycode, B28), or there are too many (B29) */
gboolean ccbt_tracker_tiers_add (CcbtTrackerTiers *self, const char *url, guint tier);

/* One of a list as the user wants it. */
typedef struct
{
  const char *url;
  guint tier;
} CcbtTrackerEntry;

/* The list becomes @entries, in their order within each tier; those that stay keep what is known of
 * them. What cannot be added is left out. @removed: takes the others. */
void ccbt_tracker_tiers_replace (CcbtTrackerTiers *self, const CcbtTrackerEntry *entries,
                                 guint n_entries, GPtrArray *removed);
/* Returns: (transfer none) (nullable) */
CcbtTracker *ccbt_tracker_tiers_find (CcbtTrackerTiers *self, const char *url);
void ccbt_tracker_free (gpointer tracker);

/* The tracker to ask now, or NULL with @wait (out): microseconds until one may be asked (G_MAXINT64
 * = none ever). The first in order that is not waiting after a failure; while one works, those
 * behind it are left alone. */
CcbtTracker *ccbt_tracker_tiers_pick (CcbtTrackerTiers *self, gint64 now, gboolean needs_peers,
                                      gint64 *wait);

/* Is there another that may be asked now? */
gboolean ccbt_tracker_tiers_has_other (CcbtTrackerTiers *self, const CcbtTracker *tracker,
                                       gint64 now);

/* It is being asked. Returns: what to tell it */
CcbtAnnounceEvent ccbt_tracker_tiers_begin (CcbtTrackerTiers *self, CcbtTracker *tracker);

/* It answered @event: it moves to the front of its tier. */
void ccbt_tracker_tiers_note_reply (CcbtTrackerTiers *self, CcbtTracker *tracker,
                                    CcbtAnnounceEvent event, const CcbtAnnounceReply *reply,
                                    gint64 now);

/* It did not, or said no. @retry_in: seconds it asked for; 0 = not said, -1 = never */
void ccbt_tracker_tiers_note_failure (CcbtTrackerTiers *self, CcbtTracker *tracker,
                                      const char *message, gint64 retry_in, gint64 now);

/* It is told "stopped", and is new to us when we start again. */
void ccbt_tracker_tiers_note_stopped (CcbtTrackerTiers *self, CcbtTracker *tracker);

/* The download has finished: one tracker is to hear of it, at once if it knows us. Only the first
 * call counts. */
void ccbt_tracker_tiers_complete (CcbtTrackerTiers *self);

/* "completed" was heard, by @tracker (nullable: one that is not in the list any more). */
void ccbt_tracker_tiers_note_completion_told (CcbtTrackerTiers *self, CcbtTracker *tracker);
/* Is "completed" to be told to this one? One that knows us hears it; all of those when more than one
 * is announced to. */
gboolean ccbt_tracker_tiers_owes_completion (CcbtTrackerTiers *self, const CcbtTracker *tracker);

/* All are due now, or as soon as they allow it. */
void ccbt_tracker_tiers_hurry (CcbtTrackerTiers *self, gint64 now);
/* We stand at another address: what those that work say of us is wrong, so that they are due now
 * whatever they allow; the others as soon as they allow it. */
void ccbt_tracker_tiers_note_moved (CcbtTrackerTiers *self, gint64 now);

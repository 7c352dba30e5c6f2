/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-random.h"
#include "base/ccbt-torrent-status.h"
#include "wire/ccbt-tracker-http.h"

/* Which tracker to ask, and when (BEP 12). Pure: told of the time and of answers. */
typedef struct
{
  char *url;
  guint tier;
  gboolean is_supported; /* a scheme we speak */
  CcbtTrackerState state;
  char *message; /* printable; NULL */
  char *tracker_id;
  guint n_failures;     /* in a row */
  gint64 next_announce; /* monotonic microseconds; when it may be asked again */
  gint64 min_next;      /* never before that, by its minimum interval */
  gboolean has_started; /* it knows of us */
  gboolean is_dead;     /* it said: never again (BEP 31) */
  int seeds;
  int leechers;
} CcbtTracker;

typedef struct
{
  GPtrArray *list; /* CcbtTracker, tier by tier, in the order to be asked */
  CcbtRandom random;
} CcbtTrackerTiers;

void ccbt_tracker_tiers_init (CcbtTrackerTiers *self, guint64 seed);
void ccbt_tracker_tiers_clear (CcbtTrackerTiers *self);

/* At a random place in its tier. Returns: FALSE when it is there already, or there are too many */
gboolean ccbt_tracker_tiers_add (CcbtTrackerTiers *self, const char *url, guint tier);

/* The tracker to ask now, or NULL with @wait (out): microseconds until one may be asked (G_MAXINT64
 * = none ever). The first in order that is not waiting after a failure; while one works, those
 * behind it are left alone. */
CcbtTracker *ccbt_tracker_tiers_pick (CcbtTrackerTiers *self, gint64 now, gint64 *wait);

/* It answered: it moves to the front of its tier. */
void ccbt_tracker_tiers_note_reply (CcbtTrackerTiers *self, CcbtTracker *tracker,
                                    const CcbtAnnounceReply *reply, gint64 now);
/* It did not, or said no. @retry_in: seconds it asked for; 0 = not said, -1 = never */
void ccbt_tracker_tiers_note_failure (CcbtTrackerTiers *self, CcbtTracker *tracker,
                                      const char *message, gint64 retry_in, gint64 now);

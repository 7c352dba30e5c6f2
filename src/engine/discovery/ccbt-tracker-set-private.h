/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "discovery/ccbt-tracker-farewell.h"
#include "discovery/ccbt-tracker-set.h"

/* What the files of the tracker set share: announcing, and scraping. */

/* An announce under way. */
typedef struct
{
  CcbtTrackerSet *set;
  CcbtAnnounce *announce;
  CcbtTracker *tracker;
  CcbtAnnounceEvent event;
} CcbtTrackerAsking;

struct _CcbtTrackerSet
{
  const CcbtTrackerSetOwner *questions;
  gpointer owner;
  CcbtTrackerAccess access;
  CcbtSha1 info_hash;
  guint8 peer_id[20];
  guint32 key;
  CcbtTrackerTiers tiers;
  gboolean is_running;
  CcbtTrackerAsking *asking; /* NULL = none */
  GPtrArray *trailing;       /* CcbtTrackerAsking: answered, peers of the other family may come */
  CcbtTrackerFarewell *farewell; /* under way; NULL = none. Borrowed */
  guint scrape_interval;
  gint64 next_scrape;
};

static inline gint64
ccbt_tracker_set_get_now (CcbtTrackerSet *self)
{
  return ccbt_clock_now (self->access.clock);
}

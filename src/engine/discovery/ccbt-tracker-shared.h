/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "discovery/ccbt-announce-queue.h"
#include "discovery/ccbt-lookup-cache.h"
#include "discovery/ccbt-scrape-cache.h"

/* What the trackers of all torrents of a session share. */
typedef struct
{
  CcbtAnnounceQueue *queue;
  CcbtScrapeCache *scrapes;
  CcbtLookupCache *dns; /* ccbt_tracker_dns_new() */
} CcbtTrackerShared;

/* @http, @udp (nullable), @clock: borrowed, outlive it. Returns: (transfer full) */
CcbtTrackerShared *ccbt_tracker_shared_new (CcbtHttp *http, CcbtUdpTracker *udp, CcbtClock *clock);
/* After the last tracker set. */
void ccbt_tracker_shared_free (CcbtTrackerShared *self);
/* About once a second. */
void ccbt_tracker_shared_tick (CcbtTrackerShared *self);

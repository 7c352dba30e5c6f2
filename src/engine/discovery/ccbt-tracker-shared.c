/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-tracker-shared.h"
#include "discovery/ccbt-tracker-dns.h"

CcbtTrackerShared *
ccbt_tracker_shared_new (CcbtHttp *http, CcbtUdpTracker *udp, CcbtClock *clock)
{
  CcbtTrackerShared *self = g_new0 (CcbtTrackerShared, 1);

  self->queue = ccbt_announce_queue_new (clock);
  self->scrapes = ccbt_scrape_cache_new (http, udp, clock);
  self->dns = ccbt_tracker_dns_new (clock);
  return self;
}

void
ccbt_tracker_shared_free (CcbtTrackerShared *self)
{
  ccbt_scrape_cache_free (self->scrapes);
  ccbt_announce_queue_free (self->queue);
  ccbt_lookup_cache_close (self->dns);
  ccbt_lookup_cache_unref (self->dns);
  g_free (self);
}

void
ccbt_tracker_shared_tick (CcbtTrackerShared *self)
{
  ccbt_announce_queue_tick (self->queue);
  ccbt_scrape_cache_tick (self->scrapes);
}

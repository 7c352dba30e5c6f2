/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "discovery/ccbt-udp-tracker.h"
#include "net/ccbt-http.h"
#include "wire/ccbt-scrape.h"

/* Scrapes for all torrents of a session. Those of one tracker are asked together, one request at a
 * time and none before its minimum interval (a minute where it names none); what it knows of others
 * that will soon be old is asked along. A tracker that does not take many at once is asked for one
 * after the other. */
typedef struct _CcbtScrapeCache CcbtScrapeCache;

/* @entry (nullable): -1 where the tracker does not say; NULL: it failed, or does not know the
 * torrent: see @message. Borrowed. */
typedef void (*CcbtScrapedFunc) (gpointer data, const char *url, const CcbtScrapeEntry *entry,
                                 const char *message);

/* @http, @udp (nullable), @clock: borrowed, outlive it. Returns: (transfer full) */
CcbtScrapeCache *ccbt_scrape_cache_new (CcbtHttp *http, CcbtUdpTracker *udp, CcbtClock *clock);
void ccbt_scrape_cache_free (CcbtScrapeCache *self);

/* Can this tracker be asked at all? */
gboolean ccbt_scrape_cache_can_ask (CcbtScrapeCache *self, const char *announce_url);
/* @func is called once, at a later tick; with what is known when that is not older than @max_age
 * seconds. */
void ccbt_scrape_cache_ask (CcbtScrapeCache *self, const char *announce_url,
                            const CcbtSha1 *info_hash, guint max_age, CcbtScrapedFunc func,
                            gpointer data);
/* Seconds until this tracker may be asked for this torrent; 0 = now. */
gint64 ccbt_scrape_cache_get_wait (CcbtScrapeCache *self, const char *announce_url,
                                   const CcbtSha1 *info_hash);
/* Takes back every question asked with @data. */
void ccbt_scrape_cache_forget (CcbtScrapeCache *self, gpointer data);
/* Asks what is to be asked; about once a second. */
void ccbt_scrape_cache_tick (CcbtScrapeCache *self);

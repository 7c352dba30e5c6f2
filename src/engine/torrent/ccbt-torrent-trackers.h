/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "discovery/ccbt-tracker-tiers.h"
#include "torrent/ccbt-torrent.h"

/* The trackers of a torrent as its user wants them. What is changed here is stored and published;
 * the list that is stored counts at the next start, not that of the .torrent. Private torrents
 * (BEP 27) take trackers from their user as all others do. Engine context. */

#define CCBT_TRACKER_MAX_TIER 199u

/* The list becomes @entries, in their order within a tier. Those that are there already may stay,
 * whatever their kind. All or nothing: INVALID: one is no address of a tracker, is there twice, or
 * there are too many. */
gboolean ccbt_torrent_set_trackers (CcbtTorrent *self, const CcbtTrackerEntry *entries,
                                    guint n_entries, GError **error);
/* One more, at the end of its tier. Errors: INVALID, as above; EXISTS: it is there already. */
gboolean ccbt_torrent_insert_tracker (CcbtTorrent *self, const char *url, guint tier,
                                      GError **error);
/* It is told "stopped" when it knows us. Errors: NOT_FOUND. */
gboolean ccbt_torrent_remove_tracker (CcbtTorrent *self, const char *url, GError **error);
/* Asks its trackers for their counts, none before its minimum interval. @wait (out): seconds until
 * the first of them may be asked; 0 = now. Errors: UNSUPPORTED: none of them tells counts. */
gboolean ccbt_torrent_scrape (CcbtTorrent *self, gint64 *wait, GError **error);

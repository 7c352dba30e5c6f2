/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-clock.h"
#include "net/ccbt-udp-mux.h"
#include "wire/ccbt-scrape.h"
#include "wire/ccbt-tracker-udp.h"

/* Talks to all UDP trackers of a session over its one UDP port (BEP 15). Looks names up by GResolver,
 * asynchronously; connection ids are kept for their minute per address; unguessable transaction ids;
 * a reply counts only from the address that was asked (B72); repeated after 15 x 2^n seconds, up to
 * n = 8 or the request's own timeout. At most 64 requests are under way, the others wait in line. */
typedef struct _CcbtUdpTracker CcbtUdpTracker;

/* @mux, @clock: borrowed, outlive it. It adds itself to @mux as a taker. */
CcbtUdpTracker *ccbt_udp_tracker_new (CcbtUdpMux *mux, CcbtClock *clock);
/* What is under way ends with G_IO_ERROR_CANCELLED during this call. */
void ccbt_udp_tracker_free (CcbtUdpTracker *self);

/* Exactly one of @reply and @error is set; both are borrowed. Never called from within the call that
 * starts a request. Not called after cancel, nor after @is_last. */
typedef void (*CcbtUdpAnnounceFunc) (gpointer data, const CcbtAnnounceReply *reply,
                                     const GError *error, gboolean is_last);
/* Called once. */
typedef void (*CcbtUdpScrapeFunc) (gpointer data, const CcbtScrapeReply *reply,
                                   const GError *error);

/* Asks on every family the host and we have; a failure of one family is no failure while the other
 * answers: peers of both come in one reply, or in two calls of @func when the second is more than 2 s
 * later (the second, with @is_last, only brings peers, or an error that means nothing).
 * @url: udp://host[:port][/path]; port 80 where none is given.
 * @timeout: seconds in all, from when it leaves the line; 0 = the whole schedule.
 * Errors: NETWORK (name not found, no answer), MALFORMED. Returns: id, never 0 */
guint ccbt_udp_tracker_announce (CcbtUdpTracker *self, const char *url,
                                 const CcbtAnnounceRequest *request, guint timeout,
                                 CcbtUdpAnnounceFunc func, gpointer data);
/* The first family to answer counts. @n_info_hashes: CCBT_TRACKER_UDP_MAX_SCRAPE at most. */
guint ccbt_udp_tracker_scrape (CcbtUdpTracker *self, const char *url, const CcbtSha1 *info_hashes,
                               guint n_info_hashes, guint timeout, CcbtUdpScrapeFunc func,
                               gpointer data);
/* Ignored when it is over. */
void ccbt_udp_tracker_cancel (CcbtUdpTracker *self, guint id);
/* Inside @func: did the answer come from a loopback address (so that peers on loopback make
 * sense)? */
gboolean ccbt_udp_tracker_was_local (CcbtUdpTracker *self);
/* Resends and timeouts; about once a second. */
void ccbt_udp_tracker_tick (CcbtUdpTracker *self);
/* We stand at another address. */
void ccbt_udp_tracker_note_moved (CcbtUdpTracker *self);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "discovery/ccbt-tracker-shared.h"
#include "discovery/ccbt-udp-tracker.h"
#include "net/ccbt-http.h"
#include "wire/ccbt-tracker-http.h"

/* What trackers are asked with; all borrowed. */
typedef struct
{
  CcbtHttp *http;
  CcbtUdpTracker *udp;       /* (nullable): UDP trackers cannot be asked */
  CcbtTrackerShared *shared; /* (nullable): no turns, no DNS preferences, no scrapes */
  CcbtClock *clock;
  gboolean no_http; /* HTTP trackers may not be asked */
} CcbtTrackerAccess;

/* One announce to one tracker by whatever its URL says: first what its host says in DNS of its ports
 * (BEP 34), then its turn in the session's line, then the question itself. */
typedef struct _CcbtAnnounce CcbtAnnounce;

/* Exactly one of @reply and @error is set. @is_local: the tracker stands on this machine. @is_last:
 * the announce is no more; otherwise peers of the other address family may come in one more call.
 * Never from within begin. */
typedef void (*CcbtAnnounceFunc) (gpointer data, const CcbtAnnounceReply *reply,
                                  const GError *error, gboolean is_local, gboolean is_last);

/* @request: copied. @timeout: seconds for the question. @is_urgent: at once: nothing is looked up for it, no line.
 * Errors: as of HTTP and UDP; G_IO_ERROR_CANCELLED: nobody may ask any more.
 * Returns: (transfer full): valid until the last call of @func, or cancel */
CcbtAnnounce *ccbt_announce_begin (const CcbtTrackerAccess *access, const char *url,
                                   const CcbtAnnounceRequest *request, guint timeout,
                                   gboolean is_urgent, CcbtAnnounceFunc func, gpointer data);
/* Nothing is called any more. */
void ccbt_announce_cancel (CcbtAnnounce *self);
/* Somebody else waits for the answer. */
void ccbt_announce_set_func (CcbtAnnounce *self, CcbtAnnounceFunc func, gpointer data);
/* When the tracker was asked; 0 = it has not been yet. */
gint64 ccbt_announce_get_asked_at (CcbtAnnounce *self);

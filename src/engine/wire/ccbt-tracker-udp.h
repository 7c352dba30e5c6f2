/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "wire/ccbt-tracker-http.h"

/* UDP announces and scrapes: BEP 15, with the URL's path and query as options of BEP 41. */

#define CCBT_TRACKER_UDP_MAX_SCRAPE 74u /* info-hashes of one scrape */

/* 16 bytes. */
void ccbt_tracker_udp_write_connect (GByteArray *out, guint32 transaction);
/* @path_and_query: of the URL, for BEP 41; "" = none. */
void ccbt_tracker_udp_write_announce (GByteArray *out, guint64 connection, guint32 transaction,
                                      const CcbtAnnounceRequest *request,
                                      const char *path_and_query);
void ccbt_tracker_udp_write_scrape (GByteArray *out, guint64 connection, guint32 transaction,
                                    const CcbtSha1 *info_hashes, guint n_info_hashes);

typedef enum
{
  CCBT_TRACKER_UDP_CONNECT = 0,
  CCBT_TRACKER_UDP_ANNOUNCE = 1,
  CCBT_TRACKER_UDP_SCRAPE = 2,
  CCBT_TRACKER_UDP_ERROR = 3,
} CcbtTrackerUdpAction;

/* What every reply begins with. Returns: FALSE when @datagram cannot be a reply: too short, or an
 * action that does not exist. */
gboolean ccbt_tracker_udp_read_head (CcbtSpan datagram, CcbtTrackerUdpAction *action,
                                     guint32 *transaction);
gboolean ccbt_tracker_udp_read_connect (CcbtSpan datagram, guint64 *connection);
/* What an ERROR says: printable, 200 characters at most. Returns: (transfer full) (nullable): NULL
 * when it is no ERROR */
char *ccbt_tracker_udp_dup_failure (CcbtSpan datagram);
/* @is_ipv6: of the socket it came in on: its peers have 18 bytes then; an incomplete one at the end
 * is left out. Also for action ERROR: a reply with `failure` (BEP 31 has no "retry in" over UDP).
 * Values are clamped as those of HTTP replies are. Errors: MALFORMED. Returns: (transfer full)
 * (nullable) */
CcbtAnnounceReply *ccbt_tracker_udp_read_announce (CcbtSpan datagram, gboolean is_ipv6,
                                                   GError **error);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "discovery/ccbt-lookup-cache.h"

/* What hosts say in DNS of the trackers they run (BEP 34): a TXT record "BITTORRENT UDP:1337 TCP:80",
 * in order of preference; without a port: none at all, do not ask. */
typedef struct
{
  gboolean is_udp;
  guint16 port;
} CcbtTrackerPort;

/* @record: the text of one TXT record. Returns: (transfer full) (nullable) (element-type
 * CcbtTrackerPort): NULL when it is about something else; empty: no tracker; 16 at most */
GArray *ccbt_tracker_dns_parse (const char *record);

/* @url: of a tracker. @ports: what its host says. @can_udp: UDP trackers can be asked.
 * Returns: (transfer full) (nullable): the address to ask: @url where its port is listed; otherwise
 * with the port preferred, and with the scheme that goes with it; NULL = no tracker there */
char *ccbt_tracker_dns_apply (const char *url, const GArray *ports, gboolean can_udp);

/* Keys are host names; a value is a GArray of CcbtTrackerPort; none: the host says nothing. A DNS
 * server that does not answer counts as that after one second. Kept an hour.
 * Returns: (transfer full) */
CcbtLookupCache *ccbt_tracker_dns_new (CcbtClock *clock);
/* Can there be a record: is it a name, and not one of the local network? */
gboolean ccbt_tracker_dns_can_ask (const char *host);

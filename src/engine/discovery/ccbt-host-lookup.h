/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-address.h"
#include "discovery/ccbt-lookup-cache.h"

/* Addresses of hosts by the system's resolver, kept five minutes. Keys are made by
 * ccbt_host_lookup_make_key(); a value is a GArray of CcbtAddress, one at least, ports 0.
 * Returns: (transfer full) */
CcbtLookupCache *ccbt_host_lookup_new (CcbtClock *clock);
/* @host: a name in ASCII. Each family is a question of its own, since one may be slow.
 * Returns: (transfer full) */
char *ccbt_host_lookup_make_key (const char *host, gboolean is_ipv6);

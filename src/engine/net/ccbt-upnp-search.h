/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"
#include "net/ccbt-gateway.h"
#include "wire/ccbt-ssdp.h"

/* Finds the router's UPnP side, and listens for its notices: only what comes from the router's own
 * address is believed (threat B85). IPv4. */
typedef struct _CcbtUpnpSearch CcbtUpnpSearch;

/* Answers and notices, each at most once in a short time; may free the search. */
typedef void (*CcbtUpnpHeard) (gpointer data, const CcbtSsdpMessage *message);

/* Errors: NETWORK. Returns: (transfer full) (nullable) */
CcbtUpnpSearch *ccbt_upnp_search_new (const CcbtGateway *gateway, CcbtClock *clock,
                                      CcbtUpnpHeard heard, gpointer data, GError **error);
void ccbt_upnp_search_free (CcbtUpnpSearch *self);
/* Asks once, by multicast and the router alone; ask again when nothing comes. */
void ccbt_upnp_search_ask (CcbtUpnpSearch *self);

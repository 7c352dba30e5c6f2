/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-address.h"

/* The router that this machine's way to the world leads over. */
typedef struct
{
  CcbtAddress address; /* port 0 */
  CcbtAddress source;  /* ours, that the router sees; port 0 */
  guint interface;     /* index of the one between; a link-local address needs it */
} CcbtGateway;

/* Asks the system's routing table, which answers at once: nothing is sent and nothing waited for.
 * @bind: (nullable): only the way out of the interface that has this address, and of its family
 * @known: (nullable): the router is this one, and only the way to it is looked up
 * Errors: NETWORK: a sentence, for the user. */
gboolean ccbt_gateway_find (gboolean is_ipv6, const CcbtAddress *bind, const CcbtAddress *known,
                            CcbtGateway *out, GError **error);

/* @address as a place to send to: with the interface where it is link-local.
 * Returns: (transfer full) */
GSocketAddress *ccbt_gateway_make_address (const CcbtGateway *self, const CcbtAddress *address);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-address.h"

/* Makes every socket of the engine, so that binding to an address cannot be forgotten by one of
 * them. */
typedef struct
{
  gboolean is_bound;   /* FALSE: any address of both families */
  CcbtAddress address; /* when bound: the one address that is used; port ignored */
} CcbtSocketFactory;

/* Can @family be used at all? */
gboolean ccbt_socket_factory_has_family (const CcbtSocketFactory *self, gboolean is_ipv6);

/* The address that connections to the world by this family come from; nothing is sent.
 * Returns: FALSE when there is no way out */
gboolean ccbt_socket_factory_get_source (const CcbtSocketFactory *self, gboolean is_ipv6,
                                         CcbtAddress *out);

/* Non-blocking, connecting to @to. Errors: NETWORK. Returns: (transfer full) (nullable) */
GSocket *ccbt_socket_factory_connect (const CcbtSocketFactory *self, const CcbtAddress *to,
                                      GError **error);

/* Listening sockets on @port (0 = any free one) of every family that can be used, all on the same
 * port.
 * @bound_port: (out). Errors: NETWORK: the port is taken or not allowed; the message says which
 * address. Returns: (transfer full) (nullable) (element-type GSocket): one or two */
GPtrArray *ccbt_socket_factory_listen (const CcbtSocketFactory *self, guint16 port,
                                       guint16 *bound_port, GError **error);

/* Non-blocking UDP sockets on @port, as above. */
GPtrArray *ccbt_socket_factory_open_datagram (const CcbtSocketFactory *self, guint16 port,
                                              guint16 *bound_port, GError **error);

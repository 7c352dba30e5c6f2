/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "net/ccbt-socket-factory.h"

/* The local networks this machine stands in, and sockets for their multicast groups. */
typedef struct
{
  guint interface;     /* index */
  CcbtAddress address; /* ours there; port 0 */
  guint prefix_length; /* bits all its addresses share */
} CcbtNetwork;

/* Of every interface that is up and carries multicast; when the factory is bound to an address, of
 * that one alone. Loopback and link-local IPv6 addresses are left out. Interface by interface.
 * Returns: (transfer full) (element-type CcbtNetwork) */
GArray *ccbt_networks_list (const CcbtSocketFactory *sockets);
gboolean ccbt_network_contains (const CcbtNetwork *self, const CcbtAddress *address);

/* A non-blocking datagram socket that hears @group (with port) on this network's interface alone,
 * also what this machine says, and shares the port with other programs. What it sends goes no
 * further than this network. Errors: NETWORK. Returns: the descriptor, to be closed; -1 */
int ccbt_network_open_group (const CcbtNetwork *self, const CcbtAddress *group, GError **error);
/* Never waits; lost when the system does not take it. @fd: as above */
gboolean ccbt_network_send (const CcbtNetwork *self, int fd, const CcbtAddress *group,
                            CcbtSpan datagram);
/* Returns: bytes read; -1 = none waits */
gssize ccbt_network_receive (int fd, guint8 *buffer, gsize size, CcbtAddress *from);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-span.h"
#include "net/ccbt-reactor.h"
#include "net/ccbt-socket-factory.h"

/* The session's UDP port, one socket a family, shared by DHT, UDP trackers and uTP: a datagram goes
 * to the first taker that knows it. Work in one turn of the loop is bounded. */
typedef struct _CcbtUdpMux CcbtUdpMux;

/* Returns: TRUE when it was meant for this taker. @datagram is borrowed. */
typedef gboolean (*CcbtUdpTakeFunc) (gpointer taker, const CcbtAddress *from, CcbtSpan datagram);

/* @port: 0 = any free one; the same on both families. Errors: NETWORK.
 * Returns: (transfer full) (nullable) */
CcbtUdpMux *ccbt_udp_mux_new (CcbtReactor *reactor, const CcbtSocketFactory *sockets, guint16 port,
                              GError **error);
void ccbt_udp_mux_free (CcbtUdpMux *self);

/* Takers are asked in the order added. */
void ccbt_udp_mux_add_taker (CcbtUdpMux *self, CcbtUdpTakeFunc func, gpointer taker);
void ccbt_udp_mux_remove_taker (CcbtUdpMux *self, gpointer taker);

/* Never waits: what the system does not take is lost, as datagrams are. Returns: FALSE then, or when
 * there is no socket of that family */
gboolean ccbt_udp_mux_send (CcbtUdpMux *self, const CcbtAddress *to, CcbtSpan datagram);

gboolean ccbt_udp_mux_has_family (CcbtUdpMux *self, gboolean is_ipv6);
guint16 ccbt_udp_mux_get_port (CcbtUdpMux *self);

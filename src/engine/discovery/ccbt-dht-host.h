/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "discovery/ccbt-dht.h"
#include "net/ccbt-udp-mux.h"

/* The session's DHT node on its UDP port: gives it datagrams and time, finds it a way into the
 * network, and keeps what it knows for the next run. */
typedef struct _CcbtDhtHost CcbtDhtHost;

typedef struct
{
  const char *bootstrap; /* "host:port, host:port"; names are looked up without blocking */
  gboolean is_read_only; /* BEP 43 */
  gboolean no_ipv6;      /* not even where there is a socket */
  gboolean is_local;     /* bound to loopback: so are the others */
  GBytes *saved; /* (nullable) of ccbt_dht_host_save(), of the last run; nonsense is ignored */
} CcbtDhtHostOptions;

/* @mux, @clock: borrowed, outlive it. @ready: (nullable) the node knows somebody to ask.
 * Returns: (transfer full) */
CcbtDhtHost *ccbt_dht_host_new (CcbtUdpMux *mux, CcbtClock *clock,
                                const CcbtDhtHostOptions *options, void (*ready) (gpointer data),
                                gpointer data);
void ccbt_dht_host_free (CcbtDhtHost *self);

CcbtDht *ccbt_dht_host_get_dht (CcbtDhtHost *self);
/* Does the network it is in stand on this machine, so that peers on loopback make sense? */
gboolean ccbt_dht_host_is_on_this_machine (CcbtDhtHost *self);
/* A lookup was started: it goes on at once. */
void ccbt_dht_host_wake (CcbtDhtHost *self);
/* "host:port" or an address: asked once, while few nodes are known ("nodes" of a torrent). */
void ccbt_dht_host_try_host (CcbtDhtHost *self, const char *host_and_port);
/* Another network, or one at last: where no node is known the ways in are tried at once. */
void ccbt_dht_host_note_network_changed (CcbtDhtHost *self);

/* Ids and the best nodes, bencoded. Returns: (transfer full) */
GBytes *ccbt_dht_host_save (CcbtDhtHost *self);

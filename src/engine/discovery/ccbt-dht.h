/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"
#include "discovery/ccbt-dht-store.h"
#include "discovery/ccbt-dht-table.h"

/* A node of the DHT over both address families (BEP 5, 32, 33, 42, 43, 44, 45, 51): answers what it
 * is asked, keeps its tables, and looks things up. No sockets: datagrams, time and randomness are
 * handed in, so that a network of a thousand runs in one test. */
typedef struct _CcbtDht CcbtDht;

typedef struct
{
  /* None may free the node. */
  void (*send) (gpointer owner, const CcbtAddress *to, CcbtSpan datagram);
  /* (nullable) the table has filled for the first time, or emptied */
  void (*changed) (gpointer owner);
} CcbtDhtOwner;

typedef struct
{
  gboolean has_ipv4, has_ipv6; /* sockets there are */
  gboolean is_read_only;       /* BEP 43: asks, does not answer */
  gboolean allow_local;        /* a network of this machine or house: private nodes are
                                  welcome in the table whatever their id */
  gboolean allow_loopback;     /* and one of this machine: nobody else may send us to loopback */
  gboolean enforce_secure_ids; /* BEP 42: nodes without a secure id do not get into the table when
                                  a secure one would, and are no target of announces */
  CcbtSha1 id[2];              /* kept from the last run, by family; zero = make one */
  guint queries_per_second;    /* our own, 0 = 100 */
} CcbtDhtOptions;

CcbtDht *ccbt_dht_new (const CcbtDhtOptions *options, const CcbtDhtOwner *questions, gpointer owner,
                       CcbtClock *clock, guint64 seed);
void ccbt_dht_free (CcbtDht *self);

/* A datagram that begins with 'd'. Returns: FALSE when it was no KRPC */
gboolean ccbt_dht_receive (CcbtDht *self, const CcbtAddress *from, CcbtSpan datagram);
/* Timeouts, lookups going on, refreshing. Returns: monotonic time at which it is due again; 0 = in a
 * second or so is soon enough. Call ccbt_dht_tick() also after starting a lookup. */
gint64 ccbt_dht_tick (CcbtDht *self);

/* An address that may be a node (PORT message, "nodes" of a torrent, bootstrap host): it is asked,
 * and in the table if it answers. A hundred wait at most. */
void ccbt_dht_add_address (CcbtDht *self, const CcbtAddress *address);
/* Of the last run. */
void ccbt_dht_add_node (CcbtDht *self, const CcbtSha1 *id, const CcbtAddress *address);

/* --- Lookups. Ids are never 0. `done` comes exactly once, unless cancelled. --- */

typedef struct
{
  /* (nullable) may come many times; @peers are checked for port 0 only */
  void (*got_peers) (gpointer data, const CcbtAddress *peers, guint n_peers);
  /* @n_nodes: nodes that answered. @n_stored: of those, that took the announce or the item.
   * Estimates of BEP 33 are -1 when nobody gave any. */
  void (*done) (gpointer data, guint n_nodes, guint n_stored, int seeds, int leechers);
} CcbtDhtPeersFunc;

/* @announce_port: 0 = only asks; else the closest 8 of each family are told that we are there, on
 * that port. @implied_port: they take the port the datagram came from (for uTP behind NAT).
 * Asks IPv4 and IPv6 at once. */
guint ccbt_dht_get_peers (CcbtDht *self, const CcbtSha1 *info_hash, guint16 announce_port,
                          gboolean implied_port, gboolean is_seed, const CcbtDhtPeersFunc *func,
                          gpointer data);

/* BEP 44. @item: NULL when nothing was found; for mutable items the newest valid one. */
typedef void (*CcbtDhtItemFunc) (gpointer data, const CcbtDhtItem *item);
guint ccbt_dht_get_item (CcbtDht *self, const CcbtSha1 *target, CcbtSpan salt, CcbtDhtItemFunc func,
                         gpointer data);
/* @n_stored: nodes that took it */
typedef void (*CcbtDhtPutFunc) (gpointer data, guint n_stored);
guint ccbt_dht_put_immutable (CcbtDht *self, CcbtSpan value, CcbtDhtPutFunc func, gpointer data);
guint ccbt_dht_put_mutable (CcbtDht *self, const guint8 public_key[32], const guint8 signature[64],
                            CcbtSpan salt, gint64 sequence, gint64 cas /* -1 = none */,
                            CcbtSpan value, CcbtDhtPutFunc func, gpointer data);
/* BEP 51: asks one node. */
typedef void (*CcbtDhtSamplesFunc) (gpointer data, const CcbtSha1 *samples, guint n_samples,
                                    gint64 number, gint64 interval);
guint ccbt_dht_sample (CcbtDht *self, const CcbtAddress *node, const CcbtSha1 *target,
                       CcbtDhtSamplesFunc func, gpointer data);
void ccbt_dht_cancel (CcbtDht *self, guint lookup);

/* --- State --- */

typedef struct
{
  guint n_nodes[2];                   /* good ones, by family */
  guint n_lookups;                    /* going on */
  guint n_torrents, n_peers, n_items; /* held for others */
  guint64 queries_out, queries_in, replies_in, errors_in, timeouts, dropped;
  guint64 bytes_in, bytes_out;
  CcbtSha1 id[2];
  gboolean has_external[2]; /* as most answers say (BEP 42) */
  CcbtAddress external[2];
} CcbtDhtStatus;

void ccbt_dht_get_status (CcbtDht *self, CcbtDhtStatus *out);
/* To be kept for the next run, the best of both families.
 * Returns: (transfer full) (element-type CcbtKrpcNode) */
GArray *ccbt_dht_get_nodes (CcbtDht *self);

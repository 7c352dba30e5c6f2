/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"
#include "discovery/ccbt-dht-quota.h"
#include "discovery/ccbt-dht-tokens.h"
#include "wire/ccbt-bloom-filter.h"
#include "wire/ccbt-krpc.h"

/* What strangers leave with a DHT node: peers of torrents (BEP 5, 33, 51) and items (BEP 44), all
 * of it bounded and forgotten in time. Both families of addresses share one store. Pure. */
#define CCBT_DHT_STORE_MAX_TORRENTS 2000u
#define CCBT_DHT_STORE_MAX_PEERS 500u /* of one torrent: then the oldest give way */
#define CCBT_DHT_STORE_MAX_ALL_PEERS 20000u
#define CCBT_DHT_STORE_MAX_ITEMS 700u
#define CCBT_DHT_PEER_LIFE (30 * 60 * CCBT_SECOND)
#define CCBT_DHT_ITEM_LIFE (2 * 60 * 60 * CCBT_SECOND)

typedef struct _CcbtDhtStore CcbtDhtStore;

CcbtDhtStore *ccbt_dht_store_new (guint64 seed);
void ccbt_dht_store_free (CcbtDhtStore *self);
/* Forgets what is too old; every minute or so. */
void ccbt_dht_store_tick (CcbtDhtStore *self, gint64 now);

/* --- Peers --- */

/* When full, the torrent farthest from @own_id gives way; of one address at most a few torrents a
 * second are taken by the caller's rate limit, not here. */
void ccbt_dht_store_add_peer (CcbtDhtStore *self, const CcbtSha1 *own_id, const CcbtSha1 *info_hash,
                              const CcbtAddress *peer, gboolean is_seed, gint64 now);
/* At random, of one family. Returns: how many were written to @out */
guint ccbt_dht_store_get_peers (CcbtDhtStore *self, const CcbtSha1 *info_hash, gboolean is_ipv6,
                                gboolean no_seeds, CcbtAddress *out, guint max);
/* Returns: FALSE when nothing is known of that torrent */
gboolean ccbt_dht_store_get_filters (CcbtDhtStore *self, const CcbtSha1 *info_hash,
                                     CcbtBloomFilter *seeds, CcbtBloomFilter *peers);
/* BEP 51: a random sample of info-hashes we hold. Returns: number written to @out */
guint ccbt_dht_store_sample (CcbtDhtStore *self, CcbtSha1 *out, guint max);
guint ccbt_dht_store_get_n_torrents (CcbtDhtStore *self);
guint ccbt_dht_store_get_n_peers (CcbtDhtStore *self);

/* --- Items --- */

typedef struct
{
  gboolean is_mutable;
  CcbtSpan value; /* bencoded, borrowed */
  guint8 public_key[32];
  guint8 signature[64];
  gint64 sequence;
} CcbtDhtItem;

/* Returns: FALSE when there is none. @out borrows until the store is changed. */
gboolean ccbt_dht_store_get_item (CcbtDhtStore *self, const CcbtSha1 *target, CcbtDhtItem *out);
/* Carries out a "put": checks size, signature, sequence and cas as BEP 44 says.
 * Returns: 0, or the error code to answer */
int ccbt_dht_store_put (CcbtDhtStore *self, const CcbtSha1 *own_id, const CcbtKrpcMessage *put,
                        gint64 now);
guint ccbt_dht_store_get_n_items (CcbtDhtStore *self);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-random.h"
#include "discovery/ccbt-dht-store.h"

typedef struct
{
  CcbtAddress address;
  gint64 announced_at;
  gboolean is_seed;
} CcbtDhtStoredPeer;

typedef struct
{
  CcbtSha1 info_hash;
  GArray *peers;            /* CcbtDhtStoredPeer, one an address, the oldest announce first */
  CcbtBloomFilter *filters; /* (nullable): of seeds and of the rest; NULL since a change */
} CcbtDhtStoredTorrent;

typedef struct
{
  CcbtSha1 target;
  gint64 stored_at;
  GBytes *value;
  CcbtDhtItem item; /* its value is that of `value` */
} CcbtDhtStoredItem;

/* Strangers choose the keys of both tables: they hash with a secret (threat B86). */
struct _CcbtDhtStore
{
  CcbtRandom random;
  GHashTable *torrents; /* CcbtDhtStoredTorrent by its info-hash; none without peers */
  guint n_peers;        /* of all torrents */
  GHashTable *items;    /* CcbtDhtStoredItem by its target */
};

/* Values of both tables begin with their key. Returns: (nullable): the key that is farthest from
 * @own_id; NULL of an empty table */
const CcbtSha1 *ccbt_dht_store_find_farthest (GHashTable *table, const CcbtSha1 *own_id);

GHashTable *ccbt_dht_store_items_new (void);
void ccbt_dht_store_items_tick (CcbtDhtStore *self, gint64 now);

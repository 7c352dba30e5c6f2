/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-store-private.h"

#include "discovery/ccbt-dht-id.h"

typedef CcbtDhtStoredPeer Peer;
typedef CcbtDhtStoredTorrent Torrent;

/* Linear, and only walked when a table is full: 2,000 comparisons of 20 bytes. */
const CcbtSha1 *
ccbt_dht_store_find_farthest (GHashTable *table, const CcbtSha1 *own_id)
{
  const CcbtSha1 *farthest = NULL;
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (farthest == NULL || ccbt_dht_id_compare (own_id, key, farthest) > 0)
      farthest = key;
  return farthest;
}

/* --- Torrents --- */

static void
free_torrent (gpointer data)
{
  Torrent *torrent = data;

  g_array_unref (torrent->peers);
  g_free (torrent->filters);
  g_free (torrent);
}

static Torrent *
add_torrent (CcbtDhtStore *self, const CcbtSha1 *info_hash)
{
  Torrent *torrent = g_new0 (Torrent, 1);

  torrent->info_hash = *info_hash;
  torrent->peers = g_array_new (FALSE, FALSE, sizeof (Peer));
  g_hash_table_add (self->torrents, torrent);
  return torrent;
}

static void
remove_torrent (CcbtDhtStore *self, const CcbtSha1 *info_hash)
{
  Torrent *torrent = g_hash_table_lookup (self->torrents, info_hash);

  self->n_peers -= torrent->peers->len;
  g_hash_table_remove (self->torrents, torrent);
}

static void
remove_peers (CcbtDhtStore *self, Torrent *torrent, guint first, guint count)
{
  if (count == 0)
    return;
  g_array_remove_range (torrent->peers, first, count);
  g_clear_pointer (&torrent->filters, g_free);
  self->n_peers -= count;
}

/* One address is one peer, whatever its port (BEP 33, "Changed announce accounting"). */
static void
remove_same_ip (CcbtDhtStore *self, Torrent *torrent, const CcbtAddress *address)
{
  for (guint i = 0; i < torrent->peers->len; i++)
    if (ccbt_address_same_ip (&g_array_index (torrent->peers, Peer, i).address, address))
      {
        remove_peers (self, torrent, i, 1);
        return;
      }
}

/* Returns: FALSE when @info_hash itself is what has to give way */
static gboolean
make_room_for_torrent (CcbtDhtStore *self, const CcbtSha1 *own_id, const CcbtSha1 *info_hash)
{
  const CcbtSha1 *farthest;

  if (g_hash_table_size (self->torrents) < CCBT_DHT_STORE_MAX_TORRENTS
      && self->n_peers < CCBT_DHT_STORE_MAX_ALL_PEERS)
    return TRUE;
  farthest = ccbt_dht_store_find_farthest (self->torrents, own_id);
  if (ccbt_dht_id_compare (own_id, info_hash, farthest) >= 0)
    return FALSE;
  remove_torrent (self, farthest);
  return TRUE;
}

static void
make_room_for_peer (CcbtDhtStore *self, const CcbtSha1 *own_id, Torrent *torrent)
{
  const CcbtSha1 *farthest;

  if (torrent->peers->len >= CCBT_DHT_STORE_MAX_PEERS)
    remove_peers (self, torrent, 0, 1);
  if (self->n_peers < CCBT_DHT_STORE_MAX_ALL_PEERS)
    return;
  farthest = ccbt_dht_store_find_farthest (self->torrents, own_id);
  if (ccbt_sha1_equal (farthest, &torrent->info_hash))
    remove_peers (self, torrent, 0, 1);
  else
    remove_torrent (self, farthest);
}

/* --- Public --- */

CcbtDhtStore *
ccbt_dht_store_new (guint64 seed)
{
  CcbtDhtStore *self = g_new0 (CcbtDhtStore, 1);

  ccbt_random_init (&self->random, seed);
  self->torrents = g_hash_table_new_full (ccbt_sha1_hash, ccbt_sha1_equal, NULL, free_torrent);
  self->items = ccbt_dht_store_items_new ();
  return self;
}

void
ccbt_dht_store_free (CcbtDhtStore *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->torrents);
  g_hash_table_unref (self->items);
  g_free (self);
}

void
ccbt_dht_store_tick (CcbtDhtStore *self, gint64 now)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->torrents);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Torrent *torrent = value;
      guint n_old = 0;

      while (n_old < torrent->peers->len
             && now - g_array_index (torrent->peers, Peer, n_old).announced_at
                    >= CCBT_DHT_PEER_LIFE)
        n_old++;
      remove_peers (self, torrent, 0, n_old);
      if (torrent->peers->len == 0)
        g_hash_table_iter_remove (&iter);
    }
  ccbt_dht_store_items_tick (self, now);
}

void
ccbt_dht_store_add_peer (CcbtDhtStore *self, const CcbtSha1 *own_id, const CcbtSha1 *info_hash,
                         const CcbtAddress *peer, gboolean is_seed, gint64 now)
{
  Torrent *torrent = g_hash_table_lookup (self->torrents, info_hash);
  Peer added = { .address = *peer, .announced_at = now, .is_seed = is_seed };

  if (peer->port == 0)
    return;
  if (torrent != NULL)
    {
      remove_same_ip (self, torrent, peer);
      make_room_for_peer (self, own_id, torrent);
    }
  else if (make_room_for_torrent (self, own_id, info_hash))
    torrent = add_torrent (self, info_hash);
  else
    return;
  g_array_append_val (torrent->peers, added);
  g_clear_pointer (&torrent->filters, g_free);
  self->n_peers++;
}

/* Each of those that fit is as likely to be written as any other (reservoir sampling). */
guint
ccbt_dht_store_get_peers (CcbtDhtStore *self, const CcbtSha1 *info_hash, gboolean is_ipv6,
                          gboolean no_seeds, CcbtAddress *out, guint max)
{
  const Torrent *torrent = g_hash_table_lookup (self->torrents, info_hash);
  guint n_seen = 0;

  for (guint i = 0; torrent != NULL && max > 0 && i < torrent->peers->len; i++)
    {
      const Peer *peer = &g_array_index (torrent->peers, Peer, i);
      guint place;

      if (peer->address.is_ipv6 != !!is_ipv6 || (no_seeds && peer->is_seed))
        continue;
      place = n_seen < max ? n_seen : ccbt_random_below (&self->random, n_seen + 1);
      if (place < max)
        out[place] = peer->address;
      n_seen++;
    }
  return MIN (n_seen, max);
}

gboolean
ccbt_dht_store_get_filters (CcbtDhtStore *self, const CcbtSha1 *info_hash, CcbtBloomFilter *seeds,
                            CcbtBloomFilter *peers)
{
  Torrent *torrent = g_hash_table_lookup (self->torrents, info_hash);

  if (torrent == NULL)
    return FALSE;
  /* A filter cannot forget, so it is made anew, and kept: 500 hashes are 0.2 ms. */
  if (torrent->filters == NULL)
    {
      torrent->filters = g_new0 (CcbtBloomFilter, 2);
      for (guint i = 0; i < torrent->peers->len; i++)
        {
          const Peer *peer = &g_array_index (torrent->peers, Peer, i);

          ccbt_bloom_filter_add (&torrent->filters[peer->is_seed ? 0 : 1], &peer->address);
        }
    }
  *seeds = torrent->filters[0];
  *peers = torrent->filters[1];
  return TRUE;
}

guint
ccbt_dht_store_sample (CcbtDhtStore *self, CcbtSha1 *out, guint max)
{
  GHashTableIter iter;
  gpointer key;
  guint n_seen = 0;

  g_hash_table_iter_init (&iter, self->torrents);
  while (max > 0 && g_hash_table_iter_next (&iter, &key, NULL))
    {
      guint place = n_seen < max ? n_seen : ccbt_random_below (&self->random, n_seen + 1);

      if (place < max)
        out[place] = *(const CcbtSha1 *) key;
      n_seen++;
    }
  return MIN (n_seen, max);
}

guint
ccbt_dht_store_get_n_torrents (CcbtDhtStore *self)
{
  return g_hash_table_size (self->torrents);
}

guint
ccbt_dht_store_get_n_peers (CcbtDhtStore *self)
{
  return self->n_peers;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a lookup costs in a network of a thousand nodes in one thread, and what a node weighs. */
#include "../fake/fake-dht-network.h"
#include "discovery/ccbt-dht-table.h"

#include <malloc.h>
#include <stdio.h>

#define N_LOOKUPS 200u

static double
get_seconds (void)
{
  return (double) g_get_monotonic_time () / (double) CCBT_SECOND;
}

static void
measure_lookups (FakeDhtNetwork *network, const char *name)
{
  const guint64 sent = network->n_sent;
  const double begin = get_seconds ();
  double seconds, took = 0;
  guint nodes = 0;

  for (guint i = 0; i < N_LOOKUPS; i++)
    {
      CcbtSha1 hash = fake_dht_network_make_hash (i);
      FakeDhtAnswer answer = fake_dht_network_look_up (network, 200 + i, &hash, 7000, FALSE);

      took += (double) answer.took / (double) CCBT_MILLISECOND;
      nodes += answer.n_nodes;
    }
  seconds = get_seconds () - begin;
  printf ("%-12s%6.0f lookups/s with all who answer them, each %4.0f ms on the network's clock, "
          "%4.1f nodes, "
          "%5.1f datagrams\n",
          name, N_LOOKUPS / seconds, took / N_LOOKUPS, (double) nodes / N_LOOKUPS,
          (double) (network->n_sent - sent) / N_LOOKUPS);
}

static void
measure_idle (FakeDhtNetwork *network)
{
  CcbtDht *dht = network->nodes[5].dht;
  const double begin = get_seconds ();
  guint n_ticks = 0;

  for (gint64 end = network->clock.monotonic + 60 * CCBT_SECOND; network->clock.monotonic < end;
       n_ticks++)
    {
      gint64 due = ccbt_dht_tick (dht);

      network->clock.monotonic = MAX (due, network->clock.monotonic + CCBT_MILLISECOND);
    }
  printf ("idle        %.1f ticks/s, %.1f us each\n", n_ticks / 60.0,
          (get_seconds () - begin) / n_ticks * 1e6);
}

static void
fill_peers (CcbtDhtStore *store, const CcbtSha1 *own_id)
{
  CcbtBloomFilter seeds, peers;

  for (guint i = 0; i < CCBT_DHT_STORE_MAX_ALL_PEERS; i++)
    {
      CcbtSha1 hash = fake_dht_network_make_hash (i % CCBT_DHT_STORE_MAX_TORRENTS);
      CcbtAddress peer
          = { .ip = { 1, (guint8) (i >> 16), (guint8) (i >> 8), (guint8) i }, .port = 1 };

      ccbt_dht_store_add_peer (store, own_id, &hash, &peer, FALSE, 0);
      ccbt_dht_store_get_filters (store, &hash, &seeds, &peers);
    }
}

static void
fill_items (CcbtDhtStore *store, const CcbtSha1 *own_id)
{
  char value[CCBT_KRPC_MAX_VALUE + 1];

  for (guint i = 0; i < CCBT_DHT_STORE_MAX_ITEMS; i++)
    {
      CcbtKrpcMessage put = { .method = CCBT_KRPC_PUT };

      g_snprintf (value, sizeof value, "990:%0990u", i);
      put.value = ccbt_span_from_string (value);
      ccbt_dht_store_put (store, own_id, &put, 0);
    }
}

static void
fill_table (CcbtDhtTable *table, const CcbtSha1 *own_id)
{
  CcbtRandom random;

  ccbt_random_init (&random, 1);
  for (guint i = 0; i < 160 * 16; i++)
    {
      CcbtSha1 id = ccbt_dht_id_make_near (&random, own_id, i / 16);
      CcbtAddress address = { .ip = { 11, (guint8) (i >> 8), (guint8) i, 1 }, .port = 1 };

      ccbt_dht_table_note_node (table, &id, &address, TRUE, 1, CCBT_SECOND);
    }
}

/* All that strangers can make a node keep. */
static void
measure_weight (void)
{
  const CcbtSha1 own_id = { { 0 } };
  const gsize before = mallinfo2 ().uordblks;
  CcbtDhtStore *store = ccbt_dht_store_new (1);
  CcbtDhtTable *table = ccbt_dht_table_new (&own_id, FALSE, 1);
  CcbtDhtQuota *quota = ccbt_dht_quota_new ();

  fill_peers (store, &own_id);
  fill_items (store, &own_id);
  fill_table (table, &own_id);
  for (guint i = 0; i < 5000; i++)
    ccbt_dht_quota_take (quota, &(CcbtAddress){ .ip = { 1, 1, (guint8) (i >> 8), (guint8) i } },
                         i * CCBT_SECOND);
  printf ("weight      %.2f MiB: %u peers of %u torrents, %u items, %u nodes, %u askers\n",
          (double) (mallinfo2 ().uordblks - before) / (1 << 20), ccbt_dht_store_get_n_peers (store),
          ccbt_dht_store_get_n_torrents (store), ccbt_dht_store_get_n_items (store),
          ccbt_dht_table_get_n_nodes (table), ccbt_dht_quota_get_n_addresses (quota));
  ccbt_dht_quota_free (quota);
  ccbt_dht_table_free (table);
  ccbt_dht_store_free (store);
}

int
main (void)
{
  FakeDhtNetwork *network = fake_dht_network_new (0, FAKE_DHT_HONEST);

  measure_weight ();
  measure_lookups (network, "healthy");
  for (guint i = 1; i < 200; i++)
    network->nodes[i].is_dead = TRUE;
  for (guint i = 450; i < 600; i++)
    network->nodes[i].is_dead = TRUE;
  measure_lookups (network, "a third dead");
  measure_idle (network);
  fake_dht_network_free (network);
  return 0;
}

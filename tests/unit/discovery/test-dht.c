/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dht-world.h"

/* --- Finding the way in --- */

static void
name_the_rest (const CcbtKrpcMessage *query, guint number, CcbtKrpcMessage *answer)
{
  answer->n_nodes = 8;
  for (guint i = 0; i < 8; i++)
    answer->nodes[i] = (CcbtKrpcNode){ make_id (2 + i), make_address (2 + i) };
}

static void
test_enters (void)
{
  World *world = world_new ((CcbtDhtOptions){ 0 });
  CcbtAddress entrance = make_address (1);
  CcbtDhtStatus status;
  CcbtKrpcMessage query;
  Sent *sent;

  ccbt_dht_add_address (world->dht, &entrance);
  ccbt_dht_tick (world->dht);
  ccbt_dht_get_status (world->dht, &status);
  g_assert_true (take (world, &sent, &query));
  g_assert_true (ccbt_address_equal (&sent->to, &entrance));
  g_assert_cmpint (query.method, ==, CCBT_KRPC_FIND_NODE);
  g_assert_true (ccbt_sha1_equal (&query.target, &status.id[0]));
  g_assert_cmpuint (query.transaction.len, ==, 4);
  g_assert_cmpuint (world->sent->len, ==, 0);
  g_ptr_array_insert (world->sent, 0, sent);
  serve (world, 9, name_the_rest, 2 * CCBT_SECOND);
  ccbt_dht_get_status (world->dht, &status);
  g_assert_cmpuint (status.n_nodes[0], ==, 9);
  world_free (world);
}

/* Not only the nearest eight: all are asked in the end. */
static void
test_asks_every_way_in (void)
{
  World *world = world_new ((CcbtDhtOptions){ 0 });
  CcbtDhtStatus status;

  for (guint i = 1; i <= 15; i++)
    {
      CcbtAddress address = make_address (i);
      CcbtSha1 id = make_id (i);

      if (i % 2)
        ccbt_dht_add_address (world->dht, &address);
      else
        ccbt_dht_add_node (world->dht, &id, &address);
    }
  serve (world, 15, NULL, 3 * CCBT_SECOND);
  ccbt_dht_get_status (world->dht, &status);
  g_assert_cmpuint (status.n_nodes[0], ==, 15);
  world_free (world);
}

/* Threats B79, B83: an answer counts only from who was asked, with what was asked, once. */
static void
test_believes_only_who_was_asked (void)
{
  World *world = world_new ((CcbtDhtOptions){ 0 });
  CcbtAddress entrance = make_address (1), stranger = make_address (2), port = entrance;
  CcbtKrpcMessage query, answer;
  CcbtDhtStatus status;
  Sent *sent;

  port.port++;
  ccbt_dht_add_address (world->dht, &entrance);
  ccbt_dht_tick (world->dht);
  g_assert_true (take (world, &sent, &query));
  answer = make_answer (&query, 1);
  deliver (world, &stranger, &answer);
  deliver (world, &port, &answer);
  answer.transaction = CCBT_SPAN_LITERAL ("abcd");
  deliver (world, &entrance, &answer);
  answer.transaction = (CcbtSpan){ query.transaction.data, 3 };
  deliver (world, &entrance, &answer);
  ccbt_dht_get_status (world->dht, &status);
  g_assert_cmpuint (status.n_nodes[0], ==, 0);
  g_assert_cmpuint (status.dropped, ==, 4);
  answer.transaction = query.transaction;
  deliver (world, &entrance, &answer);
  deliver (world, &entrance, &answer);
  ccbt_dht_get_status (world->dht, &status);
  g_assert_cmpuint (status.n_nodes[0], ==, 1);
  g_assert_cmpuint (status.replies_in, ==, 1);
  g_assert_cmpuint (status.dropped, ==, 5);
  sent_free (sent);
  world_free (world);
}

/* Transactions tell nothing of the next one. */
static void
test_transactions_are_random (void)
{
  World *world = world_new ((CcbtDhtOptions){ 0 });
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  guint n_next = 0;
  guint32 last = 0;

  for (guint i = 1; i <= 60; i++)
    {
      CcbtAddress address = make_address (i);

      ccbt_dht_add_address (world->dht, &address);
    }
  advance (world, 20 * CCBT_SECOND);
  g_assert_cmpuint (world->sent->len, >=, 30);
  while (world->sent->len > 0)
    {
      CcbtKrpcMessage query;
      Sent *sent;
      guint32 number;

      take (world, &sent, &query);
      number = ccbt_read_u32 (query.transaction.data);
      g_assert_true (g_hash_table_add (seen, GUINT_TO_POINTER (number)));
      n_next += number - last < 1000;
      last = number;
      sent_free (sent);
    }
  g_assert_cmpuint (n_next, <=, 1);
  world_free (world);
}

/* --- Looking for peers --- */

typedef struct
{
  World *world;
  guint n_found, n_done, number;
  gboolean cancels;
  guint n_nodes, n_stored;
  int seeds, leechers;
} Lookup;

static void
got_peers_cb (gpointer data, const CcbtAddress *peers, guint n_peers)
{
  Lookup *lookup = data;

  lookup->n_found += n_peers;
  for (guint i = 0; i < n_peers; i++)
    g_assert_cmpuint (peers[i].port, !=, 0);
  if (lookup->cancels)
    ccbt_dht_cancel (lookup->world->dht, lookup->number);
}

static void
done_cb (gpointer data, guint n_nodes, guint n_stored, int seeds, int leechers)
{
  Lookup *lookup = data;

  lookup->n_done++;
  lookup->n_nodes = n_nodes;
  lookup->n_stored = n_stored;
  lookup->seeds = seeds;
  lookup->leechers = leechers;
}

static void
look_up (World *world, Lookup *lookup, guint16 port)
{
  static const CcbtDhtPeersFunc func = { .got_peers = got_peers_cb, .done = done_cb };

  lookup->world = world;
  lookup->number = ccbt_dht_get_peers (world->dht, &hash, port, FALSE, FALSE, &func, lookup);
  ccbt_dht_tick (world->dht);
}

/* As libtorrent answers: peers or, when asked to scrape, filters, never both. */
static void
answer_like_libtorrent (const CcbtKrpcMessage *query, guint number, CcbtKrpcMessage *answer)
{
  static CcbtBloomFilter seeds, peers;
  CcbtAddress peer = make_address (77);

  if (query->method != CCBT_KRPC_GET_PEERS)
    return;
  answer->token = CCBT_SPAN_LITERAL ("tokn");
  if (!query->wants_scrape)
    {
      answer->n_peers = 1;
      answer->peers[0] = peer;
      return;
    }
  memset (&peers, 0, sizeof peers);
  memset (&seeds, 0, sizeof seeds);
  ccbt_bloom_filter_add (&peers, &peer);
  answer->filter_peers = (CcbtSpan){ peers.bytes, sizeof peers.bytes };
  answer->filter_seeds = (CcbtSpan){ seeds.bytes, sizeof seeds.bytes };
}

static void
test_peers_and_counts (void)
{
  World *world = new_world_with_nodes ((CcbtDhtOptions){ 0 }, 12);
  Lookup lookup = { 0 };

  look_up (world, &lookup, 7000);
  serve (world, 12, answer_like_libtorrent, 5 * CCBT_SECOND);
  g_assert_cmpuint (lookup.n_done, ==, 1);
  g_assert_cmpuint (lookup.n_found, >=, 8);
  g_assert_cmpuint (lookup.n_stored, ==, 8);
  g_assert_cmpint (lookup.seeds, ==, 0);
  g_assert_cmpint (lookup.leechers, ==, 1);
  world_free (world);
}

static guint
count_asked (World *world, CcbtKrpcMethod method)
{
  guint n = 0;

  for (guint i = 0; i < world->sent->len; i++)
    {
      CcbtKrpcMessage query;
      CcbtSpan span;

      span.data
          = g_bytes_get_data (((Sent *) g_ptr_array_index (world->sent, i))->bytes, &span.len);
      g_assert_true (ccbt_krpc_parse (span, &query, NULL));
      n += query.kind == CCBT_KRPC_QUERY && query.method == method;
    }
  return n;
}

/* Four at a time; who is silent for a second is no longer waited for, and the end comes. */
static void
test_silent_nodes (void)
{
  World *world = new_world_with_nodes ((CcbtDhtOptions){ 0 }, 12);
  Lookup lookup = { 0 };

  look_up (world, &lookup, 0);
  g_assert_cmpuint (count_asked (world, CCBT_KRPC_GET_PEERS), ==, 4);
  advance (world, 900 * CCBT_MILLISECOND);
  g_assert_cmpuint (count_asked (world, CCBT_KRPC_GET_PEERS), ==, 4);
  advance (world, 200 * CCBT_MILLISECOND);
  g_assert_cmpuint (count_asked (world, CCBT_KRPC_GET_PEERS), ==, 8);
  advance (world, 20 * CCBT_SECOND);
  g_assert_cmpuint (lookup.n_done, ==, 1);
  g_assert_cmpuint (lookup.n_nodes, ==, 0);
  g_assert_cmpint (lookup.leechers, ==, -1);
  world_free (world);
}

/* Threat B79: thousands of nodes, none of which may be asked. */
static void
name_nonsense (const CcbtKrpcMessage *query, guint number, CcbtKrpcMessage *answer)
{
  static const char *const places[]
      = { "127.0.0.1:1", "10.0.0.1:1", "224.0.0.1:1", "255.255.255.255:1", "0.0.0.0:1" };

  for (guint i = 0; i < 32; i++)
    {
      CcbtKrpcNode *node = &answer->nodes[answer->n_nodes++];

      node->id = make_false_id (i);
      g_assert_true (ccbt_address_parse (places[i % G_N_ELEMENTS (places)], &node->address));
    }
  answer->n_peers = 1;
  answer->peers[0] = (CcbtAddress){ .ip = { 8, 8, 8, 8 } }; /* port 0 */
}

static gboolean
has_asked (World *world, guint8 first)
{
  gboolean has = FALSE;

  for (guint i = 0; i < world->sent->len; i++)
    has |= ((Sent *) g_ptr_array_index (world->sent, i))->to.ip[0] == first;
  return has;
}

static void
test_nonsense_nodes (void)
{
  World *world = new_world_with_nodes ((CcbtDhtOptions){ 0 }, 9);
  Lookup lookup = { 0 };
  gboolean asked = FALSE;

  look_up (world, &lookup, 0);
  for (guint i = 0; i < 500; i++)
    {
      static const guint8 martians[] = { 127, 10, 224, 255, 0 };

      for (guint k = 0; k < G_N_ELEMENTS (martians); k++)
        asked |= has_asked (world, martians[k]);
      serve (world, 9, name_nonsense, 20 * CCBT_MILLISECOND);
    }
  g_assert_false (asked);
  g_assert_cmpuint (lookup.n_done, ==, 1);
  g_assert_cmpuint (lookup.n_found, ==, 0);
  world_free (world);
}

/* Threat B80: a victim's address, port by port. */
static guint n_at_victim;

static void
name_victim (const CcbtKrpcMessage *query, guint number, CcbtKrpcMessage *answer)
{
  for (guint i = 0; i < 16; i++)
    {
      CcbtKrpcNode *node = &answer->nodes[answer->n_nodes++];

      node->id = make_false_id (i + 16 * (number % 4));
      node->address = (CcbtAddress){ .ip = { 99, 9, 9, 9 }, .port = (guint16) (100 * number + i) };
    }
}

static void
test_spares_a_victim (void)
{
  World *world = new_world_with_nodes ((CcbtDhtOptions){ 0 }, 9);
  Lookup lookup = { 0 };

  n_at_victim = 0;
  look_up (world, &lookup, 0);
  for (guint i = 0; i < 1500 && lookup.n_done == 0; i++)
    {
      for (guint k = 0; k < world->sent->len; k++)
        n_at_victim += ((Sent *) g_ptr_array_index (world->sent, k))->to.ip[0] == 99;
      serve (world, 9, name_victim, 20 * CCBT_MILLISECOND);
    }
  g_assert_cmpuint (lookup.n_done, ==, 1);
  g_assert_cmpuint (n_at_victim, ==, 1);
  world_free (world);
}

/* Whoever is told of peers may cancel then and there; done never comes then. */
static void
test_cancel (void)
{
  World *world = new_world_with_nodes ((CcbtDhtOptions){ 0 }, 12);
  Lookup lookup = { .cancels = TRUE }, other = { 0 };
  CcbtDhtStatus status;

  look_up (world, &lookup, 7000);
  look_up (world, &other, 7000);
  serve (world, 12, answer_like_libtorrent, 5 * CCBT_SECOND);
  g_assert_cmpuint (lookup.n_found, ==, 1);
  g_assert_cmpuint (lookup.n_done, ==, 0);
  g_assert_cmpuint (other.n_done, ==, 1);
  ccbt_dht_cancel (world->dht, 12345);
  ccbt_dht_get_status (world->dht, &status);
  g_assert_cmpuint (status.n_lookups, ==, 0);
  world_free (world);
}

/* However many lookups there are, others are asked no more than so often. */
static void
test_own_rate (void)
{
  World *world = new_world_with_nodes ((CcbtDhtOptions){ .queries_per_second = 20 }, 12);
  Lookup lookups[50] = { { 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (lookups); i++)
    look_up (world, &lookups[i], 0);
  g_assert_cmpuint (world->sent->len, <=, 20);
  advance (world, 3 * CCBT_SECOND);
  g_assert_cmpuint (world->sent->len, <=, 20 + 3 * 20);
  serve (world, 12, NULL, 60 * CCBT_SECOND);
  for (guint i = 0; i < G_N_ELEMENTS (lookups); i++)
    g_assert_cmpuint (lookups[i].n_done, ==, 1);
  world_free (world);
}

/* --- Items (BEP 44): what is not what it says is nothing --- */

static void
item_cb (gpointer data, const CcbtDhtItem *item)
{
  g_assert_null (item);
  ++*(guint *) data;
}

static void
answer_with_false_items (const CcbtKrpcMessage *query, guint number, CcbtKrpcMessage *answer)
{
  if (query->method != CCBT_KRPC_GET)
    return;
  answer->value = CCBT_SPAN_LITERAL ("5:false");
  if (number % 2)
    {
      answer->has_key = answer->has_signature = answer->has_sequence = TRUE;
      answer->public_key[0] = (guint8) number;
    }
}

static void
test_false_items (void)
{
  World *world = new_world_with_nodes ((CcbtDhtOptions){ 0 }, 12);
  guint8 key[32] = { 1 }, public_key[32];
  CcbtSha1 target;
  guint n_done = 0;

  ccbt_dht_item_get_public_key (key, public_key);
  target = ccbt_dht_item_get_mutable_target (public_key, (CcbtSpan){ 0 });
  ccbt_dht_get_item (world->dht, &target, (CcbtSpan){ 0 }, item_cb, &n_done);
  serve (world, 12, answer_with_false_items, 5 * CCBT_SECOND);
  g_assert_cmpuint (n_done, ==, 1);
  world_free (world);
}

/* --- Our address (BEP 42) --- */

static const char *seen_as = "50.60.70.80:1234";

static void
tell_address (const CcbtKrpcMessage *query, guint number, CcbtKrpcMessage *answer)
{
  answer->has_your_address = ccbt_address_parse (seen_as, &answer->your_address);
}

static CcbtSha1
get_id (World *world)
{
  CcbtDhtStatus status;

  ccbt_dht_get_status (world->dht, &status);
  return status.id[0];
}

static void
test_learns_its_address (void)
{
  World *world = new_world_with_nodes ((CcbtDhtOptions){ 0 }, 3);
  CcbtAddress ours, other;
  CcbtSha1 before = get_id (world), id;
  CcbtDhtStatus status;
  Lookup lookup = { 0 };

  g_assert_true (ccbt_address_parse (seen_as, &ours));
  look_up (world, &lookup, 0);
  serve (world, 3, tell_address, CCBT_SECOND);
  /* Three are too few to be believed, however often they say it. */
  look_up (world, &lookup, 0);
  serve (world, 3, tell_address, CCBT_SECOND);
  id = get_id (world);
  g_assert_true (ccbt_sha1_equal (&id, &before));
  for (guint i = 4; i <= 9; i++)
    {
      CcbtAddress address = make_address (i);

      ccbt_dht_add_address (world->dht, &address);
    }
  serve (world, 9, tell_address, 10 * CCBT_SECOND);
  ccbt_dht_get_status (world->dht, &status);
  g_assert_true (status.has_external[0]);
  g_assert_true (ccbt_address_same_ip (&status.external[0], &ours));
  id = get_id (world);
  g_assert_false (ccbt_sha1_equal (&id, &before));
  g_assert_true (ccbt_dht_id_is_secure (&id, &ours));
  /* The same voices say something else: believed, but the id is not changed every time. */
  seen_as = "51.61.71.81:1";
  g_assert_true (ccbt_address_parse (seen_as, &other));
  serve (world, 9, tell_address, 60 * CCBT_SECOND);
  look_up (world, &lookup, 0);
  serve (world, 9, tell_address, 10 * CCBT_SECOND);
  ccbt_dht_get_status (world->dht, &status);
  g_assert_true (ccbt_address_same_ip (&status.external[0], &other));
  g_assert_true (ccbt_sha1_equal (&status.id[0], &id));
  world_free (world);
}

/* --- Samples (BEP 51) --- */

typedef struct
{
  guint n_calls, n_samples;
  gint64 number, interval;
  CcbtSha1 first;
} Samples;

static void
samples_cb (gpointer data, const CcbtSha1 *samples, guint n_samples, gint64 number, gint64 interval)
{
  Samples *got = data;

  got->n_calls++;
  got->n_samples = n_samples;
  got->number = number;
  got->interval = interval;
  if (n_samples > 0)
    got->first = samples[0];
}

static void
answer_samples (const CcbtKrpcMessage *query, guint number, CcbtKrpcMessage *answer)
{
  if (query->method != CCBT_KRPC_SAMPLE_INFOHASHES)
    return;
  answer->samples = CCBT_SPAN_LITERAL ("aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb");
  answer->has_number = answer->has_interval = TRUE;
  answer->number = 1000;
  answer->interval = G_MAXINT64;
}

static void
test_samples (void)
{
  World *world = world_new ((CcbtDhtOptions){ 0 });
  CcbtAddress node = make_address (3);
  Samples got = { 0 };

  g_assert_cmpuint (ccbt_dht_sample (world->dht, &node, &hash, samples_cb, &got), !=, 0);
  serve (world, 5, answer_samples, CCBT_SECOND);
  g_assert_cmpuint (got.n_calls, ==, 1);
  g_assert_cmpuint (got.n_samples, ==, 2);
  g_assert_cmpuint (got.first.bytes[19], ==, 'a');
  g_assert_cmpint (got.number, ==, 1000);
  g_assert_cmpint (got.interval, ==, 21600); /* the most that BEP 51 knows */
  node = make_address (9);
  ccbt_dht_sample (world->dht, &node, &hash, samples_cb, &got);
  serve (world, 5, answer_samples, 6 * CCBT_SECOND);
  g_assert_cmpuint (got.n_calls, ==, 2);
  g_assert_cmpuint (got.n_samples, ==, 0);
  world_free (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/discovery/dht/enters", test_enters);
  g_test_add_func ("/discovery/dht/asks-every-way-in", test_asks_every_way_in);
  g_test_add_func ("/discovery/dht/believes-only-who-was-asked", test_believes_only_who_was_asked);
  g_test_add_func ("/discovery/dht/transactions-are-random", test_transactions_are_random);
  g_test_add_func ("/discovery/dht/peers-and-counts", test_peers_and_counts);
  g_test_add_func ("/discovery/dht/silent-nodes", test_silent_nodes);
  g_test_add_func ("/discovery/dht/nonsense-nodes", test_nonsense_nodes);
  g_test_add_func ("/discovery/dht/spares-a-victim", test_spares_a_victim);
  g_test_add_func ("/discovery/dht/cancel", test_cancel);
  g_test_add_func ("/discovery/dht/own-rate", test_own_rate);
  g_test_add_func ("/discovery/dht/false-items", test_false_items);
  g_test_add_func ("/discovery/dht/learns-its-address", test_learns_its_address);
  g_test_add_func ("/discovery/dht/samples", test_samples);
  return g_test_run ();
}

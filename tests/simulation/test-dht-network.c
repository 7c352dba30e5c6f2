/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht.h"
#include "wire/ccbt-dht-item.h"

/* A thousand nodes in one thread: datagrams take 20 to 80 ms of a clock of our own, some are lost.
 * The same seed gives the same run. */
#define N_NODES 1000u
#define LATENCY (20 * CCBT_MILLISECOND)
#define LATENCY_SPREAD 60u

typedef struct _Network Network;

typedef struct
{
  Network *network;
  guint index;
  CcbtDht *dht;
  CcbtAddress address;
  gint64 due;
  gboolean is_dead;
  gboolean is_hostile; /* answers with lies */
} Node;

typedef struct
{
  gint64 at;
  CcbtAddress from;
  Node *to;
  GBytes *bytes;
} Datagram;

struct _Network
{
  CcbtFakeClock clock;
  CcbtRandom random;
  Node nodes[N_NODES];
  guint n_nodes;
  GSequence *on_the_way; /* Datagram */
  guint loss;            /* of a thousand */
  guint64 n_sent;
};

static void
datagram_free (gpointer data)
{
  Datagram *datagram = data;

  g_bytes_unref (datagram->bytes);
  g_free (datagram);
}

static gint
compare_at (gconstpointer a, gconstpointer b, gpointer unused)
{
  const Datagram *left = a, *right = b;

  return left->at < right->at ? -1 : left->at > right->at;
}

/* 11.0.X.Y: a public network, X and Y name the node; every node in a network of its own. */
static CcbtAddress
make_address (guint index)
{
  CcbtAddress address = { .ip = { 11, (guint8) (index >> 8), (guint8) index, 1 }, .port = 6881 };

  return address;
}

static Node *
find_node (Network *self, const CcbtAddress *address)
{
  guint index = (guint) address->ip[1] << 8 | address->ip[2];

  return address->ip[0] == 11 && address->ip[3] == 1 && index < self->n_nodes ? &self->nodes[index]
                                                                              : NULL;
}

static void
post (Network *self, const CcbtAddress *from, const CcbtAddress *to, const guint8 *bytes, gsize len)
{
  Node *node = find_node (self, to);
  Datagram *datagram;

  self->n_sent++;
  if (node == NULL || node->is_dead || ccbt_random_below (&self->random, 1000) < self->loss)
    return;
  datagram = g_new (Datagram, 1);
  datagram->at = self->clock.monotonic + LATENCY
                 + ccbt_random_below (&self->random, LATENCY_SPREAD) * CCBT_MILLISECOND;
  datagram->from = *from;
  datagram->to = node;
  datagram->bytes = g_bytes_new (bytes, len);
  g_sequence_insert_sorted (self->on_the_way, datagram, compare_at, NULL);
}

/* Every answer names its friends, all of them near whatever is looked for, none of them there. */
static void
lie (Node *self, const CcbtAddress *to, CcbtSpan datagram)
{
  CcbtKrpcMessage query, answer = { .kind = CCBT_KRPC_RESPONSE };
  g_autoptr (GByteArray) out = g_byte_array_new ();

  if (!ccbt_krpc_parse (datagram, &query, NULL) || query.kind != CCBT_KRPC_QUERY)
    return;
  answer.transaction = query.transaction;
  answer.id = query.target;
  answer.id.bytes[19] ^= (guint8) (1 + self->index);
  answer.token = CCBT_SPAN_LITERAL ("token");
  for (guint i = 0; i < 32; i++)
    {
      answer.nodes[i].id = query.target;
      answer.nodes[i].id.bytes[19] ^= (guint8) (i + 1);
      answer.nodes[i].address
          = (CcbtAddress){ .ip = { 12, (guint8) self->index, (guint8) i, 9 }, .port = 1 };
    }
  answer.n_nodes = 32;
  ccbt_krpc_write (out, &answer);
  post (self->network, &self->address, to, out->data, out->len);
  /* And one with a transaction it can only guess, in another's name. */
  answer.transaction = CCBT_SPAN_LITERAL ("\1\2\3\4");
  g_byte_array_set_size (out, 0);
  ccbt_krpc_write (out, &answer);
  post (self->network, &self->network->nodes[0].address, to, out->data, out->len);
}

static void
send_cb (gpointer owner, const CcbtAddress *to, CcbtSpan datagram)
{
  Node *self = owner;

  post (self->network, &self->address, to, datagram.data, datagram.len);
}

static const CcbtDhtOwner owner = { .send = send_cb };

static void
deliver (Network *self)
{
  GSequenceIter *first;

  while (!g_sequence_iter_is_end (first = g_sequence_get_begin_iter (self->on_the_way)))
    {
      Datagram *datagram = g_sequence_get (first);
      CcbtSpan span;

      if (datagram->at > self->clock.monotonic)
        return;
      span.data = g_bytes_get_data (datagram->bytes, &span.len);
      if (datagram->to->is_hostile)
        lie (datagram->to, &datagram->from, span);
      else
        {
          ccbt_dht_receive (datagram->to->dht, &datagram->from, span);
          datagram->to->due = 0;
        }
      g_sequence_remove (first);
    }
}

static void
step (Network *self)
{
  ccbt_fake_clock_advance (&self->clock, 10 * CCBT_MILLISECOND);
  deliver (self);
  for (guint i = 0; i < self->n_nodes; i++)
    {
      Node *node = &self->nodes[i];

      if (!node->is_dead && !node->is_hostile && node->due <= self->clock.monotonic)
        node->due = ccbt_dht_tick (node->dht);
    }
}

static void
run_for (Network *self, gint64 time)
{
  gint64 end = self->clock.monotonic + time;

  while (self->clock.monotonic < end)
    step (self);
}

/* Everyone enters by one of those before it. */
static Network *
new_network (guint n_hostile)
{
  Network *self = g_new0 (Network, 1);

  ccbt_fake_clock_init (&self->clock, 1000 * CCBT_SECOND);
  ccbt_random_init (&self->random, 42);
  self->n_nodes = N_NODES;
  self->on_the_way = g_sequence_new (datagram_free);
  for (guint i = 0; i < N_NODES; i++)
    {
      Node *node = &self->nodes[i];
      CcbtDhtOptions options = { .has_ipv4 = TRUE, .enforce_secure_ids = TRUE };

      node->network = self;
      node->index = i;
      node->address = make_address (i);
      options.id[0] = ccbt_dht_id_make (&self->random, &node->address);
      node->is_hostile = i > 0 && i <= n_hostile;
      node->dht = ccbt_dht_new (&options, &owner, node, &self->clock.parent, i + 1);
      if (i > 0)
        ccbt_dht_add_address (
            node->dht,
            &self->nodes[i <= n_hostile + 8
                             ? 0
                             : n_hostile + 1 + ccbt_random_below (&self->random, i - n_hostile - 1)]
                 .address);
    }
  run_for (self, 40 * CCBT_SECOND);
  return self;
}

static void
network_free (Network *self)
{
  for (guint i = 0; i < self->n_nodes; i++)
    ccbt_dht_free (self->nodes[i].dht);
  g_sequence_free (self->on_the_way);
  g_free (self);
}

static CcbtSha1
get_id (Node *node)
{
  CcbtDhtStatus status;

  ccbt_dht_get_status (node->dht, &status);
  return status.id[0];
}

/* How many of the @n really nearest living nodes hold @hash? */
static guint
count_holders (Network *self, const CcbtSha1 *hash, guint n)
{
  g_autofree gboolean *is_counted = g_new0 (gboolean, N_NODES);
  guint holders = 0;

  for (guint k = 0; k < n; k++)
    {
      guint best = G_MAXUINT;
      CcbtDhtStatus status;

      for (guint i = 0; i < self->n_nodes; i++)
        {
          CcbtSha1 id, best_id;

          if (is_counted[i] || self->nodes[i].is_dead || self->nodes[i].is_hostile)
            continue;
          id = get_id (&self->nodes[i]);
          if (best != G_MAXUINT)
            best_id = get_id (&self->nodes[best]);
          if (best == G_MAXUINT || ccbt_dht_id_compare (hash, &id, &best_id) < 0)
            best = i;
        }
      is_counted[best] = TRUE;
      ccbt_dht_get_status (self->nodes[best].dht, &status);
      holders += status.n_torrents > 0;
    }
  return holders;
}

/* --- Lookups --- */

typedef struct
{
  guint n_found;
  CcbtAddress found;
  gboolean is_done;
  guint n_nodes, n_stored;
  int seeds, leechers;
} Answer;

static void
got_peers_cb (gpointer data, const CcbtAddress *peers, guint n_peers)
{
  Answer *answer = data;

  answer->n_found += n_peers;
  answer->found = peers[0];
}

static void
done_cb (gpointer data, guint n_nodes, guint n_stored, int seeds, int leechers)
{
  Answer *answer = data;

  g_assert_false (answer->is_done);
  *answer = (Answer){ answer->n_found, answer->found, TRUE, n_nodes, n_stored, seeds, leechers };
}

static const CcbtDhtPeersFunc func = { .got_peers = got_peers_cb, .done = done_cb };

static Answer
look_up (Network *self, guint from, const CcbtSha1 *hash, guint16 port)
{
  Answer answer = { 0 };
  gint64 end = self->clock.monotonic + 60 * CCBT_SECOND;

  g_assert_cmpuint (
      ccbt_dht_get_peers (self->nodes[from].dht, hash, port, FALSE, FALSE, &func, &answer), !=, 0);
  g_assert_false (answer.is_done);
  self->nodes[from].due = 0;
  while (!answer.is_done && self->clock.monotonic < end)
    step (self);
  g_assert_true (answer.is_done);
  return answer;
}

static CcbtSha1
make_hash (guint number)
{
  CcbtRandom random;
  CcbtSha1 hash;

  ccbt_random_init (&random, number + 1000);
  for (guint i = 0; i < sizeof hash.bytes; i++)
    hash.bytes[i] = (guint8) ccbt_random_next (&random);
  return hash;
}

/* Announced by one, found by another; the really nearest know of it; the way is short. */
static void
assert_finds (Network *self, guint first_asker, guint n_rounds, guint most_nodes,
              guint least_holders)
{
  for (guint i = 0; i < n_rounds; i++)
    {
      CcbtSha1 hash = make_hash (i);
      guint from = first_asker + i * 7, to = first_asker + 350 + i * 11;
      Answer announced, found;

      while (self->nodes[from].is_dead)
        from++;
      while (self->nodes[to].is_dead || to == from)
        to++;
      announced = look_up (self, from, &hash, 7000);
      g_assert_cmpuint (announced.n_stored, >=, 6);
      g_assert_cmpuint (announced.n_nodes, <=, most_nodes);
      found = look_up (self, to, &hash, 0);
      g_assert_cmpuint (found.n_found, >, 0);
      g_assert_cmpuint (found.found.port, ==, 7000);
      g_assert_true (ccbt_address_same_ip (&found.found, &self->nodes[from].address));
      g_assert_cmpint (found.leechers, ==, 1);
      if (i == 0)
        g_assert_cmpuint (count_holders (self, &hash, 8), >=, least_holders);
    }
}

static void
test_healthy (void)
{
  Network *self = new_network (0);
  CcbtDhtStatus status;
  guint64 nodes = 0;

  for (guint i = 0; i < self->n_nodes; i++)
    {
      ccbt_dht_get_status (self->nodes[i].dht, &status);
      nodes += status.n_nodes[0];
    }
  g_test_message ("%.1f nodes a table, %" G_GUINT64_FORMAT " datagrams", (double) nodes / N_NODES,
                  self->n_sent);
  g_assert_cmpuint (nodes / N_NODES, >=, 20);
  assert_finds (self, 20, 10, 40, 7);
  network_free (self);
}

static void
test_a_third_is_dead (void)
{
  Network *self = new_network (0);

  for (guint i = 1; i < self->n_nodes; i++)
    self->nodes[i].is_dead = ccbt_random_below (&self->random, 100) < 30;
  self->loss = 20;
  assert_finds (self, 20, 6, 60, 5);
  network_free (self);
}

/* Threats B79, B83: a tenth of the network lies about its neighbours. */
static void
test_liars (void)
{
  Network *self = new_network (100);

  assert_finds (self, 200, 6, 100, 5);
  network_free (self);
}

/* --- Items (BEP 44) --- */

typedef struct
{
  gboolean is_done;
  guint n_stored;
  char *value;
  gint64 sequence;
} Item;

static void
stored_cb (gpointer data, guint n_stored)
{
  Item *item = data;

  item->is_done = TRUE;
  item->n_stored = n_stored;
}

static void
item_cb (gpointer data, const CcbtDhtItem *found)
{
  Item *item = data;

  item->is_done = TRUE;
  g_free (item->value);
  item->value
      = found != NULL ? g_strndup ((const char *) found->value.data, found->value.len) : NULL;
  item->sequence = found != NULL ? found->sequence : -1;
}

static void
run_until_done (Network *self, Item *item)
{
  gint64 end = self->clock.monotonic + 60 * CCBT_SECOND;

  while (!item->is_done && self->clock.monotonic < end)
    step (self);
  g_assert_true (item->is_done);
  item->is_done = FALSE;
}

static void
put_mutable (Network *self, guint from, const guint8 key[32], const char *value, gint64 sequence,
             Item *item)
{
  guint8 public_key[32], signature[64];
  CcbtSpan salt = CCBT_SPAN_LITERAL ("salt"), bytes = ccbt_span_from_string (value);

  ccbt_dht_item_get_public_key (key, public_key);
  ccbt_dht_item_sign (key, salt, sequence, bytes, signature);
  ccbt_dht_put_mutable (self->nodes[from].dht, public_key, signature, salt, sequence, -1, bytes,
                        stored_cb, item);
  self->nodes[from].due = 0;
  run_until_done (self, item);
}

static void
test_items (void)
{
  Network *self = new_network (0);
  CcbtSpan value = CCBT_SPAN_LITERAL ("12:Hello World!");
  CcbtSha1 target = ccbt_dht_item_get_immutable_target (value);
  guint8 key[32] = { 1, 2, 3 }, public_key[32];
  Item item = { 0 };

  ccbt_dht_put_immutable (self->nodes[5].dht, value, stored_cb, &item);
  run_until_done (self, &item);
  g_assert_cmpuint (item.n_stored, >=, 6);
  ccbt_dht_get_item (self->nodes[600].dht, &target, (CcbtSpan){ 0 }, item_cb, &item);
  run_until_done (self, &item);
  g_assert_cmpstr (item.value, ==, "12:Hello World!");

  put_mutable (self, 10, key, "3:one", 1, &item);
  g_assert_cmpuint (item.n_stored, >=, 6);
  put_mutable (self, 10, key, "3:two", 2, &item);
  put_mutable (self, 90, key, "3:old", 1, &item); /* nobody takes it */
  g_assert_cmpuint (item.n_stored, ==, 0);
  ccbt_dht_item_get_public_key (key, public_key);
  target = ccbt_dht_item_get_mutable_target (public_key, CCBT_SPAN_LITERAL ("salt"));
  ccbt_dht_get_item (self->nodes[700].dht, &target, CCBT_SPAN_LITERAL ("salt"), item_cb, &item);
  run_until_done (self, &item);
  g_assert_cmpstr (item.value, ==, "3:two");
  g_assert_cmpint (item.sequence, ==, 2);
  target.bytes[0] ^= 1;
  ccbt_dht_get_item (self->nodes[700].dht, &target, (CcbtSpan){ 0 }, item_cb, &item);
  run_until_done (self, &item);
  g_assert_null (item.value);
  network_free (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/simulation/dht-network/healthy", test_healthy);
  g_test_add_func ("/simulation/dht-network/a-third-is-dead", test_a_third_is_dead);
  g_test_add_func ("/simulation/dht-network/liars", test_liars);
  g_test_add_func ("/simulation/dht-network/items", test_items);
  return g_test_run ();
}

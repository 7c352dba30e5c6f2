/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-dht-network.h"

#define LATENCY (20 * CCBT_MILLISECOND)
#define LATENCY_SPREAD 60u

typedef struct
{
  gint64 at;
  CcbtAddress from;
  FakeDhtNode *to;
  GBytes *bytes;
} Datagram;

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

static FakeDhtNode *
find_node (FakeDhtNetwork *self, const CcbtAddress *address)
{
  guint index = (guint) address->ip[1] << 8 | address->ip[2];

  return address->ip[0] == 11 && address->ip[3] == 1 && index < FAKE_DHT_N_NODES
             ? &self->nodes[index]
             : NULL;
}

static void
post (FakeDhtNetwork *self, const CcbtAddress *from, const CcbtAddress *to, const guint8 *bytes,
      gsize len)
{
  FakeDhtNode *node = find_node (self, to);
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

static CcbtSha1
get_id (FakeDhtNode *node)
{
  CcbtDhtStatus status;

  ccbt_dht_get_status (node->dht, &status);
  return status.id[0];
}

/* All of them next to whatever is looked for; a liar's are nowhere, a sybil's are its like. */
static void
add_friends (FakeDhtNode *self, const CcbtSha1 *target, CcbtKrpcMessage *answer)
{
  FakeDhtNetwork *network = self->network;

  for (guint i = 0; i < 32; i++)
    {
      guint friend = 1 + (self->index + i) % network->n_hostile;
      CcbtKrpcNode *node = &answer->nodes[answer->n_nodes++];

      node->id = *target;
      node->id.bytes[19] ^= (guint8) (self->temper == FAKE_DHT_SYBIL ? 1 + friend : i + 1);
      node->address
          = self->temper == FAKE_DHT_SYBIL
                ? make_address (friend)
                : (CcbtAddress){ .ip = { 12, (guint8) self->index, (guint8) i, 9 }, .port = 1 };
    }
}

static void
lie (FakeDhtNode *self, const CcbtAddress *to, CcbtSpan datagram)
{
  CcbtKrpcMessage query, answer = { .kind = CCBT_KRPC_RESPONSE };
  g_autoptr (GByteArray) out = g_byte_array_new ();

  if (!ccbt_krpc_parse (datagram, &query, NULL) || query.kind != CCBT_KRPC_QUERY)
    return;
  answer.transaction = query.transaction;
  if (self->temper == FAKE_DHT_SYBIL && query.has_target)
    {
      answer.id = query.target;
      answer.id.bytes[19] ^= (guint8) (1 + self->index);
    }
  else
    answer.id = get_id (self);
  self->network->n_lies++;
  answer.token = CCBT_SPAN_LITERAL ("token");
  add_friends (self, &query.target, &answer);
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
  FakeDhtNode *self = owner;

  post (self->network, &self->address, to, datagram.data, datagram.len);
}

static const CcbtDhtOwner owner = { .send = send_cb };

static void
deliver (FakeDhtNetwork *self)
{
  GSequenceIter *first;

  while (!g_sequence_iter_is_end (first = g_sequence_get_begin_iter (self->on_the_way)))
    {
      Datagram *datagram = g_sequence_get (first);
      CcbtSpan span;

      if (datagram->at > self->clock.monotonic)
        return;
      span.data = g_bytes_get_data (datagram->bytes, &span.len);
      if (datagram->to->temper != FAKE_DHT_HONEST)
        lie (datagram->to, &datagram->from, span);
      else
        {
          ccbt_dht_receive (datagram->to->dht, &datagram->from, span);
          datagram->to->due = 0;
        }
      g_sequence_remove (first);
    }
}

void
fake_dht_network_step (FakeDhtNetwork *self)
{
  ccbt_fake_clock_advance (&self->clock, 10 * CCBT_MILLISECOND);
  deliver (self);
  for (guint i = 0; i < FAKE_DHT_N_NODES; i++)
    {
      FakeDhtNode *node = &self->nodes[i];

      if (!node->is_dead && node->temper == FAKE_DHT_HONEST && node->due <= self->clock.monotonic)
        node->due = ccbt_dht_tick (node->dht);
    }
}

void
fake_dht_network_run_for (FakeDhtNetwork *self, gint64 time)
{
  gint64 end = self->clock.monotonic + time;

  while (self->clock.monotonic < end)
    fake_dht_network_step (self);
}

FakeDhtNetwork *
fake_dht_network_new (guint n_hostile, FakeDhtTemper temper)
{
  FakeDhtNetwork *self = g_new0 (FakeDhtNetwork, 1);

  ccbt_fake_clock_init (&self->clock, 1000 * CCBT_SECOND);
  ccbt_random_init (&self->random, 42);
  self->n_hostile = n_hostile;
  self->on_the_way = g_sequence_new (datagram_free);
  for (guint i = 0; i < FAKE_DHT_N_NODES; i++)
    {
      FakeDhtNode *node = &self->nodes[i];
      CcbtDhtOptions options = { .has_ipv4 = TRUE, .enforce_secure_ids = TRUE };

      node->network = self;
      node->index = i;
      node->address = make_address (i);
      options.id[0] = ccbt_dht_id_make (&self->random, &node->address);
      node->dht = ccbt_dht_new (&options, &owner, node, &self->clock.parent, i + 1);
      if (i > 0)
        ccbt_dht_add_address (node->dht,
                              &self->nodes[ccbt_random_below (&self->random, i)].address);
    }
  fake_dht_network_run_for (self, 40 * CCBT_SECOND);
  /* Until now they were like everybody else: they are in the tables. */
  for (guint i = 1; i <= n_hostile; i++)
    self->nodes[i].temper = temper;
  return self;
}

void
fake_dht_network_free (FakeDhtNetwork *self)
{
  for (guint i = 0; i < FAKE_DHT_N_NODES; i++)
    ccbt_dht_free (self->nodes[i].dht);
  g_sequence_free (self->on_the_way);
  g_free (self);
}

/* --- Lookups --- */

static void
got_peers_cb (gpointer data, const CcbtAddress *peers, guint n_peers)
{
  FakeDhtAnswer *answer = data;

  answer->n_found += n_peers;
  answer->found = peers[0];
}

static void
done_cb (gpointer data, guint n_nodes, guint n_stored, int seeds, int leechers)
{
  FakeDhtAnswer *answer = data;

  g_assert_false (answer->is_done);
  answer->is_done = TRUE;
  answer->n_nodes = n_nodes;
  answer->n_stored = n_stored;
  answer->seeds = seeds;
  answer->leechers = leechers;
}

static const CcbtDhtPeersFunc func = { .got_peers = got_peers_cb, .done = done_cb };

FakeDhtAnswer
fake_dht_network_look_up (FakeDhtNetwork *self, guint from, const CcbtSha1 *hash, guint16 port,
                          gboolean is_seed)
{
  FakeDhtAnswer answer = { 0 };
  const gint64 begin = self->clock.monotonic;

  g_assert_cmpuint (
      ccbt_dht_get_peers (self->nodes[from].dht, hash, port, FALSE, is_seed, &func, &answer), !=,
      0);
  g_assert_false (answer.is_done);
  self->nodes[from].due = 0;
  while (!answer.is_done && self->clock.monotonic < begin + 60 * CCBT_SECOND)
    fake_dht_network_step (self);
  g_assert_true (answer.is_done);
  answer.took = self->clock.monotonic - begin;
  return answer;
}

CcbtSha1
fake_dht_network_make_hash (guint number)
{
  CcbtRandom random;
  CcbtSha1 hash;

  ccbt_random_init (&random, number + 1000);
  for (guint i = 0; i < sizeof hash.bytes; i++)
    hash.bytes[i] = (guint8) ccbt_random_next (&random);
  return hash;
}

guint
fake_dht_network_count_holders (FakeDhtNetwork *self, const CcbtSha1 *hash, guint n)
{
  g_autofree gboolean *is_counted = g_new0 (gboolean, FAKE_DHT_N_NODES);
  guint holders = 0;

  for (guint k = 0; k < n; k++)
    {
      guint best = G_MAXUINT;
      CcbtDhtStatus status;

      for (guint i = 0; i < FAKE_DHT_N_NODES; i++)
        {
          CcbtSha1 id, best_id;

          if (is_counted[i] || self->nodes[i].is_dead || self->nodes[i].temper != FAKE_DHT_HONEST)
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

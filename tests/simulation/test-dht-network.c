/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../fake/fake-dht-network.h"
#include "wire/ccbt-dht-item.h"

/* Announced by one, found by another; the really nearest know of it; the way is short. */
static void
assert_finds (FakeDhtNetwork *self, guint first_asker, guint n_rounds, guint most_nodes,
              guint least_holders)
{
  for (guint i = 0; i < n_rounds; i++)
    {
      CcbtSha1 hash = fake_dht_network_make_hash (i);
      guint from = first_asker + i * 7, to = first_asker + 350 + i * 11;
      FakeDhtAnswer announced, found;

      while (self->nodes[from].is_dead)
        from++;
      while (self->nodes[to].is_dead || to == from)
        to++;
      announced = fake_dht_network_look_up (self, from, &hash, 7000, FALSE);
      g_assert_cmpuint (announced.n_stored, >=, 6);
      g_assert_cmpuint (announced.n_nodes, <=, most_nodes);
      found = fake_dht_network_look_up (self, to, &hash, 0, FALSE);
      g_assert_cmpuint (found.n_found, >, 0);
      g_assert_cmpuint (found.found.port, ==, 7000);
      g_assert_true (ccbt_address_same_ip (&found.found, &self->nodes[from].address));
      g_assert_cmpint (found.leechers, ==, 1);
      if (i == 0)
        g_assert_cmpuint (fake_dht_network_count_holders (self, &hash, 8), >=, least_holders);
    }
}

static void
test_healthy (void)
{
  FakeDhtNetwork *self = fake_dht_network_new (0, FAKE_DHT_HONEST);
  CcbtDhtStatus status;
  guint64 nodes = 0;

  for (guint i = 0; i < FAKE_DHT_N_NODES; i++)
    {
      ccbt_dht_get_status (self->nodes[i].dht, &status);
      nodes += status.n_nodes[0];
    }
  g_test_message ("%.1f nodes a table, %" G_GUINT64_FORMAT " datagrams",
                  (double) nodes / FAKE_DHT_N_NODES, self->n_sent);
  g_assert_cmpuint (nodes / FAKE_DHT_N_NODES, >=, 20);
  assert_finds (self, 20, 10, 40, 7);
  fake_dht_network_free (self);
}

static void
test_a_third_is_dead (void)
{
  FakeDhtNetwork *self = fake_dht_network_new (0, FAKE_DHT_HONEST);

  for (guint i = 1; i < FAKE_DHT_N_NODES; i++)
    self->nodes[i].is_dead = ccbt_random_below (&self->random, 100) < 30;
  self->loss = 20;
  assert_finds (self, 20, 6, 60, 5);
  fake_dht_network_free (self);
}

/* Threats B79, B83: a tenth of the network lies about its neighbours. */
static void
test_liars (void)
{
  FakeDhtNetwork *self = fake_dht_network_new (100, FAKE_DHT_LIAR);

  assert_finds (self, 200, 6, 100, 5);
  g_assert_cmpuint (self->n_lies, >, 20);
  fake_dht_network_free (self);
}

/* Threat B81: a tenth of the network claims to be next to whatever is looked for, and answers. Ids
 * bound to addresses (BEP 42) tell them from the real ones. */
static void
test_sybils (void)
{
  FakeDhtNetwork *self = fake_dht_network_new (100, FAKE_DHT_SYBIL);

  assert_finds (self, 200, 6, 100, 5);
  g_assert_cmpuint (self->n_lies, >, 20);
  fake_dht_network_free (self);
}

/* --- Counting (BEP 33) --- */

static void
test_counts (void)
{
  FakeDhtNetwork *self = fake_dht_network_new (0, FAKE_DHT_HONEST);
  CcbtSha1 hash = fake_dht_network_make_hash (77);
  FakeDhtAnswer answer;

  for (guint i = 0; i < 30; i++)
    fake_dht_network_look_up (self, 100 + 20 * i, &hash, 6000, i < 10);
  answer = fake_dht_network_look_up (self, 31, &hash, 0, FALSE);
  g_assert_cmpint (answer.seeds, >=, 9);
  g_assert_cmpint (answer.seeds, <=, 11);
  g_assert_cmpint (answer.leechers, >=, 19);
  g_assert_cmpint (answer.leechers, <=, 21);
  g_assert_cmpuint (answer.n_found, >=, 30);
  /* To a seed nobody names seeds, and yet it learns of them. */
  answer = fake_dht_network_look_up (self, 37, &hash, 0, TRUE);
  g_assert_cmpint (answer.seeds, >=, 9);
  answer = fake_dht_network_look_up (self, 41, &(CcbtSha1){ { 9 } }, 0, FALSE);
  g_assert_cmpint (answer.seeds, ==, -1);
  g_assert_cmpuint (answer.n_found, ==, 0);
  fake_dht_network_free (self);
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
run_until_done (FakeDhtNetwork *self, Item *item)
{
  gint64 end = self->clock.monotonic + 60 * CCBT_SECOND;

  while (!item->is_done && self->clock.monotonic < end)
    fake_dht_network_step (self);
  g_assert_true (item->is_done);
  item->is_done = FALSE;
}

static void
put_mutable (FakeDhtNetwork *self, guint from, const guint8 key[32], const char *value,
             gint64 sequence, Item *item)
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
  FakeDhtNetwork *self = fake_dht_network_new (0, FAKE_DHT_HONEST);
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
  /* Who has the newer one refuses; two ways seldom end at all the same eight. */
  put_mutable (self, 90, key, "3:old", 1, &item);
  g_assert_cmpuint (item.n_stored, <=, 2);
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
  fake_dht_network_free (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/simulation/dht-network/healthy", test_healthy);
  g_test_add_func ("/simulation/dht-network/a-third-is-dead", test_a_third_is_dead);
  g_test_add_func ("/simulation/dht-network/liars", test_liars);
  g_test_add_func ("/simulation/dht-network/sybils", test_sybils);
  g_test_add_func ("/simulation/dht-network/counts", test_counts);
  g_test_add_func ("/simulation/dht-network/items", test_items);
  return g_test_run ();
}

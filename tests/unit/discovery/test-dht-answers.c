/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dht-world.h"

/* --- What it answers --- */

static int
ask_for_error (World *world, const CcbtAddress *from, const CcbtKrpcMessage *query)
{
  CcbtKrpcMessage answer;
  Sent *sent;
  int code;

  forget_sent (world);
  deliver (world, from, query);
  g_assert_true (take (world, &sent, &answer));
  g_assert_true (ccbt_address_equal (&sent->to, from));
  g_assert_cmpmem (answer.transaction.data, answer.transaction.len, "qq", 2);
  code = answer.kind == CCBT_KRPC_ERROR ? (int) answer.error_code : 0;
  sent_free (sent);
  return code;
}

static void
test_errors (void)
{
  World *world = new_world_with_nodes ((CcbtDhtOptions){ 0 }, 9);
  CcbtAddress asker = make_address (50), other = make_address (51);
  CcbtKrpcMessage query = make_query (CCBT_KRPC_PING), answer;
  static const char unknown[] = "d1:ad2:id20:abcdefghij0123456789e1:q4:vote1:t2:qq1:y1:qe";
  guint8 token[CCBT_KRPC_MAX_TOKEN];
  Sent *sent;

  g_assert_cmpint (ask_for_error (world, &asker, &query), ==, 0);
  forget_sent (world);
  g_assert_true (ccbt_dht_receive (world->dht, &asker, ccbt_span_from_string (unknown)));
  g_assert_true (take (world, &sent, &answer));
  g_assert_cmpint (answer.error_code, ==, CCBT_KRPC_ERROR_METHOD);
  sent_free (sent);
  query = make_query (CCBT_KRPC_FIND_NODE);
  query.has_target = FALSE;
  g_assert_cmpint (ask_for_error (world, &asker, &query), ==, CCBT_KRPC_ERROR_PROTOCOL);
  /* Threat B82: a token is for one address. */
  query = make_query (CCBT_KRPC_GET_PEERS);
  deliver (world, &asker, &query);
  g_assert_true (take (world, &sent, &answer));
  g_assert_cmpuint (answer.n_nodes, ==, 8);
  memcpy (token, answer.token.data, answer.token.len);
  query = make_query (CCBT_KRPC_ANNOUNCE_PEER);
  query.has_port = TRUE;
  query.port = 7000;
  g_assert_cmpint (ask_for_error (world, &asker, &query), ==, CCBT_KRPC_ERROR_PROTOCOL);
  query.token = (CcbtSpan){ token, answer.token.len };
  g_assert_cmpint (ask_for_error (world, &other, &query), ==, CCBT_KRPC_ERROR_PROTOCOL);
  g_assert_cmpint (ask_for_error (world, &asker, &query), ==, 0);
  query.has_port = FALSE;
  g_assert_cmpint (ask_for_error (world, &asker, &query), ==, CCBT_KRPC_ERROR_PROTOCOL);
  /* Half an hour later it is worth nothing. */
  query.has_port = TRUE;
  advance (world, 30 * 60 * CCBT_SECOND);
  g_assert_cmpint (ask_for_error (world, &asker, &query), ==, CCBT_KRPC_ERROR_PROTOCOL);
  sent_free (sent);
  world_free (world);
}

/* BEP 32: each family has its own table; "want" says of which one hears, else the way it came. */
static guint
count_nodes (World *world, const CcbtAddress *from, gboolean ipv4, gboolean ipv6, guint *n_ipv6)
{
  CcbtKrpcMessage query = make_query (CCBT_KRPC_FIND_NODE), answer;
  Sent *sent;
  guint n_ipv4 = 0;

  query.wants_ipv4 = ipv4;
  query.wants_ipv6 = ipv6;
  forget_sent (world);
  deliver (world, from, &query);
  g_assert_true (take (world, &sent, &answer));
  *n_ipv6 = 0;
  for (guint i = 0; i < answer.n_nodes; i++)
    *(answer.nodes[i].address.is_ipv6 ? n_ipv6 : &n_ipv4) += 1;
  sent_free (sent);
  return n_ipv4;
}

static void
test_families (void)
{
  World *world = new_world_with_nodes ((CcbtDhtOptions){ .has_ipv6 = TRUE }, 3);
  CcbtAddress asker = make_address (50), asker6, node6;
  CcbtKrpcMessage query, answer;
  CcbtDhtStatus status;
  guint n_ipv6;
  Sent *sent;

  g_assert_true (ccbt_address_parse ("[2a00::5]:1", &asker6));
  g_assert_true (ccbt_address_parse ("[2a00:0:9::1]:1", &node6));
  ccbt_dht_add_address (world->dht, &node6);
  advance (world, 2 * CCBT_SECOND);
  do
    {
      g_assert_true (take (world, &sent, &query));
      answer = make_answer (&query, 1);
      if (sent->to.is_ipv6)
        deliver (world, &sent->to, &answer);
      sent_free (sent);
    }
  while (world->sent->len > 0);
  ccbt_dht_get_status (world->dht, &status);
  g_assert_cmpuint (status.n_nodes[0], ==, 3);
  g_assert_cmpuint (status.n_nodes[1], ==, 1);
  g_assert_false (ccbt_sha1_equal (&status.id[0], &status.id[1]));
  g_assert_cmpuint (count_nodes (world, &asker, FALSE, FALSE, &n_ipv6), ==, 3);
  g_assert_cmpuint (n_ipv6, ==, 0);
  g_assert_cmpuint (count_nodes (world, &asker6, FALSE, FALSE, &n_ipv6), ==, 0);
  g_assert_cmpuint (n_ipv6, ==, 1);
  g_assert_cmpuint (count_nodes (world, &asker, TRUE, TRUE, &n_ipv6), ==, 3);
  g_assert_cmpuint (n_ipv6, ==, 1);
  g_assert_cmpuint (count_nodes (world, &asker6, TRUE, FALSE, &n_ipv6), ==, 3);
  g_assert_cmpuint (n_ipv6, ==, 0);
  world_free (world);
}

/* Threat B80: a flood in one name gets a few answers, then silence. */
static void
test_flood (void)
{
  World *world = new_world_with_nodes ((CcbtDhtOptions){ 0 }, 9);
  CcbtAddress victim = make_address (50);
  CcbtKrpcMessage query = make_query (CCBT_KRPC_GET_PEERS);

  for (guint i = 0; i < 5000; i++)
    deliver (world, &victim, &query);
  g_assert_cmpuint (world->sent->len, <=, 30);
  forget_sent (world);
  /* In a thousand names: what all may ask together bounds it. */
  for (guint i = 0; i < 5000; i++)
    {
      victim.ip[3] = (guint8) i;
      victim.ip[1] = (guint8) (i >> 8);
      deliver (world, &victim, &query);
    }
  g_assert_cmpuint (world->sent->len, <=, 500);
  world_free (world);
}

/* BEP 43 */
static void
test_read_only (void)
{
  World *world = world_new ((CcbtDhtOptions){ .is_read_only = TRUE });
  CcbtAddress address = make_address (1);
  CcbtKrpcMessage query = make_query (CCBT_KRPC_PING);
  Sent *sent;

  deliver (world, &address, &query);
  g_assert_cmpuint (world->sent->len, ==, 0);
  ccbt_dht_add_address (world->dht, &address);
  ccbt_dht_tick (world->dht);
  g_assert_true (take (world, &sent, &query));
  g_assert_true (query.is_read_only);
  sent_free (sent);
  world_free (world);

  /* One that says so of itself is not asked whether it is there. */
  world = world_new ((CcbtDhtOptions){ 0 });
  query = make_query (CCBT_KRPC_PING);
  query.is_read_only = TRUE;
  deliver (world, &address, &query);
  forget_sent (world);
  advance (world, 5 * CCBT_SECOND);
  g_assert_cmpuint (world->sent->len, ==, 0);
  query.is_read_only = FALSE;
  deliver (world, &address, &query);
  forget_sent (world);
  advance (world, 5 * CCBT_SECOND);
  g_assert_cmpuint (world->sent->len, ==, 1);
  world_free (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/discovery/dht/errors", test_errors);
  g_test_add_func ("/discovery/dht/families", test_families);
  g_test_add_func ("/discovery/dht/flood", test_flood);
  g_test_add_func ("/discovery/dht/read-only", test_read_only);
  return g_test_run ();
}

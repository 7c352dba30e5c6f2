/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-port-map-pcp.h"

#define START (1000 * CCBT_SECOND)
#define ROUTER "192.168.1.1"
#define OURS "192.168.1.7"
#define LEASE 3600u

static const guint8 nonces[2][CCBT_PCP_NONCE_SIZE] = { "tcp-nonce-01", "udp-nonce-02" };

typedef struct
{
  CcbtPcpClient client;
  gint64 now;
  GPtrArray *sent; /* GByteArray */
  CcbtAddress router;
} Fixture;

static void
send_cb (gpointer owner, CcbtSpan datagram)
{
  Fixture *fixture = owner;
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, datagram.data, (guint) datagram.len);
  g_ptr_array_add (fixture->sent, bytes);
}

static void
set_up (Fixture *fixture, CcbtPcpVersion version, guint n_ports)
{
  CcbtPcpSetup setup = { .version = version, .lease = LEASE, .send = send_cb, .owner = fixture };

  fixture->now = START;
  fixture->sent = g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);
  ccbt_address_parse_ip (ROUTER, CCBT_PCP_SERVER_PORT, &fixture->router);
  setup.router = fixture->router;
  ccbt_address_parse_ip (OURS, 0, &setup.client);
  ccbt_random_init (&setup.random, 7);
  ccbt_pcp_client_init (&fixture->client, &setup, START);
  for (guint i = 0; i < n_ports; i++)
    ccbt_pcp_client_add_port (&fixture->client, i == 1, 6881, 6881, nonces[i], START);
}

static void
clear (Fixture *fixture)
{
  g_ptr_array_unref (fixture->sent);
}

/* Lets time pass, with every call that is asked for on the way. */
static void
pass (Fixture *fixture, gint64 time)
{
  gint64 end = fixture->now + time, next = fixture->now;

  for (guint n_calls = 0; next <= end; n_calls++)
    {
      g_assert_cmpuint (n_calls, <, 100);
      fixture->now = next;
      next = ccbt_pcp_client_tick (&fixture->client, fixture->now);
    }
  fixture->now = end;
}

static void
answer_from (Fixture *fixture, const CcbtAddress *from, const guint8 *bytes, gsize len)
{
  ccbt_pcp_client_receive (&fixture->client, from, (CcbtSpan){ bytes, len }, FALSE, fixture->now);
  pass (fixture, 0);
}

/* An answer of PCP for the port @index. */
static void
answer (Fixture *fixture, guint index, guint32 lifetime, guint32 epoch, guint8 result)
{
  guint8 bytes[60] = { 2, 0x81, 0, result };

  ccbt_write_u32 (bytes + 4, lifetime);
  ccbt_write_u32 (bytes + 8, epoch);
  memcpy (bytes + 24, nonces[index], CCBT_PCP_NONCE_SIZE);
  bytes[36] = index == 1 ? 17 : 6;
  ccbt_write_u16 (bytes + 40, 6881);
  ccbt_write_u16 (bytes + 42, 7000);
  memcpy (bytes + 44, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0b\0\0\1", 16);
  answer_from (fixture, &fixture->router, bytes, sizeof bytes);
}

static void
test_asks_again_and_then_gives_up (void)
{
  Fixture fixture;

  set_up (&fixture, CCBT_PCP_VERSION, 1);
  pass (&fixture, 0);
  g_assert_cmpuint (fixture.sent->len, ==, 1);
  pass (&fixture, 1200 * CCBT_MILLISECOND);
  g_assert_cmpuint (fixture.sent->len, ==, 2);
  g_assert_cmpint (fixture.client.state, ==, CCBT_PCP_SEARCHING);
  pass (&fixture, 2 * CCBT_SECOND);
  g_assert_cmpint (fixture.client.state, ==, CCBT_PCP_FAILED);
  g_assert_true (fixture.client.is_silent);
  g_assert_cmpstr (fixture.client.error, ==, "PCP: the router " ROUTER " does not answer.");
  pass (&fixture, 100 * CCBT_SECOND);
  g_assert_cmpuint (fixture.sent->len, ==, 2);
  clear (&fixture);
}

static void
test_both_ports_are_mapped (void)
{
  Fixture fixture;

  set_up (&fixture, CCBT_PCP_VERSION, 2);
  pass (&fixture, 0);
  answer (&fixture, 0, LEASE, 10, 0);
  g_assert_cmpint (fixture.client.state, ==, CCBT_PCP_SEARCHING);
  answer (&fixture, 1, LEASE, 10, 0);
  g_assert_cmpint (fixture.client.state, ==, CCBT_PCP_MAPPED);
  g_assert_cmpuint (fixture.client.leases[0].external_port, ==, 7000);
  g_assert_true (fixture.client.has_external);
  g_assert_cmpint (fixture.client.leases[1].expires_at, ==, START + LEASE * CCBT_SECOND);
  clear (&fixture);
}

static void
test_renews_from_half_life_on (void)
{
  Fixture fixture;

  set_up (&fixture, CCBT_PCP_VERSION, 1);
  pass (&fixture, 0);
  answer (&fixture, 0, LEASE, 10, 0);
  pass (&fixture, 1799 * CCBT_SECOND);
  g_assert_cmpuint (fixture.sent->len, ==, 1);
  pass (&fixture, 452 * CCBT_SECOND);
  g_assert_cmpuint (fixture.sent->len, >=, 2);
  answer (&fixture, 0, LEASE, 10 + 2251, 0);
  g_assert_cmpint (fixture.client.leases[0].expires_at, ==, fixture.now + LEASE * CCBT_SECOND);
  clear (&fixture);
}

static void
test_a_lease_that_is_not_renewed_ends (void)
{
  Fixture fixture;

  set_up (&fixture, CCBT_PCP_VERSION, 1);
  pass (&fixture, 0);
  answer (&fixture, 0, LEASE, 10, 0);
  pass (&fixture, 3599 * CCBT_SECOND);
  g_assert_cmpint (fixture.client.state, ==, CCBT_PCP_MAPPED);
  g_assert_cmpuint (fixture.sent->len, <, 15);
  pass (&fixture, 2 * CCBT_SECOND);
  g_assert_cmpint (fixture.client.state, ==, CCBT_PCP_FAILED);
  g_assert_nonnull (strstr (fixture.client.error, "no longer answers"));
  clear (&fixture);
}

static void
test_absurd_lifetimes_are_bounded (void)
{
  Fixture fixture;

  set_up (&fixture, CCBT_PCP_VERSION, 1);
  pass (&fixture, 0);
  answer (&fixture, 0, G_MAXUINT32, 10, 0);
  g_assert_cmpint (fixture.client.leases[0].expires_at, ==, START + 86400 * CCBT_SECOND);
  clear (&fixture);
  set_up (&fixture, CCBT_PCP_VERSION, 1);
  pass (&fixture, 0);
  answer (&fixture, 0, 1, 10, 0);
  pass (&fixture, 29 * CCBT_SECOND);
  g_assert_cmpuint (fixture.sent->len, ==, 1);
  clear (&fixture);
}

static void
test_others_are_not_believed (void)
{
  Fixture fixture;
  CcbtAddress stranger, other_port;
  guint8 bytes[60] = { 2, 0x81, 0, 0, 0, 0, 14, 16 };

  set_up (&fixture, CCBT_PCP_VERSION, 1);
  ccbt_address_parse_ip ("192.168.1.66", CCBT_PCP_SERVER_PORT, &stranger);
  other_port = fixture.router;
  other_port.port = 5353;
  pass (&fixture, 0);
  memcpy (bytes + 24, nonces[0], CCBT_PCP_NONCE_SIZE);
  bytes[36] = 6;
  ccbt_write_u16 (bytes + 40, 6881);
  ccbt_write_u16 (bytes + 42, 7000);
  answer_from (&fixture, &stranger, bytes, sizeof bytes);
  answer_from (&fixture, &other_port, bytes, sizeof bytes);
  bytes[24] ^= 1; /* the nonce */
  answer_from (&fixture, &fixture.router, bytes, sizeof bytes);
  bytes[24] ^= 1;
  bytes[36] = 17; /* a port that was not asked for */
  answer_from (&fixture, &fixture.router, bytes, sizeof bytes);
  g_assert_cmpint (fixture.client.state, ==, CCBT_PCP_SEARCHING);
  g_assert_false (fixture.client.leases[0].is_mapped);
  bytes[36] = 6;
  answer_from (&fixture, &fixture.router, bytes, sizeof bytes);
  g_assert_true (fixture.client.leases[0].is_mapped);
  clear (&fixture);
}

static void
test_a_second_answer_changes_nothing (void)
{
  Fixture fixture;

  set_up (&fixture, CCBT_PCP_VERSION, 1);
  pass (&fixture, 0);
  answer (&fixture, 0, LEASE, 10, 0);
  answer (&fixture, 0, 60, 10, 2);
  g_assert_cmpint (fixture.client.state, ==, CCBT_PCP_MAPPED);
  g_assert_cmpint (fixture.client.leases[0].expires_at, ==, START + LEASE * CCBT_SECOND);
  clear (&fixture);
}

static void
test_a_refusal_has_a_sentence (void)
{
  Fixture fixture;

  set_up (&fixture, CCBT_PCP_VERSION, 1);
  pass (&fixture, 0);
  answer (&fixture, 0, 1800, 10, 2);
  g_assert_cmpint (fixture.client.state, ==, CCBT_PCP_FAILED);
  g_assert_false (fixture.client.is_silent);
  g_assert_cmpstr (fixture.client.error, ==, "PCP: the router " ROUTER " forbids it.");
  clear (&fixture);
}

static void
test_one_port_of_two_is_better_than_none (void)
{
  Fixture fixture;

  set_up (&fixture, CCBT_PCP_VERSION, 2);
  pass (&fixture, 0);
  answer (&fixture, 1, 1800, 10, 8);
  answer (&fixture, 0, LEASE, 10, 0);
  g_assert_cmpint (fixture.client.state, ==, CCBT_PCP_MAPPED);
  g_assert_nonnull (strstr (fixture.client.error, "no room"));
  pass (&fixture, 1799 * CCBT_SECOND);
  g_assert_cmpuint (fixture.sent->len, ==, 2);
  pass (&fixture, 2 * CCBT_SECOND); /* the refusal has run out: it is asked again */
  g_assert_cmpuint (fixture.sent->len, >=, 3);
  clear (&fixture);
}

static void
test_an_old_router_is_left_to_nat_pmp (void)
{
  static const guint8 unsupported[] = { 0, 129, 0, 1, 0, 0, 0, 9 };
  Fixture fixture;

  set_up (&fixture, CCBT_PCP_VERSION, 1);
  pass (&fixture, 0);
  answer_from (&fixture, &fixture.router, unsupported, sizeof unsupported);
  g_assert_cmpint (fixture.client.state, ==, CCBT_PCP_FAILED);
  g_assert_true (fixture.client.is_older_version);
  clear (&fixture);
}

/* A message to everybody. */
static void
announce (Fixture *fixture, guint32 epoch)
{
  guint8 bytes[24] = { 2, 0x80 };
  CcbtAddress from = fixture->router;

  ccbt_write_u32 (bytes + 8, epoch);
  from.port = 40000;
  ccbt_pcp_client_receive (&fixture->client, &from, (CcbtSpan){ bytes, sizeof bytes }, TRUE,
                           fixture->now);
}

static void
test_a_restarted_router_is_asked_anew (void)
{
  Fixture fixture;

  set_up (&fixture, CCBT_PCP_VERSION, 2);
  pass (&fixture, 0);
  answer (&fixture, 0, LEASE, 5000, 0);
  answer (&fixture, 1, LEASE, 5000, 0);
  pass (&fixture, 100 * CCBT_SECOND);
  announce (&fixture, 5100); /* nothing has happened */
  pass (&fixture, 5 * CCBT_SECOND);
  g_assert_cmpuint (fixture.sent->len, ==, 2);
  announce (&fixture, 0);
  pass (&fixture, 3 * CCBT_SECOND);
  g_assert_cmpuint (fixture.sent->len, >=, 4);
  clear (&fixture);
}

static void
test_an_epoch_out_of_step_means_lost_mappings (void)
{
  Fixture fixture;

  set_up (&fixture, CCBT_PCP_VERSION, 2);
  pass (&fixture, 0);
  answer (&fixture, 0, LEASE, 5000, 0);
  answer (&fixture, 1, LEASE, 5000, 0);
  pass (&fixture, 2250 * CCBT_SECOND);
  g_ptr_array_set_size (fixture.sent, 0);
  /* Both are being renewed by now: the answer to the first has the epoch of a fresh start. */
  answer (&fixture, 0, LEASE, 3, 0);
  pass (&fixture, 1);
  g_assert_cmpuint (fixture.sent->len, >=, 1);
  clear (&fixture);
}

static void
test_release_takes_the_mappings_away (void)
{
  Fixture fixture;
  const GByteArray *request;

  set_up (&fixture, CCBT_PCP_VERSION, 2);
  pass (&fixture, 0);
  answer (&fixture, 0, LEASE, 10, 0);
  answer (&fixture, 1, LEASE, 10, 0);
  ccbt_pcp_client_release (&fixture.client, fixture.now);
  pass (&fixture, 0);
  g_assert_cmpuint (fixture.sent->len, ==, 4);
  request = g_ptr_array_index (fixture.sent, 2);
  g_assert_cmpuint (ccbt_read_u32 (request->data + 4), ==, 0);
  g_assert_cmpmem (request->data + 24, 12, nonces[0], 12);
  answer (&fixture, 0, LEASE, 10, 0); /* late, to what was asked before */
  answer (&fixture, 1, 0, 10, 0);
  g_assert_false (ccbt_pcp_client_is_released (&fixture.client));
  pass (&fixture, 250 * CCBT_MILLISECOND); /* asked again */
  g_assert_cmpuint (fixture.sent->len, ==, 5);
  answer (&fixture, 0, 0, 10, 0);
  g_assert_true (ccbt_pcp_client_is_released (&fixture.client));
  clear (&fixture);
}

static void
test_nothing_is_released_that_never_was (void)
{
  Fixture fixture;

  set_up (&fixture, CCBT_PCP_VERSION, 1);
  pass (&fixture, 10 * CCBT_SECOND);
  ccbt_pcp_client_release (&fixture.client, fixture.now);
  g_assert_true (ccbt_pcp_client_is_released (&fixture.client));
  clear (&fixture);
}

static void
test_nat_pmp_asks_for_the_address_too (void)
{
  static const guint8 address[] = { 0, 128, 0, 0, 0, 0, 0, 9, 11, 0, 0, 1 };
  static const guint8 map[] = { 0, 130, 0, 0, 0, 0, 0, 9, 0x1a, 0xe1, 0x1b, 0x58, 0, 0, 14, 16 };
  Fixture fixture;

  set_up (&fixture, CCBT_NAT_PMP_VERSION, 1);
  pass (&fixture, 0);
  g_assert_cmpuint (fixture.sent->len, ==, 2);
  answer_from (&fixture, &fixture.router, map, sizeof map);
  answer_from (&fixture, &fixture.router, address, sizeof address);
  g_assert_cmpint (fixture.client.state, ==, CCBT_PCP_MAPPED);
  g_assert_true (fixture.client.has_external);
  pass (&fixture, 60 * CCBT_SECOND);
  g_assert_cmpuint (fixture.sent->len, ==, 2);
  announce (&fixture, 0); /* by PCP: only a reason to ask */
  pass (&fixture, 3 * CCBT_SECOND);
  g_assert_cmpuint (fixture.sent->len, ==, 3);
  answer_from (&fixture, &fixture.router, address, sizeof address);
  g_assert_cmpuint (fixture.sent->len, ==, 4); /* its clock began anew */
  clear (&fixture);
}

static void
test_nobody_listening_is_known_at_once (void)
{
  Fixture fixture;

  set_up (&fixture, CCBT_PCP_VERSION, 1);
  pass (&fixture, 0);
  ccbt_pcp_client_note_unreachable (&fixture.client);
  g_assert_cmpint (fixture.client.state, ==, CCBT_PCP_FAILED);
  clear (&fixture);
  set_up (&fixture, CCBT_PCP_VERSION, 1);
  pass (&fixture, 0);
  answer (&fixture, 0, LEASE, 10, 0);
  ccbt_pcp_client_note_unreachable (&fixture.client); /* it restarts */
  g_assert_cmpint (fixture.client.state, ==, CCBT_PCP_MAPPED);
  clear (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/port-map-pcp/give-up", test_asks_again_and_then_gives_up);
  g_test_add_func ("/port-map-pcp/mapped", test_both_ports_are_mapped);
  g_test_add_func ("/port-map-pcp/renewal", test_renews_from_half_life_on);
  g_test_add_func ("/port-map-pcp/expiry", test_a_lease_that_is_not_renewed_ends);
  g_test_add_func ("/port-map-pcp/lifetimes", test_absurd_lifetimes_are_bounded);
  g_test_add_func ("/port-map-pcp/others", test_others_are_not_believed);
  g_test_add_func ("/port-map-pcp/duplicate", test_a_second_answer_changes_nothing);
  g_test_add_func ("/port-map-pcp/refusal", test_a_refusal_has_a_sentence);
  g_test_add_func ("/port-map-pcp/one-of-two", test_one_port_of_two_is_better_than_none);
  g_test_add_func ("/port-map-pcp/old-router", test_an_old_router_is_left_to_nat_pmp);
  g_test_add_func ("/port-map-pcp/announce", test_a_restarted_router_is_asked_anew);
  g_test_add_func ("/port-map-pcp/epoch", test_an_epoch_out_of_step_means_lost_mappings);
  g_test_add_func ("/port-map-pcp/release", test_release_takes_the_mappings_away);
  g_test_add_func ("/port-map-pcp/release-none", test_nothing_is_released_that_never_was);
  g_test_add_func ("/port-map-pcp/nat-pmp", test_nat_pmp_asks_for_the_address_too);
  g_test_add_func ("/port-map-pcp/unreachable", test_nobody_listening_is_known_at_once);
  return g_test_run ();
}

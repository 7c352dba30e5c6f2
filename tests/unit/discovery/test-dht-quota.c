/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-quota.h"

#define START (1000 * CCBT_SECOND)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtDhtQuota, ccbt_dht_quota_free)

static CcbtAddress
parse (const char *text)
{
  CcbtAddress address = { .port = 0 };

  g_assert_true (ccbt_address_parse_ip (text, 6881, &address));
  return address;
}

/* Number @i of as many IPv4 addresses as wanted. */
static CcbtAddress
make_ipv4 (guint32 i)
{
  CcbtAddress address = { .port = 1 };

  ccbt_write_u32 (address.ip, 0x0a000000 + i);
  return address;
}

/* Asks until refused, a thousand times at most. */
static guint
take_all (CcbtDhtQuota *quota, const CcbtAddress *from, gint64 now)
{
  guint n = 0;

  while (n < 1000 && ccbt_dht_quota_take (quota, from, now))
    n++;
  return n;
}

static void
test_an_address_has_a_burst_and_a_rate (void)
{
  g_autoptr (CcbtDhtQuota) quota = ccbt_dht_quota_new ();
  CcbtAddress from = parse ("192.0.2.1"), other = parse ("192.0.2.2");

  g_assert_cmpuint (take_all (quota, &from, START), ==, 30);
  g_assert_cmpuint (take_all (quota, &other, START), ==, 30);
  g_assert_cmpuint (take_all (quota, &from, START + CCBT_SECOND / 20), ==, 0);
  g_assert_cmpuint (take_all (quota, &from, START + CCBT_SECOND), ==, 10);
  g_assert_cmpuint (take_all (quota, &from, START + 3 * CCBT_SECOND), ==, 20);
  g_assert_cmpuint (take_all (quota, &from, START + 100 * CCBT_SECOND), ==, 30);
}

static void
test_refused_queries_cost_nothing (void)
{
  g_autoptr (CcbtDhtQuota) quota = ccbt_dht_quota_new ();
  CcbtAddress from = parse ("192.0.2.1"), other = parse ("192.0.2.2");

  take_all (quota, &from, START);
  for (guint i = 0; i < 10000; i++)
    g_assert_false (ccbt_dht_quota_take (quota, &from, START));
  g_assert_cmpuint (take_all (quota, &other, START), ==, 30);
  g_assert_true (ccbt_dht_quota_take (quota, &from, START + CCBT_SECOND / 10));
}

static void
test_ports_and_a_network_of_ipv6_share_a_bucket (void)
{
  g_autoptr (CcbtDhtQuota) quota = ccbt_dht_quota_new ();
  CcbtAddress a = parse ("2001:db8:1:2::1"), b = parse ("2001:db8:1:2:ffff::9"),
              c = parse ("2001:db8:1:3::1"), v4 = parse ("32.1.13.184");

  g_assert_cmpuint (take_all (quota, &a, START), ==, 30);
  g_assert_false (ccbt_dht_quota_take (quota, &b, START));
  a.port = 1;
  g_assert_false (ccbt_dht_quota_take (quota, &a, START));
  g_assert_cmpuint (take_all (quota, &c, START), ==, 30);
  g_assert_cmpuint (take_all (quota, &v4, START), ==, 30);
  g_assert_cmpuint (ccbt_dht_quota_get_n_addresses (quota), ==, 3);
}

static void
test_all_together_have_a_rate (void)
{
  g_autoptr (CcbtDhtQuota) quota = ccbt_dht_quota_new ();
  guint n = 0;

  for (guint32 i = 0; i < 5000; i++)
    {
      CcbtAddress from = make_ipv4 (i);

      n += ccbt_dht_quota_take (quota, &from, START);
    }
  g_assert_cmpuint (n, ==, 500);
  for (guint32 i = 0; i < 5000; i++)
    {
      CcbtAddress from = make_ipv4 (i);

      n += ccbt_dht_quota_take (quota, &from, START + CCBT_SECOND / 2);
    }
  g_assert_cmpuint (n, ==, 750);
}

/* Others cannot wash out what an address has used up. */
static void
test_addresses_are_bounded_and_nothing_is_gained_by_it (void)
{
  g_autoptr (CcbtDhtQuota) quota = ccbt_dht_quota_new ();
  CcbtAddress greedy = parse ("192.0.2.1");
  guint n_greedy = 0;

  for (guint i = 0; i < 20000; i++)
    {
      gint64 now = START + i * (CCBT_SECOND / 500);
      CcbtAddress from = make_ipv4 (i);

      n_greedy += ccbt_dht_quota_take (quota, &greedy, now);
      ccbt_dht_quota_take (quota, &from, now);
      g_assert_cmpuint (ccbt_dht_quota_get_n_addresses (quota), <=, 2048);
    }
  g_assert_cmpuint (ccbt_dht_quota_get_n_addresses (quota), ==, 2048);
  g_assert_cmpuint (n_greedy, <=, 30 + 400); /* 40 seconds */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dht-quota/an-address-has-a-burst-and-a-rate",
                   test_an_address_has_a_burst_and_a_rate);
  g_test_add_func ("/dht-quota/refused-queries-cost-nothing", test_refused_queries_cost_nothing);
  g_test_add_func ("/dht-quota/ports-and-a-network-of-ipv6-share-a-bucket",
                   test_ports_and_a_network_of_ipv6_share_a_bucket);
  g_test_add_func ("/dht-quota/all-together-have-a-rate", test_all_together_have_a_rate);
  g_test_add_func ("/dht-quota/addresses-are-bounded-and-nothing-is-gained-by-it",
                   test_addresses_are_bounded_and_nothing_is_gained_by_it);
  return g_test_run ();
}

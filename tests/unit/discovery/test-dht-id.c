/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-id.h"

/* The table of BEP 42: address, last byte of the id, first bits of the id. */
static void
test_vectors (void)
{
  static const struct
  {
    const char *ip;
    guint8 last;
    guint8 first[3];
  } vectors[] = {
    { "124.31.75.21", 1, { 0x5f, 0xbf, 0xbf } },  { "21.75.31.124", 86, { 0x5a, 0x3c, 0xe9 } },
    { "65.23.51.170", 22, { 0xa5, 0xd4, 0x32 } }, { "84.124.73.14", 65, { 0x1b, 0x03, 0x21 } },
    { "43.213.53.83", 90, { 0xe5, 0x6f, 0x6c } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      CcbtSha1 id = { { 0 } };
      CcbtAddress address;

      g_assert_true (ccbt_address_parse_ip (vectors[i].ip, 0, &address));
      memcpy (id.bytes, vectors[i].first, 3);
      id.bytes[19] = vectors[i].last;
      g_assert_true (ccbt_dht_id_is_secure (&id, &address));
      id.bytes[2] ^= 7; /* free bits */
      g_assert_true (ccbt_dht_id_is_secure (&id, &address));
      id.bytes[2] ^= 8;
      g_assert_false (ccbt_dht_id_is_secure (&id, &address));
    }
}

static void
test_made_ids_fit (void)
{
  static const char *const ips[] = { "8.8.4.4", "2001:4860::8", "10.0.0.1", "::1" };
  CcbtRandom random;

  ccbt_random_init (&random, 5);
  for (guint i = 0; i < 100; i++)
    {
      CcbtAddress address;
      CcbtSha1 id;

      g_assert_true (ccbt_address_parse_ip (ips[i % G_N_ELEMENTS (ips)], 0, &address));
      id = ccbt_dht_id_make (&random, &address);
      g_assert_true (ccbt_dht_id_is_secure (&id, &address));
    }
}

static void
test_distance (void)
{
  CcbtSha1 zero = { { 0 } }, one = { { [19] = 1 } }, high = { { 0x80 } };

  g_assert_cmpuint (ccbt_dht_id_common_bits (&zero, &zero), ==, 160);
  g_assert_cmpuint (ccbt_dht_id_common_bits (&zero, &one), ==, 159);
  g_assert_cmpuint (ccbt_dht_id_common_bits (&zero, &high), ==, 0);
  g_assert_cmpint (ccbt_dht_id_compare (&zero, &one, &high), <, 0);
  g_assert_cmpint (ccbt_dht_id_compare (&high, &one, &high), >, 0);
  g_assert_cmpint (ccbt_dht_id_compare (&one, &high, &high), ==, 0);
}

static void
test_near (void)
{
  CcbtRandom random;
  CcbtSha1 id;

  ccbt_random_init (&random, 9);
  for (guint i = 0; i < sizeof id.bytes; i++)
    id.bytes[i] = (guint8) ccbt_random_next (&random);
  for (guint n_bits = 0; n_bits <= 160; n_bits++)
    {
      CcbtSha1 near = ccbt_dht_id_make_near (&random, &id, n_bits);

      g_assert_cmpuint (ccbt_dht_id_common_bits (&id, &near), ==, n_bits);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/discovery/dht-id/vectors", test_vectors);
  g_test_add_func ("/discovery/dht-id/made-ids-fit", test_made_ids_fit);
  g_test_add_func ("/discovery/dht-id/distance", test_distance);
  g_test_add_func ("/discovery/dht-id/near", test_near);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-own-address.h"

static gboolean
vote (CcbtOwnAddress *self, const char *said, const char *voter)
{
  CcbtAddress a, b;

  g_assert_true (ccbt_address_parse_ip (said, 0, &a));
  g_assert_true (ccbt_address_parse_ip (voter, 0, &b));
  return ccbt_own_address_vote (self, &a, &b);
}

static void
assert_believed (const CcbtOwnAddress *self, const char *expected)
{
  g_autofree char *text = ccbt_address_ip_to_string (ccbt_own_address_get (self));

  g_assert_cmpstr (text, ==, expected);
}

static void
test_three_agreeing_ones_are_believed (void)
{
  CcbtOwnAddress own = { 0 };

  g_assert_false (vote (&own, "81.2.69.142", "91.0.0.1"));
  g_assert_false (vote (&own, "81.2.69.142", "91.0.0.2"));
  g_assert_null (ccbt_own_address_get (&own));
  g_assert_true (vote (&own, "81.2.69.142", "91.0.0.3"));
  assert_believed (&own, "81.2.69.142");
}

static void
test_one_voice_counts_once_in_a_row (void)
{
  CcbtOwnAddress own = { 0 };

  for (guint i = 0; i < 10; i++)
    vote (&own, "81.2.69.142", "91.0.0.1");
  g_assert_null (ccbt_own_address_get (&own));
}

static void
test_private_addresses_say_nothing (void)
{
  CcbtOwnAddress own = { 0 };

  for (guint i = 0; i < 10; i++)
    vote (&own, "192.168.1.2", i % 2 == 0 ? "91.0.0.1" : "91.0.0.2");
  g_assert_null (ccbt_own_address_get (&own));
}

static void
test_a_new_address_takes_over (void)
{
  CcbtOwnAddress own = { 0 };
  guint n = 0;

  for (guint i = 0; i < 100; i++)
    vote (&own, "81.2.69.142", i % 2 == 0 ? "91.0.0.1" : "91.0.0.2");
  assert_believed (&own, "81.2.69.142");
  do
    vote (&own, "81.2.70.9", n % 2 == 0 ? "91.0.0.3" : "91.0.0.4");
  while (++n < 15);
  assert_believed (&own, "81.2.70.9");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/own-address/three", test_three_agreeing_ones_are_believed);
  g_test_add_func ("/own-address/one-voice", test_one_voice_counts_once_in_a_row);
  g_test_add_func ("/own-address/private", test_private_addresses_say_nothing);
  g_test_add_func ("/own-address/change", test_a_new_address_takes_over);
  return g_test_run ();
}

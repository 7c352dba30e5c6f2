/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-peer-priority.h"

static guint32
get_priority (const char *a, const char *b)
{
  CcbtAddress left, right;
  guint32 priority;

  g_assert_true (ccbt_address_parse (a, &left));
  g_assert_true (ccbt_address_parse (b, &right));
  priority = ccbt_peer_priority (&left, &right);
  g_assert_cmphex (ccbt_peer_priority (&right, &left), ==, priority);
  return priority;
}

static void
test_examples_of_the_specification (void)
{
  g_assert_cmphex (get_priority ("123.213.32.10:1", "98.76.54.32:2"), ==, 0xec2d7224);
  g_assert_cmphex (get_priority ("123.213.32.10:1", "123.213.32.234:2"), ==, 0x99568189);
}

static void
test_one_address_is_told_apart_by_its_ports (void)
{
  g_assert_cmphex (get_priority ("230.12.123.3:1234", "230.12.123.3:300"), ==,
                   0xae8b7034); /* 012c 04d2 */
  g_assert_cmphex (get_priority ("230.12.123.1:1234", "230.12.123.3:300"), ==, 0x99c54d79);
}

static void
test_half_of_the_far_bits_make_no_difference (void)
{
  guint32 priority = get_priority ("81.2.0.0:1", "123.213.32.10:1");

  g_assert_cmphex (get_priority ("81.2.170.170:1", "123.213.32.10:1"), ==, priority);
  g_assert_cmphex (get_priority ("81.2.1.0:1", "123.213.32.10:1"), !=, priority);
  priority = get_priority ("[2001:db8:1:aaaa::aaaa]:1", "[2001:db8:2::1]:1");
  g_assert_cmphex (get_priority ("[2001:db8:1::]:1", "[2001:db8:2::1]:1"), ==, priority);
}

static void
test_neighbours_are_told_apart (void)
{
  /* Within one /48 the next byte counts in full, and so on. */
  g_assert_cmphex (get_priority ("[2001:db8:1:0::1]:1", "[2001:db8:1:ff00::1]:1"), !=,
                   get_priority ("[2001:db8:1:0::1]:1", "[2001:db8:1:5500::1]:1"));
  g_assert_cmphex (get_priority ("[2001:db8:1:1::1]:1", "[2001:db8:1:1::ff01]:1"), !=,
                   get_priority ("[2001:db8:1:1::1]:1", "[2001:db8:1:1::5501]:1"));
}

static void
test_families_have_nothing_in_common (void)
{
  g_assert_cmphex (get_priority ("81.2.0.0:1", "[2001:db8::1]:1"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/peer-priority/examples", test_examples_of_the_specification);
  g_test_add_func ("/peer-priority/ports", test_one_address_is_told_apart_by_its_ports);
  g_test_add_func ("/peer-priority/mask", test_half_of_the_far_bits_make_no_difference);
  g_test_add_func ("/peer-priority/neighbours", test_neighbours_are_told_apart);
  g_test_add_func ("/peer-priority/families", test_families_have_nothing_in_common);
  return g_test_run ();
}

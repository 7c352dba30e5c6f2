/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-bloom-filter.h"

#include "base/ccbt-info-hash.h"

/* The example of BEP 33. */
#define EXAMPLE                                                                                    \
  "F6C3F5EAA07FFD91BDE89F777F26FB2BFF37BDB8FB2BBAA2FD3DDDE7BACFFF75EE7CCBAE"                       \
  "FE5EEDB1FBFAFF67F6ABFF5E43DDBCA3FD9B9FFDF4FFD3E9DFF12D1BDF59DB53DBE9FA5B"                       \
  "7FF3B8FDFCDE1AFB8BEDD7BE2F3EE71EBBBFE93BCDEEFE148246C2BC5DBFF7E7EFDCF24F"                       \
  "D8DC7ADFFD8FFFDFDDFFF7A4BBEEDF5CB95CE81FC7FCFF1FF4FFFFDFE5F7FDCBB7FD79B3"                       \
  "FA1FC77BFE07FFF905B7B7FFC7FEFEFFE0B8370BB0CD3F5B7F2BD93FEB4386CFDD6F7FD5"                       \
  "BFAF2E9EBFFFFEECD67ADBF7C67F17EFD5D75EBA6FFEBA7FFF47A91EB1BFBB53E8ABFB57"                       \
  "62ABE8FF237279BFEFBFEEF5FFC5FEBFDFE5ADFFADFEE1FB737FFFFBFD9F6AEFFEEE76B6"                       \
  "FD8F72EF"

static void
add_ipv4_range (CcbtBloomFilter *filter)
{
  CcbtAddress address = { .ip = { 192, 0, 2 } };

  for (guint i = 0; i < 256; i++)
    {
      address.ip[3] = (guint8) i;
      ccbt_bloom_filter_add (filter, &address);
    }
}

static void
add_ipv6_range (CcbtBloomFilter *filter)
{
  CcbtAddress address = { .ip = { 0x20, 0x01, 0x0d, 0xb8 }, .is_ipv6 = 1 };

  for (guint i = 0; i < 1000; i++)
    {
      ccbt_write_u16 (address.ip + 14, (guint16) i);
      ccbt_bloom_filter_add (filter, &address);
    }
}

/* The text says 1224.9308. */
static void
test_the_example (void)
{
  CcbtBloomFilter filter = { 0 };
  guint8 expected[CCBT_BLOOM_FILTER_SIZE];

  g_assert_true (ccbt_hex_decode (EXAMPLE, strlen (EXAMPLE), expected, sizeof expected));
  add_ipv4_range (&filter);
  add_ipv6_range (&filter);
  g_assert_cmpmem (filter.bytes, sizeof filter.bytes, expected, sizeof expected);
  g_assert_cmpuint (ccbt_bloom_filter_estimate (&filter), ==, 1225);
}

static void
test_merging_is_the_union (void)
{
  CcbtBloomFilter both = { 0 }, a = { 0 }, b = { 0 };

  add_ipv4_range (&both);
  add_ipv6_range (&both);
  add_ipv4_range (&a);
  add_ipv6_range (&b);
  ccbt_bloom_filter_merge (&a, b.bytes);
  g_assert_cmpmem (a.bytes, sizeof a.bytes, both.bytes, sizeof both.bytes);
}

static void
test_the_port_and_repetition_do_not_count (void)
{
  CcbtBloomFilter filter = { 0 };
  CcbtAddress address = { .ip = { 192, 168, 1, 1 } };

  for (guint i = 0; i < 100; i++)
    {
      address.port = (guint16) i;
      ccbt_bloom_filter_add (&filter, &address);
    }
  g_assert_cmpuint (ccbt_bloom_filter_estimate (&filter), ==, 1);
}

static void
test_small_numbers_are_near_the_truth (void)
{
  CcbtBloomFilter filter = { 0 };
  CcbtAddress address = { .ip = { 10 } };

  for (guint n = 0; n < 50; n++)
    {
      g_assert_cmpuint (ccbt_bloom_filter_estimate (&filter), >=, n - MIN (n, 1 + n / 10));
      g_assert_cmpuint (ccbt_bloom_filter_estimate (&filter), <=, n + 1);
      address.ip[3] = (guint8) n;
      ccbt_bloom_filter_add (&filter, &address);
    }
}

static void
test_empty_and_full_filters_have_an_estimate (void)
{
  CcbtBloomFilter filter = { 0 };

  g_assert_cmpuint (ccbt_bloom_filter_estimate (&filter), ==, 0);
  memset (filter.bytes, 0xff, sizeof filter.bytes);
  g_assert_cmpuint (ccbt_bloom_filter_estimate (&filter), ==, 6000);
  filter.bytes[7] = 0xfe; /* one zero left */
  g_assert_cmpuint (ccbt_bloom_filter_estimate (&filter), ==, 6000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bloom-filter/the-example", test_the_example);
  g_test_add_func ("/bloom-filter/merging-is-the-union", test_merging_is_the_union);
  g_test_add_func ("/bloom-filter/the-port-and-repetition-do-not-count",
                   test_the_port_and_repetition_do_not_count);
  g_test_add_func ("/bloom-filter/small-numbers-are-near-the-truth",
                   test_small_numbers_are_near_the_truth);
  g_test_add_func ("/bloom-filter/empty-and-full-filters-have-an-estimate",
                   test_empty_and_full_filters_have_an_estimate);
  return g_test_run ();
}

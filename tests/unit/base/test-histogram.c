/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-histogram.h"

#define LAST (CCBT_HISTOGRAM_BUCKETS - 1)

static void
test_buckets_begin_at_powers_of_two (void)
{
  const struct
  {
    gint64 microseconds;
    guint bucket;
  } cases[] = {
    { G_MININT64, 0 },
    { -1, 0 },
    { 0, 0 },
    { 1, 0 },
    { 2, 1 },
    { 3, 1 },
    { 4, 2 },
    { 1023, 9 },
    { 1024, 10 },
    { 1025, 10 },
    { (G_GINT64_CONSTANT (1) << LAST) - 1, LAST - 1 },
    { G_GINT64_CONSTANT (1) << LAST, LAST },
    { G_GINT64_CONSTANT (1) << 32, LAST },
    { G_MAXINT64, LAST },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      CcbtHistogram histogram = { 0 };

      ccbt_histogram_add (&histogram, cases[i].microseconds);
      for (guint bucket = 0; bucket <= LAST; bucket++)
        g_assert_cmpuint (histogram.count[bucket], ==, bucket == cases[i].bucket ? 1 : 0);
      g_assert_cmpuint (histogram.longest, ==, (guint64) MAX (cases[i].microseconds, 0));
    }
}

static void
test_an_empty_histogram_has_no_quantile (void)
{
  const CcbtHistogram histogram = { 0 };

  g_assert_cmpuint (ccbt_histogram_quantile (&histogram, 0.5), ==, 0);
  g_assert_cmpuint (ccbt_histogram_quantile (&histogram, 1.0), ==, 0);
  g_assert_cmpuint (ccbt_histogram_count_over (&histogram, 0), ==, 0);
}

static void
test_quantiles_are_upper_borders_up_to_the_longest (void)
{
  CcbtHistogram histogram = { 0 };

  for (guint i = 0; i < 90; i++)
    ccbt_histogram_add (&histogram, 100); /* 64 to 127 */
  for (guint i = 0; i < 9; i++)
    ccbt_histogram_add (&histogram, 1000); /* 512 to 1023 */
  ccbt_histogram_add (&histogram, 5000);
  g_assert_cmpuint (ccbt_histogram_quantile (&histogram, 0.5), ==, 128);
  g_assert_cmpuint (ccbt_histogram_quantile (&histogram, 0.9), ==, 128);
  g_assert_cmpuint (ccbt_histogram_quantile (&histogram, 0.95), ==, 1024);
  g_assert_cmpuint (ccbt_histogram_quantile (&histogram, 0.99), ==, 1024);
  g_assert_cmpuint (ccbt_histogram_quantile (&histogram, 1.0), ==, 5000);
}

/* The bound must hold for every entry, those in the bucket without an upper border too. */
static void
test_all_entries_stay_under_the_whole_quantile (void)
{
  const gint64 longest[]
      = { 1, 127, G_GINT64_CONSTANT (1) << LAST, G_GINT64_CONSTANT (1) << 40, G_MAXINT64 };

  for (guint i = 0; i < G_N_ELEMENTS (longest); i++)
    {
      CcbtHistogram histogram = { 0 };

      ccbt_histogram_add (&histogram, 1);
      ccbt_histogram_add (&histogram, longest[i]);
      g_assert_cmpuint (ccbt_histogram_quantile (&histogram, 1.0), ==, (guint64) longest[i]);
    }
}

static void
test_counts_over_a_border_are_by_whole_buckets (void)
{
  CcbtHistogram histogram = { 0 };

  for (gint64 i = 0; i < 64; i++)
    ccbt_histogram_add (&histogram, i);
  g_assert_cmpuint (ccbt_histogram_count_over (&histogram, 0), ==, 64);
  g_assert_cmpuint (ccbt_histogram_count_over (&histogram, 2), ==, 62);
  g_assert_cmpuint (ccbt_histogram_count_over (&histogram, 32), ==, 32);
  g_assert_cmpuint (ccbt_histogram_count_over (&histogram, 40), ==,
                    32); /* its bucket counts whole */
  g_assert_cmpuint (ccbt_histogram_count_over (&histogram, 64), ==, 0);
  g_assert_cmpuint (ccbt_histogram_count_over (&histogram, G_MAXUINT64), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/base/histogram/" #name, test_##name)
  ADD (buckets_begin_at_powers_of_two);
  ADD (an_empty_histogram_has_no_quantile);
  ADD (quantiles_are_upper_borders_up_to_the_longest);
  ADD (all_entries_stay_under_the_whole_quantile);
  ADD (counts_over_a_border_are_by_whole_buckets);
#undef ADD
  return g_test_run ();
}

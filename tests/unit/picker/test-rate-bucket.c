/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-clock.h"
#include "base/ccbt-random.h"
#include "picker/ccbt-rate-bucket.h"

/* The documented bound: a tenth of a second's worth, at least 32 KiB. */
static gint64
get_bound (guint64 limit)
{
  return MAX ((gint64) (limit / 10), 32 * 1024);
}

static gint64
take_all (CcbtRateBucket *bucket, guint32 want, gint64 now)
{
  guint32 got = ccbt_rate_bucket_available (bucket, want, now);

  g_assert_cmpuint (got, <=, want);
  ccbt_rate_bucket_take (bucket, got);
  return got;
}

/* Is at least twice what may pass asked for? */
static gboolean
asks_enough (guint64 limit, guint32 want, gint64 step)
{
  double per_request = want > 0 ? want : 20000, per_second = step > 0 ? 1e6 / (double) step : 400;

  return per_request * per_second >= 2 * (double) limit;
}

/* Bytes that pass in ten seconds when asked for @want every @step (or 0 = of random sizes) microseconds. */
static gint64
run_ten_seconds (guint64 limit, guint32 want, gint64 step)
{
  CcbtRateBucket bucket = { 0 };
  CcbtRandom random;
  gint64 start = 5 * CCBT_SECOND, passed = 0;

  ccbt_random_init (&random, limit + want);
  ccbt_rate_bucket_set_limit (&bucket, limit, start);
  for (gint64 now = start; now < start + 10 * CCBT_SECOND;)
    {
      now += step > 0 ? step : 1 + ccbt_random_below (&random, 5000);
      passed += take_all (&bucket, want > 0 ? want : 1 + ccbt_random_below (&random, 40000), now);
    }
  return passed;
}

static void
test_the_rate_is_within_two_per_cent (void)
{
  static const guint64 limits[] = { 1000, 1500, 15000, 99999, 1234567, 50000000, 1250000000 };
  static const guint32 wants[] = { 0, 1, 777, 16397, 1000003, G_MAXUINT32 };
  static const gint64 steps[] = { 0, 37, 100, 999, 10007 };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    for (guint k = 0; k < G_N_ELEMENTS (wants); k++)
      for (guint s = 0; s < G_N_ELEMENTS (steps); s++)
        {
          gint64 expected = 10 * (gint64) limits[i],
                 passed = run_ten_seconds (limits[i], wants[k], steps[s]);

          g_assert_cmpint (passed, <=, expected + expected / 50);
          if (asks_enough (limits[i], wants[k], steps[s]))
            g_assert_cmpint (passed, >=, expected - expected / 50);
        }
}

static void
test_small_steps_lose_nothing (void)
{
  CcbtRateBucket bucket = { 0 };
  gint64 passed = 0;

  ccbt_rate_bucket_set_limit (&bucket, 1900, 0);
  for (gint64 now = 1; now <= 10 * CCBT_SECOND; now += 1000)
    passed += take_all (&bucket, 100, now);
  g_assert_cmpint (passed, >=, 19000 - 5 - 9); /* what is less than 5 ms worth waits */
  g_assert_cmpint (passed, <=, 19000);
}

static void
test_idling_gives_no_more_than_the_burst (void)
{
  static const guint64 limits[] = { 1000, 100000, 10000000, G_GUINT64_CONSTANT (10000000000) };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      CcbtRateBucket bucket = { 0 };
      gint64 now = 3600 * CCBT_SECOND;

      ccbt_rate_bucket_set_limit (&bucket, limits[i], 1);
      for (guint round = 0; round < 3; round++, now += 24 * 3600 * CCBT_SECOND)
        {
          gint64 passed = take_all (&bucket, G_MAXUINT32, now);

          g_assert_cmpint (passed, <=, get_bound (limits[i]));
          /* And the second after is no better than usual. */
          for (gint64 t = 0; t <= CCBT_SECOND; t += 1000)
            passed += take_all (&bucket, G_MAXUINT32, now + t);
          g_assert_cmpint (passed, <=, get_bound (limits[i]) + (gint64) limits[i]);
        }
    }
}

static void
test_a_new_limit_starts_without_a_gift (void)
{
  CcbtRateBucket bucket = { 0 };

  ccbt_rate_bucket_set_limit (&bucket, 1000000, 0);
  g_assert_cmpuint (ccbt_rate_bucket_available (&bucket, 1000, 0), ==, 0);
  g_assert_cmpuint (ccbt_rate_bucket_available (&bucket, 1000000, 50 * CCBT_MILLISECOND), ==,
                    50000);
  /* Lowered: what was saved is cut to the smaller burst. */
  ccbt_rate_bucket_set_limit (&bucket, 1000, 100 * CCBT_MILLISECOND);
  g_assert_cmpuint (ccbt_rate_bucket_available (&bucket, G_MAXUINT32, 100 * CCBT_MILLISECOND), <=,
                    32 * 1024);
}

static void
test_setting_the_same_limit_often_changes_nothing (void)
{
  CcbtRateBucket bucket = { 0 };
  gint64 passed = 0;

  for (gint64 now = 0; now <= 10 * CCBT_SECOND; now += 300)
    {
      ccbt_rate_bucket_set_limit (&bucket, 5000, now);
      passed += take_all (&bucket, 1000, now);
    }
  g_assert_cmpint (passed, >=, 49000);
  g_assert_cmpint (passed, <=, 51000);
}

static void
test_an_overdraft_is_paid_back (void)
{
  CcbtRateBucket bucket = { 0 };

  ccbt_rate_bucket_set_limit (&bucket, 10000, 0);
  ccbt_rate_bucket_take (&bucket, 20000);
  g_assert_cmpuint (ccbt_rate_bucket_available (&bucket, 100, 2 * CCBT_SECOND), ==, 0);
  g_assert_cmpuint (ccbt_rate_bucket_available (&bucket, 20000, 3 * CCBT_SECOND), ==, 10000);
}

static void
test_after_the_wait_the_bytes_may_pass (void)
{
  static const guint64 limits[] = { 7, 1000, 15001, 999983, 123456789 };
  static const guint32 wants[] = { 1, 9, 16384, 16397, 5000000 };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    for (guint k = 0; k < G_N_ELEMENTS (wants); k++)
      {
        CcbtRateBucket bucket = { 0 };
        gint64 now = 17, goal = MIN ((gint64) wants[k], get_bound (limits[i])), wait;
        guint rounds = 0;

        ccbt_rate_bucket_set_limit (&bucket, limits[i], now);
        ccbt_rate_bucket_take (&bucket, 11);
        /* A very long wait may be told in parts. */
        while ((wait = ccbt_rate_bucket_wait (&bucket, wants[k], now)) > 0 && rounds++ < 10000)
          {
            if (wait > 10)
              g_assert_cmpint (ccbt_rate_bucket_available (&bucket, wants[k], now + wait - 10), <,
                               goal + 1);
            now += wait;
          }
        g_assert_cmpint (ccbt_rate_bucket_available (&bucket, wants[k], now), ==, goal);
        if (goal * CCBT_SECOND / (gint64) limits[i] < 9 * CCBT_SECOND)
          g_assert_cmpuint (rounds, ==, 1);
      }
}

static void
test_without_a_limit_all_may_pass (void)
{
  CcbtRateBucket bucket = { 0 };

  g_assert_cmpuint (ccbt_rate_bucket_available (&bucket, G_MAXUINT32, 1), ==, G_MAXUINT32);
  ccbt_rate_bucket_take (&bucket, G_MAXUINT32);
  g_assert_cmpint (ccbt_rate_bucket_wait (&bucket, G_MAXUINT32, 1), ==, 0);
  ccbt_rate_bucket_set_limit (&bucket, 100, 1);
  ccbt_rate_bucket_take (&bucket, 100000);
  ccbt_rate_bucket_set_limit (&bucket, 0, 2);
  g_assert_cmpuint (ccbt_rate_bucket_available (&bucket, 5, 2), ==, 5);
}

static void
test_a_huge_limit_does_not_overflow (void)
{
  CcbtRateBucket bucket = { 0 };

  ccbt_rate_bucket_set_limit (&bucket, G_MAXUINT64, 0);
  g_assert_cmpuint (ccbt_rate_bucket_available (&bucket, G_MAXUINT32, CCBT_SECOND), ==,
                    G_MAXUINT32);
  g_assert_cmpuint (ccbt_rate_bucket_available (&bucket, G_MAXUINT32, 9000 * CCBT_SECOND), ==,
                    G_MAXUINT32);
  g_assert_cmpint (ccbt_rate_bucket_wait (&bucket, G_MAXUINT32, 9000 * CCBT_SECOND), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rate-bucket/accuracy", test_the_rate_is_within_two_per_cent);
  g_test_add_func ("/rate-bucket/small-steps", test_small_steps_lose_nothing);
  g_test_add_func ("/rate-bucket/idling", test_idling_gives_no_more_than_the_burst);
  g_test_add_func ("/rate-bucket/new-limit", test_a_new_limit_starts_without_a_gift);
  g_test_add_func ("/rate-bucket/same-limit", test_setting_the_same_limit_often_changes_nothing);
  g_test_add_func ("/rate-bucket/overdraft", test_an_overdraft_is_paid_back);
  g_test_add_func ("/rate-bucket/wait", test_after_the_wait_the_bytes_may_pass);
  g_test_add_func ("/rate-bucket/no-limit", test_without_a_limit_all_may_pass);
  g_test_add_func ("/rate-bucket/huge-limit", test_a_huge_limit_does_not_overflow);
  return g_test_run ();
}

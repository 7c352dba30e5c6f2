/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-clock.h"
#include "base/ccbt-rate-meter.h"

#define START (1000 * CCBT_SECOND)

/* Adds @rate for @ticks of @tick each. Returns: the rate after the last of them */
static double
run (CcbtRateMeter *meter, gint64 *now, double rate, guint ticks, gint64 tick)
{
  double shown = 0.0;

  for (guint i = 0; i < ticks; i++)
    {
      *now += tick;
      ccbt_rate_meter_add (meter, (guint64) (rate * (double) tick / CCBT_SECOND + 0.5));
      shown = ccbt_rate_meter_update (meter, *now);
    }
  return shown;
}

static void
test_a_steady_rate_is_shown_whatever_the_tick (void)
{
  const gint64 ticks[] = { 50, 100, 250, 500, 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (ticks); i++)
    {
      CcbtRateMeter meter = { 0 };
      gint64 now = START;
      gint64 tick = ticks[i] * CCBT_MILLISECOND;

      ccbt_rate_meter_update (&meter, now);
      g_assert_cmpfloat_with_epsilon (
          run (&meter, &now, 100000.0, (guint) (30 * CCBT_SECOND / tick), tick), 100000.0, 100.0);
    }
}

static void
test_most_of_a_step_is_seen_after_four_seconds (void)
{
  const gint64 ticks[] = { 50, 250, 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (ticks); i++)
    {
      CcbtRateMeter meter = { 0 };
      gint64 now = START;
      gint64 tick = ticks[i] * CCBT_MILLISECOND;

      ccbt_rate_meter_update (&meter, now);
      g_assert_cmpfloat_with_epsilon (
          run (&meter, &now, 100000.0, (guint) (4 * CCBT_SECOND / tick), tick), 86466.0, 50.0);
    }
}

static void
test_silence_ends_at_zero (void)
{
  CcbtRateMeter meter = { 0 };
  gint64 now = START;

  ccbt_rate_meter_update (&meter, now);
  run (&meter, &now, 1000000.0, 20, CCBT_SECOND);
  g_assert_cmpfloat (run (&meter, &now, 0.0, 2, CCBT_SECOND), >, 100000.0);
  g_assert_cmpfloat (run (&meter, &now, 0.0, 60, CCBT_SECOND), ==, 0.0);
}

static void
test_a_trickle_is_seen (void)
{
  CcbtRateMeter meter = { 0 };
  gint64 now = START;

  ccbt_rate_meter_update (&meter, now);
  g_assert_cmpfloat_with_epsilon (run (&meter, &now, 4.0, 200, 250 * CCBT_MILLISECOND), 4.0, 0.1);
}

/* However much came before anybody looked: without a duration it is no rate. */
static void
test_bytes_before_the_first_look_are_no_rate (void)
{
  CcbtRateMeter meter = { 0 };

  ccbt_rate_meter_add (&meter, 1000000);
  g_assert_cmpfloat (ccbt_rate_meter_update (&meter, START), ==, 0.0);
  g_assert_cmpfloat (ccbt_rate_meter_update (&meter, START + CCBT_SECOND), ==, 0.0);
  g_assert_cmpuint (meter.total, ==, 1000000);
}

static void
test_looks_in_quick_succession_lose_nothing (void)
{
  CcbtRateMeter often = { 0 }, seldom = { 0 };

  ccbt_rate_meter_update (&often, START);
  ccbt_rate_meter_update (&seldom, START);
  for (guint i = 1; i <= 100; i++)
    {
      ccbt_rate_meter_add (&often, 1000);
      ccbt_rate_meter_add (&seldom, 1000);
      g_assert_cmpfloat (ccbt_rate_meter_update (&often, START + i * 100), ==, 0.0);
    }
  g_assert_cmpfloat_with_epsilon (ccbt_rate_meter_update (&often, START + CCBT_SECOND),
                                  ccbt_rate_meter_update (&seldom, START + CCBT_SECOND), 0.001);
  g_assert_cmpfloat (often.per_second, >, 0.0);
}

static void
test_after_a_long_gap_the_average_is_shown (void)
{
  CcbtRateMeter meter = { 0 };

  ccbt_rate_meter_update (&meter, START);
  ccbt_rate_meter_add (&meter, 3600 * 500);
  g_assert_cmpfloat_with_epsilon (ccbt_rate_meter_update (&meter, START + 3600 * CCBT_SECOND),
                                  500.0, 0.01);
}

static void
test_a_clock_that_stands_changes_nothing (void)
{
  CcbtRateMeter meter = { 0 };
  gint64 now = START;
  double before;

  ccbt_rate_meter_update (&meter, now);
  before = run (&meter, &now, 1000.0, 10, CCBT_SECOND);
  g_assert_cmpfloat (ccbt_rate_meter_update (&meter, now), ==, before);
  g_assert_cmpfloat (ccbt_rate_meter_update (&meter, now - CCBT_SECOND), ==, before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/base/rate-meter/" #name, test_##name)
  ADD (a_steady_rate_is_shown_whatever_the_tick);
  ADD (most_of_a_step_is_seen_after_four_seconds);
  ADD (silence_ends_at_zero);
  ADD (a_trickle_is_seen);
  ADD (bytes_before_the_first_look_are_no_rate);
  ADD (looks_in_quick_succession_lose_nothing);
  ADD (after_a_long_gap_the_average_is_shown);
  ADD (a_clock_that_stands_changes_nothing);
#undef ADD
  return g_test_run ();
}

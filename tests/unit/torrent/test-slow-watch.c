/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-slow-watch.h"

#define FAST 100000.0
#define STILL 0.0

/* Returns: how often its mind changed */
static guint
count (CcbtSlowWatch *watch, double rate, guint seconds)
{
  guint n_changes = 0;

  for (guint i = 0; i < seconds; i++)
    n_changes += ccbt_slow_watch_count (watch, rate, 1);
  return n_changes;
}

static void
test_a_minute_either_way (void)
{
  CcbtSlowWatch watch = { 0 };

  g_assert_cmpuint (count (&watch, STILL, 59), ==, 0);
  g_assert_false (watch.is_slow);
  g_assert_cmpuint (count (&watch, STILL, 1), ==, 1);
  g_assert_true (watch.is_slow);
  g_assert_cmpuint (count (&watch, STILL, 1000), ==, 0);
  g_assert_cmpuint (count (&watch, FAST, 59), ==, 0);
  g_assert_true (watch.is_slow);
  g_assert_cmpuint (count (&watch, FAST, 1), ==, 1);
  g_assert_false (watch.is_slow);
}

static void
test_a_block_now_and_then (void)
{
  CcbtSlowWatch watch = { 0 };

  for (guint i = 0; i < 20; i++)
    {
      g_assert_cmpuint (count (&watch, STILL, 50), ==, 0);
      g_assert_cmpuint (count (&watch, FAST, 5), ==, 0);
    }
  count (&watch, STILL, 60);
  for (guint i = 0; i < 20; i++)
    {
      g_assert_cmpuint (count (&watch, FAST, 50), ==, 0);
      g_assert_cmpuint (count (&watch, STILL, 5), ==, 0);
    }
  g_assert_true (watch.is_slow);
}

/* After a time asleep many seconds come at once. */
static void
test_many_seconds_at_once (void)
{
  CcbtSlowWatch watch = { 0 };

  g_assert_true (ccbt_slow_watch_count (&watch, STILL, G_MAXUINT64));
  g_assert_true (watch.is_slow);
  g_assert_false (ccbt_slow_watch_count (&watch, FAST, 59));
  g_assert_true (ccbt_slow_watch_count (&watch, FAST, G_MAXUINT64));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slow-watch/a-minute-either-way", test_a_minute_either_way);
  g_test_add_func ("/slow-watch/a-block-now-and-then", test_a_block_now_and_then);
  g_test_add_func ("/slow-watch/many-seconds-at-once", test_many_seconds_at_once);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-loop-watchdog.h"

static guint64
count (const CcbtHistogram *turns)
{
  return ccbt_histogram_count_over (turns, 0);
}

static gboolean
sleep_cb (gpointer milliseconds)
{
  g_usleep (GPOINTER_TO_UINT (milliseconds) * 1000ul);
  return G_SOURCE_REMOVE;
}

static void
attach (GMainContext *context, GSource *source, guint milliseconds_of_work)
{
  g_source_set_callback (source, sleep_cb, GUINT_TO_POINTER (milliseconds_of_work), NULL);
  g_source_attach (source, context);
  g_source_unref (source);
}

/* One turn that works for @milliseconds, and the beginning of the next, which ends the first. */
static void
work (GMainContext *context, guint milliseconds)
{
  attach (context, g_idle_source_new (), milliseconds);
  g_main_context_iteration (context, FALSE);
  g_main_context_iteration (context, FALSE);
}

static void
test_a_long_turn_is_seen (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  CcbtHistogram turns = { 0 };

  ccbt_loop_watchdog_install (context, &turns);
  work (context, 0);
  g_assert_cmpuint (count (&turns), ==, 1);
  work (context, 30);
  g_assert_cmpuint (turns.longest, >=, 30000);
  g_assert_cmpuint (ccbt_histogram_count_over (&turns, 20000), >=, 1);
  ccbt_loop_watchdog_remove (context);
}

/* Only what is done counts, not what is waited for. */
static void
test_waiting_does_not_count (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  CcbtHistogram turns = { 0 };
  gint64 began;

  ccbt_loop_watchdog_install (context, &turns);
  work (context, 0);
  turns = (CcbtHistogram){ 0 };
  began = g_get_monotonic_time ();
  attach (context, g_timeout_source_new (300), 0);
  while (!g_main_context_iteration (context, TRUE))
    ;
  g_main_context_iteration (context, FALSE);
  g_assert_cmpint (g_get_monotonic_time () - began, >=, 290000);
  g_assert_cmpuint (turns.longest, <, 290000);
  ccbt_loop_watchdog_remove (context);
}

static gboolean
install_cb (gpointer data)
{
  gpointer *pair = data;

  ccbt_loop_watchdog_install (pair[0], pair[1]);
  g_usleep (30000);
  return G_SOURCE_REMOVE;
}

static void
test_the_turn_that_installs_is_not_counted (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  CcbtHistogram turns = { 0 };
  gpointer pair[] = { context, &turns };
  GSource *source = g_idle_source_new ();

  g_source_set_callback (source, install_cb, pair, NULL);
  g_source_attach (source, context);
  g_source_unref (source);
  g_main_context_iteration (context, FALSE);
  g_main_context_iteration (context, FALSE);
  g_assert_cmpuint (count (&turns), ==, 0);
  g_main_context_iteration (context, FALSE);
  g_assert_cmpuint (count (&turns), ==, 1);
  ccbt_loop_watchdog_remove (context);
}

static void
test_nothing_counts_after_removal (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  CcbtHistogram turns = { 0 };
  CcbtHistogram others = { 0 };

  ccbt_loop_watchdog_install (context, &turns);
  work (context, 0);
  ccbt_loop_watchdog_remove (context);
  work (context, 0);
  g_assert_cmpuint (count (&turns), ==, 1);

  /* And another may follow. */
  ccbt_loop_watchdog_install (context, &others);
  work (context, 0);
  ccbt_loop_watchdog_remove (context);
  g_assert_cmpuint (count (&turns), ==, 1);
  g_assert_cmpuint (count (&others), ==, 1);
}

static gpointer
run_other (gpointer turns)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  ccbt_loop_watchdog_install (context, turns);
  work (context, 0);
  ccbt_loop_watchdog_remove (context);
  return NULL;
}

static void
test_each_thread_has_its_own (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  CcbtHistogram mine = { 0 };
  CcbtHistogram others = { 0 };

  ccbt_loop_watchdog_install (context, &mine);
  g_thread_join (g_thread_new ("other", run_other, &others));
  g_assert_cmpuint (count (&mine), ==, 0);
  g_assert_cmpuint (count (&others), ==, 1);
  work (context, 0);
  g_assert_cmpuint (count (&mine), ==, 1);
  g_assert_cmpuint (count (&others), ==, 1);
  ccbt_loop_watchdog_remove (context);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/base/loop-watchdog/" #name, test_##name)
  ADD (a_long_turn_is_seen);
  ADD (waiting_does_not_count);
  ADD (the_turn_that_installs_is_not_counted);
  ADD (nothing_counts_after_removal);
  ADD (each_thread_has_its_own);
#undef ADD
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tracker-set-fixture.h"

/* --- Events --- */

static void
test_events_in_order_and_once (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  start_and_announce (fixture);
  pass (fixture, 1800);
  wait_for (&fixture->n_announced, 2);
  ccbt_tracker_set_complete (fixture->set);
  wait_for (&fixture->n_announced, 3);
  ccbt_tracker_set_complete (fixture->set);
  pass (fixture, 1800);
  wait_for (&fixture->n_announced, 4);
  ccbt_tracker_set_stop (fixture->set, stopped_cb, fixture);
  wait_for (&fixture->n_stopped, 1);
  assert_events (fixture, 0, "started,,completed,,stopped");
}

static void
test_completed_waits_for_what_is_under_way (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  ccbt_tracker_set_start (fixture->set);
  ccbt_tracker_set_complete (fixture->set);
  wait_for (&fixture->n_announced, 1);
  pass (fixture, 1); /* not an interval later */
  wait_for (&fixture->n_announced, 2);
  pass (fixture, 1);
  turn (50);
  assert_events (fixture, 0, "started,completed");
}

static void
test_stop_lets_completed_arrive (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  set_mood (fixture, 0, TRACKER_SLOW_COMPLETED, NULL);
  start_and_announce (fixture);
  ccbt_tracker_set_complete (fixture->set);
  ccbt_tracker_set_stop (fixture->set, stopped_cb, fixture); /* finished and not to be seeded */
  wait_for (&fixture->n_stopped, 1);
  assert_events (fixture, 0, "started,completed,stopped");
  ccbt_tracker_set_start (fixture->set);
  wait_for (&fixture->n_announced, 2);
  pass (fixture, 1);
  turn (50);
  assert_events (fixture, 0, "started,completed,stopped,started");
}

/* Neither by the next tracker's turn, nor by a tick while the farewell is said. */
static void
test_slow_completed_is_not_given_up (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 2);
  set_mood (fixture, 0, TRACKER_SLOW_COMPLETED, NULL);
  start_and_announce (fixture);
  ccbt_tracker_set_complete (fixture->set);
  wait_for_requests (fixture, 0, 2);
  pass (fixture, 6);
  ccbt_tracker_set_stop (fixture->set, stopped_cb, fixture);
  pass (fixture, 6);
  wait_for (&fixture->n_stopped, 1);
  g_assert_cmpuint (fixture->n_failed, ==, 0);
  assert_events (fixture, 0, "started,completed,stopped");
  assert_events (fixture, 1, "");
}

static void
test_stop_tells_completed_that_is_due (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  start_and_announce (fixture);
  set_mood (fixture, 0, TRACKER_HANGS, NULL);
  pass (fixture, 1800);
  wait_for_requests (fixture, 0, 2);
  set_mood (fixture, 0, TRACKER_HONEST, NULL);
  ccbt_tracker_set_complete (fixture->set); /* while another announce hangs */
  ccbt_tracker_set_stop (fixture->set, stopped_cb, fixture);
  wait_for (&fixture->n_stopped, 1);
  assert_events (fixture, 0, "started,,completed,stopped");
  ccbt_tracker_set_start (fixture->set);
  wait_for (&fixture->n_announced, 2);
  pass (fixture, 1);
  turn (50);
  assert_events (fixture, 0, "started,,completed,stopped,started");
}

static void
test_stopped_goes_to_those_that_heard_started (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 3);
  start_and_announce (fixture); /* the first */
  set_mood (fixture, 0, TRACKER_STATUS_500, "");
  pass (fixture, 1800);
  wait_for (&fixture->n_failed, 1);
  pass (fixture, 1);
  wait_for (&fixture->n_announced, 2); /* the second */
  set_mood (fixture, 0, TRACKER_HONEST, NULL);
  ccbt_tracker_set_stop (fixture->set, stopped_cb, fixture);
  wait_for (&fixture->n_stopped, 1);
  assert_events (fixture, 0, "started,,stopped");
  assert_events (fixture, 1, "started,stopped");
  assert_events (fixture, 2, "");
}

static void
test_stop_ends_within_two_seconds (Fixture *fixture, gconstpointer data)
{
  gint64 begin;

  add_trackers (fixture, 1);
  set_mood (fixture, 0, TRACKER_HANGS_AT_STOPPED, NULL);
  start_and_announce (fixture);
  begin = g_get_monotonic_time ();
  ccbt_tracker_set_stop (fixture->set, stopped_cb, fixture);
  g_assert_cmpuint (fixture->n_stopped, ==, 0);
  wait_for (&fixture->n_stopped, 1);
  g_assert_cmpint (g_get_monotonic_time () - begin, >, 19 * G_USEC_PER_SEC / 10);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 3 * G_USEC_PER_SEC);
  turn (100);
  g_assert_cmpuint (fixture->n_stopped, ==, 1);
}

static void
test_silent_tracker_hears_stopped_too (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  set_mood (fixture, 0, TRACKER_HANGS, NULL);
  ccbt_tracker_set_start (fixture->set);
  wait_for_requests (fixture, 0, 1);
  set_mood (fixture, 0, TRACKER_HONEST, NULL);
  ccbt_tracker_set_stop (fixture->set, stopped_cb, fixture);
  wait_for (&fixture->n_stopped, 1);
  assert_events (fixture, 0, "started,stopped"); /* it may have heard the first */
  g_assert_cmpuint (fixture->n_announced + fixture->n_failed, ==, 0);
}

static void
test_start_waits_for_stopped (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  set_mood (fixture, 0, TRACKER_HANGS_AT_STOPPED, NULL);
  start_and_announce (fixture);
  ccbt_tracker_set_stop (fixture->set, stopped_cb, fixture);
  ccbt_tracker_set_start (fixture->set);
  ccbt_tracker_set_tick (fixture->set);
  wait_for_requests (fixture, 0, 2);
  turn (300);
  assert_events (fixture, 0, "started,stopped");
  wait_for (&fixture->n_announced, 2);
  assert_events (fixture, 0, "started,stopped,started");
}

static void
test_second_stop_waits_for_the_first (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  start_and_announce (fixture);
  ccbt_tracker_set_stop (fixture->set, NULL, NULL);
  ccbt_tracker_set_stop (fixture->set, stopped_cb, fixture);
  g_assert_cmpuint (fixture->n_stopped, ==, 0);
  wait_for (&fixture->n_stopped, 1);
  assert_events (fixture, 0, "started,stopped");
}

/* --- Ends --- */

static void
free_all_cb (gpointer data)
{
  Fixture *fixture = data;

  fixture->n_stopped++;
  g_clear_pointer (&fixture->set, ccbt_tracker_set_free);
  g_clear_pointer (&fixture->http, ccbt_http_free);
}

static void
test_done_may_free_everything (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 2);
  set_mood (fixture, 0, TRACKER_HANGS_AT_STOPPED, NULL);
  start_and_announce (fixture);
  ccbt_tracker_set_stop (fixture->set, free_all_cb, fixture);
  wait_for (&fixture->n_stopped, 1);
  turn (50);
}

static void
test_done_at_once_may_free_everything (Fixture *fixture, gconstpointer data)
{
  ccbt_tracker_set_stop (fixture->set, free_all_cb, fixture);
  g_assert_cmpuint (fixture->n_stopped, ==, 1);
}

static void
test_free_under_way_is_silent (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  set_mood (fixture, 0, TRACKER_HANGS, NULL);
  ccbt_tracker_set_start (fixture->set);
  wait_for_requests (fixture, 0, 1);
  g_clear_pointer (&fixture->set, ccbt_tracker_set_free);
  turn (50);
  g_assert_cmpuint (fixture->n_announced + fixture->n_failed, ==, 0);
}

static void
test_free_while_stopping_still_says_stopped (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  set_mood (fixture, 0, TRACKER_SLOW_COMPLETED, NULL);
  start_and_announce (fixture);
  ccbt_tracker_set_complete (fixture->set);
  ccbt_tracker_set_stop (fixture->set, stopped_cb, fixture);
  g_clear_pointer (&fixture->set, ccbt_tracker_set_free);
  wait_for (&fixture->n_stopped, 1);
  assert_events (fixture, 0, "started,completed,stopped");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("events-in-order-and-once", test_events_in_order_and_once);
  ADD ("completed-waits", test_completed_waits_for_what_is_under_way);
  ADD ("stop-lets-completed-arrive", test_stop_lets_completed_arrive);
  ADD ("slow-completed-is-not-given-up", test_slow_completed_is_not_given_up);
  ADD ("stop-tells-completed-that-is-due", test_stop_tells_completed_that_is_due);
  ADD ("stopped-to-those-that-heard-started", test_stopped_goes_to_those_that_heard_started);
  ADD ("stop-ends-within-two-seconds", test_stop_ends_within_two_seconds);
  ADD ("silent-tracker-hears-stopped-too", test_silent_tracker_hears_stopped_too);
  ADD ("start-waits-for-stopped", test_start_waits_for_stopped);
  ADD ("second-stop-waits", test_second_stop_waits_for_the_first);
  ADD ("done-may-free-everything", test_done_may_free_everything);
  ADD ("done-at-once-may-free-everything", test_done_at_once_may_free_everything);
  ADD ("free-under-way-is-silent", test_free_under_way_is_silent);
  ADD ("free-while-stopping", test_free_while_stopping_still_says_stopped);
  return g_test_run ();
}

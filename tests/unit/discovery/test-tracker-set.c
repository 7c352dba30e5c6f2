/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tracker-set-fixture.h"

/* --- What is asked --- */

static void
test_hash_arrives_byte_for_byte (Fixture *fixture, gconstpointer data)
{
  g_autofree char *line = NULL;
  g_autofree char *expected = NULL;

  add_trackers (fixture, 1);
  start_and_announce (fixture);
  line = raw_server_dup_line (fixture->trackers[0].server, 0);
  expected
      = g_strdup ("GET /announce?info_hash=%00%25%26%2B%3D%FF%20%23%3F%2F%0D%0A%80~-A%3B%22%7F%01"
                  "&peer_id=-CC0100-abcdefghijkl&port=6881&uploaded=11&downloaded=22&left=33"
                  "&compact=1&no_peer_id=1&key=ABCD1234&numwant=50&event=started HTTP/1.1");
  g_assert_cmpstr (line, ==, expected);
}

static void
test_no_peers_wanted_still_announces (Fixture *fixture, gconstpointer data)
{
  g_autofree char *line = NULL;

  add_trackers (fixture, 1);
  fixture->number_wanted = 0;
  start_and_announce (fixture);
  line = raw_server_dup_line (fixture->trackers[0].server, 0);
  g_assert_nonnull (strstr (line, "&numwant=0&"));
}

static void
test_peers_reach_the_owner (Fixture *fixture, gconstpointer data)
{
  g_autofree char *peer = NULL;
  int seeds, leechers;

  add_trackers (fixture, 1);
  start_and_announce (fixture);
  g_assert_cmpuint (fixture->peers->len, ==, 1);
  peer = ccbt_address_to_string (&g_array_index (fixture->peers, CcbtAddress, 0));
  g_assert_cmpstr (peer, ==, "1.2.3.4:6881");
  g_assert_true (fixture->tracker_is_local);
  ccbt_tracker_set_get_swarm (fixture->set, &seeds, &leechers);
  g_assert_cmpint (seeds, ==, 3);
  g_assert_cmpint (leechers, ==, 4);
}

static void
test_tracker_id_comes_back (Fixture *fixture, gconstpointer data)
{
  g_autofree char *line = NULL;

  add_trackers (fixture, 1);
  set_mood (fixture, 0, TRACKER_SAYS, "d8:intervali60e10:tracker id3:a&be");
  start_and_announce (fixture);
  pass (fixture, 60);
  wait_for (&fixture->n_announced, 2);
  line = raw_server_dup_line (fixture->trackers[0].server, 1);
  g_assert_nonnull (strstr (line, "&trackerid=a%26b"));
}

/* --- Tiers and time --- */

static void
test_next_tier_is_asked_on_failure (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;

  add_trackers (fixture, 3);
  set_mood (fixture, 0, TRACKER_HANGS_UP, NULL);
  ccbt_tracker_set_start (fixture->set);
  wait_for (&fixture->n_failed, 1);
  pass (fixture, 1);
  wait_for (&fixture->n_announced, 1);
  pass (fixture, 1);
  turn (50);
  g_assert_cmpuint (raw_server_count (fixture->trackers[1].server), ==, 1);
  g_assert_cmpuint (raw_server_count (fixture->trackers[2].server), ==, 0);
  list = describe (fixture);
  g_assert_cmpint (get_status (list, 0)->state, ==, CCBT_TRACKER_STATE_FAILED);
  g_assert_cmpuint (get_status (list, 0)->n_failures, ==, 1);
  g_assert_cmpint (get_status (list, 1)->state, ==, CCBT_TRACKER_STATE_WORKING);
  g_assert_cmpint (get_status (list, 1)->next_announce, ==, 1799);
  g_assert_cmpint (get_status (list, 2)->state, ==, CCBT_TRACKER_STATE_IDLE);
}

static void
test_one_announce_at_a_time (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;

  add_trackers (fixture, 3);
  set_mood (fixture, 0, TRACKER_HANGS, NULL);
  ccbt_tracker_set_start (fixture->set);
  wait_for_requests (fixture, 0, 1);
  for (guint i = 0; i < 4; i++)
    pass (fixture, 1);
  g_assert_cmpint (ccbt_tracker_set_announce_now (fixture->set), ==, 0);
  turn (50);
  g_assert_cmpuint (raw_server_count (fixture->trackers[0].server), ==, 1);
  g_assert_cmpuint (raw_server_count (fixture->trackers[1].server), ==, 0);
  list = describe (fixture);
  g_assert_cmpint (get_status (list, 0)->state, ==, CCBT_TRACKER_STATE_ANNOUNCING);
}

/* Threat B64: nobody waits for a silent tracker while there is another. */
static void
test_a_silent_tracker_gives_way_to_the_next (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;

  add_trackers (fixture, 2);
  set_mood (fixture, 0, TRACKER_HANGS, NULL);
  ccbt_tracker_set_start (fixture->set);
  wait_for_requests (fixture, 0, 1);
  pass (fixture, 6);
  turn (50);
  pass (fixture, 1);
  wait_for_requests (fixture, 1, 1);
  turn (50);
  list = describe (fixture);
  g_assert_cmpint (get_status (list, 0)->state, ==, CCBT_TRACKER_STATE_FAILED);
  g_assert_cmpstr (get_status (list, 0)->message, ==, "no answer in time");
  g_assert_cmpint (get_status (list, 1)->state, ==, CCBT_TRACKER_STATE_WORKING);
}

static void
test_failures_back_off (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  set_mood (fixture, 0, TRACKER_HANGS_UP, NULL);
  ccbt_tracker_set_start (fixture->set);
  wait_for (&fixture->n_failed, 1);
  pass (fixture, 14);
  turn (50);
  g_assert_cmpuint (fixture->n_failed, ==, 1);
  pass (fixture, 5);
  wait_for (&fixture->n_failed, 2);
  pass (fixture, 29);
  turn (50);
  g_assert_cmpuint (fixture->n_failed, ==, 2);
  pass (fixture, 9);
  wait_for (&fixture->n_failed, 3);
}

static void
test_interval_is_kept_and_clamped (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  set_mood (fixture, 0, TRACKER_SAYS, "d8:intervali1ee");
  start_and_announce (fixture);
  g_assert_cmpuint (fixture->interval, ==, 60);
  pass (fixture, 59);
  turn (50);
  g_assert_cmpuint (fixture->n_announced, ==, 1);
  set_mood (fixture, 0, TRACKER_SAYS, "d8:intervali9223372036854775807ee");
  pass (fixture, 1);
  wait_for (&fixture->n_announced, 2);
  pass (fixture, 86399);
  turn (50);
  g_assert_cmpuint (fixture->n_announced, ==, 2);
  pass (fixture, 1);
  wait_for (&fixture->n_announced, 3);
}

static void
test_announce_now_keeps_the_minimum (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 2);
  set_mood (fixture, 0, TRACKER_SAYS, "d8:intervali1800e12:min intervali300ee");
  start_and_announce (fixture);
  fixture->number_wanted = 0; /* or it is asked for want of peers */
  g_assert_cmpint (ccbt_tracker_set_announce_now (fixture->set), ==, 300);
  pass (fixture, 100);
  g_assert_cmpint (ccbt_tracker_set_announce_now (fixture->set), ==, 200);
  turn (50);
  g_assert_cmpuint (fixture->n_announced, ==, 1);
  pass (fixture, 200); /* the wish was not forgotten */
  wait_for (&fixture->n_announced, 2);
  pass (fixture, 400);
  g_assert_cmpint (ccbt_tracker_set_announce_now (fixture->set), ==, 0);
  wait_for (&fixture->n_announced, 3);
  g_assert_cmpuint (raw_server_count (fixture->trackers[1].server), ==, 0);
}

/* From another address: again at once, and what was asked from the old one is given up. */
static void
test_who_has_moved_tells_it (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  set_mood (fixture, 0, TRACKER_SAYS, "d8:intervali1800e12:min intervali300ee");
  ccbt_tracker_set_note_moved (fixture->set); /* nothing: it does not run */
  start_and_announce (fixture);
  set_mood (fixture, 0, TRACKER_HANGS, NULL);
  ccbt_tracker_set_note_moved (fixture->set);
  wait_for_requests (fixture, 0, 2);
  set_mood (fixture, 0, TRACKER_SAYS, "d8:intervali1800ee");
  ccbt_tracker_set_note_moved (fixture->set);
  wait_for (&fixture->n_announced, 2);
  g_assert_cmpuint (raw_server_count (fixture->trackers[0].server), ==, 3);
  g_assert_cmpuint (fixture->n_failed, ==, 0);
}

static void
test_nobody_to_ask (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;

  g_assert_true (ccbt_tracker_set_add (fixture->set, "udp://127.0.0.1:6969/announce", 0));
  ccbt_tracker_set_start (fixture->set);
  pass (fixture, 100000);
  g_assert_cmpint (ccbt_tracker_set_announce_now (fixture->set), ==, 0);
  list = describe (fixture);
  g_assert_cmpint (get_status (list, 0)->state, ==, CCBT_TRACKER_STATE_FAILED);
  g_assert_cmpstr (get_status (list, 0)->message, ==,
                   "UDP trackers cannot be asked: no UDP port is open");
  g_assert_cmpint (get_status (list, 0)->next_announce, ==, -1);
  ccbt_tracker_set_stop (fixture->set, stopped_cb, fixture);
  g_assert_cmpuint (fixture->n_stopped, ==, 1);
}

/* --- What trackers say --- */

static void
test_failure_reason_is_shown_printable (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  set_mood (fixture, 0, TRACKER_SAYS, "d14:failure reason12:\033[31mgo awaye");
  ccbt_tracker_set_start (fixture->set);
  wait_for (&fixture->n_failed, 1);
  g_assert_nonnull (strstr (fixture->message, "go away"));
  g_assert_null (strchr (fixture->message, '\033'));
  g_assert_cmpuint (fixture->n_announced, ==, 0);
}

static void
test_error_status_with_a_reason (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  set_mood (fixture, 0, TRACKER_STATUS_500, "d14:failure reason6:brokene");
  ccbt_tracker_set_start (fixture->set);
  wait_for (&fixture->n_failed, 1);
  g_assert_cmpstr (fixture->message, ==, "broken");
  set_mood (fixture, 0, TRACKER_STATUS_500, "<html>");
  pass (fixture, 60);
  wait_for (&fixture->n_failed, 2);
  g_assert_cmpstr (fixture->message, ==, "the tracker answered with status 500");
}

static void
test_warning_is_listed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;

  add_trackers (fixture, 1);
  set_mood (fixture, 0, TRACKER_SAYS, "d8:intervali60e15:warning message4:slowe");
  start_and_announce (fixture);
  list = describe (fixture);
  g_assert_cmpint (get_status (list, 0)->state, ==, CCBT_TRACKER_STATE_WORKING);
  g_assert_cmpstr (get_status (list, 0)->message, ==, "slow");
}

static void
test_never_again_is_obeyed (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  set_mood (fixture, 0, TRACKER_SAYS, "d14:failure reason2:no8:retry in5:nevere");
  ccbt_tracker_set_start (fixture->set);
  wait_for (&fixture->n_failed, 1);
  pass (fixture, 1000000);
  ccbt_tracker_set_announce_now (fixture->set);
  turn (50);
  g_assert_cmpuint (raw_server_count (fixture->trackers[0].server), ==, 1);
}

static void
test_rubbish_is_a_failure (Fixture *fixture, gconstpointer data)
{
  add_trackers (fixture, 1);
  set_mood (fixture, 0, TRACKER_SAYS, "<html>hello</html>");
  ccbt_tracker_set_start (fixture->set);
  wait_for (&fixture->n_failed, 1);
  g_assert_cmpuint (fixture->n_announced, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("hash-arrives-byte-for-byte", test_hash_arrives_byte_for_byte);
  ADD ("no-peers-wanted", test_no_peers_wanted_still_announces);
  ADD ("peers-reach-the-owner", test_peers_reach_the_owner);
  ADD ("tracker-id-comes-back", test_tracker_id_comes_back);
  ADD ("next-tier-on-failure", test_next_tier_is_asked_on_failure);
  ADD ("one-announce-at-a-time", test_one_announce_at_a_time);
  ADD ("a-silent-tracker-gives-way-to-the-next", test_a_silent_tracker_gives_way_to_the_next);
  ADD ("failures-back-off", test_failures_back_off);
  ADD ("interval-is-kept-and-clamped", test_interval_is_kept_and_clamped);
  ADD ("announce-now-keeps-the-minimum", test_announce_now_keeps_the_minimum);
  ADD ("nobody-to-ask", test_nobody_to_ask);
  ADD ("moved", test_who_has_moved_tells_it);
  ADD ("failure-reason-is-printable", test_failure_reason_is_shown_printable);
  ADD ("error-status-with-a-reason", test_error_status_with_a_reason);
  ADD ("warning-is-listed", test_warning_is_listed);
  ADD ("never-again-is-obeyed", test_never_again_is_obeyed);
  ADD ("rubbish-is-a-failure", test_rubbish_is_a_failure);
  return g_test_run ();
}

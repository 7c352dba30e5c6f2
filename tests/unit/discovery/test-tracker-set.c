/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../net/raw-server.h"
#include "discovery/ccbt-tracker-set.h"

/* What a tracker does; under the test's eyes only between its requests. */
typedef enum
{
  TRACKER_HONEST,
  TRACKER_SAYS,       /* its text, as it is */
  TRACKER_STATUS_500, /* with its text as the body */
  TRACKER_HANGS,
  TRACKER_HANGS_UP,
  TRACKER_SLOW_COMPLETED, /* honest, but takes 300 ms for "completed" */
  TRACKER_HANGS_AT_STOPPED,
} TrackerMood;

typedef struct
{
  RawServer *server;
  gint mood; /* atomic */
  const char *text;
  char *url;
} Tracker;

typedef struct
{
  CcbtFakeClock clock;
  CcbtHttp *http;
  CcbtTrackerSet *set;
  Tracker trackers[3];
  gint number_wanted;
  guint n_announced;
  guint n_failed;
  guint n_stopped;
  char *message; /* of the last failure */
  GArray *peers;
  gboolean tracker_is_local;
  guint32 interval;
} Fixture;

/* --- The owner --- */

static void
get_totals_cb (gpointer owner, guint64 *uploaded, guint64 *downloaded, guint64 *left)
{
  *uploaded = 11;
  *downloaded = 22;
  *left = 33;
}

static guint16
get_port_cb (gpointer owner)
{
  return 6881;
}

static gint
get_number_wanted_cb (gpointer owner)
{
  return ((Fixture *) owner)->number_wanted;
}

static void
take_peers_cb (gpointer owner, const CcbtAddress *addresses, guint n_addresses,
               gboolean tracker_is_local)
{
  Fixture *fixture = owner;

  g_array_append_vals (fixture->peers, addresses, n_addresses);
  fixture->tracker_is_local = tracker_is_local;
}

static void
announced_cb (gpointer owner, const char *url, const CcbtAnnounceReply *reply)
{
  Fixture *fixture = owner;

  fixture->interval = reply->interval;
  fixture->n_announced++;
}

static void
failed_cb (gpointer owner, const char *url, const char *message)
{
  Fixture *fixture = owner;

  g_free (fixture->message);
  fixture->message = g_strdup (message);
  fixture->n_failed++;
}

static const CcbtTrackerSetOwner questions = {
  .get_totals = get_totals_cb,
  .get_port = get_port_cb,
  .get_number_wanted = get_number_wanted_cb,
  .take_peers = take_peers_cb,
  .announced = announced_cb,
  .failed = failed_cb,
};

/* --- The trackers --- */

static gboolean
answer_announce (RawServer *server, GOutputStream *out, const char *head)
{
  const char *honest
      = "d8:completei3e10:incompletei4e8:intervali1800e5:peers6:\x01\x02\x03\x04\x1a\xe1"
        "e";
  Tracker *tracker = server->data;
  TrackerMood mood = g_atomic_int_get (&tracker->mood);
  const char *line_end = strstr (head, "\r\n");
  const char *completed = g_strstr_len (head, line_end - head, "event=completed");
  const char *stopped = g_strstr_len (head, line_end - head, "event=stopped");

  if (mood == TRACKER_HANGS || (mood == TRACKER_HANGS_AT_STOPPED && stopped != NULL))
    return raw_hang (server);
  if (mood == TRACKER_HANGS_UP)
    return FALSE;
  if (mood == TRACKER_STATUS_500)
    return raw_reply (out, "500 Broken", NULL, tracker->text, strlen (tracker->text));
  if (mood == TRACKER_SLOW_COMPLETED && completed != NULL)
    g_usleep (300000);
  if (mood == TRACKER_SAYS)
    honest = tracker->text;
  return raw_reply (out, "200 OK", NULL, honest, strlen (honest));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const CcbtSha1 hash = { { 0,    '%',  '&',  '+', '=', 0xff, ' ', '#', '?',  '/',
                            '\r', '\n', 0x80, '~', '-', 'A',  ';', '"', 0x7f, 1 } };

  ccbt_fake_clock_init (&fixture->clock, 1000 * CCBT_SECOND);
  fixture->http = ccbt_http_new (NULL);
  fixture->peers = g_array_new (FALSE, FALSE, sizeof (CcbtAddress));
  fixture->number_wanted = 50;
  fixture->set = ccbt_tracker_set_new (
      &questions, fixture,
      &(CcbtTrackerAccess){ .http = fixture->http, .clock = &fixture->clock.parent }, &hash,
      (const guint8 *) "-CC0100-abcdefghijkl", 0xabcd1234, 1);
  for (guint i = 0; i < G_N_ELEMENTS (fixture->trackers); i++)
    {
      Tracker *tracker = &fixture->trackers[i];

      tracker->server = raw_server_new ("127.0.0.1", answer_announce, tracker);
      tracker->url = g_strdup_printf ("http://127.0.0.1:%u/announce", tracker->server->port);
    }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->set, ccbt_tracker_set_free);
  g_clear_pointer (&fixture->http, ccbt_http_free);
  for (guint i = 0; i < G_N_ELEMENTS (fixture->trackers); i++)
    {
      raw_server_free (fixture->trackers[i].server);
      g_free (fixture->trackers[i].url);
    }
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_array_unref (fixture->peers);
  g_free (fixture->message);
}

static void
set_mood (Fixture *fixture, guint index, TrackerMood mood, const char *text)
{
  fixture->trackers[index].text = text;
  g_atomic_int_set (&fixture->trackers[index].mood, (gint) mood);
}

/* Tracker @i of the fixture in tier @i. */
static void
add_trackers (Fixture *fixture, guint n)
{
  for (guint i = 0; i < n; i++)
    g_assert_true (ccbt_tracker_set_add (fixture->set, fixture->trackers[i].url, i));
}

/* --- Waiting --- */

static gboolean
wake_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Turns the loop for @ms of real time. */
static void
turn (guint ms)
{
  gboolean is_over = FALSE;

  g_timeout_add (ms, wake_cb, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);
}

static void
wait_for (guint *count, guint n)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (*count < n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      turn (1);
    }
}

static void
wait_for_requests (Fixture *fixture, guint index, guint n)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (raw_server_count (fixture->trackers[index].server) < n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      turn (1);
    }
}

static void
pass (Fixture *fixture, gint64 seconds)
{
  ccbt_fake_clock_advance (&fixture->clock, seconds * CCBT_SECOND);
  ccbt_tracker_set_tick (fixture->set);
}

static void
start_and_announce (Fixture *fixture)
{
  ccbt_tracker_set_start (fixture->set);
  wait_for (&fixture->n_announced, 1);
}

static void
stopped_cb (gpointer data)
{
  ((Fixture *) data)->n_stopped++;
}

/* "started,,completed": the events tracker @index has seen. Returns: (transfer full) */
static char *
dup_events (Fixture *fixture, guint index)
{
  RawServer *server = fixture->trackers[index].server;
  g_autoptr (GString) events = g_string_new (NULL);

  for (guint i = 0; i < raw_server_count (server); i++)
    {
      g_autofree char *line = raw_server_dup_line (server, i);
      const char *event = strstr (line, "event=");

      if (i > 0)
        g_string_append_c (events, ',');
      if (event != NULL)
        g_string_append_len (events, event + 6, (gssize) strcspn (event + 6, "& "));
    }
  return g_string_free (g_steal_pointer (&events), FALSE);
}

static void
assert_events (Fixture *fixture, guint index, const char *expected)
{
  g_autofree char *events = dup_events (fixture, index);

  g_assert_cmpstr (events, ==, expected);
}

static CcbtTrackerStatus *
get_status (GPtrArray *list, guint index)
{
  return g_ptr_array_index (list, index);
}

static GPtrArray *
describe (Fixture *fixture)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (ccbt_tracker_status_free);

  ccbt_tracker_set_describe (fixture->set, list);
  return list;
}

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

#define ADD(name, function)                                                                        \
  g_test_add ("/tracker-set/" name, Fixture, NULL, set_up, function, tear_down)

static void
add_events (void)
{
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
  add_events ();
  return g_test_run ();
}

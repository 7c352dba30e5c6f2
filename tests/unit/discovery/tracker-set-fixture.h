/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Trackers of the test's own, and a set of them that announces on a clock that stands. */

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

static inline void
get_totals_cb (gpointer owner, guint64 *uploaded, guint64 *downloaded, guint64 *left)
{
  *uploaded = 11;
  *downloaded = 22;
  *left = 33;
}

static inline guint16
get_port_cb (gpointer owner)
{
  return 6881;
}

static inline gint
get_number_wanted_cb (gpointer owner)
{
  return ((Fixture *) owner)->number_wanted;
}

static inline void
take_peers_cb (gpointer owner, const CcbtAddress *addresses, guint n_addresses,
               gboolean tracker_is_local)
{
  Fixture *fixture = owner;

  g_array_append_vals (fixture->peers, addresses, n_addresses);
  fixture->tracker_is_local = tracker_is_local;
}

static inline void
announced_cb (gpointer owner, const char *url, const CcbtAnnounceReply *reply)
{
  Fixture *fixture = owner;

  fixture->interval = reply->interval;
  fixture->n_announced++;
}

static inline void
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

static inline gboolean
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

static inline void
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

static inline void
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

static inline void
set_mood (Fixture *fixture, guint index, TrackerMood mood, const char *text)
{
  fixture->trackers[index].text = text;
  g_atomic_int_set (&fixture->trackers[index].mood, (gint) mood);
}

/* Tracker @i of the fixture in tier @i. */
static inline void
add_trackers (Fixture *fixture, guint n)
{
  for (guint i = 0; i < n; i++)
    g_assert_true (ccbt_tracker_set_add (fixture->set, fixture->trackers[i].url, i));
}

/* --- Waiting --- */

static inline gboolean
wake_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Turns the loop for @ms of real time. */
static inline void
turn (guint ms)
{
  gboolean is_over = FALSE;

  g_timeout_add (ms, wake_cb, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);
}

static inline void
wait_for (guint *count, guint n)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (*count < n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      turn (1);
    }
}

static inline void
wait_for_requests (Fixture *fixture, guint index, guint n)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (raw_server_count (fixture->trackers[index].server) < n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      turn (1);
    }
}

static inline void
pass (Fixture *fixture, gint64 seconds)
{
  ccbt_fake_clock_advance (&fixture->clock, seconds * CCBT_SECOND);
  ccbt_tracker_set_tick (fixture->set);
}

static inline void
start_and_announce (Fixture *fixture)
{
  ccbt_tracker_set_start (fixture->set);
  wait_for (&fixture->n_announced, 1);
}

static inline void
stopped_cb (gpointer data)
{
  ((Fixture *) data)->n_stopped++;
}

/* "started,,completed": the events tracker @index has seen. Returns: (transfer full) */
static inline char *
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

static inline void
assert_events (Fixture *fixture, guint index, const char *expected)
{
  g_autofree char *events = dup_events (fixture, index);

  g_assert_cmpstr (events, ==, expected);
}

static inline CcbtTrackerStatus *
get_status (GPtrArray *list, guint index)
{
  return g_ptr_array_index (list, index);
}

static inline GPtrArray *
describe (Fixture *fixture)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (ccbt_tracker_status_free);

  ccbt_tracker_set_describe (fixture->set, list);
  return list;
}

#define ADD(name, function)                                                                        \
  g_test_add ("/tracker-set/" name, Fixture, NULL, set_up, function, tear_down)

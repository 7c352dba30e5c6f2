/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "both-resolver.h"
#include "discovery/ccbt-udp-tracker.h"
#include "udp-server.h"

/* Against trackers of the test's own, on loopback, with a clock that stands. */

#define CONNECT 0
#define ANNOUNCE 1
#define SCRAPE 2
#define FAILED 3

typedef struct
{
  CcbtFakeClock clock;
  CcbtReactor *reactor;
  CcbtUdpMux *mux;
  CcbtUdpTracker *trackers;
  UdpServer server;
  UdpServer server6; /* same port */
  gboolean has_server6;
  char *url;
  guint n_replies;
  guint n_errors;
  guint n_last;
  guint n_peers;
  guint interval;
  gboolean was_local;
  char *message; /* of the last error or failure */
  guint n_scraped;
  CcbtScrapeEntry entry;
} Fixture;

/* --- Asking --- */

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const CcbtSocketFactory sockets = { .is_bound = FALSE };

  ccbt_fake_clock_init (&fixture->clock, 1000 * CCBT_SECOND);
  fixture->reactor = ccbt_reactor_new (NULL);
  fixture->mux = ccbt_udp_mux_new (fixture->reactor, &sockets, 0, NULL);
  g_assert_nonnull (fixture->mux);
  fixture->trackers = ccbt_udp_tracker_new (fixture->mux, &fixture->clock.parent);
  udp_server_init (&fixture->server, "127.0.0.1", 0);
  fixture->url = g_strdup_printf ("udp://127.0.0.1:%u/announce?a=b", fixture->server.port);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->trackers != NULL)
    ccbt_udp_tracker_free (fixture->trackers); /* calls back what is under way */
  ccbt_udp_mux_free (fixture->mux);
  ccbt_reactor_free (fixture->reactor);
  udp_server_clear (&fixture->server);
  if (fixture->has_server6)
    udp_server_clear (&fixture->server6);
  g_free (fixture->url);
  g_free (fixture->message);
}

static void
take_message (Fixture *fixture, const char *message)
{
  g_free (fixture->message);
  fixture->message = g_strdup (message);
}

static void
announced_cb (gpointer data, const CcbtAnnounceReply *reply, const GError *error, gboolean is_last)
{
  Fixture *fixture = data;

  g_assert_true ((reply == NULL) == (error != NULL));
  fixture->n_last += is_last ? 1 : 0;
  fixture->was_local = ccbt_udp_tracker_was_local (fixture->trackers);
  if (error != NULL)
    {
      fixture->n_errors++;
      take_message (fixture, error->message);
      return;
    }
  fixture->n_replies++;
  fixture->n_peers += reply->peers->len;
  fixture->interval = reply->interval;
  take_message (fixture, reply->failure);
}

static guint
announce (Fixture *fixture, guint timeout)
{
  const CcbtAnnounceRequest request = { .port = 6881, .number_wanted = 500 };

  return ccbt_udp_tracker_announce (fixture->trackers, fixture->url, &request, timeout,
                                    announced_cb, fixture);
}

static void
turn (guint ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
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

/* Second by second. */
static void
pass (Fixture *fixture, guint seconds)
{
  for (guint i = 0; i < seconds; i++)
    {
      ccbt_fake_clock_advance (&fixture->clock, CCBT_SECOND);
      ccbt_udp_tracker_tick (fixture->trackers);
    }
}

static void
expect (UdpServer *server, guint32 action)
{
  udp_server_wait (server);
  g_assert_cmpuint (udp_server_get_action (server), ==, action);
}

static void
reply_connect (UdpServer *server)
{
  expect (server, CONNECT);
  g_assert_cmphex (udp_server_get_connection (server), ==, 0x41727101980);
  udp_server_reply (server, CONNECT, "\1\2\3\4\5\6\7\10", 8);
}

static void
reply_announce (UdpServer *server)
{
  expect (server, ANNOUNCE);
  g_assert_cmphex (udp_server_get_connection (server), ==, 0x0102030405060708);
  udp_server_reply (server, ANNOUNCE, "\0\0\7\10\0\0\0\1\0\0\0\2\1\2\3\4\32\341", 18);
}

static void
reply_announce6 (UdpServer *server)
{
  expect (server, ANNOUNCE);
  udp_server_reply (server, ANNOUNCE,
                    "\0\0\7\10\0\0\0\1\0\0\0\2\40\1\0\0\0\0\0\0\0\0\0\0\0\0\0\1\32\341", 30);
}

/* --- What is sent --- */

static void
test_connect_then_announce (Fixture *fixture, gconstpointer data)
{
  announce (fixture, 30);
  reply_connect (&fixture->server);
  reply_announce (&fixture->server);
  g_assert_cmpint (fixture->server.size, ==, 98 + 2 + strlen ("/announce?a=b"));
  g_assert_cmpuint (ccbt_read_u32 (fixture->server.bytes + 92), ==, 200); /* fits a datagram */
  wait_for (&fixture->n_last, 1);
  g_assert_cmpuint (fixture->n_replies, ==, 1);
  g_assert_cmpuint (fixture->n_peers, ==, 1);
  g_assert_cmpuint (fixture->interval, ==, 1800);
  g_assert_true (fixture->was_local);
}

static void
test_connection_is_kept_for_a_minute (Fixture *fixture, gconstpointer data)
{
  guint32 first;

  announce (fixture, 30);
  reply_connect (&fixture->server);
  first = udp_server_get_transaction (&fixture->server);
  reply_announce (&fixture->server);
  wait_for (&fixture->n_last, 1);
  pass (fixture, 59);
  announce (fixture, 30);
  reply_announce (&fixture->server);
  wait_for (&fixture->n_last, 2);
  pass (fixture, 1);
  announce (fixture, 30);
  reply_connect (&fixture->server);
  g_assert_cmpuint (udp_server_get_transaction (&fixture->server), !=, first);
}

static void
test_connection_is_of_one_address (Fixture *fixture, gconstpointer data)
{
  announce (fixture, 30);
  reply_connect (&fixture->server);
  reply_announce (&fixture->server);
  wait_for (&fixture->n_last, 1);
  ccbt_udp_tracker_note_moved (fixture->trackers);
  announce (fixture, 30);
  reply_connect (&fixture->server);
  reply_announce (&fixture->server);
  wait_for (&fixture->n_last, 2);
}

static void
test_those_who_wait_share_a_connect (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 5; i++)
    announce (fixture, 30);
  reply_connect (&fixture->server);
  for (guint i = 0; i < 5; i++)
    reply_announce (&fixture->server);
  wait_for (&fixture->n_last, 5);
  g_assert_false (udp_server_take (&fixture->server));
}

/* Datagrams that came since, and how many seconds from now the last was sent. */
static void
assert_sent_at (Fixture *fixture, guint seconds, guint32 action)
{
  pass (fixture, seconds - 1);
  turn (5);
  g_assert_false (udp_server_take (&fixture->server));
  pass (fixture, 1);
  expect (&fixture->server, action);
}

static void
test_connects_are_repeated_ever_more_slowly (Fixture *fixture, gconstpointer data)
{
  announce (fixture, 0);
  expect (&fixture->server, CONNECT);
  for (guint n = 0; n < 8; n++)
    assert_sent_at (fixture, 15u << n, CONNECT);
  pass (fixture, (15u << 8) - 1);
  g_assert_cmpuint (fixture->n_last, ==, 0);
  pass (fixture, 1);
  g_assert_cmpuint (fixture->n_errors, ==, 1);
  g_assert_cmpuint (fixture->n_last, ==, 1);
}

/* The second example of BEP 15: its connection is too old for the third repeat. */
static void
test_silence_after_the_connect (Fixture *fixture, gconstpointer data)
{
  announce (fixture, 0);
  reply_connect (&fixture->server);
  expect (&fixture->server, ANNOUNCE);
  assert_sent_at (fixture, 15, ANNOUNCE);
  assert_sent_at (fixture, 30, ANNOUNCE);
  assert_sent_at (fixture, 60, CONNECT);
  assert_sent_at (fixture, 120, CONNECT);
}

static void
test_timeout (Fixture *fixture, gconstpointer data)
{
  announce (fixture, 20);
  expect (&fixture->server, CONNECT);
  pass (fixture, 19);
  g_assert_cmpuint (fixture->n_last, ==, 0);
  pass (fixture, 1);
  g_assert_cmpuint (fixture->n_errors, ==, 1);
  g_assert_cmpstr (fixture->message, ==, "no answer from the tracker in time");
}

static void
test_a_line_of_requests (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 70; i++)
    announce (fixture, 10);
  reply_connect (&fixture->server);
  for (guint i = 0; i < 64; i++)
    expect (&fixture->server, ANNOUNCE);
  turn (10);
  g_assert_false (udp_server_take (&fixture->server));
  pass (fixture, 10);
  g_assert_cmpuint (fixture->n_errors, ==, 64);
  for (guint i = 0; i < 6; i++)
    expect (&fixture->server, ANNOUNCE);
}

/* --- Threat B72 --- */

static void
test_rubbish_changes_nothing (Fixture *fixture, gconstpointer data)
{
  UdpServer stranger;
  guint8 connect[16] = { 0 };

  udp_server_init (&stranger, "127.0.0.1", 0);
  announce (fixture, 30);
  expect (&fixture->server, CONNECT);
  udp_server_send (&fixture->server, connect, sizeof connect); /* wrong transaction */
  udp_server_send (&fixture->server, "", 0);
  udp_server_reply (&fixture->server, CONNECT, "\1\2\3", 3); /* short */
  udp_server_reply (&fixture->server, ANNOUNCE, "\1\2\3\4\5\6\7\10", 8);
  udp_server_reply (&fixture->server, 77, "\1\2\3\4\5\6\7\10", 8);
  ccbt_write_u32 (connect + 4, udp_server_get_transaction (&fixture->server));
  g_socket_send_to (stranger.socket, fixture->server.from, (char *) connect, 16, NULL, NULL);
  turn (20);
  g_assert_false (udp_server_take (&fixture->server)); /* no announce went out */
  g_assert_cmpuint (fixture->n_last, ==, 0);
  udp_server_reply (&fixture->server, CONNECT, "\1\2\3\4\5\6\7\10", 8);
  expect (&fixture->server, ANNOUNCE);
  udp_server_reply (&fixture->server, SCRAPE, "\0\0\0\1\0\0\0\1\0\0\0\1", 12);
  udp_server_reply (&fixture->server, CONNECT, "\1\2\3\4\5\6\7\10", 8);
  turn (20);
  g_assert_cmpuint (fixture->n_last, ==, 0);
  udp_server_reply (&fixture->server, ANNOUNCE, "\0\0\7\10\0\0\0\1\0\0\0\2", 12);
  udp_server_reply (&fixture->server, ANNOUNCE, "\0\0\7\10\0\0\0\1\0\0\0\2", 12);
  wait_for (&fixture->n_last, 1);
  turn (20);
  g_assert_cmpuint (fixture->n_last, ==, 1);
  udp_server_clear (&stranger);
}

static void
test_short_announce_reply (Fixture *fixture, gconstpointer data)
{
  announce (fixture, 30);
  reply_connect (&fixture->server);
  expect (&fixture->server, ANNOUNCE);
  udp_server_reply (&fixture->server, ANNOUNCE, "\0\0\7\10", 4);
  wait_for (&fixture->n_errors, 1);
  g_assert_cmpuint (fixture->n_last, ==, 1);
}

static void
test_errors_are_told (Fixture *fixture, gconstpointer data)
{
  announce (fixture, 30);
  expect (&fixture->server, CONNECT);
  udp_server_reply (&fixture->server, FAILED, "full", 4);
  wait_for (&fixture->n_last, 1);
  g_assert_cmpstr (fixture->message, ==, "full");
  announce (fixture, 30);
  reply_connect (&fixture->server);
  expect (&fixture->server, ANNOUNCE);
  udp_server_reply (&fixture->server, FAILED, "not here", 8);
  wait_for (&fixture->n_last, 2);
  g_assert_cmpstr (fixture->message, ==, "not here");
}

/* A tracker that was started anew; but it is believed once only. */
static void
test_a_lost_connection_is_made_again (Fixture *fixture, gconstpointer data)
{
  announce (fixture, 30);
  reply_connect (&fixture->server);
  expect (&fixture->server, ANNOUNCE);
  udp_server_reply (&fixture->server, FAILED, "Connection ID missmatch.", 24);
  reply_connect (&fixture->server);
  expect (&fixture->server, ANNOUNCE);
  udp_server_reply (&fixture->server, FAILED, "Connection ID missmatch.", 24);
  wait_for (&fixture->n_last, 1);
  g_assert_cmpstr (fixture->message, ==, "Connection ID missmatch.");
}

/* --- Families --- */

static gboolean
add_ipv6 (Fixture *fixture)
{
  if (!ccbt_udp_mux_has_family (fixture->mux, TRUE))
    {
      g_test_skip ("no IPv6 here");
      return FALSE;
    }
  udp_server_init (&fixture->server6, "::1", fixture->server.port);
  fixture->has_server6 = TRUE;
  g_free (fixture->url);
  fixture->url = g_strdup_printf ("udp://both.example:%u", fixture->server.port);
  return TRUE;
}

static void
test_both_families_in_one_reply (Fixture *fixture, gconstpointer data)
{
  if (!add_ipv6 (fixture))
    return;
  announce (fixture, 30);
  reply_connect (&fixture->server);
  reply_connect (&fixture->server6);
  reply_announce (&fixture->server);
  turn (20);
  g_assert_cmpuint (fixture->n_replies, ==, 0);
  reply_announce6 (&fixture->server6);
  g_assert_cmpuint (ccbt_read_u32 (fixture->server6.bytes + 92), ==, 100);
  wait_for (&fixture->n_last, 1);
  g_assert_cmpuint (fixture->n_replies, ==, 1);
  g_assert_cmpuint (fixture->n_peers, ==, 2);
}

static void
test_a_late_family_comes_by_itself (Fixture *fixture, gconstpointer data)
{
  if (!add_ipv6 (fixture))
    return;
  announce (fixture, 30);
  reply_connect (&fixture->server6);
  reply_announce6 (&fixture->server6);
  turn (20);
  pass (fixture, 2);
  g_assert_cmpuint (fixture->n_replies, ==, 1);
  g_assert_cmpuint (fixture->n_last, ==, 0);
  reply_connect (&fixture->server);
  reply_announce (&fixture->server);
  wait_for (&fixture->n_last, 1);
  g_assert_cmpuint (fixture->n_replies, ==, 2);
}

static void
test_a_silent_family_is_no_failure (Fixture *fixture, gconstpointer data)
{
  if (!add_ipv6 (fixture))
    return;
  announce (fixture, 30);
  reply_connect (&fixture->server);
  reply_announce (&fixture->server);
  turn (20);
  pass (fixture, 2);
  g_assert_cmpuint (fixture->n_replies, ==, 1);
  pass (fixture, 28);
  g_assert_cmpuint (fixture->n_last, ==, 1);
}

static void
test_unknown_names (Fixture *fixture, gconstpointer data)
{
  g_free (fixture->url);
  fixture->url = g_strdup ("udp://nobody.example:80");
  announce (fixture, 30);
  wait_for (&fixture->n_errors, 1);
  g_assert_cmpstr (fixture->message, ==, "the tracker's name was not found");
  announce (fixture, 30); /* known by now: told at the next tick */
  g_assert_cmpuint (fixture->n_errors, ==, 1);
  pass (fixture, 1);
  g_assert_cmpuint (fixture->n_errors, ==, 2);
}

static void
test_unusable_addresses (Fixture *fixture, gconstpointer data)
{
  const char *urls[]
      = { "udp://224.0.0.1:80", "udp://0.0.0.0:80", "udp://255.255.255.255:9", "udp:" };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_free (fixture->url);
      fixture->url = g_strdup (urls[i]);
      announce (fixture, 30);
      g_assert_cmpuint (fixture->n_errors, ==, i);
      pass (fixture, 1);
      wait_for (&fixture->n_errors, i + 1);
    }
}

/* --- Scrapes and ends --- */

static void
scraped_cb (gpointer data, const CcbtScrapeReply *reply, const GError *error)
{
  Fixture *fixture = data;

  fixture->n_scraped++;
  if (reply != NULL && reply->entries->len > 0)
    fixture->entry = g_array_index (reply->entries, CcbtScrapeEntry, 0);
}

static void
test_scrape (Fixture *fixture, gconstpointer data)
{
  const CcbtSha1 hashes[] = { { { 1 } }, { { 2 } } };

  ccbt_udp_tracker_scrape (fixture->trackers, fixture->url, hashes, 2, 30, scraped_cb, fixture);
  reply_connect (&fixture->server);
  expect (&fixture->server, SCRAPE);
  g_assert_cmpint (fixture->server.size, ==, 16 + 40);
  udp_server_reply (&fixture->server, SCRAPE, "\0\0\0\3\0\0\0\4\0\0\0\5", 12);
  wait_for (&fixture->n_scraped, 1);
  g_assert_cmpint (fixture->entry.seeds, ==, 3);
  g_assert_cmpint (fixture->entry.downloaded, ==, 4);
  g_assert_cmpint (fixture->entry.leechers, ==, 5);
}

static void
test_cancelled_is_silent (Fixture *fixture, gconstpointer data)
{
  guint id = announce (fixture, 30);

  reply_connect (&fixture->server);
  ccbt_udp_tracker_cancel (fixture->trackers, id);
  ccbt_udp_tracker_cancel (fixture->trackers, id);
  turn (20);
  pass (fixture, 100);
  g_assert_cmpuint (fixture->n_last, ==, 0);
  g_assert_false (udp_server_take (&fixture->server));
}

static void
free_cb (gpointer data, const CcbtAnnounceReply *reply, const GError *error, gboolean is_last)
{
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (is_last);
  ++*(guint *) data;
}

static void
test_free_ends_what_is_under_way (Fixture *fixture, gconstpointer data)
{
  const CcbtAnnounceRequest request = { .port = 6881 };
  guint n = 0;

  for (guint i = 0; i < 70; i++)
    ccbt_udp_tracker_announce (fixture->trackers, fixture->url, &request, 30, free_cb, &n);
  g_clear_pointer (&fixture->trackers, ccbt_udp_tracker_free);
  g_assert_cmpuint (n, ==, 70);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/udp-tracker/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_autoptr (GResolver) resolver = NULL;

  g_test_init (&argc, &argv, NULL);
  resolver = g_object_new (both_resolver_get_type (), NULL);
  g_resolver_set_default (resolver);
  ADD ("connect-then-announce", test_connect_then_announce);
  ADD ("connection-is-kept", test_connection_is_kept_for_a_minute);
  ADD ("moved", test_connection_is_of_one_address);
  ADD ("shared-connect", test_those_who_wait_share_a_connect);
  ADD ("repeated-connects", test_connects_are_repeated_ever_more_slowly);
  ADD ("silence-after-the-connect", test_silence_after_the_connect);
  ADD ("timeout", test_timeout);
  ADD ("line", test_a_line_of_requests);
  ADD ("rubbish", test_rubbish_changes_nothing);
  ADD ("short-reply", test_short_announce_reply);
  ADD ("errors", test_errors_are_told);
  ADD ("lost-connection", test_a_lost_connection_is_made_again);
  ADD ("both-families", test_both_families_in_one_reply);
  ADD ("late-family", test_a_late_family_comes_by_itself);
  ADD ("silent-family", test_a_silent_family_is_no_failure);
  ADD ("unknown-names", test_unknown_names);
  ADD ("unusable-addresses", test_unusable_addresses);
  ADD ("scrape", test_scrape);
  ADD ("cancelled", test_cancelled_is_silent);
  ADD ("free", test_free_ends_what_is_under_way);
  return g_test_run ();
}

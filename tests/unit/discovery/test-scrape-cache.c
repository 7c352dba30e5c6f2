/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../net/raw-server.h"
#include "discovery/ccbt-scrape-cache.h"

typedef enum
{
  TRACKER_KNOWS_ALL,
  TRACKER_TAKES_ONE, /* more than one hash: an error */
  TRACKER_KNOWS_NONE,
  TRACKER_IS_SLOW, /* 900 seconds between requests */
} Mood;

typedef struct
{
  CcbtFakeClock clock;
  CcbtHttp *http;
  CcbtScrapeCache *cache;
  RawServer *server;
  gint mood; /* atomic */
  char *url;
  guint n_told;
  guint n_known;
  char *message;
  int seeds;
} Fixture;

static gboolean
answer_scrape (RawServer *server, GOutputStream *out, const char *head)
{
  Fixture *fixture = server->data;
  g_autoptr (GString) body = g_string_new ("d5:filesd");
  g_auto (GStrv) parts = g_strsplit (head, "info_hash=", -1);
  gint mood = g_atomic_int_get (&fixture->mood);

  if (mood == TRACKER_TAKES_ONE && g_strv_length (parts) > 2)
    return raw_reply (out, "400 Bad", NULL, "no", 2);
  for (guint i = 1; parts[i] != NULL && mood != TRACKER_KNOWS_NONE; i++)
    g_string_append_printf (body, "20:%.20sd8:completei7e10:incompletei8e10:downloadedi9ee",
                            parts[i]);
  g_string_append_c (body, 'e');
  if (mood == TRACKER_IS_SLOW)
    g_string_append (body, "5:flagsd20:min_request_intervali900ee");
  g_string_append_c (body, 'e');
  return raw_reply (out, "200 OK", NULL, body->str, body->len);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  ccbt_fake_clock_init (&fixture->clock, 100000 * CCBT_SECOND);
  fixture->http = ccbt_http_new (NULL);
  fixture->cache = ccbt_scrape_cache_new (fixture->http, NULL, &fixture->clock.parent);
  fixture->server = raw_server_new ("127.0.0.1", answer_scrape, fixture);
  fixture->url = g_strdup_printf ("http://127.0.0.1:%u/announce", fixture->server->port);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  ccbt_scrape_cache_free (fixture->cache);
  ccbt_http_free (fixture->http);
  raw_server_free (fixture->server);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_free (fixture->url);
  g_free (fixture->message);
}

static void
scraped_cb (gpointer data, const char *url, const CcbtScrapeEntry *entry, const char *message)
{
  Fixture *fixture = data;

  g_assert_cmpstr (url, ==, fixture->url);
  fixture->n_told++;
  fixture->n_known += entry != NULL ? 1 : 0;
  fixture->seeds = entry != NULL ? entry->seeds : -1;
  g_free (fixture->message);
  fixture->message = g_strdup (message);
}

/* Torrents whose hashes are letters and digits only. */
static void
ask (Fixture *fixture, guint first, guint n, guint max_age)
{
  for (guint i = first; i < first + n; i++)
    {
      CcbtSha1 hash;
      g_autofree char *text = g_strdup_printf ("%020u", i);

      memcpy (hash.bytes, text, sizeof hash.bytes);
      ccbt_scrape_cache_ask (fixture->cache, fixture->url, &hash, max_age, scraped_cb, fixture);
    }
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
pass (Fixture *fixture, guint seconds)
{
  ccbt_fake_clock_advance (&fixture->clock, seconds * CCBT_SECOND);
  ccbt_scrape_cache_tick (fixture->cache);
}

/* Three seconds of the clock each time. */
static void
wait_for (Fixture *fixture, guint n)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (fixture->n_told < n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      pass (fixture, 3);
      turn (5);
    }
}

static void
test_many_are_asked_together (Fixture *fixture, gconstpointer data)
{
  ask (fixture, 0, 120, 1800);
  g_assert_cmpuint (fixture->n_told, ==, 0);
  wait_for (fixture, 120);
  g_assert_cmpuint (fixture->n_known, ==, 120);
  g_assert_cmpint (fixture->seeds, ==, 7);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 3);
}

static void
test_what_is_known_is_not_asked_again (Fixture *fixture, gconstpointer data)
{
  ask (fixture, 0, 1, 1800);
  wait_for (fixture, 1);
  pass (fixture, 1000);
  ask (fixture, 0, 1, 1800);
  pass (fixture, 1);
  g_assert_cmpuint (fixture->n_told, ==, 2);
  pass (fixture, 1000);
  ask (fixture, 0, 1, 1800);
  wait_for (fixture, 3);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 2);
}

static void
test_never_twice_a_minute (Fixture *fixture, gconstpointer data)
{
  ask (fixture, 0, 1, 0);
  wait_for (fixture, 1);
  pass (fixture, 30);
  ask (fixture, 0, 1, 0);
  pass (fixture, 1);
  g_assert_cmpuint (fixture->n_told, ==, 2);
  pass (fixture, 31);
  ask (fixture, 0, 1, 0);
  wait_for (fixture, 3);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 2);
}

static void
test_old_ones_are_asked_along (Fixture *fixture, gconstpointer data)
{
  ask (fixture, 0, 20, 1800);
  wait_for (fixture, 20);
  pass (fixture, 1000);
  ask (fixture, 100, 1, 1800);
  wait_for (fixture, 21);
  pass (fixture, 1200);
  ask (fixture, 0, 20, 1800); /* fresh from then */
  pass (fixture, 1);
  g_assert_cmpuint (fixture->n_told, ==, 41);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 2);
}

static void
test_one_at_a_time_where_many_are_refused (Fixture *fixture, gconstpointer data)
{
  g_atomic_int_set (&fixture->mood, TRACKER_TAKES_ONE);
  ask (fixture, 0, 3, 1800);
  wait_for (fixture, 3);
  g_assert_cmpuint (fixture->n_known, ==, 3);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 4);
}

static void
test_unknown_torrents (Fixture *fixture, gconstpointer data)
{
  g_atomic_int_set (&fixture->mood, TRACKER_KNOWS_NONE);
  ask (fixture, 0, 1, 1800);
  wait_for (fixture, 1);
  g_assert_cmpuint (fixture->n_known, ==, 0);
  g_assert_cmpstr (fixture->message, ==, "the tracker does not know this torrent");
}

static void
test_the_tracker_may_want_more_time (Fixture *fixture, gconstpointer data)
{
  g_atomic_int_set (&fixture->mood, TRACKER_IS_SLOW);
  ask (fixture, 0, 1, 1800);
  wait_for (fixture, 1);
  ask (fixture, 1, 1, 1800);
  pass (fixture, 890);
  turn (50);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 1);
  wait_for (fixture, 2);
}

static void
test_the_wait_is_told (Fixture *fixture, gconstpointer data)
{
  const CcbtSha1 *first = (const CcbtSha1 *) "00000000000000000000";
  const CcbtSha1 *second = (const CcbtSha1 *) "00000000000000000001";

  g_assert_cmpint (ccbt_scrape_cache_get_wait (fixture->cache, fixture->url, first), ==, 0);
  ask (fixture, 0, 1, 0);
  wait_for (fixture, 1);
  g_assert_cmpint (ccbt_scrape_cache_get_wait (fixture->cache, fixture->url, first), ==, 60);
  g_assert_cmpint (ccbt_scrape_cache_get_wait (fixture->cache, fixture->url, second), ==, 2);
  pass (fixture, 59);
  g_assert_cmpint (ccbt_scrape_cache_get_wait (fixture->cache, fixture->url, first), ==, 1);
  pass (fixture, 1);
  g_assert_cmpint (ccbt_scrape_cache_get_wait (fixture->cache, fixture->url, first), ==, 0);
  g_atomic_int_set (&fixture->mood, TRACKER_IS_SLOW);
  ask (fixture, 0, 1, 0);
  wait_for (fixture, 2);
  g_assert_cmpint (ccbt_scrape_cache_get_wait (fixture->cache, fixture->url, second), ==, 900);
}

static void
test_who_forgets_is_not_told (Fixture *fixture, gconstpointer data)
{
  ask (fixture, 0, 2, 1800);
  ccbt_scrape_cache_forget (fixture->cache, fixture);
  pass (fixture, 1);
  turn (20);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 0);
  ask (fixture, 0, 2, 1800);
  pass (fixture, 1);
  ccbt_scrape_cache_forget (fixture->cache, fixture);
  turn (50);
  g_assert_cmpuint (fixture->n_told, ==, 0);
}

static void
test_freed_under_way (Fixture *fixture, gconstpointer data)
{
  ask (fixture, 0, 2, 1800);
  pass (fixture, 1);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/scrape-cache/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("together", test_many_are_asked_together);
  ADD ("known", test_what_is_known_is_not_asked_again);
  ADD ("never-twice-a-minute", test_never_twice_a_minute);
  ADD ("along", test_old_ones_are_asked_along);
  ADD ("one-at-a-time", test_one_at_a_time_where_many_are_refused);
  ADD ("unknown", test_unknown_torrents);
  ADD ("slow", test_the_tracker_may_want_more_time);
  ADD ("wait", test_the_wait_is_told);
  ADD ("forget", test_who_forgets_is_not_told);
  ADD ("freed-under-way", test_freed_under_way);
  return g_test_run ();
}

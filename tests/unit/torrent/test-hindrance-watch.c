/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-hindrance-watch.h"

static void
test_names (void)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < CCBT_N_HINDRANCES; i++)
    g_assert_true (g_hash_table_add (names, (gpointer) ccbt_hindrance_get_name (i)));
}

static void
test_downloading (void)
{
  const struct
  {
    CcbtHindranceFacts facts;
    CcbtHindrance expected;
  } rows[] = {
    { { 0 }, CCBT_HINDRANCE_NO_PEERS },
    { { .trackers_fail = TRUE }, CCBT_HINDRANCE_NO_TRACKER },
    { { .n_known = 7, .trackers_fail = TRUE }, CCBT_HINDRANCE_UNREACHABLE },
    { { .n_known = 7, .n_peers = 3 }, CCBT_HINDRANCE_NO_PIECES },
    { { .n_peers = 3, .n_useful = 2 }, CCBT_HINDRANCE_CHOKED },
    { { .n_peers = 3, .n_useful = 2, .n_serving = 1 }, CCBT_HINDRANCE_NONE },
    { { .n_peers = 3, .n_useful = 2, .n_serving = 1, .stalls = CCBT_STALL_DISK },
      CCBT_HINDRANCE_DISK },
    /* The narrowest is named. */
    { { .n_peers = 1,
        .n_useful = 1,
        .n_serving = 1,
        .stalls = CCBT_STALL_DISK | CCBT_STALL_SESSION_LIMIT },
      CCBT_HINDRANCE_SESSION_LIMIT },
    { { .n_peers = 1,
        .n_useful = 1,
        .n_serving = 1,
        .stalls = CCBT_STALL_TORRENT_LIMIT | CCBT_STALL_SESSION_LIMIT },
      CCBT_HINDRANCE_OWN_LIMIT },
    { { .n_peers = 1,
        .n_useful = 1,
        .n_serving = 1,
        .stalls = CCBT_STALL_PEER_LIMIT | CCBT_STALL_SESSION_LIMIT },
      CCBT_HINDRANCE_PEER_LIMIT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (ccbt_hindrance_find (&rows[i].facts), ==, rows[i].expected);
}

static void
test_seeding (void)
{
  CcbtHindranceFacts facts = { .is_seeding = TRUE };

  g_assert_cmpint (ccbt_hindrance_find (&facts), ==, CCBT_HINDRANCE_NO_TAKERS);
  facts.n_peers = facts.n_useful = 1;
  g_assert_cmpint (ccbt_hindrance_find (&facts), ==, CCBT_HINDRANCE_NONE);
  facts.stalls = CCBT_STALL_SESSION_LIMIT;
  g_assert_cmpint (ccbt_hindrance_find (&facts), ==, CCBT_HINDRANCE_SESSION_LIMIT);
}

static void
test_what_lasts_is_told (void)
{
  CcbtHindranceWatch watch = { 0 };

  g_assert_true (ccbt_hindrance_watch_count (&watch, CCBT_HINDRANCE_NO_PEERS, 1));
  g_assert_cmpint (watch.current, ==, CCBT_HINDRANCE_NO_PEERS);
  for (guint i = 0; i < CCBT_HINDRANCE_WINDOW; i++)
    ccbt_hindrance_watch_count (&watch, CCBT_HINDRANCE_NONE, 1);
  g_assert_cmpint (watch.current, ==, CCBT_HINDRANCE_NONE);
  /* A limit reached now and then is none that hinders. */
  for (guint i = 0; i < 100; i++)
    g_assert_false (ccbt_hindrance_watch_count (
        &watch, i % 3 == 0 ? CCBT_HINDRANCE_OWN_LIMIT : CCBT_HINDRANCE_NONE, 1));
  for (guint i = 0; i < CCBT_HINDRANCE_WINDOW; i++)
    ccbt_hindrance_watch_count (&watch, CCBT_HINDRANCE_OWN_LIMIT, 1);
  g_assert_cmpint (watch.current, ==, CCBT_HINDRANCE_OWN_LIMIT);
  /* A torrent that was not looked at for an hour. */
  ccbt_hindrance_watch_count (&watch, CCBT_HINDRANCE_NO_TAKERS, 3600);
  g_assert_cmpint (watch.current, ==, CCBT_HINDRANCE_NO_TAKERS);
  g_assert_cmpuint (watch.seconds[CCBT_HINDRANCE_NO_TAKERS], ==, 3600);
  g_assert_cmpuint (watch.seconds[CCBT_HINDRANCE_OWN_LIMIT], ==, 34 + CCBT_HINDRANCE_WINDOW);
}

static void
test_rest (void)
{
  CcbtHindranceWatch watch = { 0 };

  g_assert_false (ccbt_hindrance_watch_rest (&watch));
  ccbt_hindrance_watch_count (&watch, CCBT_HINDRANCE_CHOKED, 5);
  g_assert_true (ccbt_hindrance_watch_rest (&watch));
  g_assert_cmpint (watch.current, ==, CCBT_HINDRANCE_NONE);
  g_assert_cmpuint (watch.seconds[CCBT_HINDRANCE_CHOKED], ==, 5);
  /* Nothing of before counts. */
  g_assert_true (ccbt_hindrance_watch_count (&watch, CCBT_HINDRANCE_NO_PEERS, 1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hindrance-watch/names", test_names);
  g_test_add_func ("/hindrance-watch/downloading", test_downloading);
  g_test_add_func ("/hindrance-watch/seeding", test_seeding);
  g_test_add_func ("/hindrance-watch/what-lasts", test_what_lasts_is_told);
  g_test_add_func ("/hindrance-watch/rest", test_rest);
  return g_test_run ();
}

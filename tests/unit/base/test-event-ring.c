/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-event-ring.h"

static const CcbtEvent *
event_at (GPtrArray *events, guint i)
{
  return events->pdata[i];
}

static void
post (CcbtEventRing *ring, CcbtEventType type, CcbtTorrentId torrent)
{
  ccbt_event_ring_post (ring, type, torrent, 1, NULL);
}

static void
count_cb (gpointer data)
{
  (*(guint *) data)++;
}

static void
test_each_reader_has_its_cursor_and_filter (void)
{
  g_autoptr (CcbtEventRing) ring = ccbt_event_ring_new (16);
  guint all = ccbt_event_ring_add_reader (ring, CCBT_EVENT_MASK_ALL, FALSE, NULL, NULL, NULL);
  guint some = ccbt_event_ring_add_reader (ring, CCBT_EVENT_MASK (CCBT_EVENT_TORRENT_COMPLETED),
                                           FALSE, NULL, NULL, NULL);
  guint64 dropped = 99;

  post (ring, CCBT_EVENT_TORRENT_ADDED, 1);
  post (ring, CCBT_EVENT_TORRENT_COMPLETED, 1);
  post (ring, CCBT_EVENT_TORRENT_PAUSED, 1);
  {
    g_autoptr (GPtrArray) events = ccbt_event_ring_read (ring, all, 2, &dropped);

    g_assert_cmpuint (events->len, ==, 2);
    g_assert_cmpuint (dropped, ==, 0);
    g_assert_cmpuint (event_at (events, 0)->sequence, ==, 1);
    g_assert_cmpint (event_at (events, 1)->type, ==, CCBT_EVENT_TORRENT_COMPLETED);
  }
  {
    g_autoptr (GPtrArray) events = ccbt_event_ring_read (ring, all, 2, NULL);

    g_assert_cmpuint (events->len, ==, 1);
    g_assert_cmpint (event_at (events, 0)->type, ==, CCBT_EVENT_TORRENT_PAUSED);
  }
  {
    g_autoptr (GPtrArray) events = ccbt_event_ring_read (ring, some, 10, NULL);

    g_assert_cmpuint (events->len, ==, 1);
    g_assert_cmpuint (event_at (events, 0)->sequence, ==, 2);
  }
}

static void
test_nothing_is_kept_that_nobody_wants (void)
{
  g_autoptr (CcbtEventRing) ring = ccbt_event_ring_new (4);
  guint reader;

  g_assert_false (ccbt_event_ring_wants (ring, CCBT_EVENT_TORRENT_ADDED));
  ccbt_event_ring_post (ring, CCBT_EVENT_TORRENT_ADDED, 1, 1, g_variant_new_string ("dropped"));
  reader = ccbt_event_ring_add_reader (ring, CCBT_EVENT_MASK (CCBT_EVENT_TORRENT_ADDED), TRUE, NULL,
                                       NULL, NULL);
  g_assert_true (ccbt_event_ring_wants (ring, CCBT_EVENT_TORRENT_ADDED));
  g_assert_false (ccbt_event_ring_wants (ring, CCBT_EVENT_PIECE_VERIFIED));
  post (ring, CCBT_EVENT_TORRENT_ADDED, 2);
  {
    g_autoptr (GPtrArray) events = ccbt_event_ring_read (ring, reader, 10, NULL);

    g_assert_cmpuint (events->len, ==, 1);
    g_assert_cmpuint (event_at (events, 0)->torrent, ==, 2);
    g_assert_cmpuint (event_at (events, 0)->sequence, ==, 1);
  }
  ccbt_event_ring_remove_reader (ring, reader);
  g_assert_false (ccbt_event_ring_wants (ring, CCBT_EVENT_TORRENT_ADDED));
}

static void
test_a_warning_waits_for_its_reader (void)
{
  g_autoptr (CcbtEventRing) ring = ccbt_event_ring_new (4);
  guint reader;

  post (ring, CCBT_EVENT_TORRENT_ADDED, 1);
  post (ring, CCBT_EVENT_STATE_WARNING, 0);
  reader = ccbt_event_ring_add_reader (ring, CCBT_EVENT_MASK_ALL, TRUE, NULL, NULL, NULL);
  {
    g_autoptr (GPtrArray) events = ccbt_event_ring_read (ring, reader, 10, NULL);

    g_assert_cmpuint (events->len, ==, 1);
    g_assert_cmpint (event_at (events, 0)->type, ==, CCBT_EVENT_STATE_WARNING);
  }
}

static void
test_slow_reader_is_told_what_it_missed (void)
{
  g_autoptr (CcbtEventRing) ring = ccbt_event_ring_new (4);
  guint all = ccbt_event_ring_add_reader (ring, CCBT_EVENT_MASK_ALL, FALSE, NULL, NULL, NULL);
  guint some = ccbt_event_ring_add_reader (ring, CCBT_EVENT_MASK (CCBT_EVENT_LISTENING), FALSE,
                                           NULL, NULL, NULL);
  guint64 dropped;

  post (ring, CCBT_EVENT_LISTENING, 0);
  for (CcbtTorrentId id = 1; id <= 9; id++)
    post (ring, CCBT_EVENT_TORRENT_ADDED, id);
  {
    g_autoptr (GPtrArray) events = ccbt_event_ring_read (ring, all, 100, &dropped);

    g_assert_cmpuint (events->len, ==, 4);
    g_assert_cmpuint (event_at (events, 0)->torrent, ==, 6);
    g_assert_cmpuint (dropped, ==, 6);
  }
  {
    g_autoptr (GPtrArray) events = ccbt_event_ring_read (ring, some, 100, &dropped);

    g_assert_cmpuint (events->len, ==, 0);
    g_assert_cmpuint (dropped, ==, 1); /* of those it wants */
  }
  {
    g_autoptr (GPtrArray) events = ccbt_event_ring_read (ring, all, 100, &dropped);

    g_assert_cmpuint (events->len, ==, 0);
    g_assert_cmpuint (dropped, ==, 0);
  }
}

static void
test_replay_begins_with_the_oldest_kept (void)
{
  g_autoptr (CcbtEventRing) ring = ccbt_event_ring_new (4);
  guint n_calls = 0;
  guint reader;

  ccbt_event_ring_add_reader (ring, CCBT_EVENT_MASK_ALL, FALSE, NULL, NULL, NULL);
  for (CcbtTorrentId id = 1; id <= 6; id++)
    post (ring, CCBT_EVENT_TORRENT_ADDED, id);
  reader = ccbt_event_ring_add_reader (ring, CCBT_EVENT_MASK_ALL, TRUE, NULL, count_cb, &n_calls);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n_calls, ==, 1);
  {
    g_autoptr (GPtrArray) events = ccbt_event_ring_read (ring, reader, 100, NULL);

    g_assert_cmpuint (events->len, ==, 4);
    g_assert_cmpuint (event_at (events, 0)->torrent, ==, 3);
  }
  ccbt_event_ring_remove_reader (ring, reader);
}

static void
test_wake_once_and_again_when_some_are_left (void)
{
  g_autoptr (CcbtEventRing) ring = ccbt_event_ring_new (16);
  guint n_calls = 0;
  guint reader = ccbt_event_ring_add_reader (ring, CCBT_EVENT_MASK (CCBT_EVENT_TORRENT_ADDED),
                                             FALSE, NULL, count_cb, &n_calls);

  ccbt_event_ring_add_reader (ring, CCBT_EVENT_MASK_ALL, FALSE, NULL, NULL, NULL);
  for (CcbtTorrentId id = 1; id <= 6; id++)
    post (ring, CCBT_EVENT_TORRENT_ADDED, id);
  post (ring, CCBT_EVENT_TORRENT_PAUSED, 1);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n_calls, ==, 1);
  g_ptr_array_unref (ccbt_event_ring_read (ring, reader, 4, NULL));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n_calls, ==, 2);
  g_ptr_array_unref (ccbt_event_ring_read (ring, reader, 4, NULL));
  post (ring, CCBT_EVENT_TORRENT_PAUSED, 1);
  g_assert_false (g_main_context_iteration (NULL, FALSE));
  ccbt_event_ring_remove_reader (ring, reader);
}

static void
test_payload_is_shared (void)
{
  g_autoptr (CcbtEventRing) ring = ccbt_event_ring_new (1);
  guint reader = ccbt_event_ring_add_reader (ring, CCBT_EVENT_MASK_ALL, FALSE, NULL, NULL, NULL);
  g_autoptr (GPtrArray) events = NULL;
  guint piece = 0;

  ccbt_event_ring_post (ring, CCBT_EVENT_PIECE_VERIFIED, 3, 1000000,
                        g_variant_new_parsed ("{'piece': <uint32 7>}"));
  events = ccbt_event_ring_read (ring, reader, 1, NULL);
  post (ring, CCBT_EVENT_TORRENT_ADDED, 1); /* pushes the first out of the ring */
  g_assert_true (g_variant_lookup (event_at (events, 0)->payload, "piece", "u", &piece));
  g_assert_cmpuint (piece, ==, 7);
  g_assert_cmpint (event_at (events, 0)->wall_time, ==, 1000000);
}

static void
test_every_type_has_a_name (void)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint type = 0; type < CCBT_N_EVENT_TYPES; type++)
    {
      g_assert_nonnull (ccbt_event_type_get_name (type));
      g_assert_true (g_hash_table_add (names, (gpointer) ccbt_event_type_get_name (type)));
    }
}

#define N_EVENTS 50000u

static gpointer
post_many (gpointer data)
{
  for (guint i = 1; i <= N_EVENTS; i++)
    ccbt_event_ring_post (data, CCBT_EVENT_TORRENT_ADDED, i, 0, g_variant_new_uint32 (i));
  return NULL;
}

typedef struct
{
  CcbtEventRing *ring;
  guint reader;
  guint64 n_seen;
  guint64 last;
} Listener;

static void
listen_cb (gpointer data)
{
  Listener *listener = data;
  guint64 dropped;
  g_autoptr (GPtrArray) events
      = ccbt_event_ring_read (listener->ring, listener->reader, 64, &dropped);

  listener->n_seen += dropped + events->len;
  for (guint i = 0; i < events->len; i++)
    {
      g_assert_cmpuint (event_at (events, i)->sequence, >, listener->last);
      g_assert_cmpuint (g_variant_get_uint32 (event_at (events, i)->payload), ==,
                        event_at (events, i)->torrent);
      listener->last = event_at (events, i)->sequence;
    }
}

static void
test_two_threads_lose_count_of_nothing (void)
{
  g_autoptr (CcbtEventRing) ring = ccbt_event_ring_new (128);
  Listener listener = { ring, 0, 0, 0 };
  GThread *writer;

  listener.reader
      = ccbt_event_ring_add_reader (ring, CCBT_EVENT_MASK_ALL, FALSE, NULL, listen_cb, &listener);
  writer = g_thread_new ("writer", post_many, ring);
  while (listener.last < N_EVENTS)
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (writer);
  g_assert_cmpuint (listener.n_seen, ==, N_EVENTS);
  ccbt_event_ring_remove_reader (ring, listener.reader);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event-ring/cursor-and-filter", test_each_reader_has_its_cursor_and_filter);
  g_test_add_func ("/event-ring/unwanted-is-not-kept", test_nothing_is_kept_that_nobody_wants);
  g_test_add_func ("/event-ring/a-warning-waits-for-its-reader",
                   test_a_warning_waits_for_its_reader);
  g_test_add_func ("/event-ring/slow-reader", test_slow_reader_is_told_what_it_missed);
  g_test_add_func ("/event-ring/replay", test_replay_begins_with_the_oldest_kept);
  g_test_add_func ("/event-ring/wake", test_wake_once_and_again_when_some_are_left);
  g_test_add_func ("/event-ring/payload", test_payload_is_shared);
  g_test_add_func ("/event-ring/names", test_every_type_has_a_name);
  g_test_add_func ("/event-ring/two-threads", test_two_threads_lose_count_of_nothing);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-event-bus.h"

/* What a bus said, as one line: "+1 +2 -1 d1 s; e:torrent-added " */
typedef struct
{
  CcbtSnapshotStore *store;
  CcbtEventRing *ring;
  CcbtEventBus *bus;
  GString *heard;
} Fixture;

static void
changed_cb (Fixture *fixture, CcbtTorrentStatus *status)
{
  g_string_append_printf (fixture->heard, "+%u ", status->id);
}

static void
removed_cb (Fixture *fixture, CcbtTorrentId id)
{
  g_string_append_printf (fixture->heard, "-%u ", id);
}

static void
details_cb (Fixture *fixture, CcbtTorrentDetails *details)
{
  g_string_append_printf (fixture->heard, "d%u ", details->id);
}

static void
session_cb (Fixture *fixture)
{
  CcbtSessionStatus status;

  ccbt_event_bus_get_session (fixture->bus, &status);
  g_string_append_printf (fixture->heard, "s%u ", status.n_torrents);
}

static void
batch_cb (Fixture *fixture)
{
  g_string_append (fixture->heard, "; ");
}

static void
event_cb (Fixture *fixture, CcbtEvent *event)
{
  g_string_append_printf (fixture->heard, "e:%s ", ccbt_event_type_get_name (event->type));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->store = ccbt_snapshot_store_new ();
  fixture->ring = ccbt_event_ring_new (16);
  fixture->heard = g_string_new (NULL);
}

static void
start_bus (Fixture *fixture)
{
  fixture->bus = ccbt_event_bus_new (fixture->store, fixture->ring,
                                     CCBT_EVENT_MASK (CCBT_EVENT_TORRENT_ADDED));
  g_object_connect (fixture->bus, "swapped-signal::torrent-changed", changed_cb, fixture,
                    "swapped-signal::torrent-removed", removed_cb, fixture,
                    "swapped-signal::details-changed", details_cb, fixture,
                    "swapped-signal::session-changed", session_cb, fixture,
                    "swapped-signal::batch-done", batch_cb, fixture, "swapped-signal::event",
                    event_cb, fixture, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->bus);
  ccbt_snapshot_store_unref (fixture->store);
  ccbt_event_ring_unref (fixture->ring);
  g_string_free (fixture->heard, TRUE);
}

static void
put (Fixture *fixture, CcbtTorrentId id)
{
  CcbtTorrentStatus *status = ccbt_torrent_status_new ();

  status->id = id;
  ccbt_snapshot_store_put (fixture->store, status);
}

static void
assert_heard (Fixture *fixture, const char *expected)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (fixture->heard->str, ==, expected);
  g_string_truncate (fixture->heard, 0);
}

static void
test_begins_with_everything (Fixture *fixture, gconstpointer data)
{
  put (fixture, 1);
  put (fixture, 2);
  ccbt_snapshot_store_flush (fixture->store);
  start_bus (fixture);
  assert_heard (fixture, "+1 +2 ; ");
}

static void
test_one_batch_in_order (Fixture *fixture, gconstpointer data)
{
  CcbtTorrentDetails *details = ccbt_torrent_details_new ();
  CcbtSessionStatus session = { .n_torrents = 2 };

  start_bus (fixture);
  put (fixture, 1);
  put (fixture, 2);
  ccbt_snapshot_store_flush (fixture->store);
  assert_heard (fixture, "+1 +2 ; ");
  put (fixture, 2);
  details->id = 2;
  ccbt_snapshot_store_put_details (fixture->store, details);
  ccbt_snapshot_store_put_session (fixture->store, &session);
  ccbt_snapshot_store_remove (fixture->store, 1);
  ccbt_snapshot_store_flush (fixture->store);
  ccbt_snapshot_store_flush (fixture->store);
  assert_heard (fixture, "-1 +2 d2 s2 ; ");
}

static void
test_short_lives_are_not_mentioned (Fixture *fixture, gconstpointer data)
{
  start_bus (fixture);
  put (fixture, 1);
  ccbt_snapshot_store_remove (fixture->store, 1);
  put (fixture, 2);
  ccbt_snapshot_store_flush (fixture->store);
  assert_heard (fixture, "+2 ; ");
}

static void
test_suspended_hears_only_events (Fixture *fixture, gconstpointer data)
{
  start_bus (fixture);
  ccbt_event_bus_set_suspended (fixture->bus, TRUE);
  put (fixture, 1);
  ccbt_snapshot_store_flush (fixture->store);
  put (fixture, 1);
  ccbt_snapshot_store_flush (fixture->store);
  ccbt_event_ring_post (fixture->ring, CCBT_EVENT_TORRENT_ADDED, 1, 0, NULL);
  ccbt_event_ring_post (fixture->ring, CCBT_EVENT_TORRENT_PAUSED, 1, 0, NULL);
  assert_heard (fixture, "e:torrent-added ");
  ccbt_event_bus_set_suspended (fixture->bus, FALSE);
  assert_heard (fixture, "+1 ; ");
}

static void
test_starting_over_forgets_what_is_gone (Fixture *fixture, gconstpointer data)
{
  start_bus (fixture);
  put (fixture, 1);
  put (fixture, 2);
  ccbt_snapshot_store_flush (fixture->store);
  assert_heard (fixture, "+1 +2 ; ");
  ccbt_event_bus_set_suspended (fixture->bus, TRUE);
  ccbt_snapshot_store_remove (fixture->store, 1);
  for (CcbtTorrentId id = 3; id < 140000; id++)
    {
      put (fixture, id);
      ccbt_snapshot_store_remove (fixture->store, id);
    }
  ccbt_event_bus_set_suspended (fixture->bus, FALSE);
  assert_heard (fixture, "-1 +2 ; ");
}

static void
drop_bus_cb (Fixture *fixture)
{
  g_clear_object (&fixture->bus);
}

static void
test_listener_may_drop_the_bus (Fixture *fixture, gconstpointer data)
{
  start_bus (fixture);
  g_signal_connect_swapped (fixture->bus, "torrent-changed", G_CALLBACK (drop_bus_cb), fixture);
  put (fixture, 1);
  ccbt_snapshot_store_flush (fixture->store);
  assert_heard (fixture, "+1 ; ");
  g_assert_null (fixture->bus);
  put (fixture, 2);
  ccbt_snapshot_store_flush (fixture->store);
  assert_heard (fixture, "");
}

#define ADD(name, function)                                                                        \
  g_test_add ("/event-bus/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("begins-with-everything", test_begins_with_everything);
  ADD ("one-batch-in-order", test_one_batch_in_order);
  ADD ("short-lives", test_short_lives_are_not_mentioned);
  ADD ("suspended", test_suspended_hears_only_events);
  ADD ("starting-over", test_starting_over_forgets_what_is_gone);
  ADD ("listener-drops-the-bus", test_listener_may_drop_the_bus);
  return g_test_run ();
}

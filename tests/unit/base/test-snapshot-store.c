/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-snapshot-store.h"

typedef struct
{
  guint64 generation;
  GPtrArray *changed;
  GPtrArray *details;
  GArray *removed;
  gboolean start_over;
} Pull;

static void
clear_pull (Pull *pull)
{
  g_ptr_array_unref (pull->changed);
  g_ptr_array_unref (pull->details);
  g_array_unref (pull->removed);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pull, clear_pull)

static Pull
pull_since (CcbtSnapshotStore *store, guint64 since)
{
  Pull pull;

  pull.generation = ccbt_snapshot_store_pull (store, since, &pull.changed, &pull.details,
                                              &pull.removed, &pull.start_over);
  return pull;
}

static guint64
newest_generation (CcbtSnapshotStore *store)
{
  g_auto (Pull) pull = pull_since (store, 0);

  return pull.generation;
}

static void
put (CcbtSnapshotStore *store, CcbtTorrentId id, const char *name)
{
  CcbtTorrentStatus *status = ccbt_torrent_status_new ();

  status->id = id;
  status->name = g_strdup (name);
  ccbt_snapshot_store_put (store, status);
}

static const char *
changed_name (const Pull *pull, guint i)
{
  return ((CcbtTorrentStatus *) pull->changed->pdata[i])->name;
}

static void
test_pull_gives_only_what_changed_oldest_first (void)
{
  g_autoptr (CcbtSnapshotStore) store = ccbt_snapshot_store_new ();
  guint64 seen;

  put (store, 1, "one");
  put (store, 2, "two");
  put (store, 3, "three");
  put (store, 1, "one again");
  {
    g_auto (Pull) pull = pull_since (store, 0);

    g_assert_cmpuint (pull.changed->len, ==, 3);
    g_assert_cmpstr (changed_name (&pull, 0), ==, "two");
    g_assert_cmpstr (changed_name (&pull, 2), ==, "one again");
    g_assert_false (pull.start_over);
    seen = pull.generation;
  }
  put (store, 3, "three again");
  {
    g_auto (Pull) pull = pull_since (store, seen);

    g_assert_cmpuint (pull.changed->len, ==, 1);
    g_assert_cmpstr (changed_name (&pull, 0), ==, "three again");
    seen = pull.generation;
  }
  {
    g_auto (Pull) pull = pull_since (store, seen);

    g_assert_cmpuint (pull.changed->len, ==, 0);
    g_assert_cmpuint (pull.generation, ==, seen);
  }
}

static void
test_removed_leaves_a_tombstone (void)
{
  g_autoptr (CcbtSnapshotStore) store = ccbt_snapshot_store_new ();
  guint64 seen;

  put (store, 1, "one");
  put (store, 2, "two");
  seen = newest_generation (store);
  ccbt_snapshot_store_remove (store, 1);
  ccbt_snapshot_store_remove (store, 77); /* never was: no tombstone */
  {
    g_auto (Pull) pull = pull_since (store, seen);

    g_assert_cmpuint (pull.changed->len, ==, 0);
    g_assert_cmpuint (pull.removed->len, ==, 1);
    g_assert_cmpuint (g_array_index (pull.removed, CcbtTorrentId, 0), ==, 1);
  }
  {
    g_auto (Pull) pull = pull_since (store, 0);

    g_assert_cmpuint (pull.changed->len, ==, 1);
    g_assert_cmpuint (pull.removed->len, ==, 0);
  }
  g_assert_null (ccbt_snapshot_store_lookup (store, 1));
}

static void
test_long_absence_starts_over (void)
{
  g_autoptr (CcbtSnapshotStore) store = ccbt_snapshot_store_new ();
  guint64 early;
  guint64 late;

  put (store, 1, "stays");
  early = newest_generation (store);
  for (CcbtTorrentId id = 2; id < 70000; id++)
    {
      put (store, id, NULL);
      ccbt_snapshot_store_remove (store, id);
    }
  late = newest_generation (store);
  for (CcbtTorrentId id = 70000; id < 135000; id++)
    {
      put (store, id, NULL);
      ccbt_snapshot_store_remove (store, id);
    }
  {
    g_auto (Pull) pull = pull_since (store, early);

    g_assert_true (pull.start_over);
    g_assert_cmpuint (pull.changed->len, ==, 1);
    g_assert_cmpuint (pull.removed->len, ==, 0);
  }
  {
    g_auto (Pull) pull = pull_since (store, late);

    g_assert_false (pull.start_over);
    g_assert_cmpuint (pull.changed->len, ==, 0);
    g_assert_cmpuint (pull.removed->len, ==, 65000);
    g_assert_cmpuint (g_array_index (pull.removed, CcbtTorrentId, 64999), ==, 134999);
  }
}

static void
test_details_come_and_go (void)
{
  g_autoptr (CcbtSnapshotStore) store = ccbt_snapshot_store_new ();
  CcbtTorrentDetails *details = ccbt_torrent_details_new ();

  details->id = 5;
  ccbt_snapshot_store_put_details (store, details);
  {
    g_auto (Pull) pull = pull_since (store, 0);

    g_assert_cmpuint (pull.details->len, ==, 1);
  }
  ccbt_snapshot_store_drop_details (store, 5);
  {
    g_auto (Pull) pull = pull_since (store, 0);

    g_assert_cmpuint (pull.details->len, ==, 0);
    g_assert_cmpuint (pull.removed->len, ==, 0);
  }
}

static void
count_cb (gpointer data)
{
  (*(guint *) data)++;
}

static void
test_watch_is_called_once_per_run_of_flushes (void)
{
  g_autoptr (CcbtSnapshotStore) store = ccbt_snapshot_store_new ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  guint n_calls = 0;
  guint watch = ccbt_snapshot_store_add_watch (store, context, count_cb, &n_calls);

  g_assert_false (g_main_context_iteration (context, FALSE));
  ccbt_snapshot_store_flush (store); /* nothing was put */
  g_assert_false (g_main_context_iteration (context, FALSE));
  for (guint i = 0; i < 10; i++)
    {
      put (store, 1, "x");
      ccbt_snapshot_store_flush (store);
    }
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpuint (n_calls, ==, 1);
  put (store, 1, "y");
  ccbt_snapshot_store_flush (store);
  ccbt_snapshot_store_remove_watch (store, watch);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpuint (n_calls, ==, 1);
}

static void
test_late_watch_sees_what_was_there (void)
{
  g_autoptr (CcbtSnapshotStore) store = ccbt_snapshot_store_new ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  guint n_calls = 0;

  put (store, 1, "x");
  ccbt_snapshot_store_flush (store);
  ccbt_snapshot_store_add_watch (store, context, count_cb, &n_calls);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpuint (n_calls, ==, 1);
}

static void
test_session_is_latest (void)
{
  g_autoptr (CcbtSnapshotStore) store = ccbt_snapshot_store_new ();
  CcbtSessionStatus status = { .n_torrents = 4, .port = 6881 };
  CcbtSessionStatus got;

  ccbt_snapshot_store_put_session (store, &status);
  status.n_torrents = 5;
  ccbt_snapshot_store_put_session (store, &status);
  ccbt_snapshot_store_get_session (store, &got);
  g_assert_cmpuint (got.n_torrents, ==, 5);
  g_assert_cmpuint (got.generation, ==, 2);
}

#define N_ROUNDS 20000u
#define N_TORRENTS 50u

/* As the engine does: changes, removes and adds, in batches. */
static gpointer
write_rounds (gpointer data)
{
  CcbtSnapshotStore *store = data;

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      put (store, 1 + i % N_TORRENTS, "busy");
      if (i % 7 == 0)
        ccbt_snapshot_store_remove (store, 1 + (i / 2) % N_TORRENTS);
      if (i % 20 == 0)
        ccbt_snapshot_store_flush (store);
    }
  for (CcbtTorrentId id = 1; id <= N_TORRENTS; id++)
    ccbt_snapshot_store_remove (store, id);
  put (store, N_TORRENTS + 1, "last");
  ccbt_snapshot_store_flush (store);
  return NULL;
}

typedef struct
{
  CcbtSnapshotStore *store;
  guint64 generation;
  GHashTable *seen; /* ids */
  guint n_bytes;
} Mirror;

static void
mirror_cb (gpointer data)
{
  Mirror *mirror = data;
  g_auto (Pull) pull = pull_since (mirror->store, mirror->generation);

  g_assert_false (pull.start_over);
  g_assert_cmpuint (pull.generation, >=, mirror->generation);
  mirror->generation = pull.generation;
  /* The writer of this test gives an id out again, which the engine never does: only what is there
   * now counts. */
  for (guint i = 0; i < pull.removed->len; i++)
    g_hash_table_remove (mirror->seen,
                         GUINT_TO_POINTER (g_array_index (pull.removed, CcbtTorrentId, i)));
  for (guint i = 0; i < pull.changed->len; i++)
    {
      const CcbtTorrentStatus *status = pull.changed->pdata[i];

      mirror->n_bytes += (guint) strlen (status->name);
      g_hash_table_add (mirror->seen, GUINT_TO_POINTER (status->id));
    }
}

static void
test_reader_on_another_thread_ends_with_the_truth (void)
{
  g_autoptr (CcbtSnapshotStore) store = ccbt_snapshot_store_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr (GMainContext) context = g_main_context_new ();
  Mirror mirror = { store, 0, seen, 0 };
  guint watch = ccbt_snapshot_store_add_watch (store, context, mirror_cb, &mirror);
  GThread *writer = g_thread_new ("writer", write_rounds, store);

  while (!g_hash_table_contains (seen, GUINT_TO_POINTER (N_TORRENTS + 1)))
    g_main_context_iteration (context, TRUE);
  g_thread_join (writer);
  g_assert_cmpuint (g_hash_table_size (seen), ==, 1);
  ccbt_snapshot_store_remove_watch (store, watch);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/snapshot-store/pull-gives-only-what-changed",
                   test_pull_gives_only_what_changed_oldest_first);
  g_test_add_func ("/snapshot-store/removed-leaves-a-tombstone", test_removed_leaves_a_tombstone);
  g_test_add_func ("/snapshot-store/long-absence-starts-over", test_long_absence_starts_over);
  g_test_add_func ("/snapshot-store/details-come-and-go", test_details_come_and_go);
  g_test_add_func ("/snapshot-store/watch-is-called-once",
                   test_watch_is_called_once_per_run_of_flushes);
  g_test_add_func ("/snapshot-store/late-watch", test_late_watch_sees_what_was_there);
  g_test_add_func ("/snapshot-store/session-is-latest", test_session_is_latest);
  g_test_add_func ("/snapshot-store/two-threads",
                   test_reader_on_another_thread_ends_with_the_truth);
  return g_test_run ();
}

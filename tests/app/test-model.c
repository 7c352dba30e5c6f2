/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app-test.h"
#include "base/ccbt-error.h"
#include "ccbt-details-model.h"
#include "ccbt-detail-item.h"
#include "ccbt-file-item.h"
#include "fake-engine.h"

typedef struct
{
  CcbtClient *client;
  GListModel *torrents;
  guint n_model_changes;
  GString *notified; /* names of properties */
} Fixture;

static void
items_changed_cb (Fixture *fixture)
{
  fixture->n_model_changes++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->client = app_test_start_client ();
  fixture->torrents = G_LIST_MODEL (ccbt_client_get_torrents (fixture->client));
  fixture->notified = g_string_new (NULL);
  g_signal_connect_swapped (fixture->torrents, "items-changed", G_CALLBACK (items_changed_cb),
                            fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_signal_handlers_disconnect_by_data (fixture->torrents, fixture);
  ccbt_client_stop (fixture->client);
  app_test_finalize_client (fixture->client);
  g_string_free (fixture->notified, TRUE);
}

static void
run_pending (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
assert_calls (const char *expected)
{
  g_autofree char *calls = fake_engine_take_calls ();

  g_assert_cmpstr (calls, ==, expected);
}

#define HASH_1 "0000000000000000000000000000000000000001"

static const char *const hash_1[] = { HASH_1, NULL };

static void
test_a_few_come_as_one_change (Fixture *fixture, gconstpointer data)
{
  for (CcbtTorrentId id = 1; id <= 5; id++)
    fake_engine_put (fake_torrent_new (id, "x", CCBT_TORRENT_STATE_SEEDING, 1));
  run_pending ();
  g_assert_cmpuint (g_list_model_get_n_items (fixture->torrents), ==, 5);
  g_assert_cmpuint (fixture->n_model_changes, ==, 1);
}

static void
assert_added_before (GListModel *torrents, guint position)
{
  g_autoptr (CcbtTorrentItem) before = g_list_model_get_item (torrents, position - 1);
  g_autoptr (CcbtTorrentItem) item = g_list_model_get_item (torrents, position);

  g_assert_cmpint (ccbt_torrent_item_get_status (item)->added_at, <,
                   ccbt_torrent_item_get_status (before)->added_at);
}

static void
test_many_come_in_slices (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CcbtTorrentItem) hidden = NULL;

  for (CcbtTorrentId id = 1; id <= 500; id++)
    fake_engine_put (fake_torrent_new (id, "x", CCBT_TORRENT_STATE_SEEDING, 1));
  while (g_list_model_get_n_items (fixture->torrents) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (g_list_model_get_n_items (fixture->torrents), <, 20);
  /* The first one is still waiting for its turn. */
  hidden = g_object_ref (ccbt_torrent_list_lookup (CCBT_TORRENT_LIST (fixture->torrents), HASH_1));
  ccbt_client_begin_removal (fixture->client, hash_1);
  g_assert_false (ccbt_torrent_list_contains (CCBT_TORRENT_LIST (fixture->torrents), hidden));
  while (g_list_model_get_n_items (fixture->torrents) < 499)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 1; i < 499; i++)
    assert_added_before (fixture->torrents, i);
  ccbt_client_undo_removal (fixture->client, hash_1);
  g_assert_cmpuint (g_list_model_get_n_items (fixture->torrents), ==, 500);
  g_assert_true (ccbt_torrent_list_contains (CCBT_TORRENT_LIST (fixture->torrents), hidden));
}

static void
notify_cb (Fixture *fixture, GParamSpec *pspec)
{
  g_string_append_printf (fixture->notified, "%s ", g_param_spec_get_name (pspec));
}

static void
test_only_what_changed_is_notified (Fixture *fixture, gconstpointer data)
{
  CcbtTorrentStatus *status;
  CcbtTorrentItem *item;

  fake_engine_put (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_DOWNLOADING, 0.5));
  run_pending ();
  item = ccbt_torrent_list_lookup (CCBT_TORRENT_LIST (fixture->torrents), HASH_1);
  g_signal_connect_swapped (item, "notify", G_CALLBACK (notify_cb), fixture);

  fake_engine_put (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_DOWNLOADING, 0.5));
  run_pending ();
  g_assert_cmpstr (fixture->notified->str, ==, "");

  status = fake_torrent_new (1, "x", CCBT_TORRENT_STATE_DOWNLOADING, 0.5);
  status->down_rate = 1000;
  fake_engine_put (status);
  run_pending ();
  g_assert_cmpstr (fixture->notified->str, ==, "rates-text rates-chars ");
  g_assert_cmpuint (fixture->n_model_changes, ==, 1);
}

static void
test_removal_waits_and_can_be_undone (Fixture *fixture, gconstpointer data)
{
  fake_engine_put (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_SEEDING, 1));
  run_pending ();
  ccbt_client_begin_removal (fixture->client, hash_1);
  g_assert_cmpuint (g_list_model_get_n_items (fixture->torrents), ==, 0);
  assert_calls ("");
  ccbt_client_undo_removal (fixture->client, hash_1);
  g_assert_cmpuint (g_list_model_get_n_items (fixture->torrents), ==, 1);
  ccbt_client_commit_removal (fixture->client, hash_1);
  assert_calls ("");
  ccbt_client_begin_removal (fixture->client, hash_1);
  ccbt_client_commit_removal (fixture->client, hash_1);
  run_pending ();
  assert_calls ("torrent.remove ('" HASH_1 "', false)\n");
  g_assert_null (ccbt_torrent_list_lookup (CCBT_TORRENT_LIST (fixture->torrents), HASH_1));
}

static void
test_stopping_carries_removals_out (Fixture *fixture, gconstpointer data)
{
  fake_engine_put (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_SEEDING, 1));
  run_pending ();
  ccbt_client_begin_removal (fixture->client, hash_1);
  ccbt_client_stop (fixture->client);
  assert_calls ("torrent.remove ('" HASH_1 "', false)\n");
}

static void
test_details_only_while_looked_at (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CcbtDetailsModel) model = ccbt_details_model_new (fixture->client);
  g_autoptr (CcbtFileItem) file = NULL;
  CcbtTorrentItem *item;

  fake_engine_put (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_DOWNLOADING, 0.5));
  run_pending ();
  item = ccbt_torrent_list_lookup (CCBT_TORRENT_LIST (fixture->torrents), HASH_1);
  ccbt_details_model_set_item (model, item);
  run_pending ();
  assert_calls ("torrent.subscribe ('" HASH_1 "',)\n");
  g_assert_cmpuint (g_list_model_get_n_items (ccbt_details_model_get_files (model)), ==, 6);
  g_assert_cmpuint (g_list_model_get_n_items (ccbt_details_model_get_peers (model)), ==, 3);
  g_assert_cmpuint (g_list_model_get_n_items (ccbt_details_model_get_trackers (model)), ==, 1);

  file = g_list_model_get_item (ccbt_details_model_get_files (model), 2);
  ccbt_file_item_choose (file, CCBT_PRIORITY_SKIP);
  assert_calls ("torrent.set-files ('" HASH_1 "', {2: 0})\n");

  ccbt_details_model_set_item (model, NULL);
  run_pending ();
  assert_calls ("torrent.unsubscribe ('" HASH_1 "',)\n");
  g_assert_cmpuint (g_list_model_get_n_items (ccbt_details_model_get_files (model)), ==, 0);
}

static void
test_failed_start_says_why (void)
{
  g_autoptr (CcbtClient) client = NULL;

  fake_engine_refuse_start ();
  client = app_test_start_client ();
  g_assert_cmpint (ccbt_client_get_state (client), ==, CCBT_CLIENT_FAILED);
  g_assert_error (ccbt_client_get_error (client), CCBT_ERROR, CCBT_ERROR_BUSY);
  g_assert_false (
      ccbt_client_call_async (client, "session.flush", g_variant_new ("()"), NULL, NULL, NULL));
  ccbt_client_stop (client);
}

#define ADD(name, function) g_test_add ("/model/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  ADD ("a-few-come-as-one-change", test_a_few_come_as_one_change);
  ADD ("many-come-in-slices", test_many_come_in_slices);
  ADD ("only-what-changed", test_only_what_changed_is_notified);
  ADD ("removal", test_removal_waits_and_can_be_undone);
  ADD ("removal-at-the-end", test_stopping_carries_removals_out);
  ADD ("details", test_details_only_while_looked_at);
  g_test_add_func ("/model/failed-start", test_failed_start_says_why);
  return g_test_run ();
}

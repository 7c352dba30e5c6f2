/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app-test.h"
#include "ccbt-add-dialog.h"
#include "ccbt-details-page.h"
#include "ccbt-piece-bar.h"
#include "ccbt-rate-graph.h"
#include "ccbt-torrent-row.h"
#include "ccbt-trackers-dialog.h"
#include "ccbt-torrent-view.h"
#include "fake-engine.h"

#define HASH_1 "0000000000000000000000000000000000000001"
#define HASH_2 "0000000000000000000000000000000000000002"

static void
test_empty_window_invites (AppTest *fixture, gconstpointer data)
{
  g_assert_true (
      app_test_shows (fixture->window, "Open a torrent file, paste a link, or drop one here."));
}

static void
test_row_shows_and_follows (AppTest *fixture, gconstpointer data)
{
  CcbtTorrentStatus *status
      = fake_torrent_new (1, "<b>Film</b>", CCBT_TORRENT_STATE_DOWNLOADING, 0.5);
  GtkProgressBar *bar;

  status->n_peers = 3;
  status->down_rate = 2000000;
  status->eta = 60;
  app_test_put (status);
  g_assert_true (app_test_shows (fixture->window, "<b>Film</b>")); /* plain, not bold */
  g_assert_true (app_test_shows (fixture->window, "Downloading from 3 peers"));
  g_assert_true (app_test_shows (fixture->window, "↓ 2.0\302\240MB/s"));
  g_assert_true (app_test_shows (fixture->window, "1 minute left"));
  bar = app_test_find (app_test_find (fixture->window, CCBT_TYPE_TORRENT_ROW),
                       GTK_TYPE_PROGRESS_BAR);
  g_assert_cmpfloat (gtk_progress_bar_get_fraction (bar), ==, 0.5);

  status = fake_torrent_new (1, "<b>Film</b>", CCBT_TORRENT_STATE_SEEDING, 1);
  app_test_put (status);
  g_assert_true (app_test_shows (fixture->window, "Seeding"));
  g_assert_false (app_test_shows (fixture->window, "1 minute left"));
  g_assert_true (gtk_widget_has_css_class (GTK_WIDGET (bar), "complete"));
}

static void
test_verbs_reach_the_engine (AppTest *fixture, gconstpointer data)
{
  app_test_put (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_DOWNLOADING, 0.5));
  app_test_act (fixture, "win.toggle", HASH_1);
  app_test_assert_calls ("torrent.pause ('" HASH_1 "',)\n");
  g_assert_true (app_test_shows (fixture->window, "Paused"));
  app_test_act (fixture, "win.toggle", HASH_1);
  app_test_assert_calls ("torrent.resume ('" HASH_1 "',)\n");
  app_test_act (fixture, "win.check", HASH_1);
  app_test_act (fixture, "win.announce", HASH_1);
  app_test_assert_calls ("torrent.check ('" HASH_1 "',)\ntorrent.announce ('" HASH_1 "',)\n");
  g_assert_true (app_test_shows (fixture->window, "Asking trackers for peers"));
}

static void
test_queue_reaches_the_engine (AppTest *fixture, gconstpointer data)
{
  const char *both[] = { HASH_1, HASH_2, NULL };

  app_test_put (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_QUEUED, 0.5));
  g_assert_true (app_test_shows (fixture->window, "Waiting for its turn"));
  app_test_act (fixture, "win.queue-top", HASH_1);
  app_test_act (fixture, "win.queue-down", HASH_1);
  app_test_assert_calls ("queue.move ('" HASH_1 "', 'top')\nqueue.move ('" HASH_1 "', 'down')\n");
  app_test_put (fake_torrent_new (2, "y", CCBT_TORRENT_STATE_QUEUED, 0.5));
  /* All keep their order. */
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.queue-top", "^as", both));
  app_test_assert_calls ("queue.move ('" HASH_2 "', 'top')\nqueue.move ('" HASH_1 "', 'top')\n");
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.queue-up", "^as", both));
  app_test_assert_calls ("queue.move ('" HASH_1 "', 'up')\nqueue.move ('" HASH_2 "', 'up')\n");
  app_test_act (fixture, "win.force-start", HASH_1);
  app_test_act (fixture, "win.super-seed", HASH_1);
  app_test_assert_calls ("torrent.set-options ('" HASH_1 "', {'forced': <true>})\n"
                         "torrent.set-options ('" HASH_1 "', {'super-seeding': <true>})\n");
}

static void
test_undo_brings_back (AppTest *fixture, gconstpointer data)
{
  app_test_put (fake_torrent_new (1, "Film & <more>", CCBT_TORRENT_STATE_SEEDING, 1));
  app_test_act (fixture, "win.remove", HASH_1);
  app_test_run_for (400);
  g_assert_true (app_test_shows (fixture->window, "“Film & <more>” removed"));
  g_assert_null (app_test_find (fixture->window, CCBT_TYPE_TORRENT_ROW));
  app_test_click (fixture->window, "Undo");
  g_assert_nonnull (app_test_find (fixture->window, CCBT_TYPE_TORRENT_ROW));
  app_test_run_for (400);
  app_test_assert_calls ("");
}

static void
test_dismissed_removal_is_carried_out (AppTest *fixture, gconstpointer data)
{
  g_autoptr (AdwToast) toast = NULL;

  app_test_put (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_SEEDING, 1));
  app_test_act (fixture, "win.remove", HASH_1);
  g_object_get (app_test_find (fixture->window, g_type_from_name ("AdwToastWidget")), "toast",
                &toast, NULL);
  adw_toast_dismiss (toast);
  app_test_settle ();
  app_test_assert_calls ("torrent.remove ('" HASH_1 "', false)\n");
}

static void
test_trash_asks_first (AppTest *fixture, gconstpointer data)
{
  app_test_put (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_SEEDING, 1));
  app_test_act (fixture, "win.remove-with-files", HASH_1);
  g_assert_true (ADW_IS_MESSAGE_DIALOG (app_test_find_dialog ()));
  app_test_assert_calls ("");
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (app_test_find_dialog ()), "cancel");
  app_test_run_for (300);
  app_test_assert_calls ("");
  g_assert_nonnull (app_test_find (fixture->window, CCBT_TYPE_TORRENT_ROW));
}

static GVariant *
new_uri (const char *uri)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "uri", g_variant_new_string (uri));
  return g_variant_builder_end (&builder);
}

static void
test_add_dialog_adds_what_was_chosen (AppTest *fixture, gconstpointer data)
{
  GtkWidget *dialog;
  g_autofree char *calls = NULL;

  ccbt_window_add (CCBT_WINDOW (fixture->window), new_uri ("https://example.org/sintel.torrent"));
  app_test_run_for (300);
  dialog = app_test_find_dialog ();
  g_assert_true (CCBT_IS_ADD_DIALOG (dialog));
  g_assert_true (app_test_shows (dialog, "Sintel"));
  g_assert_true (app_test_shows (dialog, "Making of.mkv"));
  gtk_switch_set_active (app_test_find (dialog, GTK_TYPE_SWITCH), FALSE);
  /* The first box is for all of them: none, then the first file. */
  gtk_check_button_set_active (app_test_find (dialog, GTK_TYPE_CHECK_BUTTON), FALSE);
  app_test_settle ();
  g_assert_true (app_test_shows (dialog, "0 of 6 files, 0 bytes"));
  gtk_check_button_set_active (
      app_test_find (app_test_find (dialog, g_type_from_name ("CcbtFileRow")),
                     GTK_TYPE_CHECK_BUTTON),
      TRUE);
  app_test_settle ();
  g_assert_true (app_test_shows (dialog, "1 of 6 files, 1.2\302\240GB"));
  g_free (fake_engine_take_calls ());
  app_test_click (dialog, "_Add");
  app_test_run_for (300);
  calls = fake_engine_take_calls ();
  g_assert_nonnull (strstr (calls, "torrent.add ({"));
  g_assert_nonnull (strstr (calls, "'paused': <true>"));
  g_assert_nonnull (strstr (calls, "'selected': <[0]>"));
  g_assert_nonnull (strstr (calls, "'folder': <'"));
  g_assert_null (app_test_find_dialog ());
  g_assert_true (app_test_shows (fixture->window, "Sintel"));
}

static void
test_several_sources_wait_for_each_other (AppTest *fixture, gconstpointer data)
{
  ccbt_window_add (CCBT_WINDOW (fixture->window), new_uri ("magnet:?xt=urn:btih:aa"));
  ccbt_window_add (CCBT_WINDOW (fixture->window), new_uri ("magnet:?xt=" FAKE_BAD_URI));
  app_test_run_for (300);
  g_assert_true (app_test_shows (app_test_find_dialog (), "Size not known yet"));
  gtk_window_close (GTK_WINDOW (app_test_find_dialog ()));
  app_test_run_for (300);
  g_assert_true (app_test_shows (app_test_find_dialog (), "This is not a valid torrent"));
  gtk_window_close (GTK_WINDOW (app_test_find_dialog ()));
  app_test_run_for (300);
  g_assert_null (app_test_find_dialog ());
}

static void
test_details_follow_their_torrent (AppTest *fixture, gconstpointer data)
{
  CcbtDetailsPage *details;

  app_test_put (fake_torrent_new (1, "Film", CCBT_TORRENT_STATE_DOWNLOADING, 0.5));
  app_test_act (fixture, "win.show-details", HASH_1);
  app_test_assert_calls ("torrent.subscribe ('" HASH_1 "',)\n");
  details = app_test_find (fixture->window, CCBT_TYPE_DETAILS_PAGE);
  g_assert_true (app_test_shows (GTK_WIDGET (details), "Film"));
  g_assert_true (app_test_shows (GTK_WIDGET (details), "/home/user/Downloads"));
  adw_view_stack_set_visible_child_name (app_test_find (GTK_WIDGET (details), ADW_TYPE_VIEW_STACK),
                                         "peers");
  app_test_run_for (300);
  g_assert_true (app_test_shows (GTK_WIDGET (details), "192.0.2.17:51413"));
  app_test_act (fixture, "win.remove", HASH_1);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (details)));
  app_test_assert_calls ("torrent.unsubscribe ('" HASH_1 "',)\n");
}

static void
test_pieces_are_shown_while_they_are_known (AppTest *fixture, gconstpointer data)
{
  CcbtPieceBar *bar;
  GtkAccessible *told;

  app_test_put (fake_torrent_new (1, "Film", CCBT_TORRENT_STATE_DOWNLOADING, 0.5));
  app_test_act (fixture, "win.show-details", HASH_1);
  app_test_run_for (300);
  bar = app_test_find (fixture->window, CCBT_TYPE_PIECE_BAR);
  g_assert_true (
      app_test_shows (fixture->window, "62% of 1024 pieces; 12 are with nobody connected"));
  told = GTK_ACCESSIBLE (app_test_find (GTK_WIDGET (bar), GTK_TYPE_PROGRESS_BAR));
  g_assert_null (
      gtk_test_accessible_check_property (told, GTK_ACCESSIBLE_PROPERTY_LABEL, "Pieces"));
  g_assert_cmpfloat_with_epsilon (gtk_progress_bar_get_fraction (GTK_PROGRESS_BAR (told)), 0.62,
                                  0.01);
  g_assert_null (
      gtk_test_accessible_check_property (told, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                          "62% of 1024 pieces; 12 are with nobody connected"));
  g_assert_null (gtk_test_accessible_check_property (
      GTK_ACCESSIBLE (app_test_find (fixture->window, CCBT_TYPE_RATE_GRAPH)),
      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
      "In the last 5 minutes: download at most 2.7\302\240MB/s, upload at most 268.0\302\240kB/s"));
  ccbt_piece_bar_set (bar, NULL);
  app_test_settle ();
  app_test_act (fixture, "win.close-details", NULL);
  g_assert_false (
      app_test_shows (fixture->window, "62% of 1024 pieces; 12 are with nobody connected"));
}

static void
test_a_limit_that_hinders_is_a_click_away (AppTest *fixture, gconstpointer data)
{
  CcbtTorrentStatus *status = fake_torrent_new (1, "Film", CCBT_TORRENT_STATE_DOWNLOADING, 0.5);

  fake_torrent_set_options (status, "{'download-limit': <uint64 100000>}");
  status->hindrance = CCBT_HINDRANCE_OWN_LIMIT;
  app_test_put (status);
  app_test_act (fixture, "win.show-details", HASH_1);
  app_test_click (app_test_find (fixture->window, CCBT_TYPE_DETAILS_PAGE), "_Options…");
  g_assert_nonnull (app_test_find_dialog ());
  gtk_window_destroy (GTK_WINDOW (app_test_find_dialog ()));
}

/* The dialog, with @text in it. */
static GtkWidget *
edit_trackers (AppTest *fixture, const char *text)
{
  GtkWidget *details = app_test_find (fixture->window, CCBT_TYPE_DETAILS_PAGE);
  GtkTextBuffer *buffer;

  g_assert_true (gtk_widget_activate_action (details, "details.edit-trackers", NULL));
  app_test_settle ();
  g_assert_nonnull (app_test_find_dialog ());
  buffer = gtk_text_view_get_buffer (app_test_find (app_test_find_dialog (), GTK_TYPE_TEXT_VIEW));
  gtk_text_buffer_set_text (buffer, text, -1);
  return app_test_find_dialog ();
}

static void
test_trackers_are_edited (AppTest *fixture, gconstpointer data)
{
  GtkWidget *dialog;
  GtkTextView *view;
  g_autofree char *text = NULL;

  app_test_put (fake_torrent_new (1, "Film", CCBT_TORRENT_STATE_DOWNLOADING, 0.5));
  app_test_act (fixture, "win.show-details", HASH_1);
  app_test_run_for (300);
  g_free (fake_engine_take_calls ());
  dialog = edit_trackers (fixture, "ftp://wrong.example/\n");
  app_test_click (dialog, "_Save");
  app_test_assert_calls ("torrent.set-trackers ('" HASH_1 "', [(0, 'ftp://wrong.example/')])\n");
  g_assert_true (app_test_find_dialog () == dialog);
  g_assert_true (app_test_shows (dialog, "Each line has one address that begins with http://, "
                                         "https:// or udp://, and none comes twice."));
  view = app_test_find (dialog, GTK_TYPE_TEXT_VIEW);
  g_object_get (gtk_text_view_get_buffer (view), "text", &text, NULL);
  g_assert_cmpstr (text, ==, "ftp://wrong.example/\n");
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (view),
                            "http://a.example/announce\n\nudp://b.example:1\n", -1);
  app_test_click (dialog, "_Save");
  app_test_assert_calls ("torrent.set-trackers ('" HASH_1
                         "', [(0, 'http://a.example/announce'), (1, 'udp://b.example:1')])\n");
  app_test_run_for (300);
  g_assert_null (app_test_find_dialog ());
}

static void
test_search_filters_by_name (AppTest *fixture, gconstpointer data)
{
  app_test_put (fake_torrent_new (1, "Film", CCBT_TORRENT_STATE_SEEDING, 1));
  app_test_put (fake_torrent_new (2, "Music", CCBT_TORRENT_STATE_SEEDING, 1));
  app_test_act (fixture, "win.search", NULL);
  gtk_editable_set_text (app_test_find (fixture->window, GTK_TYPE_SEARCH_ENTRY), "mus");
  app_test_run_for (400);
  g_assert_true (app_test_shows (fixture->window, "Music"));
  g_assert_false (app_test_shows (fixture->window, "Film"));
  gtk_editable_set_text (app_test_find (fixture->window, GTK_TYPE_SEARCH_ENTRY), "nowhere");
  app_test_run_for (600);
  g_assert_true (app_test_shows (fixture->window, "Nothing Found"));
}

static GtkEventController *
find_drop_target (GtkWidget *widget)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        return controller;
    }
  return NULL;
}

/* What a drop of @offer, which it takes, does once the toolkit has brought the value over;
 * end-to-end.py drags with the mouse. Returns: whether it was taken */
static gboolean
drop (AppTest *fixture, GdkContentProvider *offer)
{
  g_autoptr (GdkContentProvider) provider = offer;
  GtkDropTarget *target = GTK_DROP_TARGET (find_drop_target (fixture->window));
  g_autoptr (GdkContentFormats) offered = gdk_content_provider_ref_formats (provider);
  const GType type
      = gdk_content_formats_match_gtype (gtk_drop_target_get_formats (target), offered);
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GError) error = NULL;
  gboolean is_taken = FALSE;

  if (type == G_TYPE_INVALID)
    return FALSE;
  g_value_init (&value, type);
  gdk_content_provider_get_value (provider, &value, &error);
  g_assert_no_error (error);
  g_signal_emit_by_name (target, "drop", &value, 10., 10., &is_taken);
  app_test_run_for (300);
  return is_taken;
}

static void
assert_dialog (const char *text)
{
  g_assert_true (app_test_shows (app_test_find_dialog (), text));
  gtk_window_close (GTK_WINDOW (app_test_find_dialog ()));
  app_test_run_for (300);
}

static GdkContentProvider *
new_text (const char *text)
{
  return gdk_content_provider_new_typed (G_TYPE_STRING, text);
}

static void
test_dropped_things_are_added (AppTest *fixture, gconstpointer data)
{
  g_autoptr (GFile) path = g_file_new_for_path ("/home/user/Sintel.torrent");
  g_autoptr (GFile) link = g_file_new_for_uri ("magnet:?xt=urn:btih:aa");
  g_autoptr (GSList) both = g_slist_append (g_slist_append (NULL, path), link);
  GdkFileList *list = gdk_file_list_new_from_list (both);

  g_assert_true (drop (fixture, gdk_content_provider_new_typed (G_TYPE_FILE, path)));
  assert_dialog ("Sintel");
  g_assert_true (drop (fixture, gdk_content_provider_new_typed (GDK_TYPE_FILE_LIST, list)));
  g_boxed_free (GDK_TYPE_FILE_LIST, list);
  assert_dialog ("Sintel");
  assert_dialog ("Size not known yet");
  g_assert_true (drop (fixture, new_text ("https://example.org/sintel.torrent\r\n")));
  assert_dialog ("Sintel");
  g_assert_true (drop (fixture, new_text ("magnet:?xt=urn:btih:aa")));
  assert_dialog ("Size not known yet");
  g_assert_null (app_test_find_dialog ());
}

static void
test_other_drops_say_so (AppTest *fixture, gconstpointer data)
{
  drop (fixture, new_text ("a shopping list"));
  g_assert_null (app_test_find_dialog ());
  g_assert_true (app_test_shows (fixture->window, "This is no torrent and no link to one"));
  g_assert_false (
      drop (fixture, gdk_content_provider_new_typed (GDK_TYPE_RGBA, &(GdkRGBA){ 0, 0, 0, 1 })));
}

static void
test_hidden_window_is_left_in_peace (AppTest *fixture, gconstpointer data)
{
  CcbtTorrentItem *item;

  app_test_put (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_DOWNLOADING, 0.1));
  item = ccbt_torrent_list_lookup (ccbt_client_get_torrents (fixture->client), HASH_1);
  gtk_widget_set_visible (fixture->window, FALSE);
  app_test_put (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_DOWNLOADING, 0.9));
  g_assert_cmpfloat (ccbt_torrent_item_get_status (item)->progress, ==, 0.1);
  gtk_widget_set_visible (fixture->window, TRUE);
  app_test_settle ();
  g_assert_cmpfloat (ccbt_torrent_item_get_status (item)->progress, ==, 0.9);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  APP_TEST_ADD ("/window/empty", test_empty_window_invites);
  APP_TEST_ADD ("/window/row", test_row_shows_and_follows);
  APP_TEST_ADD ("/window/verbs", test_verbs_reach_the_engine);
  APP_TEST_ADD ("/window/queue", test_queue_reaches_the_engine);
  APP_TEST_ADD ("/window/undo", test_undo_brings_back);
  APP_TEST_ADD ("/window/dismissed", test_dismissed_removal_is_carried_out);
  APP_TEST_ADD ("/window/trash", test_trash_asks_first);
  APP_TEST_ADD ("/window/add", test_add_dialog_adds_what_was_chosen);
  APP_TEST_ADD ("/window/several", test_several_sources_wait_for_each_other);
  APP_TEST_ADD ("/window/details", test_details_follow_their_torrent);
  APP_TEST_ADD ("/window/pieces", test_pieces_are_shown_while_they_are_known);
  APP_TEST_ADD ("/window/hindrance", test_a_limit_that_hinders_is_a_click_away);
  APP_TEST_ADD ("/window/trackers", test_trackers_are_edited);
  APP_TEST_ADD ("/window/search", test_search_filters_by_name);
  APP_TEST_ADD ("/window/drop", test_dropped_things_are_added);
  APP_TEST_ADD ("/window/drop-of-others", test_other_drops_say_so);
  APP_TEST_ADD ("/window/hidden", test_hidden_window_is_left_in_peace);
  return app_test_run ();
}

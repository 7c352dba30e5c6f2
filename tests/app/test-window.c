/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app-test.h"
#include "ccbt-add-dialog.h"
#include "ccbt-details-page.h"
#include "ccbt-filter-item.h"
#include "ccbt-filter-sidebar.h"
#include "ccbt-settings.h"
#include "ccbt-torrent-row.h"
#include "ccbt-trackers-dialog.h"
#include "ccbt-torrent-view.h"
#include "fake-engine.h"

#define HASH_1 "0000000000000000000000000000000000000001"
#define HASH_2 "0000000000000000000000000000000000000002"

typedef struct
{
  CcbtClient *client;
  GtkWidget *window;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  GtkApplication *application = GTK_APPLICATION (g_application_get_default ());
  g_autoptr (GSettings) settings = ccbt_settings_open ();
  static const char *const keys[] = { "filters", "sidebar-visible" };

  /* What a test before has left is not remembered. */
  for (guint i = 0; settings != NULL && i < G_N_ELEMENTS (keys); i++)
    g_settings_reset (settings, keys[i]);
  fixture->client = app_test_start_client ();
  fixture->window = GTK_WIDGET (ccbt_window_new (application, fixture->client));
  gtk_window_present (GTK_WINDOW (fixture->window));
  app_test_settle ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  ccbt_client_stop (fixture->client);
  app_test_settle ();
  app_test_finalize_client (fixture->client);
}

static void
put_and_settle (CcbtTorrentStatus *status)
{
  fake_engine_put (status);
  app_test_settle ();
}

static void
act (Fixture *fixture, const char *action, const char *info_hash)
{
  const char *info_hashes[] = { info_hash, NULL };

  if (info_hash != NULL && g_str_equal (action, "win.show-details"))
    g_assert_true (gtk_widget_activate_action (fixture->window, action, "s", info_hash));
  else if (info_hash != NULL)
    g_assert_true (gtk_widget_activate_action (fixture->window, action, "^as", info_hashes));
  else
    g_assert_true (gtk_widget_activate_action (fixture->window, action, NULL));
  app_test_settle ();
}

static void
assert_calls (const char *expected)
{
  g_autofree char *calls = fake_engine_take_calls ();

  g_assert_cmpstr (calls, ==, expected);
}

static GtkWidget *
find_dialog (void)
{
  g_autoptr (GListModel) windows = g_object_ref (gtk_window_get_toplevels ());

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      if (CCBT_IS_ADD_DIALOG (window) || ADW_IS_MESSAGE_DIALOG (window)
          || CCBT_IS_TRACKERS_DIALOG (window))
        return window;
    }
  return NULL;
}

/* Clicks the button at or below @root that says @label. */
static void
click (GtkWidget *root, const char *label)
{
  g_autoptr (GQueue) queue = g_queue_new ();
  GtkWidget *widget;

  g_queue_push_tail (queue, root);
  while ((widget = g_queue_pop_head (queue)) != NULL)
    {
      if (GTK_IS_BUTTON (widget)
          && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0)
        {
          g_signal_emit_by_name (widget, "clicked");
          app_test_settle ();
          return;
        }
      for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
           child = gtk_widget_get_next_sibling (child))
        g_queue_push_tail (queue, child);
    }
  g_error ("no button %s", label);
}

static void
test_empty_window_invites (Fixture *fixture, gconstpointer data)
{
  g_assert_true (
      app_test_shows (fixture->window, "Open a torrent file, paste a link, or drop one here."));
}

static void
test_row_shows_and_follows (Fixture *fixture, gconstpointer data)
{
  CcbtTorrentStatus *status
      = fake_torrent_new (1, "<b>Film</b>", CCBT_TORRENT_STATE_DOWNLOADING, 0.5);
  GtkProgressBar *bar;

  status->n_peers = 3;
  status->down_rate = 2000000;
  status->eta = 60;
  put_and_settle (status);
  g_assert_true (app_test_shows (fixture->window, "<b>Film</b>")); /* plain, not bold */
  g_assert_true (app_test_shows (fixture->window, "Downloading from 3 peers"));
  g_assert_true (app_test_shows (fixture->window, "↓ 2.0\302\240MB/s"));
  g_assert_true (app_test_shows (fixture->window, "1 minute left"));
  bar = app_test_find (app_test_find (fixture->window, CCBT_TYPE_TORRENT_ROW),
                       GTK_TYPE_PROGRESS_BAR);
  g_assert_cmpfloat (gtk_progress_bar_get_fraction (bar), ==, 0.5);

  status = fake_torrent_new (1, "<b>Film</b>", CCBT_TORRENT_STATE_SEEDING, 1);
  put_and_settle (status);
  g_assert_true (app_test_shows (fixture->window, "Seeding"));
  g_assert_false (app_test_shows (fixture->window, "1 minute left"));
  g_assert_true (gtk_widget_has_css_class (GTK_WIDGET (bar), "complete"));
}

static void
test_verbs_reach_the_engine (Fixture *fixture, gconstpointer data)
{
  put_and_settle (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_DOWNLOADING, 0.5));
  act (fixture, "win.toggle", HASH_1);
  assert_calls ("torrent.pause ('" HASH_1 "',)\n");
  g_assert_true (app_test_shows (fixture->window, "Paused"));
  act (fixture, "win.toggle", HASH_1);
  assert_calls ("torrent.resume ('" HASH_1 "',)\n");
  act (fixture, "win.check", HASH_1);
  act (fixture, "win.announce", HASH_1);
  assert_calls ("torrent.check ('" HASH_1 "',)\ntorrent.announce ('" HASH_1 "',)\n");
  g_assert_true (app_test_shows (fixture->window, "Asking trackers for peers"));
}

static void
test_queue_reaches_the_engine (Fixture *fixture, gconstpointer data)
{
  put_and_settle (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_QUEUED, 0.5));
  g_assert_true (app_test_shows (fixture->window, "Waiting for its turn"));
  act (fixture, "win.queue-top", HASH_1);
  act (fixture, "win.queue-down", HASH_1);
  assert_calls ("queue.move ('" HASH_1 "', 'top')\nqueue.move ('" HASH_1 "', 'down')\n");
  act (fixture, "win.force-start", HASH_1);
  act (fixture, "win.super-seed", HASH_1);
  assert_calls ("torrent.set-options ('" HASH_1 "', {'forced': <true>})\n"
                "torrent.set-options ('" HASH_1 "', {'super-seeding': <true>})\n");
}

static void
test_undo_brings_back (Fixture *fixture, gconstpointer data)
{
  put_and_settle (fake_torrent_new (1, "Film & <more>", CCBT_TORRENT_STATE_SEEDING, 1));
  act (fixture, "win.remove", HASH_1);
  app_test_run_for (400);
  g_assert_true (app_test_shows (fixture->window, "“Film & <more>” removed"));
  g_assert_null (app_test_find (fixture->window, CCBT_TYPE_TORRENT_ROW));
  click (fixture->window, "Undo");
  g_assert_nonnull (app_test_find (fixture->window, CCBT_TYPE_TORRENT_ROW));
  app_test_run_for (400);
  assert_calls ("");
}

static void
test_dismissed_removal_is_carried_out (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AdwToast) toast = NULL;

  put_and_settle (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_SEEDING, 1));
  act (fixture, "win.remove", HASH_1);
  g_object_get (app_test_find (fixture->window, g_type_from_name ("AdwToastWidget")), "toast",
                &toast, NULL);
  adw_toast_dismiss (toast);
  app_test_settle ();
  assert_calls ("torrent.remove ('" HASH_1 "', false)\n");
}

static void
select_all (Fixture *fixture)
{
  GtkListView *rows
      = app_test_find (app_test_find (fixture->window, CCBT_TYPE_TORRENT_VIEW), GTK_TYPE_LIST_VIEW);

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (rows), "list.select-all", NULL));
}

static guint
count_selected (Fixture *fixture)
{
  g_autoptr (GPtrArray) items
      = ccbt_torrent_view_get_selected (app_test_find (fixture->window, CCBT_TYPE_TORRENT_VIEW));

  return items->len;
}

/* Presses a key of the window, as the toolkit does once no widget wanted it. */
static void
press (Fixture *fixture, guint key, GdkModifierType modifiers)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (fixture->window);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (!GTK_IS_SHORTCUT_CONTROLLER (controller))
        continue;
      for (guint j = 0; j < g_list_model_get_n_items (G_LIST_MODEL (controller)); j++)
        {
          g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (G_LIST_MODEL (controller), j);
          GtkShortcutTrigger *trigger = gtk_shortcut_get_trigger (shortcut);

          if (GTK_IS_KEYVAL_TRIGGER (trigger)
              && gtk_keyval_trigger_get_keyval (GTK_KEYVAL_TRIGGER (trigger)) == key
              && gtk_keyval_trigger_get_modifiers (GTK_KEYVAL_TRIGGER (trigger)) == modifiers)
            {
              gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0, fixture->window,
                                            gtk_shortcut_get_arguments (shortcut));
              app_test_settle ();
              return;
            }
        }
    }
  g_error ("no such key");
}

static void
put_two (void)
{
  put_and_settle (fake_torrent_new (1, "Film", CCBT_TORRENT_STATE_SEEDING, 1));
  put_and_settle (fake_torrent_new (2, "Music", CCBT_TORRENT_STATE_DOWNLOADING, 0.5));
}

static void
test_keys_act_on_all_selected (Fixture *fixture, gconstpointer data)
{
  put_two ();
  press (fixture, GDK_KEY_p, GDK_CONTROL_MASK);
  assert_calls (""); /* nothing is selected */
  select_all (fixture);
  g_assert_cmpuint (count_selected (fixture), ==, 2);
  press (fixture, GDK_KEY_p, GDK_CONTROL_MASK);
  assert_calls ("torrent.pause ('" HASH_2 "',)\ntorrent.pause ('" HASH_1 "',)\n");
  g_assert_cmpuint (count_selected (fixture), ==, 2);
  press (fixture, GDK_KEY_p, GDK_CONTROL_MASK);
  assert_calls ("torrent.resume ('" HASH_2 "',)\ntorrent.resume ('" HASH_1 "',)\n");
}

static void
test_one_undo_brings_all_back (Fixture *fixture, gconstpointer data)
{
  put_two ();
  select_all (fixture);
  press (fixture, GDK_KEY_Delete, 0);
  app_test_run_for (400);
  g_assert_true (app_test_shows (fixture->window, "2 torrents removed"));
  g_assert_null (app_test_find (fixture->window, CCBT_TYPE_TORRENT_ROW));
  click (fixture->window, "Undo");
  g_assert_true (app_test_shows (fixture->window, "Film"));
  g_assert_true (app_test_shows (fixture->window, "Music"));
  app_test_run_for (400);
  assert_calls ("");
}

static void
text_read_cb (GObject *source, GAsyncResult *result, gpointer text)
{
  *(char **) text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);
}

static void
test_copies_have_a_line_each (Fixture *fixture, gconstpointer data)
{
  const char *info_hashes[] = { HASH_1, HASH_2, NULL };
  g_autofree char *text = NULL;

  put_two ();
  gtk_widget_activate_action (fixture->window, "win.copy-path", "^as", info_hashes);
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (fixture->window), NULL, text_read_cb,
                                 &text);
  app_test_run_for (300);
  g_assert_cmpstr (text, ==, "/home/user/Downloads/Film\n/home/user/Downloads/Music");
}

static void
test_failures_are_told_once (Fixture *fixture, gconstpointer data)
{
  const char *info_hashes[] = { "0a", HASH_1, "0b", NULL };

  put_two ();
  gtk_widget_activate_action (fixture->window, "win.check", "^as", info_hashes);
  app_test_run_for (300);
  g_assert_true (app_test_shows (fixture->window, "2 torrents: Not found"));
}

static void
test_renaming_changes_what_is_shown (Fixture *fixture, gconstpointer data)
{
  put_two ();
  act (fixture, "win.rename", HASH_1);
  gtk_editable_set_text (app_test_find (find_dialog (), GTK_TYPE_ENTRY), "  Holidays ");
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (find_dialog ()), "rename");
  app_test_run_for (300);
  assert_calls ("torrent.set-options ('" HASH_1 "', {'display-name': <'Holidays'>})\n");
  g_assert_true (app_test_shows (fixture->window, "Holidays"));
  g_assert_false (app_test_shows (fixture->window, "Film"));
}

static void
test_trash_asks_first (Fixture *fixture, gconstpointer data)
{
  put_and_settle (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_SEEDING, 1));
  act (fixture, "win.remove-with-files", HASH_1);
  g_assert_true (ADW_IS_MESSAGE_DIALOG (find_dialog ()));
  assert_calls ("");
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (find_dialog ()), "cancel");
  app_test_run_for (300);
  assert_calls ("");
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
test_add_dialog_adds_what_was_chosen (Fixture *fixture, gconstpointer data)
{
  GtkWidget *dialog;
  g_autofree char *calls = NULL;

  ccbt_window_add (CCBT_WINDOW (fixture->window), new_uri ("https://example.org/sintel.torrent"));
  app_test_run_for (300);
  dialog = find_dialog ();
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
  click (dialog, "_Add");
  app_test_run_for (300);
  calls = fake_engine_take_calls ();
  g_assert_nonnull (strstr (calls, "torrent.add ({"));
  g_assert_nonnull (strstr (calls, "'paused': <true>"));
  g_assert_nonnull (strstr (calls, "'selected': <[0]>"));
  g_assert_nonnull (strstr (calls, "'folder': <'"));
  g_assert_null (find_dialog ());
  g_assert_true (app_test_shows (fixture->window, "Sintel"));
}

static void
test_several_sources_wait_for_each_other (Fixture *fixture, gconstpointer data)
{
  ccbt_window_add (CCBT_WINDOW (fixture->window), new_uri ("magnet:?xt=urn:btih:aa"));
  ccbt_window_add (CCBT_WINDOW (fixture->window), new_uri ("magnet:?xt=" FAKE_BAD_URI));
  app_test_run_for (300);
  g_assert_true (app_test_shows (find_dialog (), "Size not known yet"));
  gtk_window_close (GTK_WINDOW (find_dialog ()));
  app_test_run_for (300);
  g_assert_true (app_test_shows (find_dialog (), "This is not a valid torrent"));
  gtk_window_close (GTK_WINDOW (find_dialog ()));
  app_test_run_for (300);
  g_assert_null (find_dialog ());
}

static void
test_details_follow_their_torrent (Fixture *fixture, gconstpointer data)
{
  CcbtDetailsPage *details;

  put_and_settle (fake_torrent_new (1, "Film", CCBT_TORRENT_STATE_DOWNLOADING, 0.5));
  act (fixture, "win.show-details", HASH_1);
  assert_calls ("torrent.subscribe ('" HASH_1 "',)\n");
  details = app_test_find (fixture->window, CCBT_TYPE_DETAILS_PAGE);
  g_assert_true (app_test_shows (GTK_WIDGET (details), "Film"));
  g_assert_true (app_test_shows (GTK_WIDGET (details), "/home/user/Downloads"));
  adw_view_stack_set_visible_child_name (app_test_find (GTK_WIDGET (details), ADW_TYPE_VIEW_STACK),
                                         "peers");
  app_test_run_for (300);
  g_assert_true (app_test_shows (GTK_WIDGET (details), "192.0.2.17:51413"));
  act (fixture, "win.remove", HASH_1);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (details)));
  assert_calls ("torrent.unsubscribe ('" HASH_1 "',)\n");
}

/* The dialog, with @text in it. */
static GtkWidget *
edit_trackers (Fixture *fixture, const char *text)
{
  GtkWidget *details = app_test_find (fixture->window, CCBT_TYPE_DETAILS_PAGE);
  GtkTextBuffer *buffer;

  g_assert_true (gtk_widget_activate_action (details, "details.edit-trackers", NULL));
  app_test_settle ();
  g_assert_nonnull (find_dialog ());
  buffer = gtk_text_view_get_buffer (app_test_find (find_dialog (), GTK_TYPE_TEXT_VIEW));
  gtk_text_buffer_set_text (buffer, text, -1);
  return find_dialog ();
}

static void
test_trackers_are_edited (Fixture *fixture, gconstpointer data)
{
  GtkWidget *dialog;
  GtkTextView *view;
  g_autofree char *text = NULL;

  put_and_settle (fake_torrent_new (1, "Film", CCBT_TORRENT_STATE_DOWNLOADING, 0.5));
  act (fixture, "win.show-details", HASH_1);
  app_test_run_for (300);
  g_free (fake_engine_take_calls ());
  dialog = edit_trackers (fixture, "ftp://wrong.example/\n");
  click (dialog, "_Save");
  assert_calls ("torrent.set-trackers ('" HASH_1 "', [(0, 'ftp://wrong.example/')])\n");
  g_assert_true (find_dialog () == dialog);
  g_assert_true (app_test_shows (dialog, "Each line has one address that begins with http://, "
                                         "https:// or udp://, and none comes twice."));
  view = app_test_find (dialog, GTK_TYPE_TEXT_VIEW);
  g_object_get (gtk_text_view_get_buffer (view), "text", &text, NULL);
  g_assert_cmpstr (text, ==, "ftp://wrong.example/\n");
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (view),
                            "http://a.example/announce\n\nudp://b.example:1\n", -1);
  click (dialog, "_Save");
  assert_calls ("torrent.set-trackers ('" HASH_1
                "', [(0, 'http://a.example/announce'), (1, 'udp://b.example:1')])\n");
  app_test_run_for (300);
  g_assert_null (find_dialog ());
}

static void
test_search_filters_by_name (Fixture *fixture, gconstpointer data)
{
  put_and_settle (fake_torrent_new (1, "Film", CCBT_TORRENT_STATE_SEEDING, 1));
  put_and_settle (fake_torrent_new (2, "Music", CCBT_TORRENT_STATE_SEEDING, 1));
  act (fixture, "win.search", NULL);
  gtk_editable_set_text (app_test_find (fixture->window, GTK_TYPE_SEARCH_ENTRY), "mus");
  app_test_run_for (400);
  g_assert_true (app_test_shows (fixture->window, "Music"));
  g_assert_false (app_test_shows (fixture->window, "Film"));
  gtk_editable_set_text (app_test_find (fixture->window, GTK_TYPE_SEARCH_ENTRY), "nowhere");
  app_test_run_for (600);
  g_assert_true (app_test_shows (fixture->window, "Nothing Found"));
}

/* The row of the sidebar that begins with @label: its number, and whether it is chosen with it alone
 * or in addition. */
static void
assert_row (Fixture *fixture, const char *label, const char *count)
{
  GtkWidget *list = app_test_find (app_test_find (fixture->window, CCBT_TYPE_FILTER_SIDEBAR),
                                   GTK_TYPE_LIST_VIEW);

  for (GtkWidget *row = gtk_widget_get_first_child (list); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    if (app_test_shows (row, label))
      {
        g_assert_true (app_test_shows (row, count));
        return;
      }
  g_error ("no row %s", label);
}

static void
choose (Fixture *fixture, const char *label, gboolean is_alone)
{
  GtkWidget *list = app_test_find (app_test_find (fixture->window, CCBT_TYPE_FILTER_SIDEBAR),
                                   GTK_TYPE_LIST_VIEW);
  GtkSelectionModel *model = gtk_list_view_get_model (GTK_LIST_VIEW (list));

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (model)); i++)
    {
      g_autoptr (CcbtFilterItem) item = g_list_model_get_item (G_LIST_MODEL (model), i);

      if (g_str_equal (ccbt_filter_item_get_label (item), label))
        {
          gtk_selection_model_select_item (model, i, is_alone);
          app_test_run_for (400);
          return;
        }
    }
  g_error ("no filter %s", label);
}

static CcbtTorrentStatus *
new_filed (CcbtTorrentId id, const char *name, CcbtTorrentState state, const char *changes)
{
  CcbtTorrentStatus *status = fake_torrent_new (id, name, state, 0.5);
  g_autoptr (GVariant) variant
      = g_variant_parse (G_VARIANT_TYPE_VARDICT, changes, NULL, NULL, NULL);
  CcbtTorrentOptions *options = ccbt_torrent_options_change (status->options, variant, NULL);

  g_assert_nonnull (options);
  ccbt_torrent_options_unref (status->options);
  status->options = options;
  return status;
}

static gboolean
shows_row (Fixture *fixture, const char *name)
{
  return app_test_shows (app_test_find (fixture->window, CCBT_TYPE_TORRENT_VIEW), name);
}

static void
put_filed (Fixture *fixture)
{
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 900,
                               860); /* all filters are in sight */
  fake_engine_put (new_filed (1, "Film", CCBT_TORRENT_STATE_PAUSED, "{'category': <'Films'>}"));
  fake_engine_put (new_filed (2, "Song", CCBT_TORRENT_STATE_PAUSED,
                              "{'category': <'Music'>, 'tags': <['loud', 'old']>}"));
  fake_engine_put (new_filed (3, "Disk", CCBT_TORRENT_STATE_CHECKING, "{'tags': <['old']>}"));
  app_test_run_for (1400);
}

static void
test_filters_combine (Fixture *fixture, gconstpointer data)
{
  put_filed (fixture);
  choose (fixture, "Paused", TRUE);
  g_assert_true (shows_row (fixture, "Film") && shows_row (fixture, "Song"));
  g_assert_false (shows_row (fixture, "Disk"));
  choose (fixture, "old", FALSE); /* and */
  g_assert_true (shows_row (fixture, "Song"));
  g_assert_false (shows_row (fixture, "Film") || shows_row (fixture, "Disk"));
  choose (fixture, "Checking", FALSE); /* or */
  g_assert_true (shows_row (fixture, "Song") && shows_row (fixture, "Disk"));
  g_assert_false (shows_row (fixture, "Film"));
  choose (fixture, "Films", FALSE);
  g_assert_true (app_test_shows (fixture->window, "Nothing Found"));
  choose (fixture, "All", FALSE); /* brings back everything, with or without Ctrl */
  g_assert_true (shows_row (fixture, "Film") && shows_row (fixture, "Disk"));
  choose (fixture, "No Category", TRUE);
  g_assert_true (shows_row (fixture, "Disk"));
  g_assert_false (shows_row (fixture, "Film"));
}

static void
test_counts_and_filters_follow (Fixture *fixture, gconstpointer data)
{
  put_filed (fixture);
  assert_row (fixture, "All", "3");
  assert_row (fixture, "Paused", "2");
  assert_row (fixture, "old", "2");
  assert_row (fixture, "No Category", "1");
  choose (fixture, "Paused", TRUE);
  fake_engine_put (new_filed (1, "Film", CCBT_TORRENT_STATE_CHECKING, "{'category': <'New'>}"));
  app_test_run_for (1400);
  assert_row (fixture, "Paused", "1");
  assert_row (fixture, "Checking", "2");
  assert_row (fixture, "New", "1");
  g_assert_false (shows_row (fixture, "Film"));
  g_assert_true (shows_row (fixture, "Song"));
}

static void
test_filters_are_remembered (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GSettings) settings = ccbt_settings_open ();
  g_auto (GStrv) saved = NULL;
  const char *const others[] = { "state:checking", "folder:/gone", "state:unheard-of", NULL };

  g_assert_nonnull (settings);
  put_filed (fixture);
  choose (fixture, "Paused", TRUE);
  choose (fixture, "old", FALSE);
  gtk_window_close (GTK_WINDOW (fixture->window));
  saved = g_settings_get_strv (settings, "filters");
  g_assert_cmpstrv (saved, ((const char *const[]){ "state:paused", "tag:old", NULL }));

  g_settings_set_strv (settings, "filters", others);
  fixture->window = GTK_WIDGET (
      ccbt_window_new (GTK_APPLICATION (g_application_get_default ()), fixture->client));
  gtk_window_present (GTK_WINDOW (fixture->window));
  app_test_run_for (400);
  /* One cannot be met any more, and can be seen and undone; one never was a filter. */
  g_assert_true (app_test_shows (fixture->window, "Nothing Found"));
  assert_row (fixture, "/gone", "0");
  act (fixture, "win.show-all", NULL);
  app_test_run_for (400);
  g_assert_true (shows_row (fixture, "Film"));
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
drop (Fixture *fixture, GdkContentProvider *offer)
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
  g_assert_true (app_test_shows (find_dialog (), text));
  gtk_window_close (GTK_WINDOW (find_dialog ()));
  app_test_run_for (300);
}

static GdkContentProvider *
new_text (const char *text)
{
  return gdk_content_provider_new_typed (G_TYPE_STRING, text);
}

static void
test_dropped_things_are_added (Fixture *fixture, gconstpointer data)
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
  g_assert_null (find_dialog ());
}

static void
test_other_drops_say_so (Fixture *fixture, gconstpointer data)
{
  drop (fixture, new_text ("a shopping list"));
  g_assert_null (find_dialog ());
  g_assert_true (app_test_shows (fixture->window, "This is no torrent and no link to one"));
  g_assert_false (
      drop (fixture, gdk_content_provider_new_typed (GDK_TYPE_RGBA, &(GdkRGBA){ 0, 0, 0, 1 })));
}

static void
test_hidden_window_is_left_in_peace (Fixture *fixture, gconstpointer data)
{
  CcbtTorrentItem *item;

  put_and_settle (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_DOWNLOADING, 0.1));
  item = ccbt_torrent_list_lookup (ccbt_client_get_torrents (fixture->client), HASH_1);
  gtk_widget_set_visible (fixture->window, FALSE);
  put_and_settle (fake_torrent_new (1, "x", CCBT_TORRENT_STATE_DOWNLOADING, 0.9));
  g_assert_cmpfloat (ccbt_torrent_item_get_status (item)->progress, ==, 0.1);
  gtk_widget_set_visible (fixture->window, TRUE);
  app_test_settle ();
  g_assert_cmpfloat (ccbt_torrent_item_get_status (item)->progress, ==, 0.9);
}

static int n_failed;

#define ADD(name, function) g_test_add ("/window/" name, Fixture, NULL, set_up, function, tear_down)

static void
activate_cb (GApplication *application)
{
  g_application_hold (application);
  n_failed = g_test_run ();
  g_application_quit (application);
}

int
main (int argc, char **argv)
{
  g_autoptr (AdwApplication) application = NULL;

  gtk_test_init (&argc, &argv, NULL);
  ADD ("empty", test_empty_window_invites);
  ADD ("row", test_row_shows_and_follows);
  ADD ("verbs", test_verbs_reach_the_engine);
  ADD ("queue", test_queue_reaches_the_engine);
  ADD ("undo", test_undo_brings_back);
  ADD ("dismissed", test_dismissed_removal_is_carried_out);
  ADD ("selected", test_keys_act_on_all_selected);
  ADD ("undo-of-several", test_one_undo_brings_all_back);
  ADD ("copies", test_copies_have_a_line_each);
  ADD ("failures", test_failures_are_told_once);
  ADD ("rename", test_renaming_changes_what_is_shown);
  ADD ("trash", test_trash_asks_first);
  ADD ("add", test_add_dialog_adds_what_was_chosen);
  ADD ("several", test_several_sources_wait_for_each_other);
  ADD ("details", test_details_follow_their_torrent);
  ADD ("trackers", test_trackers_are_edited);
  ADD ("search", test_search_filters_by_name);
  ADD ("filters", test_filters_combine);
  ADD ("counts", test_counts_and_filters_follow);
  ADD ("remembered-filters", test_filters_are_remembered);
  ADD ("drop", test_dropped_things_are_added);
  ADD ("drop-of-others", test_other_drops_say_so);
  ADD ("hidden", test_hidden_window_is_left_in_peace);
  application
      = adw_application_new ("io.github.ccbittorrent.CcBitTorrent", G_APPLICATION_NON_UNIQUE);
  g_application_set_resource_base_path (G_APPLICATION (application),
                                        "/io/github/ccbittorrent/CcBitTorrent");
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), NULL);
  g_application_run (G_APPLICATION (application), 0, NULL);
  return n_failed;
}

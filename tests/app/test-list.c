/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of torrents: several at once, filters, the table. */
#include "app-test.h"
#include "ccbt-filter-item.h"
#include "ccbt-filter-sidebar.h"
#include "ccbt-settings.h"
#include "ccbt-torrent-columns.h"
#include "ccbt-torrent-row.h"
#include "ccbt-torrent-view.h"
#include "fake-engine.h"

#define HASH_1 "0000000000000000000000000000000000000001"
#define HASH_2 "0000000000000000000000000000000000000002"

static void
select_all (AppTest *fixture)
{
  GtkListView *rows
      = app_test_find (app_test_find (fixture->window, CCBT_TYPE_TORRENT_VIEW), GTK_TYPE_LIST_VIEW);

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (rows), "list.select-all", NULL));
}

static guint
count_selected (AppTest *fixture)
{
  g_autoptr (GPtrArray) items
      = ccbt_torrent_view_get_selected (app_test_find (fixture->window, CCBT_TYPE_TORRENT_VIEW));

  return items->len;
}

/* Presses a key of the window, as the toolkit does once no widget wanted it. */
static void
press (AppTest *fixture, guint key, GdkModifierType modifiers)
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
  app_test_put (fake_torrent_new (1, "Film", CCBT_TORRENT_STATE_SEEDING, 1));
  app_test_put (fake_torrent_new (2, "Music", CCBT_TORRENT_STATE_DOWNLOADING, 0.5));
}

static void
test_keys_act_on_all_selected (AppTest *fixture, gconstpointer data)
{
  put_two ();
  press (fixture, GDK_KEY_p, GDK_CONTROL_MASK);
  app_test_assert_calls (""); /* nothing is selected */
  select_all (fixture);
  g_assert_cmpuint (count_selected (fixture), ==, 2);
  press (fixture, GDK_KEY_p, GDK_CONTROL_MASK);
  app_test_assert_calls ("torrent.pause ('" HASH_2 "',)\ntorrent.pause ('" HASH_1 "',)\n");
  g_assert_cmpuint (count_selected (fixture), ==, 2);
  press (fixture, GDK_KEY_p, GDK_CONTROL_MASK);
  app_test_assert_calls ("torrent.resume ('" HASH_2 "',)\ntorrent.resume ('" HASH_1 "',)\n");
}

static void
test_one_undo_brings_all_back (AppTest *fixture, gconstpointer data)
{
  put_two ();
  select_all (fixture);
  press (fixture, GDK_KEY_Delete, 0);
  app_test_run_for (400);
  g_assert_true (app_test_shows (fixture->window, "2 torrents removed"));
  g_assert_null (app_test_find (fixture->window, CCBT_TYPE_TORRENT_ROW));
  app_test_click (fixture->window, "Undo");
  g_assert_true (app_test_shows (fixture->window, "Film"));
  g_assert_true (app_test_shows (fixture->window, "Music"));
  app_test_run_for (400);
  app_test_assert_calls ("");
}

static void
text_read_cb (GObject *source, GAsyncResult *result, gpointer text)
{
  *(char **) text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);
}

static void
test_copies_have_a_line_each (AppTest *fixture, gconstpointer data)
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
test_failures_are_told_once (AppTest *fixture, gconstpointer data)
{
  const char *info_hashes[] = { "0a", HASH_1, "0b", NULL };

  put_two ();
  gtk_widget_activate_action (fixture->window, "win.check", "^as", info_hashes);
  app_test_run_for (300);
  g_assert_true (app_test_shows (fixture->window, "2 torrents: Not found"));
}

static void
test_renaming_changes_what_is_shown (AppTest *fixture, gconstpointer data)
{
  put_two ();
  app_test_act (fixture, "win.rename", HASH_1);
  gtk_editable_set_text (app_test_find (app_test_find_dialog (), GTK_TYPE_ENTRY), "  Holidays ");
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (app_test_find_dialog ()), "rename");
  app_test_run_for (300);
  app_test_assert_calls ("torrent.set-options ('" HASH_1 "', {'display-name': <'Holidays'>})\n");
  g_assert_true (app_test_shows (fixture->window, "Holidays"));
  g_assert_false (app_test_shows (fixture->window, "Film"));
}

/* The row of the sidebar that begins with @label: its number, and whether it is chosen with it alone
 * or in addition. */
static void
assert_row (AppTest *fixture, const char *label, const char *count)
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
choose (AppTest *fixture, const char *label, gboolean is_alone)
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

  fake_torrent_set_options (status, changes);
  return status;
}

static gboolean
shows_row (AppTest *fixture, const char *name)
{
  return app_test_shows (app_test_find (fixture->window, CCBT_TYPE_TORRENT_VIEW), name);
}

static void
put_filed (AppTest *fixture)
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
test_filters_combine (AppTest *fixture, gconstpointer data)
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
test_counts_and_filters_follow (AppTest *fixture, gconstpointer data)
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
  fake_engine_put (new_filed (1, "Film", CCBT_TORRENT_STATE_QUEUED, "{}"));
  app_test_run_for (1400);
  assert_row (fixture, "Waiting", "1");
  choose (fixture, "Waiting", TRUE);
  g_assert_true (shows_row (fixture, "Film"));
  g_assert_false (shows_row (fixture, "Song"));
}

static void
test_filters_are_remembered (AppTest *fixture, gconstpointer data)
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
  app_test_act (fixture, "win.show-all", NULL);
  app_test_run_for (400);
  g_assert_true (shows_row (fixture, "Film"));
}

/* --- The table. --- */

static void
assert_order (AppTest *fixture, const char *expected)
{
  CcbtTorrentView *view = app_test_find (fixture->window, CCBT_TYPE_TORRENT_VIEW);
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GString) names = g_string_new (NULL);

  gtk_widget_activate_action (app_test_find (GTK_WIDGET (view), GTK_TYPE_LIST_VIEW),
                              "list.select-all", NULL);
  items = ccbt_torrent_view_get_selected (view);
  for (guint i = 0; i < items->len; i++)
    g_string_append_printf (names, "%s ", ccbt_torrent_item_get_name (items->pdata[i]));
  g_assert_cmpstr (names->str, ==, expected);
}

static GtkColumnView *
find_table (AppTest *fixture)
{
  return app_test_find (app_test_find (fixture->window, CCBT_TYPE_TORRENT_VIEW),
                        GTK_TYPE_COLUMN_VIEW);
}

static void
test_table_sorts_and_follows (AppTest *fixture, gconstpointer data)
{
  CcbtTorrentStatus *status;
  gboolean is_descending;

  put_two ();
  assert_order (fixture, "Music Film "); /* the newest first */
  app_test_act (fixture, "win.table", NULL);
  app_test_run_for (300);
  g_assert_null (app_test_find (fixture->window, CCBT_TYPE_TORRENT_ROW));
  g_assert_true (shows_row (fixture, "50%"));
  ccbt_torrent_columns_set_sort (find_table (fixture), "name", FALSE);
  assert_order (fixture, "Film Music ");
  ccbt_torrent_columns_set_sort (find_table (fixture), "down-rate", TRUE);
  g_assert_cmpstr (ccbt_torrent_columns_get_sort (find_table (fixture), &is_descending), ==,
                   "down-rate");
  g_assert_true (is_descending);
  for (guint i = 1; i <= 2; i++)
    {
      status = fake_torrent_new (i, i == 1 ? "Film" : "Music", CCBT_TORRENT_STATE_DOWNLOADING, 0.5);
      status->down_rate = i == 1 ? 2000000 : 1000000;
      app_test_put (status);
    }
  app_test_run_for (1400);
  assert_order (fixture, "Film Music ");
  g_assert_true (shows_row (fixture, "2.0\302\240MB/s"));
  app_test_act (fixture, "win.table",
                NULL); /* the rows have the same order, and nothing is unselected */
  g_assert_cmpuint (count_selected (fixture), ==, 2);
  assert_order (fixture, "Film Music ");
}

static void
test_table_is_remembered (AppTest *fixture, gconstpointer data)
{
  GtkColumnView *table;
  g_autoptr (GtkColumnViewColumn) second = NULL;
  gboolean is_descending;
  g_autoptr (GVariant) columns = NULL;
  g_autofree char *text = NULL;

  put_two ();
  app_test_act (fixture, "win.table", NULL);
  gtk_widget_activate_action (fixture->window, "columns.category", NULL);
  table = find_table (fixture);
  second = g_list_model_get_item (gtk_column_view_get_columns (table), 1);
  gtk_column_view_insert_column (table, 0, second); /* size before name */
  gtk_column_view_column_set_fixed_width (second, 222);
  ccbt_torrent_columns_set_sort (table, "ratio", TRUE);
  gtk_window_close (GTK_WINDOW (fixture->window));

  fixture->window = GTK_WIDGET (
      ccbt_window_new (GTK_APPLICATION (g_application_get_default ()), fixture->client));
  gtk_window_present (GTK_WINDOW (fixture->window));
  app_test_run_for (400);
  table = find_table (fixture);
  g_assert_nonnull (table);
  g_assert_cmpstr (ccbt_torrent_columns_get_sort (table, &is_descending), ==, "ratio");
  g_assert_true (is_descending);
  columns = g_variant_ref_sink (ccbt_torrent_columns_save (table));
  text = g_variant_print (columns, FALSE);
  g_assert_true (g_str_has_prefix (text, "[('size', 222, true), ('name', 260, true), "));
  g_assert_nonnull (strstr (text, "('category', 110, true)"));
  g_assert_nonnull (strstr (text, "('tags', 130, false)"));
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  APP_TEST_ADD ("/list/selected", test_keys_act_on_all_selected);
  APP_TEST_ADD ("/list/undo-of-several", test_one_undo_brings_all_back);
  APP_TEST_ADD ("/list/copies", test_copies_have_a_line_each);
  APP_TEST_ADD ("/list/failures", test_failures_are_told_once);
  APP_TEST_ADD ("/list/rename", test_renaming_changes_what_is_shown);
  APP_TEST_ADD ("/list/filters", test_filters_combine);
  APP_TEST_ADD ("/list/counts", test_counts_and_filters_follow);
  APP_TEST_ADD ("/list/remembered-filters", test_filters_are_remembered);
  APP_TEST_ADD ("/list/table", test_table_sorts_and_follows);
  APP_TEST_ADD ("/list/remembered-table", test_table_is_remembered);
  return app_test_run ();
}

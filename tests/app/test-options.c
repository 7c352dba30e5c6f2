/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app-test.h"
#include "ccbt-options-dialog.h"
#include "ccbt-torrent-menu.h"
#include "fake-engine.h"

#define HASH_1 "0000000000000000000000000000000000000001"
#define HASH_2 "0000000000000000000000000000000000000002"

static void
put (CcbtTorrentId id, const char *name, const char *changes)
{
  CcbtTorrentStatus *status = fake_torrent_new (id, name, CCBT_TORRENT_STATE_SEEDING, 1);
  g_autoptr (GVariant) variant
      = g_variant_parse (G_VARIANT_TYPE_VARDICT, changes, NULL, NULL, NULL);
  CcbtTorrentOptions *options = ccbt_torrent_options_change (status->options, variant, NULL);

  g_assert_nonnull (options);
  ccbt_torrent_options_unref (status->options);
  status->options = options;
  app_test_put (status);
}

/* The row of this title; NULL when it is not to be seen. */
static gpointer
find_row (GtkWidget *root, const char *title)
{
  if (!gtk_widget_get_visible (root))
    return NULL;
  if (ADW_IS_PREFERENCES_ROW (root)
      && g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (root)), title) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      gpointer found = find_row (child, title);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gpointer
find_in_row (GtkWidget *root, const char *title, GType type)
{
  GtkWidget *row = find_row (root, title);

  g_assert_nonnull (row);
  return app_test_find (row, type);
}

static char *
dup_choice (GtkWidget *dialog, const char *title)
{
  AdwComboRow *row = find_row (dialog, title);
  GtkStringList *names = GTK_STRING_LIST (adw_combo_row_get_model (row));

  return g_strdup (gtk_string_list_get_string (names, adw_combo_row_get_selected (row)));
}

static void
assert_choice (GtkWidget *dialog, const char *title, const char *expected)
{
  g_autofree char *choice = dup_choice (dialog, title);

  g_assert_cmpstr (choice, ==, expected);
}

static void
choose (GtkWidget *dialog, const char *title, const char *name)
{
  AdwComboRow *row = find_row (dialog, title);
  GtkStringList *names = GTK_STRING_LIST (adw_combo_row_get_model (row));

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (names)); i++)
    if (g_str_equal (gtk_string_list_get_string (names, i), name))
      {
        adw_combo_row_set_selected (row, i);
        return;
      }
  g_error ("%s: no %s", title, name);
}

static void
set_number (GtkWidget *dialog, const char *title, double number)
{
  gtk_spin_button_set_value (find_in_row (dialog, title, GTK_TYPE_SPIN_BUTTON), number);
}

static GtkWidget *
open_dialog (AppTest *fixture, gboolean is_both)
{
  const char *both[] = { HASH_1, HASH_2, NULL };

  if (is_both)
    g_assert_true (gtk_widget_activate_action (fixture->window, "win.options", "^as", both));
  else
    app_test_act (fixture, "win.options", HASH_1);
  app_test_settle ();
  g_assert_true (CCBT_IS_OPTIONS_DIALOG (app_test_find_dialog ()));
  return app_test_find_dialog ();
}

static void
save (GtkWidget *dialog)
{
  app_test_click (dialog, "_Save");
  app_test_run_for (200);
}

static void
test_untouched_changes_nothing (AppTest *fixture, gconstpointer data)
{
  GtkWidget *dialog;

  /* Values that are no round numbers of the units shown. */
  put (1, "Film",
       "{'download-limit': <uint64 1500>, 'ratio-goal': <1.333333>, 'idle-goal': <int64 61>,"
       " 'seed-time-goal': <int64 7200>, 'category': <'Films'>, 'tags': <['a', 'b']>,"
       " 'display-name': <'My Film'>, 'goal-action': <'remove'>, 'priority': <'low'>}");
  dialog = open_dialog (fixture, FALSE);
  assert_choice (dialog, "Download Limit", "Limited");
  assert_choice (dialog, "Upload Limit", "No Limit");
  assert_choice (dialog, "Priority", "Low");
  assert_choice (dialog, "Most Connections", "As in the Settings");
  g_assert_null (find_row (dialog, "Upload, KiB/s"));
  g_assert_cmpfloat (
      gtk_spin_button_get_value (find_in_row (dialog, "Seeding", GTK_TYPE_SPIN_BUTTON)), ==, 2);
  save (dialog);
  app_test_assert_calls ("");
  g_assert_null (app_test_find_dialog ());
}

static void
test_only_what_was_touched_is_changed (AppTest *fixture, gconstpointer data)
{
  GtkWidget *dialog;

  put (1, "Film", "{'upload-limit': <uint64 1500>, 'tags': <['a', 'b']>}");
  dialog = open_dialog (fixture, FALSE);
  choose (dialog, "Download Limit", "Limited");
  set_number (dialog, "Download, KiB/s", 100);
  choose (dialog, "Upload Slots", "Number");
  set_number (dialog, "Number of Slots", 7);
  choose (dialog, "Ratio Goal", "None");
  choose (dialog, "Idle Goal", "Limited");
  set_number (dialog, "Seeding to Nobody", 3);
  gtk_drop_down_set_selected (find_in_row (dialog, "Seeding to Nobody", GTK_TYPE_DROP_DOWN), 0);
  choose (dialog, "Priority", "High");
  gtk_switch_set_active (find_in_row (dialog, "Download in Order", GTK_TYPE_SWITCH), TRUE);
  save (dialog);
  app_test_assert_calls (
      "torrent.set-options ('" HASH_1 "', {'download-limit': <uint64 102400>, "
      "'upload-slots': <uint32 7>, 'ratio-goal': <0.0>, 'idle-goal': <int64 180>, "
      "'priority': <'high'>})\n"
      "torrent.set-sequential ('" HASH_1 "', true)\n");
  g_assert_null (app_test_find_dialog ());
}

static void
test_name_can_go_back (AppTest *fixture, gconstpointer data)
{
  GtkWidget *dialog;

  put (1, "Film", "{'display-name': <'My Film'>}");
  dialog = open_dialog (fixture, FALSE);
  g_assert_cmpstr (gtk_editable_get_text (find_row (dialog, "Name")), ==, "My Film");
  gtk_editable_set_text (find_row (dialog, "Name"), " Film ");
  save (dialog);
  app_test_assert_calls ("torrent.set-options ('" HASH_1 "', {'display-name': <''>})\n");
}

static void
test_several_keep_what_differs (AppTest *fixture, gconstpointer data)
{
  GtkWidget *dialog;

  put (1, "Film",
       "{'upload-limit': <uint64 2048>, 'category': <'Films'>, 'forced': <true>,"
       " 'tags': <['a', 'b']>}");
  put (2, "Song", "{'upload-limit': <uint64 4096>, 'category': <'Music'>, 'tags': <['b']>}");
  dialog = open_dialog (fixture, TRUE);
  g_assert_true (app_test_shows (dialog, "2 torrents"));
  g_assert_null (find_row (dialog, "Name"));
  assert_choice (dialog, "Upload Limit", "Different");
  assert_choice (dialog, "Start Whatever the Queue Says", "Different");
  g_assert_cmpstr (
      gtk_entry_get_placeholder_text (find_in_row (dialog, "Category", GTK_TYPE_ENTRY)), ==,
      "Different");
  choose (dialog, "Download Limit", "Limited");
  set_number (dialog, "Download, KiB/s", 1);
  save (dialog);
  app_test_assert_calls ("torrent.set-options ('" HASH_1 "', {'download-limit': <uint64 1024>})\n"
                         "torrent.set-options ('" HASH_2 "', {'download-limit': <uint64 1024>})\n");
}

static void
test_several_become_the_same (AppTest *fixture, gconstpointer data)
{
  GtkWidget *dialog;

  put (1, "Film", "{'upload-limit': <uint64 2048>, 'category': <'Films'>, 'forced': <true>}");
  put (2, "Song", "{'upload-limit': <uint64 4096>, 'category': <'Music'>}");
  dialog = open_dialog (fixture, TRUE);
  choose (dialog, "Upload Limit", "No Limit");
  choose (dialog, "Start Whatever the Queue Says", "Off");
  g_signal_emit_by_name (find_in_row (dialog, "Category", GTK_TYPE_ENTRY), "icon-press",
                         GTK_ENTRY_ICON_SECONDARY);
  save (dialog);
  app_test_assert_calls ("torrent.set-options ('" HASH_1
                         "', {'category': <''>, 'upload-limit': <uint64 0>, 'forced': <false>})\n"
                         "torrent.set-options ('" HASH_2
                         "', {'category': <''>, 'upload-limit': <uint64 0>, 'forced': <false>})\n");
}

/* The box named after @tag. */
static GtkCheckButton *
find_tag (GtkWidget *root, const char *tag)
{
  if (GTK_IS_CHECK_BUTTON (root) && g_str_equal (gtk_widget_get_name (root), tag))
    return GTK_CHECK_BUTTON (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkCheckButton *found = find_tag (child, tag);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
test_tags_are_given_and_taken (AppTest *fixture, gconstpointer data)
{
  GtkWidget *dialog;

  put (1, "Film", "{'tags': <['a', 'all', 'some']>}");
  put (2, "Song", "{'tags': <['all', 'b', 'some']>}");
  dialog = open_dialog (fixture, TRUE);
  g_assert_true (gtk_check_button_get_inconsistent (find_tag (dialog, "a")));
  g_assert_true (gtk_check_button_get_active (find_tag (dialog, "all")));
  gtk_check_button_set_active (find_tag (dialog, "a"), TRUE); /* to both; "b" is left alone */
  gtk_check_button_set_active (find_tag (dialog, "all"), FALSE);
  gtk_editable_set_text (find_row (dialog, "New Tags, With Commas Between"), "some, new,,");
  save (dialog);
  app_test_assert_calls ("torrent.set-options ('" HASH_1 "', {'tags': <['a', 'some', 'new']>})\n"
                         "torrent.set-options ('" HASH_2
                         "', {'tags': <['b', 'some', 'a', 'new']>})\n");
}

static void
test_what_the_engine_refuses_is_told (AppTest *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (101, 'x');
  GtkWidget *dialog;
  GtkWidget *entry;

  put (1, "Film", "{}");
  put (2, "Song", "{}");
  dialog = open_dialog (fixture, TRUE);
  entry = find_in_row (dialog, "Category", GTK_TYPE_ENTRY);
  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  save (dialog);
  g_assert_true (app_test_find_dialog () == dialog);
  g_assert_true (app_test_shows (dialog, "2 torrents: The category is too long, or has characters "
                                         "that cannot be shown."));
  g_free (fake_engine_take_calls ());
  gtk_editable_set_text (GTK_EDITABLE (entry), "Films");
  save (dialog);
  g_assert_null (app_test_find_dialog ());
}

static void
act_filing (AppTest *fixture, const char *action, const char *value)
{
  if (value != NULL)
    g_assert_true (gtk_widget_activate_action (fixture->window, action, "s", value));
  else
    g_assert_true (gtk_widget_activate_action (fixture->window, action, NULL));
  app_test_settle ();
}

/* Opens the menu of both torrents, as a right click does. Returns: (transfer full) */
static GMenuModel *
make_menu (AppTest *fixture)
{
  CcbtTorrentList *torrents = ccbt_client_get_torrents (fixture->client);
  g_autoptr (GPtrArray) items = g_ptr_array_new ();

  g_ptr_array_add (items, ccbt_torrent_list_lookup (torrents, HASH_1));
  g_ptr_array_add (items, ccbt_torrent_list_lookup (torrents, HASH_2));
  return ccbt_torrent_menu_new (CCBT_WINDOW (fixture->window), items);
}

/* The labels at and below @model that begin with @action. */
static void
list_labels (GMenuModel *model, const char *action, GString *labels)
{
  for (int i = 0; i < g_menu_model_get_n_items (model); i++)
    {
      g_autoptr (GMenuLinkIter) links = g_menu_model_iterate_item_links (model, i);
      g_autofree char *found = NULL;
      g_autofree char *label = NULL;
      GMenuModel *inner;

      g_menu_model_get_item_attribute (model, i, "action", "s", &found);
      if (found != NULL && g_str_has_prefix (found, action)
          && g_menu_model_get_item_attribute (model, i, "label", "s", &label))
        g_string_append_printf (labels, "%s;", label);
      while (g_menu_link_iter_get_next (links, NULL, &inner))
        {
          list_labels (inner, action, labels);
          g_object_unref (inner);
        }
    }
}

static void
assert_labels (GMenuModel *menu, const char *action, const char *expected)
{
  g_autoptr (GString) labels = g_string_new (NULL);

  list_labels (menu, action, labels);
  g_assert_cmpstr (labels->str, ==, expected);
}

static void
test_menu_files_torrents (AppTest *fixture, gconstpointer data)
{
  g_autoptr (GMenuModel) menu = NULL;

  put (1, "Film", "{'category': <'My_Films'>, 'tags': <['a', 'b']>}");
  put (2, "Song", "{'category': <'Music'>, 'tags': <['b']>}");
  menu = make_menu (fixture);
  assert_labels (menu, "filing.category", "None;Music;My__Films;");
  assert_labels (menu, "filing.tag-", "a;b;");
  assert_labels (menu, "filing.priority", "Maximum;High;Normal;Low;");
  act_filing (fixture, "filing.priority", "high");
  app_test_assert_calls ("torrent.set-options ('" HASH_1 "', {'priority': <'high'>})\n"
                         "torrent.set-options ('" HASH_2 "', {'priority': <'high'>})\n");
  act_filing (fixture, "filing.category", "");
  app_test_assert_calls ("torrent.set-options ('" HASH_1 "', {'category': <''>})\n"
                         "torrent.set-options ('" HASH_2 "', {'category': <''>})\n");
  act_filing (fixture, "filing.tag-0", NULL); /* only one has it: both get it */
  app_test_assert_calls ("torrent.set-options ('" HASH_1 "', {'tags': <['b', 'a']>})\n"
                         "torrent.set-options ('" HASH_2 "', {'tags': <['b', 'a']>})\n");
  act_filing (fixture, "filing.tag-1", NULL); /* both have it: both lose it */
  app_test_assert_calls ("torrent.set-options ('" HASH_1 "', {'tags': <['a']>})\n"
                         "torrent.set-options ('" HASH_2 "', {'tags': <['a']>})\n");
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  APP_TEST_ADD ("/options/untouched", test_untouched_changes_nothing);
  APP_TEST_ADD ("/options/touched", test_only_what_was_touched_is_changed);
  APP_TEST_ADD ("/options/name", test_name_can_go_back);
  APP_TEST_ADD ("/options/several-differ", test_several_keep_what_differs);
  APP_TEST_ADD ("/options/several-same", test_several_become_the_same);
  APP_TEST_ADD ("/options/tags", test_tags_are_given_and_taken);
  APP_TEST_ADD ("/options/refused", test_what_the_engine_refuses_is_told);
  APP_TEST_ADD ("/options/menu", test_menu_files_torrents);
  return app_test_run ();
}

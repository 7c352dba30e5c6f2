/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window of all settings, over an engine that only pretends. */
#include "app-test.h"
#include "ccbt-preferences-window.h"
#include "ccbt-setting-row.h"
#include "fake-engine.h"

static GtkWidget *
open_preferences (AppTest *fixture)
{
  GtkWidget *window
      = GTK_WIDGET (ccbt_preferences_window_new (GTK_WINDOW (fixture->window), fixture->client));

  gtk_window_present (GTK_WINDOW (window));
  app_test_run_for (300);
  g_free (fake_engine_take_calls ());
  return window;
}

static void
close_preferences (GtkWidget *window)
{
  gtk_window_destroy (GTK_WINDOW (window));
  app_test_settle ();
  fake_engine_set_download_rate ("0");
}

/* The row at or below @root with this title. */
static GtkWidget *
find_row (GtkWidget *root, const char *title)
{
  g_autoptr (GQueue) queue = g_queue_new ();
  GtkWidget *widget;

  g_queue_push_tail (queue, root);
  while ((widget = g_queue_pop_head (queue)) != NULL)
    {
      if (ADW_IS_PREFERENCES_ROW (widget)
          && g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)), title) == 0)
        return widget;
      for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
           child = gtk_widget_get_next_sibling (child))
        g_queue_push_tail (queue, child);
    }
  g_error ("no row %s", title);
}

static void
test_each_setting_has_a_row (AppTest *fixture, gconstpointer data)
{
  GtkWidget *window = open_preferences (fixture);
  GtkWidget *exempt = find_row (window, "No Limits in the Local Network");
  GtkWidget *folder = find_row (window, "Download Folder");

  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (folder)), ==, "/home/me/Downloads");
  g_assert_false (gtk_widget_get_sensitive (exempt));
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (exempt)), ==,
                   "Whether they are. Set by: environment CCBT_LIMITS_LAN_EXEMPT.");
  g_assert_true (gtk_switch_get_active (app_test_find (exempt, GTK_TYPE_SWITCH)));
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (find_row (window, "Made Up"))), ==,
                   "Whether it is. Takes effect after a restart.");
  g_assert_cmpuint (
      adw_combo_row_get_selected (ADW_COMBO_ROW (find_row (window, "Room for Files"))), ==, 0);
  app_test_assert_calls ("");
  close_preferences (window);
}

static void
test_changes_reach_the_engine (AppTest *fixture, gconstpointer data)
{
  GtkWidget *window = open_preferences (fixture);
  GtkSpinButton *rate = app_test_find (find_row (window, "Download"), GTK_TYPE_SPIN_BUTTON);

  gtk_switch_set_active (app_test_find (find_row (window, "Made Up"), GTK_TYPE_SWITCH), TRUE);
  app_test_settle ();
  app_test_assert_calls ("config.set ('made.up', 'true')\nconfig.list ()\n");
  adw_combo_row_set_selected (ADW_COMBO_ROW (find_row (window, "Room for Files")), 1);
  app_test_settle ();
  app_test_assert_calls ("config.set ('disk.preallocation', 'full')\nconfig.list ()\n");
  /* Clicked up: asked for once, when it has settled. */
  gtk_spin_button_set_value (rate, 400);
  gtk_spin_button_set_value (rate, 500);
  app_test_run_for (800);
  app_test_assert_calls ("config.set ('limits.download_rate', '512000')\nconfig.list ()\n");
  g_assert_cmpfloat (gtk_spin_button_get_value (rate), ==, 500);
  close_preferences (window);
}

static void
test_wrong_values_go_back (AppTest *fixture, gconstpointer data)
{
  GtkWidget *window = open_preferences (fixture);
  GtkWidget *gateway = find_row (window, "Address of the Router");

  gtk_editable_set_text (GTK_EDITABLE (gateway), "wrong");
  g_signal_emit_by_name (gateway, "apply");
  app_test_run_for (300);
  app_test_assert_calls ("config.set ('nat.gateway', 'wrong')\nconfig.list ()\n");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (gateway)), ==, "");
  g_assert_nonnull (app_test_find (window, ADW_TYPE_TOAST_OVERLAY));
  close_preferences (window);
}

static void
test_others_change_too (AppTest *fixture, gconstpointer data)
{
  GtkWidget *window = open_preferences (fixture);
  GtkSpinButton *rate = app_test_find (find_row (window, "Download"), GTK_TYPE_SPIN_BUTTON);

  fake_engine_set_download_rate ("2048000");
  fake_engine_post (CCBT_EVENT_CONFIG_CHANGED, 0);
  app_test_run_for (300);
  g_assert_cmpfloat (gtk_spin_button_get_value (rate), ==, 2000);
  app_test_assert_calls ("config.list ()\n");
  close_preferences (window);
}

static void
test_defaults_come_back (AppTest *fixture, gconstpointer data)
{
  GtkWidget *window = open_preferences (fixture);
  GtkWidget *folder = find_row (window, "Download Folder");

  /* The first button of the row: only what the file has can be reset. */
  g_signal_emit_by_name (app_test_find (folder, GTK_TYPE_BUTTON), "clicked");
  app_test_settle ();
  app_test_assert_calls ("config.reset ('disk.download_dir',)\nconfig.list ()\n");
  close_preferences (window);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  APP_TEST_ADD ("/preferences/rows", test_each_setting_has_a_row);
  APP_TEST_ADD ("/preferences/changes", test_changes_reach_the_engine);
  APP_TEST_ADD ("/preferences/wrong", test_wrong_values_go_back);
  APP_TEST_ADD ("/preferences/others", test_others_change_too);
  APP_TEST_ADD ("/preferences/defaults", test_defaults_come_back);
  return app_test_run ();
}

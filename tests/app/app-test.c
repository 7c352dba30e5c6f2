/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app-test.h"
#include "ccbt-add-dialog.h"
#include "ccbt-options-dialog.h"
#include "ccbt-trackers-dialog.h"
#include "ccbt-settings.h"
#include "fake-engine.h"

#ifdef __SANITIZE_ADDRESS__
/* LeakSanitizer cannot name what a library that was unloaded has left behind, so it could not be excused: here none is
 * unloaded. */
int dlclose (void *handle);

int
dlclose (void *handle)
{
  return 0;
}
#endif

CcbtClient *
app_test_start_client (void)
{
  CcbtClient *client = ccbt_client_new ();

  ccbt_client_start (client, NULL);
  while (ccbt_client_get_state (client) == CCBT_CLIENT_STARTING)
    g_main_context_iteration (NULL, TRUE);
  return client;
}

static void
set_true (gpointer flag)
{
  *(gboolean *) flag = TRUE;
}

void
app_test_run_for (guint milliseconds)
{
  gboolean is_over = FALSE;

  g_timeout_add_once (milliseconds, set_true, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);
}

void
app_test_settle (void)
{
  app_test_run_for (60);
}

gpointer
app_test_find (GtkWidget *root, GType type)
{
  if (!gtk_widget_get_visible (root))
    return NULL;
  if (g_type_is_a (G_OBJECT_TYPE (root), type))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      gpointer found = app_test_find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

gboolean
app_test_shows (GtkWidget *root, const char *text)
{
  if (!gtk_widget_get_mapped (root))
    return FALSE;
  if (GTK_IS_LABEL (root) && g_strcmp0 (gtk_label_get_text (GTK_LABEL (root)), text) == 0)
    return TRUE;
  if (GTK_IS_INSCRIPTION (root)
      && g_strcmp0 (gtk_inscription_get_text (GTK_INSCRIPTION (root)), text) == 0)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (app_test_shows (child, text))
      return TRUE;
  return FALSE;
}

void
app_test_finalize_client (CcbtClient *client)
{
  gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;

  while (G_OBJECT (client)->ref_count > 1 && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
  g_assert_finalize_object (client);
}

void
app_test_set_up (AppTest *fixture, gconstpointer data)
{
  GtkApplication *application = GTK_APPLICATION (g_application_get_default ());
  g_autoptr (GSettings) settings = ccbt_settings_open ();
  static const char *const keys[]
      = { "filters", "sidebar-visible", "table", "columns", "sort-column", "sort-descending" };

  /* What a test before has left is not remembered. */
  for (guint i = 0; settings != NULL && i < G_N_ELEMENTS (keys); i++)
    g_settings_reset (settings, keys[i]);
  fixture->client = app_test_start_client ();
  fixture->window = GTK_WIDGET (ccbt_window_new (application, fixture->client));
  gtk_window_present (GTK_WINDOW (fixture->window));
  app_test_settle ();
}

void
app_test_tear_down (AppTest *fixture, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  ccbt_client_stop (fixture->client);
  app_test_settle ();
  app_test_finalize_client (fixture->client);
}

void
app_test_put (CcbtTorrentStatus *status)
{
  fake_engine_put (status);
  app_test_settle ();
}

void
app_test_act (AppTest *fixture, const char *action, const char *info_hash)
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

void
app_test_assert_calls (const char *expected)
{
  g_autofree char *calls = fake_engine_take_calls ();

  g_assert_cmpstr (calls, ==, expected);
}

GtkWidget *
app_test_find_dialog (void)
{
  g_autoptr (GListModel) windows = g_object_ref (gtk_window_get_toplevels ());

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      if (CCBT_IS_ADD_DIALOG (window) || ADW_IS_MESSAGE_DIALOG (window)
          || CCBT_IS_TRACKERS_DIALOG (window) || CCBT_IS_OPTIONS_DIALOG (window))
        return window;
    }
  return NULL;
}

void
app_test_click (GtkWidget *root, const char *label)
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

static int n_failed;

static void
activate_cb (GApplication *application)
{
  g_application_hold (application);
  n_failed = g_test_run ();
  g_application_quit (application);
}

int
app_test_run (void)
{
  g_autoptr (AdwApplication) application
      = adw_application_new ("io.github.ccbittorrent.CcBitTorrent", G_APPLICATION_NON_UNIQUE);

  g_application_set_resource_base_path (G_APPLICATION (application),
                                        "/io/github/ccbittorrent/CcBitTorrent");
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), NULL);
  g_application_run (G_APPLICATION (application), 0, NULL);
  return n_failed;
}

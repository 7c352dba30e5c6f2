/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws the window with made-up torrents into PNG files: screenshots FOLDER. One run draws one
 * look, which comes from the environment (ADW_DEBUG_COLOR_SCHEME, LANGUAGE, CCBT_RTL, CCBT_NARROW);
 * file names begin with CCBT_LOOK. */
#include <adwaita.h>
#include <glib/gi18n.h>
#include <locale.h>
#include "app-test.h"
#include "ccbt-add-dialog.h"
#include "ccbt-close-dialog.h"
#include "ccbt-connection-window.h"
#include "ccbt-create-dialog.h"
#include "ccbt-details-page.h"
#include "ccbt-log-window.h"
#include "ccbt-preferences-window.h"
#include "ccbt-statistics-window.h"
#include "ccbt-options-dialog.h"
#include "ccbt-torrent-view.h"
#include "ccbt-trackers-dialog.h"
#include "fake-engine.h"

typedef struct
{
  const char *folder;
  CcbtClient *client;
  CcbtWindow *window;
} Session;

static void
save (Session *session, GtkWidget *widget, const char *name)
{
  const char *look = g_getenv ("CCBT_LOOK");
  g_autofree char *file
      = g_strdup_printf ("%s/%s-%s.png", session->folder, look != NULL ? look : "light", name);
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  app_test_run_for (700);
  paintable = gtk_widget_paintable_new (widget);
  gdk_paintable_snapshot (paintable, snapshot, gdk_paintable_get_intrinsic_width (paintable),
                          gdk_paintable_get_intrinsic_height (paintable));
  node = gtk_snapshot_to_node (snapshot);
  g_assert_nonnull (node);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (gtk_widget_get_native (widget)),
                                         node, NULL);
  g_assert_true (gdk_texture_save_to_png (texture, file));
  g_print ("%s\n", file);
}

static void
fill_list (void)
{
  CcbtTorrentStatus *status;

  status = fake_torrent_new (1, "Debian 12.9 DVD (amd64)", CCBT_TORRENT_STATE_SEEDING, 1);
  status->up_rate = 1340000;
  status->n_peers = 9;
  status->uploaded = status->downloaded * 3;
  fake_torrent_set_options (
      status, "{'category': <'Systems'>, 'tags': <['amd64', 'Linux']>, "
              "'upload-limit': <uint64 524288>, 'priority': <'high'>, 'ratio-goal': <2.5>, "
              "'seed-time-goal': <int64 172800>, 'super-seeding': <true>}");
  status->completed_at = status->added_at + G_GINT64_CONSTANT (2400) * G_USEC_PER_SEC;
  fake_engine_put (status);
  status = fake_torrent_new (2, "Big Buck Bunny", CCBT_TORRENT_STATE_PAUSED, 0.62);
  fake_torrent_set_options (status, "{'category': <'Films'>}");
  fake_engine_put (status);
  status = fake_torrent_new (3, "LibreOffice 24.8 for Linux", CCBT_TORRENT_STATE_CHECKING, 0.8);
  fake_engine_put (status);
  status = fake_torrent_new (4, "Cosmos Laundromat", CCBT_TORRENT_STATE_FILES_MISSING, 0.3);
  g_free (status->folder);
  status->folder = g_strdup ("/media/user/Films");
  fake_torrent_set_options (status, "{'category': <'Films'>}");
  status->error_code = 9;
  fake_engine_put (status);
  status = fake_torrent_new (5, "Tears of Steel", CCBT_TORRENT_STATE_METADATA, 0);
  fake_engine_put (status);
  status = fake_torrent_new (6, "Sintel – the durian open movie project, 1080p with subtitles",
                             CCBT_TORRENT_STATE_DOWNLOADING, 0.26);
  status->down_rate = 2470000;
  status->up_rate = 184000;
  status->n_peers = 17;
  status->eta = 454;
  status->hindrance = CCBT_HINDRANCE_NO_PIECES;
  status->hindrance_count = 12;
  status->swarm_seeds = 41;
  status->swarm_leechers = 7;
  status->uploaded = 21000000;
  fake_engine_put (status);
}

static void
post_events (void)
{
  fake_engine_post_with (CCBT_EVENT_LISTENING, 0, "{'port': <uint32 6881>}");
  fake_engine_post (CCBT_EVENT_TORRENT_ADDED, 6);
  fake_engine_post (CCBT_EVENT_CHECK_STARTED, 6);
  fake_engine_post_with (CCBT_EVENT_CHECK_FINISHED, 6,
                         "{'found': <uint32 635>, 'pieces': <uint32 1024>}");
  fake_engine_post_with (CCBT_EVENT_TRACKER_ANNOUNCED, 6,
                         "{'url': <'https://tracker.example/…'>, 'peers': <uint32 48>}");
  fake_engine_post_with (CCBT_EVENT_TRACKER_FAILED, 6,
                         "{'url': <'udp://other.example:1337/…'>, 'message': <'The torrent is not "
                         "registered with this tracker'>}");
  fake_engine_post_with (CCBT_EVENT_PIECE_FAILED, 6, "{'piece': <uint32 507>}");
  fake_engine_post_with (
      CCBT_EVENT_CONFIG_CHANGED, 0,
      "{'keys': <['limits.download_rate', 'network.port']>, 'restart': <['network.port']>}");
  fake_engine_post (CCBT_EVENT_TORRENT_PAUSED, 2);
  fake_engine_post (CCBT_EVENT_TORRENT_COMPLETED, 1);
}

static void
show_page (GtkWidget *window, const char *name)
{
  GtkWidget *details = app_test_find (window, CCBT_TYPE_DETAILS_PAGE);

  adw_view_stack_set_visible_child_name (app_test_find (details, ADW_TYPE_VIEW_STACK), name);
}

static void
scroll_down (GtkWidget *window)
{
  GtkWidget *page
      = app_test_find (app_test_find (window, CCBT_TYPE_DETAILS_PAGE), ADW_TYPE_PREFERENCES_PAGE);
  GtkAdjustment *down
      = gtk_scrolled_window_get_vadjustment (app_test_find (page, GTK_TYPE_SCROLLED_WINDOW));

  gtk_adjustment_set_value (down, 250);
}

static void
select_all (GtkWidget *window)
{
  GtkWidget *list
      = app_test_find (app_test_find (window, CCBT_TYPE_TORRENT_VIEW), GTK_TYPE_LIST_VIEW);

  g_assert_true (gtk_widget_activate_action (list, "list.select-all", NULL));
}

/* The dialog for torrents @first to @last, as tall as all that is in it. */
static void
shoot_options (Session *session, CcbtTorrentId first, CcbtTorrentId last, const char *name)
{
  CcbtTorrentList *torrents = ccbt_client_get_torrents (session->client);
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  GtkWidget *dialog;

  for (CcbtTorrentId id = first; id <= last; id++)
    {
      g_autofree char *info_hash = g_strdup_printf ("%040x", id);

      g_ptr_array_add (items, ccbt_torrent_list_lookup (torrents, info_hash));
    }
  dialog = ccbt_options_dialog_new (GTK_WINDOW (session->window), session->client, items);
  gtk_window_set_default_size (GTK_WINDOW (dialog), g_getenv ("CCBT_NARROW") != NULL ? 360 : 520,
                               1500);
  gtk_window_present (GTK_WINDOW (dialog));
  save (session, dialog, name);
  gtk_window_destroy (GTK_WINDOW (dialog));
}

static void
shoot_create (Session *session, gboolean is_narrow)
{
  CcbtCreateDialog *dialog = ccbt_create_dialog_new (session->window, session->client);
  g_autoptr (GFile) content
      = g_file_new_for_path ("/home/me/Videos/A journey through the mountains");

  if (is_narrow)
    gtk_window_set_default_size (GTK_WINDOW (dialog), 360, 640);
  else
    gtk_window_set_default_size (GTK_WINDOW (dialog), 520, 880);
  ccbt_create_dialog_set_content (dialog, content);
  gtk_window_present (GTK_WINDOW (dialog));
  save (session, GTK_WIDGET (dialog), "create");
  g_signal_emit_by_name (gtk_window_get_default_widget (GTK_WINDOW (dialog)), "clicked");
  save (session, GTK_WIDGET (dialog), "create-working");
  gtk_widget_activate_action (GTK_WIDGET (dialog), "window.close", NULL);
}

/* @narrow_height: on a narrow screen; elsewhere it has its own size. @wait: milliseconds until it has its numbers */
static void
shoot_window (Session *session, gpointer window, const char *name, int narrow_height, guint wait)
{
  if (g_getenv ("CCBT_NARROW") != NULL)
    gtk_window_set_default_size (window, 360, narrow_height);
  gtk_window_present (window);
  app_test_run_for (wait);
  save (session, window, name);
  gtk_window_destroy (window);
}

static void
shoot_list (Session *session, GtkWidget *widget)
{
  save (session, widget, "empty");
  fill_list ();
  save (session, widget, "list");
  select_all (widget);
  gtk_widget_activate_action (widget, "win.table", NULL);
  save (session, widget, "table");
  gtk_widget_activate_action (widget, "win.table", NULL);
  save (session, widget, "selected");
}

static void
shoot_details (Session *session, GtkWidget *widget)
{
  static const char *const pages[] = { "files", "peers", "trackers", "log" };
  static const char info_hash[] = "0000000000000000000000000000000000000006";

  gtk_widget_activate_action (widget, "win.show-details", "s", info_hash);
  save (session, widget, "overview");
  scroll_down (widget);
  save (session, widget, "overview-rates");
  post_events ();
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      show_page (widget, pages[i]);
      save (session, widget, pages[i]);
    }
  shoot_window (
      session,
      ccbt_trackers_dialog_new (GTK_WINDOW (widget), session->client, info_hash,
                                "https://tracker.example/announce\nudp://tracker.example:1337\n\n"
                                "http://other.example/announce\n"),
      "edit-trackers", 400, 0);
  gtk_widget_activate_action (widget, "win.close-details", NULL);
}

static void
shoot_add (Session *session)
{
  GVariantBuilder source;

  g_variant_builder_init (&source, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&source, "{sv}", "path", g_variant_new_string ("/made/up.torrent"));
  shoot_window (session, ccbt_add_dialog_new (session->client, g_variant_builder_end (&source)),
                "add", 560, 0);
}

/* Those of the main menu. */
static void
shoot_windows (Session *session, GtkWindow *parent)
{
  shoot_window (session, ccbt_preferences_window_new (parent, session->client), "preferences", 560,
                400);
  shoot_window (session, ccbt_connection_window_new (parent, ccbt_client_get_bus (session->client)),
                "connection", 560, 0);
  shoot_window (session, ccbt_statistics_window_new (parent, session->client), "statistics", 560,
                400);
  shoot_window (session, ccbt_log_window_new (parent, ccbt_client_get_log (session->client)),
                "session-log", 560, 0);
}

static void
shoot (Session *session)
{
  GtkWidget *widget = GTK_WIDGET (session->window);
  const char *removed[] = { "0000000000000000000000000000000000000004", NULL };
  const gboolean is_narrow = g_getenv ("CCBT_NARROW") != NULL;
  GtkWidget *dialog;

  /* What GNOME sets; the virtual display has no settings of its own. */
  g_object_set (gtk_settings_get_default (), "gtk-font-name", "Cantarell 11",
                "gtk-decoration-layout", "appmenu:close", NULL);
  if (is_narrow)
    gtk_window_set_default_size (GTK_WINDOW (widget), 360, 640);
  gtk_window_present (GTK_WINDOW (widget));
  app_test_run_for (300);
  shoot_list (session, widget);
  shoot_details (session, widget);
  shoot_options (session, 1, 1, "options");
  shoot_options (session, 1, 3, "options-of-several");
  gtk_widget_activate_action (widget, "win.remove", "^as", removed);
  save (session, widget, "undo");
  shoot_add (session);
  shoot_create (session, is_narrow);
  shoot_windows (session, GTK_WINDOW (widget));
  dialog = ccbt_close_dialog_ask (GTK_WINDOW (widget), NULL, G_OBJECT (session->client));
  save (session, dialog, "close");
  gtk_window_destroy (GTK_WINDOW (dialog));
}

static void
turn_round_cb (void)
{
  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
}

static void
activate_cb (GtkApplication *application, Session *session)
{
  session->client = ccbt_client_new ();
  session->window = ccbt_window_new (application, session->client);
  ccbt_client_start (session->client, NULL);
  while (ccbt_client_get_state (session->client) != CCBT_CLIENT_READY)
    g_main_context_iteration (NULL, TRUE);
  shoot (session);
  gtk_window_destroy (GTK_WINDOW (session->window));
  ccbt_client_stop (session->client);
  g_object_unref (session->client);
}

int
main (int argc, char **argv)
{
  g_autoptr (AdwApplication) application = NULL;
  Session session = { argc > 1 ? argv[1] : "." };

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, g_getenv ("CCBT_LOCALE_DIR"));
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name ("ccBitTorrent");
  application
      = adw_application_new ("io.github.ccbittorrent.CcBitTorrent", G_APPLICATION_NON_UNIQUE);
  g_application_set_resource_base_path (G_APPLICATION (application),
                                        "/io/github/ccbittorrent/CcBitTorrent");
  if (g_getenv ("CCBT_RTL") != NULL)
    g_signal_connect (application, "startup", G_CALLBACK (turn_round_cb), NULL);
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), &session);
  return g_application_run (G_APPLICATION (application), 1, argv);
}

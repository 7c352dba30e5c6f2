/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app-test.h"
#include "ccbt-details-page.h"
#include "ccbt-event-log.h"
#include "ccbt-event-view.h"
#include "ccbt-log-window.h"
#include "fake-engine.h"

#define HASH_1 "0000000000000000000000000000000000000001"

/* --- Words --- */

static void
assert_text (CcbtEventType type, const char *payload, const char *expected)
{
  CcbtEvent event = { .type = type };
  g_autoptr (GVariant) values = NULL;
  g_autofree char *text = NULL;

  if (payload != NULL)
    event.payload = values = g_variant_ref_sink (g_variant_new_parsed (payload));
  text = ccbt_event_text (&event);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_events_are_told_in_sentences (void)
{
  assert_text (CCBT_EVENT_TORRENT_ADDED, "{'name': <'x'>}", "The torrent was added");
  assert_text (CCBT_EVENT_TORRENT_ERROR, "{'code': <7>, 'text': <'512 bytes short'>}",
               "The disk is full");
  assert_text (CCBT_EVENT_CHECK_FINISHED, "{'found': <uint32 3>, 'pieces': <uint32 8>}",
               "The files were checked: 3 of 8 pieces are there");
  assert_text (CCBT_EVENT_PIECE_FAILED, "{'piece': <uint32 0>}",
               "Piece 1 was damaged and is downloaded again");
  assert_text (CCBT_EVENT_PEER_BANNED, "{'address': <'192.0.2.1:6881'>, 'reason': <'lied'>}",
               "The peer 192.0.2.1:6881 was banned: lied");
  assert_text (CCBT_EVENT_TRACKER_ANNOUNCED, "{'url': <'udp://t'>, 'peers': <uint32 1>}",
               "The tracker udp://t knows 1 peer");
  assert_text (CCBT_EVENT_TRACKER_FAILED, "{'url': <'udp://t'>, 'message': <'no'>}",
               "The tracker udp://t failed: no");
  assert_text (CCBT_EVENT_LISTENING, "{'port': <uint32 6881>}",
               "Other peers are accepted at port 6881");
  assert_text (CCBT_EVENT_CONFIG_CHANGED,
               "{'text': <''>, 'keys': <['a.b', 'c.d']>, 'restart': <@as []>}",
               "Settings were changed: a.b, c.d");
  assert_text (CCBT_EVENT_CONFIG_CHANGED, "{'keys': <['a.b']>, 'restart': <['a.b']>}",
               "Settings were changed, some for the next start: a.b");
  assert_text (CCBT_EVENT_TORRENT_MOVED, "{'folder': <'/a'>}", "The files were moved to /a");
  assert_text (CCBT_EVENT_TORRENT_MOVED, "{'folder': <'/a'>, 'left': <'/b'>}",
               "The files were moved to /a, but something stays at the old place: /b");
  assert_text (CCBT_EVENT_MOVE_FAILED, "{'folder': <'/a'>, 'code': <-1>, 'text': <''>}",
               "Moving the files to /a was cancelled");
  assert_text (CCBT_EVENT_MOVE_FAILED, "{'folder': <'/a'>, 'code': <7>, 'text': <'short'>}",
               "The files could not be moved to /a: The disk is full");
}

/* Payloads of an unknown shape included, and what others wrote stays one line. */
static void
test_every_event_has_words (void)
{
  for (guint type = 0; type < CCBT_N_EVENT_TYPES; type++)
    {
      CcbtEvent event = { .type = type };
      g_autofree char *without = ccbt_event_text (&event);
      g_autofree char *with = NULL;
      g_autoptr (GVariant) odd = g_variant_ref_sink (g_variant_new_parsed (
          "{'text': <1>, 'keys': <''>, 'url': <2>, 'code': <''>, 'folder': <3>, 'piece': <''>}"));

      g_assert_cmpuint (strlen (without), >, 10);
      event.payload = odd;
      with = ccbt_event_text (&event);
      g_assert_cmpstr (with, ==, without);
    }
  assert_text (CCBT_EVENT_TRACKER_FAILED, "{'url': <'u'>, 'message': <'a\\nb'>}",
               "The tracker u failed: a�b");
}

static void
test_kinds (void)
{
  g_assert_cmpuint (ccbt_event_get_kinds (CCBT_EVENT_TRACKER_FAILED), ==,
                    CCBT_EVENT_KIND_TRACKER | CCBT_EVENT_KIND_PROBLEM);
  g_assert_cmpuint (ccbt_event_get_kinds (CCBT_EVENT_LISTENING), ==, 0);
  g_assert_cmpuint (ccbt_event_get_kinds (CCBT_N_EVENT_TYPES), ==, 0);
}

/* --- The log --- */

static void
test_the_log_keeps_the_last_thousand (AppTest *fixture, gconstpointer data)
{
  GListModel *log = G_LIST_MODEL (ccbt_client_get_log (fixture->client));
  g_autoptr (CcbtEventItem) last = NULL;
  g_autofree char *line = NULL;
  guint n = g_list_model_get_n_items (log);

  fake_engine_post (CCBT_EVENT_PIECE_VERIFIED, 1); /* of no interest: many a second */
  fake_engine_post (CCBT_EVENT_LISTENING, 0);
  app_test_settle ();
  g_assert_cmpuint (g_list_model_get_n_items (log), ==, n + 1);
  for (guint i = 0; i < 21; i++)
    {
      for (guint k = 0; k < 50; k++)
        fake_engine_post (CCBT_EVENT_TORRENT_PAUSED, 0);
      app_test_settle ();
    }
  fake_engine_post_with (CCBT_EVENT_TORRENT_REMOVED, 77, "{'name': <'Gone film'>}");
  app_test_settle ();
  g_assert_cmpuint (g_list_model_get_n_items (log), ==, CCBT_EVENT_LOG_MAX);
  g_assert_null (g_list_model_get_item (log, CCBT_EVENT_LOG_MAX));
  last = g_list_model_get_item (log, CCBT_EVENT_LOG_MAX - 1);
  line = ccbt_event_item_to_line (last);
  g_assert_true (g_str_has_suffix (line, "\tGone film\tThe torrent was removed"));
}

/* --- The view --- */

static guint
count_shown (GtkWidget *view)
{
  GtkListView *list = app_test_find (view, GTK_TYPE_LIST_VIEW);

  return list != NULL ? g_list_model_get_n_items (G_LIST_MODEL (gtk_list_view_get_model (list)))
                      : 0;
}

static void
post_some (void)
{
  app_test_put (fake_torrent_new (1, "Film", CCBT_TORRENT_STATE_DOWNLOADING, 0.5));
  fake_engine_post (CCBT_EVENT_TORRENT_PAUSED, 1);
  fake_engine_post (CCBT_EVENT_TORRENT_RESUMED, 2);
  fake_engine_post_with (CCBT_EVENT_TRACKER_FAILED, 1,
                         "{'url': <'udp://tracker.example'>, 'message': <'No such torrent'>}");
  fake_engine_post_with (CCBT_EVENT_CONFIG_CHANGED, 0, "{'keys': <['limits.download_rate']>}");
  app_test_settle ();
}

static void
choose (GtkWidget *view, guint kind, guint expected)
{
  gtk_drop_down_set_selected (app_test_find (view, GTK_TYPE_DROP_DOWN), kind);
  app_test_settle ();
  g_assert_cmpuint (count_shown (view), ==, expected);
}

static void
search (GtkWidget *view, const char *text, guint expected)
{
  gtk_editable_set_text (app_test_find (view, GTK_TYPE_SEARCH_ENTRY), text);
  app_test_run_for (400);
  g_assert_cmpuint (count_shown (view), ==, expected);
}

static void
text_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  char **text = data;

  *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);
}

static char *
read_clipboard (GtkWidget *widget)
{
  char *text = NULL;

  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (widget), NULL, text_cb, &text);
  while (text == NULL)
    g_main_context_iteration (NULL, TRUE);
  return text;
}

static void
test_the_log_is_filtered_and_copied (AppTest *fixture, gconstpointer data)
{
  GtkWidget *window = GTK_WIDGET (
      ccbt_log_window_new (GTK_WINDOW (fixture->window), ccbt_client_get_log (fixture->client)));
  GtkWidget *view;
  g_autofree char *text = NULL;

  gtk_window_present (GTK_WINDOW (window));
  app_test_settle ();
  view = app_test_find (window, CCBT_TYPE_EVENT_VIEW);
  g_assert_true (app_test_shows (window, "Nothing Happened Yet"));
  post_some ();
  choose (view, 0, 4);
  g_assert_true (
      app_test_shows (window, "The tracker udp://tracker.example failed: No such torrent"));
  choose (view, 1, 1);
  choose (view, 2, 2);
  choose (view, 3, 1);
  choose (view, 4, 1);
  choose (view, 0, 4);
  search (view, "SUCH", 1);
  gtk_widget_activate_action (view, "log.copy", NULL);
  text = read_clipboard (view);
  g_assert_true (g_str_has_suffix (
      text, "\tFilm\tThe tracker udp://tracker.example failed: No such torrent\n"));
  g_assert_null (strstr (text, "paused"));
  search (view, "film", 2);
  search (view, "nowhere", 0);
  g_assert_true (app_test_shows (window, "Nothing Found"));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_the_end_stays_in_view (AppTest *fixture, gconstpointer data)
{
  GtkWidget *window = GTK_WIDGET (
      ccbt_log_window_new (GTK_WINDOW (fixture->window), ccbt_client_get_log (fixture->client)));
  GtkAdjustment *down;

  for (guint i = 0; i < 50; i++)
    fake_engine_post (CCBT_EVENT_TORRENT_PAUSED, 0);
  gtk_window_present (GTK_WINDOW (window));
  app_test_run_for (300);
  fake_engine_post (CCBT_EVENT_TORRENT_COMPLETED, 0);
  app_test_run_for (300);
  down = gtk_scrolled_window_get_vadjustment (app_test_find (window, GTK_TYPE_SCROLLED_WINDOW));
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_value (down)
                                      + gtk_adjustment_get_page_size (down),
                                  gtk_adjustment_get_upper (down), 4);
  /* Who reads what came before is left alone. */
  gtk_adjustment_set_value (down, 0);
  app_test_run_for (100);
  fake_engine_post (CCBT_EVENT_TORRENT_COMPLETED, 0);
  app_test_run_for (300);
  g_assert_cmpfloat (gtk_adjustment_get_value (down), <, 100);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_a_page_has_the_log_of_its_torrent (AppTest *fixture, gconstpointer data)
{
  GtkWidget *details;

  post_some ();
  app_test_act (fixture, "win.show-details", HASH_1);
  details = app_test_find (fixture->window, CCBT_TYPE_DETAILS_PAGE);
  adw_view_stack_set_visible_child_name (app_test_find (details, ADW_TYPE_VIEW_STACK), "log");
  app_test_run_for (300);
  g_assert_true (app_test_shows (details, "The torrent was paused"));
  g_assert_false (app_test_shows (details, "The torrent was resumed"));
  g_assert_false (app_test_shows (details, "Settings were changed: limits.download_rate"));
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log/sentences", test_events_are_told_in_sentences);
  g_test_add_func ("/log/every-event", test_every_event_has_words);
  g_test_add_func ("/log/kinds", test_kinds);
  APP_TEST_ADD ("/log/bounded", test_the_log_keeps_the_last_thousand);
  APP_TEST_ADD ("/log/filter", test_the_log_is_filtered_and_copied);
  APP_TEST_ADD ("/log/end", test_the_end_stays_in_view);
  APP_TEST_ADD ("/log/torrent", test_a_page_has_the_log_of_its_torrent);
  return app_test_run ();
}

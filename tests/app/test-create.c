/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialog that makes torrents, over an engine that only pretends. */
#include "app-test.h"
#include "ccbt-create-dialog.h"
#include "ccbt-create-text.h"
#include "fake-engine.h"

#define HALF "{'state': <'hashing'>, 'hashed': <uint64 1000000>, 'total-size': <uint64 2000000>}"
#define DONE                                                                                       \
  "{'state': <'done'>, 'id': <uint32 7>, 'links': <uint32 1>, 'hidden': <uint32 1>, 'special': "   \
  "<uint32 0>}"

typedef struct
{
  CcbtClient *client;
  CcbtWindow *window;
  CcbtCreateDialog *dialog;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  GtkApplication *application = GTK_APPLICATION (g_application_get_default ());
  g_autoptr (GFile) content = g_file_new_for_path ("/made/up/Film");

  fixture->client = app_test_start_client ();
  fixture->window = ccbt_window_new (application, fixture->client);
  gtk_window_present (GTK_WINDOW (fixture->window));
  fixture->dialog = ccbt_create_dialog_new (fixture->window, fixture->client);
  g_object_add_weak_pointer (G_OBJECT (fixture->dialog), (gpointer *) &fixture->dialog);
  ccbt_create_dialog_set_content (fixture->dialog, content);
  gtk_window_present (GTK_WINDOW (fixture->dialog));
  app_test_settle ();
  fake_engine_set_creation (HALF);
  g_free (fake_engine_take_calls ());
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->dialog != NULL)
    gtk_window_destroy (GTK_WINDOW (fixture->dialog));
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  ccbt_client_stop (fixture->client);
  app_test_settle ();
  g_assert_null (fixture->dialog);
  app_test_finalize_client (fixture->client);
}

static void
create (Fixture *fixture)
{
  g_signal_emit_by_name (gtk_window_get_default_widget (GTK_WINDOW (fixture->dialog)), "clicked");
  app_test_run_for (300);
}

static void
assert_called (const char *text)
{
  g_autofree char *calls = fake_engine_take_calls ();

  g_test_message ("%s", calls);
  g_assert_nonnull (strstr (calls, text));
}

static gboolean
shows (Fixture *fixture, const char *text)
{
  return app_test_shows (GTK_WIDGET (fixture->dialog), text);
}

static void
test_progress_then_toast (Fixture *fixture, gconstpointer data)
{
  GtkTextView *trackers = app_test_find (GTK_WIDGET (fixture->dialog), GTK_TYPE_TEXT_VIEW);
  g_autofree char *calls = NULL;

  gtk_text_buffer_set_text (gtk_text_view_get_buffer (trackers),
                            "http://a.example/\nudp://b.example:1\n\nhttp://c.example/\n", -1);
  create (fixture);
  g_assert_true (shows (fixture, "Making a torrent of “Film”"));
  g_assert_true (shows (fixture, "1.0\302\240MB of 2.0\302\240MB"));
  calls = fake_engine_take_calls ();
  g_assert_nonnull (strstr (calls, "create.start ({"));
  g_assert_nonnull (strstr (calls, "'path': <'/made/up/Film'>"));
  g_assert_nonnull (strstr (calls, "/Film.torrent'>"));
  g_assert_nonnull (strstr (calls, "[['http://a.example/', 'udp://b.example:1'], "
                                   "['http://c.example/']]"));
  g_assert_nonnull (strstr (calls, "'seed': <true>"));
  g_assert_nonnull (strstr (calls, "'private': <false>"));
  g_assert_nonnull (strstr (calls, "'overwrite': <false>"));
  fake_engine_set_creation (DONE);
  app_test_run_for (600);
  g_assert_null (fixture->dialog);
  g_assert_true (app_test_shows (GTK_WIDGET (fixture->window),
                                 "“Film.torrent” was made without 2 links and hidden files"));
}

static void
test_closing_gives_up (Fixture *fixture, gconstpointer data)
{
  create (fixture);
  gtk_window_close (GTK_WINDOW (fixture->dialog));
  app_test_settle ();
  assert_called ("create.cancel (1,)");
  app_test_run_for (500);
  g_assert_null (fixture->dialog);
}

static void
test_failure_keeps_the_form (Fixture *fixture, gconstpointer data)
{
  GtkTextView *trackers = app_test_find (GTK_WIDGET (fixture->dialog), GTK_TYPE_TEXT_VIEW);

  gtk_text_buffer_set_text (gtk_text_view_get_buffer (trackers), "ftp://wrong.example/", -1);
  create (fixture);
  g_assert_true (shows (fixture, "Each line of the trackers has one address that begins with "
                                 "http://, https:// or udp://; web seeds begin with http:// or "
                                 "https://."));
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (trackers), "", -1);
  fake_engine_set_creation ("{'state': <'failed'>, 'error-code': <13>, 'changed': <'Film/a'>}");
  create (fixture);
  g_assert_true (shows (fixture, "“Film/a” was changed while it was being read. Try again when "
                                 "nothing writes to it."));
  g_assert_true (app_test_shows (GTK_WIDGET (fixture->dialog), "/made/up/Film"));
  fake_engine_set_creation ("{'state': <'failed'>, 'error-code': <5>}");
  create (fixture);
  g_assert_true (shows (fixture, "A file of this name is there already. Choose another."));
  fake_engine_set_creation (DONE);
  create (fixture);
  app_test_run_for (300);
  g_assert_null (fixture->dialog);
}

static void
assert_parsed (GVariant *value, const char *expected)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (value);
  g_autofree char *text = g_variant_print (owned, FALSE);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_texts_are_parsed (Fixture *fixture, gconstpointer data)
{
  assert_parsed (ccbt_create_text_parse_tiers (""), "[]");
  assert_parsed (ccbt_create_text_parse_tiers ("\n\n a \n\n\n b\nc\n\n"), "[['a'], ['b', 'c']]");
  assert_parsed (ccbt_create_text_parse_addresses ("  "), "[]");
  assert_parsed (ccbt_create_text_parse_addresses (" a  b "), "['a', 'b']");
}

#define ADD(name, function) g_test_add ("/create/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  ADD ("progress-then-toast", test_progress_then_toast);
  ADD ("closing-gives-up", test_closing_gives_up);
  ADD ("failure-keeps-the-form", test_failure_keeps_the_form);
  ADD ("texts", test_texts_are_parsed);
  return app_test_run ();
}

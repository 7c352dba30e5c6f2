/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic/bitonic-app.h"
#include "fake-bitonic-link.h"
#include <glib/gstdio.h>
#include <string.h>

/* The whole dashboard, without a terminal and without an instance. */

static BitonicApp *
make_app (guint width, guint height)
{
  BitonicApp *app = bitonic_app_new (width, height, FALSE);
  g_autoptr (GVariant) changes = g_variant_ref_sink (
      g_variant_new_parsed ("(@t 1, true, ["
                            "{'id': <@u 1>, 'info-hash': <'aaaa'>, 'name': <'alpha'>, 'state': "
                            "<'seeding'>, 'progress': <1.0>,"
                            " 'position': <@t 3>, 'n-pieces': <@u 9>, 'priority': <'normal'>},"
                            "{'id': <@u 2>, 'info-hash': <'bbbb'>, 'name': <'bravo'>, 'state': "
                            "<'paused'>, 'position': <@t 1>,"
                            " 'priority': <'high'>},"
                            "{'id': <@u 3>, 'info-hash': <'cccc'>, 'name': <'charlie'>, 'state': "
                            "<'error'>, 'position': <@t 2>,"
                            " 'error-text': <'disk'>, 'priority': <'low'>}], @au [])"));
  g_autoptr (GVariant) status = g_variant_ref_sink (g_variant_new_parsed (
      "@a{sv} {'down-rate': <2048.0>, 'up-rate': <0.0>, 'port': <@q 6881>, 'n-peers': <@u 4>,"
      " 'download-limit': <@t 5000>, 'upload-limit': <@t 0>, 'ipv4': <{'reach': <'open'>}>, "
      "'router': <'off'>}"));

  app->link = fake_bitonic_link_new ();
  bitonic_app_get_link_events ()->changed (app, changes);
  bitonic_app_get_link_events ()->status (app, status);
  bitonic_app_draw (app);
  return app;
}

static char *
dup_screen (BitonicApp *app)
{
  GString *screen = g_string_new (NULL);

  bitonic_app_draw (app);
  for (guint y = 0; y < bitonic_canvas_get_height (app->canvas); y++)
    {
      g_autofree char *row = bitonic_canvas_dup_row (app->canvas, y);

      g_string_append_printf (screen, "%s\n", row);
    }
  return g_string_free (screen, FALSE);
}

static void
assert_shows (BitonicApp *app, const char *text)
{
  g_autofree char *screen = dup_screen (app);

  if (strstr (screen, text) == NULL)
    g_error ("“%s” is not in\n%s", text, screen);
}

/* One key for each character; \r is Enter. */
static void
type (BitonicApp *app, const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    bitonic_app_feed_key (app, g_utf8_get_char (text));
}

static void
assert_calls (const char *expected)
{
  g_assert_cmpstr (fake_bitonic_calls->str, ==, expected);
  g_string_truncate (fake_bitonic_calls, 0);
}

static void
feed_details (BitonicApp *app, const char *hash, const char *part, const char *text)
{
  g_autoptr (GVariant) details = g_variant_ref_sink (g_variant_new_parsed (text));

  bitonic_app_get_link_events ()->details (app, hash, part, details);
}

static void
test_keys_ask_the_instance (void)
{
  g_autoptr (BitonicApp) app = make_app (80, 24);

  type (app, "p");
  assert_calls ("torrent.pause ('aaaa',)\n");
  bitonic_app_feed_key (app, BITONIC_KEY_DOWN);
  type (app, "r");
  assert_calls ("torrent.resume ('bbbb',)\n");
  type (app, "A");
  assert_calls ("torrent.announce ('bbbb',)\n");
  type (app, "  H"); /* marks two, and goes on */
  assert_calls ("torrent.check ('bbbb',)\ntorrent.check ('cccc',)\n");
  type (app, ":limit-all 1K 2K\r");
  assert_calls ("session.set-limits (1024, 2048)\n");
  type (app, ":queue top\r");
  assert_calls ("queue.move ('bbbb', 'top')\nqueue.move ('cccc', 'top')\n");
  type (app, ":queue\r");
  assert_calls ("");
  assert_shows (app, "queue top|up|down|bottom");
  type (app, "imagnet:?xt=x\r");
  assert_calls ("torrent.add ({'uri': <'magnet:?xt=x'>},)\n");
  type (app, "ihttps://e.example/x.torrent\r");
  assert_calls ("torrent.add ({'uri': <'https://e.example/x.torrent'>},)\n");
  type (app, "q");
  g_assert_true (app->is_over);
}

static void
test_removing_asks_first (void)
{
  g_autoptr (BitonicApp) app = make_app (80, 24);

  bitonic_app_feed_key (app, BITONIC_KEY_DELETE);
  assert_shows (app, "Remove?");
  type (app, "\rxpr");
  assert_calls ("");
  type (app, "n");
  bitonic_app_feed_key (app, BITONIC_KEY_DELETE);
  bitonic_app_feed_key (app, BITONIC_KEY_ESCAPE);
  assert_calls ("");
  bitonic_app_feed_key (app, BITONIC_KEY_DELETE);
  type (app, "y");
  assert_calls ("torrent.remove ('aaaa', false)\n");
}

/* What is selected stays so wherever it goes. */
static void
test_selection_follows_its_torrent (void)
{
  g_autoptr (BitonicApp) app = make_app (80, 24);
  g_autoptr (GVariant) gone
      = g_variant_ref_sink (g_variant_new_parsed ("(@t 2, false, @aa{sv} [], [@u 2])"));

  bitonic_app_feed_key (app, BITONIC_KEY_DOWN);
  g_assert_cmpuint (app->selected, ==, 2);
  type (app, "v");
  g_assert_cmpstr (bitonic_app_get_selected (app)->name, ==, "bravo");
  type (app, "8"); /* the queue has an order of its own */
  bitonic_app_draw (app);
  g_assert_cmpuint (app->scrolls[BITONIC_VIEW_QUEUE].cursor, ==, 0);
  type (app, "+");
  assert_calls ("queue.move ('bbbb', 'down')\n");
  type (app, "1");
  bitonic_app_get_link_events ()->changed (app, gone);
  g_assert_cmpstr (bitonic_app_get_selected (app)->name, ==, "alpha"); /* in its place */
  type (app, "/zzz\r");
  g_assert_null (bitonic_app_get_selected (app));
  type (app, "pr");
  assert_calls ("");
  bitonic_app_feed_key (app, BITONIC_KEY_ESCAPE);
  g_assert_nonnull (bitonic_app_get_selected (app));
}

static void
test_details_are_of_the_selected (void)
{
  g_autoptr (BitonicApp) app = make_app (100, 24);

  type (app, "5");
  g_assert_cmpstr (fake_bitonic_asked, ==, "aaaa files");
  feed_details (
      app, "aaaa", "files",
      "{'files': <[{'path': <'one'>, 'length': <@t 10>, 'done': <@t 5>, 'priority': <@u 4>},"
      "{'path': <'two'>, 'length': <@t 0>, 'done': <@t 0>, 'priority': <@u 0>}]>}");
  assert_shows (app, "50.0% normal");
  type (app, " ");
  assert_calls ("torrent.set-files ('aaaa', {0: 0})\n");
  bitonic_app_feed_key (app, BITONIC_KEY_DOWN);
  type (app, "pa");
  assert_calls ("torrent.set-files ('aaaa', {1: 1})\ntorrent.set-files ('aaaa', {0: 4, 1: 4})\n");
  /* An answer that comes too late. */
  type (app, "3");
  feed_details (app, "aaaa", "files", "{'files': <[{'path': <'late'>}]>}");
  g_assert_cmpuint (app->rows->len, ==, 0);
  feed_details (
      app, "aaaa", "peers",
      "{'peers': <[{'address': <'1.2.3.4:5'>, 'down-rate': <1.0>, 'am-interested': <true>},"
      "{'address': <'6.7.8.9:1'>, 'down-rate': <9000.0>}]>}");
  assert_shows (app, "1.2.3.4:5");
  g_assert_cmpstr (bitonic_get_text (app->rows->pdata[0], "address"), ==, "6.7.8.9:1");
  type (app, "6");
  feed_details (app, "aaaa", "pieces", "{'pieces': <[byte 0xff, 0x80]>}");
  assert_shows (app, "█████████");
}

static void
test_forms_change_what_was_changed (void)
{
  g_autoptr (BitonicApp) app = make_app (80, 24);

  type (app, "t\r"); /* nothing */
  assert_calls ("");
  type (app, "t \t \t"); /* priority, beside the queue */
  bitonic_app_feed_key (app, BITONIC_CONTROL ('U'));
  type (app, "2X\r");
  assert_shows (app, "is no rate");
  assert_calls ("");
  bitonic_app_feed_key (app, BITONIC_KEY_BACKSPACE);
  type (app, "M\r");
  g_assert_true (strstr (fake_bitonic_calls->str, "'download-limit': <uint64 2097152>") != NULL);
  g_assert_true (strstr (fake_bitonic_calls->str, "'priority': <'high'>") != NULL);
  g_assert_true (strstr (fake_bitonic_calls->str, "'forced': <true>") != NULL);
  g_assert_null (strstr (fake_bitonic_calls->str, "ratio-goal"));
  g_string_truncate (fake_bitonic_calls, 0);
  type (app, "g\t7\t \r");
  assert_calls ("session.set-limits (5000, 7)\nsession.set-alternative (true,)\n");
  type (app, "omagnet:?xt=x\t/tmp/there\t \r");
  assert_calls (
      "torrent.add ({'folder': <'/tmp/there'>, 'uri': <'magnet:?xt=x'>, 'paused': <true>},)\n");
}

static void
test_browser_finds_torrents (void)
{
  g_autoptr (BitonicApp) app = make_app (80, 24);
  g_autofree char *folder = g_dir_make_tmp ("bitonic-XXXXXX", NULL);
  g_autofree char *inner = g_build_filename (folder, "inner", NULL);
  g_autofree char *path = g_build_filename (inner, "x.torrent", NULL);
  g_autofree char *other = g_build_filename (inner, "x.txt", NULL);

  g_assert_cmpint (g_mkdir (inner, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, "d4:infodee", -1, NULL));
  g_assert_true (g_file_set_contents (other, "", -1, NULL));
  app->browser = bitonic_browser_new (folder);
  type (app, "b");
  assert_shows (app, "inner/");
  bitonic_app_feed_key (app, BITONIC_KEY_END);
  type (app, "\r");
  assert_shows (app, "x.torrent");
  bitonic_app_feed_key (app, BITONIC_KEY_END);
  type (app, "\r");
  assert_shows (app, "Folder for its files");
  type (app, "\r");
  g_assert_true (
      g_str_has_prefix (fake_bitonic_calls->str, "torrent.add ({'torrent': <[byte 0x64"));
  g_remove (path);
  g_remove (other);
  g_remove (inner);
  g_remove (folder);
}

static void
test_clicks_hit_what_is_there (void)
{
  g_autoptr (BitonicApp) app = make_app (80, 24);
  guint y = 1;
  guint value;

  while (bitonic_canvas_find_hit (app->canvas, 0, y, &value) != BITONIC_HIT_ROW)
    y++;
  bitonic_app_feed_click (app, 3, y + 1, FALSE);
  g_assert_cmpuint (app->selected, ==, 2);
  bitonic_app_feed_click (app, 0, y - 1, FALSE); /* the heading of the name: the other way round */
  g_assert_true (app->is_reversed);
  bitonic_app_draw (app);
  bitonic_app_feed_wheel (app, 1);
  g_assert_cmpuint (app->selected, ==, 1);
  bitonic_app_feed_click (app, 3, y, TRUE);
  g_assert_cmpint (app->view, ==, BITONIC_VIEW_DETAILS);
  bitonic_app_draw (app);
  bitonic_app_feed_click (app, 0, 0, FALSE);
  g_assert_cmpint (app->view, ==, BITONIC_VIEW_TORRENTS);
  bitonic_app_draw (app);
  bitonic_app_feed_click (app, 0, 23, FALSE); /* "p Pause" */
  assert_calls ("torrent.pause ('cccc',)\n");
}

/* Every view and every dialog at every size. */
static void
test_everything_fits_everywhere (void)
{
  static const char *const keys[] = { "1", "2", "3", "4", "5", "6", "7", "8", "9", "a",
                                      "h", "?", "i", "/", ":", "t", "g", "o", "b" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (BitonicApp) app = make_app (80, 24);

      type (app, keys[i]);
      if (app->details_part != NULL)
        feed_details (app, "aaaa", app->details_part,
                      "{'files': <[{'path': <'日本語'>}]>, 'peers': <[{'address': <'x'>}]>,"
                      "'trackers': <[{'url': <'x'>}]>, 'pieces': <[byte 0xff]>}");
      for (guint width = 1; width < 130; width = width < 30 ? width + 1 : width + 9)
        for (guint height = 1; height < 60; height = height < 12 ? height + 1 : height + 7)
          {
            bitonic_canvas_resize (app->canvas, width, height);
            bitonic_app_draw (app);
          }
      bitonic_app_feed_key (app, BITONIC_KEY_DELETE);
      bitonic_app_draw (app);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bitonic/app/keys-ask-the-instance", test_keys_ask_the_instance);
  g_test_add_func ("/bitonic/app/removing-asks-first", test_removing_asks_first);
  g_test_add_func ("/bitonic/app/selection-follows-its-torrent",
                   test_selection_follows_its_torrent);
  g_test_add_func ("/bitonic/app/details-are-of-the-selected", test_details_are_of_the_selected);
  g_test_add_func ("/bitonic/app/forms-change-what-was-changed",
                   test_forms_change_what_was_changed);
  g_test_add_func ("/bitonic/app/browser-finds-torrents", test_browser_finds_torrents);
  g_test_add_func ("/bitonic/app/clicks-hit-what-is-there", test_clicks_hit_what_is_there);
  g_test_add_func ("/bitonic/app/everything-fits-everywhere", test_everything_fits_everywhere);
  return g_test_run ();
}

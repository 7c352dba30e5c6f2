/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic/bitonic-columns.h"
#include "bitonic/bitonic-commands.h"
#include "bitonic/bitonic-format.h"
#include "bitonic/bitonic-keys.h"
#include "bitonic/bitonic-line.h"
#include "bitonic/bitonic-torrents.h"
#include "base/ccbt-error.h"
#include "session/ccbt-command.h"
#include <string.h>

/* --- Formats --- */

static void
assert_text (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_values_are_short (void)
{
  assert_text (bitonic_format_size (1536), "1.5 KiB");
  assert_text (bitonic_format_rate (1024 * 1024), "1.0 MiB/s");
  assert_text (bitonic_format_rate (0), "");
  assert_text (bitonic_format_rate (-1), "");
  assert_text (bitonic_format_rate (0.0 / 0.0), "");
  assert_text (bitonic_format_percent (0.9999), "99.9%");
  assert_text (bitonic_format_percent (1), "100%");
  assert_text (bitonic_format_percent (-3), "0.0%");
  assert_text (bitonic_format_duration (-1), "");
  assert_text (bitonic_format_duration (59), "59s");
  assert_text (bitonic_format_duration (3900), "1h05m");
  assert_text (bitonic_format_duration (90000), "1d01h");
  assert_text (bitonic_format_duration (G_MAXINT64), "∞");
  assert_text (bitonic_format_ratio (3, 2), "1.50");
  assert_text (bitonic_format_ratio (0, 0), "");
  assert_text (bitonic_format_time (0), "");
  assert_text (bitonic_format_time (G_MAXINT64), "");
}

static void
test_graphs_show_the_newest_at_the_right (void)
{
  static const double samples[] = { 0, 1, 2, 4, 8 };

  assert_text (bitonic_format_graph (samples, 5, 5, 8, 0, 1, FALSE), " ▁▂▄█");
  assert_text (bitonic_format_graph (samples, 5, 3, 8, 0, 1, TRUE), ":=#");
  assert_text (bitonic_format_graph (samples, 5, 7, 8, 0, 1, TRUE), "   .:=#");
  assert_text (bitonic_format_graph (samples, 5, 5, 8, 0, 2, FALSE), "    █");
  assert_text (bitonic_format_graph (samples, 5, 5, 8, 1, 2, FALSE), " ▂▄██");
  assert_text (bitonic_format_graph (samples, 0, 2, 8, 0, 1, TRUE), "  ");
  assert_text (bitonic_format_graph (samples, 5, 5, 0, 0, 1, TRUE), "     ");
  assert_text (bitonic_format_bar (0.5, 4, TRUE), "##..");
  assert_text (bitonic_format_bar (7, 2, FALSE), "██");
}

static void
test_pieces_share_cells (void)
{
  static const guint8 bits[] = { 0xf0, 0x80 };
  g_autofree guint8 *each = bitonic_format_pieces (bits, 2, 10, 10);
  g_autofree guint8 *two = bitonic_format_pieces (bits, 2, 10, 2);
  g_autofree guint8 *many
      = bitonic_format_pieces (bits, 2, 1000, 4); /* a bitfield that is too short */
  static const guint8 expected[] = { 8, 8, 8, 8, 0, 0, 0, 0, 8, 0 };

  g_assert_cmpmem (each, 10, expected, 10);
  g_assert_cmpuint (two[0], ==, 6); /* 4 of 5 */
  g_assert_cmpuint (two[1], ==, 1);
  g_assert_cmpuint (many[0], ==, 1); /* a little is not nothing */
  g_assert_cmpuint (many[3], ==, 0);
}

/* --- Canvas and tables --- */

static void
assert_row (BitonicCanvas *canvas, guint y, const char *expected)
{
  assert_text (bitonic_canvas_dup_row (canvas, y), expected);
}

static void
test_canvas_shows_no_control (void)
{
  g_autoptr (BitonicCanvas) canvas = bitonic_canvas_new (20, 3, FALSE);
  g_autoptr (BitonicCanvas) plain = bitonic_canvas_new (20, 3, TRUE);

  bitonic_canvas_put (canvas, 0, 0, 20, 0, "a\033[2J\342\200\256b\xff\n");
  assert_row (canvas, 0, "a\357\277\275[2J\357\277\275b\357\277\275\357\277\275");
  bitonic_canvas_put (plain, 0, 0, 20, 0, "Größe\033[2J 日本");
  assert_row (plain, 0, "Grosse?[2J ??");
}

static void
test_canvas_cuts_by_columns (void)
{
  g_autoptr (BitonicCanvas) canvas = bitonic_canvas_new (10, 4, FALSE);
  g_autoptr (BitonicCanvas) plain = bitonic_canvas_new (10, 1, TRUE);

  g_assert_cmpuint (bitonic_canvas_put (canvas, 0, 0, 5, 0, "日本語"), ==, 5);
  assert_row (canvas, 0, "日本…");
  bitonic_canvas_put (canvas, 1, 0, 1, 0, "x"); /* breaks a wide one */
  assert_row (canvas, 0, " x本…");
  bitonic_canvas_put (canvas, 0, 1, 4, 0, "e\314\201\314\200\314\202x"); /* at most two marks */
  assert_row (canvas, 1, "e\314\201\314\200x");
  bitonic_canvas_put (canvas, 8, 2, 100, 0, "abc");
  assert_row (canvas, 2, "        a…");
  bitonic_canvas_put (canvas, 10, 2, 5, 0, "never");
  bitonic_canvas_put (canvas, 0, 4, 5, 0, "never");
  bitonic_canvas_put_right (canvas, 2, 3, 4, 0, "ab");
  assert_row (canvas, 3, "    ab");
  bitonic_canvas_put (plain, 0, 0, 4, 0, "abcdef");
  assert_row (plain, 0, "abc~");
}

static const BitonicColumn columns[] = {
  { "Name", 8, TRUE, FALSE, 0 },
  { "A", 5, FALSE, TRUE, 2 },
  { "B", 6, FALSE, TRUE, 1 },
  { "C", 4, TRUE, TRUE, 3 },
};

static void
test_columns_fit_every_width (void)
{
  guint widths[4];

  for (guint width = 0; width < 300; width++)
    {
      guint total = 0;

      bitonic_columns_fit (columns, 4, width, widths);
      for (guint i = 0; i < 4; i++)
        total += widths[i] > 0 ? widths[i] + 1 : 0;
      g_assert_cmpuint (widths[0], >=, 8);
      g_assert_cmpuint (total - 1, <=, MAX (width, 8));
      if (width >= 26) /* all fit: nothing is wasted */
        g_assert_cmpuint (total - 1, ==, width);
      /* The least wanted goes first. */
      g_assert_true (widths[3] == 0 || widths[1] > 0);
      g_assert_true (widths[1] == 0 || widths[2] > 0);
    }
}

static void
test_scrolling_stays_inside (void)
{
  BitonicScroll scroll = { 50, 0 };

  bitonic_scroll_fit (&scroll, 100, 10);
  g_assert_cmpuint (scroll.top, ==, 41);
  bitonic_scroll_fit (&scroll, 20, 10);
  g_assert_cmpuint (scroll.cursor, ==, 19);
  g_assert_cmpuint (scroll.top, ==, 10);
  bitonic_scroll_fit (&scroll, 0, 0);
  g_assert_cmpuint (scroll.cursor + scroll.top, ==, 0);
  bitonic_scroll_move (&scroll, 5, G_MAXINT);
  g_assert_cmpuint (scroll.cursor, ==, 4);
  bitonic_scroll_move (&scroll, 5, G_MININT);
  g_assert_cmpuint (scroll.cursor, ==, 0);
}

/* --- Torrents --- */

static void
apply (BitonicTorrents *torrents, const char *text)
{
  g_autoptr (GVariant) changes = g_variant_ref_sink (g_variant_new_parsed (text));

  bitonic_torrents_apply (torrents, changes);
}

static char *
join_names (BitonicTorrents *torrents)
{
  GPtrArray *shown = bitonic_torrents_get_shown (torrents);
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < shown->len; i++)
    g_string_append_printf (names, "%s ", ((BitonicTorrent *) shown->pdata[i])->name);
  return g_string_free (names, FALSE);
}

#define THREE                                                                                      \
  "(@t 1, true, ["                                                                                 \
  "{'id': <@u 1>, 'name': <'bravo'>, 'state': <'seeding'>, 'down-rate': <1.0>, 'position': <@t "   \
  "3>},"                                                                                           \
  "{'id': <@u 2>, 'name': <'Alpha'>, 'state': <'paused'>, 'down-rate': <3.0>, 'position': <@t "    \
  "1>},"                                                                                           \
  "{'id': <@u 3>, 'name': <'charlie'>, 'state': <'paused'>, 'down-rate': <2.0>, 'position': <@t "  \
  "2>,"                                                                                            \
  " 'category': <'Music'>, 'error-text': <'oh'>}], @au [])"

static void
test_torrents_are_sorted_and_filtered (void)
{
  g_autoptr (BitonicTorrents) torrents = bitonic_torrents_new ();

  apply (torrents, THREE);
  assert_text (join_names (torrents), "Alpha bravo charlie ");
  bitonic_torrents_set_sort (torrents, BITONIC_SORT_DOWN, TRUE);
  assert_text (join_names (torrents), "Alpha charlie bravo ");
  bitonic_torrents_set_sort (torrents, BITONIC_SORT_PLACE, FALSE);
  assert_text (join_names (torrents), "Alpha charlie bravo ");
  bitonic_torrents_set_sort (torrents, BITONIC_SORT_STATE, FALSE);
  assert_text (join_names (torrents), "Alpha charlie bravo ");
  bitonic_torrents_set_filter (torrents, "ALPH");
  assert_text (join_names (torrents), "Alpha ");
  bitonic_torrents_set_filter (torrents, "paused");
  assert_text (join_names (torrents), "Alpha charlie ");
  bitonic_torrents_set_filter (torrents, "music");
  assert_text (join_names (torrents), "charlie ");
  bitonic_torrents_set_filter (torrents, "\xff");
  assert_text (join_names (torrents), "");
}

static void
test_changes_are_followed (void)
{
  g_autoptr (BitonicTorrents) torrents = bitonic_torrents_new ();

  apply (torrents, THREE);
  bitonic_torrents_set_filter (torrents, "paused");
  assert_text (join_names (torrents), "Alpha charlie ");
  bitonic_torrents_lookup (torrents, 3)->is_marked = TRUE;
  g_assert_cmpstr (bitonic_torrents_lookup (torrents, 3)->error_text, ==, "oh");
  /* One comes, one changes so that it passes, one goes. */
  apply (torrents, "(@t 2, false, [{'id': <@u 1>, 'state': <'paused'>}, {'id': <@u 3>, 'name': "
                   "<'zulu'>, 'state': <'paused'>},"
                   " {'id': <@u 4>, 'name': <'echo'>, 'state': <'paused'>}], [@u 2])");
  assert_text (join_names (torrents), "bravo echo zulu ");
  g_assert_cmpstr (bitonic_torrents_lookup (torrents, 3)->error_text, ==, ""); /* not sent: none */
  g_assert_cmpint (bitonic_torrents_find (torrents, 3), ==, 2);
  g_assert_cmpint (bitonic_torrents_find (torrents, 2), ==, -1);
  /* Wrong types and unknown fields are passed over. */
  apply (torrents, "(@t 3, false, [{'id': <@u 1>, 'progress': <'much'>, 'colour': <5>}, {'id': "
                   "<'x'>}], @au [])");
  g_assert_cmpuint (bitonic_torrents_count (torrents), ==, 3);
  apply (torrents, "(@t 9, true, [{'id': <@u 7>, 'name': <'new'>, 'state': <'paused'>}], @au [])");
  assert_text (join_names (torrents), "new ");
}

/* --- Typing --- */

static void
test_line_edits_characters (void)
{
  BitonicLine line = { NULL };
  static const gunichar keys[] = { 0xe9,
                                   BITONIC_KEY_LEFT,
                                   'b',
                                   BITONIC_KEY_END,
                                   'c',
                                   BITONIC_KEY_HOME,
                                   BITONIC_KEY_DELETE,
                                   'x',
                                   0x1b,
                                   3 };

  bitonic_line_init (&line, "aé");
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    bitonic_line_feed (&line, keys[i]);
  g_assert_cmpstr (line.text->str, ==, "xébéc");
  bitonic_line_feed (&line, BITONIC_KEY_BACKSPACE);
  bitonic_line_feed (&line, BITONIC_KEY_BACKSPACE);
  g_assert_cmpstr (line.text->str, ==, "ébéc");
  bitonic_line_feed (&line, BITONIC_KEY_END);
  bitonic_line_feed (&line, BITONIC_CONTROL ('W'));
  g_assert_cmpstr (line.text->str, ==, "");
  bitonic_line_feed (&line, BITONIC_KEY_BACKSPACE);
  bitonic_line_clear (&line);
}

static void
test_line_scrolls_to_its_cursor (void)
{
  g_autoptr (BitonicCanvas) canvas = bitonic_canvas_new (10, 1, FALSE);
  BitonicLine line = { NULL };
  int x, y;

  bitonic_line_init (&line, "0123456789abcdef");
  bitonic_line_draw (&line, canvas, 2, 0, 8);
  assert_row (canvas, 0, "  9abcdef");
  bitonic_canvas_get_cursor (canvas, &x, &y);
  g_assert_cmpint (x, ==, 9);
  bitonic_line_clear (&line);
}

static void
test_keys_are_told_apart (void)
{
  guint n;
  const BitonicKey *keys = bitonic_keys_get (&n);

  for (guint i = 0; i < n; i++)
    {
      guint n_reached = 0;

      for (BitonicView view = 0; view < BITONIC_N_VIEWS; view++)
        n_reached += bitonic_keys_find (view, keys[i].key) == keys[i].action;
      g_assert_cmpuint (n_reached, >, 0);
      for (guint j = 0; j < i; j++)
        g_assert_false (keys[i].key == keys[j].key && keys[i].views == keys[j].views);
    }
}

static void
test_commands_become_verbs (void)
{
  static const char *const lines[][3] = {
    { "pause", "torrent.pause", "('H',)" },
    { " rehash ", "torrent.check", "('H',)" },
    { "limit 2M 500", "torrent.set-options",
      "('H', {'upload-limit': <uint64 500>, 'download-limit': <uint64 2097152>})" },
    { "limit-all 0 1K", "session.set-limits", "(0, 1024)" },
    { "alternative on", "session.set-alternative", "(true,)" },
    { "sequential off", "torrent.set-sequential", "('H', false)" },
    { "queue top", "queue.move", "('H', 'top')" },
    { "ratio 1.5", "torrent.set-options", "('H', {'ratio-goal': <1.5>})" },
    { "forced on", "torrent.set-options", "('H', {'forced': <true>})" },
    { "rename  two words ", "torrent.set-options", "('H', {'display-name': <'two words'>})" },
    { "folder /a b/c", "torrent.set-folder", "('H', '/a b/c')" },
    { "pause-all", "session.pause-all", "()" },
  };
  static const char *const wrong[] = { "",
                                       "explode",
                                       "pause now",
                                       "limit 1",
                                       "limit 1 2 3",
                                       "limit 1X 2",
                                       "alternative perhaps",
                                       "ratio much",
                                       "rename" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GError) error = NULL;
      const char *verb;
      g_autoptr (GVariant) arguments = bitonic_command_make (lines[i][0], "H", &verb, &error);
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      text = g_variant_print (arguments, FALSE);
      g_assert_cmpstr (verb, ==, lines[i][1]);
      g_assert_cmpstr (text, ==, lines[i][2]);
      g_assert_true (
          g_variant_is_of_type (arguments, G_VARIANT_TYPE (ccbt_command_lookup (verb)->arguments)));
    }
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      const char *verb;

      g_assert_null (bitonic_command_make (wrong[i], "H", &verb, &error));
      g_assert_error (error, CCBT_ERROR, CCBT_ERROR_INVALID);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bitonic/format/values-are-short", test_values_are_short);
  g_test_add_func ("/bitonic/format/graphs-show-the-newest-at-the-right",
                   test_graphs_show_the_newest_at_the_right);
  g_test_add_func ("/bitonic/format/pieces-share-cells", test_pieces_share_cells);
  g_test_add_func ("/bitonic/canvas/shows-no-control", test_canvas_shows_no_control);
  g_test_add_func ("/bitonic/canvas/cuts-by-columns", test_canvas_cuts_by_columns);
  g_test_add_func ("/bitonic/columns/fit-every-width", test_columns_fit_every_width);
  g_test_add_func ("/bitonic/columns/scrolling-stays-inside", test_scrolling_stays_inside);
  g_test_add_func ("/bitonic/torrents/are-sorted-and-filtered",
                   test_torrents_are_sorted_and_filtered);
  g_test_add_func ("/bitonic/torrents/changes-are-followed", test_changes_are_followed);
  g_test_add_func ("/bitonic/line/edits-characters", test_line_edits_characters);
  g_test_add_func ("/bitonic/line/scrolls-to-its-cursor", test_line_scrolls_to_its_cursor);
  g_test_add_func ("/bitonic/keys/are-told-apart", test_keys_are_told_apart);
  g_test_add_func ("/bitonic/commands/become-verbs", test_commands_become_verbs);
  return g_test_run ();
}

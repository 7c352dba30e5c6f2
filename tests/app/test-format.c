/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>
#include "ccbt-error-text.h"
#include "ccbt-format.h"
#include "ccbt-hindrance-text.h"
#include "ccbt-piece-text.h"
#include "ccbt-source.h"
#include "ccbt-tracker-text.h"
#include "fake-engine.h"

static void
assert_text (char *got, const char *expected)
{
  g_assert_cmpstr (got, ==, expected);
  g_free (got);
}

static void
assert_parsed (const char *text, const char *expected)
{
  g_autoptr (GVariant) list = g_variant_ref_sink (ccbt_tracker_text_parse (text));

  assert_text (g_variant_print (list, FALSE), expected);
}

static void
test_trackers_are_text (void)
{
  g_autoptr (GPtrArray) trackers = g_ptr_array_new ();
  CcbtTrackerStatus a = { .url = (char *) "http://a/", .tier = 0 },
                    b = { .url = (char *) "udp://b:1", .tier = 0 },
                    c = { .url = (char *) "http://c/", .tier = 7 };

  assert_text (ccbt_tracker_text_format (trackers), "");
  g_ptr_array_add (trackers, &a);
  g_ptr_array_add (trackers, &b);
  g_ptr_array_add (trackers, &c);
  assert_text (ccbt_tracker_text_format (trackers), "http://a/\nudp://b:1\n\nhttp://c/\n");
  assert_parsed ("http://a/\nudp://b:1\n\nhttp://c/\n",
                 "[(0, 'http://a/'), (0, 'udp://b:1'), (1, 'http://c/')]");
  assert_parsed ("\n\n  x \r\n \t\n\n\ny", "[(0, 'x'), (1, 'y')]");
  assert_parsed (" \n", "[]");
}

static void
test_duration_has_two_units_at_most (void)
{
  assert_text (ccbt_format_duration (0), "0 seconds");
  assert_text (ccbt_format_duration (59), "59 seconds");
  assert_text (ccbt_format_duration (61), "1 minute");
  assert_text (ccbt_format_duration (3600), "1 hour");
  assert_text (ccbt_format_duration (2 * 3600 + 300), "2 hours 5 minutes");
  assert_text (ccbt_format_duration (86400 + 7200 + 60), "1 day 2 hours");
  assert_text (ccbt_format_duration (-5), "0 seconds");
}

static void
test_percent_is_rounded_down (void)
{
  assert_text (ccbt_format_percent (0.9999), "99%");
  assert_text (ccbt_format_percent (1), "100%");
  assert_text (ccbt_format_percent (7), "100%");
}

static void
test_rates_name_only_what_moves (void)
{
  assert_text (ccbt_format_rates (0, 20), "");
  assert_text (ccbt_format_rates (1500000, 0), "↓ 1.5\302\240MB/s");
  assert_text (ccbt_format_rates (0, 30000), "↑ 30.0\302\240kB/s");
  assert_text (ccbt_format_rates (1500000, 30000), "↓ 1.5\302\240MB/s  ↑ 30.0\302\240kB/s");
}

static void
test_every_state_has_words (void)
{
  for (guint state = 0; state < CCBT_TORRENT_N_STATES; state++)
    {
      g_autoptr (CcbtTorrentStatus) status = fake_torrent_new (1, "x", state, 0.5);
      g_autofree char *text = ccbt_format_state (status);

      g_assert_cmpint ((int) strlen (text), >, 5);
    }
}

static void
test_moving_is_told_before_the_state (void)
{
  g_autoptr (CcbtTorrentStatus) status = fake_torrent_new (1, "x", CCBT_TORRENT_STATE_SEEDING, 1);

  status->is_moving = TRUE;
  assert_text (ccbt_format_state (status), "Waiting to move the files");
  status->move_progress = 0.459;
  assert_text (ccbt_format_state (status), "Moving the files (45%)");
}

static void
test_hindrances_are_told_while_it_runs (void)
{
  g_autoptr (CcbtTorrentStatus) status
      = fake_torrent_new (1, "x", CCBT_TORRENT_STATE_DOWNLOADING, 0.5);
  CcbtHindranceFix fix;

  assert_text (ccbt_hindrance_text (status), "");
  status->hindrance = CCBT_HINDRANCE_NO_PIECES;
  status->hindrance_count = 1;
  assert_text (ccbt_hindrance_text (status), "Nobody connected has the 1 piece that is missing.");
  status->hindrance_count = 12;
  assert_text (ccbt_hindrance_text (status), "Nobody connected has any of 12 missing pieces.");
  status->state = CCBT_TORRENT_STATE_PAUSED;
  assert_text (ccbt_hindrance_text (status), "");
  status->state = CCBT_TORRENT_STATE_SEEDING;
  for (guint i = CCBT_HINDRANCE_NONE + 1; i < CCBT_N_HINDRANCES; i++)
    {
      g_autofree char *text = NULL;

      status->hindrance = i;
      text = ccbt_hindrance_text (status);
      g_assert_cmpstr (text, !=, "");
      if (ccbt_hindrance_get_fix (i, &fix))
        g_assert_true (strchr (fix.action, '.') != NULL && *fix.label != '\0');
    }
}

static void
test_pieces_are_told_in_a_sentence (void)
{
  g_autofree CcbtPieceSummary *summary = ccbt_piece_summary_new (800);

  assert_text (ccbt_piece_text_format (summary), "0% of 800 pieces");
  summary->n_had = 500;
  summary->n_missing = 300;
  summary->n_nowhere = 12;
  assert_text (ccbt_piece_text_format (summary), "62% of 800 pieces");
  summary->n_peers = 2;
  assert_text (ccbt_piece_text_format (summary), "62% of 800 pieces; 12 are with nobody connected");
  summary->n_nowhere = 1;
  assert_text (ccbt_piece_text_format (summary), "62% of 800 pieces; 1 is with nobody connected");
}

static void
test_columns_of_pieces (void)
{
  g_autofree CcbtPieceSummary *summary = ccbt_piece_summary_new (8);
  CcbtPieceStretch columns[8];

  summary->n_peers = 1;
  for (guint i = 0; i < 8; i++)
    summary->stretches[i] = i < 3 ? (CcbtPieceStretch){ 255, 0, 0, 0 }
                                  : (CcbtPieceStretch){ 0, i == 3 ? 255 : 0, 255, (guint8) i };
  summary->stretches[7] = (CcbtPieceStretch){ 0 };
  ccbt_piece_columns_make (summary, 8, columns);
  g_assert_cmpmem (columns, sizeof columns, summary->stretches, sizeof columns);
  ccbt_piece_columns_make (summary, 2, columns);
  g_assert_cmpuint (columns[0].had, ==, 191);
  g_assert_cmpuint (columns[0].begun, ==, 63);
  g_assert_cmpuint (columns[0].least, ==, 3);
  g_assert_cmpuint (columns[1].missing, ==, 191);
  g_assert_cmpuint (columns[1].least, ==, 4);
  assert_text (ccbt_piece_text_format_column (summary, 2, 0),
               "Pieces 1 to 4: 74% here; the rarest is with 3 connected peers");
  assert_text (ccbt_piece_text_format_column (summary, 8, 0), "Piece 1: here");
  assert_text (ccbt_piece_text_format_column (summary, 8, 3),
               "Piece 4: being downloaded; 3 connected peers have it");
  assert_text (ccbt_piece_text_format_column (summary, 8, 7), "Piece 8: not wanted");
  summary->stretches[5].least = 0;
  assert_text (ccbt_piece_text_format_column (summary, 8, 5),
               "Piece 6: missing; nobody connected has it");
}

static void
test_errors_are_told_by_code (void)
{
  g_autoptr (GError) engine = g_error_new (CCBT_ERROR, CCBT_ERROR_NO_SPACE, "512 bytes short");
  g_autoptr (GError) other = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "odd \xff text");

  assert_text (ccbt_error_text (engine), "The disk is full");
  assert_text (ccbt_error_text (other), "odd \357\277\275 text");
}

static void
assert_source (GVariant *source, const char *expected)
{
  g_autoptr (GVariant) owned = source != NULL ? g_variant_ref_sink (source) : NULL;
  g_autofree char *text = owned != NULL ? g_variant_print (owned, FALSE) : NULL;

  g_assert_cmpstr (text, ==, expected);
}

static void
test_only_links_are_sources (void)
{
  assert_source (ccbt_source_new_for_text ("  magnet:?xt=urn:btih:00 \n"),
                 "{'uri': <'magnet:?xt=urn:btih:00'>}");
  assert_source (ccbt_source_new_for_text ("https://example.org/a.torrent"),
                 "{'uri': <'https://example.org/a.torrent'>}");
  assert_source (ccbt_source_new_for_text ("00000000000000000000000000000000000000AB"),
                 "{'uri': <'magnet:?xt=urn:btih:00000000000000000000000000000000000000AB'>}");
  assert_source (ccbt_source_new_for_text ("just words"), NULL);
  assert_source (ccbt_source_new_for_text ("file:///etc/passwd"), NULL);
  assert_source (ccbt_source_new_for_text (""), NULL);
}

/* With gvfs "magnet:?xt=" comes back as "magnet:///?xt=": both are for the engine to read. */
static void
test_files_and_links_that_became_files (void)
{
  g_autoptr (GFile) local = g_file_new_for_path ("/tmp/a b.torrent");
  g_autoptr (GFile) magnet = g_file_new_for_uri ("magnet:?xt=urn:btih:00");
  g_autoptr (GFile) share = g_file_new_for_uri ("smb://host/a.torrent");
  g_autoptr (GVariant) source = g_variant_ref_sink (ccbt_source_new_for_file (magnet));
  const char *uri = NULL;

  assert_source (ccbt_source_new_for_file (local), "{'path': <'/tmp/a b.torrent'>}");
  g_assert_true (g_variant_lookup (source, "uri", "&s", &uri));
  g_assert_true (g_str_has_prefix (uri, "magnet:") && g_str_has_suffix (uri, "?xt=urn:btih:00"));
  assert_source (ccbt_source_new_for_file (share), NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  setlocale (LC_ALL, "C.UTF-8");
  g_test_add_func ("/format/trackers", test_trackers_are_text);
  g_test_add_func ("/format/duration", test_duration_has_two_units_at_most);
  g_test_add_func ("/format/percent", test_percent_is_rounded_down);
  g_test_add_func ("/format/rates", test_rates_name_only_what_moves);
  g_test_add_func ("/format/states", test_every_state_has_words);
  g_test_add_func ("/format/hindrance", test_hindrances_are_told_while_it_runs);
  g_test_add_func ("/format/errors", test_errors_are_told_by_code);
  g_test_add_func ("/format/moving", test_moving_is_told_before_the_state);
  g_test_add_func ("/format/pieces", test_pieces_are_told_in_a_sentence);
  g_test_add_func ("/format/columns-of-pieces", test_columns_of_pieces);
  g_test_add_func ("/source/text", test_only_links_are_sources);
  g_test_add_func ("/source/files", test_files_and_links_that_became_files);
  return g_test_run ();
}

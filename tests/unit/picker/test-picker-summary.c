/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-picker-summary.h"

#define MANY 100000u

static CcbtPicker *
make_picker (guint32 n_pieces)
{
  const CcbtPieceMap map = { (guint64) n_pieces * CCBT_BLOCK_SIZE, CCBT_BLOCK_SIZE, n_pieces };

  return ccbt_picker_new (&map, 1);
}

static void
test_a_few_pieces_stand_alone (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (6);
  g_autofree CcbtPieceSummary *summary = NULL;
  CcbtBitfield has;
  CcbtBlock out;
  const CcbtPickRequest request = { .peer = 1, .has = &has };

  ccbt_bitfield_init (&has, 6);
  ccbt_bitfield_set (&has, 2);
  ccbt_picker_set_have (picker, 0, TRUE);
  ccbt_picker_set_priority (picker, 5, CCBT_PRIORITY_SKIP);
  ccbt_picker_add_pieces (picker, &has);
  ccbt_picker_add_piece (picker, 3);
  ccbt_picker_add_piece (picker, 3);
  g_assert_cmpuint (ccbt_picker_pick (picker, &request, &out, 1), ==, 1);
  summary = ccbt_picker_summarise (picker, 2);

  g_assert_cmpuint (summary->n_stretches, ==, 6);
  g_assert_cmpuint (summary->n_had, ==, 1);
  g_assert_cmpuint (summary->n_begun, ==, 1);
  g_assert_cmpuint (summary->n_missing, ==, 4);
  g_assert_cmpuint (summary->n_nowhere, ==, 2);
  g_assert_cmpuint (summary->n_peers, ==, 2);
  g_assert_cmpmem (summary->stretches, 6 * sizeof (CcbtPieceStretch),
                   ((guint8[]){ 255, 0, 0,   0, /**/ 0, 0, 255, 0, /**/ 0, 255, 255, 1, /**/
                                0,   0, 255, 2, /**/ 0, 0, 255, 0, /**/ 0, 0,   0,   0 }),
                   24);
  ccbt_bitfield_clear (&has);
}

static void
test_many_pieces_share_a_stretch (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (MANY);
  g_autofree CcbtPieceSummary *summary = NULL;
  guint n_full = 0;
  gint64 began;

  for (guint32 i = 0; i < MANY / 2 + 3; i++)
    ccbt_picker_set_have (picker, i, TRUE);
  began = g_get_monotonic_time ();
  summary = ccbt_picker_summarise (picker, 1);
  g_test_message ("%u pieces took %d us", MANY, (int) (g_get_monotonic_time () - began));

  g_assert_cmpuint (summary->n_stretches, ==, CCBT_MAX_PIECE_STRETCHES);
  g_assert_cmpuint (summary->n_had, ==, MANY / 2 + 3);
  g_assert_cmpuint (summary->n_missing, ==, MANY - summary->n_had);
  for (guint32 i = 0; i < summary->n_stretches; i++)
    n_full += summary->stretches[i].had == 255;
  g_assert_cmpuint (n_full, ==, CCBT_MAX_PIECE_STRETCHES / 2);
  g_assert_cmpuint (summary->stretches[n_full].had, >, 0);
  g_assert_cmpuint (summary->stretches[n_full].missing, <, 255);
  g_assert_cmpuint (summary->stretches[n_full + 1].missing, ==, 255);
}

/* Where a stretch begins and which one a piece is in agree, whatever the numbers. */
static void
test_each_piece_has_its_stretch (void)
{
  static const guint32 numbers[] = { 1, 2, 4095, 4096, 4097, 8191, 10007, MANY };

  for (guint n = 0; n < G_N_ELEMENTS (numbers); n++)
    {
      g_autofree CcbtPieceSummary *summary = ccbt_piece_summary_new (numbers[n]);

      for (guint32 i = 0; i < summary->n_stretches; i++)
        {
          guint32 first = ccbt_piece_summary_get_first (summary, i);
          guint32 end = ccbt_piece_summary_get_first (summary, i + 1);

          g_assert_cmpuint (first, <, end);
          g_assert_cmpuint (ccbt_piece_summary_find (summary, first), ==, i);
          g_assert_cmpuint (ccbt_piece_summary_find (summary, end - 1), ==, i);
        }
      g_assert_cmpuint (ccbt_piece_summary_get_first (summary, summary->n_stretches), ==,
                        numbers[n]);
    }
}

static void
test_only_none_is_nothing_and_only_all_is_whole (void)
{
  g_assert_cmpuint (ccbt_piece_share (0, 1000), ==, 0);
  g_assert_cmpuint (ccbt_piece_share (1, 1000), ==, 1);
  g_assert_cmpuint (ccbt_piece_share (500, 1000), ==, 127);
  g_assert_cmpuint (ccbt_piece_share (999, 1000), ==, 254);
  g_assert_cmpuint (ccbt_piece_share (1000, 1000), ==, 255);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/picker-summary/alone", test_a_few_pieces_stand_alone);
  g_test_add_func ("/picker-summary/many", test_many_pieces_share_a_stretch);
  g_test_add_func ("/picker-summary/stretches", test_each_piece_has_its_stretch);
  g_test_add_func ("/picker-summary/shares", test_only_none_is_nothing_and_only_all_is_whole);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-picker.h"

/* Cases in which a block stays unasked, or a last one unrepeated, though a peer could bring it. */
#define N_BLOCKS 4u /* of every piece */

static CcbtPicker *
make_picker (guint32 n_pieces)
{
  const guint32 length = N_BLOCKS * CCBT_BLOCK_SIZE;
  const CcbtPieceMap map = { (guint64) n_pieces * length, length, n_pieces };

  return ccbt_picker_new (&map, 1);
}

static CcbtBitfield
make_full (guint32 n_pieces)
{
  CcbtBitfield full;

  ccbt_bitfield_init (&full, n_pieces);
  ccbt_bitfield_set_all (&full);
  return full;
}

static guint
pick_as (CcbtPicker *picker, CcbtPeerHandle peer, const CcbtBitfield *has, CcbtBlock *out,
         guint max)
{
  const CcbtPickRequest request = { .peer = peer, .has = has };

  return ccbt_picker_pick (picker, &request, out, max);
}

static guint
pick_on_parole (CcbtPicker *picker, CcbtPeerHandle peer, const CcbtBitfield *has, CcbtBlock *out,
                guint max)
{
  const CcbtPickRequest request = { .peer = peer, .has = has, .is_on_parole = TRUE };

  return ccbt_picker_pick (picker, &request, out, max);
}

static void
receive_from (CcbtPicker *picker, CcbtBlock block, CcbtPeerHandle peer)
{
  CcbtPeerHandle others[3];
  guint n_others;

  g_assert_true (ccbt_picker_mark_received (picker, block, peer, others, &n_others));
}

static void
test_a_choking_peer_on_parole_keeps_no_piece (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (1);
  CcbtBitfield full = make_full (1);
  CcbtBlock own[2], out[N_BLOCKS];

  ccbt_picker_add_pieces (picker, &full);
  g_assert_cmpuint (pick_on_parole (picker, 1, &full, own, 2), ==, 2);
  g_assert_cmpuint (pick_as (picker, 2, &full, out, N_BLOCKS), ==, 0);
  ccbt_picker_abandon (picker, own[0], 1);
  ccbt_picker_abandon (picker, own[1], 1);
  g_assert_cmpuint (pick_as (picker, 2, &full, out, N_BLOCKS), ==, N_BLOCKS);
}

static void
test_an_idle_peer_on_parole_keeps_no_piece (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (1);
  CcbtBitfield full = make_full (1);
  CcbtBlock own[2], out[N_BLOCKS];

  ccbt_picker_add_pieces (picker, &full);
  g_assert_cmpuint (pick_on_parole (picker, 1, &full, own, 2), ==, 2);
  receive_from (picker, own[0], 1);
  g_assert_cmpuint (pick_as (picker, 2, &full, out, N_BLOCKS), ==, 0);
  receive_from (picker, own[1], 1);
  g_assert_cmpuint (pick_as (picker, 2, &full, out, N_BLOCKS), ==, 2);
}

static void
test_a_reservation_made_for_blame_is_kept (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (1);
  CcbtBitfield full = make_full (1);
  CcbtBlock out[N_BLOCKS];

  g_assert_cmpuint (pick_as (picker, 1, &full, out, N_BLOCKS), ==, N_BLOCKS);
  for (guint i = 0; i < N_BLOCKS; i++)
    receive_from (picker, out[i], 1);
  ccbt_picker_piece_failed (picker, 0, 2);
  g_assert_cmpuint (pick_as (picker, 1, &full, out, N_BLOCKS), ==, 0);
  g_assert_cmpuint (pick_on_parole (picker, 3, &full, out, N_BLOCKS), ==, 0);
  g_assert_cmpuint (pick_as (picker, 2, &full, out, N_BLOCKS), ==, N_BLOCKS);
}

static void
test_a_piece_nobody_has_does_not_hold_up_the_endgame (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (2);
  CcbtBitfield first;
  CcbtBlock out[N_BLOCKS];

  ccbt_bitfield_init (&first, 2);
  ccbt_bitfield_set (&first, 0);
  ccbt_picker_add_pieces (picker, &first);
  ccbt_picker_add_pieces (picker, &first);
  g_assert_cmpuint (pick_as (picker, 1, &first, out, N_BLOCKS), ==, N_BLOCKS);
  g_assert_cmpuint (pick_as (picker, 2, &first, out, N_BLOCKS), >, 0);
  /* Until somebody brings it. */
  ccbt_picker_add_piece (picker, 1);
  g_assert_false (ccbt_picker_is_endgame (picker));
  ccbt_bitfield_clear (&first);
}

static void
test_a_kept_piece_does_not_hold_up_the_endgame (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (2);
  CcbtBitfield full = make_full (2);
  CcbtBlock own, out[N_BLOCKS];

  ccbt_picker_add_pieces (picker, &full);
  g_assert_cmpuint (pick_on_parole (picker, 1, &full, &own, 1), ==, 1);
  g_assert_cmpuint (pick_as (picker, 2, &full, out, N_BLOCKS), ==, N_BLOCKS);
  g_assert_cmpuint (pick_as (picker, 3, &full, out, N_BLOCKS), >, 0);
  g_assert_cmpuint (out[0].piece, !=, own.piece);
}

/* Asked for again after its first peer chokes, a block is the youngest, wherever it lies. */
static void
test_the_oldest_request_is_repeated_first (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (1);
  CcbtBitfield full = make_full (1);
  CcbtBlock out[N_BLOCKS], again[2];

  ccbt_picker_add_pieces (picker, &full);
  g_assert_cmpuint (pick_as (picker, 1, &full, out, N_BLOCKS), ==, N_BLOCKS);
  ccbt_picker_abandon (picker, out[0], 1);
  g_assert_cmpuint (pick_as (picker, 2, &full, out, 1), ==, 1);
  g_assert_cmpuint (out[0].block, ==, 0);
  g_assert_cmpuint (pick_as (picker, 3, &full, again, 2), ==, 2);
  g_assert_cmpuint (again[0].block, ==, 1);
  g_assert_cmpuint (again[1].block, ==, 2);
}

/* Of two asked for a block the one that stays counts: its age is that of its own request. */
static void
test_who_is_left_gives_a_request_its_age (void)
{
  for (guint left = 1; left <= 2; left++)
    {
      g_autoptr (CcbtPicker) picker = make_picker (1);
      CcbtBitfield full = make_full (1);
      CcbtBlock out[N_BLOCKS], again[2];

      ccbt_picker_add_pieces (picker, &full);
      g_assert_cmpuint (pick_as (picker, 1, &full, out, N_BLOCKS), ==, N_BLOCKS);
      g_assert_cmpuint (pick_as (picker, 2, &full, again, 1), ==, 1);
      ccbt_picker_abandon (picker, again[0], 3 - left);
      g_assert_cmpuint (pick_as (picker, 3, &full, again, 2), ==, 2);
      g_assert_cmpuint (again[0].block, ==, left == 1 ? 0 : 1);
    }
}

/* More pieces in progress than are looked at one by one: each is found by who alone has it. */
static void
test_a_free_block_among_very_many_pieces_is_found (void)
{
  const guint32 n = 600;
  g_autoptr (CcbtPicker) picker = make_picker (n);

  for (guint round = 0; round < 2; round++)
    for (guint32 i = 0; i < n; i++)
      {
        CcbtBitfield one;
        CcbtBlock out[2];

        ccbt_bitfield_init (&one, n);
        ccbt_bitfield_set (&one, i);
        g_assert_cmpuint (pick_as (picker, i + 1 + round * n, &one, out, 2), ==, 2);
        g_assert_cmpuint (out[0].piece, ==, i);
        ccbt_bitfield_clear (&one);
      }
}

/* "Nothing" is remembered, but no longer than it is true. */
static void
test_what_falls_free_is_found_by_who_found_nothing (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (2);
  CcbtBitfield full = make_full (2), some;
  CcbtBlock out[2 * N_BLOCKS], got[N_BLOCKS];

  ccbt_picker_add_pieces (picker, &full);
  ccbt_bitfield_init (&some, 2);
  ccbt_bitfield_set (&some, 0);
  ccbt_picker_set_priority (picker, 1, CCBT_PRIORITY_SKIP);
  g_assert_cmpuint (pick_as (picker, 1, &full, out, 2 * N_BLOCKS), ==, N_BLOCKS);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (pick_as (picker, 2, &some, got, 2), ==, 2);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (pick_as (picker, 2, &some, got, 2), ==, 0);
  ccbt_picker_set_priority (picker, 1, CCBT_PRIORITY_LOW);
  g_assert_cmpuint (pick_as (picker, 2, &some, got, 2), ==, 0);
  ccbt_bitfield_set (&some, 1);
  ccbt_picker_add_piece (picker, 1);
  g_assert_cmpuint (pick_as (picker, 2, &some, got, N_BLOCKS), ==, N_BLOCKS);
  g_assert_cmpuint (pick_as (picker, 3, &full, out, 2), ==, 2); /* repeats the second piece */
  ccbt_bitfield_clear (&some);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/picker-stall/parole-choked", test_a_choking_peer_on_parole_keeps_no_piece);
  g_test_add_func ("/picker-stall/parole-idle", test_an_idle_peer_on_parole_keeps_no_piece);
  g_test_add_func ("/picker-stall/blame", test_a_reservation_made_for_blame_is_kept);
  g_test_add_func ("/picker-stall/nobody-has",
                   test_a_piece_nobody_has_does_not_hold_up_the_endgame);
  g_test_add_func ("/picker-stall/kept", test_a_kept_piece_does_not_hold_up_the_endgame);
  g_test_add_func ("/picker-stall/oldest", test_the_oldest_request_is_repeated_first);
  g_test_add_func ("/picker-stall/age", test_who_is_left_gives_a_request_its_age);
  g_test_add_func ("/picker-stall/many", test_a_free_block_among_very_many_pieces_is_found);
  g_test_add_func ("/picker-stall/remembered", test_what_falls_free_is_found_by_who_found_nothing);
  return g_test_run ();
}

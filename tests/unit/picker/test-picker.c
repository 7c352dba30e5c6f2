/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-picker.h"

#define N_BLOCKS 4u /* of every piece in the tests of single rules */

static CcbtPicker *
make_picker (guint32 n_pieces)
{
  const guint32 length = N_BLOCKS * CCBT_BLOCK_SIZE;
  const CcbtPieceMap map = { (guint64) n_pieces * length, length, n_pieces };

  return ccbt_picker_new (&map, 1);
}

/* Of a peer that has everything. */
static CcbtBitfield
make_full (guint32 n_pieces)
{
  CcbtBitfield full;

  ccbt_bitfield_init (&full, n_pieces);
  ccbt_bitfield_set_all (&full);
  return full;
}

static void
get_piece (CcbtPicker *picker, guint32 piece)
{
  ccbt_picker_set_have (picker, piece, TRUE);
}

static guint
pick_as (CcbtPicker *picker, CcbtPeerHandle peer, const CcbtBitfield *has, CcbtBlock *out,
         guint max)
{
  const CcbtPickRequest request = { .peer = peer, .has = has };

  return ccbt_picker_pick (picker, &request, out, max);
}

/* Picks a whole piece. Returns: which */
static guint32
pick_piece (CcbtPicker *picker, const CcbtPickRequest *request)
{
  CcbtBlock out[N_BLOCKS];

  g_assert_cmpuint (ccbt_picker_pick (picker, request, out, N_BLOCKS), ==, N_BLOCKS);
  for (guint i = 1; i < N_BLOCKS; i++)
    g_assert_cmpuint (out[i].piece, ==, out[0].piece);
  return out[0].piece;
}

static gboolean
receive_from (CcbtPicker *picker, CcbtBlock block, CcbtPeerHandle peer)
{
  CcbtPeerHandle others[3];
  guint n_others;

  return ccbt_picker_mark_received (picker, block, peer, others, &n_others);
}

static void
test_the_rarest_piece_comes_first (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (20);
  CcbtBitfield full = make_full (20);
  const CcbtPickRequest request = { .peer = 1, .has = &full };

  for (guint32 i = 0; i < 5; i++)
    get_piece (picker, i);
  for (guint32 i = 5; i < 20; i++)
    for (guint k = 0; k < (i == 13 ? 1u : i == 7 ? 2u : 5u); k++)
      ccbt_picker_add_piece (picker, i);
  g_assert_cmpuint (pick_piece (picker, &request), ==, 13);
  g_assert_cmpuint (pick_piece (picker, &request), ==, 7);
}

static void
test_the_first_pieces_come_at_random (void)
{
  guint n_different = 0;
  CcbtBitfield full = make_full (1000);

  for (guint seed = 0; seed < 20; seed++)
    {
      const CcbtPieceMap map = { 1000 * CCBT_BLOCK_SIZE, CCBT_BLOCK_SIZE, 1000 };
      g_autoptr (CcbtPicker) picker = ccbt_picker_new (&map, seed);
      CcbtBlock out;

      for (guint32 i = 1; i < 1000; i++)
        ccbt_picker_add_piece (picker, i);
      g_assert_cmpuint (pick_as (picker, 1, &full, &out, 1), ==, 1);
      n_different += out.piece != 0 ? 1 : 0;
    }
  g_assert_cmpuint (n_different, >=, 18);
}

static void
test_a_higher_priority_comes_before_rarity (void)
{
  CcbtBitfield full = make_full (10);
  const CcbtPickRequest request = { .peer = 1, .has = &full };

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (CcbtPicker) picker = make_picker (10);

      ccbt_picker_set_mode (picker, (CcbtPickMode) i);
      ccbt_picker_set_priority (picker, 4, CCBT_PRIORITY_HIGH);
      ccbt_picker_add_piece (picker, 4);
      g_assert_cmpuint (pick_piece (picker, &request), ==, 4);
    }
}

static void
test_sequential_goes_up (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (10);
  CcbtBitfield full = make_full (10);
  const CcbtPickRequest request = { .peer = 1, .has = &full };

  ccbt_picker_set_mode (picker, CCBT_PICK_SEQUENTIAL);
  get_piece (picker, 2);
  ccbt_picker_set_priority (picker, 4, CCBT_PRIORITY_SKIP);
  g_assert_cmpuint (pick_piece (picker, &request), ==, 0);
  g_assert_cmpuint (pick_piece (picker, &request), ==, 1);
  g_assert_cmpuint (pick_piece (picker, &request), ==, 3);
  g_assert_cmpuint (pick_piece (picker, &request), ==, 5);
}

static void
test_round_robin_goes_on_and_wraps (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (4);
  CcbtBitfield full = make_full (4), last;
  const CcbtPickRequest request = { .peer = 1, .has = &full };

  ccbt_picker_set_mode (picker, CCBT_PICK_ROUND_ROBIN);
  ccbt_bitfield_init (&last, 4);
  ccbt_bitfield_set (&last, 2);
  g_assert_cmpuint (pick_piece (picker, &(CcbtPickRequest){ .peer = 2, .has = &last }), ==, 2);
  g_assert_cmpuint (pick_piece (picker, &request), ==, 3);
  g_assert_cmpuint (pick_piece (picker, &request), ==, 0);
  ccbt_bitfield_clear (&last);
}

static void
test_a_piece_in_progress_is_finished_first (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (10);
  CcbtBitfield full = make_full (10);
  CcbtBlock first[2], second[3];

  g_assert_cmpuint (pick_as (picker, 1, &full, first, 2), ==, 2);
  g_assert_cmpuint (pick_as (picker, 2, &full, second, 3), ==, 3);
  g_assert_cmpuint (second[0].piece, ==, first[0].piece);
  g_assert_cmpuint (second[0].block, ==, 2);
  g_assert_cmpuint (second[1].piece, ==, first[0].piece);
  g_assert_cmpuint (second[2].piece, !=, first[0].piece);
}

static void
test_slow_and_fast_peers_do_not_share_while_there_is_a_choice (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (2);
  CcbtBitfield full = make_full (2);
  const CcbtPickRequest slow = { .peer = 1, .has = &full, .is_slow = TRUE };
  CcbtBlock a, b[6];

  g_assert_cmpuint (ccbt_picker_pick (picker, &slow, &a, 1), ==, 1);
  g_assert_cmpuint (pick_as (picker, 2, &full, b, 6), ==, 6);
  for (guint i = 0; i < 6; i++)
    g_assert_cmpint (b[i].piece != a.piece, ==, i < 4);
}

static void
test_a_peer_on_parole_works_alone (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (2);
  CcbtBitfield full = make_full (2);
  const CcbtPickRequest suspect = { .peer = 1, .has = &full, .is_on_parole = TRUE };
  CcbtBlock shared, own[2], rest[8];

  g_assert_cmpuint (pick_as (picker, 2, &full, &shared, 1), ==, 1);
  g_assert_cmpuint (ccbt_picker_pick (picker, &suspect, own, 2), ==, 2);
  g_assert_cmpuint (own[0].piece, !=, shared.piece);
  g_assert_cmpuint (pick_as (picker, 2, &full, rest, 8), ==, 3);
  /* Gone: what was kept for it is everybody's. */
  ccbt_picker_abandon (picker, own[0], 1);
  ccbt_picker_abandon (picker, own[1], 1);
  ccbt_picker_forget_peer (picker, 1);
  g_assert_cmpuint (pick_as (picker, 2, &full, rest, 8), ==, 4);
}

static void
test_only_the_allowed_pieces_of_a_choking_peer (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (10);
  CcbtBitfield full = make_full (10);
  const guint32 allowed[] = { 7, 3 };
  CcbtBlock out[20];
  CcbtPickRequest request = { .peer = 1, .has = &full, .only_pieces = allowed };

  g_assert_cmpuint (ccbt_picker_pick (picker, &request, out, 20), ==, 0);
  request.n_only_pieces = 2;
  g_assert_cmpuint (ccbt_picker_pick (picker, &request, out, 20), ==, 2 * N_BLOCKS);
  for (guint i = 0; i < 2 * N_BLOCKS; i++)
    g_assert_true (out[i].piece == 7 || out[i].piece == 3);
}

static void
test_a_suggestion_counts_among_equals_only (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (20);
  CcbtBitfield full = make_full (20);
  const guint32 common[] = { 9 }, rare[] = { 15 };
  CcbtPickRequest request = { .peer = 1, .has = &full, .suggested = common, .n_suggested = 1 };

  for (guint32 i = 0; i < 4; i++)
    get_piece (picker, i);
  ccbt_picker_add_piece (picker, 9);
  g_assert_cmpuint (pick_piece (picker, &request), !=, 9);
  request.suggested = rare;
  g_assert_cmpuint (pick_piece (picker, &request), ==, 15);
}

static void
test_no_more_pieces_in_progress_than_allowed (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (20);
  CcbtBitfield full = make_full (20);
  const CcbtPickRequest request = { .peer = 1, .has = &full, .max_partial = 3 };
  CcbtBlock out[40];

  g_assert_cmpuint (ccbt_picker_pick (picker, &request, out, 40), ==, 3 * N_BLOCKS);
  g_assert_cmpuint (ccbt_picker_get_n_partial (picker), ==, 3);
}

static void
test_the_endgame_asks_a_second_peer_and_no_third (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (1);
  CcbtBitfield full = make_full (1);
  CcbtBlock out[N_BLOCKS];
  CcbtPeerHandle others[3];
  guint n_others;

  g_assert_cmpuint (pick_as (picker, 1, &full, out, N_BLOCKS), ==, N_BLOCKS);
  g_assert_true (ccbt_picker_is_endgame (picker));
  g_assert_cmpuint (pick_as (picker, 1, &full, out, N_BLOCKS), ==, 0);
  g_assert_cmpuint (pick_as (picker, 2, &full, out, N_BLOCKS), ==, 2);
  g_assert_cmpuint (pick_as (picker, 2, &full, out, N_BLOCKS), ==, 2);
  g_assert_cmpuint (pick_as (picker, 3, &full, out, N_BLOCKS), ==, 0);
  g_assert_true (ccbt_picker_mark_received (picker, (CcbtBlock){ 0, 1 }, 2, others, &n_others));
  g_assert_cmpuint (n_others, ==, 1);
  g_assert_cmpuint (others[0], ==, 1);
  g_assert_false (receive_from (picker, (CcbtBlock){ 0, 1 }, 1));
}

static void
test_a_skipped_piece_does_not_hold_up_the_endgame (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (2);
  CcbtBitfield full = make_full (2);
  CcbtBlock begun, out[N_BLOCKS];

  ccbt_picker_add_pieces (picker, &full);
  g_assert_cmpuint (pick_as (picker, 1, &full, &begun, 1), ==, 1);
  ccbt_picker_set_priority (picker, begun.piece, CCBT_PRIORITY_SKIP);
  g_assert_cmpuint (pick_as (picker, 1, &full, out, N_BLOCKS), ==, N_BLOCKS);
  g_assert_true (ccbt_picker_is_endgame (picker));
  g_assert_cmpuint (pick_as (picker, 2, &full, out, N_BLOCKS), ==, 2);
  /* Wanted again: its free blocks are back. */
  ccbt_picker_set_priority (picker, begun.piece, CCBT_PRIORITY_LOW);
  g_assert_false (ccbt_picker_is_endgame (picker));
  g_assert_cmpuint (pick_as (picker, 2, &full, out, N_BLOCKS), ==, N_BLOCKS - 1);
  g_assert_cmpuint (out[0].piece, ==, begun.piece);
}

static void
test_a_failed_piece_is_asked_of_one_peer_only (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (1);
  CcbtBitfield full = make_full (1);
  CcbtBlock out[N_BLOCKS];

  g_assert_cmpuint (pick_as (picker, 1, &full, out, N_BLOCKS), ==, N_BLOCKS);
  for (guint i = 0; i < N_BLOCKS; i++)
    g_assert_true (receive_from (picker, out[i], 1 + i % 2));
  g_assert_true (ccbt_picker_is_piece_received (picker, 0));
  g_assert_cmpuint (ccbt_picker_get_giver (picker, out[1]), ==, 2);
  ccbt_picker_piece_failed (picker, 0, 2);
  g_assert_cmpuint (ccbt_picker_get_giver (picker, out[1]), ==, CCBT_PEER_NONE);
  g_assert_cmpuint (pick_as (picker, 1, &full, out, N_BLOCKS), ==, 0);
  g_assert_cmpuint (pick_as (picker, 2, &full, out, N_BLOCKS), ==, N_BLOCKS);
}

static void
test_interest_ignores_what_is_had_or_skipped (void)
{
  g_autoptr (CcbtPicker) picker = make_picker (130);
  CcbtBitfield some;

  ccbt_bitfield_init (&some, 130);
  g_assert_false (ccbt_picker_wants_any (picker, &some));
  ccbt_bitfield_set (&some, 3);
  ccbt_bitfield_set (&some, 129);
  g_assert_true (ccbt_picker_wants_any (picker, &some));
  get_piece (picker, 3);
  g_assert_true (ccbt_picker_wants_any (picker, &some));
  ccbt_picker_set_priority (picker, 129, CCBT_PRIORITY_SKIP);
  g_assert_false (ccbt_picker_wants_any (picker, &some));
  /* A full set that lost one again has no more bits than it should. */
  ccbt_bitfield_set_all (&some);
  for (guint32 i = 0; i < 129; i++)
    ccbt_bitfield_unset (&some, i);
  g_assert_false (ccbt_picker_wants_any (picker, &some));
  ccbt_bitfield_clear (&some);
}

/* --- A swarm --- */

#define SWARM_PIECES 500u
#define SWARM_BLOCKS 16u
#define SWARM_PEERS 40u
#define PIPELINE 32u /* of the fastest: four ticks' worth */

typedef struct
{
  CcbtPeerHandle handle;
  CcbtBitfield has;
  guint speed; /* blocks a tick */
  CcbtBlock asked[PIPELINE];
  guint n_asked;
} FakePeer;

typedef struct
{
  CcbtPicker *picker;
  CcbtRandom random;
  FakePeer peers[SWARM_PEERS];
  GArray *cancels; /* they arrive at the end of the tick */
  guint n_received;
  guint n_duplicates;
} Swarm;

typedef struct
{
  CcbtPeerHandle peer;
  CcbtBlock block;
} Cancel;

static void
drop_request (FakePeer *peer, CcbtBlock block)
{
  for (guint i = 0; i < peer->n_asked; i++)
    if (peer->asked[i].piece == block.piece && peer->asked[i].block == block.block)
      {
        memmove (peer->asked + i, peer->asked + i + 1,
                 (--peer->n_asked - i) * sizeof peer->asked[0]);
        return;
      }
}

static void
swarm_arrive (Swarm *self, FakePeer *peer, CcbtBlock block)
{
  CcbtPeerHandle others[3];
  guint n_others;

  drop_request (peer, block);
  self->n_received++;
  if (!ccbt_picker_mark_received (self->picker, block, peer->handle, others, &n_others))
    self->n_duplicates++;
  for (guint i = 0; i < n_others; i++)
    {
      Cancel cancel = { others[i], block };

      g_array_append_val (self->cancels, cancel);
    }
  if (!ccbt_picker_is_piece_received (self->picker, block.piece))
    return;
  /* Now and then a hash fails. */
  if (ccbt_random_below (&self->random, 100) == 0)
    {
      self->n_received -= SWARM_BLOCKS;
      ccbt_picker_piece_failed (self->picker, block.piece, CCBT_PEER_NONE);
    }
  else
    ccbt_picker_piece_passed (self->picker, block.piece);
}

/* Chokes or falls silent: what it was asked for is over. */
static void
swarm_abandon (Swarm *self, FakePeer *peer)
{
  for (guint i = 0; i < peer->n_asked; i++)
    ccbt_picker_abandon (self->picker, peer->asked[i], peer->handle);
  peer->n_asked = 0;
}

static void
swarm_gain (Swarm *self, FakePeer *peer)
{
  guint32 piece = ccbt_random_below (&self->random, SWARM_PIECES);

  if (!ccbt_bitfield_set (&peer->has, piece))
    return;
  ccbt_picker_add_piece (self->picker, piece);
  if (ccbt_bitfield_is_full (&peer->has))
    ccbt_picker_promote_to_seed (self->picker);
}

static void
swarm_tick_peer (Swarm *self, FakePeer *peer)
{
  const CcbtPickRequest request
      = { .peer = peer->handle, .has = &peer->has, .is_slow = peer->speed < 3 };

  swarm_gain (self, peer);
  if (ccbt_random_below (&self->random, 200) == 0)
    swarm_abandon (self, peer);
  for (guint i = 0; i < peer->speed && peer->n_asked > 0; i++)
    swarm_arrive (self, peer, peer->asked[0]);
  /* As much as it brings in four ticks. */
  if (peer->n_asked < 4 * peer->speed)
    peer->n_asked += ccbt_picker_pick (self->picker, &request, peer->asked + peer->n_asked,
                                       4 * peer->speed - peer->n_asked);
}

static void
swarm_tick (Swarm *self)
{
  for (guint i = 0; i < SWARM_PEERS; i++)
    swarm_tick_peer (self, &self->peers[i]);
  for (guint i = 0; i < self->cancels->len; i++)
    {
      Cancel *cancel = &g_array_index (self->cancels, Cancel, i);

      drop_request (&self->peers[cancel->peer - 1], cancel->block);
    }
  g_array_set_size (self->cancels, 0);
}

static void
swarm_init (Swarm *self, guint64 seed)
{
  const CcbtPieceMap map = { (guint64) SWARM_PIECES * SWARM_BLOCKS * CCBT_BLOCK_SIZE,
                             SWARM_BLOCKS * CCBT_BLOCK_SIZE, SWARM_PIECES };

  *self = (Swarm){ .picker = ccbt_picker_new (&map, seed) };
  ccbt_random_init (&self->random, seed);
  self->cancels = g_array_new (FALSE, FALSE, sizeof (Cancel));
  for (guint i = 0; i < SWARM_PEERS; i++)
    {
      FakePeer *peer = &self->peers[i];
      guint32 share = ccbt_random_below (&self->random, 100);

      peer->handle = i + 1;
      peer->speed = 1 + ccbt_random_below (&self->random, 8);
      ccbt_bitfield_init (&peer->has, SWARM_PIECES);
      for (guint32 k = 0; k < SWARM_PIECES; k++)
        if (i == 0 || ccbt_random_below (&self->random, 100) < share)
          ccbt_bitfield_set (&peer->has, k);
      ccbt_picker_add_pieces (self->picker, &peer->has);
    }
}

static void
swarm_clear (Swarm *self)
{
  for (guint i = 0; i < SWARM_PEERS; i++)
    ccbt_bitfield_clear (&self->peers[i].has);
  g_array_unref (self->cancels);
  ccbt_picker_free (self->picker);
}

static void
test_a_swarm_completes_with_few_duplicates (gconstpointer data)
{
  g_autofree Swarm *swarm = g_new (Swarm, 1);
  guint n_ticks = 0;

  swarm_init (swarm, 100);
  ccbt_picker_set_mode (swarm->picker, (CcbtPickMode) GPOINTER_TO_UINT (data));
  for (; !ccbt_picker_is_finished (swarm->picker); n_ticks++)
    {
      swarm_tick (swarm);
      g_assert_cmpuint (n_ticks, <, 1000);
    }
  g_test_message ("%u ticks, %u duplicates of %u", n_ticks, swarm->n_duplicates,
                  SWARM_PIECES * SWARM_BLOCKS);
  g_assert_cmpuint (swarm->n_duplicates * 50, <, SWARM_PIECES * SWARM_BLOCKS);
  g_assert_cmpuint (swarm->n_received - swarm->n_duplicates, ==, SWARM_PIECES * SWARM_BLOCKS);
  g_assert_cmpuint (ccbt_picker_get_n_partial (swarm->picker), ==, 0);
  swarm_clear (swarm);
}

static void
add_swarms (void)
{
  static const char *const names[] = { "rarest-first", "sequential", "round-robin" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strdup_printf ("/picker/swarm/%s", names[i]);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_a_swarm_completes_with_few_duplicates);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/picker/rarest", test_the_rarest_piece_comes_first);
  g_test_add_func ("/picker/random-first", test_the_first_pieces_come_at_random);
  g_test_add_func ("/picker/priority", test_a_higher_priority_comes_before_rarity);
  g_test_add_func ("/picker/sequential", test_sequential_goes_up);
  g_test_add_func ("/picker/round-robin", test_round_robin_goes_on_and_wraps);
  g_test_add_func ("/picker/in-progress", test_a_piece_in_progress_is_finished_first);
  g_test_add_func ("/picker/slow", test_slow_and_fast_peers_do_not_share_while_there_is_a_choice);
  g_test_add_func ("/picker/parole", test_a_peer_on_parole_works_alone);
  g_test_add_func ("/picker/allowed", test_only_the_allowed_pieces_of_a_choking_peer);
  g_test_add_func ("/picker/suggested", test_a_suggestion_counts_among_equals_only);
  g_test_add_func ("/picker/max-partial", test_no_more_pieces_in_progress_than_allowed);
  g_test_add_func ("/picker/endgame", test_the_endgame_asks_a_second_peer_and_no_third);
  g_test_add_func ("/picker/endgame-skipped", test_a_skipped_piece_does_not_hold_up_the_endgame);
  g_test_add_func ("/picker/failed", test_a_failed_piece_is_asked_of_one_peer_only);
  g_test_add_func ("/picker/interest", test_interest_ignores_what_is_had_or_skipped);
  add_swarms ();
  return g_test_run ();
}

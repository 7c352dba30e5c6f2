/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker-model.h"

#define N_STEPS 100000u

static ModelPeer *
draw_peer (Model *model)
{
  ModelPeer *peer = &model->peers[model_draw (model, MODEL_PEERS)];

  return peer->handle != CCBT_PEER_NONE ? peer : NULL;
}

static void
fill_at_random (Model *model, CcbtBitfield *has)
{
  guint32 share = model_draw (model, 6);

  ccbt_bitfield_init (has, MODEL_PIECES);
  if (share == 5)
    ccbt_bitfield_set_all (has);
  for (guint32 i = 0; i < MODEL_PIECES && share < 5; i++)
    if (model_draw (model, 4) < share)
      ccbt_bitfield_set (has, i);
}

static void
step_join (Model *model)
{
  ModelPeer *peer = &model->peers[model_draw (model, MODEL_PEERS)];

  if (peer->handle != CCBT_PEER_NONE)
    return;
  peer->handle = ++model->last_handle;
  fill_at_random (model, &peer->has);
  ccbt_picker_add_pieces (model->picker, &peer->has);
}

static void
abandon_piece (Model *model, guint32 piece, CcbtPeerHandle peer)
{
  for (guint32 k = 0; k < model->pieces[piece].n_blocks; k++)
    {
      CcbtBlock block = { piece, k };

      if (!model_was_asked (model_block (model, block), peer))
        continue;
      model_abandon (model_block (model, block), peer);
      model_settle (&model->pieces[piece]);
      ccbt_picker_abandon (model->picker, block, peer);
    }
}

static void
abandon_all (Model *model, CcbtPeerHandle peer)
{
  for (guint32 i = 0; i < MODEL_PIECES; i++)
    abandon_piece (model, i, peer);
}

static void
forget_reservations (Model *model, CcbtPeerHandle peer)
{
  ccbt_picker_forget_peer (model->picker, peer);
  for (guint32 i = 0; i < MODEL_PIECES; i++)
    if (model->pieces[i].only == peer)
      {
        model->pieces[i].only = CCBT_PEER_NONE;
        model->pieces[i].is_parole = FALSE;
      }
}

static void
step_leave (Model *model)
{
  ModelPeer *peer = draw_peer (model);

  if (peer == NULL)
    return;
  abandon_all (model, peer->handle);
  ccbt_picker_remove_pieces (model->picker, &peer->has);
  forget_reservations (model, peer->handle);
  ccbt_bitfield_clear (&peer->has);
  peer->handle = CCBT_PEER_NONE;
}

static void
step_peer_has (Model *model)
{
  ModelPeer *peer = draw_peer (model);
  guint32 piece = model_draw (model, MODEL_PIECES);

  if (peer == NULL || !ccbt_bitfield_set (&peer->has, piece))
    return;
  ccbt_picker_add_piece (model->picker, piece);
  if (ccbt_bitfield_is_full (&peer->has))
    ccbt_picker_promote_to_seed (model->picker);
}

/* A peer has a piece no longer (BEP 54). */
static void
step_peer_lost (Model *model)
{
  ModelPeer *peer = draw_peer (model);
  guint32 piece = model_draw (model, MODEL_PIECES);
  gboolean was_full = peer != NULL && ccbt_bitfield_is_full (&peer->has);

  if (peer == NULL || !ccbt_bitfield_unset (&peer->has, piece))
    return;
  if (was_full)
    ccbt_picker_demote_seed (model->picker);
  ccbt_picker_remove_piece (model->picker, piece);
  abandon_piece (model, piece, peer->handle);
  forget_reservations (model, peer->handle);
}

static void
step_pick (Model *model)
{
  ModelPeer *peer = draw_peer (model);
  guint32 some[5];
  CcbtPickRequest request;

  if (peer == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (some); i++)
    some[i] = model_draw (model, MODEL_PIECES);
  request = (CcbtPickRequest){
    .peer = peer->handle,
    .has = &peer->has,
    .is_slow = peer->handle % 3 == 0,
    .is_on_parole = peer->handle % 7 == 0,
  };
  if (model_draw (model, 10) == 0)
    {
      request.only_pieces = some;
      request.n_only_pieces = model_draw (model, G_N_ELEMENTS (some) + 1);
    }
  if (model_draw (model, 5) == 0)
    {
      request.suggested = some;
      request.n_suggested = G_N_ELEMENTS (some);
    }
  if (model_draw (model, 10) == 0)
    request.max_partial = 1 + model_draw (model, 10);
  model_pick (model, &request, 1 + model_draw (model, 8));
}

/* Any block; mostly one in the asked-for state. */
static CcbtBlock
draw_block (Model *model, CcbtBlockState state)
{
  CcbtBlock block = { 0, 0 };

  for (guint tries = 0; tries < 60; tries++)
    {
      block.piece = model_draw (model, MODEL_PIECES);
      block.block = model_draw (model, model->pieces[block.piece].n_blocks);
      if (model_block (model, block)->state == state && !model->pieces[block.piece].have)
        break;
    }
  return block;
}

static CcbtPeerHandle
draw_asked (Model *model, const ModelBlock *block)
{
  if (block->n_asked == 0 || model_draw (model, 20) == 0)
    return 1 + model_draw (model, model->last_handle + 1);
  return block->asked[model_draw (model, block->n_asked)];
}

static void
step_abandon (Model *model)
{
  CcbtBlock block = draw_block (model, CCBT_BLOCK_REQUESTED);
  CcbtPeerHandle peer = draw_asked (model, model_block (model, block));

  model_abandon (model_block (model, block), peer);
  model_settle (&model->pieces[block.piece]);
  ccbt_picker_abandon (model->picker, block, peer);
}

static void
check_others (const ModelBlock *block, CcbtPeerHandle giver, const CcbtPeerHandle *others,
              guint n_others)
{
  g_assert_cmpuint (n_others, ==, block->n_asked - (model_was_asked (block, giver) ? 1 : 0));
  for (guint i = 0; i < n_others; i++)
    {
      g_assert_cmpuint (others[i], !=, giver);
      g_assert_true (model_was_asked (block, others[i]));
    }
}

static void
step_receive (Model *model)
{
  CcbtBlock where
      = draw_block (model, model_draw (model, 50) ? CCBT_BLOCK_REQUESTED : CCBT_BLOCK_FREE);
  ModelBlock *block = model_block (model, where);
  CcbtPeerHandle peer = draw_asked (model, block), others[3];
  gboolean is_new = !model->pieces[where.piece].have && block->state != CCBT_BLOCK_RECEIVED;
  guint n_others;

  g_assert_cmpint (ccbt_picker_mark_received (model->picker, where, peer, others, &n_others), ==,
                   is_new);
  if (!is_new)
    {
      g_assert_cmpuint (n_others, ==, 0);
      return;
    }
  check_others (block, peer, others, n_others);
  *block = (ModelBlock){ .state = CCBT_BLOCK_RECEIVED, .giver = peer };
}

static void
step_lose (Model *model)
{
  CcbtBlock where = draw_block (model, CCBT_BLOCK_RECEIVED);

  ccbt_picker_mark_lost (model->picker, where);
  if (model_block (model, where)->state == CCBT_BLOCK_RECEIVED)
    *model_block (model, where) = (ModelBlock){ .state = CCBT_BLOCK_FREE };
  model_settle (&model->pieces[where.piece]);
}

/* Judges one piece that is all there, when there is one. */
static void
step_judge (Model *model, gboolean passes)
{
  guint32 from = model_draw (model, MODEL_PIECES);
  ModelPeer *only = draw_peer (model);

  for (guint32 i = 0; i < MODEL_PIECES; i++)
    {
      guint32 index = (from + i) % MODEL_PIECES;
      ModelPiece *piece = &model->pieces[index];

      if (!ccbt_picker_is_piece_received (model->picker, index))
        continue;
      model_forget_blocks (piece);
      piece->have = passes;
      piece->only = !passes && only != NULL ? only->handle : CCBT_PEER_NONE;
      if (passes)
        ccbt_picker_piece_passed (model->picker, index);
      else
        ccbt_picker_piece_failed (model->picker, index, piece->only);
      return;
    }
}

static void
step_prioritise (Model *model)
{
  static const CcbtPriority some[] = { CCBT_PRIORITY_SKIP, CCBT_PRIORITY_LOW, CCBT_PRIORITY_NORMAL,
                                       CCBT_PRIORITY_HIGH, CCBT_PRIORITY_MAXIMUM };
  guint32 piece = model_draw (model, MODEL_PIECES);

  model->pieces[piece].priority = some[model_draw (model, G_N_ELEMENTS (some))];
  ccbt_picker_set_priority (model->picker, piece, model->pieces[piece].priority);
}

/* The disk lost a piece, or a check found one. */
static void
step_check_found (Model *model)
{
  guint32 index = model_draw (model, MODEL_PIECES);
  ModelPiece *piece = &model->pieces[index];
  gboolean have = model_draw (model, 3) == 0;

  if (have && !piece->have)
    model_forget_blocks (piece);
  piece->have = have;
  ccbt_picker_set_have (model->picker, index, have);
}

static void
step (Model *model)
{
  guint32 drawn = model_draw (model, 1000);

  if (drawn < 8)
    step_join (model);
  else if (drawn < 14)
    step_leave (model);
  else if (drawn < 20)
    step_peer_lost (model);
  else if (drawn < 60)
    step_peer_has (model);
  else if (drawn < 400)
    step_pick (model);
  else if (drawn < 500)
    step_abandon (model);
  else if (drawn < 860)
    step_receive (model);
  else if (drawn < 870)
    step_lose (model);
  else if (drawn < 890)
    step_judge (model, FALSE);
  else if (drawn < 960)
    step_judge (model, TRUE);
  else if (drawn < 975)
    step_prioritise (model);
  else if (drawn < 980)
    ccbt_picker_set_mode (model->picker, (CcbtPickMode) model_draw (model, 3));
  else
    step_check_found (model);
}

static void
test_agrees_with_a_naive_model (gconstpointer data)
{
  Model model;
  guint n_endgame = 0, n_finished = 0;

  model_init (&model, GPOINTER_TO_UINT (data));
  for (guint i = 0; i < N_STEPS; i++)
    {
      step (&model);
      model_check (&model);
      n_endgame += ccbt_picker_is_endgame (model.picker) ? 1 : 0;
      n_finished += ccbt_picker_is_finished (model.picker) ? 1 : 0;
    }
  g_test_message ("endgame in %u steps, finished in %u", n_endgame, n_finished);
  /* Else the walk did not come where it should. */
  g_assert_cmpuint (n_endgame, >, 100);
  model_clear (&model);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint seed = 1; seed <= 4; seed++)
    {
      g_autofree char *path = g_strdup_printf ("/picker/model/%u", seed);

      g_test_add_data_func (path, GUINT_TO_POINTER (seed), test_agrees_with_a_naive_model);
    }
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "picker/ccbt-picker.h"

/* What a picker should know, kept in the simplest way that could be right: arrays, walked in full. */
#define MODEL_PIECES 41u
#define MODEL_BLOCKS 4u /* of a piece at most */
#define MODEL_PEERS 12u

typedef struct
{
  CcbtBlockState state;
  guint n_asked;
  CcbtPeerHandle asked[MODEL_PEERS + 2];
  CcbtPeerHandle giver;
} ModelBlock;

typedef struct
{
  gboolean have;
  CcbtPriority priority;
  CcbtPeerHandle only;
  gboolean is_parole; /* kept by a pick, not for blame */
  guint32 n_blocks;
  ModelBlock blocks[MODEL_BLOCKS];
} ModelPiece;

typedef struct
{
  CcbtPeerHandle handle; /* NONE: not here */
  CcbtBitfield has;
} ModelPeer;

typedef struct
{
  CcbtPieceMap map;
  CcbtRandom random;
  CcbtPicker *picker;
  ModelPiece pieces[MODEL_PIECES];
  ModelPeer peers[MODEL_PEERS];
  CcbtPeerHandle last_handle;
} Model;

static inline guint32
model_draw (Model *self, guint32 below)
{
  return ccbt_random_below (&self->random, below);
}

/* Four blocks a piece, two in the last one. */
static inline void
model_init (Model *self, guint64 seed)
{
  *self = (Model){ .map = { (guint64) (MODEL_PIECES - 1) * 65536 + 20000, 65536, MODEL_PIECES } };
  ccbt_random_init (&self->random, seed);
  self->picker = ccbt_picker_new (&self->map, seed);
  for (guint32 i = 0; i < MODEL_PIECES; i++)
    {
      self->pieces[i].priority = CCBT_PRIORITY_NORMAL;
      self->pieces[i].n_blocks = i + 1 < MODEL_PIECES ? 4 : 2;
    }
}

static inline void
model_clear (Model *self)
{
  for (guint i = 0; i < MODEL_PEERS; i++)
    if (self->peers[i].handle != CCBT_PEER_NONE)
      ccbt_bitfield_clear (&self->peers[i].has);
  ccbt_picker_free (self->picker);
}

/* --- What follows from the state --- */

static inline ModelBlock *
model_block (Model *self, CcbtBlock block)
{
  return &self->pieces[block.piece].blocks[block.block];
}

static inline gboolean
model_was_asked (const ModelBlock *block, CcbtPeerHandle peer)
{
  for (guint i = 0; i < block->n_asked; i++)
    if (block->asked[i] == peer)
      return TRUE;
  return FALSE;
}

static inline gboolean
model_wants (const ModelPiece *piece)
{
  return !piece->have && piece->priority != CCBT_PRIORITY_SKIP;
}

static inline guint
model_count (const ModelPiece *piece, CcbtBlockState state)
{
  guint n = 0;

  for (guint32 i = 0; i < piece->n_blocks; i++)
    n += piece->blocks[i].state == state ? 1 : 0;
  return n;
}

static inline gboolean
model_is_partial (const ModelPiece *piece)
{
  return !piece->have
         && (piece->only != CCBT_PEER_NONE
             || model_count (piece, CCBT_BLOCK_FREE) < piece->n_blocks);
}

static inline guint
model_availability (Model *self, guint32 piece)
{
  guint n = 0;

  for (guint i = 0; i < MODEL_PEERS; i++)
    if (self->peers[i].handle != CCBT_PEER_NONE && ccbt_bitfield_get (&self->peers[i].has, piece))
      n++;
  return n;
}

/* Nothing that anybody may take is free, of what somebody connected has. */
static inline gboolean
model_is_endgame (Model *self)
{
  for (guint32 i = 0; i < MODEL_PIECES; i++)
    if (model_wants (&self->pieces[i]) && self->pieces[i].only == CCBT_PEER_NONE
        && model_availability (self, i) > 0 && model_count (&self->pieces[i], CCBT_BLOCK_FREE) > 0)
      return FALSE;
  return TRUE;
}

/* Kept for a peer on parole that was asked for nothing of it. */
static inline gboolean
model_is_kept_in_vain (const ModelPiece *piece)
{
  return piece->is_parole && model_count (piece, CCBT_BLOCK_REQUESTED) == 0;
}

static inline gboolean
model_has (const CcbtPickRequest *request, guint32 index)
{
  if (!ccbt_bitfield_get (request->has, index))
    return FALSE;
  for (guint i = 0; i < request->n_only_pieces; i++)
    if (request->only_pieces[i] == index)
      return TRUE;
  return request->only_pieces == NULL;
}

static inline gboolean
model_allows (Model *self, const CcbtPickRequest *request, guint32 index)
{
  ModelPiece *piece = &self->pieces[index];

  return model_wants (piece) && model_has (request, index)
         && (piece->only == CCBT_PEER_NONE || piece->only == request->peer);
}

/* Free blocks that are taken when there is nothing else. */
static inline guint
model_count_kept_in_vain (Model *self, const CcbtPickRequest *request)
{
  guint n = 0;

  for (guint32 i = 0; i < MODEL_PIECES; i++)
    if (model_wants (&self->pieces[i]) && model_has (request, i)
        && model_is_kept_in_vain (&self->pieces[i]))
      n += model_count (&self->pieces[i], CCBT_BLOCK_FREE);
  return n;
}

/* Free blocks the peer may be asked for. */
static inline guint
model_count_takeable (Model *self, const CcbtPickRequest *request)
{
  guint n = 0;

  for (guint32 i = 0; i < MODEL_PIECES; i++)
    if (model_allows (self, request, i))
      n += model_count (&self->pieces[i], CCBT_BLOCK_FREE);
  return n;
}

/* Blocks of which the peer may be the second to be asked. */
static inline guint
model_count_shareable (Model *self, const CcbtPickRequest *request)
{
  guint n = 0;

  for (guint32 i = 0; i < MODEL_PIECES; i++)
    for (guint32 k = 0; k < self->pieces[i].n_blocks && model_allows (self, request, i); k++)
      {
        ModelBlock *block = &self->pieces[i].blocks[k];

        n += block->n_asked == 1 && !model_was_asked (block, request->peer) ? 1 : 0;
      }
  return n;
}

/* --- Changes --- */

static inline void
model_forget_blocks (ModelPiece *piece)
{
  memset (piece->blocks, 0, sizeof piece->blocks);
  piece->only = CCBT_PEER_NONE;
  piece->is_parole = FALSE;
}

/* A peer on parole keeps no piece of which nothing is begun. */
static inline void
model_settle (ModelPiece *piece)
{
  if (piece->is_parole && model_count (piece, CCBT_BLOCK_FREE) == piece->n_blocks)
    model_forget_blocks (piece);
}

static inline void
model_abandon (ModelBlock *block, CcbtPeerHandle peer)
{
  for (guint i = 0; i < block->n_asked; i++)
    if (block->asked[i] == peer)
      {
        block->asked[i] = block->asked[--block->n_asked];
        if (block->n_asked == 0)
          block->state = CCBT_BLOCK_FREE;
        return;
      }
}

/* --- Does the picker agree? --- */

static inline void
model_check_piece (Model *self, guint32 index)
{
  ModelPiece *piece = &self->pieces[index];
  gboolean is_received = model_count (piece, CCBT_BLOCK_RECEIVED) == piece->n_blocks;

  g_assert_cmpuint (ccbt_picker_get_availability (self->picker, index), ==,
                    model_availability (self, index));
  g_assert_cmpint (ccbt_picker_wants (self->picker, index), ==, model_wants (piece));
  g_assert_cmpint (ccbt_picker_get_priority (self->picker, index), ==, piece->priority);
  g_assert_cmpint (ccbt_bitfield_get (ccbt_picker_get_have (self->picker), index), ==, piece->have);
  g_assert_cmpint (ccbt_picker_is_piece_received (self->picker, index), ==,
                   !piece->have && is_received);
  for (guint32 i = 0; i < piece->n_blocks; i++)
    {
      CcbtBlock block = { index, i };

      g_assert_cmpint (ccbt_picker_get_block_state (self->picker, block), ==,
                       piece->have ? CCBT_BLOCK_RECEIVED : piece->blocks[i].state);
      g_assert_cmpuint (ccbt_picker_get_giver (self->picker, block), ==, piece->blocks[i].giver);
    }
}

static inline void
model_check (Model *self)
{
  guint n_wanted = 0, n_partial = 0;

  for (guint32 i = 0; i < MODEL_PIECES; i++)
    {
      model_check_piece (self, i);
      n_wanted += model_wants (&self->pieces[i]) ? 1 : 0;
      n_partial += model_is_partial (&self->pieces[i]) ? 1 : 0;
    }
  g_assert_cmpuint (ccbt_picker_get_n_wanted_left (self->picker), ==, n_wanted);
  g_assert_cmpint (ccbt_picker_is_finished (self->picker), ==, n_wanted == 0);
  g_assert_cmpint (ccbt_picker_is_endgame (self->picker), ==, model_is_endgame (self));
  g_assert_cmpuint (ccbt_picker_get_n_partial (self->picker), ==, n_partial);
  for (guint i = 0; i < n_partial; i++)
    g_assert_true (model_is_partial (&self->pieces[ccbt_picker_get_partial (self->picker, i)]));
}

/* One answer of ccbt_picker_pick(): each block must be allowed; then it is entered. */
static inline void
model_enter_picked (Model *self, const CcbtPickRequest *request, CcbtBlock picked,
                    gboolean was_endgame)
{
  ModelPiece *piece = &self->pieces[picked.piece];
  ModelBlock *block = model_block (self, picked);

  g_assert_cmpuint (picked.block, <, piece->n_blocks);
  if (model_is_kept_in_vain (piece) && piece->only != request->peer)
    {
      g_assert_true (model_wants (piece) && model_has (request, picked.piece));
      piece->only = CCBT_PEER_NONE;
      piece->is_parole = FALSE;
    }
  g_assert_true (model_allows (self, request, picked.piece));
  g_assert_cmpint (block->state, !=, CCBT_BLOCK_RECEIVED);
  g_assert_false (model_was_asked (block, request->peer));
  g_assert_cmpuint (block->n_asked, <, was_endgame ? 2 : 1);
  if (request->is_on_parole && !model_is_partial (piece))
    {
      piece->only = request->peer;
      piece->is_parole = TRUE;
    }
  block->state = CCBT_BLOCK_REQUESTED;
  block->asked[block->n_asked++] = request->peer;
}

static inline void
model_pick (Model *self, const CcbtPickRequest *request, guint max)
{
  CcbtBlock out[16];
  guint takeable = model_count_takeable (self, request);
  guint shareable = model_count_shareable (self, request), n;
  guint kept_in_vain = model_count_kept_in_vain (self, request);
  gboolean was_endgame = model_is_endgame (self);

  n = ccbt_picker_pick (self->picker, request, out, max);
  g_assert_cmpuint (n, <=, max);
  if (takeable > 0 && request->max_partial == 0)
    g_assert_cmpuint (n, >=, request->is_on_parole ? 1 : MIN (takeable, max));
  else if (takeable == 0 && kept_in_vain > 0)
    g_assert_cmpuint (n, ==, MIN (kept_in_vain, max));
  else if (takeable == 0)
    g_assert_cmpuint (n, ==, was_endgame ? MIN (MIN (shareable, 2), max) : 0);
  for (guint i = 0; i < n; i++)
    model_enter_picked (self, request, out[i], was_endgame);
}

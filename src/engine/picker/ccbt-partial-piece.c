/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-partial-piece.h"

CcbtPartialPiece *
ccbt_partial_piece_new (guint32 piece, guint32 n_blocks)
{
  CcbtPartialPiece *self = g_malloc0 (sizeof *self + n_blocks * sizeof self->blocks[0]);

  self->piece = piece;
  self->n_blocks = self->n_free = n_blocks;
  return self;
}

static gboolean
was_asked (const CcbtPartialBlock *block, CcbtPeerHandle peer)
{
  for (guint i = 0; i < block->n_asked; i++)
    if (block->asked[i] == peer)
      return TRUE;
  return FALSE;
}

static void
set_n_asked (CcbtPartialPiece *self, CcbtPartialBlock *block, guint8 n_asked)
{
  if (block->state == CCBT_BLOCK_REQUESTED && block->n_asked == 1)
    self->n_asked_once--;
  block->n_asked = n_asked;
  if (block->state == CCBT_BLOCK_REQUESTED && n_asked == 1)
    self->n_asked_once++;
}

guint
ccbt_partial_piece_take_free (CcbtPartialPiece *self, CcbtPeerHandle peer, CcbtBlock *out,
                              guint max)
{
  guint n = 0;

  for (guint32 i = self->first_free; i < self->n_blocks && n < max && self->n_free > 0; i++)
    {
      CcbtPartialBlock *block = &self->blocks[i];

      if (block->state != CCBT_BLOCK_FREE)
        continue;
      block->state = CCBT_BLOCK_REQUESTED;
      block->asked[0] = peer;
      set_n_asked (self, block, 1);
      self->n_free--;
      self->first_free = i + 1;
      out[n++] = (CcbtBlock){ self->piece, i };
    }
  return n;
}

guint
ccbt_partial_piece_take_asked (CcbtPartialPiece *self, CcbtPeerHandle peer, CcbtBlock *out,
                               guint max)
{
  guint n = 0;

  for (guint32 i = 0; i < self->n_blocks && n < max && self->n_asked_once > 0; i++)
    {
      CcbtPartialBlock *block = &self->blocks[i];

      if (block->state != CCBT_BLOCK_REQUESTED || block->n_asked != 1 || was_asked (block, peer))
        continue;
      block->asked[1] = peer;
      set_n_asked (self, block, 2);
      out[n++] = (CcbtBlock){ self->piece, i };
    }
  return n;
}

void
ccbt_partial_piece_abandon (CcbtPartialPiece *self, guint32 index, CcbtPeerHandle peer)
{
  CcbtPartialBlock *block = &self->blocks[index];

  if (block->state != CCBT_BLOCK_REQUESTED || !was_asked (block, peer))
    return;
  for (guint i = 0; i < block->n_asked; i++)
    if (block->asked[i] == peer)
      block->asked[i] = block->asked[block->n_asked - 1];
  set_n_asked (self, block, block->n_asked - 1);
  if (block->n_asked > 0)
    return;
  block->state = CCBT_BLOCK_FREE;
  self->n_free++;
  self->first_free = MIN (self->first_free, index);
}

gboolean
ccbt_partial_piece_receive (CcbtPartialPiece *self, guint32 index, CcbtPeerHandle peer,
                            CcbtPeerHandle others[3], guint *n_others)
{
  CcbtPartialBlock *block = &self->blocks[index];

  *n_others = 0;
  if (block->state == CCBT_BLOCK_RECEIVED)
    return FALSE;
  if (block->state == CCBT_BLOCK_FREE)
    self->n_free--;
  for (guint i = 0; i < block->n_asked; i++)
    if (block->asked[i] != peer)
      others[(*n_others)++] = block->asked[i];
  set_n_asked (self, block, 0);
  block->state = CCBT_BLOCK_RECEIVED;
  block->giver = peer;
  self->n_received++;
  return TRUE;
}

void
ccbt_partial_piece_lose (CcbtPartialPiece *self, guint32 index)
{
  CcbtPartialBlock *block = &self->blocks[index];

  if (block->state != CCBT_BLOCK_RECEIVED)
    return;
  *block = (CcbtPartialBlock){ .state = CCBT_BLOCK_FREE };
  self->n_received--;
  self->n_free++;
  self->first_free = MIN (self->first_free, index);
}

void
ccbt_partial_piece_reset (CcbtPartialPiece *self)
{
  memset (self->blocks, 0, self->n_blocks * sizeof self->blocks[0]);
  self->n_free = self->n_blocks;
  self->n_received = self->n_asked_once = self->first_free = 0;
}

/* --- Open list --- */

void
ccbt_open_list_append (CcbtOpenList *self, CcbtPartialPiece *piece)
{
  g_assert (!piece->is_open);

  piece->is_open = TRUE;
  piece->previous = self->last;
  piece->next = NULL;
  *(self->last != NULL ? &self->last->next : &self->first) = piece;
  self->last = piece;
}

void
ccbt_open_list_prepend (CcbtOpenList *self, CcbtPartialPiece *piece)
{
  g_assert (!piece->is_open);

  piece->is_open = TRUE;
  piece->previous = NULL;
  piece->next = self->first;
  *(self->first != NULL ? &self->first->previous : &self->last) = piece;
  self->first = piece;
}

void
ccbt_open_list_remove (CcbtOpenList *self, CcbtPartialPiece *piece)
{
  g_assert (piece->is_open);

  *(piece->previous != NULL ? &piece->previous->next : &self->first) = piece->next;
  *(piece->next != NULL ? &piece->next->previous : &self->last) = piece->previous;
  piece->is_open = FALSE;
}

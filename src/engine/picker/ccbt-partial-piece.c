/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-partial-piece.h"

CcbtPartialPiece *
ccbt_partial_piece_new (guint32 piece, guint32 n_blocks, GQueue *asked_once)
{
  CcbtPartialPiece *self = g_malloc0 (sizeof *self + n_blocks * sizeof self->blocks[0]);

  self->piece = piece;
  self->n_blocks = self->n_free = n_blocks;
  self->asked_once = asked_once;
  for (guint32 i = 0; i < n_blocks; i++)
    self->blocks[i].link.data = self;
  return self;
}

static void
leave_queue (CcbtPartialPiece *self, CcbtPartialBlock *block)
{
  if (block->n_asked == 1)
    g_queue_unlink (self->asked_once, &block->link);
}

static void
forget_requests (CcbtPartialPiece *self)
{
  for (guint32 i = 0; i < self->n_blocks; i++)
    {
      leave_queue (self, &self->blocks[i]);
      self->blocks[i].n_asked = 0;
    }
}

void
ccbt_partial_piece_free (CcbtPartialPiece *self)
{
  forget_requests (self);
  g_free (self);
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
make_free (CcbtPartialPiece *self, CcbtPartialBlock *block)
{
  block->state = CCBT_BLOCK_FREE;
  block->giver = CCBT_PEER_NONE;
  self->n_free++;
  self->first_free = MIN (self->first_free, (guint32) (block - self->blocks));
}

guint
ccbt_partial_piece_take_free (CcbtPartialPiece *self, CcbtPeerHandle peer, CcbtBlock *out,
                              guint max)
{
  guint n = 0;

  while (n < max && self->n_free > 0)
    {
      guint32 index = self->first_free++;
      CcbtPartialBlock *block = &self->blocks[index];

      if (block->state != CCBT_BLOCK_FREE)
        continue;
      block->state = CCBT_BLOCK_REQUESTED;
      block->asked[0] = peer;
      block->n_asked = 1;
      g_queue_push_tail_link (self->asked_once, &block->link);
      self->n_free--;
      out[n++] = (CcbtBlock){ self->piece, index };
    }
  return n;
}

gboolean
ccbt_partial_piece_take_again (CcbtPartialPiece *self, CcbtPartialBlock *block, CcbtPeerHandle peer,
                               CcbtBlock *out)
{
  if (block->state != CCBT_BLOCK_REQUESTED || block->n_asked != 1 || was_asked (block, peer))
    return FALSE;
  leave_queue (self, block);
  block->asked[block->n_asked++] = peer;
  *out = (CcbtBlock){ self->piece, (guint32) (block - self->blocks) };
  return TRUE;
}

void
ccbt_partial_piece_abandon (CcbtPartialPiece *self, guint32 index, CcbtPeerHandle peer)
{
  CcbtPartialBlock *block = &self->blocks[index];
  gboolean was_first;

  if (block->state != CCBT_BLOCK_REQUESTED || !was_asked (block, peer))
    return;
  leave_queue (self, block);
  block->n_asked--;
  if (block->n_asked == 0)
    {
      make_free (self, block);
      return;
    }
  was_first = block->asked[0] == peer;
  if (was_first)
    block->asked[0] = block->asked[1];
  /* Whoever was asked second was asked lately, the first one long ago: the queue is by age. */
  if (was_first)
    g_queue_push_tail_link (self->asked_once, &block->link);
  else
    g_queue_push_head_link (self->asked_once, &block->link);
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
  leave_queue (self, block);
  block->n_asked = 0;
  block->state = CCBT_BLOCK_RECEIVED;
  block->giver = peer;
  self->n_received++;
  return TRUE;
}

void
ccbt_partial_piece_lose (CcbtPartialPiece *self, guint32 index)
{
  if (self->blocks[index].state != CCBT_BLOCK_RECEIVED)
    return;
  self->n_received--;
  make_free (self, &self->blocks[index]);
}

void
ccbt_partial_piece_reset (CcbtPartialPiece *self)
{
  forget_requests (self);
  for (guint32 i = 0; i < self->n_blocks; i++)
    {
      self->blocks[i].state = CCBT_BLOCK_FREE;
      self->blocks[i].giver = CCBT_PEER_NONE;
    }
  self->n_free = self->n_blocks;
  self->n_received = self->first_free = 0;
}

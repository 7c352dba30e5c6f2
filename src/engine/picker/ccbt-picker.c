/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-picker-private.h"

CcbtPicker *
ccbt_picker_new (const CcbtPieceMap *map, guint64 seed)
{
  CcbtPicker *self = g_new0 (CcbtPicker, 1);

  self->map = *map;
  self->order = ccbt_piece_order_new (map->n_pieces, seed);
  ccbt_bitfield_init (&self->have, map->n_pieces);
  ccbt_bitfield_init (&self->wanted, map->n_pieces);
  self->partial = g_ptr_array_new_with_free_func ((GDestroyNotify) ccbt_partial_piece_free);
  self->open = g_ptr_array_new ();
  self->by_piece = g_hash_table_new (NULL, NULL);
  self->memories = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_queue_init (&self->asked_once);
  for (guint32 i = 0; i < map->n_pieces; i++)
    ccbt_piece_order_set_priority (self->order, i, CCBT_PRIORITY_NORMAL);
  ccbt_bitfield_set_all (&self->wanted);
  return self;
}

void
ccbt_picker_free (CcbtPicker *self)
{
  ccbt_piece_order_free (self->order);
  ccbt_bitfield_clear (&self->have);
  ccbt_bitfield_clear (&self->wanted);
  g_hash_table_unref (self->by_piece);
  g_hash_table_unref (self->memories);
  g_ptr_array_unref (self->open);
  g_ptr_array_unref (self->partial);
  g_free (self);
}

void
ccbt_picker_set_mode (CcbtPicker *self, CcbtPickMode mode)
{
  self->mode = mode;
}

/* --- What is had and wanted --- */

static void
update_wanted (CcbtPicker *self, guint32 piece)
{
  if (ccbt_piece_order_get_priority (self->order, piece) > 0
      && !ccbt_bitfield_get (&self->have, piece))
    ccbt_bitfield_set (&self->wanted, piece);
  else
    ccbt_bitfield_unset (&self->wanted, piece);
}

void
ccbt_picker_set_have (CcbtPicker *self, guint32 piece, gboolean have)
{
  CcbtPartialPiece *partial;

  g_return_if_fail (piece < self->map.n_pieces);

  partial = ccbt_picker_find_partial (self, piece);
  if (have)
    ccbt_bitfield_set (&self->have, piece);
  else
    ccbt_bitfield_unset (&self->have, piece);
  update_wanted (self, piece);
  if (partial == NULL)
    ccbt_piece_order_set_hidden (self->order, piece, have);
  else if (have)
    ccbt_picker_end_partial (self, partial);
  self->openings++;
}

const CcbtBitfield *
ccbt_picker_get_have (CcbtPicker *self)
{
  return &self->have;
}

void
ccbt_picker_set_priority (CcbtPicker *self, guint32 piece, CcbtPriority priority)
{
  CcbtPartialPiece *partial;

  g_return_if_fail (piece < self->map.n_pieces);

  ccbt_piece_order_set_priority (self->order, piece,
                                 (guint8) MIN (priority, CCBT_PRIORITY_MAXIMUM));
  update_wanted (self, piece);
  partial = ccbt_picker_find_partial (self, piece);
  if (partial != NULL)
    ccbt_picker_update_partial (self, partial);
  self->openings++;
}

CcbtPriority
ccbt_picker_get_priority (CcbtPicker *self, guint32 piece)
{
  return (CcbtPriority) ccbt_piece_order_get_priority (self->order, piece);
}

gboolean
ccbt_picker_is_finished (CcbtPicker *self)
{
  return self->wanted.n_set == 0;
}

guint32
ccbt_picker_get_n_wanted_left (CcbtPicker *self)
{
  return self->wanted.n_set;
}

gboolean
ccbt_picker_wants (CcbtPicker *self, guint32 piece)
{
  return ccbt_bitfield_get (&self->wanted, piece);
}

gboolean
ccbt_picker_wants_any (CcbtPicker *self, const CcbtBitfield *pieces)
{
  gsize len = ((gsize) self->map.n_pieces + 7) / 8, i = 0;

  if (pieces->n_set == 0 || self->wanted.n_set == 0)
    return FALSE;
  if (pieces->bits == NULL || self->wanted.bits == NULL)
    return TRUE; /* one of them is everything */
  for (; i + 8 <= len; i += 8)
    {
      guint64 a, b;

      memcpy (&a, pieces->bits + i, 8);
      memcpy (&b, self->wanted.bits + i, 8);
      if (a & b)
        return TRUE;
    }
  for (; i < len; i++)
    if (pieces->bits[i] & self->wanted.bits[i])
      return TRUE;
  return FALSE;
}

/* --- Availability --- */

static void
change_all (CcbtPicker *self, const CcbtBitfield *pieces, gint change)
{
  for (guint32 piece = 0; piece < self->map.n_pieces; piece++)
    {
      if (pieces->bits != NULL && piece % 8 == 0 && pieces->bits[piece / 8] == 0)
        {
          piece += 7;
          continue;
        }
      if (ccbt_bitfield_get (pieces, piece))
        ccbt_piece_order_change_availability (self->order, piece, change);
    }
}

void
ccbt_picker_add_pieces (CcbtPicker *self, const CcbtBitfield *pieces)
{
  g_return_if_fail (pieces->n_set == 0 || pieces->n_bits == self->map.n_pieces);

  if (pieces->n_set == 0)
    return; /* one that was never set up has 0 bits and would pass for full */
  if (ccbt_bitfield_is_full (pieces))
    self->n_seeds++;
  else
    change_all (self, pieces, 1);
}

void
ccbt_picker_remove_pieces (CcbtPicker *self, const CcbtBitfield *pieces)
{
  g_return_if_fail (pieces->n_set == 0 || pieces->n_bits == self->map.n_pieces);

  if (pieces->n_set == 0)
    return;
  if (!ccbt_bitfield_is_full (pieces))
    change_all (self, pieces, -1);
  else if (self->n_seeds > 0)
    self->n_seeds--;
}

void
ccbt_picker_add_piece (CcbtPicker *self, guint32 piece)
{
  ccbt_piece_order_change_availability (self->order, piece, 1);
}

void
ccbt_picker_promote_to_seed (CcbtPicker *self)
{
  for (guint32 piece = 0; piece < self->map.n_pieces; piece++)
    ccbt_piece_order_change_availability (self->order, piece, -1);
  self->n_seeds++;
}

void
ccbt_picker_demote_seed (CcbtPicker *self)
{
  g_return_if_fail (self->n_seeds > 0);

  for (guint32 piece = 0; piece < self->map.n_pieces; piece++)
    ccbt_piece_order_change_availability (self->order, piece, 1);
  self->n_seeds--;
}

void
ccbt_picker_remove_piece (CcbtPicker *self, guint32 piece)
{
  ccbt_piece_order_change_availability (self->order, piece, -1);
}

guint
ccbt_picker_get_availability (CcbtPicker *self, guint32 piece)
{
  return ccbt_piece_order_get_availability (self->order, piece) + self->n_seeds;
}

/* --- Blocks --- */

static gboolean
is_block (CcbtPicker *self, CcbtBlock block)
{
  return block.piece < self->map.n_pieces
         && block.block < ccbt_piece_map_blocks (&self->map, block.piece);
}

CcbtBlockState
ccbt_picker_get_block_state (CcbtPicker *self, CcbtBlock block)
{
  CcbtPartialPiece *partial;

  g_return_val_if_fail (is_block (self, block), CCBT_BLOCK_FREE);

  partial = ccbt_picker_find_partial (self, block.piece);
  if (partial != NULL)
    return (CcbtBlockState) partial->blocks[block.block].state;
  return ccbt_bitfield_get (&self->have, block.piece) ? CCBT_BLOCK_RECEIVED : CCBT_BLOCK_FREE;
}

void
ccbt_picker_abandon (CcbtPicker *self, CcbtBlock block, CcbtPeerHandle peer)
{
  CcbtPartialPiece *partial;

  g_return_if_fail (is_block (self, block));

  partial = ccbt_picker_find_partial (self, block.piece);
  if (partial == NULL)
    return;
  ccbt_partial_piece_abandon (partial, block.block, peer);
  ccbt_picker_settle_partial (self, partial);
}

gboolean
ccbt_picker_mark_received (CcbtPicker *self, CcbtBlock block, CcbtPeerHandle peer,
                           CcbtPeerHandle others[3], guint *n_others)
{
  CcbtPartialPiece *partial;
  gboolean is_new;

  *n_others = 0;
  g_return_val_if_fail (is_block (self, block), FALSE);

  if (ccbt_bitfield_get (&self->have, block.piece))
    return FALSE;
  partial = ccbt_picker_find_partial (self, block.piece);
  if (partial == NULL) /* late, of a piece that was given up */
    partial = ccbt_picker_begin_partial (self, block.piece);
  is_new = ccbt_partial_piece_receive (partial, block.block, peer, others, n_others);
  if (partial->only != CCBT_PEER_NONE && ccbt_partial_piece_get_n_requested (partial) == 0)
    self->openings++; /* nothing of it is on its way: others may have to take it over */
  ccbt_picker_update_partial (self, partial);
  return is_new;
}

void
ccbt_picker_mark_lost (CcbtPicker *self, CcbtBlock block)
{
  CcbtPartialPiece *partial;

  g_return_if_fail (is_block (self, block));

  partial = ccbt_picker_find_partial (self, block.piece);
  if (partial == NULL)
    return;
  ccbt_partial_piece_lose (partial, block.block);
  ccbt_picker_settle_partial (self, partial);
}

gboolean
ccbt_picker_is_piece_received (CcbtPicker *self, guint32 piece)
{
  CcbtPartialPiece *partial = ccbt_picker_find_partial (self, piece);

  return partial != NULL && partial->n_received == partial->n_blocks;
}

CcbtPeerHandle
ccbt_picker_get_giver (CcbtPicker *self, CcbtBlock block)
{
  CcbtPartialPiece *partial;

  g_return_val_if_fail (is_block (self, block), CCBT_PEER_NONE);

  partial = ccbt_picker_find_partial (self, block.piece);
  return partial != NULL ? partial->blocks[block.block].giver : CCBT_PEER_NONE;
}

void
ccbt_picker_piece_passed (CcbtPicker *self, guint32 piece)
{
  ccbt_picker_set_have (self, piece, TRUE);
}

void
ccbt_picker_piece_failed (CcbtPicker *self, guint32 piece, CcbtPeerHandle only)
{
  CcbtPartialPiece *partial = ccbt_picker_find_partial (self, piece);

  if (partial == NULL)
    return;
  ccbt_partial_piece_reset (partial);
  partial->only = only;
  partial->is_parole = FALSE;
  ccbt_picker_settle_partial (self, partial);
}

void
ccbt_picker_forget_peer (CcbtPicker *self, CcbtPeerHandle peer)
{
  g_return_if_fail (peer != CCBT_PEER_NONE);

  g_hash_table_remove (self->memories, GUINT_TO_POINTER (peer));
  for (guint i = self->partial->len; i-- > 0;)
    {
      CcbtPartialPiece *partial = g_ptr_array_index (self->partial, i);

      if (partial->only != peer)
        continue;
      partial->only = CCBT_PEER_NONE;
      partial->is_parole = FALSE;
      ccbt_picker_settle_partial (self, partial);
    }
}

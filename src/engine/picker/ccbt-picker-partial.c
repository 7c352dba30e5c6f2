/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-picker-private.h"

/* Pieces in progress: found by index, and those with something to take kept apart, so that a pick
 * does not walk over the many whose every block is on its way. */
#define NOWHERE G_MAXUINT32

CcbtPartialPiece *
ccbt_picker_find_partial (CcbtPicker *self, guint32 piece)
{
  if (self->partial->len == 0)
    return NULL;
  if (self->latest == NULL || self->latest->piece != piece)
    self->latest = g_hash_table_lookup (self->by_piece, GUINT_TO_POINTER (piece));
  return self->latest;
}

static void
set_open (CcbtPicker *self, CcbtPartialPiece *partial, gboolean open)
{
  if (open == (partial->open_place != NOWHERE))
    return;
  if (open)
    {
      partial->open_place = self->open->len;
      g_ptr_array_add (self->open, partial);
      return;
    }
  g_ptr_array_remove_index_fast (self->open, partial->open_place);
  if (partial->open_place < self->open->len)
    {
      CcbtPartialPiece *moved = g_ptr_array_index (self->open, partial->open_place);

      moved->open_place = partial->open_place;
    }
  partial->open_place = NOWHERE;
}

void
ccbt_picker_update_partial (CcbtPicker *self, CcbtPartialPiece *partial)
{
  gboolean open = partial->n_free > 0 && ccbt_bitfield_get (&self->wanted, partial->piece);
  guint32 n_counted = open && partial->only == CCBT_PEER_NONE ? partial->n_free : 0;

  set_open (self, partial, open);
  self->n_free += n_counted - partial->n_counted;
  partial->n_counted = n_counted;
}

CcbtPartialPiece *
ccbt_picker_begin_partial (CcbtPicker *self, guint32 piece)
{
  guint32 n_blocks = ccbt_piece_map_blocks (&self->map, piece);
  CcbtPartialPiece *partial = ccbt_partial_piece_new (piece, n_blocks, &self->asked_once);

  partial->place = self->partial->len;
  partial->open_place = NOWHERE;
  g_ptr_array_add (self->partial, partial);
  g_hash_table_insert (self->by_piece, GUINT_TO_POINTER (piece), partial);
  ccbt_piece_order_set_hidden (self->order, piece, TRUE);
  ccbt_picker_update_partial (self, partial);
  return partial;
}

void
ccbt_picker_end_partial (CcbtPicker *self, CcbtPartialPiece *partial)
{
  guint32 piece = partial->piece, place = partial->place;

  set_open (self, partial, FALSE);
  self->n_free -= partial->n_counted;
  self->latest = NULL;
  g_hash_table_remove (self->by_piece, GUINT_TO_POINTER (piece));
  if (place + 1 < self->partial->len)
    {
      CcbtPartialPiece *last = g_ptr_array_index (self->partial, self->partial->len - 1);

      last->place = place;
    }
  g_ptr_array_remove_index_fast (self->partial, place);
  ccbt_piece_order_set_hidden (self->order, piece, ccbt_bitfield_get (&self->have, piece));
  self->openings++;
}

void
ccbt_picker_settle_partial (CcbtPicker *self, CcbtPartialPiece *partial)
{
  self->openings++;
  if (partial->n_free == partial->n_blocks
      && (partial->only == CCBT_PEER_NONE || partial->is_parole))
    ccbt_picker_end_partial (self, partial);
  else
    ccbt_picker_update_partial (self, partial);
}

guint
ccbt_picker_get_n_partial (CcbtPicker *self)
{
  return self->partial->len;
}

guint32
ccbt_picker_get_partial (CcbtPicker *self, guint position)
{
  g_return_val_if_fail (position < self->partial->len, 0);

  return ((CcbtPartialPiece *) g_ptr_array_index (self->partial, position))->piece;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-types.h"

/* How a torrent's bytes are cut into pieces and blocks. Ask it; never compute with the nominal
 * piece length: the last piece is short, and with v2 every file has a short last piece. Plain
 * value. */
typedef struct
{
  guint64 total_size;
  guint32 piece_length; /* nominal */
  guint32 n_pieces;
} CcbtPieceMap;

static inline guint32
ccbt_piece_map_length (const CcbtPieceMap *self, guint32 piece)
{
  if (piece + 1 < self->n_pieces)
    return self->piece_length;
  return (guint32) (self->total_size - (guint64) piece * self->piece_length);
}

static inline guint64
ccbt_piece_map_offset (const CcbtPieceMap *self, guint32 piece)
{
  return (guint64) piece * self->piece_length;
}

static inline guint32
ccbt_piece_map_blocks (const CcbtPieceMap *self, guint32 piece)
{
  return (ccbt_piece_map_length (self, piece) + CCBT_BLOCK_SIZE - 1) / CCBT_BLOCK_SIZE;
}

static inline guint32
ccbt_piece_map_block_length (const CcbtPieceMap *self, guint32 piece, guint32 block)
{
  guint32 left = ccbt_piece_map_length (self, piece) - block * CCBT_BLOCK_SIZE;

  return MIN (left, CCBT_BLOCK_SIZE);
}

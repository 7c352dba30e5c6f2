/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-piece-summary.h"

CcbtPieceSummary *
ccbt_piece_summary_new (guint32 n_pieces)
{
  guint32 n_stretches = MIN (n_pieces, CCBT_MAX_PIECE_STRETCHES);
  CcbtPieceSummary *self;

  g_return_val_if_fail (n_pieces > 0, NULL);

  self = g_malloc0 (sizeof *self + n_stretches * sizeof *self->stretches);
  self->n_pieces = n_pieces;
  self->n_stretches = n_stretches;
  return self;
}

guint32
ccbt_piece_summary_get_first (const CcbtPieceSummary *self, guint32 index)
{
  return (guint32) ((guint64) index * self->n_pieces / self->n_stretches);
}

guint32
ccbt_piece_summary_find (const CcbtPieceSummary *self, guint32 piece)
{
  /* The last stretch whose first piece is not behind @piece. */
  return (guint32) ((((guint64) piece + 1) * self->n_stretches - 1) / self->n_pieces);
}

guint8
ccbt_piece_share (guint32 n, guint32 all)
{
  if (n == 0 || n >= all)
    return n == 0 ? 0 : 255;
  return (guint8) CLAMP ((guint64) n * 255 / all, 1, 254);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "picker/ccbt-partial-piece.h"
#include "picker/ccbt-picker.h"
#include "picker/ccbt-piece-order.h"

struct _CcbtPicker
{
  CcbtPieceMap map;
  CcbtPickMode mode;
  CcbtPieceOrder *order;
  CcbtBitfield have;
  CcbtBitfield wanted; /* priority > 0 and not had */
  guint n_seeds;       /* complete peers: in every piece's availability, counted once */

  /* ccbt-picker-partial.c */
  GPtrArray *partial; /* CcbtPartialPiece, owned; in no order */
  GPtrArray *open;    /* those with a wanted free block, in no order */
  GHashTable *by_piece;
  CcbtPartialPiece *latest; /* looked up last */
  GQueue asked_once;        /* blocks asked of one peer, oldest first */
  guint32 n_free;           /* wanted free blocks of pieces in progress that anybody may take */
  guint64 openings;         /* grows whenever something may have become takeable */

  /* ccbt-picker-pick.c */
  GHashTable *memories; /* CcbtPeerHandle -> what is remembered of its last pick */
  guint next_open;      /* where the next look at many open pieces begins */
  guint32 next_round;   /* ROUND_ROBIN */
};

CcbtPartialPiece *ccbt_picker_find_partial (CcbtPicker *self, guint32 piece);
CcbtPartialPiece *ccbt_picker_begin_partial (CcbtPicker *self, guint32 piece);
void ccbt_picker_end_partial (CcbtPicker *self, CcbtPartialPiece *partial);
/* To be called after every change of the piece's blocks, reservation or priority. */
void ccbt_picker_update_partial (CcbtPicker *self, CcbtPartialPiece *partial);
/* The same, and a piece of which nothing is left begun is like any other. */
void ccbt_picker_settle_partial (CcbtPicker *self, CcbtPartialPiece *partial);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* How a torrent's pieces stand, in a bounded size: stretches of pieces that follow each other, one piece each as long
 * as there are few enough. */

#define CCBT_MAX_PIECE_STRETCHES 4096u

/* Shares are 0 to 255; 0 only for none, 255 only for all of the stretch's pieces. */
typedef struct
{
  guint8 had;     /* verified */
  guint8 begun;   /* being downloaded */
  guint8 missing; /* wanted and not had; begun ones too */
  guint8
      least; /* connected peers that have the rarest of the missing, 255 = so many or more; 0 when none is */
} CcbtPieceStretch;

typedef struct
{
  guint32 n_pieces; /* never 0 */
  guint32 n_had;
  guint32 n_begun;
  guint32 n_missing;
  guint32 n_nowhere; /* of the missing, those that no connected peer has */
  guint32 n_peers;   /* connected; without any, nowhere and least say nothing */
  guint32 n_stretches;
  CcbtPieceStretch stretches[];
} CcbtPieceSummary;

/* Zeroed but for n_pieces, which is not 0, and n_stretches. g_free() it. */
CcbtPieceSummary *ccbt_piece_summary_new (guint32 n_pieces);

/* The first piece of stretch @index; of the one behind the last: n_pieces. */
guint32 ccbt_piece_summary_get_first (const CcbtPieceSummary *self, guint32 index);
/* Which stretch @piece is in. */
guint32 ccbt_piece_summary_find (const CcbtPieceSummary *self, guint32 piece);

/* @n of @all as a share. */
guint8 ccbt_piece_share (guint32 n, guint32 all);

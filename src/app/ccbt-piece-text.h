/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-piece-summary.h"

/* How the pieces of a torrent stand, for people. Pure. */

/* The same in @n_columns of equal width, at most the summary's n_stretches. @out: as many. */
void ccbt_piece_columns_make (const CcbtPieceSummary *summary, guint n_columns,
                              CcbtPieceStretch *out);

/* "62% of 1,024 pieces; 12 are with nobody connected". Returns: (transfer full) */
char *ccbt_piece_text_format (const CcbtPieceSummary *summary);

/* What one of @n_columns says: "Pieces 11 to 20" and how they stand. Returns: (transfer full) */
char *ccbt_piece_text_format_column (const CcbtPieceSummary *summary, guint n_columns,
                                     guint column);

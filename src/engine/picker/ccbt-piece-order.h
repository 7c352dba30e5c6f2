/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-random.h"
#include "picker/ccbt-bitfield.h"

/* The pieces that could be started, sorted by priority and then by how rare they are, random among
 * equals. Every change costs O(1): each pair of priority and availability has a bucket, and a piece
 * knows its place in its bucket. */
typedef struct _CcbtPieceOrder CcbtPieceOrder;

CcbtPieceOrder *ccbt_piece_order_new (guint32 n_pieces, guint64 seed);
void ccbt_piece_order_free (CcbtPieceOrder *self);

/* @priority: 0 to 7; 0 takes the piece out. */
void ccbt_piece_order_set_priority (CcbtPieceOrder *self, guint32 piece, guint8 priority);
guint8 ccbt_piece_order_get_priority (CcbtPieceOrder *self, guint32 piece);
/* Hidden pieces (had, in progress) keep their priority and availability but are not offered. */
void ccbt_piece_order_set_hidden (CcbtPieceOrder *self, guint32 piece, gboolean hidden);
gboolean ccbt_piece_order_is_offered (CcbtPieceOrder *self, guint32 piece);
void ccbt_piece_order_change_availability (CcbtPieceOrder *self, guint32 piece, gint change);
guint ccbt_piece_order_get_availability (CcbtPieceOrder *self, guint32 piece);
guint32 ccbt_piece_order_get_n_offered (CcbtPieceOrder *self);
/* Those of them whose availability is 0. */
guint32 ccbt_piece_order_get_n_offered_by_nobody (CcbtPieceOrder *self);

/* Each returns FALSE when @has holds no offered piece. The best by priority, then rarest: */
gboolean ccbt_piece_order_find_rarest (CcbtPieceOrder *self, const CcbtBitfield *has,
                                       guint32 *piece);
/* The first at or after @from by index, wrapping around: among those of the highest priority that
 * @has holds. */
gboolean ccbt_piece_order_find_from (CcbtPieceOrder *self, const CcbtBitfield *has, guint32 from,
                                     guint32 *piece);
/* Any, at random. */
gboolean ccbt_piece_order_find_random (CcbtPieceOrder *self, const CcbtBitfield *has,
                                       guint32 *piece);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-info-hash.h"

/* A SHA-1 in progress (OpenSSL EVP), made once per piece in progress and reused. One thread at a
 * time. */
typedef struct _CcbtPieceHash CcbtPieceHash;

CcbtPieceHash *ccbt_piece_hash_new (void);
void ccbt_piece_hash_reset (CcbtPieceHash *self); /* forgets what it was given */
void ccbt_piece_hash_free (CcbtPieceHash *self);

void ccbt_piece_hash_update (CcbtPieceHash *self, const guint8 *data, gsize length);
/* Starts over afterwards. */
CcbtSha1 ccbt_piece_hash_finish (CcbtPieceHash *self);

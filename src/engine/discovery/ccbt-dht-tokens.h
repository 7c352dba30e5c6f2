/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-address.h"
#include "base/ccbt-clock.h"
#include "base/ccbt-info-hash.h"

/* Write tokens of a DHT node (BEP 5): who asked may announce, from the same address, for 5 to 10
 * minutes. Nothing is kept for a token: it is a keyed hash, and the key changes (threat B82). */
typedef struct
{
  guint8 secrets[2][16]; /* the one in use, the one before */
  gint64 rotated_at;
} CcbtDhtTokens;

#define CCBT_DHT_TOKEN_SIZE 8u

void ccbt_dht_tokens_init (CcbtDhtTokens *self, gint64 now);
/* For @address (IP only) and @target. */
void ccbt_dht_tokens_make (CcbtDhtTokens *self, const CcbtAddress *address, const CcbtSha1 *target,
                           gint64 now, guint8 token[CCBT_DHT_TOKEN_SIZE]);
gboolean ccbt_dht_tokens_check (CcbtDhtTokens *self, const CcbtAddress *address,
                                const CcbtSha1 *target, CcbtSpan token, gint64 now);

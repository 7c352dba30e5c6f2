/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-tokens.h"

#include "base/ccbt-random.h"

#define PERIOD (5 * 60 * CCBT_SECOND)

/* After a long pause the old secret must not live on as the one before. */
static void
rotate (CcbtDhtTokens *self, gint64 now)
{
  gint64 age = now - self->rotated_at;

  if (age < PERIOD)
    return;
  if (age < 2 * PERIOD)
    memcpy (self->secrets[1], self->secrets[0], sizeof self->secrets[1]);
  else
    ccbt_random_fill (self->secrets[1], sizeof self->secrets[1]);
  ccbt_random_fill (self->secrets[0], sizeof self->secrets[0]);
  /* A token lives for two periods at most, however late this is called. */
  self->rotated_at += age / PERIOD * PERIOD;
}

static void
compute (const guint8 secret[16], const CcbtAddress *address, const CcbtSha1 *target,
         guint8 token[CCBT_DHT_TOKEN_SIZE])
{
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA256, secret, 16);
  guint8 digest[32];
  gsize len = sizeof digest;

  /* All 16 bytes, then the target: no address runs into the target of another. */
  g_hmac_update (hmac, address->ip, sizeof address->ip);
  g_hmac_update (hmac, &address->is_ipv6, 1);
  g_hmac_update (hmac, target->bytes, sizeof target->bytes);
  g_hmac_get_digest (hmac, digest, &len);
  g_hmac_unref (hmac);
  memcpy (token, digest, CCBT_DHT_TOKEN_SIZE);
}

void
ccbt_dht_tokens_init (CcbtDhtTokens *self, gint64 now)
{
  ccbt_random_fill (self->secrets[0], sizeof self->secrets);
  self->rotated_at = now;
}

void
ccbt_dht_tokens_make (CcbtDhtTokens *self, const CcbtAddress *address, const CcbtSha1 *target,
                      gint64 now, guint8 token[CCBT_DHT_TOKEN_SIZE])
{
  rotate (self, now);
  compute (self->secrets[0], address, target, token);
}

gboolean
ccbt_dht_tokens_check (CcbtDhtTokens *self, const CcbtAddress *address, const CcbtSha1 *target,
                       CcbtSpan token, gint64 now)
{
  if (token.len != CCBT_DHT_TOKEN_SIZE)
    return FALSE;
  rotate (self, now);
  for (guint i = 0; i < G_N_ELEMENTS (self->secrets); i++)
    {
      guint8 expected[CCBT_DHT_TOKEN_SIZE];

      compute (self->secrets[i], address, target, expected);
      if (memcmp (expected, token.data, sizeof expected) == 0)
        return TRUE;
    }
  return FALSE;
}

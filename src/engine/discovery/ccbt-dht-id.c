/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-id.h"

#include <string.h>

/* Which bits of an address the id is bound to (BEP 42). */
static const guint8 mask_ipv4[] = { 0x03, 0x0f, 0x3f, 0xff };
static const guint8 mask_ipv6[] = { 0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff };

guint
ccbt_dht_id_common_bits (const CcbtSha1 *a, const CcbtSha1 *b)
{
  for (guint i = 0; i < sizeof a->bytes; i++)
    {
      guint8 differ = a->bytes[i] ^ b->bytes[i];

      if (differ != 0)
        return 8 * i + (guint) __builtin_clz (differ) - 24;
    }
  return 160;
}

int
ccbt_dht_id_compare (const CcbtSha1 *target, const CcbtSha1 *a, const CcbtSha1 *b)
{
  for (guint i = 0; i < sizeof a->bytes; i++)
    {
      guint8 to_a = a->bytes[i] ^ target->bytes[i], to_b = b->bytes[i] ^ target->bytes[i];

      if (to_a != to_b)
        return to_a < to_b ? -1 : 1;
    }
  return 0;
}

/* CRC32C (Castagnoli); a dozen bytes at a time do not ask for tables. */
static guint32
crc32c (const guint8 *bytes, gsize len)
{
  guint32 crc = 0xffffffff;

  for (gsize i = 0; i < len; i++)
    {
      crc ^= bytes[i];
      for (guint bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ (0x82f63b78 & (0u - (crc & 1)));
    }
  return ~crc;
}

static guint32
get_prefix (const CcbtAddress *address, guint8 seed)
{
  const guint8 *mask = address->is_ipv6 ? mask_ipv6 : mask_ipv4;
  const gsize len = address->is_ipv6 ? sizeof mask_ipv6 : sizeof mask_ipv4;
  guint8 masked[sizeof mask_ipv6];

  for (gsize i = 0; i < len; i++)
    masked[i] = address->ip[i] & mask[i];
  masked[0] |= (guint8) (seed << 5);
  return crc32c (masked, len);
}

static void
fill (CcbtRandom *random, CcbtSha1 *id)
{
  for (guint i = 0; i < sizeof id->bytes; i++)
    id->bytes[i] = (guint8) ccbt_random_next (random);
}

CcbtSha1
ccbt_dht_id_make (CcbtRandom *random, const CcbtAddress *address)
{
  CcbtSha1 id;
  guint32 prefix;

  fill (random, &id);
  if (ccbt_address_get_scope (address) != CCBT_ADDRESS_GLOBAL)
    return id;
  prefix = get_prefix (address, id.bytes[19] & 7);
  id.bytes[0] = (guint8) (prefix >> 24);
  id.bytes[1] = (guint8) (prefix >> 16);
  id.bytes[2] = (guint8) ((prefix >> 8 & 0xf8) | (id.bytes[2] & 7));
  return id;
}

gboolean
ccbt_dht_id_is_secure (const CcbtSha1 *id, const CcbtAddress *address)
{
  guint32 prefix;

  if (ccbt_address_get_scope (address) != CCBT_ADDRESS_GLOBAL)
    return TRUE;
  prefix = get_prefix (address, id->bytes[19] & 7);
  return id->bytes[0] == (guint8) (prefix >> 24) && id->bytes[1] == (guint8) (prefix >> 16)
         && (id->bytes[2] & 0xf8) == (prefix >> 8 & 0xf8);
}

CcbtSha1
ccbt_dht_id_make_near (CcbtRandom *random, const CcbtSha1 *id, guint n_bits)
{
  CcbtSha1 near;
  guint whole = n_bits / 8, rest = n_bits % 8;
  guint8 flip;

  g_return_val_if_fail (n_bits <= 160, *id);

  fill (random, &near);
  memcpy (near.bytes, id->bytes, whole);
  if (n_bits == 160)
    return near;
  /* The bits that are kept, then one that differs. */
  flip = (guint8) (0x80 >> rest);
  near.bytes[whole] = (guint8) ((id->bytes[whole] & ~(0xff >> rest)) | (~id->bytes[whole] & flip)
                                | (near.bytes[whole] & (flip - 1)));
  return near;
}

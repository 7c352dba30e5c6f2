/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-peer-priority.h"

#define CASTAGNOLI_REFLECTED 0x82f63b78u

/* CRC-32C. A few bytes a call: no table is worth its memory. */
static guint32
get_crc32c (const guint8 *bytes, gsize len)
{
  guint32 crc = G_MAXUINT32;

  for (gsize i = 0; i < len; i++)
    {
      crc ^= bytes[i];
      for (guint bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ (crc & 1 ? CASTAGNOLI_REFLECTED : 0);
    }
  return ~crc;
}

/* Both, the smaller first. */
static guint32
hash_pair (const guint8 *a, const guint8 *b, gsize len)
{
  guint8 pair[32];
  gboolean in_order = memcmp (a, b, len) <= 0;

  memcpy (pair, in_order ? a : b, len);
  memcpy (pair + len, in_order ? b : a, len);
  return get_crc32c (pair, 2 * len);
}

/* Bytes that count in full: one more than the two have in common, from a /16 or a /48 on. Of the
 * others every second bit counts. */
static gsize
count_whole_bytes (const CcbtAddress *a, const CcbtAddress *b)
{
  gsize whole = a->is_ipv6 ? 6 : 2, len = a->is_ipv6 ? 16 : 4;

  while (whole < len && memcmp (a->ip, b->ip, whole) == 0)
    whole++;
  return whole;
}

guint32
ccbt_peer_priority (const CcbtAddress *a, const CcbtAddress *b)
{
  const gsize len = a->is_ipv6 ? 16 : 4;
  guint8 masked_a[16], masked_b[16];
  gsize whole;

  if (a->is_ipv6 != b->is_ipv6)
    return 0;
  if (ccbt_address_same_ip (a, b))
    {
      ccbt_write_u16 (masked_a, a->port);
      ccbt_write_u16 (masked_b, b->port);
      return hash_pair (masked_a, masked_b, 2);
    }
  whole = count_whole_bytes (a, b);
  for (gsize i = 0; i < len; i++)
    {
      masked_a[i] = a->ip[i] & (i < whole ? 0xff : 0x55);
      masked_b[i] = b->ip[i] & (i < whole ? 0xff : 0x55);
    }
  return hash_pair (masked_a, masked_b, len);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-info-hash.h"
#include "base/ccbt-random.h"

#include <string.h>

gboolean
ccbt_info_hash_matches (const CcbtInfoHash *a, const CcbtInfoHash *b)
{
  if (a->has_v1 && b->has_v1 && memcmp (&a->v1, &b->v1, sizeof a->v1) == 0)
    return TRUE;
  return a->has_v2 && b->has_v2 && memcmp (&a->v2, &b->v2, sizeof a->v2) == 0;
}

CcbtSha1
ccbt_info_hash_get_wire (const CcbtInfoHash *hash)
{
  CcbtSha1 wire;

  if (hash->has_v1)
    return hash->v1;
  memcpy (wire.bytes, hash->v2.bytes, sizeof wire.bytes);
  return wire;
}

char *
ccbt_info_hash_to_string (const CcbtInfoHash *hash)
{
  return hash->has_v1 ? ccbt_hex_encode (hash->v1.bytes, sizeof hash->v1.bytes)
                      : ccbt_hex_encode (hash->v2.bytes, sizeof hash->v2.bytes);
}

gboolean
ccbt_info_hash_from_string (const char *text, CcbtInfoHash *out)
{
  gsize len = strlen (text);

  memset (out, 0, sizeof *out);
  if (len == 2 * sizeof out->v1.bytes)
    return out->has_v1 = ccbt_hex_decode (text, len, out->v1.bytes, sizeof out->v1.bytes);
  if (len == 2 * sizeof out->v2.bytes)
    return out->has_v2 = ccbt_hex_decode (text, len, out->v2.bytes, sizeof out->v2.bytes);
  return FALSE;
}

char *
ccbt_hex_encode (const guint8 *bytes, gsize len)
{
  static const char digits[] = "0123456789abcdef";
  char *text = g_malloc (2 * len + 1);

  for (gsize i = 0; i < len; i++)
    {
      text[2 * i] = digits[bytes[i] >> 4];
      text[2 * i + 1] = digits[bytes[i] & 15];
    }
  text[2 * len] = '\0';
  return text;
}

gboolean
ccbt_hex_decode (const char *text, gsize text_len, guint8 *out, gsize len)
{
  if (text_len != 2 * len)
    return FALSE;
  for (gsize i = 0; i < len; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]);
      int low = g_ascii_xdigit_value (text[2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      out[i] = (guint8) (high << 4 | low);
    }
  return TRUE;
}

guint
ccbt_sha1_hash (gconstpointer sha1)
{
  return ccbt_random_keyed_hash (sha1, sizeof (CcbtSha1));
}

gboolean
ccbt_sha1_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (CcbtSha1)) == 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-magnet-private.h"

gboolean
ccbt_magnet_fail (GError **error, CcbtError code, const char *sentence)
{
  g_set_error_literal (error, CCBT_ERROR, (int) code, sentence);
  return FALSE;
}

/* --- xt: what it is --- */

/* RFC 4648, without padding: 32 letters for the 20 bytes of a hash. */
static gboolean
decode_base32 (const char *text, guint8 out[20])
{
  guint64 bits = 0;

  for (guint i = 0; i < 32; i++)
    {
      char c = g_ascii_toupper (text[i]);

      if (c >= 'A' && c <= 'Z')
        bits = bits << 5 | (guint64) (c - 'A');
      else if (c >= '2' && c <= '7')
        bits = bits << 5 | (guint64) (c - '2' + 26);
      else
        return FALSE;
      if (i % 8 == 7) /* forty bits are five bytes */
        for (guint j = 0; j < 5; j++)
          out[i / 8 * 5 + j] = (guint8) (bits >> (32 - 8 * j));
    }
  return TRUE;
}

static gboolean
set_v1 (CcbtInfoHash *hash, const char *text, GError **error)
{
  gsize len = strlen (text);
  CcbtSha1 v1;

  if (!(len == 40 && ccbt_hex_decode (text, len, v1.bytes, sizeof v1.bytes))
      && !(len == 32 && decode_base32 (text, v1.bytes)))
    return ccbt_magnet_fail (
        error, CCBT_ERROR_MALFORMED,
        "The “btih” hash in the magnet link is neither 40 hex digits nor 32 base32 "
        "letters.");
  if (hash->has_v1 && memcmp (&hash->v1, &v1, sizeof v1) != 0)
    return ccbt_magnet_fail (error, CCBT_ERROR_MALFORMED,
                             "The magnet link names two different torrents.");
  hash->has_v1 = TRUE;
  hash->v1 = v1;
  return TRUE;
}

static gboolean
set_v2 (CcbtInfoHash *hash, const char *text, GError **error)
{
  guint8 multihash[2 + sizeof (CcbtSha256)];

  /* 0x12 is SHA-256, 0x20 its length. */
  if (!ccbt_hex_decode (text, strlen (text), multihash, sizeof multihash) || multihash[0] != 0x12
      || multihash[1] != 0x20)
    return ccbt_magnet_fail (
        error, CCBT_ERROR_MALFORMED,
        "The “btmh” hash in the magnet link is no SHA-256 multihash of 68 hex digits.");
  if (hash->has_v2 && memcmp (hash->v2.bytes, multihash + 2, sizeof hash->v2) != 0)
    return ccbt_magnet_fail (error, CCBT_ERROR_MALFORMED,
                             "The magnet link names two different torrents.");
  hash->has_v2 = TRUE;
  memcpy (hash->v2.bytes, multihash + 2, sizeof hash->v2);
  return TRUE;
}

/* Topics of other networks are none of our business. */
gboolean
ccbt_magnet_read_topic (CcbtMagnet *self, const char *topic, GError **error)
{
  if (g_ascii_strncasecmp (topic, "urn:btih:", 9) == 0)
    return set_v1 (&self->info_hash, topic + 9, error);
  if (g_ascii_strncasecmp (topic, "urn:btmh:", 9) == 0)
    return set_v2 (&self->info_hash, topic + 9, error);
  return TRUE;
}

/* --- xs and s: who says what it is (BEP 46) --- */

gboolean
ccbt_magnet_read_source (CcbtMagnet *self, const char *source, GError **error)
{
  guint8 key[sizeof self->public_key];

  if (g_ascii_strncasecmp (source, "urn:btpk:", 9) != 0)
    return TRUE;
  source += 9;
  if (!ccbt_hex_decode (source, strlen (source), key, sizeof key))
    return ccbt_magnet_fail (error, CCBT_ERROR_MALFORMED,
                             "The “btpk” key in the magnet link is not 64 hex digits.");
  if (self->has_public_key && memcmp (self->public_key, key, sizeof key) != 0)
    return ccbt_magnet_fail (error, CCBT_ERROR_MALFORMED,
                             "The magnet link names two different publishers.");
  self->has_public_key = TRUE;
  memcpy (self->public_key, key, sizeof key);
  return TRUE;
}

gboolean
ccbt_magnet_read_salt (CcbtMagnet *self, const char *salt, GError **error)
{
  gsize digits = strlen (salt);

  if (digits > 2 * sizeof self->salt || !ccbt_hex_decode (salt, digits, self->salt, digits / 2))
    return ccbt_magnet_fail (error, CCBT_ERROR_MALFORMED,
                             "The salt “s” in the magnet link is not hex digits, two a byte, of 64 "
                             "bytes at most.");
  self->salt_len = (guint8) (digits / 2);
  return TRUE;
}

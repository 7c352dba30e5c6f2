/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

typedef struct
{
  guint8 bytes[20];
} CcbtSha1;

typedef struct
{
  guint8 bytes[32];
} CcbtSha256;

/* What names a torrent: the SHA-1 (BEP 3) and/or SHA-256 (BEP 52) of the raw bytes of its info
 * dictionary. A hybrid has both and is found by either. */
typedef struct
{
  CcbtSha1 v1;
  CcbtSha256 v2;
  gboolean has_v1;
  gboolean has_v2;
} CcbtInfoHash;

/* Do the two name the same torrent: is there a version that both have, and equal there? */
gboolean ccbt_info_hash_matches (const CcbtInfoHash *a, const CcbtInfoHash *b);

/* The 20 bytes that go into a handshake and an announce: v1, or the first 20 bytes of v2 (BEP 52).
 */
CcbtSha1 ccbt_info_hash_get_wire (const CcbtInfoHash *hash);

/* Lower-case hex of the v1 hash, or of the v2 hash where that is the only one: the name of a
 * torrent in commands, logs and file names. Returns: (transfer full) */
char *ccbt_info_hash_to_string (const CcbtInfoHash *hash);

/* @text: 40 or 64 hex digits. Returns: FALSE on anything else. */
gboolean ccbt_info_hash_from_string (const char *text, CcbtInfoHash *out);

/* For GHashTable over CcbtSha1 (or 20 bytes that begin something longer); keyed by a secret of this
 * process (threat B86). */
guint ccbt_sha1_hash (gconstpointer sha1);
gboolean ccbt_sha1_equal (gconstpointer a, gconstpointer b);

/* Lower-case hex of @len bytes. Returns: (transfer full) */
char *ccbt_hex_encode (const guint8 *bytes, gsize len);

/* Exactly @len bytes from 2 x @len hex digits of either case. */
gboolean ccbt_hex_decode (const char *text, gsize text_len, guint8 *out, gsize len);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-address.h"
#include "base/ccbt-info-hash.h"

/* A magnet link (BEP 9, BEP 46, BEP 53). */
typedef struct
{
  CcbtInfoHash info_hash; /* neither version when the link has only a public key */

  /* A mutable torrent (BEP 46): the newest info-hash is in the DHT item of this key and salt. */
  gboolean has_public_key;
  guint8 public_key[32]; /* xs=urn:btpk: */
  guint8 salt[64];       /* s; read beside a key only */
  guint8 salt_len;       /* bytes; 0 = none */

  char *name;           /* dn, printable; NULL when absent */
  GPtrArray *trackers;  /* tr: char *, http(s) and udp, duplicates left out, 100 at most */
  GPtrArray *web_seeds; /* ws: char *, http(s), 100 at most */
  GArray *peers;        /* x.pe: CcbtAddress, numeric only, 100 at most */
  GArray *selected;     /* so: guint32 file indices, ascending, 100,000 at most; empty = all */
} CcbtMagnet;

/* Is @text meant to be a magnet link? Any case; also "magnet:/?" and "magnet:///?", which gvfs
 * makes of it. */
gboolean ccbt_magnet_looks_like (const char *text);

/* btih in hex or base32, btmh (SHA-256 multihash), both for a hybrid; btpk beside them or alone: see
 * ccbt_magnet_has_info_hash(). Errors: MALFORMED, TOO_LARGE (64 KiB).
 * Returns: (transfer full) (nullable) */
CcbtMagnet *ccbt_magnet_parse (const char *text, GError **error);
void ccbt_magnet_free (CcbtMagnet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtMagnet, ccbt_magnet_free)

/* FALSE: the DHT has to say first which torrent it is. */
gboolean ccbt_magnet_has_info_hash (const CcbtMagnet *self);

/* Returns: (transfer full) */
char *ccbt_magnet_build (const CcbtInfoHash *info_hash, const char *name,
                         const char *const *trackers);

/* A link to whatever that key publishes (BEP 46). @salt: 64 bytes at most; may be empty.
 * Returns: (transfer full) */
char *ccbt_magnet_build_mutable (const guint8 public_key[32], CcbtSpan salt, const char *name,
                                 const char *const *trackers);

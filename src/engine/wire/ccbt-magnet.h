/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-address.h"
#include "base/ccbt-info-hash.h"

/* A magnet link (BEP 9, BEP 53). */
typedef struct
{
  CcbtInfoHash info_hash;
  char *name;           /* dn, printable; NULL when absent */
  GPtrArray *trackers;  /* tr: char *, http(s) and udp, duplicates left out, 100 at most */
  GPtrArray *web_seeds; /* ws: char *, http(s), 100 at most */
  GArray *peers;        /* x.pe: CcbtAddress, numeric only, 100 at most */
  GArray *selected;     /* so: guint32 file indices, ascending, 100,000 at most; empty = all */
} CcbtMagnet;

/* Is @text meant to be a magnet link? Any case; also "magnet:/?" and "magnet:///?", which gvfs
 * makes of it. */
gboolean ccbt_magnet_looks_like (const char *text);

/* btih in hex or base32, btmh (SHA-256 multihash), both for a hybrid. Errors: MALFORMED, TOO_LARGE
 * (64 KiB). Returns: (transfer full) (nullable) */
CcbtMagnet *ccbt_magnet_parse (const char *text, GError **error);
void ccbt_magnet_free (CcbtMagnet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtMagnet, ccbt_magnet_free)

/* Returns: (transfer full) */
char *ccbt_magnet_build (const CcbtInfoHash *info_hash, const char *name,
                         const char *const *trackers);

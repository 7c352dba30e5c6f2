/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-session.h"

/* Makes a torrent's description out of what a user has: bytes, a file, a link. Files are read and
 * parsed on a disk worker, .torrent files at http(s) addresses are fetched. */
typedef struct
{
  CcbtMetainfo *metainfo; /* one of the two */
  CcbtMagnet *magnet;
  char *magnet_text;
} CcbtLoaded;

void ccbt_loaded_clear (CcbtLoaded *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CcbtLoaded, ccbt_loaded_clear)

/* @loaded: borrowed, take what is of use out of it; NULL with @error. @error: borrowed. Engine
 * context. */
typedef void (*CcbtLoadDone) (gpointer data, CcbtLoaded *loaded, const GError *error);

/* @source: a{sv} with "torrent" ay, "path" s or "uri" s. */
void ccbt_load (CcbtSession *session, GVariant *source, CcbtLoadDone done, gpointer data);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-import.h"

/* What the readers of other programs' files share. */

/* 0 when it is absent or negative. */
guint64 ccbt_import_lookup_count (CcbtBencodeValue dict, const char *key);
/* Seconds since 1970 there, microseconds here; 0 when absent. */
gint64 ccbt_import_lookup_time (CcbtBencodeValue dict, const char *key);
/* Appends "tags" of a list of strings to an a{sv}. */
void ccbt_import_add_tags (GVariantBuilder *options, CcbtBencodeValue list);
/* Bounded, valid UTF-8. Returns: (transfer full) */
char *ccbt_import_copy_text (CcbtSpan text);

/* A document and the bytes it stands on; NULL in both when there is none. */
typedef struct
{
  GBytes *bytes;
  CcbtBencode *document;
} CcbtImportFile;

/* A regular file of at most 10 MiB. Returns: FALSE, with nothing in @out, when it cannot be read or is
 * not bencoded */
gboolean ccbt_import_file_read (const char *folder, const char *name, CcbtImportFile *out);
void ccbt_import_file_clear (CcbtImportFile *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CcbtImportFile, ccbt_import_file_clear)

/* qBittorrent's torrents.db, in @folder. Returns: (transfer full) (nullable): NULL when there is none */
GPtrArray *ccbt_import_read_qbittorrent_database (const char *folder);

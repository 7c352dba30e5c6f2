/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-torrent-options.h"
#include "session/ccbt-import.h"

/* Everything known of one torrent as a file: bencoded, in libtorrent's words, so that other clients
 * can read it too. Pure. */

/* @record: with metainfo. What is not known to be right, in the middle of a check, counts as not
 * had. @options: (nullable). Returns: (transfer full) */
GBytes *ccbt_resume_file_write (const CcbtTorrentRecord *record, CcbtMetainfo *metainfo,
                                CcbtTorrentOptions *options, gboolean is_in_check);
/* What a stranger may have written: bounded and checked, but not against the files
 * (ccbt_import_item_check_files()). Errors: MALFORMED, TOO_LARGE. Returns: (transfer full) (nullable) */
CcbtImportItem *ccbt_resume_file_read (GBytes *bytes, GError **error);

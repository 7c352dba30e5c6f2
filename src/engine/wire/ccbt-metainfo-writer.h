/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-error.h"
#include "base/ccbt-info-hash.h"

/* The way back of ccbt-metainfo.h: from a description of files to the bytes of a .torrent
 * (BEP 3, 12, 19, 27). The same description always gives the same bytes. */

#define CCBT_DRAFT_MIN_PIECE_LENGTH 16384u
#define CCBT_DRAFT_MAX_PIECE_LENGTH (64u * 1024 * 1024)
#define CCBT_DRAFT_MAX_TRACKERS 200u
#define CCBT_DRAFT_MAX_WEB_SEEDS 100u
#define CCBT_DRAFT_MAX_COMMENT 4096u /* bytes */
#define CCBT_DRAFT_MAX_TEXT 256u     /* bytes of "source" and "created by" */

typedef struct
{
  const char *path; /* relative to the torrent's folder, '/' between components, UTF-8; not read
                       when the torrent is one file */
  guint64 length;
} CcbtDraftFile;

/* What is to be written; everything borrowed. */
typedef struct
{
  const char *name;       /* of the file or the folder */
  gboolean is_multi_file; /* a folder, even with one file in it */
  const CcbtDraftFile *files;
  guint n_files;
  guint32 piece_length;               /* a power of two */
  const CcbtSha1 *pieces;             /* as many as ccbt_metainfo_draft_count_pieces() says */
  const char *const *const *trackers; /* (nullable): one strv a tier, NULL at the end */
  const char *const *web_seeds;       /* (nullable): BEP 19 */
  gboolean is_private;
  const char *source;     /* (nullable): in the info dictionary, so that it makes another torrent */
  const char *comment;    /* (nullable) */
  const char *created_by; /* (nullable) */
  gint64 creation_date;   /* seconds since 1970; 0 = none */
} CcbtMetainfoDraft;

/* A power of two from 16 KiB to 16 MiB that makes 1,000 to 2,000 pieces of @total_size bytes, where
 * these bounds let it. */
guint32 ccbt_metainfo_choose_piece_length (guint64 total_size);
gboolean ccbt_metainfo_is_piece_length (guint64 length);

guint64 ccbt_metainfo_draft_get_total_size (const CcbtMetainfoDraft *self);
guint64 ccbt_metainfo_draft_count_pieces (const CcbtMetainfoDraft *self);

/* What people write: trackers, web seeds and texts. Errors: INVALID, TOO_LARGE. */
gboolean ccbt_metainfo_draft_check_texts (const CcbtMetainfoDraft *self, GError **error);
/* Names, number and sizes of the files and of the pieces, before a piece is hashed. Errors: as
 * above. */
gboolean ccbt_metainfo_draft_check_files (const CcbtMetainfoDraft *self, GError **error);
/* Errors: those of both. Returns: (transfer full) (nullable): what ccbt_metainfo_parse() takes */
GBytes *ccbt_metainfo_draft_write (const CcbtMetainfoDraft *self, GError **error);

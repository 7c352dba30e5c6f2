/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-info-hash.h"
#include "base/ccbt-span.h"
#include "base/ccbt-types.h"

/* What a .torrent says (BEP 3, 12, 17, 19, 27, 47, 52), checked: sizes add up, names are safe.
 * Immutable and shared between threads by reference once parsed. */
typedef struct _CcbtMetainfo CcbtMetainfo;

typedef enum
{
  CCBT_FILE_ATTRIBUTE_PAD = 1 << 0, /* zeros between files, never stored (BEP 47) */
  CCBT_FILE_ATTRIBUTE_HIDDEN = 1 << 1,
  CCBT_FILE_ATTRIBUTE_EXECUTABLE = 1 << 2,
  CCBT_FILE_ATTRIBUTE_SYMLINK = 1 << 3,
} CcbtFileAttributes;

typedef struct
{
  const char *path; /* safe, relative, UTF-8, '/' between components; the torrent's name is its
                       first component when there are several files. Unique in the torrent, also
                       when case is ignored */
  guint64 length;   /* bytes */
  guint64 offset;   /* of its first byte in the torrent. v1 and hybrid: files follow each other
                       without a gap. v2 only:   each file that is not empty starts a piece, and what
                       lies between belongs to none */
  CcbtFileAttributes attributes;
  const char
      *symlink_target; /* relative to the link's own folder; names another file of the torrent that
                          is no symlink itself. NULL when not a (safe) symlink */
  const guint8 *pieces_root; /* 32 bytes (BEP 52), or NULL */
} CcbtMetainfoFile;

#define CCBT_METAINFO_MAX_SIZE                                                                     \
  (10u * 1024 * 1024) /* bytes of a .torrent; also the most we take from peers */
#define CCBT_METAINFO_MAX_PIECES 2097152u
#define CCBT_METAINFO_MAX_FILES 200000u
#define CCBT_METAINFO_MAX_DEPTH 100u /* components of a path (threat B20) */
#define CCBT_METAINFO_MAX_PIECE_LENGTH (512u * 1024 * 1024 - 16384) /* threat B06 */
#define CCBT_METAINFO_MAX_PATH_BYTES                                                               \
  (64u * 1024 * 1024) /* all paths together, since a tree multiplies them */

/* @bytes: a whole .torrent. Errors: MALFORMED, TOO_LARGE, UNSUPPORTED (a format newer than v2); the
 * message is one sentence for a person and names the key. Returns: (transfer full) (nullable) */
CcbtMetainfo *ccbt_metainfo_parse (GBytes *bytes, GError **error);

/* @info: the raw info dictionary as fetched from peers (BEP 9); the rest of the metainfo is empty.
 */
CcbtMetainfo *ccbt_metainfo_parse_info (GBytes *info, GError **error);

CcbtMetainfo *ccbt_metainfo_ref (CcbtMetainfo *self);
void ccbt_metainfo_unref (CcbtMetainfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtMetainfo, ccbt_metainfo_unref)

const CcbtInfoHash *ccbt_metainfo_get_info_hash (const CcbtMetainfo *self);
/* Raw bytes of the info dictionary. Returns: (transfer none) */
GBytes *ccbt_metainfo_get_info (const CcbtMetainfo *self);
const char *
ccbt_metainfo_get_name (const CcbtMetainfo *self); /* safe as a path component and printable */
/* From the first byte of the first piece to the last of the last: pad files and gaps between files
 * included. */
guint64 ccbt_metainfo_get_total_size (const CcbtMetainfo *self);
/* Bytes of all files that are no pads: what a person calls the size. */
guint64 ccbt_metainfo_get_payload_size (const CcbtMetainfo *self);
guint32 ccbt_metainfo_get_piece_length (const CcbtMetainfo *self);
guint32 ccbt_metainfo_get_n_pieces (const CcbtMetainfo *self);
/* v1 hash of piece @index. Returns: 20 bytes, or NULL for a v2-only torrent */
const guint8 *ccbt_metainfo_get_piece_hash (const CcbtMetainfo *self, guint32 index);
/* SHA-256 tree nodes of a file's pieces (BEP 52), checked against its pieces root. Returns:
 * @n_hashes x 32 bytes, or NULL where there are none: in v1, in files of one piece (whose root is
 * the hash), and when they are still to be asked of peers (BEP 9 brings the info dictionary only)
 */
const guint8 *ccbt_metainfo_get_piece_layer (const CcbtMetainfo *self, guint file_index,
                                             guint32 *n_hashes);
guint ccbt_metainfo_get_n_files (const CcbtMetainfo *self);
const CcbtMetainfoFile *ccbt_metainfo_get_file (const CcbtMetainfo *self, guint index);
/* FALSE: "length" is in the info dictionary itself. TRUE: a folder, even with one file in it. */
gboolean ccbt_metainfo_is_multi_file (const CcbtMetainfo *self);
gboolean ccbt_metainfo_is_private (const CcbtMetainfo *self);
const char *ccbt_metainfo_get_comment (const CcbtMetainfo *self); /* printable; NULL when absent */
const char *ccbt_metainfo_get_created_by (const CcbtMetainfo *self); /* the same */
gint64
ccbt_metainfo_get_creation_date (const CcbtMetainfo *self); /* seconds since 1970; 0 when absent */

/* Tracker URLs, tier by tier (BEP 12), duplicates and unknown schemes left out, 200 at most.
 * @tier: (out) (optional). Returns: NULL past the end */
const char *ccbt_metainfo_get_tracker (const CcbtMetainfo *self, guint index, guint *tier);
guint ccbt_metainfo_get_n_trackers (const CcbtMetainfo *self);

/* http(s) web seeds (BEP 19), 100 at most. Returns: (transfer none): NULL-terminated, possibly
 * empty */
const char *const *ccbt_metainfo_get_web_seeds (const CcbtMetainfo *self);
/* The same for the older kind (BEP 17), which is asked in another way. */
const char *const *ccbt_metainfo_get_http_seeds (const CcbtMetainfo *self);

/* Nodes of the DHT to begin with (BEP 5), "host:port", 20 at most. Returns: (transfer none): NULL-terminated,
 * possibly empty */
const char *const *ccbt_metainfo_get_nodes (const CcbtMetainfo *self);

/* Writes a .torrent of the raw info dictionary and trackers (tier by tier), for export and for
 * magnets that became torrents. @trackers: (nullable): one strv a tier. Returns: (transfer full) */
GBytes *ccbt_metainfo_build (GBytes *info, const char *const *const *trackers);

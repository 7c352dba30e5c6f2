/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Where the bytes of a torrent lie: its offsets as ranges of files. What belongs to no stored file
 * (pads, gaps between the files of a v2 torrent) is a segment of CCBT_FILE_MAP_NONE: it reads as
 * zeros and is never written. Immutable. */
typedef struct _CcbtFileMap CcbtFileMap;

#define CCBT_FILE_MAP_NONE G_MAXUINT

/* One stored file that is not empty. */
typedef struct
{
  guint64 offset; /* of its first byte in the torrent */
  guint64 length; /* bytes, > 0 */
  guint file;     /* its index, or whatever the owner knows it by */
} CcbtFileSpan;

/* A range of the torrent within one file. */
typedef struct
{
  guint file;          /* CCBT_FILE_MAP_NONE: of no file */
  guint64 file_offset; /* bytes from the start of the file; 0 for no file */
  guint64 offset;      /* bytes from the start of the torrent */
  guint64 length;      /* > 0 */
} CcbtFileSegment;

/* @spans: ascending, not overlapping; copied. Returns: (transfer full) */
CcbtFileMap *ccbt_file_map_new (const CcbtFileSpan *spans, guint n_spans);
void ccbt_file_map_free (CcbtFileMap *self);

/* Walks the segments of a range in order; on the stack, nothing to free. */
typedef struct
{
  const CcbtFileMap *map;
  guint64 offset;
  guint64 end;
  guint next; /* the first span that ends behind offset */
} CcbtFileMapIter;

void ccbt_file_map_iter_init (CcbtFileMapIter *self, const CcbtFileMap *map, guint64 offset,
                              guint64 length);
gboolean ccbt_file_map_iter_next (CcbtFileMapIter *self, CcbtFileSegment *out);

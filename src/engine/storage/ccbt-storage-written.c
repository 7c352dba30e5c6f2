/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage/ccbt-storage-private.h"

/* Which pieces are on disk in full, by what the file system says of holes: after a kill, those that were written but not
 * recorded any more are found without reading everything. */

static void
unmark (CcbtStorage *self, const CcbtMetainfoFile *file, guint64 from, guint64 end, guint8 *pieces)
{
  guint32 piece_length = ccbt_metainfo_get_piece_length (self->metainfo);

  if (from >= end)
    return;
  for (guint64 piece = (file->offset + from) / piece_length;
       piece * piece_length < file->offset + end; piece++)
    pieces[piece] = 0;
}

static void
unmark_holes (CcbtStorage *self, const CcbtMetainfoFile *file, int descriptor, guint8 *pieces)
{
  guint64 at = 0, data, data_end;

  while (at < file->length)
    {
      if (!ccbt_storage_find_parts (descriptor, at, file->length, &data, &data_end))
        data = data_end = file->length;
      unmark (self, file, at, data, pieces);
      at = data_end;
    }
}

void
ccbt_storage_find_written (CcbtStorage *self, guint8 *pieces)
{
  memset (pieces, 1, ccbt_metainfo_get_n_pieces (self->metainfo));
  for (guint i = 0; i < self->n_files; i++)
    {
      const CcbtMetainfoFile *file = ccbt_metainfo_get_file (self->metainfo, i);
      CcbtOpenFile *open = NULL;

      if (!ccbt_storage_is_stored (self, i) || file->length == 0)
        continue;
      if (g_atomic_int_get (&self->files[i].is_skipped)
          || ccbt_storage_open (self, i, FALSE, &open) != 0)
        {
          unmark (self, file, 0, file->length, pieces);
          continue;
        }
      unmark_holes (self, file, ccbt_open_file_get_descriptor (open), pieces);
      ccbt_file_cache_release (open);
    }
}

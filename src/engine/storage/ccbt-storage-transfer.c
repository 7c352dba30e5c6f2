/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads and writes: which file, or the parts file, and one system call for each. */
#include "storage/ccbt-file-io.h"
#include "storage/ccbt-storage-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define VECTORS_MAX 128u /* 32 MiB of extents in one call */
#define ADVISE_MIN ((guint64) 1024 * 1024)

/* How far a transfer has come in the caller's buffers. */
typedef struct
{
  const CcbtBuffer *buffers;
  guint32 done; /* bytes of the first one */
} Cursor;

/* Takes up to @length bytes, as many as VECTORS_MAX hold. Returns: bytes taken */
static guint64
take_vectors (Cursor *cursor, guint64 length, struct iovec *vectors, guint *n_vectors)
{
  guint64 taken = 0;

  for (*n_vectors = 0; taken < length && *n_vectors < VECTORS_MAX;)
    {
      guint32 n = (guint32) MIN (cursor->buffers->length - cursor->done, length - taken);

      if (n > 0)
        vectors[(*n_vectors)++] = (struct iovec){ cursor->buffers->data + cursor->done, n };
      taken += n;
      cursor->done += n;
      if (cursor->done == cursor->buffers->length)
        *cursor = (Cursor){ .buffers = cursor->buffers + 1 };
    }
  return taken;
}

/* --- In one file --- */

static void
note_written (CcbtStorage *self, guint file, gint64 end)
{
  CcbtStorageFile *state = &self->files[file];
  gint64 known = ccbt_storage_get_known_size (self, file);

  while (known < end
         && !__atomic_compare_exchange_n (&state->known_size, &known, end, FALSE, __ATOMIC_ACQ_REL,
                                          __ATOMIC_ACQUIRE))
    ;
  if (!g_atomic_int_get (&state->is_dirty))
    g_atomic_int_set (&state->is_dirty, TRUE);
}

static int
move_bytes (int descriptor, guint64 offset, guint64 length, Cursor *cursor, gboolean is_write)
{
  struct iovec vectors[VECTORS_MAX];
  guint n_vectors;
  int code = 0;

  while (length > 0 && code == 0)
    {
      guint64 n = take_vectors (cursor, length, vectors, &n_vectors);

      code = is_write ? ccbt_file_io_write (descriptor, vectors, n_vectors, offset)
                      : ccbt_file_io_read (descriptor, vectors, n_vectors, offset);
      offset += n;
      length -= n;
    }
  return code;
}

static gboolean
transfer_in_file (CcbtStorage *self, guint file, guint64 offset, guint64 length, Cursor *cursor,
                  gboolean is_write, GError **error)
{
  CcbtOpenFile *open_file;
  int code = ccbt_storage_open (self, file, is_write, &open_file);

  if (code == 0)
    {
      code = move_bytes (ccbt_open_file_get_descriptor (open_file), offset, length, cursor,
                         is_write);
      if (code == 0 && is_write)
        note_written (self, file, (gint64) (offset + length));
      ccbt_file_cache_release (open_file);
    }
  if (code == 0)
    return TRUE;
  return ccbt_file_io_set_error (error, code, ccbt_storage_get_name (self, file),
                                 is_write ? "written" : "read");
}

/* --- In which file --- */

/* A wanted file that is not there: was it skipped in an earlier run, with bytes in the parts file?
 */
static gboolean
has_parts (CcbtStorage *self, guint file)
{
  const CcbtMetainfoFile *info = ccbt_metainfo_get_file (self->metainfo, file);
  int parts = ccbt_storage_open_parts (self, O_RDONLY);
  guint64 data_offset, data_end;
  gboolean found;

  if (parts < 0)
    return FALSE;
  found = ccbt_storage_find_parts (parts, info->offset, info->offset + info->length, &data_offset,
                                   &data_end);
  close (parts);
  return found;
}

/* With the reader's lock. Returns: 0 or errno */
static int
decide_place (CcbtStorage *self, guint file)
{
  CcbtFolderWalk walk;
  struct stat status;
  CcbtPlace place = CCBT_PLACE_NEW;
  int code = ccbt_folder_walk_begin (&walk, self->folder);

  if (code != 0)
    return code;
  code = ccbt_storage_look (&walk, ccbt_storage_get_name (self, file), &status);
  ccbt_folder_walk_end (&walk);
  if (code != 0 && code != ENOENT)
    return code;
  if (code == 0)
    {
      place = CCBT_PLACE_FILE;
      ccbt_storage_set_known_size (self, file, status.st_size);
    }
  else if (g_atomic_int_get (&self->files[file].is_skipped) || has_parts (self, file))
    place = CCBT_PLACE_PARTS;
  g_atomic_int_compare_and_exchange (&self->files[file].place, CCBT_PLACE_UNDECIDED, (gint) place);
  return 0;
}

/* With the reader's lock. @is_write: the file may be made next. Returns: 0 or errno */
static int
find_place (CcbtStorage *self, guint file, gboolean is_write, CcbtPlace *out)
{
  gint *place = &self->files[file].place;
  int code = 0;

  for (;;)
    {
      *out = (CcbtPlace) g_atomic_int_get (place);
      if (*out == CCBT_PLACE_UNDECIDED)
        code = decide_place (self, file);
      if (code != 0)
        return code;
      /* Claimed before it is made: whoever skips the file from now on finds it there. */
      if (*out != CCBT_PLACE_UNDECIDED
          && (*out != CCBT_PLACE_NEW || !is_write
              || g_atomic_int_compare_and_exchange (place, CCBT_PLACE_NEW, CCBT_PLACE_FILE)))
        return 0;
    }
}

/* What is not simply in its file. */
static gboolean
transfer_elsewhere (CcbtStorage *self, const CcbtFileSegment *segment, Cursor *cursor,
                    gboolean is_write, GError **error)
{
  CcbtPlace place;
  gboolean succeeded;
  int code;

  g_rw_lock_reader_lock (&self->parts_lock);
  code = find_place (self, segment->file, is_write, &place);
  if (code != 0)
    succeeded = ccbt_file_io_set_error (error, code, ccbt_storage_get_name (self, segment->file),
                                        "reached");
  else if (place == CCBT_PLACE_PARTS)
    succeeded = transfer_in_file (self, self->n_files, segment->offset, segment->length, cursor,
                                  is_write, error);
  else
    succeeded = transfer_in_file (self, segment->file, segment->file_offset, segment->length,
                                  cursor, is_write, error);
  g_rw_lock_reader_unlock (&self->parts_lock);
  return succeeded;
}

static void
pass_gap (guint64 length, Cursor *cursor, gboolean is_write)
{
  struct iovec vectors[VECTORS_MAX];
  guint n_vectors;

  while (length > 0)
    {
      length -= take_vectors (cursor, length, vectors, &n_vectors);
      for (guint i = 0; i < n_vectors && !is_write; i++)
        memset (vectors[i].iov_base, 0, vectors[i].iov_len);
    }
}

static gboolean
transfer (CcbtStorage *self, guint64 offset, const CcbtBuffer *buffers, guint n_buffers,
          gboolean is_write, GError **error)
{
  Cursor cursor = { .buffers = buffers };
  CcbtFileMapIter iter;
  CcbtFileSegment segment;
  guint64 length = 0;
  gboolean succeeded = TRUE;

  for (guint i = 0; i < n_buffers; i++)
    length += buffers[i].length;
  ccbt_file_map_iter_init (&iter, self->map, offset, length);
  while (succeeded && ccbt_file_map_iter_next (&iter, &segment))
    {
      if (segment.file == CCBT_FILE_MAP_NONE)
        pass_gap (segment.length, &cursor, is_write);
      else if (g_atomic_int_get (&self->files[segment.file].place) == CCBT_PLACE_FILE)
        succeeded = transfer_in_file (self, segment.file, segment.file_offset, segment.length,
                                      &cursor, is_write, error);
      else
        succeeded = transfer_elsewhere (self, &segment, &cursor, is_write, error);
    }
  return succeeded;
}

gboolean
ccbt_storage_write (CcbtStorage *self, guint64 offset, const CcbtBuffer *buffers, guint n_buffers,
                    GError **error)
{
  return transfer (self, offset, buffers, n_buffers, TRUE, error);
}

gboolean
ccbt_storage_read (CcbtStorage *self, guint64 offset, const CcbtBuffer *buffers, guint n_buffers,
                   GError **error)
{
  return transfer (self, offset, buffers, n_buffers, FALSE, error);
}

void
ccbt_storage_advise (CcbtStorage *self, guint64 offset, guint64 length)
{
  CcbtFileMapIter iter;
  CcbtFileSegment segment;
  CcbtOpenFile *open_file;

  ccbt_file_map_iter_init (&iter, self->map, offset, length);
  while (ccbt_file_map_iter_next (&iter, &segment))
    {
      /* Not worth finding out about the rest: small files are read ahead whole anyway. */
      if (segment.length < ADVISE_MIN || segment.file == CCBT_FILE_MAP_NONE
          || g_atomic_int_get (&self->files[segment.file].place) != CCBT_PLACE_FILE
          || ccbt_storage_open (self, segment.file, FALSE, &open_file) != 0)
        continue;
      posix_fadvise (ccbt_open_file_get_descriptor (open_file), (off_t) segment.file_offset,
                     (off_t) segment.length, POSIX_FADV_SEQUENTIAL);
      ccbt_file_cache_release (open_file);
    }
}

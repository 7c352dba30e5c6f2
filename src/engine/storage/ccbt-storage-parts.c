/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts file: what it holds, and how files that are wanted again get their bytes out of it. */
#include "storage/ccbt-file-io.h"
#include "storage/ccbt-storage-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

gboolean
ccbt_storage_find_parts (int parts, guint64 offset, guint64 end, guint64 *data_offset,
                         guint64 *data_end)
{
  off_t data = lseek (parts, (off_t) offset, SEEK_DATA), hole;
  struct stat status;

  if (data < 0 && errno != ENXIO) /* no holes on this file system: all of it may count */
    data = fstat (parts, &status) == 0 && (guint64) status.st_size > offset ? (off_t) offset : -1;
  if (data < 0 || (guint64) data >= end)
    return FALSE;
  hole = lseek (parts, data, SEEK_HOLE);
  if (hole < 0)
    hole = fstat (parts, &status) == 0 ? status.st_size : data;
  *data_offset = (guint64) data;
  *data_end = MIN ((guint64) hole, end);
  return *data_end > *data_offset;
}

/* Returns: 0 or errno */
static int
copy_parts (int parts, const CcbtMetainfoFile *file, int to)
{
  guint64 at = file->offset, end = file->offset + file->length, data_end;
  int code = 0;

  while (code == 0 && ccbt_storage_find_parts (parts, at, end, &at, &data_end))
    {
      code = ccbt_file_io_copy (parts, at, to, at - file->offset, data_end - at);
      at = data_end;
    }
  return code == CCBT_FILE_IO_END ? EIO : code;
}

/* Fills and names the new file. Returns: 0 or errno */
static int
fill_and_name (CcbtStorage *self, int parts, const CcbtMetainfoFile *file, int folder,
               const char *new_name, const char *name)
{
  const struct stat empty = { 0 };
  int to = openat (folder, new_name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  int code;

  if (to < 0)
    return errno;
  code = ccbt_storage_allocate (self, to, &empty, file->length);
  if (code == 0)
    code = copy_parts (parts, file, to);
  if (code == 0 && fdatasync (to) != 0)
    code = errno;
  close (to);
  if (code == 0 && renameat (folder, new_name, folder, name) != 0)
    code = errno;
  if (code != 0)
    unlinkat (folder, new_name, 0);
  return code;
}

static void
sync_folder (int folder)
{
  int descriptor = openat (folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (descriptor < 0)
    return;
  fsync (descriptor);
  close (descriptor);
}

/* A file that exists has all its bytes in itself: that is how the next run knows where they are. So
 * it appears under its name only when it is complete and safe, and only then the parts go. */
gboolean
ccbt_storage_export_parts (CcbtStorage *self, CcbtFolderWalk *walk, int parts, guint file,
                           gboolean *was_moved, GError **error)
{
  const CcbtMetainfoFile *info = ccbt_metainfo_get_file (self->metainfo, file);
  g_autofree char *new_name = g_strdup_printf ("%s-%u", self->export_name, file);
  guint64 data_offset, data_end;
  const char *name;
  int folder, code;

  *was_moved = ccbt_storage_find_parts (parts, info->offset, info->offset + info->length,
                                        &data_offset, &data_end);
  if (!*was_moved)
    return TRUE;
  folder = ccbt_folder_walk_enter (walk, info->path, TRUE, &name);
  if (folder < 0)
    return ccbt_file_io_set_error (error, -folder, info->path, "made");
  unlinkat (folder, new_name, 0); /* from a run that ended here */
  code = fill_and_name (self, parts, info, folder, new_name, name);
  if (code != 0)
    return ccbt_file_io_set_error (error, code, info->path, "made");
  sync_folder (folder);
  /* Only to save room: what is left there is never looked at again. */
  if (fallocate (parts, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t) info->offset,
                 (off_t) info->length)
      != 0)
    g_debug ("%s keeps the bytes of %s", self->parts_path, info->path);
  g_atomic_int_set (&self->files[file].has_new_name, TRUE);
  return TRUE;
}

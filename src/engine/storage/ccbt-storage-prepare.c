/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes a torrent's folders and files before anything is written, or finds that they are gone. */
#include "storage/ccbt-file-io.h"
#include "storage/ccbt-storage-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int
ccbt_storage_allocate (CcbtStorage *self, int descriptor, const struct stat *status, guint64 length)
{
  int code = EOPNOTSUPP;

  if (self->allocation == CCBT_ALLOCATION_NONE || (guint64) status->st_size >= length)
    return 0;
  if (self->allocation == CCBT_ALLOCATION_FULL)
    do
      code = fallocate (descriptor, 0, 0, (off_t) length) == 0 ? 0 : errno;
    while (code == EINTR);
  if (code == 0 || code == ENOSPC || code == EDQUOT || code == EFBIG)
    return code;
  return ftruncate (descriptor, (off_t) length) == 0 ? 0 : errno;
}

/* Opens the file, makes it when it is not there, and gives it its size. Returns: 0 or errno */
static int
make_file (CcbtStorage *self, CcbtFolderWalk *walk, guint file, struct stat *status)
{
  const CcbtMetainfoFile *info = ccbt_metainfo_get_file (self->metainfo, file);
  int descriptor = ccbt_folder_walk_open (walk, info->path, O_RDWR | O_CREAT);
  int code;

  if (descriptor < 0)
    return -descriptor;
  code = fstat (descriptor, status) == 0 ? 0 : errno;
  if (code == 0)
    code = ccbt_storage_allocate (self, descriptor, status, info->length);
  if (code == 0 && fstat (descriptor, status) != 0)
    code = errno;
  close (descriptor);
  return code;
}

static void
settle_in_file (CcbtStorage *self, guint file, gint64 size)
{
  ccbt_storage_set_known_size (self, file, size);
  g_atomic_int_set (&self->files[file].place, CCBT_PLACE_FILE);
}

/* It is not there: it may be made again, and has nothing to be synced. */
static void
forget_file (CcbtStorage *self, guint file)
{
  ccbt_storage_set_known_size (self, file, -1);
  g_atomic_int_set (&self->files[file].is_dirty, FALSE);
}

/* One that does not exist. */
static gboolean
prepare_absent (CcbtStorage *self, CcbtFolderWalk *walk, int parts, guint file, GError **error)
{
  const CcbtMetainfoFile *info = ccbt_metainfo_get_file (self->metainfo, file);
  struct stat status = { 0 };
  gboolean was_moved = FALSE;
  int code = 0;

  if (parts >= 0 && info->length > 0
      && !ccbt_storage_export_parts (self, walk, parts, file, &was_moved, error))
    return FALSE;
  forget_file (self, file);
  if (!was_moved && info->length > 0 && self->allocation == CCBT_ALLOCATION_NONE)
    {
      g_atomic_int_set (&self->files[file].place, CCBT_PLACE_NEW);
      return TRUE;
    }
  if (!was_moved)
    {
      code = make_file (self, walk, file, &status);
      g_atomic_int_set (&self->files[file].has_new_name, code == 0);
    }
  else
    code = ccbt_storage_look (walk, info->path, &status);
  if (code != 0)
    return ccbt_file_io_set_error (error, code, info->path, "made");
  settle_in_file (self, file, status.st_size);
  return TRUE;
}

static gboolean
prepare_file (CcbtStorage *self, CcbtFolderWalk *walk, int parts, guint file, GError **error)
{
  const CcbtMetainfoFile *info = ccbt_metainfo_get_file (self->metainfo, file);
  struct stat status;
  int code = ccbt_storage_look (walk, info->path, &status);

  if (code == ENOENT)
    return prepare_absent (self, walk, parts, file, error);
  if (code == 0 && self->allocation != CCBT_ALLOCATION_NONE
      && (guint64) status.st_size < info->length)
    code = make_file (self, walk, file, &status);
  if (code != 0)
    return ccbt_file_io_set_error (error, code, info->path, "made");
  settle_in_file (self, file, status.st_size);
  return TRUE;
}

/* --- The whole torrent --- */

static gboolean
fail_missing (CcbtStorage *self, GError **error)
{
  g_autofree char *folder = g_filename_display_name (self->folder);

  g_set_error (error, CCBT_ERROR, CCBT_ERROR_FILES_MISSING, "no file of “%s” is left in “%s”",
               ccbt_metainfo_get_name (self->metainfo), folder);
  return FALSE;
}

static gboolean
has_any_file (CcbtStorage *self, CcbtFolderWalk *walk)
{
  struct stat status;

  for (guint i = 0; i < self->n_files; i++)
    if (ccbt_storage_is_stored (self, i)
        && ccbt_storage_look (walk, ccbt_storage_get_name (self, i), &status) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
begin_walk (CcbtStorage *self, gboolean must_exist, CcbtFolderWalk *walk, GError **error)
{
  g_autofree char *folder = g_filename_display_name (self->folder);
  int code = ccbt_folder_walk_begin (walk, self->folder);

  if (code == ENOENT && !must_exist)
    {
      if (g_mkdir_with_parents (self->folder, 0777) != 0)
        return ccbt_file_io_set_error (error, errno, folder, "made");
      code = ccbt_folder_walk_begin (walk, self->folder);
    }
  return code == 0 || ccbt_file_io_set_error (error, code, folder, "reached");
}

/* Skipped files are looked for again at their next access: a drive may have come back. */
static void
prepare_skipped (CcbtStorage *self, CcbtFolderWalk *walk, guint file)
{
  struct stat status;

  if (ccbt_storage_look (walk, ccbt_storage_get_name (self, file), &status) == ENOENT)
    forget_file (self, file);
  g_atomic_int_set (&self->files[file].place, CCBT_PLACE_UNDECIDED);
}

static gboolean
prepare_files (CcbtStorage *self, CcbtFolderWalk *walk, int parts, gboolean *has_skipped,
               GError **error)
{
  for (guint i = 0; i < self->n_files; i++)
    {
      if (!ccbt_storage_is_stored (self, i))
        continue;
      if (g_atomic_int_get (&self->files[i].is_skipped))
        {
          prepare_skipped (self, walk, i);
          *has_skipped = TRUE;
        }
      else if (!prepare_file (self, walk, parts, i, error))
        return FALSE;
    }
  return TRUE;
}

/* Returns: a descriptor or -errno */
static int
prepare_parts (CcbtStorage *self)
{
  int parts = ccbt_storage_open_parts (self, O_RDWR);
  struct stat status;

  if (parts >= 0 && fstat (parts, &status) == 0)
    ccbt_storage_set_known_size (self, self->n_files, status.st_size);
  else if (parts == -ENOENT)
    forget_file (self, self->n_files);
  return parts;
}

static void
drop_parts (CcbtStorage *self)
{
  ccbt_file_cache_forget (&self->files[self->n_files].open);
  unlink (self->parts_path);
  forget_file (self, self->n_files);
}

gboolean
ccbt_storage_prepare (CcbtStorage *self, gboolean must_exist, GError **error)
{
  CcbtFolderWalk walk;
  gboolean succeeded, has_skipped = FALSE;
  int parts;

  if (!begin_walk (self, must_exist, &walk, error))
    return FALSE;
  if (must_exist && !has_any_file (self, &walk))
    {
      ccbt_folder_walk_end (&walk);
      return fail_missing (self, error);
    }
  g_rw_lock_writer_lock (&self->parts_lock);
  parts = prepare_parts (self);
  succeeded = prepare_files (self, &walk, parts, &has_skipped, error);
  if (parts >= 0)
    close (parts);
  if (succeeded && parts >= 0 && !has_skipped)
    drop_parts (self);
  g_rw_lock_writer_unlock (&self->parts_lock);
  ccbt_folder_walk_end (&walk);
  return succeeded;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the storage gets at a file: by its name below the folder, made at most once. */
#include "storage/ccbt-file-io.h"
#include "storage/ccbt-storage-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

typedef struct
{
  CcbtStorage *storage;
  guint file;
  gboolean may_make;
} OpenRequest;

int
ccbt_storage_look (CcbtFolderWalk *walk, const char *path, struct stat *out)
{
  const char *name;
  int parent = ccbt_folder_walk_enter (walk, path, FALSE, &name);

  if (parent < 0)
    return -parent;
  if (fstatat (parent, name, out, AT_SYMLINK_NOFOLLOW) != 0)
    return errno;
  return S_ISREG (out->st_mode) ? 0 : EISDIR;
}

int
ccbt_storage_open_parts (CcbtStorage *self, int flags)
{
  int descriptor = open (self->parts_path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (descriptor < 0 && errno == ENOENT && (flags & O_CREAT))
    {
      g_autofree char *folder = g_path_get_dirname (self->parts_path);

      g_mkdir_with_parents (folder, 0700);
      descriptor = open (self->parts_path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
  return descriptor >= 0 ? descriptor : -errno;
}

static int
open_by_name (CcbtStorage *self, guint file, int flags)
{
  CcbtFolderWalk walk;
  int descriptor, code;

  if (file == self->n_files)
    return ccbt_storage_open_parts (self, flags);
  code = ccbt_folder_walk_begin (&walk, self->folder);
  if (code != 0)
    return -code;
  descriptor = ccbt_folder_walk_open (&walk, ccbt_storage_get_name (self, file), flags);
  ccbt_folder_walk_end (&walk);
  return descriptor;
}

/* A longer file of that name is about to be overwritten: its end would be left over. */
static int
cut_to_length (CcbtStorage *self, guint file, int descriptor, const struct stat *status)
{
  off_t length = (off_t) ccbt_storage_get_length (self, file);
  int code;

  if (status->st_size <= length || ftruncate (descriptor, length) == 0)
    return descriptor;
  code = errno;
  close (descriptor);
  return -code;
}

/* The cache's way to open. A file that was there once is never made again: its bytes are thought to
 * be had (C16). */
static int
open_cb (gpointer data, gboolean is_writable)
{
  const OpenRequest *request = data;
  CcbtStorage *self = request->storage;
  CcbtStorageFile *file = &self->files[request->file];
  int flags = is_writable ? O_RDWR : O_RDONLY;
  int descriptor = open_by_name (self, request->file, flags);
  struct stat status;

  if (descriptor == -ENOENT && is_writable && request->may_make)
    {
      descriptor = open_by_name (self, request->file, flags | O_CREAT);
      if (descriptor >= 0)
        g_atomic_int_set (&file->has_new_name, TRUE);
    }
  if (descriptor >= 0 && is_writable && fstat (descriptor, &status) == 0)
    descriptor = cut_to_length (self, request->file, descriptor, &status);
  return descriptor;
}

/* Deleted, or cut, behind our back? */
static int
judge (CcbtOpenFile *open_file, gboolean is_writable, gint64 known)
{
  struct stat status;

  if (fstat (ccbt_open_file_get_descriptor (open_file), &status) != 0)
    return errno;
  if (status.st_nlink == 0)
    return ESTALE;
  if (is_writable && status.st_size < known)
    return CCBT_FILE_IO_END;
  return 0;
}

int
ccbt_storage_open (CcbtStorage *self, guint file, gboolean is_writable, CcbtOpenFile **out)
{
  CcbtOpenFile **slot = &self->files[file].open;
  /* From before the look: another thread may be making the file, and writing to it. */
  gint64 known = ccbt_storage_get_known_size (self, file);
  OpenRequest request = { self, file, known < 0 };
  gboolean was_opened;
  int code = ccbt_file_cache_acquire (slot, is_writable, open_cb, &request, out, &was_opened);

  if (code != 0)
    return code;
  code = judge (*out, is_writable, known);
  if (code == ESTALE && was_opened)
    code = 0; /* just found under its name: this file system does not count names */
  if (code == 0)
    return 0;
  if (code == ESTALE)
    ccbt_file_cache_forget (slot);
  ccbt_file_cache_release (*out);
  /* Perhaps something else has its name by now. */
  return code == ESTALE ? ccbt_storage_open (self, file, is_writable, out) : code;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done to all files of a torrent at once: make them safe, look at them, remove them. */
#include "storage/ccbt-file-io.h"
#include "storage/ccbt-storage-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- Sync --- */

/* Returns: 0 or errno */
static int
sync_file (CcbtStorage *self, guint file)
{
  CcbtOpenFile *open_file;
  int code = ccbt_storage_open (self, file, FALSE, &open_file);

  if (code == ENOENT && file == self->n_files)
    return 0; /* it was only thought to be there */
  if (code != 0)
    return code;
  while (fdatasync (ccbt_open_file_get_descriptor (open_file)) != 0 && code == 0)
    if (errno != EINTR)
      code = errno;
  ccbt_file_cache_release (open_file);
  return code == EINVAL ? 0 : code; /* a file system that has nothing to sync */
}

static gboolean
sync_files (CcbtStorage *self, GError **error)
{
  for (guint i = 0; i <= self->n_files; i++)
    {
      int code;

      /* Cleared first: what is written meanwhile belongs to the next sync. */
      if (!g_atomic_int_compare_and_exchange (&self->files[i].is_dirty, TRUE, FALSE))
        continue;
      code = sync_file (self, i);
      if (code == 0)
        continue;
      g_atomic_int_set (&self->files[i].is_dirty, TRUE);
      return ccbt_file_io_set_error (error, code, ccbt_storage_get_name (self, i), "made safe");
    }
  return TRUE;
}

/* Folders from @path's own up to the user's that are not in @folders yet. */
void
ccbt_storage_add_folders (GHashTable *folders, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  while (g_hash_table_add (folders, g_strdup (folder)) && strcmp (folder, ".") != 0)
    {
      char *parent = g_path_get_dirname (folder);

      g_free (folder);
      folder = parent;
    }
}

/* Returns: 0 or errno */
static int
sync_folder (CcbtFolderWalk *walk, const char *folder)
{
  gboolean is_root = strcmp (folder, ".") == 0;
  const char *name = ".";
  int parent = is_root ? walk->root : ccbt_folder_walk_enter (walk, folder, FALSE, &name);
  int descriptor, code;

  if (parent < 0)
    return -parent;
  descriptor = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0)
    return errno;
  code = fsync (descriptor) == 0 ? 0 : errno;
  close (descriptor);
  /* Some file systems cannot, and some folders may be passed but not opened: no reason to stop. */
  return code == EINVAL || code == EACCES ? 0 : code;
}

int
ccbt_storage_sync_folders (CcbtFolderWalk *walk, GHashTable *folders)
{
  GHashTableIter iter;
  gpointer folder;
  int code = 0;

  g_hash_table_iter_init (&iter, folders);
  while (code == 0 && g_hash_table_iter_next (&iter, &folder, NULL))
    code = sync_folder (walk, folder);
  return code;
}

static gboolean
sync_folders (CcbtStorage *self, GHashTable *folders, GError **error)
{
  CcbtFolderWalk walk;
  int code = ccbt_folder_walk_begin (&walk, self->folder);

  if (code == 0)
    {
      code = ccbt_storage_sync_folders (&walk, folders);
      ccbt_folder_walk_end (&walk);
    }
  return code == 0
         || ccbt_file_io_set_error (error, code, ccbt_metainfo_get_name (self->metainfo),
                                    "made safe");
}

gboolean
ccbt_storage_sync (CcbtStorage *self, GError **error)
{
  g_autoptr (GHashTable) folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->n_files; i++)
    if (g_atomic_int_compare_and_exchange (&self->files[i].has_new_name, TRUE, FALSE))
      ccbt_storage_add_folders (folders, ccbt_storage_get_name (self, i));
  if (sync_files (self, error)
      && (g_hash_table_size (folders) == 0 || sync_folders (self, folders, error)))
    return TRUE;
  for (guint i = 0; i < self->n_files && g_hash_table_size (folders) > 0; i++)
    g_atomic_int_set (&self->files[i].has_new_name, TRUE); /* which ones is not worth keeping */
  return FALSE;
}

void
ccbt_storage_mark_unsynced (CcbtStorage *self, const CcbtFileStamp *stamps)
{
  for (guint i = 0; i < self->n_files; i++)
    if (stamps[i].size >= 0)
      {
        g_atomic_int_set (&self->files[i].is_dirty, TRUE);
        g_atomic_int_set (&self->files[i].has_new_name, TRUE);
      }
  g_atomic_int_set (&self->files[self->n_files].is_dirty, TRUE);
}

/* --- Stamps --- */

void
ccbt_storage_get_stamps (CcbtStorage *self, CcbtFileStamp *stamps)
{
  CcbtFolderWalk walk;
  gboolean has_folder = ccbt_folder_walk_begin (&walk, self->folder) == 0;

  for (guint i = 0; i < self->n_files; i++)
    {
      struct stat status;

      stamps[i] = (CcbtFileStamp){ .size = -1 };
      if (has_folder && ccbt_storage_is_stored (self, i)
          && ccbt_storage_look (&walk, ccbt_storage_get_name (self, i), &status) == 0)
        stamps[i]
            = (CcbtFileStamp){ .size = status.st_size,
                               .modified = status.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000)
                                           + status.st_mtim.tv_nsec };
    }
  if (has_folder)
    ccbt_folder_walk_end (&walk);
}

/* --- Delete --- */

/* Unsure means yes. */
static gboolean
holds_data (CcbtFolderWalk *walk, const char *path, const struct stat *status)
{
  int descriptor = status->st_size > 0 ? ccbt_folder_walk_open (walk, path, O_RDONLY) : -1;
  guint64 size = (guint64) status->st_size, data_offset, data_end;
  gboolean found = status->st_size > 0;

  if (descriptor < 0)
    return found;
  found = ccbt_storage_find_parts (descriptor, 0, size, &data_offset, &data_end);
  close (descriptor);
  return found;
}

/* Returns: 0 or errno */
static int
delete_file (CcbtFolderWalk *walk, const char *path, CcbtKeep keep)
{
  struct stat status;
  const char *name;
  int parent;

  /* What has the name of a file but is none was not made by us. */
  if (keep == CCBT_KEEP || ccbt_storage_look (walk, path, &status) != 0
      || (keep == CCBT_KEEP_DATA && holds_data (walk, path, &status)))
    return 0;
  parent = ccbt_folder_walk_enter (walk, path, FALSE, &name);
  return unlinkat (parent, name, 0) == 0 || errno == ENOENT ? 0 : errno;
}

static int
compare_depth (const void *a, const void *b)
{
  gsize a_len = strlen (*(const char *const *) a), b_len = strlen (*(const char *const *) b);

  return (a_len < b_len) - (a_len > b_len);
}

/* Inner folders first; one that holds anything else stays. */
void
ccbt_storage_remove_folders (CcbtFolderWalk *walk, GHashTable *folders)
{
  guint n_folders;
  g_autofree const char **paths
      = (const char **) g_hash_table_get_keys_as_array (folders, &n_folders);

  qsort (paths, n_folders, sizeof *paths, compare_depth);
  for (guint i = 0; i < n_folders; i++)
    {
      const char *name;
      int parent = strcmp (paths[i], ".") != 0
                       ? ccbt_folder_walk_enter (walk, paths[i], FALSE, &name)
                       : -1;

      if (parent >= 0)
        unlinkat (parent, name, AT_REMOVEDIR);
    }
}

static gboolean
delete_all (CcbtStorage *self, CcbtFolderWalk *walk, GError **error)
{
  g_autoptr (GHashTable) folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean succeeded = TRUE;

  for (guint i = 0; i < self->n_files; i++)
    {
      const char *path = ccbt_storage_get_name (self, i);
      CcbtKeep keep = (CcbtKeep) g_atomic_int_get (&self->files[i].keep);
      int code = ccbt_storage_is_stored (self, i) ? delete_file (walk, path, keep) : 0;

      if (code != 0 && succeeded) /* the first says it; the others go on */
        succeeded = ccbt_file_io_set_error (error, code, path, "removed");
      ccbt_storage_add_folders (folders, path);
    }
  ccbt_storage_remove_folders (walk, folders);
  return succeeded;
}

gboolean
ccbt_storage_delete (CcbtStorage *self, GError **error)
{
  CcbtFolderWalk walk;
  gboolean succeeded;
  int code = ccbt_folder_walk_begin (&walk, self->folder);

  ccbt_storage_close (self);
  unlink (self->parts_path);
  if (code == ENOENT)
    return TRUE;
  if (code != 0)
    return ccbt_file_io_set_error (error, code, ccbt_metainfo_get_name (self->metainfo), "removed");
  succeeded = delete_all (self, &walk, error);
  ccbt_folder_walk_end (&walk);
  return succeeded;
}

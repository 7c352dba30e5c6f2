/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-create-files.h"
#include "base/ccbt-text.h"
#include "storage/ccbt-folder-walk.h"
#include "wire/ccbt-path-name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_ENTRIES 1000000u /* looked at, files or not */

/* One walk through a folder. */
typedef struct
{
  CcbtSourceFiles *files;
  gboolean with_hidden;
  struct stat output; /* st_ino = 0: it is not there yet */
  const gint *cancelled;
  guint n_entries;
  gsize path_bytes;
} Listing;

static void
clear_file (gpointer data)
{
  g_free (((CcbtSourceFile *) data)->path);
}

static GArray *
new_files (void)
{
  GArray *files = g_array_new (FALSE, FALSE, sizeof (CcbtSourceFile));

  g_array_set_clear_func (files, clear_file);
  return files;
}

void
ccbt_source_files_forget (CcbtSourceFiles *self)
{
  g_array_unref (self->files);
  self->files = new_files ();
}

void
ccbt_source_files_free (CcbtSourceFiles *self)
{
  g_free (self->parent);
  g_free (self->name);
  g_free (self->renamed);
  g_array_unref (self->files);
  g_ptr_array_unref (self->skipped);
  g_free (self);
}

static gboolean
fail_with (GError **error, const char *path, int code)
{
  g_autofree char *shown = ccbt_text_make_printable (ccbt_span_from_string (path), 300);

  g_set_error (error, CCBT_ERROR,
               code == ENOENT || code == ENOTDIR ? CCBT_ERROR_NOT_FOUND : CCBT_ERROR_DISK,
               "“%s” cannot be read: %s.", shown, g_strerror (code));
  return FALSE;
}

static CcbtFileStamp
get_stamp (const struct stat *status)
{
  return (CcbtFileStamp){ .size = status->st_size,
                          .modified = status->st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000)
                                      + status->st_mtim.tv_nsec };
}

/* --- One entry --- */

static void
skip (Listing *self, CcbtSkipped why, const char *path)
{
  self->files->n_skipped[why]++;
  if (self->files->skipped->len < CCBT_SOURCE_MAX_NAMED)
    g_ptr_array_add (self->files->skipped, g_strdup (path));
}

static gboolean
count (Listing *self, const char *path, GError **error)
{
  self->path_bytes += strlen (path);
  if (++self->n_entries > MAX_ENTRIES || self->files->files->len > CCBT_METAINFO_MAX_FILES
      || self->path_bytes > CCBT_METAINFO_MAX_PATH_BYTES)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE,
                           "There is too much in the folder: a torrent can have 200,000 files at "
                           "most.");
      return FALSE;
    }
  if (self->cancelled == NULL || !g_atomic_int_get (self->cancelled))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
  return FALSE;
}

static gboolean
check_name (const char *path, const char *name, GError **error)
{
  g_autofree char *shown = NULL;

  if (g_utf8_validate (name, -1, NULL))
    return TRUE;
  shown = ccbt_text_make_printable (ccbt_span_from_string (path), 300);
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
               "The name “%s” is not in UTF-8, so others could not read it; rename it first.",
               shown);
  return FALSE;
}

static gboolean
add_file (Listing *self, const char *path, const struct stat *status, GError **error)
{
  CcbtSourceFile file = { .path = g_strdup (path),
                          .offset = self->files->total_size,
                          .stamp = get_stamp (status),
                          .device = status->st_dev,
                          .inode = status->st_ino };

  g_array_append_val (self->files->files, file);
  if ((guint64) status->st_size > G_MAXINT64 - self->files->total_size)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE,
                           "The files are larger altogether than can be.");
      return FALSE;
    }
  self->files->total_size += (guint64) status->st_size;
  return TRUE;
}

/* --- Folders --- */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Returns: (transfer full) (nullable): names in the order of their bytes; NULL with errno set */
static GPtrArray *
read_names (int folder)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int descriptor = dup (folder);
  DIR *stream = descriptor >= 0 ? fdopendir (descriptor) : NULL;
  struct dirent *entry;

  if (stream == NULL)
    {
      if (descriptor >= 0)
        close (descriptor);
      return NULL;
    }
  errno = 0;
  while (names->len <= MAX_ENTRIES && (entry = readdir (stream)) != NULL)
    if (!g_str_equal (entry->d_name, ".") && !g_str_equal (entry->d_name, ".."))
      g_ptr_array_add (names, g_strdup (entry->d_name));
  if (errno != 0)
    {
      int code = errno;

      closedir (stream);
      errno = code;
      return NULL;
    }
  closedir (stream);
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

static gboolean list_folder (Listing *self, int parent, const char *name, const char *path,
                             guint depth, GError **error);

/* Whatever @name in @folder is. @path: of the same, below the parent. */
static gboolean
list_entry (Listing *self, int folder, const char *name, const char *path, guint depth,
            GError **error)
{
  struct stat status;

  if (!count (self, path, error))
    return FALSE;
  if (name[0] == '.' && !self->with_hidden)
    {
      skip (self, CCBT_SKIPPED_HIDDEN, path);
      return TRUE;
    }
  if (fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return fail_with (error, path, errno);
  if (S_ISLNK (status.st_mode))
    skip (self, CCBT_SKIPPED_LINK, path);
  else if (S_ISDIR (status.st_mode))
    return check_name (path, name, error)
           && list_folder (self, folder, name, path, depth + 1, error);
  else if (!S_ISREG (status.st_mode))
    skip (self, CCBT_SKIPPED_SPECIAL, path);
  else if (self->output.st_ino == status.st_ino && self->output.st_dev == status.st_dev)
    skip (self, CCBT_SKIPPED_OUTPUT, path);
  else
    return check_name (path, name, error) && add_file (self, path, &status, error);
  return TRUE;
}

static gboolean
list_folder (Listing *self, int parent, const char *name, const char *path, guint depth,
             GError **error)
{
  const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  g_autoptr (GPtrArray) names = NULL;
  gboolean is_good = TRUE;
  int folder;

  if (depth > CCBT_METAINFO_MAX_DEPTH)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE,
                   "“%.300s…” lies in more than 100 folders within each other.", path);
      return FALSE;
    }
  folder = openat (parent, name, flags);
  if (folder < 0)
    return fail_with (error, path, errno);
  names = read_names (folder);
  if (names == NULL)
    is_good = fail_with (error, path, errno);
  for (guint i = 0; is_good && i < names->len; i++)
    {
      g_autofree char *child = g_strconcat (path, "/", names->pdata[i], NULL);

      is_good = list_entry (self, folder, names->pdata[i], child, depth, error);
    }
  close (folder);
  return is_good;
}

/* --- All of it --- */

/* What parsers of torrents do to names, ours among them. */
static char *
find_renamed (const CcbtSourceFiles *self)
{
  g_autoptr (CcbtPathNames) names = ccbt_path_names_new ();

  for (guint i = 0; i < self->files->len; i++)
    {
      const char *path = g_array_index (self->files, CcbtSourceFile, i).path;
      g_auto (GStrv) components = g_strsplit (path, "/", -1);
      g_autofree char *safe_path = NULL;

      for (guint j = 0; components[j] != NULL; j++)
        {
          char *safe = ccbt_path_name_make_safe (ccbt_span_from_string (components[j]));

          g_free (components[j]);
          components[j] = safe;
        }
      safe_path = ccbt_path_names_add_file (names, components);
      if (!g_str_equal (safe_path, path))
        return g_strdup (path);
    }
  return NULL;
}

static gboolean
list_root (Listing *self, const char *real, GError **error)
{
  CcbtSourceFiles *files = self->files;
  struct stat status;

  if (files->name[0] == '/' || files->name[0] == '\0')
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                           "All there is cannot be made into one torrent; name a folder.");
      return FALSE;
    }
  if (!check_name (real, files->name, error))
    return FALSE;
  if (lstat (real, &status) != 0)
    return fail_with (error, real, errno);
  files->is_folder = S_ISDIR (status.st_mode);
  if (files->is_folder)
    return list_folder (self, AT_FDCWD, real, files->name, 1, error);
  if (S_ISREG (status.st_mode))
    return add_file (self, files->name, &status, error);
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "“%.300s” is no file and no folder.",
               files->name);
  return FALSE;
}

CcbtSourceFiles *
ccbt_source_files_list (const char *path, gboolean with_hidden, const char *output,
                        const gint *cancelled, GError **error)
{
  g_autoptr (CcbtSourceFiles) files = g_new0 (CcbtSourceFiles, 1);
  g_autofree char *canonical = g_canonicalize_filename (path, NULL);
  char *real = realpath (canonical, NULL);
  Listing listing = { .files = files, .with_hidden = with_hidden, .cancelled = cancelled };
  gboolean is_good;

  files->files = new_files ();
  files->skipped = g_ptr_array_new_with_free_func (g_free);
  if (real == NULL)
    {
      fail_with (error, canonical, errno);
      return NULL;
    }
  files->parent = g_path_get_dirname (real);
  files->name = g_path_get_basename (real);
  if (output != NULL && stat (output, &listing.output) != 0)
    listing.output.st_ino = 0;
  is_good = list_root (&listing, real, error);
  free (real);
  if (!is_good)
    return NULL;
  files->renamed = find_renamed (files);
  return g_steal_pointer (&files);
}

/* --- Afterwards --- */

guint
ccbt_source_files_find (const CcbtSourceFiles *self, guint64 offset)
{
  guint low = 0, high = self->files->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const CcbtSourceFile *file = &g_array_index (self->files, CcbtSourceFile, middle);

      if (file->offset + (guint64) file->stamp.size > offset)
        high = middle;
      else
        low = middle + 1;
    }
  return low;
}

gboolean
ccbt_source_file_is_same (const CcbtSourceFile *file, int descriptor)
{
  struct stat now;
  CcbtFileStamp stamp;

  if (fstat (descriptor, &now) != 0)
    return FALSE;
  stamp = get_stamp (&now);
  return stamp.size == file->stamp.size && stamp.modified == file->stamp.modified
         && now.st_dev == file->device && now.st_ino == file->inode;
}

static gboolean
is_unchanged (CcbtFolderWalk *walk, const CcbtSourceFile *file)
{
  int descriptor = ccbt_folder_walk_open (walk, file->path, O_PATH);
  gboolean is_same = descriptor >= 0 && ccbt_source_file_is_same (file, descriptor);

  if (descriptor >= 0)
    close (descriptor);
  return is_same;
}

const CcbtSourceFile *
ccbt_source_files_find_changed (const CcbtSourceFiles *self)
{
  const CcbtSourceFile *changed = NULL;
  CcbtFolderWalk walk;

  if (ccbt_folder_walk_begin (&walk, self->parent) != 0)
    return &g_array_index (self->files, CcbtSourceFile, 0);
  for (guint i = 0; changed == NULL && i < self->files->len; i++)
    {
      const CcbtSourceFile *file = &g_array_index (self->files, CcbtSourceFile, i);

      if (!is_unchanged (&walk, file))
        changed = file;
    }
  ccbt_folder_walk_end (&walk);
  return changed;
}

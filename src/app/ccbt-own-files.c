/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-own-files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder between the user's and a file. */
typedef struct
{
  char *path;         /* absolute */
  gboolean is_real;   /* it is there, and neither it nor one above it is a link */
  gboolean is_pure;   /* nothing is in it but files of ours and pure folders */
  gboolean has_files; /* when pure: anywhere below */
  gboolean is_done;   /* it went as a whole, or could not */
} Folder;

typedef struct
{
  GHashTable *files;   /* absolute paths that are there and ours */
  GHashTable *folders; /* path -> Folder */
  GPtrArray *order;    /* of the folders: whatever is inside of another comes before it */
  CcbtOwnFilesResult result;
  GError *error; /* the first; NULL */
} Work;

static void
free_folder (gpointer data)
{
  Folder *folder = data;

  g_free (folder->path);
  g_free (folder);
}

/* --- What is ours. --- */

/* The engine's paths are safe; a second look costs nothing. */
static gboolean
is_safe (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] == '\0' || g_str_equal (parts[i], ".") || g_str_equal (parts[i], ".."))
      return FALSE;
  return parts[0] != NULL;
}

/* Unsure means yes. */
static gboolean
holds_data (const char *path, const struct stat *status)
{
  int descriptor;
  gboolean is_hole;

  if (status->st_size == 0)
    return FALSE;
  descriptor = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0)
    return TRUE;
  is_hole = lseek (descriptor, 0, SEEK_DATA) < 0 && errno == ENXIO;
  close (descriptor);
  return !is_hole;
}

/* @parent: NULL below the user's folder, which may be a link. */
static Folder *
ensure_folder (Work *work, const char *path, const Folder *parent)
{
  Folder *folder = g_hash_table_lookup (work->folders, path);
  struct stat status;

  if (folder != NULL)
    return folder;
  folder = g_new0 (Folder, 1);
  folder->path = g_strdup (path);
  folder->is_real = (parent == NULL || parent->is_real) && lstat (path, &status) == 0
                    && S_ISDIR (status.st_mode);
  g_hash_table_insert (work->folders, folder->path, folder);
  g_ptr_array_add (work->order, folder);
  return folder;
}

static void
add_file (Work *work, const char *root, const char *path, gboolean stays_with_data)
{
  g_autofree char *whole = g_build_filename (root, path, NULL);
  char *name = whole + strlen (whole) - strlen (path);
  Folder *folder = NULL;
  struct stat status;

  for (char *slash = strchr (name, '/'); slash != NULL; slash = strchr (slash + 1, '/'))
    {
      *slash = '\0';
      folder = ensure_folder (work, whole, folder);
      *slash = '/';
    }
  if ((folder == NULL || folder->is_real) && lstat (whole, &status) == 0 && S_ISREG (status.st_mode)
      && !(stays_with_data && holds_data (whole, &status)))
    g_hash_table_add (work->files, g_steal_pointer (&whole));
}

static int
compare_depth (gconstpointer a, gconstpointer b)
{
  const gsize len_a = strlen ((*(const Folder *const *) a)->path);
  const gsize len_b = strlen ((*(const Folder *const *) b)->path);

  return (len_a < len_b) - (len_a > len_b);
}

static void
find_ours (Work *work, GVariant *torrents)
{
  const char *root;
  GVariantIter iter;
  GVariantIter *files;

  g_variant_iter_init (&iter, torrents);
  while (g_variant_iter_next (&iter, "(&s^&aya(sb))", NULL, &root, &files))
    {
      const char *path;
      gboolean stays_with_data;

      while (g_variant_iter_next (files, "(&sb)", &path, &stays_with_data))
        if (g_path_is_absolute (root) && is_safe (path))
          add_file (work, root, path, stays_with_data);
      g_variant_iter_free (files);
    }
  g_ptr_array_sort (work->order, compare_depth);
}

/* --- What can go as a whole. --- */

/* Inner folders have been looked at before. */
static gboolean
is_ours (Work *work, Folder *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder->path, name, NULL);
  const Folder *inner = g_hash_table_lookup (work->folders, path);

  if (inner != NULL)
    folder->has_files |= inner->has_files;
  else if (g_hash_table_contains (work->files, path))
    folder->has_files = TRUE;
  else
    return FALSE;
  return inner == NULL || inner->is_pure;
}

static DIR *
open_folder (const char *path)
{
  int descriptor = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *stream = descriptor >= 0 ? fdopendir (descriptor) : NULL;

  if (stream == NULL && descriptor >= 0)
    close (descriptor);
  return stream;
}

static void
look_into (Work *work, Folder *folder)
{
  DIR *stream = folder->is_real ? open_folder (folder->path) : NULL;
  const struct dirent *entry;
  gboolean is_pure = TRUE;

  if (stream == NULL)
    return;
  while (is_pure && (errno = 0, entry = readdir (stream)) != NULL)
    if (!g_str_equal (entry->d_name, ".") && !g_str_equal (entry->d_name, ".."))
      is_pure = is_ours (work, folder, entry->d_name);
  folder->is_pure = is_pure && errno == 0; /* seen to the end */
  closedir (stream);
}

/* --- Away with it. --- */

static void
trash (Work *work, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GError *error = NULL;

  if (g_file_trash (file, NULL, &error))
    work->result.has_trashed = TRUE;
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) || work->error != NULL)
    g_error_free (error);
  else
    work->error = error;
}

/* Returns: (nullable) */
static Folder *
lookup_parent (Work *work, const char *path)
{
  g_autofree char *parent = g_path_get_dirname (path);

  return g_hash_table_lookup (work->folders, parent);
}

/* Outer folders come first here. */
static void
trash_folder (Work *work, Folder *folder)
{
  const Folder *parent = lookup_parent (work, folder->path);

  if (parent != NULL && parent->is_done)
    folder->is_done = TRUE;
  else if (folder->is_pure && folder->has_files)
    {
      folder->is_done = TRUE;
      trash (work, folder->path);
    }
}

static void
trash_files (Work *work)
{
  GHashTableIter iter;
  gpointer path;

  g_hash_table_iter_init (&iter, work->files);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    {
      const Folder *parent = lookup_parent (work, path);

      if (parent == NULL || !parent->is_done)
        trash (work, path);
    }
}

/* Inner folders come first here. One that holds anything stays. */
static void
remove_folder (Work *work, Folder *folder)
{
  if (!folder->is_real || folder->is_done)
    return;
  if (rmdir (folder->path) != 0 && errno != ENOENT)
    work->result.has_left = TRUE;
}

static void
run_work (Work *work, GVariant *torrents)
{
  find_ours (work, torrents);
  for (guint i = 0; i < work->order->len; i++)
    look_into (work, work->order->pdata[i]);
  for (guint i = work->order->len; i > 0; i--)
    trash_folder (work, work->order->pdata[i - 1]);
  trash_files (work);
  for (guint i = 0; i < work->order->len; i++)
    remove_folder (work, work->order->pdata[i]);
}

/* --- The task. --- */

static void
work_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work work = { .files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
                .folders = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_folder),
                .order = g_ptr_array_new () };

  run_work (&work, data);
  g_object_set_data_full (G_OBJECT (task), "result", g_memdup2 (&work.result, sizeof work.result),
                          g_free);
  if (work.error != NULL)
    g_task_return_error (task, work.error);
  else
    g_task_return_boolean (task, TRUE);
  g_ptr_array_unref (work.order);
  g_hash_table_unref (work.files);
  g_hash_table_unref (work.folders);
}

void
ccbt_own_files_trash_async (GVariant *torrents, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_source_tag (task, ccbt_own_files_trash_async);
  g_task_set_task_data (task, g_variant_ref_sink (torrents), (GDestroyNotify) g_variant_unref);
  g_task_run_in_thread (task, work_in_thread);
}

gboolean
ccbt_own_files_trash_finish (GAsyncResult *result, CcbtOwnFilesResult *out, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  *out = *(CcbtOwnFilesResult *) g_object_get_data (G_OBJECT (result), "result");
  return g_task_propagate_boolean (G_TASK (result), error);
}

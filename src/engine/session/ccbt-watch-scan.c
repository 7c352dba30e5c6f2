/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-watch-scan.h"
#include "base/ccbt-clock.h"
#include "base/ccbt-error.h"
#include "storage/ccbt-folder-walk.h"
#include "wire/ccbt-magnet.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETTLED_AFTER G_GINT64_CONSTANT (1000000000)
#define LINK_MAX_SIZE 65536

void
ccbt_watched_file_free (gpointer data)
{
  CcbtWatchedFile *file = data;

  g_free (file->name);
  g_free (file);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const CcbtWatchedFile *const *x = a, *const *y = b;

  return strcmp ((*x)->name, (*y)->name);
}

/* Returns: (transfer full) (nullable): NULL when it is none */
static CcbtWatchedFile *
look_at (const char *folder, const char *name)
{
  gboolean is_magnet = g_str_has_suffix (name, ".magnet");
  g_autofree char *path = g_build_filename (folder, name, NULL);
  CcbtWatchedFile *file;
  struct stat info;

  if (name[0] == '.' || !(is_magnet || g_str_has_suffix (name, ".torrent"))
      || lstat (path, &info) != 0 || !S_ISREG (info.st_mode))
    return NULL;
  file = g_new0 (CcbtWatchedFile, 1);
  file->name = g_strdup (name);
  file->modified = (gint64) info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
  file->is_magnet = is_magnet;
  return file;
}

GPtrArray *
ccbt_watch_scan (const char *folder, gint64 now, gboolean *settled, GError **error)
{
  g_autoptr (GDir) listing = g_dir_open (folder, 0, error);
  GPtrArray *found;
  const char *name;

  *settled = TRUE;
  if (listing == NULL)
    return NULL;
  found = g_ptr_array_new_with_free_func (ccbt_watched_file_free);
  while (found->len < CCBT_WATCH_SCAN_MAX && (name = g_dir_read_name (listing)) != NULL)
    {
      CcbtWatchedFile *file = look_at (folder, name);

      if (file == NULL)
        continue;
      /* A clock that was put back must not keep a file waiting for years. */
      if (file->modified <= now - SETTLED_AFTER || file->modified > now + 60 * SETTLED_AFTER)
        g_ptr_array_add (found, file);
      else
        {
          *settled = FALSE;
          ccbt_watched_file_free (file);
        }
    }
  g_ptr_array_sort (found, compare_names);
  return found;
}

/* Through no link. Returns: a descriptor, or -errno */
static int
open_plain_file (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  CcbtFolderWalk walk;
  int fd = -ccbt_folder_walk_begin (&walk, folder);

  if (fd < 0)
    return fd;
  fd = ccbt_folder_walk_open (&walk, name, O_RDONLY);
  ccbt_folder_walk_end (&walk);
  return fd;
}

/* Returns: (transfer full) (nullable): @size + 1 bytes at most, with a NUL behind */
static char *
read_start (const char *path, gsize size, GError **error)
{
  int fd = open_plain_file (path);
  g_autofree char *text = g_malloc0 (size + 1);
  gssize got = fd >= 0 ? read (fd, text, size) : -1;
  int code = fd >= 0 ? errno : -fd;

  if (fd >= 0)
    close (fd);
  if (got >= 0)
    return g_steal_pointer (&text);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", path, g_strerror (code));
  return NULL;
}

char *
ccbt_watch_read_magnet (const char *path, GError **error)
{
  g_autofree char *text = read_start (path, LINK_MAX_SIZE, error);
  g_auto (GStrv) lines = NULL;

  if (text == NULL)
    return NULL;
  lines = g_strsplit_set (text, "\r\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (ccbt_magnet_looks_like (g_strstrip (lines[i])))
      return g_strdup (lines[i]);
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "%s: there is no magnet link in it.", path);
  return NULL;
}

gboolean
ccbt_watch_put_away (const char *path, const char *suffix, GError **error)
{
  g_autofree char *target = suffix != NULL ? g_strconcat (path, ".", suffix, NULL) : NULL;
  int result = target != NULL ? g_rename (path, target) : g_unlink (path);
  int code = errno;

  if (result == 0 || code == ENOENT)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", path, g_strerror (code));
  return FALSE;
}

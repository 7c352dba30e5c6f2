/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage/ccbt-folder-walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* O_PATH: a folder that may be passed but not listed will do. */
#define FOLDER_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)

static int
open_at (int folder, const char *name, int flags, mode_t mode)
{
  int descriptor;

  do
    descriptor = openat (folder, name, flags, mode);
  while (descriptor < 0 && errno == EINTR);
  return descriptor >= 0 ? descriptor : -errno;
}

int
ccbt_folder_walk_begin (CcbtFolderWalk *self, const char *folder)
{
  int root = open_at (AT_FDCWD, folder, FOLDER_FLAGS, 0);

  if (root < 0)
    return -root;
  *self = (CcbtFolderWalk){ .root = root, .parent = root };
  return 0;
}

static void
leave_parent (CcbtFolderWalk *self)
{
  if (self->parent != self->root)
    close (self->parent);
  self->parent = self->root;
  g_clear_pointer (&self->parent_path, g_free);
}

void
ccbt_folder_walk_end (CcbtFolderWalk *self)
{
  leave_parent (self);
  close (self->root);
}

/* The metainfo has safe names only; this is the second lock on the same door. */
static gboolean
is_safe_component (const char *name, gsize len)
{
  return len > 0 && !(len == 1 && name[0] == '.')
         && !(len == 2 && name[0] == '.' && name[1] == '.');
}

/* Returns: a descriptor, or -errno */
static int
enter_component (int folder, const char *name, gboolean make)
{
  int child = open_at (folder, name, FOLDER_FLAGS | O_NOFOLLOW, 0);

  if (child != -ENOENT || !make)
    return child;
  if (mkdirat (folder, name, 0777) != 0 && errno != EEXIST)
    return -errno;
  return open_at (folder, name, FOLDER_FLAGS | O_NOFOLLOW, 0);
}

static int
walk_down (CcbtFolderWalk *self, const char *path, gsize path_len, gboolean make)
{
  const char *end = path + path_len;

  for (const char *name = path; name < end;)
    {
      const char *slash = memchr (name, '/', (gsize) (end - name));
      gsize len = (gsize) ((slash != NULL ? slash : end) - name);
      g_autofree char *component = g_strndup (name, len);
      int child = is_safe_component (name, len) ? enter_component (self->parent, component, make)
                                                : -EINVAL;

      if (child < 0)
        {
          leave_parent (self);
          return child;
        }
      if (self->parent != self->root)
        close (self->parent);
      self->parent = child;
      name += len + 1;
    }
  self->parent_path = g_strndup (path, path_len);
  return self->parent;
}

int
ccbt_folder_walk_enter (CcbtFolderWalk *self, const char *path, gboolean make, const char **name)
{
  const char *slash = strrchr (path, '/');
  gsize path_len = slash != NULL ? (gsize) (slash - path) : 0;

  *name = slash != NULL ? slash + 1 : path;
  if (!is_safe_component (*name, strlen (*name)) || path[0] == '/')
    return -EINVAL;
  if (self->parent_path != NULL && strlen (self->parent_path) == path_len
      && memcmp (self->parent_path, path, path_len) == 0)
    return self->parent;
  leave_parent (self);
  return slash != NULL ? walk_down (self, path, path_len, make) : self->root;
}

/* Where a folder was granted to a sandbox, an older document portal (before xdg-desktop-portal 1.18.1)
 * opens a link of its own with the flags it is given, and so says ELOOP to O_NOFOLLOW whatever the
 * file is. What O_PATH finds is the file or the link itself; from there no name is looked up any
 * more. */
static int
open_found (int folder, const char *name, int flags)
{
  int found = open_at (folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", found);
  int descriptor = -ELOOP;
  struct stat status;

  if (found < 0)
    return found;
  if (fstat (found, &status) == 0 && S_ISREG (status.st_mode))
    descriptor = open_at (AT_FDCWD, path, flags & ~(O_NOFOLLOW | O_CREAT), 0);
  close (found);
  return descriptor;
}

int
ccbt_folder_walk_open (CcbtFolderWalk *self, const char *path, int flags)
{
  /* Not to wait for the other end of a pipe that somebody put there. */
  const int safe_flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const char *name;
  int parent = ccbt_folder_walk_enter (self, path, (flags & O_CREAT) != 0, &name);
  int descriptor;
  struct stat status;

  if (parent < 0)
    return parent;
  descriptor = open_at (parent, name, flags | safe_flags, 0666);
  if (descriptor == -ELOOP && (flags & O_EXCL) == 0)
    descriptor = open_found (parent, name, flags | safe_flags);
  if (descriptor < 0)
    return descriptor;
  if (fstat (descriptor, &status) == 0 && S_ISREG (status.st_mode))
    return descriptor;
  close (descriptor);
  return -EISDIR;
}

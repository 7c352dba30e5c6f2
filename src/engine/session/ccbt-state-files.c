/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-files-private.h"
#include "session/ccbt-state-store.h"
#include "base/ccbt-error.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean
ccbt_state_files_fail (GError **error, const char *path, int errno_value)
{
  CcbtError code = CCBT_ERROR_DISK;

  if (errno_value == ENOSPC || errno_value == EDQUOT || errno_value == EFBIG)
    code = CCBT_ERROR_NO_SPACE;
  else if (errno_value == EROFS || errno_value == EACCES || errno_value == EPERM)
    code = CCBT_ERROR_READ_ONLY;
  g_set_error (error, CCBT_ERROR, code, "%s: %s", path, g_strerror (errno_value));
  return FALSE;
}

gboolean
ccbt_state_files_make_folder (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0700) != 0)
    return ccbt_state_files_fail (error, path, errno);
  return TRUE;
}

static void
write_owner (int descriptor)
{
  char text[32];
  const int len = g_snprintf (text, sizeof text, "%d\n", (int) getpid ());

  /* It only serves the message to a second process, so a full disk is no reason to fail. */
  if (ftruncate (descriptor, 0) != 0 || pwrite (descriptor, text, len, 0) != len)
    g_debug ("cannot write the lock's owner: %s", g_strerror (errno));
}

static int
refuse_lock (int descriptor, const char *path, int errno_value, GError **error)
{
  char owner[32] = "";
  const gssize len = pread (descriptor, owner, sizeof owner - 1, 0);

  if (errno_value == EWOULDBLOCK)
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_BUSY, "%s is held by process %s", path,
                 len > 0 ? g_strstrip (owner) : "(unknown)");
  else
    ccbt_state_files_fail (error, path, errno_value);
  close (descriptor);
  return -1;
}

/* flock goes away with the process however that ends, and, unlike record locks, is not lost when
 * another part of the process opens and closes the file. */
int
ccbt_state_files_lock_folder (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "lock", NULL);
  const int descriptor = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  int result;

  if (descriptor < 0)
    {
      ccbt_state_files_fail (error, path, errno);
      return -1;
    }
  do
    result = flock (descriptor, LOCK_EX | LOCK_NB);
  while (result != 0 && errno == EINTR);
  if (result != 0)
    return refuse_lock (descriptor, path, errno, error);
  write_owner (descriptor);
  return descriptor;
}

gboolean
ccbt_state_files_make_file (const char *path, GError **error)
{
  const int descriptor = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  if (descriptor < 0)
    return ccbt_state_files_fail (error, path, errno);
  close (descriptor);
  return ccbt_state_files_sync_folder_of (path, error);
}

gboolean
ccbt_state_files_has_content (const char *path)
{
  struct stat info;

  return stat (path, &info) == 0 && info.st_size > 0;
}

gboolean
ccbt_state_files_sync (const char *path, GError **error)
{
  const int descriptor = open (path, O_RDONLY | O_CLOEXEC);
  int errno_value = 0;

  if (descriptor < 0)
    return ccbt_state_files_fail (error, path, errno);
  /* Some network file systems cannot sync a folder and say EINVAL. */
  if (fsync (descriptor) != 0 && errno != EINVAL)
    errno_value = errno;
  close (descriptor);
  return errno_value == 0 || ccbt_state_files_fail (error, path, errno_value);
}

gboolean
ccbt_state_files_sync_folder_of (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return ccbt_state_files_sync (folder, error);
}

gboolean
ccbt_state_files_rename (const char *from, const char *to, GError **error)
{
  if (g_rename (from, to) != 0)
    return ccbt_state_files_fail (error, from, errno);
  return TRUE;
}

const char *
ccbt_state_store_get_boot_id (void)
{
  static char *boot_id;

  if (g_once_init_enter (&boot_id))
    {
      char *text = NULL;

      if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
        text = g_strdup ("");
      g_once_init_leave (&boot_id, g_strstrip (text));
    }
  return boot_id;
}

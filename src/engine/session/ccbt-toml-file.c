/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-toml.h"
#include "base/ccbt-error.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
fail (GError **error, const char *path, int errno_value)
{
  const CcbtError code = errno_value == ENOENT || errno_value == ENOTDIR ? CCBT_ERROR_NOT_FOUND
                         : errno_value == EACCES || errno_value == EPERM ? CCBT_ERROR_READ_ONLY
                                                                         : CCBT_ERROR_DISK;

  g_set_error (error, CCBT_ERROR, code, "%s: %s", path, g_strerror (errno_value));
  return FALSE;
}

/* A pipe or a device could block, or never end. */
static gboolean
check_file (int descriptor, const char *path, GError **error)
{
  struct stat info;

  if (fstat (descriptor, &info) != 0)
    return fail (error, path, errno);
  if (!S_ISREG (info.st_mode))
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "%s: not a regular file", path);
      return FALSE;
    }
  return TRUE;
}

/* Reads one byte more than is allowed, since the file may grow after its size was asked. */
static gboolean
read_content (int descriptor, GString *out, const char *path, GError **error)
{
  char buffer[8192];
  gssize got;

  while ((got = read (descriptor, buffer, sizeof buffer)) != 0)
    {
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        return fail (error, path, errno);
      g_string_append_len (out, buffer, got);
      if (out->len > CCBT_TOML_MAX_SIZE)
        {
          g_set_error (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE, "%s: larger than %d bytes", path,
                       CCBT_TOML_MAX_SIZE);
          return FALSE;
        }
    }
  return TRUE;
}

CcbtToml *
ccbt_toml_read (const char *path, GError **error)
{
  g_autoptr (GString) content = g_string_new (NULL);
  /* Non-blocking: opening a pipe must not wait for a writer. */
  const int descriptor = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  gboolean is_done;

  if (descriptor < 0)
    {
      fail (error, path, errno);
      return NULL;
    }
  is_done = check_file (descriptor, path, error) && read_content (descriptor, content, path, error);
  close (descriptor);
  return is_done ? ccbt_toml_new (content->str, content->len) : NULL;
}

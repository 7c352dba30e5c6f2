/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli-daemon.h"
#include "base/ccbt-error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SIZE (4 * 1024 * 1024)
#define CHECK_EVERY_S 30

static gboolean
open_log (const char *path)
{
  struct stat info;
  int descriptor;

  if (stat (path, &info) == 0 && info.st_size > MAX_SIZE)
    {
      g_autofree char *older = g_strconcat (path, ".1", NULL);

      rename (path, older);
    }
  descriptor = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0)
    return FALSE;
  fflush (NULL);
  dup2 (descriptor, STDOUT_FILENO);
  dup2 (descriptor, STDERR_FILENO);
  close (descriptor);
  return TRUE;
}

static gboolean
check_cb (gpointer path)
{
  struct stat info;

  if (fstat (STDERR_FILENO, &info) == 0 && info.st_size > MAX_SIZE)
    open_log (path);
  return G_SOURCE_CONTINUE;
}

gboolean
ccbt_cli_log_open (const char *path, GError **error)
{
  if (!open_log (path))
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_DISK, "%s: %s", path, g_strerror (errno));
      return FALSE;
    }
  g_timeout_add_seconds_full (G_PRIORITY_LOW, CHECK_EVERY_S, check_cb, g_strdup (path), g_free);
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "btbt"
#include "btbt-history.h"
#include "control/ccbt-control-path.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE (4 * 1024 * 1024) /* bytes */
#define MAX_LINE 4096

char *
btbt_history_get_path (const char *state_dir)
{
  g_autofree char *folder = ccbt_control_get_state_dir (state_dir);

  return g_build_filename (folder, "btbt-history", NULL);
}

/* No link is followed: somebody else may be able to write to a state folder that was named. */
static int
open_own (const char *path, int flags)
{
  int descriptor = open (path, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
  struct stat info;

  if (descriptor < 0)
    return -1;
  if (fstat (descriptor, &info) == 0 && S_ISREG (info.st_mode) && info.st_uid == geteuid ()
      && info.st_size <= MAX_FILE && fchmod (descriptor, 0600) == 0)
    return descriptor;
  close (descriptor);
  return -1;
}

/* Returns: (transfer full) (nullable) */
static char *
read_own (const char *path)
{
  const int descriptor = open_own (path, O_RDONLY);
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[8192];
  gssize n;

  if (descriptor < 0)
    return NULL;
  while ((n = read (descriptor, buffer, sizeof buffer)) > 0 && text->len <= MAX_FILE)
    g_string_append_len (text, buffer, n);
  close (descriptor);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char **
btbt_history_load (const char *path)
{
  g_autofree char *text = read_own (path);
  g_auto (GStrv) lines = g_strsplit (text != NULL ? g_strchomp (text) : "", "\n", -1);
  const guint n = g_strv_length (lines);
  g_autoptr (GError) error = NULL;
  g_autofree char *shorter = NULL, *kept = NULL;

  if (n <= BTBT_HISTORY_LINES)
    return g_steal_pointer (&lines);
  kept = g_strjoinv ("\n", lines + (n - BTBT_HISTORY_LINES));
  shorter = g_strconcat (kept, "\n", NULL);
  if (!g_file_set_contents_full (path, shorter, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    g_debug ("%s", error->message);
  return g_strsplit (kept, "\n", -1);
}

gboolean
btbt_history_add (const char *path, const char *line)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);
  const gsize length = strlen (text);
  int descriptor;
  gboolean is_kept;

  if (g_ascii_isspace (line[0]) || line[0] == '\0' || length > MAX_LINE
      || strpbrk (line, "\n\r") != NULL)
    return FALSE;
  descriptor = open_own (path, O_WRONLY | O_APPEND | O_CREAT);
  if (descriptor < 0)
    return TRUE; /* for this time only */
  is_kept = write (descriptor, text, length) == (gssize) length;
  close (descriptor);
  if (!is_kept)
    g_debug ("%s: a line was not kept", path);
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-config-file.h"
#include "session/ccbt-config-private.h"
#include "base/ccbt-error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static char *
get_first (void)
{
  return g_build_filename (g_get_user_config_dir (), "ccbt", "ccbt.toml", NULL);
}

static char *
get_hidden (void)
{
  return g_build_filename (g_get_home_dir (), ".ccbt.toml", NULL);
}

char *
ccbt_config_find_file (gboolean in_terminal, gboolean *is_local)
{
  g_autofree char *usual = ccbt_config_file_get_usual ();

  if (in_terminal && g_file_test ("ccbt.toml", G_FILE_TEST_EXISTS))
    {
      *is_local = TRUE;
      return g_canonicalize_filename ("ccbt.toml", NULL);
    }
  return g_file_test (usual, G_FILE_TEST_EXISTS) ? g_steal_pointer (&usual) : NULL;
}

char *
ccbt_config_file_get_usual (void)
{
  g_autofree char *first = get_first ();
  g_autofree char *hidden = get_hidden ();

  if (!g_file_test (first, G_FILE_TEST_EXISTS) && g_file_test (hidden, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&hidden);
  return g_steal_pointer (&first);
}

char *
ccbt_config_file_make_checksum (const char *text, gsize len)
{
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, len);
}

static gboolean
fail (GError **error, const char *path, int code)
{
  g_set_error (error, CCBT_ERROR,
               code == EACCES || code == EPERM || code == EROFS ? CCBT_ERROR_READ_ONLY
                                                                : CCBT_ERROR_DISK,
               "%s: %s", path, g_strerror (code));
  return FALSE;
}

static gboolean
write_all (int descriptor, const char *text, gsize len)
{
  while (len > 0)
    {
      const gssize n = write (descriptor, text, len);

      if (n < 0 && errno != EINTR)
        return FALSE;
      text += MAX (n, 0);
      len -= (gsize) MAX (n, 0);
    }
  return TRUE;
}

/* Beside the file, complete and on the disk, before it takes the file's place. */
static gboolean
replace_file (const char *path, int folder, CcbtToml *toml, GError **error)
{
  g_autofree char *temporary = g_strconcat (path, ".XXXXXX", NULL);
  const int descriptor = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0600);
  struct stat info;
  gsize len;
  const char *text = ccbt_toml_get_text (toml, &len);
  int code = 0;

  if (descriptor < 0)
    return fail (error, path, errno);
  if (stat (path, &info) == 0 && fchmod (descriptor, info.st_mode & 0777) != 0)
    code = errno;
  if (code == 0 && (!write_all (descriptor, text, len) || fsync (descriptor) != 0))
    code = errno;
  close (descriptor);
  if (code == 0 && rename (temporary, path) != 0)
    code = errno;
  if (code == 0)
    {
      fsync (folder);
      return TRUE;
    }
  unlink (temporary);
  return fail (error, path, code);
}

/* Returns: (transfer full): without symbolic links, which a rename would replace */
static char *
resolve (const char *path)
{
  char *real = realpath (path, NULL);
  char *copy = g_strdup (real != NULL ? real : path);

  free (real);
  return copy;
}

static gboolean
edit_locked (const char *path, int folder, const char *key, const char *value, char **before,
             char **after, GError **error)
{
  g_autoptr (GError) read_error = NULL;
  g_autoptr (CcbtToml) toml = ccbt_toml_read (path, &read_error);
  gboolean was_there = toml != NULL;
  const char *text;
  gsize len;

  if (toml == NULL && read_error->code != CCBT_ERROR_NOT_FOUND)
    {
      g_propagate_error (error, g_steal_pointer (&read_error));
      return FALSE;
    }
  if (toml == NULL)
    toml = ccbt_toml_new ("", 0);
  text = ccbt_toml_get_text (toml, &len);
  if (before != NULL)
    *before = was_there ? ccbt_config_file_make_checksum (text, len) : g_strdup ("");
  if (value != NULL ? !ccbt_toml_set (toml, key, value, error) : !ccbt_toml_remove (toml, key))
    {
      if (after != NULL && value == NULL)
        *after = g_strdup (before != NULL ? *before : "");
      return value == NULL; /* nothing to take out */
    }
  if (!replace_file (path, folder, toml, error))
    return FALSE;
  text = ccbt_toml_get_text (toml, &len);
  if (after != NULL)
    *after = ccbt_config_file_make_checksum (text, len);
  return TRUE;
}

gboolean
ccbt_config_file_edit (const char *path, const char *key, const char *toml, char **before,
                       char **after, GError **error)
{
  g_autofree char *real = resolve (path);
  g_autofree char *parent = g_path_get_dirname (real);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  gboolean is_done;
  int folder;

  if (g_mkdir_with_parents (parent, 0700) != 0)
    return fail (error, parent, errno);
  folder = open (parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0 || flock (folder, LOCK_EX) != 0)
    {
      fail (error, parent, errno);
      if (folder >= 0)
        close (folder);
      return FALSE;
    }
  is_done = edit_locked (real, folder, key, toml, &first, &second, error);
  close (folder);
  if (is_done && before != NULL)
    *before = g_steal_pointer (&first);
  if (is_done && after != NULL)
    *after = g_steal_pointer (&second);
  return is_done;
}

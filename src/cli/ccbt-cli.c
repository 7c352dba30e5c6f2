/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include "wire/ccbt-metainfo.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/stat.h>

static void
complain (const char *format, va_list arguments)
{
  g_autofree char *raw = g_strdup_vprintf (format, arguments);
  g_autofree char *text = ccbt_text_make_printable (ccbt_span_from_string (raw), 2000);

  g_printerr ("ccbt: %s\n", text);
}

void
ccbt_cli_complain (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  complain (format, arguments);
  va_end (arguments);
}

int
ccbt_cli_usage_error (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  complain (format, arguments);
  va_end (arguments);
  g_printerr ("Try “ccbt --help”.\n");
  return CCBT_EXIT_USAGE;
}

void
ccbt_cli_print_json (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, FALSE);

  g_print ("%s\n", text);
  fflush (stdout);
}

GBytes *
ccbt_cli_read_torrent (const char *path, GError **error)
{
  struct stat info;
  char *contents;
  gsize length;

  if (stat (path, &info) == 0 && (!S_ISREG (info.st_mode) || info.st_size > CCBT_METAINFO_MAX_SIZE))
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED,
                   S_ISREG (info.st_mode) ? "%s: larger than 10 MiB; this is no torrent file."
                                          : "%s: not a file.",
                   path);
      return NULL;
    }
  if (!g_file_get_contents (path, &contents, &length, error))
    return NULL;
  return g_bytes_new_take (contents, length);
}

void
ccbt_cli_remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        ccbt_cli_remove_tree (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* cli: thin programs over session/ (and wire/ for what needs no engine). */

#include <gio/gio.h>
#include <json-glib/json-glib.h>

/* Exit codes of `ccbt`. */
typedef enum
{
  CCBT_EXIT_DONE = 0,
  CCBT_EXIT_FAILED = 1,
  CCBT_EXIT_USAGE = 2,
  CCBT_EXIT_INTERRUPTED = 130,
} CcbtExit;

/* The commands; @argv[0] is the command's own name. Return an exit code. */
int ccbt_cli_download (int argc, char **argv);
int ccbt_cli_show (int argc, char **argv);
int ccbt_cli_check (int argc, char **argv);
int ccbt_cli_create (int argc, char **argv);
int ccbt_cli_import (int argc, char **argv);
int ccbt_cli_daemon (int argc, char **argv);
int ccbt_cli_async (int argc, char **argv);
int ccbt_cli_config (int argc, char **argv);

/* One line on stderr: "ccbt: MESSAGE", safe to show. */
void ccbt_cli_complain (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* Complains, names --help. Returns: CCBT_EXIT_USAGE */
int ccbt_cli_usage_error (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* For state folders that last as long as the command: files, one level of folders deep. */
void ccbt_cli_remove_tree (const char *path);

/* Prints @builder's object on one line and flushes. */
void ccbt_cli_print_json (JsonBuilder *builder);

/* Reads a regular file of at most 10 MiB. Returns: (transfer full) (nullable) */
GBytes *ccbt_cli_read_torrent (const char *path, GError **error);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-cli.h"

/* What `ccbt daemon ...` and `ccbt async` were told. */
typedef struct
{
  char *state_dir; /* absolute; NULL = the user's */
  char *config_file;
  char *output; /* absolute */
  char *log_file;
  char *bind;
  int port; /* -1 = configured */
  int lines;
  char **settings;
  char **torrents; /* NULL without */
  gboolean json;
} CcbtCliDaemonOptions;

/* The session in this process until it is asked to end. Returns: an exit code */
int ccbt_cli_serve (const CcbtCliDaemonOptions *options);

/* Sends stdout and stderr to @path, which with one older file stays under 8 MiB. */
gboolean ccbt_cli_log_open (const char *path, GError **error);

/* The first of the sockets that the service manager has opened for this process, which is the only one that is
 * kept; -1 without. Before there are threads, and once. */
int ccbt_cli_take_socket (void);

/* "READY=1": tells the service manager, when there is one. */
void ccbt_cli_notify (const char *state);

/* The arguments of "torrent.add" for a file, magnet link or URL. Returns: (transfer floating) */
GVariant *ccbt_cli_make_add (const char *what, const char *output);

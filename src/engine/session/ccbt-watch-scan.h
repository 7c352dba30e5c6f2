/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* What lies in a watched folder. Blocks: for workers. */

typedef struct
{
  char *name;
  gint64 modified; /* nanoseconds since 1970 */
  gboolean is_magnet;
} CcbtWatchedFile;

void ccbt_watched_file_free (gpointer file); /* CcbtWatchedFile */

#define CCBT_WATCH_SCAN_MAX 10000u /* files at a time; the others come next time */

/* The .torrent and .magnet files of @folder, without what lies deeper, hidden files and links. @settled: (out): FALSE
 * when one was changed less than a second before @now, or after it: it may still be being written and is left out.
 * @now: nanoseconds since 1970. Errors: GIO's. Returns: (transfer full) (nullable): CcbtWatchedFile, by name */
GPtrArray *ccbt_watch_scan (const char *folder, gint64 now, gboolean *settled, GError **error);

/* The first line of a small text file that is a magnet link. Errors: GIO's; CCBT_ERROR_MALFORMED. Returns: (transfer
 * full) (nullable) */
char *ccbt_watch_read_magnet (const char *path, GError **error);

/* So that it is not found again: becomes PATH.@suffix, or is deleted without one. Errors: GIO's. */
gboolean ccbt_watch_put_away (const char *path, const char *suffix, GError **error);

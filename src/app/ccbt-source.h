/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* What the engine is to add, from what a person gave: the argument of torrent.inspect and
 * torrent.add. */

/* A magnet link, a web address, or the bare hash of a torrent; everything else is NULL. @text may
 * have blanks around. Returns: (transfer full) (nullable): floating */
GVariant *ccbt_source_new_for_text (const char *text);

/* A local file or a link that became a GFile on its way; NULL for what must be read first, see
 * ccbt_source_load_async(). Returns: (transfer full) (nullable): floating */
GVariant *ccbt_source_new_for_file (GFile *file);

/* Reads a file that has no local path (a share, a phone). */
void ccbt_source_load_async (GFile *file, GAsyncReadyCallback callback, gpointer user_data);

/* Returns: (transfer full): floating */
GVariant *ccbt_source_load_finish (GAsyncResult *result, GError **error);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* The state folder: made for its user alone, held by one process, synced. */

/* Sets @error from @errno_value: NO_SPACE, READ_ONLY or DISK. Returns: FALSE */
gboolean ccbt_state_files_fail (GError **error, const char *path, int errno_value);

/* With its parents, mode 0700; one that exists stays as it is. */
gboolean ccbt_state_files_make_folder (const char *path, GError **error);

/* Errors: BUSY, naming the process that holds it.
 * Returns: a descriptor that holds the folder until it is closed; -1 on an error */
int ccbt_state_files_lock_folder (const char *folder, GError **error);

/* An empty file of mode 0600, unless there is one. SQLite gives the mode on to the log. */
gboolean ccbt_state_files_make_file (const char *path, GError **error);

/* Is there a file with anything in it? */
gboolean ccbt_state_files_has_content (const char *path);

/* A file or a folder; a rename is durable once its folder is synced. */
gboolean ccbt_state_files_sync (const char *path, GError **error);
gboolean ccbt_state_files_sync_folder_of (const char *path, GError **error);
gboolean ccbt_state_files_rename (const char *from, const char *to, GError **error);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* The lines that were typed, in a file of the state folder that only its owner can read. */

#define BTBT_HISTORY_LINES 1000

/* @state_dir: (nullable): NULL = the user's. Returns: (transfer full) */
char *btbt_history_get_path (const char *state_dir);

/* The last BTBT_HISTORY_LINES lines; cuts a file that has more. Returns: (transfer full): without any
 * when there is none, or it is none of ours */
char **btbt_history_load (const char *path);

/* Writes @line at the end at once, so that it outlives a crash and lines of others stay. Lines that
 * begin with a space, and those longer than 4 KiB, are not kept. Returns: whether it was kept */
gboolean btbt_history_add (const char *path, const char *line);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* The user's file, changed one key at a time: everything else in it stays as it was written. */

/* The one that is there, or where it would be: $XDG_CONFIG_HOME/ccbt/ccbt.toml, ~/.ccbt.toml.
 * Returns: (transfer full) */
char *ccbt_config_file_get_usual (void);

/* Of a file's bytes. Returns: (transfer full) */
char *ccbt_config_file_make_checksum (const char *text, gsize len);

/* Sets @key to @toml, or takes it out when @toml is NULL. A crash leaves the old file or the new one; a
 * new one has mode 0600, its folder is made. Where @path is a symbolic link, what it leads to is
 * changed. Blocks, on any thread. @before, @after: (out) (optional) (transfer full): checksums.
 * Errors: DISK, READ_ONLY, TOO_LARGE, INVALID (the file uses a part of the key as a value). */
gboolean ccbt_config_file_edit (const char *path, const char *key, const char *toml, char **before,
                                char **after, GError **error);

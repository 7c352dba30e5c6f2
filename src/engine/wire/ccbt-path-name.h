/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-span.h"

/* The longest component ccbt_path_name_make_safe() gives: leaves room for a number and for suffixes
 * of our own below the 255 bytes that file systems take. */
#define CCBT_PATH_NAME_MAX_BYTES 240u

/* The longest path ccbt_path_names_add_file() gives, but for a number: leaves room for the user's
 * folder below the 4,096 bytes of PATH_MAX. */
#define CCBT_PATH_MAX_BYTES 3072u

/* Makes one path component out of what a torrent calls a file or folder (threats B10-B13, B15):
 * never empty, ".",
 * "..", never holds '/', '\\', NUL, control, direction or invisible characters, no trailing dots or
 * spaces, no names that Windows file systems reserve, valid UTF-8, at most CCBT_PATH_NAME_MAX_BYTES
 * with the extension kept. The same input always gives the same output; so does the output as
 * input. Returns: (transfer full) */
char *ccbt_path_name_make_safe (CcbtSpan raw);

/* Keeps the paths of one torrent apart, also on file systems that ignore case (threat B16). */
typedef struct _CcbtPathNames CcbtPathNames;

CcbtPathNames *ccbt_path_names_new (void);
void ccbt_path_names_free (CcbtPathNames *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtPathNames, ccbt_path_names_free)

/* Adds a file whose safe components are @components (at least one). When the path is taken, or runs
 * through a file, or is a folder already, a number is put before the extension. When it is longer
 * than CCBT_PATH_MAX_BYTES, every component but the first (the torrent's own folder) is shortened.
 * O(depth) on average. Returns: (transfer full): the relative path */
char *ccbt_path_names_add_file (CcbtPathNames *self, char **components);

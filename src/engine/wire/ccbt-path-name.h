/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-span.h"

/* Makes one path component out of what a torrent calls a file or folder (threats B10-B13, B15): never empty, ".",
 * "..", never holds '/', '\\', NUL, control or direction characters, no trailing dots or spaces, no names that Windows
 * file systems reserve, valid UTF-8, at most 240 bytes with the extension kept. The same input always gives the same
 * output. Returns: (transfer full) */
char *ccbt_path_name_make_safe (CcbtSpan raw);

/* Keeps the paths of one torrent apart, also on file systems that ignore case (threat B16). */
typedef struct _CcbtPathNames CcbtPathNames;

CcbtPathNames *ccbt_path_names_new (void);
void ccbt_path_names_free (CcbtPathNames *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtPathNames, ccbt_path_names_free)

/* Adds a file whose safe components are @components. When the path is taken, or runs through a file, or is a folder
 * already, a number is put before the extension. O(depth) on average. Returns: (transfer full): the relative path */
char *ccbt_path_names_add_file (CcbtPathNames *self, char **components);

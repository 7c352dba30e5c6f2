/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "wire/ccbt-path-name.h"

/* Longer "extensions" are no extensions but the tail of a sentence. In bytes, with the dot. */
#define CCBT_PATH_NAME_MAX_EXTENSION 32u

/* Bytes of @name before its extension; all of them when it has none. */
gsize ccbt_path_name_get_stem_length (const char *name);

/* Returns: (transfer full): @name in at most @max_bytes, its extension kept where it fits; never
 * empty */
char *ccbt_path_name_shorten (const char *name, gsize max_bytes);

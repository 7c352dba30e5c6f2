/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-error.h"

/* One sentence in the user's language for a CcbtError code. Returns: (transfer none) */
const char *ccbt_error_text_for_code (int code);

/* The same for any error of the engine or of GIO; the text of other domains is passed on as it is.
 * Returns: (transfer full) */
char *ccbt_error_text (const GError *error);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Splits a line into words as a shell does: quotes, backslashes, "~/" at the beginning of a word, and
 * comments. One thing differs: "#2" is the torrent of that number; "#" begins a comment where a word
 * begins and no digit follows. Nothing is run and no variable is looked up.
 * @words: (out) (transfer full): without any for an empty line. Errors: INVALID: a quote is not closed. */
gboolean btbt_line_split (const char *line, char ***words, GError **error);

/* The other way: @word as it can be typed after @quote, which is '"', '\'' or, for none, 0.
 * Returns: (transfer full) (nullable): NULL when it cannot be written there */
char *btbt_line_quote (const char *word, char quote);

/* What was typed of a word whose end is not there yet, inside @quote or, with 0, outside.
 * Returns: (transfer full) */
char *btbt_line_unquote (const char *typed, char quote);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Text in the columns of a terminal, and numbers as people type them. */

/* Columns of the terminal that @c takes: 2 when it is wide, 0 for marks. */
guint ccbt_cli_char_width (gunichar c);
guint ccbt_cli_text_width (const char *text);

/* Appends @text, cut to @width with an ellipsis. Returns: the columns it takes */
guint ccbt_cli_text_append_cut (GString *out, const char *text, guint width);

/* "2M" -> 2097152. */
gboolean ccbt_cli_parse_rate (const char *text, guint64 *out);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-toml.h"

/* Where the reader stands. */
typedef struct
{
  const char *at;
  const char *end;
  guint n_spoilt; /* broken values that spanned lines */
} CcbtTomlCursor;

/* Spaces and tabs. */
void ccbt_toml_skip_blanks (CcbtTomlCursor *cursor);
/* At the end of a line or of the file? */
gboolean ccbt_toml_is_at_line_end (const CcbtTomlCursor *cursor);
/* To the end of the line, not past it. */
void ccbt_toml_skip_line (CcbtTomlCursor *cursor);

/* Reads one value; the cursor stands behind it. Errors: MALFORMED; the cursor then stands anywhere.
 */
gboolean ccbt_toml_read_value (CcbtTomlCursor *cursor, CcbtTomlValue *out, GError **error);

/* Reads a string at a quote. */
char *ccbt_toml_read_string (CcbtTomlCursor *cursor, gboolean may_span_lines, GError **error);
gboolean ccbt_toml_fail (GError **error, const char *what);

/* @behind: (out): offset of the end of the line of its header */
gboolean ccbt_toml_find_table (CcbtToml *self, const char *name, gsize *behind);
/* Puts @text where the bytes from @start to @end are, and reads everything again. */
void ccbt_toml_replace (CcbtToml *self, gsize start, gsize end, const char *text);

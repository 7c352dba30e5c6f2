/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-toml-private.h"
#include "base/ccbt-error.h"
#include <string.h>

gboolean
ccbt_toml_fail (GError **error, const char *what)
{
  g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, what);
  return FALSE;
}

static gsize
count_left (const CcbtTomlCursor *cursor)
{
  return cursor->end - cursor->at;
}

static gboolean
starts_with (const CcbtTomlCursor *cursor, const char *text)
{
  const gsize len = strlen (text);

  return count_left (cursor) >= len && memcmp (cursor->at, text, len) == 0;
}

/* The digits of \uXXXX and \UXXXXXXXX. */
static gboolean
read_code_point (CcbtTomlCursor *cursor, guint n_digits, GString *out, GError **error)
{
  gunichar code = 0;

  if (count_left (cursor) < n_digits)
    return ccbt_toml_fail (error, "a \\u escape that is cut off");
  for (guint i = 0; i < n_digits; i++)
    {
      if (!g_ascii_isxdigit (cursor->at[i]))
        return ccbt_toml_fail (error, "a \\u escape without its hex digits");
      code = code << 4 | (gunichar) g_ascii_xdigit_value (cursor->at[i]);
    }
  /* Zero ends strings here; nobody writes it on purpose. */
  if (code == 0 || !g_unichar_validate (code))
    return ccbt_toml_fail (error, "a \\u escape that is no character");
  cursor->at += n_digits;
  g_string_append_unichar (out, code);
  return TRUE;
}

/* A backslash at the end of a line joins it with the next, without the blanks between. */
static gboolean
skip_line_break (CcbtTomlCursor *cursor)
{
  CcbtTomlCursor ahead = *cursor;

  ccbt_toml_skip_blanks (&ahead);
  if (!ccbt_toml_is_at_line_end (&ahead))
    return FALSE;
  while (ahead.at < ahead.end && strchr (" \t\r\n", *ahead.at) != NULL)
    ahead.at++;
  cursor->at = ahead.at;
  return TRUE;
}

/* Behind a backslash. */
static gboolean
read_escape (CcbtTomlCursor *cursor, gboolean is_long, GString *out, GError **error)
{
  static const char letters[] = "btnfre\"\\";
  static const char meanings[] = "\b\t\n\f\r\x1b\"\\";
  const char *found;
  char letter;

  if (is_long && skip_line_break (cursor))
    return TRUE;
  if (cursor->at >= cursor->end)
    return ccbt_toml_fail (error, "a string that is not closed");
  letter = *cursor->at++;
  if (letter == 'u')
    return read_code_point (cursor, 4, out, error);
  if (letter == 'U')
    return read_code_point (cursor, 8, out, error);
  found = letter != '\0' ? strchr (letters, letter) : NULL;
  if (found == NULL)
    return ccbt_toml_fail (error, "an unknown escape in a string");
  g_string_append_c (out, meanings[found - letters]);
  return TRUE;
}

static gboolean
is_allowed (char c, gboolean is_long)
{
  if (c == '\n' || c == '\r')
    return is_long;
  return (guchar) c >= 0x20 ? c != 0x7f : c == '\t';
}

/* At the closing quotes? Up to two more quotes before those of a long string belong to it. */
static gboolean
read_end (CcbtTomlCursor *cursor, const char *quotes, GString *out)
{
  if (!starts_with (cursor, quotes))
    return FALSE;
  cursor->at += strlen (quotes);
  for (guint i = 0; quotes[1] != '\0' && i < 2; i++)
    if (cursor->at < cursor->end && *cursor->at == quotes[0])
      {
        g_string_append_c (out, quotes[0]);
        cursor->at++;
      }
  return TRUE;
}

static gboolean
read_characters (CcbtTomlCursor *cursor, const char *quotes, GString *out, GError **error)
{
  const gboolean is_long = quotes[1] != '\0';

  while (cursor->at < cursor->end)
    {
      if (read_end (cursor, quotes, out))
        return TRUE;
      if (!is_allowed (*cursor->at, is_long))
        return ccbt_toml_fail (error, strchr ("\r\n", *cursor->at) != NULL
                                          ? "a string that is not closed"
                                          : "a control character in a string");
      if (*cursor->at == '\\' && quotes[0] == '"')
        {
          cursor->at++;
          if (!read_escape (cursor, is_long, out, error))
            return FALSE;
        }
      else
        g_string_append_c (out, *cursor->at++);
    }
  return ccbt_toml_fail (error, "a string that is not closed");
}

/* The four kinds of quotes. */
static const char *
find_quotes (const CcbtTomlCursor *cursor, gboolean may_span_lines)
{
  if (may_span_lines && starts_with (cursor, "\"\"\""))
    return "\"\"\"";
  if (may_span_lines && starts_with (cursor, "'''"))
    return "'''";
  return *cursor->at == '"' ? "\"" : "'";
}

char *
ccbt_toml_read_string (CcbtTomlCursor *cursor, gboolean may_span_lines, GError **error)
{
  const char *quotes = find_quotes (cursor, may_span_lines);
  g_autoptr (GString) out = g_string_new (NULL);

  cursor->at += strlen (quotes);
  if (quotes[1] != '\0' && starts_with (cursor, "\r\n"))
    cursor->at += 2;
  else if (quotes[1] != '\0' && starts_with (cursor, "\n"))
    cursor->at++;
  if (!read_characters (cursor, quotes, out, error))
    return NULL;
  if (!g_utf8_validate_len (out->str, out->len, NULL))
    {
      ccbt_toml_fail (error, "a string that is not UTF-8");
      return NULL;
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
ccbt_toml_quote (const char *string)
{
  GString *out = g_string_new ("\"");

  for (const char *p = string; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_printf (out, "\\%c", *p);
      else if ((guchar) *p < 0x20 || *p == 0x7f)
        g_string_append_printf (out, "\\u%04X", *p);
      else
        g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
  return g_string_free (out, FALSE);
}

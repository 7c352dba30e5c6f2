/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-toml-private.h"
#include "base/ccbt-error.h"
#include <errno.h>
#include <math.h>
#include <string.h>

/* After a broken value that spanned lines, the reader goes on at its second line; a file of nothing
 * but such values must not be read over and over. */
#define MAX_SPOILT 8
#define MAX_DEPTH 32

void
ccbt_toml_value_clear (CcbtTomlValue *self)
{
  g_clear_pointer (&self->string, g_free);
}

void
ccbt_toml_skip_blanks (CcbtTomlCursor *cursor)
{
  while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t'))
    cursor->at++;
}

gboolean
ccbt_toml_is_at_line_end (const CcbtTomlCursor *cursor)
{
  return cursor->at >= cursor->end || *cursor->at == '\n'
         || (*cursor->at == '\r' && cursor->at + 1 < cursor->end && cursor->at[1] == '\n');
}

void
ccbt_toml_skip_line (CcbtTomlCursor *cursor)
{
  while (!ccbt_toml_is_at_line_end (cursor))
    cursor->at++;
}

/* --- Arrays and inline tables: skipped, with the strings and comments in them --- */

static gboolean
skip_element (CcbtTomlCursor *cursor, guint *depth, GError **error)
{
  g_autofree char *ignored = NULL;

  switch (*cursor->at)
    {
    case '"':
    case '\'':
      ignored = ccbt_toml_read_string (cursor, TRUE, error);
      return ignored != NULL;
    case '#':
      ccbt_toml_skip_line (cursor);
      return TRUE;
    case '[':
    case '{':
      if (++*depth > MAX_DEPTH)
        return ccbt_toml_fail (error, "arrays nested too deep");
      break;
    case ']':
    case '}':
      --*depth;
      break;
    default:
      break;
    }
  cursor->at++;
  return TRUE;
}

static gboolean
skip_nested (CcbtTomlCursor *cursor, GError **error)
{
  guint depth = 0;

  if (cursor->n_spoilt >= MAX_SPOILT)
    return ccbt_toml_fail (error, "an array, after too many that are not closed");
  do
    {
      if (cursor->at >= cursor->end)
        return ccbt_toml_fail (error, "an array that is not closed");
      if (!skip_element (cursor, &depth, error))
        return FALSE;
    }
  while (depth > 0);
  return TRUE;
}

/* --- Numbers --- */

/* Copies @word without its underscores, each of which must stand between two digits. */
static gboolean
drop_underscores (const char *word, gboolean is_hex, char *out)
{
  for (const char *p = word; *p != '\0'; p++)
    {
      if (*p != '_')
        {
          *out++ = *p;
          continue;
        }
      if (p == word || !(is_hex ? g_ascii_isxdigit (p[-1]) : g_ascii_isdigit (p[-1]))
          || !(is_hex ? g_ascii_isxdigit (p[1]) : g_ascii_isdigit (p[1])))
        return FALSE;
    }
  *out = '\0';
  return TRUE;
}

static gboolean
parse_digits (const char *text, guint base, CcbtTomlValue *out, GError **error)
{
  char *end = NULL;

  if (!g_ascii_isxdigit (text[*text == '-' || *text == '+']))
    return ccbt_toml_fail (error, "a number without digits");
  errno = 0;
  out->integer = g_ascii_strtoll (text, &end, base);
  if (errno != 0)
    return ccbt_toml_fail (error, "a number that is too large");
  if (*end != '\0')
    return ccbt_toml_fail (error, "text where a value belongs");
  out->type = CCBT_TOML_INTEGER;
  out->number = (double) out->integer;
  return TRUE;
}

/* [sign] digits [. digits] [e [sign] digits], without leading zeros. */
static gboolean
is_decimal (const char *text, gboolean *is_float)
{
  const char *p = text + (*text == '-' || *text == '+');

  *is_float = FALSE;
  if (!g_ascii_isdigit (*p) || (*p == '0' && g_ascii_isdigit (p[1])))
    return FALSE;
  while (g_ascii_isdigit (*p))
    p++;
  if (*p == '.')
    {
      *is_float = TRUE;
      if (!g_ascii_isdigit (*++p))
        return FALSE;
      while (g_ascii_isdigit (*p))
        p++;
    }
  if (*p == 'e' || *p == 'E')
    {
      *is_float = TRUE;
      p++;
      p += *p == '-' || *p == '+';
      if (!g_ascii_isdigit (*p))
        return FALSE;
      while (g_ascii_isdigit (*p))
        p++;
    }
  return *p == '\0';
}

static gboolean
parse_special (const char *word, CcbtTomlValue *out)
{
  const char *unsigned_word = word + (*word == '-' || *word == '+');

  if (g_str_equal (unsigned_word, "inf"))
    out->number = *word == '-' ? -INFINITY : INFINITY;
  else if (g_str_equal (unsigned_word, "nan"))
    out->number = NAN;
  else
    return FALSE;
  out->type = CCBT_TOML_NUMBER;
  return TRUE;
}

/* "1979-05-27", "07:32:00" and what may follow: told from a number that is not finished. */
static gboolean
is_date (const char *word)
{
  const gsize n_digits = strspn (word, "0123456789");

  return (n_digits == 4 && word[4] == '-') || (n_digits == 2 && word[2] == ':');
}

static gboolean
parse_word (const char *word, CcbtTomlValue *out, GError **error)
{
  static const struct
  {
    const char *prefix;
    guint base;
  } bases[] = { { "0x", 16 }, { "0o", 8 }, { "0b", 2 } };
  char digits[80];
  gboolean is_float;

  if (g_str_equal (word, "true") || g_str_equal (word, "false"))
    {
      out->type = CCBT_TOML_BOOLEAN;
      out->boolean = *word == 't';
      return TRUE;
    }
  if (parse_special (word, out))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (bases); i++)
    if (g_str_has_prefix (word, bases[i].prefix) && g_ascii_isxdigit (word[2])
        && drop_underscores (word + 2, TRUE, digits))
      return parse_digits (digits, bases[i].base, out, error);
  if (is_date (word))
    {
      out->type = CCBT_TOML_OTHER;
      return TRUE;
    }
  if (!drop_underscores (word, FALSE, digits) || !is_decimal (digits, &is_float))
    return ccbt_toml_fail (error, "text where a value belongs (strings need quotes)");
  if (!is_float)
    return parse_digits (digits, 10, out, error);
  out->type = CCBT_TOML_NUMBER;
  out->number = g_ascii_strtod (digits, NULL);
  return TRUE;
}

static gboolean
read_word (CcbtTomlCursor *cursor, CcbtTomlValue *out, GError **error)
{
  char word[80];
  gsize len = 0;

  while (cursor->at < cursor->end && strchr (" \t\r\n#,]}", *cursor->at) == NULL)
    {
      if (len == sizeof word - 1 || *cursor->at == '\0')
        return ccbt_toml_fail (error, "text where a value belongs (strings need quotes)");
      word[len++] = *cursor->at++;
    }
  word[len] = '\0';
  if (len == 0)
    return ccbt_toml_fail (error, "nothing where a value belongs");
  /* A date and its time may be parted by one space. */
  if (is_date (word) && cursor->end - cursor->at > 3 && *cursor->at == ' '
      && g_ascii_isdigit (cursor->at[1]) && g_ascii_isdigit (cursor->at[2]) && cursor->at[3] == ':')
    while (cursor->at < cursor->end && strchr ("\t\r\n#,]}", *cursor->at) == NULL)
      cursor->at++;
  return parse_word (word, out, error);
}

static gboolean
read_any (CcbtTomlCursor *cursor, CcbtTomlValue *out, GError **error)
{
  if (ccbt_toml_is_at_line_end (cursor))
    return ccbt_toml_fail (error, "nothing where a value belongs");
  switch (*cursor->at)
    {
    case '"':
    case '\'':
      out->type = CCBT_TOML_STRING;
      out->string = ccbt_toml_read_string (cursor, cursor->n_spoilt < MAX_SPOILT, error);
      return out->string != NULL;
    case '[':
    case '{':
      out->type = *cursor->at == '[' ? CCBT_TOML_ARRAY : CCBT_TOML_OTHER;
      return skip_nested (cursor, error);
    default:
      return read_word (cursor, out, error);
    }
}

gboolean
ccbt_toml_read_value (CcbtTomlCursor *cursor, CcbtTomlValue *out, GError **error)
{
  const char *start = cursor->at;

  memset (out, 0, sizeof *out);
  if (read_any (cursor, out, error))
    return TRUE;
  cursor->n_spoilt += memchr (start, '\n', cursor->at - start) != NULL;
  return FALSE;
}

gboolean
ccbt_toml_value_parse (const char *text, gsize len, CcbtTomlValue *out, GError **error)
{
  CcbtTomlCursor cursor = { .at = text, .end = text + len };

  if (!ccbt_toml_read_value (&cursor, out, error))
    return FALSE;
  if (cursor.at == cursor.end)
    return TRUE;
  ccbt_toml_value_clear (out);
  return ccbt_toml_fail (error, "text behind the value");
}

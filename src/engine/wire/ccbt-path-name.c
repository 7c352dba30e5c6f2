/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-path-name-private.h"

/* What stands for a byte or character that may not appear. */
#define STAND_IN '_'

/* Directions, zero-width and other invisible characters: they hide what a name really is. The same
 * set that ccbt_text_make_printable() does not print. */
static gboolean
is_invisible (gunichar c)
{
  return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)
         || (c >= 0x2060 && c <= 0x2069) || c == 0x061c || c == 0xfeff
         || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

static gboolean
is_forbidden (gunichar c)
{
  return c == '/' || c == '\\' || g_unichar_iscntrl (c);
}

/* Invalid bytes (overlong forms and surrogates among them) and forbidden characters become the
 * stand-in, one each; invisible ones go. */
static GString *
clean_characters (CcbtSpan raw)
{
  GString *name = g_string_sized_new (MIN (raw.len, 2 * CCBT_PATH_NAME_MAX_BYTES));
  const char *p = (const char *) raw.data;
  const char *end = p + raw.len;

  while (p < end)
    {
      gunichar c = (guint8) *p < 0x80 ? (gunichar) *p : g_utf8_get_char_validated (p, end - p);
      gsize used = 1;

      if (c == (gunichar) -1 || c == (gunichar) -2)
        g_string_append_c (name, STAND_IN);
      else
        {
          used = (gsize) (g_utf8_next_char (p) - p);
          if (is_forbidden (c))
            g_string_append_c (name, STAND_IN);
          else if (!is_invisible (c))
            g_string_append_len (name, p, (gssize) used);
        }
      p += used;
    }
  return name;
}

/* Windows drops them, so that "..." and "name." would become something else there. */
static void
trim_end (GString *name)
{
  gsize len = name->len;

  while (len > 0 && (name->str[len - 1] == '.' || name->str[len - 1] == ' '))
    len--;
  g_string_truncate (name, len);
}

/* "con", "NUL.txt", "Com1 .x": devices on Windows and its file servers, whatever the extension. */
static gboolean
is_reserved (const char *name)
{
  static const char *const devices[] = {
    "con",         "prn",         "aux",         "nul",         "conin$",      "conout$",
    "com\302\271", "com\302\262", "com\302\263", "lpt\302\271", "lpt\302\262", "lpt\302\263"
  };
  gsize len = strcspn (name, ".");

  while (len > 0 && name[len - 1] == ' ')
    len--;
  for (guint i = 0; i < G_N_ELEMENTS (devices); i++)
    if (strlen (devices[i]) == len && g_ascii_strncasecmp (name, devices[i], len) == 0)
      return TRUE;
  return len == 4 && g_ascii_isdigit (name[3])
         && (g_ascii_strncasecmp (name, "com", 3) == 0
             || g_ascii_strncasecmp (name, "lpt", 3) == 0);
}

gsize
ccbt_path_name_get_stem_length (const char *name)
{
  const char *dot = strrchr (name, '.');

  if (dot == NULL || dot == name || strlen (dot) > CCBT_PATH_NAME_MAX_EXTENSION)
    return strlen (name);
  return (gsize) (dot - name);
}

/* Cuts the end of the stem, between characters, and keeps the extension where it fits. */
static void
shorten (GString *name, gsize max_bytes)
{
  gsize stem = ccbt_path_name_get_stem_length (name->str);
  gsize extension = name->len - stem;
  gsize keep;

  if (name->len <= max_bytes)
    return;
  if (extension >= max_bytes)
    {
      extension = 0;
      stem = name->len;
    }
  keep = max_bytes - extension;
  while (keep > 0 && ((guint8) name->str[keep] & 0xc0) == 0x80)
    keep--;
  g_string_erase (name, (gssize) keep, (gssize) (stem - keep));
  trim_end (name);
  if (name->len == 0)
    g_string_append_c (name, STAND_IN);
}

char *
ccbt_path_name_shorten (const char *name, gsize max_bytes)
{
  GString *shorter = g_string_new (name);

  shorten (shorter, max_bytes);
  return g_string_free (shorter, FALSE);
}

char *
ccbt_path_name_make_safe (CcbtSpan raw)
{
  GString *name = clean_characters (raw);

  trim_end (name);
  if (name->len == 0 || is_reserved (name->str))
    g_string_prepend_c (name, STAND_IN);
  shorten (name, CCBT_PATH_NAME_MAX_BYTES);
  return g_string_free (name, FALSE);
}

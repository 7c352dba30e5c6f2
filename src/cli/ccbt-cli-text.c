/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli-text.h"
#include <string.h>

guint
ccbt_cli_char_width (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

guint
ccbt_cli_text_width (const char *text)
{
  guint width = 0;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    width += (guchar) *at < 0x80 ? 1 : ccbt_cli_char_width (g_utf8_get_char (at));
  return width;
}

guint
ccbt_cli_text_append_cut (GString *out, const char *text, guint width)
{
  guint used = 0;

  if (ccbt_cli_text_width (text) <= width)
    {
      g_string_append (out, text);
      return ccbt_cli_text_width (text);
    }
  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      guint next = ccbt_cli_char_width (g_utf8_get_char (text));

      if (used + next + 1 > width)
        break;
      g_string_append_unichar (out, g_utf8_get_char (text));
      used += next;
    }
  g_string_append (out, "…");
  return used + 1;
}

gboolean
ccbt_cli_parse_rate (const char *text, guint64 *out)
{
  static const char units[] = "KMG";
  g_autofree char *digits = g_strdup (text);
  const char *unit = NULL;
  gsize length = strlen (text);
  guint64 n;

  if (length > 0 && (unit = strchr (units, g_ascii_toupper (text[length - 1]))) != NULL
      && *unit != '\0')
    digits[length - 1] = '\0';
  if (!g_ascii_string_to_unsigned (digits, 10, 0, G_GUINT64_CONSTANT (1) << 53, &n, NULL))
    return FALSE;
  for (gssize i = unit != NULL && *unit != '\0' ? unit - units : -1; i >= 0; i--)
    if (!g_uint64_checked_mul (&n, n, 1024))
      return FALSE;
  *out = n;
  return n <= G_GUINT64_CONSTANT (1) << 53;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-text.h"

#define REPLACEMENT 0xfffdu
#define ELLIPSIS 0x2026u

static gboolean
is_deceptive (gunichar c)
{
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || (c >= 0x200b && c <= 0x200f)
         || c == 0x061c || c == 0x2028 || c == 0x2029 || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb)
         || (c >= 0xe0000 && c <= 0xe007f);
}

char *
ccbt_text_make_printable (CcbtSpan raw, gsize max_chars)
{
  GString *text = g_string_sized_new (MIN (raw.len, 256));
  const char *p = (const char *) raw.data;
  gsize left = raw.len;

  for (gsize n = 0; left > 0; n++)
    {
      gunichar c = g_utf8_get_char_validated (p, (gssize) left);
      gsize used = 1;

      if (max_chars > 0 && n == max_chars)
        {
          g_string_append_unichar (text, ELLIPSIS);
          break;
        }
      if (c == (gunichar) -1 || c == (gunichar) -2)
        c = REPLACEMENT;
      else
        {
          used = (gsize) (g_utf8_next_char (p) - p);
          if (g_unichar_iscntrl (c) || c == 0 || is_deceptive (c))
            c = REPLACEMENT;
        }
      g_string_append_unichar (text, c);
      p += used;
      left -= used;
    }
  return g_string_free (text, FALSE);
}

char *
ccbt_text_redact_url (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_ENCODED, NULL);
  g_autofree char *host = NULL;

  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return g_strdup ("(URL)");
  host = ccbt_text_make_printable (ccbt_span_from_string (g_uri_get_host (uri)), 255);
  if (g_uri_get_port (uri) > 0)
    return g_strdup_printf ("%s://%s:%d/\342\200\246", g_uri_get_scheme (uri), host, g_uri_get_port (uri));
  return g_strdup_printf ("%s://%s/\342\200\246", g_uri_get_scheme (uri), host);
}

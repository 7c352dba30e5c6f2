/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-text.h"

#define REPLACEMENT 0xfffdu
#define ELLIPSIS 0x2026u

static gboolean
is_deceptive (gunichar c)
{
  return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)
         || (c >= 0x2060 && c <= 0x206f) || c == 0x00ad || c == 0x061c || c == 0x180e || c == 0xfeff
         || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

/* The character at the start of @text, or what stands for it. @used: (out): bytes it takes */
static gunichar
read_printable (CcbtSpan text, gsize *used)
{
  const char *p = (const char *) text.data;
  gunichar c = g_utf8_get_char_validated (p, (gssize) text.len);

  *used = 1;
  if (c == (gunichar) -1 || c == (gunichar) -2)
    return REPLACEMENT;
  *used = (gsize) (g_utf8_next_char (p) - p);
  return c == 0 || g_unichar_iscntrl (c) || is_deceptive (c) ? REPLACEMENT : c;
}

/* As most text is. */
static gboolean
is_plain (CcbtSpan raw)
{
  for (gsize i = 0; i < raw.len; i++)
    if (raw.data[i] < ' ' || raw.data[i] > '~')
      return FALSE;
  return raw.len > 0;
}

char *
ccbt_text_make_printable (CcbtSpan raw, gsize max_chars)
{
  GString *text;
  gsize last = 0; /* where the last character begins */

  if ((max_chars == 0 || raw.len <= max_chars) && is_plain (raw))
    return g_strndup ((const char *) raw.data, raw.len);
  text = g_string_sized_new (MIN (raw.len, 256));

  for (gsize n = 0; raw.len > 0; n++)
    {
      gsize used;
      gunichar c = read_printable (raw, &used);

      if (max_chars > 0 && n == max_chars)
        {
          g_string_truncate (text, last);
          g_string_append_unichar (text, ELLIPSIS);
          break;
        }
      last = text->len;
      g_string_append_unichar (text, c);
      raw = (CcbtSpan){ raw.data + used, raw.len - used };
    }
  return g_string_free (text, FALSE);
}

char *
ccbt_text_redact_url (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_ENCODED, NULL);
  g_autofree char *host = NULL;
  gboolean is_ipv6;

  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return g_strdup ("(URL)");
  host = ccbt_text_make_printable (ccbt_span_from_string (g_uri_get_host (uri)), 255);
  is_ipv6 = strchr (host, ':') != NULL;
  if (g_uri_get_port (uri) > 0)
    return g_strdup_printf (is_ipv6 ? "%s://[%s]:%d/\342\200\246" : "%s://%s:%d/\342\200\246",
                            g_uri_get_scheme (uri), host, g_uri_get_port (uri));
  return g_strdup_printf (is_ipv6 ? "%s://[%s]/\342\200\246" : "%s://%s/\342\200\246",
                          g_uri_get_scheme (uri), host);
}

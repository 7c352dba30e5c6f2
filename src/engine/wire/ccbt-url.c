/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-url.h"

static CcbtSpan
trim_spaces (CcbtSpan text)
{
  while (text.len > 0 && g_ascii_isspace (text.data[0]))
    text = (CcbtSpan){ text.data + 1, text.len - 1 };
  while (text.len > 0 && g_ascii_isspace (text.data[text.len - 1]))
    text.len--;
  return text;
}

/* Spaces are common in the paths of web seeds; control characters have no business in any URL.
 * Returns: (transfer full) (nullable) */
static char *
escape_spaces (CcbtSpan text)
{
  g_autoptr (GString) escaped = g_string_sized_new (text.len);

  for (gsize i = 0; i < text.len; i++)
    if (text.data[i] == ' ')
      g_string_append (escaped, "%20");
    else if (g_ascii_iscntrl (text.data[i]))
      return NULL;
    else
      g_string_append_c (escaped, (char) text.data[i]);
  return g_string_free (g_steal_pointer (&escaped), FALSE);
}

static gboolean
has_wanted_scheme (GUri *uri, CcbtUrlFlags flags)
{
  const char *scheme = g_uri_get_scheme (uri);

  if (g_strcmp0 (scheme, "udp") == 0)
    return (flags & CCBT_URL_UDP) != 0;
  return (flags & CCBT_URL_HTTP) != 0
         && (g_strcmp0 (scheme, "http") == 0 || g_strcmp0 (scheme, "https") == 0);
}

static gboolean
has_wanted_host (GUri *uri, CcbtUrlFlags flags)
{
  const char *host = g_uri_get_host (uri);

  if (host == NULL || *host == '\0' || g_uri_get_port (uri) == 0)
    return FALSE;
  if ((flags & CCBT_URL_REFUSE_FOREIGN) != 0)
    return g_str_is_ascii (host) && !g_hostname_is_ascii_encoded (host);
  return TRUE;
}

/* GLib takes the rest of some odd authorities for a path; it does not write such an URL again. */
static gboolean
has_plain_path (GUri *uri)
{
  const char *path = g_uri_get_path (uri);

  return *path == '\0' || *path == '/';
}

char *
ccbt_url_clean (CcbtSpan raw, CcbtUrlFlags flags)
{
  CcbtSpan text = trim_spaces (raw);
  g_autofree char *url = NULL;
  g_autofree char *rebuilt = NULL;
  g_autoptr (GUri) uri = NULL;

  if (text.len == 0 || text.len > CCBT_URL_MAX_BYTES)
    return NULL;
  url = escape_spaces (text);
  if (url == NULL || !g_utf8_validate (url, -1, NULL))
    return NULL;
  uri = g_uri_parse (url, G_URI_FLAGS_ENCODED | G_URI_FLAGS_PARSE_RELAXED, NULL);
  if (uri == NULL || !has_wanted_scheme (uri, flags) || !has_wanted_host (uri, flags)
      || !has_plain_path (uri))
    return NULL;
  if (g_str_is_ascii (url))
    return g_steal_pointer (&url); /* byte for byte: a tracker may check its pass keys that way */
  rebuilt = g_uri_to_string (uri);
  return g_str_is_ascii (rebuilt) ? g_steal_pointer (&rebuilt) : NULL;
}

void
ccbt_url_append_escaped (GString *url, CcbtSpan bytes)
{
  for (gsize i = 0; i < bytes.len; i++)
    {
      guint8 c = bytes.data[i];

      if (g_ascii_isalnum (c) || c == '-' || c == '.' || c == '_' || c == '~')
        g_string_append_c (url, (char) c);
      else
        g_string_append_printf (url, "%%%02X", c);
    }
}

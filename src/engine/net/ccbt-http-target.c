/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-http-target.h"
#include "base/ccbt-address.h"
#include "base/ccbt-error.h"

#include <libsoup/soup.h>

#define TARGET_FLAGS                                                                               \
  ((GUriFlags) (SOUP_HTTP_URI_FLAGS | G_URI_FLAGS_ENCODED | G_URI_FLAGS_PARSE_RELAXED))

/* A line break would end the request line and begin a header of a stranger's choice. */
static gboolean
has_control_characters (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      return TRUE;
  return FALSE;
}

static gboolean
is_web_target (GUri *uri)
{
  const char *scheme = g_uri_get_scheme (uri);
  const char *host = g_uri_get_host (uri);

  return (g_str_equal (scheme, "http") || g_str_equal (scheme, "https")) && host != NULL
         && *host != '\0';
}

GUri *
ccbt_http_target_parse (const char *url, GError **error)
{
  g_autoptr (GUri) uri = NULL;

  if (!has_control_characters (url))
    uri = g_uri_parse (url, TARGET_FLAGS, NULL);
  if (uri == NULL)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_REFUSED, "the address is malformed");
      return NULL;
    }
  if (!is_web_target (uri))
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_REFUSED,
                           "only http and https addresses are followed");
      return NULL;
    }
  return g_steal_pointer (&uri);
}

GUri *
ccbt_http_target_follow (GUri *from, const char *location, GError **error)
{
  g_autofree char *base = NULL;
  g_autofree char *absolute = NULL;

  if (location != NULL && strlen (location) <= CCBT_HTTP_LOCATION_MAX)
    {
      base = g_uri_to_string (from);
      absolute = g_uri_resolve_relative (base, location, TARGET_FLAGS, NULL);
    }
  if (absolute == NULL)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_REFUSED, "a redirect that leads nowhere");
      return NULL;
    }
  return ccbt_http_target_parse (absolute, error);
}

gboolean
ccbt_http_target_is_local (GUri *target)
{
  g_autofree char *host = g_ascii_strdown (g_uri_get_host (target), -1);
  gsize len = strlen (host);
  CcbtAddress address;

  if (len > 0 && host[len - 1] == '.') /* the root of all names may be written out */
    host[len - 1] = '\0';
  if (g_str_equal (host, "localhost") || g_str_has_suffix (host, ".localhost"))
    return TRUE;
  return ccbt_address_parse_ip (host, 1, &address)
         && ccbt_address_get_scope (&address) != CCBT_ADDRESS_GLOBAL;
}

CcbtHttpRemote
ccbt_http_remote_judge (GSocketAddress *remote)
{
  CcbtAddress address;

  if (remote == NULL || G_IS_PROXY_ADDRESS (remote)
      || !ccbt_address_from_socket_address (remote, &address))
    return CCBT_HTTP_REMOTE_UNKNOWN;
  if (ccbt_address_get_scope (&address) == CCBT_ADDRESS_GLOBAL)
    return CCBT_HTTP_REMOTE_GLOBAL;
  return CCBT_HTTP_REMOTE_LOCAL;
}

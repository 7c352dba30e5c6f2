/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* Where an HTTP request may go. Pure: nothing is looked up. */

#define CCBT_HTTP_LOCATION_MAX 4096u /* bytes of a Location header (B61) */

/* Keeps percent-encoding as it is, or a binary info-hash in a query is mangled.
 * Errors: REFUSED: not http or https with a host. Returns: (transfer full) (nullable) */
GUri *ccbt_http_target_parse (const char *url, GError **error);

/* Where the redirect @location (nullable) of an answer from @from leads.
 * Errors: REFUSED, as above, or absent or too long. Returns: (transfer full) (nullable) */
GUri *ccbt_http_target_follow (GUri *from, const char *location, GError **error);

/* Does the host plainly say this machine or this network? Names but "localhost" do not; they are
 * judged by the address they lead to. */
gboolean ccbt_http_target_is_local (GUri *target);

typedef enum
{
  CCBT_HTTP_REMOTE_UNKNOWN, /* a proxy stands between: it connects, and we do not see where to */
  CCBT_HTTP_REMOTE_GLOBAL,
  CCBT_HTTP_REMOTE_LOCAL, /* anything but a global address */
} CcbtHttpRemote;

/* @remote: (nullable): the other end of a connection */
CcbtHttpRemote ccbt_http_remote_judge (GSocketAddress *remote);

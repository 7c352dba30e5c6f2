/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-span.h"

/* URLs that strangers put into torrents and magnet links (threats B28, B29, B61). */
typedef enum
{
  CCBT_URL_HTTP = 1 << 0,           /* http and https are wanted */
  CCBT_URL_UDP = 1 << 1,            /* udp is wanted */
  CCBT_URL_REFUSE_FOREIGN = 1 << 2, /* no host with characters beyond ASCII, plain or as punycode */
} CcbtUrlFlags;

#define CCBT_URL_MAX_BYTES 2048u

/* Returns: (transfer full) (nullable): the URL in ASCII, its host in punycode where it was not;
 * NULL when it is not one of the wanted schemes with a host, or is longer than CCBT_URL_MAX_BYTES
 */
char *ccbt_url_clean (CcbtSpan raw, CcbtUrlFlags flags);

/* Percent-encodes everything but the unreserved characters of RFC 3986. */
void ccbt_url_append_escaped (GString *url, CcbtSpan bytes);

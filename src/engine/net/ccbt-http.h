/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-address.h"

/* HTTP(S) for the whole engine over libsoup 3: trackers, links to torrent files, web seeds later.
 * One SoupSession, connections kept and reused, bodies read as streams and cut at a limit, at most
 * 5 redirects, http and https only, certificates verified, a deadline over the whole exchange
 * (threats B59-B66, B73). Never blocks; one thread. */
typedef struct _CcbtHttp CcbtHttp;

/* @local: (nullable): address to bind to. Returns: (transfer full) */
CcbtHttp *ccbt_http_new (const CcbtAddress *local);

/* We stand at another address: connections that are kept lead nowhere. What is under way goes on. */
void ccbt_http_forget_connections (CcbtHttp *self);

/* Cancels what is under way; callbacks still run, with an error, during or after this call. */
void ccbt_http_free (CcbtHttp *self);

/* Over which addresses of its host a server is asked. */
typedef enum
{
  CCBT_HTTP_ANY_FAMILY, /* whichever answers first */
  CCBT_HTTP_IPV4,
  CCBT_HTTP_IPV6,
  CCBT_HTTP_N_FAMILIES,
} CcbtHttpFamily;

/* Can it be chosen? FALSE where an address is bound: then there is that one's family only. */
gboolean ccbt_http_has_families (CcbtHttp *self);

typedef struct
{
  const char *url;       /* percent-encoded, and stays so (%2b may become %2B, %7E a tilde) */
  gsize max_body;        /* bytes after decompression */
  guint timeout;         /* seconds for everything, waiting for a free connection included */
  gboolean is_from_user; /* FALSE: a stranger chose the URL: redirects from a global host to a
                            loopback or private one are refused (B60) */
  CcbtHttpFamily family; /* other than any: only with ccbt_http_has_families() */
} CcbtHttpRequest;

typedef struct
{
  guint status; /* HTTP status */
  GBytes *body; /* also of errors, as far as the limit goes */
} CcbtHttpReply;

/* @callback runs on the thread-default main context, also when @self is freed first. Cancel
 * @cancellable from this thread only. */
void ccbt_http_get_async (CcbtHttp *self, const CcbtHttpRequest *request, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data);

/* @self is not touched: it may be freed by now. A status that is no 2xx is no error here.
 * Errors: UNSUPPORTED: the host has no address of the family; NETWORK, TOO_LARGE, REFUSED (redirects, addresses, certificates), G_IO_ERROR_CANCELLED,
 * G_IO_ERROR_TIMED_OUT. Returns: (transfer full) (nullable) */
CcbtHttpReply *ccbt_http_get_finish (CcbtHttp *self, GAsyncResult *result, GError **error);
void ccbt_http_reply_free (CcbtHttpReply *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtHttpReply, ccbt_http_reply_free)

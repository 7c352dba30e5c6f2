/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "net/ccbt-gateway.h"

/* Talks HTTP to the router and to nobody else (threat B85): only to its own address, no redirects,
 * no proxy, no names, no decompression, at most CCBT_UPNP_MAX_SIZE bytes, a few seconds. One
 * exchange at a time. */
typedef struct _CcbtUpnpHttp CcbtUpnpHttp;

/* @body: (nullable): NULL with @error; borrowed. Runs later, never within the call; may free. */
typedef void (*CcbtUpnpHttpDone) (gpointer data, guint status, GBytes *body, const GError *error);

CcbtUpnpHttp *ccbt_upnp_http_new (const CcbtGateway *gateway);
void ccbt_upnp_http_free (CcbtUpnpHttp *self);

/* @text relative to @base (nullable). Errors: REFUSED: not http, or not to the router's own
 * address. Returns: (transfer full) (nullable) */
GUri *ccbt_upnp_http_resolve (const CcbtGateway *gateway, GUri *base, const char *text,
                              GError **error);

/* @soap_action, @body: (nullable): both for a call, none for a document. A call under way is
 * dropped, and its callback does not run. */
void ccbt_upnp_http_send (CcbtUpnpHttp *self, GUri *uri, const char *soap_action, const char *body,
                          CcbtUpnpHttpDone done, gpointer data);
void ccbt_upnp_http_cancel (CcbtUpnpHttp *self);

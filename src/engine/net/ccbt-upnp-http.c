/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-upnp-http.h"
#include "base/ccbt-error.h"
#include "ccbt-build.h"
#include "wire/ccbt-upnp.h"

#include <libsoup/soup.h>

#define DEADLINE_SECONDS 4u
#define READ_SIZE 8192u

typedef struct
{
  CcbtUpnpHttp *http; /* NULL = dropped: nobody waits any more */
  CcbtUpnpHttpDone done;
  gpointer data;
  SoupMessage *message;
  GInputStream *stream;
  GByteArray *body;
  GCancellable *cancellable;
  GSource *deadline;
  gboolean is_late;
} Exchange;

struct _CcbtUpnpHttp
{
  SoupSession *session;
  Exchange *current; /* NULL = none */
};

CcbtUpnpHttp *
ccbt_upnp_http_new (const CcbtGateway *gateway)
{
  CcbtUpnpHttp *self = g_new0 (CcbtUpnpHttp, 1);
  g_autoptr (GSocketAddress) local = ccbt_gateway_make_address (gateway, &gateway->source);

  self->session
      = g_object_new (SOUP_TYPE_SESSION, "local-address", local, "proxy-resolver", NULL,
                      "max-conns", 2, "user-agent", "ccBitTorrent/" CCBT_VERSION " UPnP/1.1", NULL);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_DECODER);
  return self;
}

void
ccbt_upnp_http_free (CcbtUpnpHttp *self)
{
  ccbt_upnp_http_cancel (self);
  soup_session_abort (self->session);
  g_object_unref (self->session);
  g_free (self);
}

GUri *
ccbt_upnp_http_resolve (const CcbtGateway *gateway, GUri *base, const char *text, GError **error)
{
  g_autoptr (GUri) uri = NULL;
  CcbtAddress host;
  const char *name;

  if (base != NULL)
    uri = g_uri_parse_relative (base, text, SOUP_HTTP_URI_FLAGS, NULL);
  else
    uri = g_uri_parse (text, SOUP_HTTP_URI_FLAGS, NULL);
  name = uri != NULL ? g_uri_get_host (uri) : NULL;
  if (name == NULL || strcmp (g_uri_get_scheme (uri), "http") != 0
      || g_uri_get_userinfo (uri) != NULL || !ccbt_address_parse_ip (name, 0, &host)
      || !ccbt_address_same_ip (&host, &gateway->address))
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_REFUSED,
                           "UPnP: the router's address leads to another computer");
      return NULL;
    }
  return g_steal_pointer (&uri);
}

/* --- One exchange --- */

static void
exchange_free (Exchange *exchange)
{
  g_source_destroy (exchange->deadline);
  g_source_unref (exchange->deadline);
  g_object_unref (exchange->cancellable);
  g_clear_object (&exchange->stream);
  g_object_unref (exchange->message);
  g_byte_array_unref (exchange->body);
  g_free (exchange);
}

/* @error: (nullable) */
static void
finish (Exchange *exchange, const GError *error)
{
  g_autoptr (GBytes) body = g_bytes_new (exchange->body->data, exchange->body->len);
  CcbtUpnpHttp *http = exchange->http;
  CcbtUpnpHttpDone done = exchange->done;
  gpointer data = exchange->data;
  guint status = soup_message_get_status (exchange->message);
  g_autoptr (GError) late = NULL;

  if (exchange->is_late)
    {
      late = g_error_new_literal (CCBT_ERROR, CCBT_ERROR_NETWORK, "it took too long");
      error = late;
    }
  exchange_free (exchange);
  if (http == NULL)
    return;
  http->current = NULL;
  done (data, status, error == NULL ? body : NULL, error);
}

static void read_more (Exchange *exchange);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Exchange *exchange = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes
      = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);

  if (bytes == NULL || g_bytes_get_size (bytes) == 0)
    {
      finish (exchange, error);
      return;
    }
  g_byte_array_append (exchange->body, g_bytes_get_data (bytes, NULL),
                       (guint) g_bytes_get_size (bytes));
  if (exchange->body->len > CCBT_UPNP_MAX_SIZE)
    {
      g_set_error (&error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE, "it sent more than %u bytes",
                   CCBT_UPNP_MAX_SIZE);
      finish (exchange, error);
      return;
    }
  read_more (exchange);
}

static void
read_more (Exchange *exchange)
{
  g_input_stream_read_bytes_async (exchange->stream, READ_SIZE, G_PRIORITY_DEFAULT,
                                   exchange->cancellable, read_cb, exchange);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Exchange *exchange = data;
  g_autoptr (GError) error = NULL;

  exchange->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (exchange->stream == NULL)
    finish (exchange, error);
  else
    read_more (exchange);
}

static gboolean
deadline_cb (gpointer data)
{
  Exchange *exchange = data;

  exchange->is_late = TRUE;
  g_cancellable_cancel (exchange->cancellable);
  return G_SOURCE_REMOVE;
}

static SoupMessage *
make_message (GUri *uri, const char *soap_action, const char *body)
{
  SoupMessage *message
      = soup_message_new_from_uri (soap_action != NULL ? SOUP_METHOD_POST : SOUP_METHOD_GET, uri);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  /* Routers have few connections to give away. */
  soup_message_headers_replace (headers, "Connection", "close");
  if (soap_action != NULL)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

      soup_message_headers_replace (headers, "SOAPAction", soap_action);
      soup_message_set_request_body_from_bytes (message, "text/xml; charset=\"utf-8\"", bytes);
    }
  return message;
}

void
ccbt_upnp_http_send (CcbtUpnpHttp *self, GUri *uri, const char *soap_action, const char *body,
                     CcbtUpnpHttpDone done, gpointer data)
{
  Exchange *exchange = g_new0 (Exchange, 1);

  ccbt_upnp_http_cancel (self);
  exchange->http = self;
  exchange->done = done;
  exchange->data = data;
  exchange->message = make_message (uri, soap_action, body);
  exchange->body = g_byte_array_new ();
  exchange->cancellable = g_cancellable_new ();
  exchange->deadline = g_timeout_source_new_seconds (DEADLINE_SECONDS);
  g_source_set_callback (exchange->deadline, deadline_cb, exchange, NULL);
  g_source_attach (exchange->deadline, g_main_context_get_thread_default ());
  self->current = exchange;
  soup_session_send_async (self->session, exchange->message, G_PRIORITY_DEFAULT,
                           exchange->cancellable, sent_cb, exchange);
}

void
ccbt_upnp_http_cancel (CcbtUpnpHttp *self)
{
  Exchange *exchange = self->current;

  if (exchange == NULL)
    return;
  self->current = NULL;
  exchange->http = NULL;
  g_cancellable_cancel (exchange->cancellable);
}

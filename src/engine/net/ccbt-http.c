/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-http.h"
#include "base/ccbt-error.h"
#include "ccbt-build.h"

#include <libsoup/soup.h>

#define MAX_REDIRECTS 5u
#define CHUNK_SIZE 16384u
#define MAX_CONNECTIONS 256
#define MAX_CONNECTIONS_PER_HOST 8

struct _CcbtHttp
{
  SoupSession *session;
  GCancellable *closing; /* ends everything under way */
  gint references;       /* ours, and one per exchange */
};

/* One request from its first byte to its answer, over its redirects. */
typedef struct
{
  CcbtHttp *http;
  GTask *task;
  SoupMessage *message;
  GInputStream *stream;
  GByteArray *body;
  GCancellable *cancellable; /* of the exchange: deadline, caller and closing all end in it */
  GSource *deadline;
  gulong caller_id;
  gulong closing_id;
  gsize max_body;
  guint n_redirects;
  gboolean is_late;
  gboolean is_guarded; /* a stranger's URL on a global host: must not lead to a local one */
} Exchange;

static void
http_unref (CcbtHttp *self)
{
  if (--self->references > 0)
    return;
  g_object_unref (self->session);
  g_object_unref (self->closing);
  g_free (self);
}

CcbtHttp *
ccbt_http_new (const CcbtAddress *local)
{
  CcbtHttp *self = g_new0 (CcbtHttp, 1);
  g_autoptr (GSocketAddress) native = NULL;

  if (local != NULL)
    {
      CcbtAddress any_port = *local;

      any_port.port = 0;
      native = ccbt_address_to_socket_address (&any_port);
    }
  self->references = 1;
  self->closing = g_cancellable_new ();
  self->session = g_object_new (SOUP_TYPE_SESSION, "max-conns", MAX_CONNECTIONS, "max-conns-per-host",
                                MAX_CONNECTIONS_PER_HOST, "user-agent", "ccBitTorrent/" CCBT_VERSION,
                                "local-address", native, NULL);
  return self;
}

void
ccbt_http_free (CcbtHttp *self)
{
  g_cancellable_cancel (self->closing);
  soup_session_abort (self->session);
  http_unref (self);
}

void
ccbt_http_reply_free (CcbtHttpReply *self)
{
  g_bytes_unref (self->body);
  g_free (self);
}

/* --- Ends of an exchange --- */

static void
exchange_free (Exchange *exchange)
{
  GCancellable *caller = g_task_get_cancellable (exchange->task);

  if (exchange->caller_id != 0)
    g_cancellable_disconnect (caller, exchange->caller_id);
  g_cancellable_disconnect (exchange->http->closing, exchange->closing_id);
  g_source_destroy (exchange->deadline);
  g_source_unref (exchange->deadline);
  g_clear_object (&exchange->message);
  g_clear_object (&exchange->stream);
  g_clear_pointer (&exchange->body, g_byte_array_unref);
  g_object_unref (exchange->cancellable);
  g_object_unref (exchange->task);
  http_unref (exchange->http);
  g_free (exchange);
}

/* @error: (transfer full). libsoup's reasons become ours. */
static void
fail (Exchange *exchange, GError *error)
{
  g_autoptr (GError) reason = error;

  if (exchange->is_late)
    g_task_return_new_error (exchange->task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no answer in time");
  else if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED) || reason->domain == CCBT_ERROR)
    g_task_return_error (exchange->task, g_steal_pointer (&reason));
  else if (reason->domain == G_TLS_ERROR)
    g_task_return_new_error (exchange->task, CCBT_ERROR, CCBT_ERROR_REFUSED,
                             "the server's certificate cannot be trusted: %s", reason->message);
  else
    g_task_return_new_error (exchange->task, CCBT_ERROR, CCBT_ERROR_NETWORK, "%s", reason->message);
  exchange_free (exchange);
}

static void
succeed (Exchange *exchange)
{
  CcbtHttpReply *reply = g_new (CcbtHttpReply, 1);

  reply->status = soup_message_get_status (exchange->message);
  reply->body = g_byte_array_free_to_bytes (g_steal_pointer (&exchange->body));
  g_task_return_pointer (exchange->task, reply, (GDestroyNotify) ccbt_http_reply_free);
  exchange_free (exchange);
}

/* --- Where it may lead --- */

static gboolean
is_local_scope (const CcbtAddress *address)
{
  return ccbt_address_get_scope (address) != CCBT_ADDRESS_GLOBAL;
}

/* Is the host plainly one of this machine or this network? Names are judged by the address they led to. */
static gboolean
is_local_host (const char *host)
{
  CcbtAddress address;

  if (host == NULL || g_ascii_strcasecmp (host, "localhost") == 0 || g_str_has_suffix (host, ".localhost"))
    return TRUE;
  return ccbt_address_parse_ip (host, 1, &address) && is_local_scope (&address);
}

static gboolean
led_to_local_address (SoupMessage *message)
{
  GSocketAddress *remote = soup_message_get_remote_address (message);
  CcbtAddress address;

  return remote != NULL && ccbt_address_from_socket_address (remote, &address) && is_local_scope (&address);
}

static GUri *
parse_url (const char *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS | G_URI_FLAGS_ENCODED, error);
  const char *scheme;

  if (uri == NULL)
    return NULL;
  scheme = g_uri_get_scheme (uri);
  if ((!g_str_equal (scheme, "http") && !g_str_equal (scheme, "https")) || g_uri_get_host (uri) == NULL
      || *g_uri_get_host (uri) == '\0')
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_REFUSED, "only http and https addresses are followed");
      return NULL;
    }
  return g_steal_pointer (&uri);
}

/* --- Steps --- */

static void send_message (Exchange *exchange, GUri *uri);

static gboolean
is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static void
follow_redirect (Exchange *exchange)
{
  const char *location
      = soup_message_headers_get_one (soup_message_get_response_headers (exchange->message), "Location");
  g_autofree char *absolute = NULL;
  g_autoptr (GUri) uri = NULL;
  GError *error = NULL;

  if (location == NULL || strlen (location) > 4096 || ++exchange->n_redirects > MAX_REDIRECTS)
    {
      fail (exchange, g_error_new (CCBT_ERROR, CCBT_ERROR_REFUSED,
                                   exchange->n_redirects > MAX_REDIRECTS ? "too many redirects"
                                                                         : "a redirect that leads nowhere"));
      return;
    }
  {
    g_autofree char *base = g_uri_to_string (soup_message_get_uri (exchange->message));

    absolute = g_uri_resolve_relative (base, location, SOUP_HTTP_URI_FLAGS | G_URI_FLAGS_ENCODED, &error);
  }
  if (absolute != NULL)
    uri = parse_url (absolute, &error);
  if (uri != NULL && exchange->is_guarded && is_local_host (g_uri_get_host (uri)))
    error = g_error_new (CCBT_ERROR, CCBT_ERROR_REFUSED, "a redirect into the local network is not followed");
  if (error != NULL)
    {
      fail (exchange, error);
      return;
    }
  g_clear_object (&exchange->stream);
  send_message (exchange, uri);
}

static void read_more (Exchange *exchange);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Exchange *exchange = data;
  GError *error = NULL;
  g_autoptr (GBytes) chunk = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  gsize size;
  const guint8 *bytes;

  if (chunk == NULL)
    {
      fail (exchange, error);
      return;
    }
  bytes = g_bytes_get_data (chunk, &size);
  if (size == 0)
    {
      succeed (exchange);
      return;
    }
  if (exchange->body->len + size > exchange->max_body)
    {
      fail (exchange, g_error_new (CCBT_ERROR, CCBT_ERROR_TOO_LARGE,
                                   "the answer is longer than the %" G_GSIZE_FORMAT " bytes allowed",
                                   exchange->max_body));
      return;
    }
  g_byte_array_append (exchange->body, bytes, (guint) size);
  read_more (exchange);
}

static void
read_more (Exchange *exchange)
{
  g_input_stream_read_bytes_async (exchange->stream, CHUNK_SIZE, G_PRIORITY_DEFAULT, exchange->cancellable, read_cb,
                                   exchange);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Exchange *exchange = data;
  GError *error = NULL;

  exchange->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (exchange->stream == NULL)
    fail (exchange, error);
  else if (exchange->is_guarded && exchange->n_redirects > 0 && led_to_local_address (exchange->message))
    fail (exchange,
          g_error_new (CCBT_ERROR, CCBT_ERROR_REFUSED, "a redirect into the local network is not followed"));
  else if (is_redirect (soup_message_get_status (exchange->message)))
    follow_redirect (exchange);
  else
    {
      exchange->body = g_byte_array_new ();
      read_more (exchange);
    }
}

static void
send_message (Exchange *exchange, GUri *uri)
{
  g_clear_object (&exchange->message);
  exchange->message = soup_message_new_from_uri (SOUP_METHOD_GET, uri);
  soup_message_add_flags (exchange->message, SOUP_MESSAGE_NO_REDIRECT);
  soup_session_send_async (exchange->http->session, exchange->message, G_PRIORITY_DEFAULT, exchange->cancellable,
                           sent_cb, exchange);
}

static gboolean
deadline_cb (gpointer data)
{
  Exchange *exchange = data;

  exchange->is_late = TRUE;
  g_cancellable_cancel (exchange->cancellable);
  return G_SOURCE_REMOVE;
}

static void
cancel_exchange (GCancellable *cancellable, gpointer data)
{
  g_cancellable_cancel (((Exchange *) data)->cancellable);
}

void
ccbt_http_get_async (CcbtHttp *self, const CcbtHttpRequest *request, GCancellable *cancellable,
                     GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GUri) uri = NULL;
  Exchange *exchange;
  GError *error = NULL;
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, ccbt_http_get_async);
  g_task_set_check_cancellable (task, FALSE);
  uri = parse_url (request->url, &error);
  if (uri == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  exchange = g_new0 (Exchange, 1);
  exchange->http = self;
  self->references++;
  exchange->task = task;
  exchange->max_body = request->max_body;
  exchange->is_guarded = !request->is_from_user && !is_local_host (g_uri_get_host (uri));
  exchange->cancellable = g_cancellable_new ();
  exchange->deadline = g_timeout_source_new_seconds (request->timeout);
  g_source_set_callback (exchange->deadline, deadline_cb, exchange, NULL);
  g_source_attach (exchange->deadline, g_main_context_get_thread_default ());
  exchange->closing_id = g_cancellable_connect (self->closing, G_CALLBACK (cancel_exchange), exchange, NULL);
  if (cancellable != NULL)
    exchange->caller_id = g_cancellable_connect (cancellable, G_CALLBACK (cancel_exchange), exchange, NULL);
  send_message (exchange, uri);
}

CcbtHttpReply *
ccbt_http_get_finish (CcbtHttp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

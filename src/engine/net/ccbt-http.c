/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-http.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include "net/ccbt-http-target.h"
#include "ccbt-build.h"

#include <libsoup/soup.h>

#define MAX_REDIRECTS 5u
#define CHUNK_SIZE 16384u
#define MAX_CONNECTIONS 256
#define MAX_CONNECTIONS_PER_HOST 8

struct _CcbtHttp
{
  SoupSession
      *sessions[CCBT_HTTP_N_FAMILIES]; /* NULL where an address is bound, but for the first */
  GSocketAddress *local;               /* bound; NULL */
  GCancellable *closing;               /* ends everything under way */
  gint references; /* the owner's, and one per task: its callback may come after free() */
};

/* One request from its first byte to its answer, over its redirects. */
typedef struct
{
  CcbtHttp *http; /* kept by the task */
  GTask *task;
  SoupMessage *message;
  GInputStream *stream;
  GByteArray *body;
  GCancellable *cancellable; /* deadline, caller, closing and our own refusal all end in it */
  GSource *deadline;
  gulong caller_id;
  gulong closing_id;
  gsize max_body;
  CcbtHttpFamily family;
  guint n_redirects;
  gboolean is_late;
  gboolean is_guarded;  /* a stranger's URL on a global host: must not lead to a local one */
  gboolean went_astray; /* it did lead there */
} Exchange;

static void
http_unref (gpointer data)
{
  CcbtHttp *self = data;

  if (--self->references > 0)
    return;
  for (guint i = 0; i < CCBT_HTTP_N_FAMILIES; i++)
    g_clear_object (&self->sessions[i]);
  g_clear_object (&self->local);
  g_object_unref (self->closing);
  g_free (self);
}

/* @local: (nullable): the address its connections begin at */
static SoupSession *
make_session (GSocketAddress *local)
{
  return g_object_new (SOUP_TYPE_SESSION, "max-conns", MAX_CONNECTIONS, "max-conns-per-host",
                       MAX_CONNECTIONS_PER_HOST, "user-agent", "ccBitTorrent/" CCBT_VERSION,
                       "local-address", local, NULL);
}

/* A connection that begins at an address of one family reaches those of this family only. */
static SoupSession *
make_family_session (GSocketFamily family)
{
  g_autoptr (GInetAddress) any = g_inet_address_new_any (family);
  g_autoptr (GSocketAddress) local = g_inet_socket_address_new (any, 0);

  return make_session (local);
}

static void
make_sessions (CcbtHttp *self)
{
  self->sessions[CCBT_HTTP_ANY_FAMILY] = make_session (self->local);
  if (self->local != NULL)
    return;
  self->sessions[CCBT_HTTP_IPV4] = make_family_session (G_SOCKET_FAMILY_IPV4);
  self->sessions[CCBT_HTTP_IPV6] = make_family_session (G_SOCKET_FAMILY_IPV6);
}

CcbtHttp *
ccbt_http_new (const CcbtAddress *local)
{
  CcbtHttp *self = g_new0 (CcbtHttp, 1);

  if (local != NULL)
    {
      CcbtAddress any_port = *local;

      any_port.port = 0;
      self->local = ccbt_address_to_socket_address (&any_port);
    }
  self->references = 1;
  self->closing = g_cancellable_new ();
  make_sessions (self);
  return self;
}

void
ccbt_http_forget_connections (CcbtHttp *self)
{
  /* Each request under way holds its session. */
  for (guint i = 0; i < CCBT_HTTP_N_FAMILIES; i++)
    g_clear_object (&self->sessions[i]);
  make_sessions (self);
}

void
ccbt_http_free (CcbtHttp *self)
{
  g_cancellable_cancel (self->closing);
  for (guint i = 0; i < CCBT_HTTP_N_FAMILIES; i++)
    if (self->sessions[i] != NULL)
      soup_session_abort (self->sessions[i]);
  http_unref (self);
}

gboolean
ccbt_http_has_families (CcbtHttp *self)
{
  return self->sessions[CCBT_HTTP_IPV6] != NULL;
}

void
ccbt_http_reply_free (CcbtHttpReply *self)
{
  g_bytes_unref (self->body);
  g_free (self);
}

/* --- Ends of an exchange --- */

/* Not g_cancellable_disconnect(): that waits for the end of an emission, and this may be within
 * it. */
static void
disconnect_cancellables (Exchange *exchange)
{
  if (exchange->closing_id != 0) /* 0: was cancelled before */
    g_signal_handler_disconnect (exchange->http->closing, exchange->closing_id);
  if (exchange->caller_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (exchange->task), exchange->caller_id);
}

static void
exchange_free (Exchange *exchange)
{
  disconnect_cancellables (exchange);
  g_source_destroy (exchange->deadline);
  g_source_unref (exchange->deadline);
  g_clear_object (&exchange->stream);
  if (exchange->message != NULL)
    g_signal_handlers_disconnect_by_data (exchange->message, exchange);
  g_clear_object (&exchange->message);
  g_clear_pointer (&exchange->body, g_byte_array_unref);
  g_object_unref (exchange->cancellable);
  g_object_unref (exchange->task);
  g_free (exchange);
}

static const char *
describe_certificate (SoupMessage *message)
{
  GTlsCertificateFlags wrong = soup_message_get_tls_peer_certificate_errors (message);

  if ((wrong & G_TLS_CERTIFICATE_BAD_IDENTITY) != 0)
    return "the server's certificate is for another host";
  if ((wrong & (G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_NOT_ACTIVATED)) != 0)
    return "the server's certificate is out of date";
  if ((wrong & G_TLS_CERTIFICATE_REVOKED) != 0)
    return "the server's certificate was revoked";
  if ((wrong & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0)
    return "the server's certificate is not signed by a known authority";
  return "the server's certificate cannot be trusted";
}

/* libsoup's reasons become ours. Returns: (transfer full) */
static GError *
translate_error (Exchange *exchange, const GError *reason)
{
  if (exchange->is_late)
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no answer in time");
  if (exchange->went_astray)
    return g_error_new_literal (CCBT_ERROR, CCBT_ERROR_REFUSED,
                                "a redirect into the local network is not followed");
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED) || reason->domain == CCBT_ERROR)
    return g_error_copy (reason);
  if (g_error_matches (reason, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
    return g_error_new_literal (CCBT_ERROR, CCBT_ERROR_REFUSED,
                                describe_certificate (exchange->message));
  /* What the kernel says of an address of the other family. */
  if (exchange->family != CCBT_HTTP_ANY_FAMILY
      && (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED)
          || g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT)))
    return g_error_new_literal (CCBT_ERROR, CCBT_ERROR_UNSUPPORTED,
                                exchange->family == CCBT_HTTP_IPV6
                                    ? "the server has no IPv6 address"
                                    : "the server has no IPv4 address");
  return g_error_new_literal (CCBT_ERROR, CCBT_ERROR_NETWORK, reason->message);
}

/* @error: (transfer full) */
static void
fail (Exchange *exchange, GError *error)
{
  g_autoptr (GError) reason = error;

  g_task_return_error (exchange->task, translate_error (exchange, reason));
  exchange_free (exchange);
}

static void
refuse (Exchange *exchange, CcbtError code, const char *message)
{
  fail (exchange, g_error_new_literal (CCBT_ERROR, (int) code, message));
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
  SoupMessageHeaders *headers = soup_message_get_response_headers (exchange->message);
  g_autoptr (GUri) uri = NULL;
  GError *error = NULL;

  if (++exchange->n_redirects > MAX_REDIRECTS)
    {
      refuse (exchange, CCBT_ERROR_REFUSED, "too many redirects");
      return;
    }
  uri = ccbt_http_target_follow (soup_message_get_uri (exchange->message),
                                 soup_message_headers_get_one (headers, "Location"), &error);
  if (uri == NULL)
    {
      fail (exchange, error);
      return;
    }
  exchange->went_astray = exchange->is_guarded && ccbt_http_target_is_local (uri);
  if (exchange->went_astray)
    {
      refuse (exchange, CCBT_ERROR_REFUSED, "");
      return;
    }
  g_clear_object (&exchange->stream); /* unread: libsoup gives the connection up */
  send_message (exchange, uri);
}

static void read_more (Exchange *exchange);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Exchange *exchange = data;
  GError *error = NULL;
  g_autoptr (GBytes) chunk = NULL;
  const guint8 *bytes;
  gsize size;

  chunk = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  if (chunk == NULL)
    {
      fail (exchange, error);
      return;
    }
  bytes = g_bytes_get_data (chunk, &size);
  if (size == 0)
    succeed (exchange);
  else if (size > exchange->max_body - exchange->body->len)
    refuse (exchange, CCBT_ERROR_TOO_LARGE, "the answer is longer than allowed");
  else
    {
      g_byte_array_append (exchange->body, bytes, (guint) size);
      read_more (exchange);
    }
}

static void
read_more (Exchange *exchange)
{
  g_input_stream_read_bytes_async (exchange->stream, CHUNK_SIZE, G_PRIORITY_DEFAULT,
                                   exchange->cancellable, read_cb, exchange);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Exchange *exchange = data;
  GError *error = NULL;

  exchange->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (exchange->stream == NULL)
    fail (exchange, error);
  else if (is_redirect (soup_message_get_status (exchange->message)))
    follow_redirect (exchange);
  else
    {
      exchange->body = g_byte_array_new ();
      read_more (exchange);
    }
}

/* The connection stands (new or reused), and nothing was asked over it yet: the time to see where
 * a name has led. */
static void
remote_address_cb (SoupMessage *message, GParamSpec *pspec, gpointer data)
{
  Exchange *exchange = data;
  CcbtHttpRemote remote = ccbt_http_remote_judge (soup_message_get_remote_address (message));

  if (!exchange->is_guarded || remote != CCBT_HTTP_REMOTE_LOCAL)
    return;
  if (exchange->n_redirects == 0) /* it was local from the beginning: nothing to be kept out of */
    {
      exchange->is_guarded = FALSE;
      return;
    }
  exchange->went_astray = TRUE;
  g_cancellable_cancel (exchange->cancellable);
}

static void
send_message (Exchange *exchange, GUri *uri)
{
  if (exchange->message != NULL)
    g_signal_handlers_disconnect_by_data (exchange->message, exchange);
  g_clear_object (&exchange->message);
  exchange->message = soup_message_new_from_uri (SOUP_METHOD_GET, uri);
  soup_message_add_flags (exchange->message, SOUP_MESSAGE_NO_REDIRECT);
  g_signal_connect (exchange->message, "notify::remote-address", G_CALLBACK (remote_address_cb),
                    exchange);
  soup_session_send_async (exchange->http->sessions[exchange->family], exchange->message,
                           G_PRIORITY_DEFAULT, exchange->cancellable, sent_cb, exchange);
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

static void
set_deadline (Exchange *exchange, guint seconds)
{
  exchange->deadline = g_timeout_source_new_seconds (seconds);
  g_source_set_callback (exchange->deadline, deadline_cb, exchange, NULL);
  g_source_attach (exchange->deadline, g_main_context_get_thread_default ());
}

void
ccbt_http_get_async (CcbtHttp *self, const CcbtHttpRequest *request, GCancellable *cancellable,
                     GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autofree char *redacted = ccbt_text_redact_url (request->url);
  g_autoptr (GUri) uri = NULL;
  Exchange *exchange;
  GError *error = NULL;

  g_debug ("GET %s", redacted);
  self->references++;
  g_task_set_source_tag (task, ccbt_http_get_async);
  g_task_set_task_data (task, self, http_unref);
  g_task_set_check_cancellable (task, FALSE); /* our own error tells which end it was */
  uri = ccbt_http_target_parse (request->url, &error);
  if (uri == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  exchange = g_new0 (Exchange, 1);
  exchange->http = self;
  exchange->task = g_steal_pointer (&task);
  exchange->max_body = request->max_body;
  exchange->family
      = self->sessions[request->family] != NULL ? request->family : CCBT_HTTP_ANY_FAMILY;
  exchange->is_guarded = !request->is_from_user && !ccbt_http_target_is_local (uri);
  exchange->cancellable = g_cancellable_new ();
  set_deadline (exchange, request->timeout);
  exchange->closing_id
      = g_cancellable_connect (self->closing, G_CALLBACK (cancel_exchange), exchange, NULL);
  if (cancellable != NULL)
    exchange->caller_id
        = g_cancellable_connect (cancellable, G_CALLBACK (cancel_exchange), exchange, NULL);
  send_message (exchange, uri);
}

CcbtHttpReply *
ccbt_http_get_finish (CcbtHttp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

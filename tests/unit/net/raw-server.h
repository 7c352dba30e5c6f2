/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include <string.h>

/* An HTTP server without manners: each connection has a thread, and the test's function writes
 * whatever bytes it likes, blocking. */
typedef struct _RawServer RawServer;

/* Sends the answer to @head (request line and headers). Returns: FALSE to close the connection */
typedef gboolean (*RawAnswer) (RawServer *self, GOutputStream *out, const char *head);

struct _RawServer
{
  GSocketService *service;
  guint16 port;
  RawAnswer answer;
  gpointer data;
  GTlsCertificate *certificate; /* (nullable): speaks TLS with it */
  gint n_connections;           /* atomic, all three */
  gint n_active;
  gint is_closing;
  GMutex lock;
  GPtrArray *heads;   /* under the lock: what was asked */
  GPtrArray *sockets; /* under the lock: those that are served */
};

static inline gboolean
raw_write (GOutputStream *out, const void *bytes, gsize size)
{
  return g_output_stream_write_all (out, bytes, size, NULL, NULL, NULL);
}

static inline gboolean
raw_write_text (GOutputStream *out, const char *text)
{
  return raw_write (out, text, strlen (text));
}

/* A whole answer with its length; @headers: (nullable): lines, each with its end. */
static inline gboolean
raw_reply (GOutputStream *out, const char *status, const char *headers, const void *body,
           gsize size)
{
  g_autofree char *head
      = g_strdup_printf ("HTTP/1.1 %s\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n%s\r\n", status,
                         size, headers != NULL ? headers : "");

  return raw_write_text (out, head) && raw_write (out, body, size);
}

/* Says nothing until the test is over. */
static inline gboolean
raw_hang (RawServer *self)
{
  while (!g_atomic_int_get (&self->is_closing))
    g_usleep (10000);
  return FALSE;
}

/* Returns: (transfer full) (nullable): up to the empty line */
static inline char *
raw_read_head (GInputStream *in)
{
  g_autoptr (GString) head = g_string_new (NULL);
  char c;

  while (g_input_stream_read (in, &c, 1, NULL, NULL) == 1)
    {
      g_string_append_c (head, c);
      if (g_str_has_suffix (head->str, "\r\n\r\n"))
        return g_string_free (g_steal_pointer (&head), FALSE);
    }
  return NULL;
}

static inline gboolean
raw_serve_one (RawServer *self, GIOStream *stream)
{
  char *head = raw_read_head (g_io_stream_get_input_stream (stream));

  if (head == NULL)
    return FALSE;
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->heads, head);
  g_mutex_unlock (&self->lock);
  return self->answer (self, g_io_stream_get_output_stream (stream), head);
}

/* Runs on the thread of the test, where the server is freed: counted only on its own thread, a
 * connection could come to life after that. */
static inline gboolean
raw_incoming_cb (RawServer *self)
{
  g_atomic_int_inc (&self->n_active);
  g_atomic_int_inc (&self->n_connections);
  return FALSE;
}

/* Runs on a thread of its own. */
static inline gboolean
raw_run_cb (RawServer *self, GSocketConnection *connection)
{
  g_autoptr (GIOStream) stream = g_object_ref (G_IO_STREAM (connection));

  GSocket *socket = g_socket_connection_get_socket (connection);

  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->sockets, socket);
  g_mutex_unlock (&self->lock);
  if (self->certificate != NULL)
    {
      g_object_unref (stream);
      stream = g_tls_server_connection_new (G_IO_STREAM (connection), self->certificate, NULL);
    }
  while (raw_serve_one (self, stream))
    ;
  g_mutex_lock (&self->lock);
  g_ptr_array_remove (self->sockets, socket);
  g_mutex_unlock (&self->lock);
  g_io_stream_close (stream, NULL, NULL);
  g_atomic_int_add (&self->n_active, -1);
  return TRUE;
}

/* @ip: numeric */
static inline RawServer *
raw_server_new (const char *ip, RawAnswer answer, gpointer data)
{
  RawServer *self = g_new0 (RawServer, 1);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string (ip, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;

  self->answer = answer;
  self->data = data;
  self->heads = g_ptr_array_new_with_free_func (g_free);
  self->sockets = g_ptr_array_new ();
  g_mutex_init (&self->lock);
  self->service = g_threaded_socket_service_new (32);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), any, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  g_signal_connect_swapped (self->service, "incoming", G_CALLBACK (raw_incoming_cb), self);
  g_signal_connect_swapped (self->service, "run", G_CALLBACK (raw_run_cb), self);
  return self;
}

static inline void
raw_server_hang_up (RawServer *self)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->sockets->len; i++)
    g_socket_shutdown (g_ptr_array_index (self->sockets, i), TRUE, TRUE, NULL);
  g_mutex_unlock (&self->lock);
}

static inline void
raw_server_free (RawServer *self)
{
  g_atomic_int_set (&self->is_closing, 1);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  while (g_atomic_int_get (&self->n_active) > 0)
    {
      raw_server_hang_up (self);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_object_unref (self->service);
  g_ptr_array_unref (self->sockets);
  g_ptr_array_unref (self->heads);
  g_clear_object (&self->certificate);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static inline guint
raw_server_count (RawServer *self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->heads->len;
  g_mutex_unlock (&self->lock);
  return n;
}

/* The request line of the @index-th request. Returns: (transfer full) (nullable) */
static inline char *
raw_server_dup_line (RawServer *self, guint index)
{
  char *line = NULL;

  g_mutex_lock (&self->lock);
  if (index < self->heads->len)
    {
      const char *head = g_ptr_array_index (self->heads, index);

      line = g_strndup (head, strcspn (head, "\r\n"));
    }
  g_mutex_unlock (&self->lock);
  return line;
}

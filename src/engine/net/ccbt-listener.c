/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-listener.h"

/* Connections taken from one socket per turn: a flood must not keep the others waiting. */
#define ACCEPTS_PER_TURN 32
#define REST_SECONDS 1

typedef struct
{
  CcbtListener *listener;
  GSocket *socket;
  CcbtWatch watch;
} ListeningSocket;

struct _CcbtListener
{
  CcbtReactor *reactor;
  CcbtAccepted accepted;
  gpointer owner;
  guint16 port;
  ListeningSocket sockets[2];
  guint n_sockets;
  GSource *rest; /* while out of descriptors */
};

static void
set_accepting (CcbtListener *self, gboolean accepting)
{
  for (guint i = 0; i < self->n_sockets; i++)
    ccbt_reactor_set_interest (self->reactor, &self->sockets[i].watch,
                               accepting ? CCBT_READY_READ : 0);
}

static gboolean
rest_over_cb (gpointer data)
{
  CcbtListener *self = data;

  g_clear_pointer (&self->rest, g_source_unref);
  set_accepting (self, TRUE);
  return G_SOURCE_REMOVE;
}

static void
start_rest (CcbtListener *self)
{
  if (self->rest != NULL)
    return;
  set_accepting (self, FALSE);
  self->rest = g_timeout_source_new_seconds (REST_SECONDS);
  g_source_set_callback (self->rest, rest_over_cb, self, NULL);
  g_source_attach (self->rest, g_main_context_get_thread_default ());
}

static void
accept_cb (gpointer data, guint ready)
{
  ListeningSocket *from = data;
  CcbtListener *self = from->listener;

  for (guint i = 0; i < ACCEPTS_PER_TURN; i++)
    {
      g_autoptr (GError) error = NULL;
      GSocket *socket = g_socket_accept (from->socket, NULL, &error);
      g_autoptr (GSocketAddress) native = NULL;
      CcbtAddress address;

      if (socket == NULL)
        {
          if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)
              && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
            start_rest (self); /* no descriptors, no memory: trying again at once would spin */
          return;
        }
      native = g_socket_get_remote_address (socket, NULL);
      if (native == NULL || !ccbt_address_from_socket_address (native, &address))
        {
          g_object_unref (socket);
          continue;
        }
      g_socket_set_blocking (socket, FALSE);
      self->accepted (self->owner, socket, &address);
    }
}

CcbtListener *
ccbt_listener_new (CcbtReactor *reactor, const CcbtSocketFactory *factory, guint16 port,
                   CcbtAccepted accepted, gpointer owner, GError **error)
{
  CcbtListener *self;
  guint16 bound_port = 0;
  g_autoptr (GPtrArray) sockets = ccbt_socket_factory_listen (factory, port, &bound_port, error);

  if (sockets == NULL)
    return NULL;
  self = g_new0 (CcbtListener, 1);
  self->reactor = reactor;
  self->accepted = accepted;
  self->owner = owner;
  self->port = bound_port;
  for (guint i = 0; i < sockets->len; i++)
    {
      ListeningSocket *listening = &self->sockets[self->n_sockets++];

      listening->listener = self;
      listening->socket = g_object_ref (g_ptr_array_index (sockets, i));
      ccbt_reactor_add (reactor, &listening->watch, g_socket_get_fd (listening->socket),
                        CCBT_READY_READ, accept_cb, listening);
    }
  return self;
}

void
ccbt_listener_free (CcbtListener *self)
{
  if (self->rest != NULL)
    {
      g_source_destroy (self->rest);
      g_source_unref (self->rest);
    }
  for (guint i = 0; i < self->n_sockets; i++)
    {
      ccbt_reactor_remove (self->reactor, &self->sockets[i].watch);
      g_socket_close (self->sockets[i].socket, NULL);
      g_object_unref (self->sockets[i].socket);
    }
  g_free (self);
}

guint16
ccbt_listener_get_port (CcbtListener *self)
{
  return self->port;
}

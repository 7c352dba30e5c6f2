/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-span.h"

/* A UDP tracker that does nothing by itself: the test takes what came, and answers. */
typedef struct
{
  GSocket *socket;
  guint16 port;
  GSocketAddress *from; /* of the last datagram taken */
  guint8 bytes[4096];   /* it */
  gssize size;
} UdpServer;

static inline void
udp_server_init (UdpServer *self, const char *ip, guint16 port)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string (ip, port);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;

  *self = (UdpServer){ 0 };
  self->socket = g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_DATAGRAM,
                               G_SOCKET_PROTOCOL_UDP, &error);
  g_assert_no_error (error);
  g_socket_bind (self->socket, address, FALSE, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (self->socket, FALSE);
  bound = g_socket_get_local_address (self->socket, NULL);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

static inline void
udp_server_clear (UdpServer *self)
{
  g_clear_object (&self->from);
  g_clear_object (&self->socket);
}

/* Is there a datagram? Takes it then. */
static inline gboolean
udp_server_take (UdpServer *self)
{
  g_autoptr (GSocketAddress) from = NULL;
  gssize size = g_socket_receive_from (self->socket, &from, (char *) self->bytes,
                                       sizeof self->bytes, NULL, NULL);

  if (size < 0)
    return FALSE;
  self->size = size;
  g_set_object (&self->from, from);
  return TRUE;
}

/* Turns the loop until there is one. */
static inline void
udp_server_wait (UdpServer *self)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (!udp_server_take (self))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

static inline guint32
udp_server_get_action (const UdpServer *self)
{
  g_assert_cmpint (self->size, >=, 16);
  return ccbt_read_u32 (self->bytes + 8);
}

static inline guint32
udp_server_get_transaction (const UdpServer *self)
{
  return ccbt_read_u32 (self->bytes + 12);
}

static inline guint64
udp_server_get_connection (const UdpServer *self)
{
  return (guint64) ccbt_read_u32 (self->bytes) << 32 | ccbt_read_u32 (self->bytes + 4);
}

/* To whoever asked last. */
static inline void
udp_server_send (UdpServer *self, const void *bytes, gsize size)
{
  g_assert_cmpint (g_socket_send_to (self->socket, self->from, bytes, size, NULL, NULL), ==, size);
}

/* With the transaction asked for. @rest: after the head of eight bytes */
static inline void
udp_server_reply (UdpServer *self, guint32 action, const void *rest, gsize size)
{
  guint8 reply[4096];

  ccbt_write_u32 (reply, action);
  ccbt_write_u32 (reply + 4, udp_server_get_transaction (self));
  memcpy (reply + 8, rest, size);
  udp_server_send (self, reply, 8 + size);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-socket-factory.h"
#include "base/ccbt-error.h"

#include <netinet/in.h>
#include <sys/socket.h>

#define BACKLOG 256

gboolean
ccbt_socket_factory_has_family (const CcbtSocketFactory *self, gboolean is_ipv6)
{
  return !self->is_bound || self->address.is_ipv6 == (is_ipv6 ? 1 : 0);
}

/* GIO's reason becomes ours. @reason: (transfer full) */
static void
set_network_error (GError **error, GError *reason)
{
  g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_NETWORK, reason->message);
  g_error_free (reason);
}

static GSocket *
open_socket (gboolean is_ipv6, GSocketType type, GError **error)
{
  GError *reason = NULL;
  GSocket *socket = g_socket_new (is_ipv6 ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4, type,
                                  G_SOCKET_PROTOCOL_DEFAULT, &reason);

  if (socket == NULL)
    {
      set_network_error (error, reason);
      return NULL;
    }
  g_socket_set_blocking (socket, FALSE);
  if (is_ipv6) /* the IPv4 socket on the same port is a socket of its own */
    g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, 1, NULL);
  return socket;
}

static gboolean
bind_to (GSocket *socket, const CcbtAddress *address, gboolean reuse, GError **error)
{
  g_autoptr (GSocketAddress) native = ccbt_address_to_socket_address (address);
  GError *reason = NULL;

  if (g_socket_bind (socket, native, reuse, &reason))
    return TRUE;
  set_network_error (error, reason);
  return FALSE;
}

GSocket *
ccbt_socket_factory_connect (const CcbtSocketFactory *self, const CcbtAddress *to, GError **error)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketAddress) native = NULL;
  GError *reason = NULL;

  if (!ccbt_socket_factory_has_family (self, to->is_ipv6))
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_NETWORK,
                   "bound to an address of the other family");
      return NULL;
    }
  socket = open_socket (to->is_ipv6, G_SOCKET_TYPE_STREAM, error);
  if (socket == NULL)
    return NULL;
  if (self->is_bound)
    {
      CcbtAddress local = self->address;

      local.port = 0;
      if (!bind_to (socket, &local, FALSE, error))
        return NULL;
    }
  native = ccbt_address_to_socket_address (to);
  if (g_socket_connect (socket, native, NULL, &reason))
    return g_steal_pointer (&socket);
  if (!g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PENDING))
    {
      set_network_error (error, reason);
      return NULL;
    }
  g_error_free (reason);
  return g_steal_pointer (&socket);
}

/* Any address of the world will do: the system looks the way up, and says where it begins. */
#define WORLD_IPV4 "192.0.43.8"
#define WORLD_IPV6 "2001:500:88:200::8"

gboolean
ccbt_socket_factory_get_source (const CcbtSocketFactory *self, gboolean is_ipv6, CcbtAddress *out)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketAddress) world = NULL;
  g_autoptr (GSocketAddress) local = NULL;
  CcbtAddress bound = self->address;

  if (!ccbt_socket_factory_has_family (self, is_ipv6))
    return FALSE;
  socket = open_socket (is_ipv6, G_SOCKET_TYPE_DATAGRAM, NULL);
  bound.port = 0;
  if (socket == NULL || (self->is_bound && !bind_to (socket, &bound, FALSE, NULL)))
    return FALSE;
  world = g_inet_socket_address_new_from_string (is_ipv6 ? WORLD_IPV6 : WORLD_IPV4, 9);
  if (!g_socket_connect (socket, world, NULL, NULL))
    return FALSE;
  local = g_socket_get_local_address (socket, NULL);
  if (local == NULL || !ccbt_address_from_socket_address (local, out))
    return FALSE;
  out->port = 0;
  return TRUE;
}

static GSocket *
listen_on (const CcbtAddress *address, GError **error)
{
  g_autoptr (GSocket) socket = open_socket (address->is_ipv6, G_SOCKET_TYPE_STREAM, error);

  if (socket == NULL || !bind_to (socket, address, TRUE, error))
    return NULL;
  g_socket_set_listen_backlog (socket, BACKLOG);
  if (!g_socket_listen (socket, error))
    return NULL;
  return g_steal_pointer (&socket);
}

static guint16
get_local_port (GSocket *socket)
{
  g_autoptr (GSocketAddress) native = g_socket_get_local_address (socket, NULL);
  CcbtAddress address;

  return native != NULL && ccbt_address_from_socket_address (native, &address) ? address.port : 0;
}

typedef GSocket *(*OpenFunc) (const CcbtAddress *address, GError **error);

/* One socket of every family that can be used, on the same port.
 * Returns: (transfer full) (nullable) (element-type GSocket) */
static GPtrArray *
open_families (const CcbtSocketFactory *self, guint16 port, OpenFunc open, guint16 *bound_port,
               GError **error)
{
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  guint16 used = port;

  for (guint8 is_ipv6 = 0; is_ipv6 <= 1; is_ipv6++)
    {
      CcbtAddress address = self->is_bound ? self->address : (CcbtAddress){ .is_ipv6 = is_ipv6 };
      GSocket *socket;

      if (!ccbt_socket_factory_has_family (self, is_ipv6))
        continue;
      address.port = used;
      socket = open (&address, error != NULL && *error == NULL ? error : NULL);
      if (socket == NULL)
        {
          if (is_ipv6 && sockets->len > 0)
            continue; /* a machine without IPv6 has IPv4 alone */
          break;
        }
      used = get_local_port (socket);
      g_ptr_array_add (sockets, socket);
    }
  if (sockets->len == 0)
    return NULL;
  g_clear_error (error);
  *bound_port = used;
  return g_steal_pointer (&sockets);
}

GPtrArray *
ccbt_socket_factory_listen (const CcbtSocketFactory *self, guint16 port, guint16 *bound_port,
                            GError **error)
{
  g_autoptr (GError) reason = NULL;
  GPtrArray *sockets = open_families (self, port, listen_on, bound_port, &reason);

  if (sockets == NULL)
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_NETWORK, "Cannot listen on port %u: %s", port,
                 reason != NULL ? reason->message : "no address");
  return sockets;
}

/* Not with SO_REUSEADDR: two programs on one UDP port would steal each other's datagrams. */
static GSocket *
open_datagram_socket (const CcbtAddress *address, GError **error)
{
  g_autoptr (GSocket) socket = open_socket (address->is_ipv6, G_SOCKET_TYPE_DATAGRAM, error);

  if (socket == NULL || !bind_to (socket, address, FALSE, error))
    return NULL;
  return g_steal_pointer (&socket);
}

GPtrArray *
ccbt_socket_factory_open_datagram (const CcbtSocketFactory *self, guint16 port, guint16 *bound_port,
                                   GError **error)
{
  g_autoptr (GError) reason = NULL;
  GPtrArray *sockets = open_families (self, port, open_datagram_socket, bound_port, &reason);

  if (sockets == NULL)
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_NETWORK, "Cannot use UDP port %u: %s", port,
                 reason != NULL ? reason->message : "no address");
  return sockets;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-error.h"
#include "net/ccbt-transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* Bytes the kernel may hold unsent before it stops calling us writable: keeps what a choke or a
 * cancel cannot take back small, and the socket full all the same. */
#define NOT_SENT_LOW_WATER (512 * 1024)

typedef struct
{
  CcbtTransport parent;
  CcbtReactor *reactor;
  GSocket *socket;
  int fd;
  CcbtWatch watch;
} CcbtTcpTransport;

static gssize
settle (gssize result, GError **error)
{
  if (result >= 0)
    return result;
  if (errno == EAGAIN || errno == EINTR)
    return CCBT_IO_AGAIN;
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_NETWORK, "%s", g_strerror (errno));
  return CCBT_IO_FAILED;
}

static gssize
tcp_readv (CcbtTransport *transport, const struct iovec *vectors, int n_vectors, GError **error)
{
  CcbtTcpTransport *self = (CcbtTcpTransport *) transport;

  return settle (readv (self->fd, vectors, n_vectors), error);
}

static gssize
tcp_writev (CcbtTransport *transport, const struct iovec *vectors, int n_vectors, GError **error)
{
  CcbtTcpTransport *self = (CcbtTcpTransport *) transport;
  struct msghdr message = { .msg_iov = (struct iovec *) vectors, .msg_iovlen = (gsize) n_vectors };

  return settle (sendmsg (self->fd, &message, MSG_NOSIGNAL), error);
}

/* The kernel copies what it sends: a page that cannot be had is a result, not a signal. */
static gssize
tcp_send_mapped (CcbtTransport *transport, const struct iovec *vectors, int n_vectors,
                 GError **error)
{
  CcbtTcpTransport *self = (CcbtTcpTransport *) transport;
  struct msghdr message = { .msg_iov = (struct iovec *) vectors, .msg_iovlen = (gsize) n_vectors };
  gssize sent = sendmsg (self->fd, &message, MSG_NOSIGNAL);

  return sent < 0 && errno == EFAULT ? CCBT_IO_UNREADABLE : settle (sent, error);
}

static void
tcp_set_interest (CcbtTransport *transport, guint interest)
{
  CcbtTcpTransport *self = (CcbtTcpTransport *) transport;

  if (self->watch.is_added)
    ccbt_reactor_set_interest (self->reactor, &self->watch, interest);
  else
    ccbt_reactor_add (self->reactor, &self->watch, self->fd, interest, transport->ready,
                      transport->owner);
}

/* To bind another socket to it is the one question that the system answers without a list. */
static gboolean
tcp_is_stranded (CcbtTransport *transport)
{
  CcbtTcpTransport *self = (CcbtTcpTransport *) transport;
  g_autoptr (GSocketAddress) native = g_socket_get_local_address (self->socket, NULL);
  CcbtAddress local;
  g_autoptr (GSocketAddress) any_port = NULL;
  g_autoptr (GSocket) probe = NULL;
  g_autoptr (GError) error = NULL;

  if (native == NULL || !ccbt_address_from_socket_address (native, &local)
      || ccbt_address_get_scope (&local) == CCBT_ADDRESS_LINK_LOCAL) /* of which interface? */
    return FALSE;
  local.port = 0;
  any_port = ccbt_address_to_socket_address (&local);
  probe = g_socket_new (g_socket_get_family (self->socket), G_SOCKET_TYPE_DATAGRAM,
                        G_SOCKET_PROTOCOL_DEFAULT, NULL);
  return probe != NULL && !g_socket_bind (probe, any_port, FALSE, &error)
         && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

static void
tcp_close (CcbtTransport *transport)
{
  CcbtTcpTransport *self = (CcbtTcpTransport *) transport;

  ccbt_reactor_remove (self->reactor, &self->watch);
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_free (self);
}

static const CcbtTransportClass tcp_class = { .readv = tcp_readv,
                                              .writev = tcp_writev,
                                              .send_mapped = tcp_send_mapped,
                                              .set_interest = tcp_set_interest,
                                              .is_stranded = tcp_is_stranded,
                                              .close = tcp_close };

CcbtTransport *
ccbt_tcp_transport_new (CcbtReactor *reactor, GSocket *socket)
{
  CcbtTcpTransport *self = g_new0 (CcbtTcpTransport, 1);

  self->parent.klass = &tcp_class;
  self->reactor = reactor;
  self->socket = socket;
  self->fd = g_socket_get_fd (socket);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOT_SENT_LOW_WATER, NULL);
  return &self->parent;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-udp-mux.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* Of one socket in one turn of the loop: a flood must not keep the others waiting. */
#define DATAGRAMS_PER_TURN 128u
#define DATAGRAMS_PER_CALL 16u
/* What DHT, trackers and uTP send fits a packet of the network; longer ones are cut, and so refused
 * by whoever reads them. */
#define RECEIVE_SIZE 2048u
#define SOCKET_BUFFER (1024 * 1024)

typedef struct
{
  CcbtUdpMux *mux;
  GSocket *socket; /* NULL: not of this family */
  CcbtWatch watch;
} FamilySocket;

typedef struct
{
  CcbtUdpTakeFunc func;
  gpointer taker;
} Taker;

struct _CcbtUdpMux
{
  CcbtReactor *reactor;
  FamilySocket sockets[2]; /* IPv4, IPv6 */
  GArray *takers;          /* Taker */
  guint16 port;
};

/* One call's worth of datagrams; too large for the stack of a callback. */
typedef struct
{
  guint8 bytes[DATAGRAMS_PER_CALL][RECEIVE_SIZE];
  struct sockaddr_in6 from[DATAGRAMS_PER_CALL];
  struct iovec vectors[DATAGRAMS_PER_CALL];
  struct mmsghdr messages[DATAGRAMS_PER_CALL];
} Batch;

static gboolean
read_sender (const struct sockaddr_in6 *from, CcbtAddress *out)
{
  *out = (CcbtAddress){ 0 };
  if (from->sin6_family == AF_INET)
    {
      const struct sockaddr_in *ipv4 = (const struct sockaddr_in *) (gconstpointer) from;

      memcpy (out->ip, &ipv4->sin_addr, 4);
      out->port = g_ntohs (ipv4->sin_port);
      return out->port != 0;
    }
  if (from->sin6_family != AF_INET6)
    return FALSE;
  memcpy (out->ip, &from->sin6_addr, 16);
  out->port = g_ntohs (from->sin6_port);
  out->is_ipv6 = 1;
  return out->port != 0;
}

static void
hand_out (CcbtUdpMux *self, const CcbtAddress *from, CcbtSpan datagram)
{
  for (guint i = 0; i < self->takers->len; i++)
    {
      Taker taker = g_array_index (self->takers, Taker, i);

      if (taker.func (taker.taker, from, datagram))
        return;
    }
}

static void
prepare_batch (Batch *batch)
{
  for (guint i = 0; i < DATAGRAMS_PER_CALL; i++)
    {
      batch->vectors[i] = (struct iovec){ batch->bytes[i], RECEIVE_SIZE };
      batch->messages[i].msg_hdr = (struct msghdr){ .msg_name = &batch->from[i],
                                                    .msg_namelen = sizeof batch->from[i],
                                                    .msg_iov = &batch->vectors[i],
                                                    .msg_iovlen = 1 };
    }
}

static void
ready_cb (gpointer data, guint ready)
{
  FamilySocket *socket = data;
  static Batch batch; /* the engine has one thread */
  int n = DATAGRAMS_PER_CALL;

  for (guint i = 0; i < DATAGRAMS_PER_TURN && n == DATAGRAMS_PER_CALL; i += DATAGRAMS_PER_CALL)
    {
      prepare_batch (&batch);
      /* An error that ICMP reported for an earlier datagram is taken from the socket by this call and
       * means nothing here: whoever asked has a timeout of its own. */
      n = recvmmsg (g_socket_get_fd (socket->socket), batch.messages, DATAGRAMS_PER_CALL,
                    MSG_DONTWAIT, NULL);
      for (int k = 0; k < n; k++)
        {
          CcbtAddress from;

          if (read_sender (&batch.from[k], &from)
              && (batch.messages[k].msg_hdr.msg_flags & MSG_TRUNC) == 0)
            hand_out (socket->mux, &from, (CcbtSpan){ batch.bytes[k], batch.messages[k].msg_len });
        }
    }
}

static void
take_socket (CcbtUdpMux *self, GSocket *socket)
{
  gboolean is_ipv6 = g_socket_get_family (socket) == G_SOCKET_FAMILY_IPV6;
  FamilySocket *slot = &self->sockets[is_ipv6 ? 1 : 0];

  slot->mux = self;
  slot->socket = g_object_ref (socket);
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER, NULL);
  ccbt_reactor_add (self->reactor, &slot->watch, g_socket_get_fd (socket), CCBT_READY_READ,
                    ready_cb, slot);
}

CcbtUdpMux *
ccbt_udp_mux_new (CcbtReactor *reactor, const CcbtSocketFactory *sockets, guint16 port,
                  GError **error)
{
  CcbtUdpMux *self;
  guint16 bound_port = 0;
  g_autoptr (GPtrArray) opened
      = ccbt_socket_factory_open_datagram (sockets, port, &bound_port, error);

  if (opened == NULL)
    return NULL;
  self = g_new0 (CcbtUdpMux, 1);
  self->reactor = reactor;
  self->port = bound_port;
  self->takers = g_array_new (FALSE, FALSE, sizeof (Taker));
  for (guint i = 0; i < opened->len; i++)
    take_socket (self, g_ptr_array_index (opened, i));
  return self;
}

void
ccbt_udp_mux_free (CcbtUdpMux *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->sockets); i++)
    {
      FamilySocket *socket = &self->sockets[i];

      if (socket->socket == NULL)
        continue;
      ccbt_reactor_remove (self->reactor, &socket->watch);
      g_socket_close (socket->socket, NULL);
      g_object_unref (socket->socket);
    }
  g_array_unref (self->takers);
  g_free (self);
}

void
ccbt_udp_mux_add_taker (CcbtUdpMux *self, CcbtUdpTakeFunc func, gpointer taker)
{
  Taker added = { func, taker };

  g_array_append_val (self->takers, added);
}

void
ccbt_udp_mux_remove_taker (CcbtUdpMux *self, gpointer taker)
{
  for (guint i = self->takers->len; i-- > 0;)
    if (g_array_index (self->takers, Taker, i).taker == taker)
      g_array_remove_index (self->takers, i);
}

gboolean
ccbt_udp_mux_has_family (CcbtUdpMux *self, gboolean is_ipv6)
{
  return self->sockets[is_ipv6 ? 1 : 0].socket != NULL;
}

guint16
ccbt_udp_mux_get_port (CcbtUdpMux *self)
{
  return self->port;
}

static socklen_t
write_receiver (const CcbtAddress *to, struct sockaddr_in6 *out)
{
  memset (out, 0, sizeof *out);
  if (!to->is_ipv6)
    {
      struct sockaddr_in *ipv4 = (struct sockaddr_in *) (gpointer) out;

      ipv4->sin_family = AF_INET;
      ipv4->sin_port = g_htons (to->port);
      memcpy (&ipv4->sin_addr, to->ip, 4);
      return sizeof *ipv4;
    }
  out->sin6_family = AF_INET6;
  out->sin6_port = g_htons (to->port);
  memcpy (&out->sin6_addr, to->ip, 16);
  return sizeof *out;
}

gboolean
ccbt_udp_mux_send (CcbtUdpMux *self, const CcbtAddress *to, CcbtSpan datagram)
{
  GSocket *socket = self->sockets[to->is_ipv6 ? 1 : 0].socket;
  struct sockaddr_in6 native;
  socklen_t size;
  gssize sent;

  if (socket == NULL || to->port == 0)
    return FALSE;
  size = write_receiver (to, &native);
  /* The first call may only bring the error of an earlier datagram. */
  for (guint tries = 0; tries < 2; tries++)
    {
      sent = sendto (g_socket_get_fd (socket), datagram.data, datagram.len,
                     MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *) (gconstpointer) &native,
                     size);
      if (sent >= 0 || errno != ECONNREFUSED)
        break;
    }
  return sent == (gssize) datagram.len;
}

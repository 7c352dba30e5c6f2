/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-upnp-search.h"
#include "net/ccbt-networks.h"

#include <glib-unix.h>
#include <netinet/in.h>
#include <unistd.h>

#define READS_PER_TURN 32u
/* A router speaks for each of its devices and services; others may flood us. */
#define HEARD_PER_SECOND 40u
#define MAX_SECONDS 1u /* that a device may wait before it answers */

struct _CcbtUpnpSearch
{
  CcbtGateway gateway;
  CcbtClock *clock;
  CcbtUpnpHeard heard;
  gpointer data;
  GSocket *socket;
  GSource *ready;
  int group; /* -1 = none */
  GSource *group_ready;
  gint64 heard_at;
  guint n_heard;
};

static gboolean
may_hear (CcbtUpnpSearch *self)
{
  gint64 now = ccbt_clock_now (self->clock);

  if (now - self->heard_at >= CCBT_SECOND)
    {
      self->heard_at = now;
      self->n_heard = 0;
    }
  return self->n_heard++ < HEARD_PER_SECOND;
}

/* Returns: the number of datagrams read into @messages, of those that count */
static guint
read_messages (CcbtUpnpSearch *self, int fd, CcbtSsdpMessage messages[READS_PER_TURN])
{
  guint8 bytes[CCBT_SSDP_MAX_SIZE + 1];
  CcbtAddress from;
  guint n_messages = 0;

  for (guint i = 0; i < READS_PER_TURN; i++)
    {
      gssize n = ccbt_network_receive (fd, bytes, sizeof bytes, &from);

      if (n < 0)
        break;
      if (ccbt_address_same_ip (&from, &self->gateway.address) && may_hear (self)
          && ccbt_ssdp_parse ((CcbtSpan){ bytes, (gsize) n }, &messages[n_messages], NULL))
        n_messages++;
    }
  return n_messages;
}

static gboolean
hear_cb (int fd, GIOCondition condition, gpointer data)
{
  CcbtUpnpSearch *self = data;
  g_autofree CcbtSsdpMessage *messages = g_new (CcbtSsdpMessage, READS_PER_TURN);
  GSource *source = g_main_current_source ();
  guint n_messages = read_messages (self, fd, messages);

  /* A destroyed source says that we were freed meanwhile. */
  for (guint i = 0; i < n_messages && !g_source_is_destroyed (source); i++)
    self->heard (self->data, &messages[i]);
  return G_SOURCE_CONTINUE;
}

static GSource *
watch (CcbtUpnpSearch *self, int fd)
{
  GSource *source = g_unix_fd_source_new (fd, G_IO_IN | G_IO_ERR);

  g_source_set_callback (source, G_SOURCE_FUNC (hear_cb), self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static gboolean
open_socket (CcbtUpnpSearch *self, GError **error)
{
  g_autoptr (GSocketAddress) local = ccbt_address_to_socket_address (&self->gateway.source);
  struct ip_mreqn out = { .imr_ifindex = (int) self->gateway.interface };

  self->socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);
  if (self->socket == NULL)
    return FALSE;
  g_socket_set_blocking (self->socket, FALSE);
  if (!g_socket_bind (self->socket, local, FALSE, error))
    return FALSE;
  memcpy (&out.imr_address, self->gateway.source.ip, 4);
  setsockopt (g_socket_get_fd (self->socket), IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof out);
  g_socket_set_multicast_ttl (self->socket, 2); /* UPnP Device Architecture 1.1 */
  self->ready = watch (self, g_socket_get_fd (self->socket));
  return TRUE;
}

CcbtUpnpSearch *
ccbt_upnp_search_new (const CcbtGateway *gateway, CcbtClock *clock, CcbtUpnpHeard heard,
                      gpointer data, GError **error)
{
  CcbtUpnpSearch *self = g_new0 (CcbtUpnpSearch, 1);
  CcbtNetwork network = { .interface = gateway->interface, .address = gateway->source };
  CcbtAddress group;

  self->gateway = *gateway;
  self->clock = clock;
  self->heard = heard;
  self->data = data;
  self->group = -1;
  if (!open_socket (self, error))
    {
      ccbt_upnp_search_free (self);
      return NULL;
    }
  ccbt_address_parse_ip (CCBT_SSDP_GROUP_IPV4, CCBT_SSDP_PORT, &group);
  /* Without it a restarted router is noticed when the next lease is renewed. */
  self->group = ccbt_network_open_group (&network, &group, NULL);
  if (self->group >= 0)
    self->group_ready = watch (self, self->group);
  return self;
}

static void
remove_source (GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

void
ccbt_upnp_search_free (CcbtUpnpSearch *self)
{
  g_clear_pointer (&self->ready, remove_source);
  g_clear_pointer (&self->group_ready, remove_source);
  g_clear_object (&self->socket);
  if (self->group >= 0)
    close (self->group);
  g_free (self);
}

static void
send_search (CcbtUpnpSearch *self, const CcbtAddress *to, const char *target)
{
  g_autoptr (GSocketAddress) native = ccbt_address_to_socket_address (to);
  g_autofree char *host = ccbt_address_to_string (to);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  ccbt_ssdp_write_search (bytes, host, target, MAX_SECONDS);
  g_socket_send_to (self->socket, native, (const char *) bytes->data, bytes->len, NULL, NULL);
}

void
ccbt_upnp_search_ask (CcbtUpnpSearch *self)
{
  /* Version 2 devices answer for version 1 too; some routers only know the services. */
  static const char *const targets[] = { "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
                                         "urn:schemas-upnp-org:service:WANIPConnection:1",
                                         "urn:schemas-upnp-org:service:WANPPPConnection:1" };
  CcbtAddress group, router = self->gateway.address;

  ccbt_address_parse_ip (CCBT_SSDP_GROUP_IPV4, CCBT_SSDP_PORT, &group);
  router.port = CCBT_SSDP_PORT;
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    send_search (self, &group, targets[i]);
  /* Some networks swallow multicast. */
  send_search (self, &router, targets[0]);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-pcp-link.h"
#include "base/ccbt-error.h"
#include "net/ccbt-networks.h"
#include "net/ccbt-timer.h"

#include <glib-unix.h>
#include <unistd.h>

#define READS_PER_TURN 16u
/* Announcements are rare; more of them in a second are somebody's joke. */
#define ANNOUNCEMENTS_PER_SECOND 4u

struct _CcbtPcpLink
{
  CcbtPcpLinkSetup setup;
  CcbtPcpClient client;
  CcbtTimer *timer;
  GSocket *socket; /* connected to the router: others are not heard */
  GSource *ready;
  int group; /* -1 = none */
  GSource *group_ready;
  gint64 announcements_at;
  guint n_announcements;
  gboolean is_unreachable;
};

static gint64
now_of (CcbtPcpLink *self)
{
  return ccbt_clock_now (self->setup.clock);
}

/* --- Sending --- */

static void
send_cb (gpointer owner, CcbtSpan datagram)
{
  CcbtPcpLink *self = owner;
  g_autoptr (GError) error = NULL;

  /* Lost is lost: it is sent again. */
  if (g_socket_send (self->socket, (const char *) datagram.data, datagram.len, NULL, &error) < 0
      && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    self->is_unreachable = TRUE;
}

/* May free @self. */
static void
go_on (CcbtPcpLink *self)
{
  gint64 next = ccbt_pcp_client_tick (&self->client, now_of (self));

  if (self->is_unreachable)
    {
      self->is_unreachable = FALSE;
      ccbt_pcp_client_note_unreachable (&self->client);
      next = ccbt_pcp_client_tick (&self->client, now_of (self));
    }
  ccbt_timer_set (self->timer, next);
  self->setup.changed (self->setup.data);
}

static void
timer_cb (gpointer data)
{
  go_on (data);
}

/* --- Receiving --- */

static gboolean
receive_cb (GSocket *socket, GIOCondition condition, gpointer data)
{
  CcbtPcpLink *self = data;
  CcbtAddress router = self->client.setup.router;
  char bytes[CCBT_PCP_MAX_SIZE + 1];

  for (guint i = 0; i < READS_PER_TURN; i++)
    {
      g_autoptr (GError) error = NULL;
      gssize n = g_socket_receive (socket, bytes, sizeof bytes, NULL, &error);

      if (n >= 0)
        ccbt_pcp_client_receive (&self->client, &router, (CcbtSpan){ (guint8 *) bytes, (gsize) n },
                                 FALSE, now_of (self));
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
        self->is_unreachable = TRUE;
      else
        break;
    }
  go_on (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
may_hear (CcbtPcpLink *self)
{
  gint64 now = now_of (self);

  if (now - self->announcements_at >= CCBT_SECOND)
    {
      self->announcements_at = now;
      self->n_announcements = 0;
    }
  return self->n_announcements++ < ANNOUNCEMENTS_PER_SECOND;
}

static gboolean
hear_cb (int fd, GIOCondition condition, gpointer data)
{
  CcbtPcpLink *self = data;
  guint8 bytes[CCBT_PCP_MAX_SIZE + 1];
  CcbtAddress from;

  for (guint i = 0; i < READS_PER_TURN; i++)
    {
      gssize n = ccbt_network_receive (fd, bytes, sizeof bytes, &from);

      if (n < 0)
        break;
      if (ccbt_address_same_ip (&from, &self->client.setup.router) && may_hear (self))
        ccbt_pcp_client_receive (&self->client, &from, (CcbtSpan){ bytes, (gsize) n }, TRUE,
                                 now_of (self));
    }
  go_on (self);
  return G_SOURCE_CONTINUE;
}

/* --- Making --- */

static gboolean
open_socket (CcbtPcpLink *self, GError **error)
{
  const CcbtGateway *gateway = &self->setup.gateway;
  g_autoptr (GSocketAddress) local = ccbt_gateway_make_address (gateway, &gateway->source);
  g_autoptr (GSocketAddress) remote
      = ccbt_gateway_make_address (gateway, &self->client.setup.router);

  self->socket
      = g_socket_new (gateway->address.is_ipv6 ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4,
                      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);
  if (self->socket == NULL)
    return FALSE;
  g_socket_set_blocking (self->socket, FALSE);
  if (!g_socket_bind (self->socket, local, FALSE, error)
      || !g_socket_connect (self->socket, remote, NULL, error))
    return FALSE;
  self->ready = g_socket_create_source (self->socket, G_IO_IN | G_IO_ERR, NULL);
  g_source_set_callback (self->ready, G_SOURCE_FUNC (receive_cb), self, NULL);
  g_source_attach (self->ready, g_main_context_get_thread_default ());
  return TRUE;
}

/* Without it a restarted router is noticed when the next lease is renewed. */
static void
open_group (CcbtPcpLink *self)
{
  CcbtNetwork network
      = { .interface = self->setup.gateway.interface, .address = self->setup.gateway.source };
  CcbtAddress group;

  ccbt_address_parse_ip (network.address.is_ipv6 ? "ff02::1" : "224.0.0.1", CCBT_PCP_CLIENT_PORT,
                         &group);
  self->group = ccbt_network_open_group (&network, &group, NULL);
  if (self->group < 0)
    return;
  self->group_ready = g_unix_fd_source_new (self->group, G_IO_IN);
  g_source_set_callback (self->group_ready, G_SOURCE_FUNC (hear_cb), self, NULL);
  g_source_attach (self->group_ready, g_main_context_get_thread_default ());
}

CcbtPcpLink *
ccbt_pcp_link_new (const CcbtPcpLinkSetup *setup, GError **error)
{
  CcbtPcpLink *self = g_new0 (CcbtPcpLink, 1);
  CcbtPcpSetup client = { .version = setup->version,
                          .router = setup->gateway.address,
                          .client = setup->gateway.source,
                          .lease = setup->lease,
                          .send = send_cb,
                          .owner = self };
  guint64 seed;

  ccbt_random_fill ((guint8 *) &seed, sizeof seed);
  ccbt_random_init (&client.random, seed);
  client.router.port = CCBT_PCP_SERVER_PORT;
  self->setup = *setup;
  self->group = -1;
  self->timer = ccbt_timer_new (setup->clock, timer_cb, self);
  ccbt_pcp_client_init (&self->client, &client, now_of (self));
  if (!open_socket (self, error))
    {
      g_prefix_error (error, "The router cannot be asked: ");
      ccbt_pcp_link_free (self);
      return NULL;
    }
  open_group (self);
  return self;
}

static void
remove_source (GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

void
ccbt_pcp_link_free (CcbtPcpLink *self)
{
  g_clear_pointer (&self->ready, remove_source);
  g_clear_pointer (&self->group_ready, remove_source);
  g_clear_object (&self->socket);
  if (self->group >= 0)
    close (self->group);
  ccbt_timer_free (self->timer);
  g_free (self);
}

CcbtPcpClient *
ccbt_pcp_link_get_client (CcbtPcpLink *self)
{
  return &self->client;
}

void
ccbt_pcp_link_start (CcbtPcpLink *self)
{
  ccbt_timer_set (self->timer, now_of (self));
}

void
ccbt_pcp_link_release (CcbtPcpLink *self)
{
  ccbt_pcp_client_release (&self->client, now_of (self));
  ccbt_timer_set (self->timer, now_of (self));
}

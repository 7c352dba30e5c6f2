/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens ports at the router, says on standard output in JSON how that goes, answers whoever comes
 * in by them, wants the next port instead at SIGUSR1, and takes all away at SIGTERM. */
#include "net/ccbt-port-map.h"

#include <glib-unix.h>
#include <stdio.h>

#define ANSWER "inside\n"

static GMainLoop *loop;
static CcbtPortMapOptions options = { .map_tcp = TRUE, .map_udp = TRUE };

static void
print_mappings (const CcbtPortMapStatus *status)
{
  for (guint i = 0; i < status->n_mappings; i++)
    {
      const CcbtPortMapping *mapping = &status->mappings[i];

      printf ("%s{\"protocol\": \"%s\", \"ipv6\": %s, \"internal\": %u, \"external\": %u}",
              i > 0 ? ", " : "", mapping->is_udp ? "udp" : "tcp",
              mapping->is_ipv6 ? "true" : "false", mapping->internal_port, mapping->external_port);
    }
}

static void
changed_cb (CcbtPortMap *map, gpointer data)
{
  static const char *const states[] = { "off", "searching", "mapped", "failed" };
  CcbtPortMapStatus status;
  g_autofree char *external = NULL;

  ccbt_port_map_get_status (map, &status);
  external = ccbt_address_ip_to_string (&status.external);
  printf ("{\"time\": %.3f, \"state\": \"%s\", \"protocol\": \"%s\", \"external\": \"%s\", "
          "\"error\": \"%s\", \"mappings\": [",
          (double) g_get_monotonic_time () / G_USEC_PER_SEC, states[status.state],
          ccbt_port_map_protocol_get_name (status.protocol), status.has_external ? external : "",
          status.error != NULL ? status.error : "");
  print_mappings (&status);
  printf ("]}\n");
  fflush (stdout);
}

static void
stopped_cb (gpointer data)
{
  g_main_loop_quit (loop);
}

static gboolean
terminate_cb (gpointer data)
{
  ccbt_port_map_stop (data, stopped_cb, NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
next_port_cb (gpointer data)
{
  options.tcp_port++;
  options.udp_port++;
  ccbt_port_map_restart (data, &options);
  return G_SOURCE_CONTINUE;
}

static gboolean
incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));

  g_output_stream_write_all (out, ANSWER, strlen (ANSWER), NULL, NULL, NULL);
  return TRUE;
}

static gboolean
datagram_cb (GSocket *socket, GIOCondition condition, gpointer data)
{
  g_autoptr (GSocketAddress) from = NULL;
  char bytes[64];

  if (g_socket_receive_from (socket, &from, bytes, sizeof bytes, NULL, NULL) >= 0)
    g_socket_send_to (socket, from, ANSWER, strlen (ANSWER), NULL, NULL);
  return G_SOURCE_CONTINUE;
}

static void
open_udp (guint16 port)
{
  GSocket *socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string ("0.0.0.0", port);
  GSource *source = g_socket_create_source (socket, G_IO_IN, NULL);

  if (!g_socket_bind (socket, any, FALSE, NULL))
    g_error ("UDP port %u is taken", port);
  g_source_set_callback (source, G_SOURCE_FUNC (datagram_cb), NULL, NULL);
  g_source_attach (source, NULL);
}

int
main (int argc, char **argv)
{
  gboolean no_pcp = FALSE, no_nat_pmp = FALSE, no_upnp = FALSE;
  int port = 6881, lease = 0;
  g_autofree char *bind = NULL;
  const GOptionEntry entries[]
      = { { "no-pcp", 0, 0, G_OPTION_ARG_NONE, &no_pcp, NULL, NULL },
          { "no-nat-pmp", 0, 0, G_OPTION_ARG_NONE, &no_nat_pmp, NULL, NULL },
          { "no-upnp", 0, 0, G_OPTION_ARG_NONE, &no_upnp, NULL, NULL },
          { "port", 0, 0, G_OPTION_ARG_INT, &port, NULL, NULL },
          { "lease", 0, 0, G_OPTION_ARG_INT, &lease, NULL, NULL },
          { "bind", 0, 0, G_OPTION_ARG_STRING, &bind, NULL, NULL },
          { 0 } };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GSocketService) service = g_socket_service_new ();
  g_autoptr (CcbtPortMap) map = NULL;
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)
      || !g_socket_listener_add_inet_port (G_SOCKET_LISTENER (service), (guint16) port, NULL,
                                           &error))
    g_error ("%s", error->message);
  options.use_pcp = !no_pcp;
  options.use_nat_pmp = !no_nat_pmp;
  options.use_upnp = !no_upnp;
  options.tcp_port = options.udp_port = (guint16) port;
  options.lease = (guint) lease;
  options.is_bound = bind != NULL && ccbt_address_parse_ip (bind, 0, &options.bind);
  open_udp ((guint16) port);
  g_signal_connect (service, "incoming", G_CALLBACK (incoming_cb), NULL);
  loop = g_main_loop_new (NULL, FALSE);
  map = ccbt_port_map_new (&options, ccbt_clock_get_system ());
  g_signal_connect (map, "changed", G_CALLBACK (changed_cb), NULL);
  g_unix_signal_add (SIGTERM, terminate_cb, map);
  g_unix_signal_add (SIGUSR1, next_port_cb, map);
  g_main_loop_run (loop);
  g_main_loop_unref (loop);
  return 0;
}

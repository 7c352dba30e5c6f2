/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-session-private.h"

static CcbtPortMapOptions
get_map_options (CcbtSession *self)
{
  CcbtConfig *config = self->config;
  CcbtPortMapOptions options
      = { .use_pcp = ccbt_config_get_boolean (config, "nat.enable_pcp"),
          .use_nat_pmp = ccbt_config_get_boolean (config, "nat.enable_nat_pmp"),
          .use_upnp = ccbt_config_get_boolean (config, "nat.enable_upnp"),
          .map_tcp = ccbt_config_get_boolean (config, "nat.map_tcp_port"),
          .map_udp = self->udp != NULL && ccbt_config_get_boolean (config, "nat.map_udp_port"),
          .lease = (guint) ccbt_config_get_integer (config, "nat.port_mapping_lease_time"),
          .is_bound = self->sockets.is_bound,
          .bind = self->sockets.address,
          .tcp_port = self->environment.port,
          .udp_port = self->udp != NULL ? ccbt_udp_mux_get_port (self->udp) : 0 };

  options.has_gateway
      = ccbt_address_parse_ip (ccbt_config_get_string (config, "nat.gateway"), 0, &options.gateway);
  return options;
}

/* Another port at the router is the one that others have to know. */
static void
port_map_changed_cb (CcbtPortMap *map, gpointer data)
{
  CcbtSession *self = data;
  CcbtPortMapStatus status;
  guint16 port;

  ccbt_port_map_get_status (map, &status);
  self->environment.announced_port = 0; /* until it is known: the same */
  for (guint i = 0; i < status.n_mappings; i++)
    if (!status.mappings[i].is_udp && !status.mappings[i].is_ipv6)
      self->environment.announced_port = status.mappings[i].external_port;
  port = self->environment.announced_port != 0 ? self->environment.announced_port
                                               : self->environment.port;
  if (self->discovery != NULL)
    ccbt_discovery_set_announced_port (self->discovery, port);
  /* What was announced before the router had answered names a port that leads nowhere. */
  if (self->environment.announced_port == 0 || port == self->told_port)
    return;
  if (self->told_port != 0 || port != self->environment.port)
    ccbt_session_note_moved (self);
  self->told_port = port;
}

gboolean
ccbt_session_check_router (CcbtSession *self, GError **error)
{
  const char *text = ccbt_config_get_string (self->config, "nat.gateway");
  CcbtAddress gateway;

  if (*text == '\0' || ccbt_address_parse_ip (text, 0, &gateway))
    return TRUE;
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "nat.gateway: “%s” is no IP address.", text);
  return FALSE;
}

void
ccbt_session_start_router (CcbtSession *self)
{
  CcbtPortMapOptions options = get_map_options (self);

  /* What is bound to this machine has no router in front of it. */
  if (!ccbt_config_get_boolean (self->config, "nat.auto_map_ports")
      || (self->sockets.is_bound
          && ccbt_address_get_scope (&self->sockets.address) == CCBT_ADDRESS_LOOPBACK))
    return;
  self->port_map = ccbt_port_map_new (&options, self->peers.clock);
  g_signal_connect (self->port_map, "changed", G_CALLBACK (port_map_changed_cb), self);
}

void
ccbt_session_restart_router (CcbtSession *self)
{
  CcbtPortMapOptions options = get_map_options (self);

  if (self->port_map != NULL)
    ccbt_port_map_restart (self->port_map, &options);
}

void
ccbt_session_stop_router (CcbtSession *self, void (*done) (gpointer data), gpointer data)
{
  if (self->port_map == NULL)
    {
      done (data);
      return;
    }
  g_signal_handlers_disconnect_by_data (self->port_map, self);
  ccbt_port_map_stop (self->port_map, done, data);
  g_clear_object (&self->port_map);
}

static void
ports_gone_cb (gpointer data)
{
}

void
ccbt_session_give_up_router (CcbtSession *self)
{
  ccbt_session_stop_router (self, ports_gone_cb, NULL);
  self->environment.announced_port = 0;
  if (self->discovery != NULL)
    ccbt_discovery_set_announced_port (self->discovery, self->environment.port);
}

void
ccbt_session_free_router (CcbtSession *self)
{
  if (self->port_map != NULL)
    g_signal_handlers_disconnect_by_data (self->port_map, self);
  g_clear_object (&self->port_map);
}

void
ccbt_session_describe_router (CcbtSession *self, CcbtConnectionStatus *out,
                              CcbtReachEvidence evidence[2], gint64 now)
{
  static const char *const states[] = { "off", "searching", "mapped", "failed" };
  CcbtPortMapStatus status = { 0 };
  gboolean leads_out;

  if (self->port_map != NULL)
    ccbt_port_map_get_status (self->port_map, &status);
  /* With another router before it, what it forwards is worth nothing. */
  leads_out
      = !status.has_external || ccbt_address_get_scope (&status.external) == CCBT_ADDRESS_GLOBAL;
  out->map_state = states[status.state];
  out->map_protocol = status.protocol != CCBT_PORT_MAP_NONE
                          ? ccbt_port_map_protocol_get_name (status.protocol)
                          : "";
  out->map_seconds_left = -1;
  if (status.gateway.ip[0] != 0)
    {
      g_autofree char *gateway = ccbt_address_ip_to_string (&status.gateway);

      g_strlcpy (out->map_gateway, gateway, sizeof out->map_gateway);
    }
  if (status.has_external && leads_out)
    {
      evidence[0].has_external = TRUE;
      evidence[0].external = status.external;
    }
  for (guint i = 0; i < status.n_mappings; i++)
    {
      const CcbtPortMapping *mapping = &status.mappings[i];
      gint64 left = (mapping->expires_at - now) / CCBT_SECOND;

      if (!mapping->is_udp)
        evidence[mapping->is_ipv6 ? 1 : 0].is_mapped = mapping->is_ipv6 || leads_out;
      if (mapping->expires_at != 0 && (out->map_seconds_left < 0 || left < out->map_seconds_left))
        out->map_seconds_left = MAX (left, 0);
      if (!mapping->is_ipv6)
        *(mapping->is_udp ? &out->map_udp_port : &out->map_tcp_port) = mapping->external_port;
    }
  if (status.error != NULL)
    g_strlcpy (out->map_error, status.error, sizeof out->map_error);
}

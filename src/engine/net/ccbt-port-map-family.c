/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-port-map-private.h"

/* A router that forgot us is asked soon, one that never answered ever more seldom. */
#define RETRY_SOON (2 * CCBT_SECOND)
#define RETRY_FIRST (60 * CCBT_SECOND)
#define RETRY_LONGEST (30 * 60 * CCBT_SECOND)

static gint64
now_of (CcbtPortMap *self)
{
  return ccbt_clock_now (self->clock);
}

void
ccbt_port_map_family_clear_protocol (CcbtPortMapFamily *family)
{
  g_clear_pointer (&family->link, ccbt_pcp_link_free);
  g_clear_pointer (&family->upnp, ccbt_port_map_upnp_free);
}

static void
fail_family (CcbtPortMapFamily *family)
{
  gint64 wait = RETRY_FIRST << MIN (family->n_failures, 5u);

  ccbt_port_map_family_clear_protocol (family);
  if (ccbt_port_map_family_is_mapped (family))
    wait = RETRY_SOON;
  else
    family->n_failures++;
  family->state = CCBT_PORT_MAP_FAILED;
  family->protocol = CCBT_PORT_MAP_NONE;
  ccbt_timer_set (family->retry, now_of (family->map) + MIN (wait, RETRY_LONGEST));
}

static void
set_family_error (CcbtPortMapFamily *family, const char *sentence)
{
  g_free (family->error);
  family->error = g_strdup (sentence);
}

/* Silence is told of in one sentence for all protocols, and never in place of a refusal. */
static void
note_failure (CcbtPortMapFamily *family, const char *sentence, gboolean is_silent)
{
  g_autofree char *router = ccbt_address_ip_to_string (&family->gateway.address);
  g_autofree char *silence = NULL;

  if (!is_silent)
    {
      set_family_error (family, sentence);
      return;
    }
  if (family->tried->len > 0)
    g_string_append (family->tried, ", ");
  g_string_append (family->tried, ccbt_port_map_protocol_get_name (family->protocol));
  silence = g_strdup_printf ("The router %s does not answer to requests to open ports (%s).",
                             router, family->tried->str);
  if (family->error == NULL || g_str_has_prefix (family->error, "The router"))
    set_family_error (family, silence);
}

static gboolean
wants (const CcbtPortMapOptions *options, gboolean is_udp)
{
  return is_udp ? options->map_udp && options->udp_port != 0
                : options->map_tcp && options->tcp_port != 0;
}

static guint16
get_port (const CcbtPortMapOptions *options, gboolean is_udp)
{
  return is_udp ? options->udp_port : options->tcp_port;
}

static gboolean
start_pcp (CcbtPortMapFamily *family)
{
  const CcbtPortMapOptions *options = &family->map->options;
  CcbtPcpLinkSetup setup
      = { .version
          = family->protocol == CCBT_PORT_MAP_PCP ? CCBT_PCP_VERSION : CCBT_NAT_PMP_VERSION,
          .gateway = family->gateway,
          .lease = options->lease,
          .clock = family->map->clock,
          .changed = ccbt_port_map_family_changed_cb,
          .data = family };
  g_autoptr (GError) error = NULL;

  family->link = ccbt_pcp_link_new (&setup, &error);
  if (family->link == NULL)
    {
      note_failure (family, error->message, FALSE);
      return FALSE;
    }
  for (guint i = 0; i < 2; i++)
    if (wants (options, i == 1))
      ccbt_pcp_client_add_port (
          ccbt_pcp_link_get_client (family->link), i == 1, get_port (options, i == 1),
          family->wished[i] != 0 ? family->wished[i] : get_port (options, i == 1),
          family->nonces[i], now_of (family->map));
  ccbt_pcp_link_start (family->link);
  return TRUE;
}

/* An address that the world can reach, for which nothing else opens the router. */
static gboolean
wants_upnp_pinholes (CcbtPortMap *self)
{
  const CcbtPortMapFamily *ipv6 = &self->families[1];

  return ipv6->is_used && !ccbt_port_map_family_is_mapped (ipv6);
}

static gboolean
start_upnp (CcbtPortMapFamily *family)
{
  CcbtPortMap *self = family->map;
  CcbtPortMapUpnpSetup setup = { .gateway = family->gateway,
                                 .clock = self->clock,
                                 .lease = self->options.lease,
                                 .has_pinhole_ip = wants_upnp_pinholes (self),
                                 .pinhole_ip = self->families[1].gateway.source,
                                 .changed = ccbt_port_map_family_changed_cb,
                                 .data = family };

  family->upnp = ccbt_port_map_upnp_new (&setup);
  for (guint i = 0; i < 2; i++)
    if (wants (&self->options, i == 1))
      ccbt_port_map_upnp_add_port (family->upnp, i == 1, FALSE, get_port (&self->options, i == 1),
                                   family->wished[i]);
  for (guint i = 0; i < 2 && setup.has_pinhole_ip; i++)
    if (wants (&self->options, i == 1))
      ccbt_port_map_upnp_add_port (family->upnp, i == 1, TRUE, get_port (&self->options, i == 1),
                                   0);
  ccbt_port_map_upnp_start (family->upnp);
  return TRUE;
}

static gboolean
start_protocol (CcbtPortMapFamily *family)
{
  const CcbtPortMapOptions *options = &family->map->options;

  switch (family->protocol)
    {
    case CCBT_PORT_MAP_PCP:
      return options->use_pcp && start_pcp (family);
    case CCBT_PORT_MAP_NAT_PMP:
      return options->use_nat_pmp && !family->is_ipv6 && start_pcp (family);
    case CCBT_PORT_MAP_UPNP:
      return options->use_upnp && !family->is_ipv6 && start_upnp (family);
    default:
      return FALSE;
    }
}

/* The next protocol after the one that failed. */
static void
try_next (CcbtPortMapFamily *family)
{
  ccbt_port_map_family_clear_protocol (family);
  while (family->protocol < CCBT_PORT_MAP_UPNP)
    {
      family->protocol++;
      if (start_protocol (family))
        return;
    }
  if (family->error == NULL)
    set_family_error (family, "Opening ports at the router is switched off.");
  fail_family (family);
}

void
ccbt_port_map_family_begin (CcbtPortMapFamily *family)
{
  const CcbtPortMapOptions *options = &family->map->options;
  const CcbtAddress *known
      = options->has_gateway && (options->gateway.is_ipv6 != 0) == family->is_ipv6
            ? &options->gateway
            : NULL;
  g_autoptr (GError) error = NULL;

  ccbt_timer_set (family->retry, G_MAXINT64);
  ccbt_port_map_family_clear_protocol (family);
  g_free (family->last_error);
  family->last_error = g_steal_pointer (&family->error);
  g_string_truncate (family->tried, 0);
  family->protocol = CCBT_PORT_MAP_NONE;
  family->state = CCBT_PORT_MAP_SEARCHING;
  family->is_used = ccbt_gateway_find (family->is_ipv6, options->is_bound ? &options->bind : NULL,
                                       known, &family->gateway, &error);
  /* What the world cannot reach needs no pinhole. */
  if (family->is_used && family->is_ipv6
      && ccbt_address_get_scope (&family->gateway.source) != CCBT_ADDRESS_GLOBAL)
    family->is_used = FALSE;
  if (family->is_used)
    {
      try_next (family);
      return;
    }
  memset (&family->gateway, 0, sizeof family->gateway);
  set_family_error (family, error != NULL ? error->message : "No IPv6 address reaches the world.");
  fail_family (family);
}

/* The port outside stays the same as long as the router lets it: others know it. */
static void
remember_ports (CcbtPortMapFamily *family)
{
  CcbtPortMapStatus status = { 0 };

  ccbt_port_map_family_collect (family, &status);
  for (guint i = 0; i < status.n_mappings; i++)
    if (status.mappings[i].is_ipv6 == family->is_ipv6)
      family->wished[status.mappings[i].is_udp ? 1 : 0] = status.mappings[i].external_port;
}

static void
look_at_pcp (CcbtPortMapFamily *family)
{
  const CcbtPcpClient *client = ccbt_pcp_link_get_client (family->link);

  if (client->state == CCBT_PCP_MAPPED)
    family->state = CCBT_PORT_MAP_MAPPED;
  if (client->state != CCBT_PCP_FAILED)
    return;
  note_failure (family, client->error, client->is_silent);
  if (ccbt_port_map_family_is_mapped (family))
    fail_family (family);
  else
    try_next (family);
}

static void
look_at_upnp (CcbtPortMapFamily *family)
{
  CcbtUpnpState state = ccbt_port_map_upnp_get_state (family->upnp);

  if (state == CCBT_UPNP_MAPPED)
    family->state = CCBT_PORT_MAP_MAPPED;
  if (state != CCBT_UPNP_FAILED)
    return;
  note_failure (family, ccbt_port_map_upnp_get_error (family->upnp),
                ccbt_port_map_upnp_was_silent (family->upnp));
  fail_family (family);
}

void
ccbt_port_map_family_look (CcbtPortMapFamily *family)
{
  if (family->link != NULL)
    look_at_pcp (family);
  else if (family->upnp != NULL)
    look_at_upnp (family);
  if (!ccbt_port_map_family_is_mapped (family))
    return;
  family->n_failures = 0;
  remember_ports (family);
}

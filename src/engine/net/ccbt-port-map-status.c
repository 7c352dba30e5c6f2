/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-port-map-private.h"

gboolean
ccbt_port_map_family_is_mapped (const CcbtPortMapFamily *family)
{
  return family->state == CCBT_PORT_MAP_MAPPED;
}

/* Which of the two the user should hear of: IPv6 only where there is nothing else. */
static const CcbtPortMapFamily *
get_speaker (CcbtPortMap *self)
{
  return !self->families[0].is_used && self->families[1].is_used ? &self->families[1]
                                                                 : &self->families[0];
}

static CcbtPortMapState
get_state (CcbtPortMap *self)
{
  const CcbtPortMapFamily *speaker = get_speaker (self);

  if (self->is_stopping)
    return CCBT_PORT_MAP_OFF;
  if (self->is_releasing)
    return CCBT_PORT_MAP_SEARCHING;
  if (speaker->state != CCBT_PORT_MAP_FAILED)
    return speaker->state;
  /* A port that is open by IPv6 alone is open all the same. */
  return self->families[1].state;
}

static void
add_mapping (CcbtPortMapStatus *out, const CcbtPortMapping *mapping)
{
  if (out->n_mappings < G_N_ELEMENTS (out->mappings))
    out->mappings[out->n_mappings++] = *mapping;
}

static void
add_pcp_mappings (const CcbtPortMapFamily *family, CcbtPortMapStatus *out)
{
  const CcbtPcpClient *client = ccbt_pcp_link_get_client (family->link);

  for (guint i = 0; i < client->n_leases; i++)
    {
      const CcbtPcpLease *lease = &client->leases[i];

      if (lease->is_mapped)
        add_mapping (out, &(CcbtPortMapping){ lease->is_udp, family->is_ipv6, lease->internal_port,
                                              lease->external_port, lease->expires_at });
    }
  if (client->has_external && !family->is_ipv6)
    {
      out->has_external = TRUE;
      out->external = client->external;
    }
}

static void
add_upnp_mappings (const CcbtPortMapFamily *family, CcbtPortMapStatus *out)
{
  const CcbtAddress *external = ccbt_port_map_upnp_get_external (family->upnp);
  guint n_leases;
  const CcbtUpnpLease *leases = ccbt_port_map_upnp_get_leases (family->upnp, &n_leases);

  for (guint i = 0; i < n_leases; i++)
    if (leases[i].is_mapped)
      add_mapping (out, &(CcbtPortMapping){ leases[i].is_udp, leases[i].is_pinhole,
                                            leases[i].internal_port, leases[i].external_port,
                                            leases[i].expires_at });
  if (external != NULL)
    {
      out->has_external = TRUE;
      out->external = *external;
    }
}

void
ccbt_port_map_family_collect (const CcbtPortMapFamily *family, CcbtPortMapStatus *out)
{
  if (family->link != NULL)
    add_pcp_mappings (family, out);
  else if (family->upnp != NULL)
    add_upnp_mappings (family, out);
}

static const char *
get_family_error (const CcbtPortMapFamily *family)
{
  if (family->link != NULL && ccbt_port_map_family_is_mapped (family))
    return ccbt_pcp_link_get_client (family->link)->error;
  if (family->upnp != NULL && ccbt_port_map_family_is_mapped (family))
    return ccbt_port_map_upnp_get_error (family->upnp);
  return family->state == CCBT_PORT_MAP_SEARCHING ? family->last_error : family->error;
}

/* Returns: (transfer full) (nullable) */
static char *
make_error (CcbtPortMap *self, const CcbtPortMapStatus *status)
{
  const char *error = get_family_error (get_speaker (self));

  if (error != NULL && *error != '\0')
    return g_strdup (error);
  if (status->state == CCBT_PORT_MAP_MAPPED && status->has_external
      && ccbt_address_get_scope (&status->external) != CCBT_ADDRESS_GLOBAL)
    {
      g_autofree char *external = ccbt_address_ip_to_string (&status->external);

      return g_strdup_printf ("The router's own address, %s, is a private one: another router "
                              "stands before it.",
                              external);
    }
  return NULL;
}

void
ccbt_port_map_collect_status (CcbtPortMap *self, CcbtPortMapStatus *out)
{
  const CcbtPortMapFamily *speaker = get_speaker (self);

  memset (out, 0, sizeof *out);
  out->state = get_state (self);
  out->gateway = speaker->gateway.address;
  if (self->is_releasing)
    return;
  for (guint i = 0; i < 2; i++)
    {
      const CcbtPortMapFamily *family = &self->families[i];

      if (!ccbt_port_map_family_is_mapped (family))
        continue;
      ccbt_port_map_family_collect (family, out);
      if (out->protocol == CCBT_PORT_MAP_NONE)
        out->protocol = family->protocol;
    }
  out->error = make_error (self, out);
}

gboolean
ccbt_port_map_status_is_same (const CcbtPortMapStatus *a, const CcbtPortMapStatus *b)
{
  if (a->state != b->state || a->protocol != b->protocol || a->has_external != b->has_external
      || a->n_mappings != b->n_mappings || !ccbt_address_equal (&a->external, &b->external)
      || !ccbt_address_equal (&a->gateway, &b->gateway) || g_strcmp0 (a->error, b->error) != 0)
    return FALSE;
  for (guint i = 0; i < a->n_mappings; i++)
    if (a->mappings[i].is_udp != b->mappings[i].is_udp
        || a->mappings[i].is_ipv6 != b->mappings[i].is_ipv6
        || a->mappings[i].internal_port != b->mappings[i].internal_port
        || a->mappings[i].external_port != b->mappings[i].external_port)
      return FALSE;
  return TRUE;
}

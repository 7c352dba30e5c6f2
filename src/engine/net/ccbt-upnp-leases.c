/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-random.h"
#include "net/ccbt-port-map-upnp-private.h"

#define MAX_TRIES 6u           /* other ports, other ways to ask */
#define LONGEST_LEASE 604800u  /* what version 2 allows */
#define LONGEST_PINHOLE 86400u /* WANIPv6FirewallControl */
#define DESCRIPTION "ccBitTorrent"

static gint64
now_of (CcbtPortMapUpnp *self)
{
  return ccbt_clock_now (self->setup.clock);
}

void
ccbt_upnp_set_error (CcbtPortMapUpnp *self, const char *what)
{
  g_autofree char *router = ccbt_address_ip_to_string (&self->setup.gateway.address);

  g_snprintf (self->error, sizeof self->error, "UPnP: the router %s %s.", router, what);
}

gboolean
ccbt_upnp_is_for_ipv4 (const CcbtUpnpService *service)
{
  return service->kind != CCBT_UPNP_IPV6_FIREWALL;
}

void
ccbt_upnp_call (CcbtPortMapUpnp *self, const CcbtUpnpService *service, const char *action,
                const CcbtUpnpArgument *arguments, CcbtUpnpHttpDone done)
{
  g_autofree char *body = ccbt_upnp_write_call (service->kind, action, arguments);
  g_autofree char *header
      = g_strdup_printf ("\"%s#%s\"", ccbt_upnp_kind_get_type (service->kind), action);
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) uri
      = ccbt_upnp_http_resolve (&self->setup.gateway, self->base, service->control, &error);

  /* Services that lead elsewhere were left out when the description was read. */
  g_return_if_fail (uri != NULL);
  ccbt_upnp_http_send (self->http, uri, header, body, done, self);
}

gboolean
ccbt_upnp_read_reply (CcbtPortMapUpnp *self, guint status, GBytes *body, const GError *error,
                      CcbtUpnpReply *out)
{
  CcbtSpan xml = { NULL, 0 };

  if (body != NULL)
    xml.data = g_bytes_get_data (body, &xml.len);
  if (body == NULL || !ccbt_upnp_reply_parse (xml, out, NULL))
    {
      ccbt_upnp_set_error (self, body == NULL ? "broke off" : "gives answers that cannot be read");
      return FALSE;
    }
  out->is_error |= status != 200;
  return TRUE;
}

static void
set_refusal (CcbtPortMapUpnp *self, const CcbtUpnpReply *reply)
{
  g_autofree char *what
      = g_strdup_printf ("refuses: %u %s", reply->error_code,
                         *reply->error_text != '\0' ? reply->error_text : "without a reason");

  ccbt_upnp_set_error (self, what);
}

/* --- Mapping --- */

static const CcbtUpnpService *
get_service (CcbtPortMapUpnp *self, const CcbtUpnpLease *lease)
{
  if (!lease->is_pinhole)
    return self->service < self->description.n_services ? &self->description.services[self->service]
                                                        : NULL;
  for (guint i = 0; i < self->description.n_services; i++)
    if (!ccbt_upnp_is_for_ipv4 (&self->description.services[i]))
      return &self->description.services[i];
  return NULL;
}

static guint
get_lease_seconds (CcbtPortMapUpnp *self, const CcbtUpnpLease *lease)
{
  if (lease->is_pinhole)
    return CLAMP (self->setup.lease, 1, LONGEST_PINHOLE);
  return self->is_permanent ? 0 : CLAMP (self->setup.lease, 1, LONGEST_LEASE);
}

static void
take_grant (CcbtPortMapUpnp *self, CcbtUpnpLease *lease, const CcbtUpnpReply *reply)
{
  guint seconds = get_lease_seconds (self, lease);

  if (reply->reserved_port != 0 && !lease->is_pinhole)
    lease->external_port = reply->reserved_port;
  if (reply->has_unique_id && lease->is_pinhole)
    {
      lease->has_unique_id = TRUE;
      lease->unique_id = reply->unique_id;
    }
  lease->is_mapped = lease->may_be_mapped = TRUE;
  lease->is_due = FALSE;
  lease->n_tries = 0;
  lease->expires_at = seconds == 0 ? 0 : now_of (self) + seconds * CCBT_SECOND;
}

static guint16
choose_port (void)
{
  guint16 port;

  ccbt_random_fill ((guint8 *) &port, sizeof port);
  return 10000 + port % 50000;
}

/* Some refusals say how to ask instead. Returns: FALSE when this one is final */
static gboolean
adapt (CcbtPortMapUpnp *self, CcbtUpnpLease *lease, const CcbtUpnpReply *reply)
{
  gboolean may_add_any = get_service (self, lease)->kind == CCBT_UPNP_WAN_IP_2;

  if (lease->n_tries >= MAX_TRIES)
    return FALSE;
  if (lease->is_pinhole)
    {
      gboolean was_known = lease->has_unique_id;

      lease->has_unique_id = FALSE; /* forgotten by the router: a new one */
      return was_known;
    }
  if (reply->error_code == CCBT_UPNP_PERMANENT_ONLY && !self->is_permanent)
    self->is_permanent = TRUE;
  else if (reply->error_code == CCBT_UPNP_CONFLICT)
    lease->external_port = choose_port ();
  else if (reply->error_code == CCBT_UPNP_SAME_PORTS
           && lease->external_port != lease->internal_port)
    lease->external_port = lease->internal_port;
  else if (may_add_any && !self->has_no_add_any)
    self->has_no_add_any = TRUE;
  else
    return FALSE;
  return TRUE;
}

static void
mapped_cb (gpointer data, guint status, GBytes *body, const GError *error)
{
  CcbtPortMapUpnp *self = data;
  CcbtUpnpLease *lease = &self->leases[self->current];
  CcbtUpnpReply reply;

  if (!ccbt_upnp_read_reply (self, status, body, error, &reply))
    {
      lease->is_due = FALSE;
      lease->is_mapped = FALSE;
    }
  else if (!reply.is_error)
    take_grant (self, lease, &reply);
  else if (!adapt (self, lease, &reply))
    {
      if (!lease->is_pinhole) /* few routers can, and nobody asked for it by name */
        set_refusal (self, &reply);
      lease->is_due = FALSE;
      lease->is_mapped = FALSE;
    }
  ccbt_upnp_go_on (self);
}

static void
ask_pinhole (CcbtPortMapUpnp *self, CcbtUpnpLease *lease)
{
  g_autofree char *port = g_strdup_printf ("%u", lease->internal_port);
  g_autofree char *seconds = g_strdup_printf ("%u", get_lease_seconds (self, lease));
  g_autofree char *id = g_strdup_printf ("%u", lease->unique_id);
  g_autofree char *ip = ccbt_address_ip_to_string (&self->setup.pinhole_ip);
  const CcbtUpnpArgument adding[] = { { "RemoteHost", "" },
                                      { "RemotePort", "0" },
                                      { "InternalClient", ip },
                                      { "InternalPort", port },
                                      { "Protocol", lease->is_udp ? "17" : "6" },
                                      { "LeaseTime", seconds },
                                      { NULL, NULL } };
  const CcbtUpnpArgument updating[]
      = { { "UniqueID", id }, { "NewLeaseTime", seconds }, { NULL, NULL } };

  if (lease->has_unique_id)
    ccbt_upnp_call (self, get_service (self, lease), "UpdatePinhole", updating, mapped_cb);
  else
    ccbt_upnp_call (self, get_service (self, lease), "AddPinhole", adding, mapped_cb);
}

static void
ask_mapping (CcbtPortMapUpnp *self, CcbtUpnpLease *lease)
{
  const CcbtUpnpService *service = get_service (self, lease);
  /* A mapping that is ours is renewed under its port, not traded for another one. */
  gboolean is_any
      = service->kind == CCBT_UPNP_WAN_IP_2 && !self->has_no_add_any && !lease->is_mapped;
  g_autofree char *outside = g_strdup_printf ("%u", lease->external_port);
  g_autofree char *inside = g_strdup_printf ("%u", lease->internal_port);
  g_autofree char *seconds = g_strdup_printf ("%u", get_lease_seconds (self, lease));
  g_autofree char *ip = ccbt_address_ip_to_string (&self->setup.gateway.source);
  const CcbtUpnpArgument arguments[] = { { "NewRemoteHost", "" },
                                         { "NewExternalPort", outside },
                                         { "NewProtocol", lease->is_udp ? "UDP" : "TCP" },
                                         { "NewInternalPort", inside },
                                         { "NewInternalClient", ip },
                                         { "NewEnabled", "1" },
                                         { "NewPortMappingDescription", DESCRIPTION },
                                         { "NewLeaseDuration", seconds },
                                         { NULL, NULL } };

  ccbt_upnp_call (self, service, is_any ? "AddAnyPortMapping" : "AddPortMapping", arguments,
                  mapped_cb);
}

gboolean
ccbt_upnp_ask_next (CcbtPortMapUpnp *self)
{
  for (guint i = 0; i < self->n_leases; i++)
    {
      CcbtUpnpLease *lease = &self->leases[i];

      if (!lease->is_due)
        continue;
      if (get_service (self, lease) == NULL)
        {
          lease->is_due = FALSE;
          continue;
        }
      self->current = i;
      lease->n_tries++;
      lease->may_be_mapped = TRUE;
      if (lease->is_pinhole)
        ask_pinhole (self, lease);
      else
        ask_mapping (self, lease);
      return TRUE;
    }
  return FALSE;
}

/* --- The end --- */

static void
deleted_cb (gpointer data, guint status, GBytes *body, const GError *error)
{
  CcbtPortMapUpnp *self = data;

  /* What the router says does not matter: there is nothing else to be done. */
  self->leases[self->current].may_be_mapped = self->leases[self->current].is_mapped = FALSE;
  ccbt_upnp_go_on (self);
}

static void
delete_lease (CcbtPortMapUpnp *self, const CcbtUpnpLease *lease)
{
  g_autofree char *outside = g_strdup_printf ("%u", lease->external_port);
  g_autofree char *id = g_strdup_printf ("%u", lease->unique_id);
  const CcbtUpnpArgument mapping[] = { { "NewRemoteHost", "" },
                                       { "NewExternalPort", outside },
                                       { "NewProtocol", lease->is_udp ? "UDP" : "TCP" },
                                       { NULL, NULL } };
  const CcbtUpnpArgument pinhole[] = { { "UniqueID", id }, { NULL, NULL } };

  if (lease->is_pinhole)
    ccbt_upnp_call (self, get_service (self, lease), "DeletePinhole", pinhole, deleted_cb);
  else
    ccbt_upnp_call (self, get_service (self, lease), "DeletePortMapping", mapping, deleted_cb);
}

void
ccbt_upnp_delete_next (CcbtPortMapUpnp *self)
{
  for (guint i = 0; i < self->n_leases; i++)
    {
      CcbtUpnpLease *lease = &self->leases[i];

      if (lease->may_be_mapped && get_service (self, lease) != NULL
          && (!lease->is_pinhole || lease->has_unique_id))
        {
          self->current = i;
          delete_lease (self, lease);
          return;
        }
      lease->may_be_mapped = lease->is_mapped = FALSE;
    }
  self->phase = CCBT_UPNP_PHASE_OVER;
}

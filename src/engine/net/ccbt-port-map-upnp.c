/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-port-map-upnp-private.h"

#define SEARCH_TIME (4 * CCBT_SECOND)
#define ASK_AGAIN (700 * CCBT_MILLISECOND)
/* A permanent mapping is looked after all the same: the router may have been restarted. */
#define LONGEST_ROUND (20 * 60 * CCBT_SECOND)
#define SHORTEST_ROUND (10 * CCBT_SECOND)

static void timer_cb (gpointer data);
static void heard_cb (gpointer data, const CcbtSsdpMessage *message);

static gint64
now_of (CcbtPortMapUpnp *self)
{
  return ccbt_clock_now (self->setup.clock);
}

static void
fail (CcbtPortMapUpnp *self)
{
  self->phase = CCBT_UPNP_PHASE_OVER;
  self->state = CCBT_UPNP_FAILED;
  g_clear_pointer (&self->search, ccbt_upnp_search_free);
  ccbt_upnp_http_cancel (self->http);
  ccbt_timer_set (self->timer, G_MAXINT64);
}

/* --- Description --- */

static void
keep_services_of_router (CcbtPortMapUpnp *self)
{
  CcbtUpnpDescription *description = &self->description;
  guint n_kept = 0;

  for (guint i = 0; i < description->n_services; i++)
    {
      g_autoptr (GUri) uri = ccbt_upnp_http_resolve (&self->setup.gateway, self->base,
                                                     description->services[i].control, NULL);

      if (uri != NULL)
        description->services[n_kept++] = description->services[i];
    }
  description->n_services = n_kept;
}

/* From @from on. Returns: n_services when there is none */
static guint
find_wan_service (CcbtPortMapUpnp *self, guint from)
{
  while (from < self->description.n_services
         && !ccbt_upnp_is_for_ipv4 (&self->description.services[from]))
    from++;
  return from;
}

static gboolean
take_description (CcbtPortMapUpnp *self, CcbtSpan xml)
{
  if (!ccbt_upnp_description_parse (xml, &self->description, NULL))
    return FALSE;
  if (*self->description.base != '\0')
    {
      GUri *base
          = ccbt_upnp_http_resolve (&self->setup.gateway, NULL, self->description.base, NULL);

      /* An address that the router has elsewhere, or nonsense: where it came from will do. */
      if (base != NULL)
        {
          g_uri_unref (self->base);
          self->base = base;
        }
    }
  keep_services_of_router (self);
  self->service = find_wan_service (self, 0);
  return self->description.n_services > 0;
}

static void
described_cb (gpointer data, guint status, GBytes *body, const GError *error)
{
  CcbtPortMapUpnp *self = data;
  CcbtSpan xml = { NULL, 0 };

  if (body != NULL && status == 200)
    xml.data = g_bytes_get_data (body, &xml.len);
  if (xml.len > 0 && take_description (self, xml))
    self->phase = CCBT_UPNP_PHASE_ADDRESS;
  else
    {
      g_debug ("UPnP description: status %u, %" G_GSIZE_FORMAT " bytes, %s", status, xml.len,
               error != NULL ? error->message : "not understood");
      ccbt_upnp_set_error (self, "gives a description that cannot be used");
      self->phase = CCBT_UPNP_PHASE_SEARCH;
    }
  ccbt_upnp_go_on (self);
}

/* The next place heard of. Returns: FALSE when there is none */
static gboolean
describe (CcbtPortMapUpnp *self)
{
  while (self->next_location < self->n_locations)
    {
      GUri *uri = ccbt_upnp_http_resolve (&self->setup.gateway, NULL,
                                          self->locations[self->next_location++], NULL);

      if (uri == NULL)
        {
          ccbt_upnp_set_error (self, "says that another computer speaks for it");
          continue;
        }
      g_clear_pointer (&self->base, g_uri_unref);
      self->base = uri;
      self->phase = CCBT_UPNP_PHASE_DESCRIBE;
      self->described_at = now_of (self);
      ccbt_upnp_http_send (self->http, uri, NULL, NULL, described_cb, self);
      return TRUE;
    }
  return FALSE;
}

/* --- The address outside --- */

static void
begin_mapping (CcbtPortMapUpnp *self)
{
  self->phase = CCBT_UPNP_PHASE_MAP;
  if (self->service >= self->description.n_services)
    self->service = find_wan_service (self, 0);
  for (guint i = 0; i < self->n_leases; i++)
    {
      self->leases[i].is_due = TRUE;
      self->leases[i].n_tries = 0;
    }
}

/* A router may describe several ways out; the one that has an address is in use. */
static void
address_cb (gpointer data, guint status, GBytes *body, const GError *error)
{
  CcbtPortMapUpnp *self = data;
  CcbtUpnpReply reply;

  if (ccbt_upnp_read_reply (self, status, body, error, &reply) && !reply.is_error
      && reply.has_external && ccbt_address_get_scope (&reply.external) != CCBT_ADDRESS_UNUSABLE)
    {
      self->has_external = TRUE;
      self->external = reply.external;
      begin_mapping (self);
    }
  else
    {
      self->service = find_wan_service (self, self->service + 1);
      if (self->service >= self->description.n_services)
        begin_mapping (self); /* with the first one, and without knowing the address */
    }
  ccbt_upnp_go_on (self);
}

static void
ask_address (CcbtPortMapUpnp *self)
{
  static const CcbtUpnpArgument none[] = { { NULL, NULL } };

  ccbt_upnp_call (self, &self->description.services[self->service], "GetExternalIPAddress", none,
                  address_cb);
}

/* --- Rounds --- */

static void
finish_round (CcbtPortMapUpnp *self)
{
  gint64 now = now_of (self), round = LONGEST_ROUND;
  guint n_mapped = 0;

  for (guint i = 0; i < self->n_leases; i++)
    {
      const CcbtUpnpLease *lease = &self->leases[i];

      n_mapped += lease->is_mapped;
      if (lease->is_mapped && lease->expires_at != 0)
        round = MIN (round, (lease->expires_at - now) / 2);
    }
  if (n_mapped == 0)
    {
      if (*self->error == '\0')
        ccbt_upnp_set_error (self, "cannot open the ports that were asked for");
      fail (self);
      return;
    }
  self->phase = CCBT_UPNP_PHASE_REST;
  self->state = CCBT_UPNP_MAPPED;
  ccbt_timer_set (self->timer, now + MAX (round, SHORTEST_ROUND));
}

/* --- Moving --- */

static void
start_search (CcbtPortMapUpnp *self)
{
  g_autoptr (GError) error = NULL;

  self->phase = CCBT_UPNP_PHASE_SEARCH;
  if (self->search == NULL)
    self->search
        = ccbt_upnp_search_new (&self->setup.gateway, self->setup.clock, heard_cb, self, &error);
  if (self->search == NULL)
    {
      g_snprintf (self->error, sizeof self->error, "UPnP cannot search: %s.", error->message);
      fail (self);
      return;
    }
  self->search_until = now_of (self) + SEARCH_TIME;
  ccbt_upnp_search_ask (self->search);
  ccbt_timer_set (self->timer, now_of (self) + ASK_AGAIN);
}

static void
go_on_searching (CcbtPortMapUpnp *self)
{
  if (describe (self))
    return;
  if (now_of (self) < self->search_until)
    return;
  if (*self->error == '\0')
    ccbt_upnp_set_error (self, "does not answer");
  fail (self);
}

void
ccbt_upnp_go_on (CcbtPortMapUpnp *self)
{
  if (self->phase == CCBT_UPNP_PHASE_SEARCH)
    go_on_searching (self);
  if (self->phase == CCBT_UPNP_PHASE_ADDRESS && self->service >= self->description.n_services)
    begin_mapping (self); /* it has only a firewall for IPv6 */
  if (self->phase == CCBT_UPNP_PHASE_ADDRESS)
    ask_address (self);
  else if (self->phase == CCBT_UPNP_PHASE_MAP && !ccbt_upnp_ask_next (self))
    finish_round (self);
  else if (self->phase == CCBT_UPNP_PHASE_RELEASE)
    ccbt_upnp_delete_next (self);
  self->setup.changed (self->setup.data);
}

static void
timer_cb (gpointer data)
{
  CcbtPortMapUpnp *self = data;

  if (self->phase == CCBT_UPNP_PHASE_SEARCH || self->phase == CCBT_UPNP_PHASE_DESCRIBE)
    ccbt_timer_set (self->timer, now_of (self) + ASK_AGAIN);
  else if (self->phase != CCBT_UPNP_PHASE_REST && self->phase != CCBT_UPNP_PHASE_OVER)
    return; /* set for the search, which is over; an answer is waited for */
  if (self->phase == CCBT_UPNP_PHASE_SEARCH && now_of (self) < self->search_until)
    ccbt_upnp_search_ask (self->search);
  if (self->phase == CCBT_UPNP_PHASE_REST)
    {
      *self->error = '\0';
      begin_mapping (self);
    }
  ccbt_upnp_go_on (self);
}

static void
note_location (CcbtPortMapUpnp *self, const char *location)
{
  for (guint i = 0; i < self->n_locations; i++)
    if (strcmp (self->locations[i], location) == 0)
      return;
  if (*location != '\0' && self->n_locations < CCBT_UPNP_MAX_LOCATIONS)
    self->locations[self->n_locations++] = g_strdup (location);
}

static void
forget_locations (CcbtPortMapUpnp *self)
{
  for (guint i = 0; i < self->n_locations; i++)
    g_free (self->locations[i]);
  self->n_locations = self->next_location = 0;
}

/* It has started anew and knows nothing of us; perhaps it speaks at another port too. */
static void
take_restart (CcbtPortMapUpnp *self, const CcbtSsdpMessage *message)
{
  g_debug ("UPnP: the router was restarted");
  forget_locations (self);
  note_location (self, message->location);
  self->has_boot_id = message->has_boot_id;
  self->boot_id = message->boot_id;
  for (guint i = 0; i < self->n_leases; i++)
    self->leases[i].has_unique_id = FALSE;
  *self->error = '\0';
  start_search (self);
  ccbt_upnp_go_on (self);
}

static void
heard_cb (gpointer data, const CcbtSsdpMessage *message)
{
  CcbtPortMapUpnp *self = data;

  if (message->is_leaving)
    return;
  if (self->phase == CCBT_UPNP_PHASE_REST && message->has_boot_id
      && (!self->has_boot_id || self->boot_id != message->boot_id)
      && now_of (self) - self->described_at >= SHORTEST_ROUND)
    {
      take_restart (self, message);
      return;
    }
  if (self->phase != CCBT_UPNP_PHASE_SEARCH && self->phase != CCBT_UPNP_PHASE_DESCRIBE)
    return;
  if (message->has_boot_id)
    {
      self->has_boot_id = TRUE;
      self->boot_id = message->boot_id;
    }
  note_location (self, message->location);
  if (self->phase == CCBT_UPNP_PHASE_SEARCH)
    ccbt_upnp_go_on (self);
}

/* --- Public --- */

CcbtPortMapUpnp *
ccbt_port_map_upnp_new (const CcbtPortMapUpnpSetup *setup)
{
  CcbtPortMapUpnp *self = g_new0 (CcbtPortMapUpnp, 1);

  self->setup = *setup;
  self->timer = ccbt_timer_new (setup->clock, timer_cb, self);
  self->http = ccbt_upnp_http_new (&setup->gateway);
  return self;
}

void
ccbt_port_map_upnp_free (CcbtPortMapUpnp *self)
{
  g_clear_pointer (&self->search, ccbt_upnp_search_free);
  ccbt_upnp_http_free (self->http);
  ccbt_timer_free (self->timer);
  g_clear_pointer (&self->base, g_uri_unref);
  forget_locations (self);
  g_free (self);
}

void
ccbt_port_map_upnp_add_port (CcbtPortMapUpnp *self, gboolean is_udp, gboolean is_pinhole,
                             guint16 port, guint16 wished)
{
  g_return_if_fail (self->n_leases < CCBT_UPNP_MAX_LEASES && port != 0);

  self->leases[self->n_leases++]
      = (CcbtUpnpLease){ .is_udp = is_udp,
                         .is_pinhole = is_pinhole,
                         .internal_port = port,
                         .external_port = is_pinhole || wished == 0 ? port : wished };
}

void
ccbt_port_map_upnp_start (CcbtPortMapUpnp *self)
{
  start_search (self);
  if (self->state == CCBT_UPNP_FAILED)
    ccbt_timer_set (self->timer, now_of (self)); /* told from the loop, not from here */
}

CcbtUpnpState
ccbt_port_map_upnp_get_state (CcbtPortMapUpnp *self)
{
  return self->state;
}

const CcbtUpnpLease *
ccbt_port_map_upnp_get_leases (CcbtPortMapUpnp *self, guint *n_leases)
{
  *n_leases = self->n_leases;
  return self->leases;
}

const CcbtAddress *
ccbt_port_map_upnp_get_external (CcbtPortMapUpnp *self)
{
  return self->has_external ? &self->external : NULL;
}

gboolean
ccbt_port_map_upnp_was_silent (CcbtPortMapUpnp *self)
{
  return self->n_locations == 0;
}

const char *
ccbt_port_map_upnp_get_error (CcbtPortMapUpnp *self)
{
  return self->error;
}

void
ccbt_port_map_upnp_release (CcbtPortMapUpnp *self)
{
  ccbt_upnp_http_cancel (self->http);
  ccbt_timer_set (self->timer, G_MAXINT64);
  g_clear_pointer (&self->search, ccbt_upnp_search_free);
  self->phase = CCBT_UPNP_PHASE_RELEASE;
  ccbt_upnp_delete_next (self);
}

gboolean
ccbt_port_map_upnp_is_released (CcbtPortMapUpnp *self)
{
  return self->phase == CCBT_UPNP_PHASE_OVER;
}

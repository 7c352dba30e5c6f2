/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"
#include "net/ccbt-gateway.h"

/* Gets and keeps our ports open by UPnP: search, description, calls one after the other, renewal at
 * half of the lease.
 *
 * Own code over libsoup and GMarkup, and not a library: libminiupnpc blocks and would need a
 * thread; libgupnp-igd fetches and parses without limits whatever any computer of the network
 * names, knows neither AddAnyPortMapping nor pinholes, and is neither in GNOME's Flatpak runtime
 * nor of one name across distributions. */
typedef struct _CcbtPortMapUpnp CcbtPortMapUpnp;

typedef enum
{
  CCBT_UPNP_SEARCHING,
  CCBT_UPNP_MAPPED,
  CCBT_UPNP_FAILED, /* nothing more is done; see the error */
} CcbtUpnpState;

#define CCBT_UPNP_MAX_LEASES 4u

typedef struct
{
  gboolean is_udp;
  gboolean is_pinhole;
  guint16 internal_port;
  guint16 external_port; /* granted; before: wished for */
  gboolean is_mapped;
  gint64 expires_at; /* monotonic; 0 = never */
  gboolean is_due;   /* to be asked for now */
  gboolean may_be_mapped;
  gboolean has_unique_id;
  guint16 unique_id;
  guint n_tries;
} CcbtUpnpLease;

typedef struct
{
  CcbtGateway gateway; /* IPv4 */
  CcbtClock *clock;
  guint lease;             /* seconds */
  gboolean has_pinhole_ip; /* ours, where pinholes lead to */
  CcbtAddress pinhole_ip;
  GSourceOnceFunc changed; /* may free */
  gpointer data;
} CcbtPortMapUpnpSetup;

/* Ports are added before ccbt_port_map_upnp_start(). */
CcbtPortMapUpnp *ccbt_port_map_upnp_new (const CcbtPortMapUpnpSetup *setup);
void ccbt_port_map_upnp_free (CcbtPortMapUpnp *self);
/* @wished: outside; of a pinhole always the same as inside */
void ccbt_port_map_upnp_add_port (CcbtPortMapUpnp *self, gboolean is_udp, gboolean is_pinhole,
                                  guint16 port, guint16 wished);
void ccbt_port_map_upnp_start (CcbtPortMapUpnp *self);

CcbtUpnpState ccbt_port_map_upnp_get_state (CcbtPortMapUpnp *self);
const CcbtUpnpLease *ccbt_port_map_upnp_get_leases (CcbtPortMapUpnp *self, guint *n_leases);
/* Returns: (nullable) */
const CcbtAddress *ccbt_port_map_upnp_get_external (CcbtPortMapUpnp *self);
/* Has it never answered? */
gboolean ccbt_port_map_upnp_was_silent (CcbtPortMapUpnp *self);
/* Returns: a sentence; "" = none */
const char *ccbt_port_map_upnp_get_error (CcbtPortMapUpnp *self);

/* Takes the mappings away; "changed" when ccbt_port_map_upnp_is_released(). */
void ccbt_port_map_upnp_release (CcbtPortMapUpnp *self);
gboolean ccbt_port_map_upnp_is_released (CcbtPortMapUpnp *self);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-address.h"
#include "base/ccbt-clock.h"

/* Opens our port at the router: PCP (RFC 6887), NAT-PMP (RFC 6886), UPnP IGD 1 and 2, tried in that
 * order, for TCP and UDP, and IPv6 pinholes (PCP, WANIPv6FirewallControl). Renews leases, maps anew
 * when the network changes, takes mappings away at the end. Runs on the thread-default context;
 * nothing blocks it. */
#define CCBT_TYPE_PORT_MAP (ccbt_port_map_get_type ())
G_DECLARE_FINAL_TYPE (CcbtPortMap, ccbt_port_map, CCBT, PORT_MAP, GObject)

typedef enum
{
  CCBT_PORT_MAP_OFF,
  CCBT_PORT_MAP_SEARCHING,
  CCBT_PORT_MAP_MAPPED, /* at least one port is open; the error tells of the others */
  CCBT_PORT_MAP_FAILED, /* tries again later */
} CcbtPortMapState;

typedef enum
{
  CCBT_PORT_MAP_NONE,
  CCBT_PORT_MAP_PCP,
  CCBT_PORT_MAP_NAT_PMP,
  CCBT_PORT_MAP_UPNP,
} CcbtPortMapProtocol;

const char *ccbt_port_map_protocol_get_name (CcbtPortMapProtocol protocol);

typedef struct
{
  gboolean is_udp;
  gboolean is_ipv6; /* a pinhole */
  guint16 internal_port;
  guint16 external_port;
  gint64 expires_at; /* monotonic; 0 = never */
} CcbtPortMapping;

typedef struct
{
  CcbtPortMapState state;
  CcbtPortMapProtocol protocol;
  CcbtAddress gateway; /* zero = unknown */
  gboolean has_external;
  CcbtAddress external; /* port 0 */
  CcbtPortMapping mappings[4];
  guint n_mappings;
  char *error; /* the last one, a sentence; NULL */
} CcbtPortMapStatus;

typedef struct
{
  gboolean use_pcp, use_nat_pmp, use_upnp, map_tcp, map_udp;
  guint lease;          /* seconds asked for; 0 = 3600 */
  gboolean has_gateway; /* given in the configuration, not looked up */
  CcbtAddress gateway;
  gboolean is_bound; /* everything is sent from this address */
  CcbtAddress bind;
  guint16 tcp_port, udp_port;
} CcbtPortMapOptions;

/* Signal "changed": state, protocol, error, external address or ports are others. @clock: borrowed.
 * Starts from the main loop, so that the first change is not missed. Returns: (transfer full) */
CcbtPortMap *ccbt_port_map_new (const CcbtPortMapOptions *options, CcbtClock *clock);
/* Strings of @out are borrowed until the next "changed". */
void ccbt_port_map_get_status (CcbtPortMap *self, CcbtPortMapStatus *out);
/* Searches and maps anew: another network, another port. */
void ccbt_port_map_restart (CcbtPortMap *self, const CcbtPortMapOptions *options);
/* Takes the mappings away; @done (nullable) when that is through, 1 s at most, and always from the
 * main loop. The object lives that long by itself, and does nothing more afterwards. */
void ccbt_port_map_stop (CcbtPortMap *self, void (*done) (gpointer data), gpointer data);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "net/ccbt-pcp-link.h"
#include "net/ccbt-port-map-upnp.h"
#include "net/ccbt-port-map.h"
#include "net/ccbt-timer.h"

/* All that is going on with the router of one family of addresses. */
typedef struct
{
  CcbtPortMap *map; /* borrowed */
  gboolean is_ipv6;
  gboolean is_used; /* there is a way out by this family */
  CcbtPortMapState state;
  CcbtPortMapProtocol protocol; /* being tried, or in use */
  CcbtGateway gateway;
  CcbtPcpLink *link;     /* while the protocol is PCP or NAT-PMP */
  CcbtPortMapUpnp *upnp; /* while it is UPnP */
  CcbtTimer *retry;
  guint n_failures;  /* in a row */
  guint16 wished[2]; /* TCP, UDP outside: what it was the last time; 0 = as inside */
  guint8 nonces[2][CCBT_PCP_NONCE_SIZE]; /* kept: the router knows us by them */
  GString *tried;                        /* names of the protocols that nobody answered by */
  char *error;                           /* a sentence; NULL */
  char *last_error; /* of the search before, told until this one is over; NULL */
} CcbtPortMapFamily;

struct _CcbtPortMap
{
  GObject parent_instance;
  CcbtClock *clock; /* borrowed */
  CcbtPortMapOptions options;
  CcbtPortMapFamily families[2]; /* IPv4, IPv6 */
  CcbtPortMapStatus told;        /* what the last "changed" said; owns its error */
  gboolean is_releasing;
  gboolean is_stopping; /* else, when releasing: to begin anew */
  CcbtTimer *release_timer;
  void (*done) (gpointer data);
  gpointer done_data;
};

/* --- ccbt-port-map-status.c --- */

/* @out: its error is (transfer full) here */
void ccbt_port_map_collect_status (CcbtPortMap *self, CcbtPortMapStatus *out);
gboolean ccbt_port_map_status_is_same (const CcbtPortMapStatus *a, const CcbtPortMapStatus *b);
/* Adds the open ports and the address outside. */
void ccbt_port_map_family_collect (const CcbtPortMapFamily *family, CcbtPortMapStatus *out);
gboolean ccbt_port_map_family_is_mapped (const CcbtPortMapFamily *family);

/* --- ccbt-port-map-family.c --- */

void ccbt_port_map_family_clear_protocol (CcbtPortMapFamily *family);
/* Looks for the router, and tries one protocol after the other. */
void ccbt_port_map_family_begin (CcbtPortMapFamily *family);
/* After each change of what is being tried, or in use. */
void ccbt_port_map_family_look (CcbtPortMapFamily *family);

/* --- ccbt-port-map.c --- */

/* What the link or UPnP says; they may be freed here. @data: CcbtPortMapFamily */
void ccbt_port_map_family_changed_cb (gpointer data);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "net/ccbt-port-map-upnp.h"
#include "net/ccbt-timer.h"
#include "net/ccbt-upnp-http.h"
#include "net/ccbt-upnp-search.h"
#include "wire/ccbt-upnp.h"

#define CCBT_UPNP_MAX_LOCATIONS 4u

typedef enum
{
  CCBT_UPNP_PHASE_SEARCH,
  CCBT_UPNP_PHASE_DESCRIBE,
  CCBT_UPNP_PHASE_ADDRESS, /* asking a service for the address outside */
  CCBT_UPNP_PHASE_MAP,
  CCBT_UPNP_PHASE_REST, /* until the next renewal */
  CCBT_UPNP_PHASE_RELEASE,
  CCBT_UPNP_PHASE_OVER,
} CcbtUpnpPhase;

struct _CcbtPortMapUpnp
{
  CcbtPortMapUpnpSetup setup;
  CcbtUpnpPhase phase;
  CcbtUpnpState state;
  CcbtTimer *timer;
  CcbtUpnpSearch *search;
  CcbtUpnpHttp *http;
  gint64 search_until;
  gboolean has_boot_id;
  guint32 boot_id;
  gint64 described_at;
  char *locations[CCBT_UPNP_MAX_LOCATIONS]; /* heard of, in that order */
  guint n_locations;
  guint next_location;
  GUri *base;
  CcbtUpnpDescription description;
  guint service;           /* for IPv4, index; the one being asked during CCBT_UPNP_PHASE_ADDRESS */
  gboolean is_permanent;   /* the router knows no leases */
  gboolean has_no_add_any; /* the router does not know that call */
  CcbtUpnpLease leases[CCBT_UPNP_MAX_LEASES];
  guint n_leases;
  guint current; /* lease that a call is under way for */
  gboolean has_external;
  CcbtAddress external;
  char error[256];
};

/* --- ccbt-port-map-upnp.c --- */

/* After every event; may free @self, by "changed". */
void ccbt_upnp_go_on (CcbtPortMapUpnp *self);

/* --- ccbt-upnp-leases.c: the calls, one at a time --- */

/* @what: "refuses", without the end of the sentence */
void ccbt_upnp_set_error (CcbtPortMapUpnp *self, const char *what);
void ccbt_upnp_call (CcbtPortMapUpnp *self, const CcbtUpnpService *service, const char *action,
                     const CcbtUpnpArgument *arguments, CcbtUpnpHttpDone done);
/* Returns: FALSE when there is no answer that can be read; the error is set */
gboolean ccbt_upnp_read_reply (CcbtPortMapUpnp *self, guint status, GBytes *body,
                               const GError *error, CcbtUpnpReply *out);
gboolean ccbt_upnp_is_for_ipv4 (const CcbtUpnpService *service);
/* Asks for the next port that is due. Returns: FALSE when nothing is left to ask for */
gboolean ccbt_upnp_ask_next (CcbtPortMapUpnp *self);
/* Takes the next mapping away, and is over after the last. */
void ccbt_upnp_delete_next (CcbtPortMapUpnp *self);

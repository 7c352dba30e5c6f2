/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Can others connect to us? */
typedef enum
{
  CCBT_REACH_UNKNOWN,    /* nothing tells yet */
  CCBT_REACH_OPEN,       /* somebody from outside has connected */
  CCBT_REACH_LIKELY,     /* the router forwards the port, or none stands between; nobody came yet */
  CCBT_REACH_CLOSED,     /* we reach others, and nobody came */
  CCBT_REACH_NO_NETWORK, /* this machine has no way out by this family of addresses */
} CcbtReach;

const char *ccbt_reach_get_name (CcbtReach reach); /* "open"; never translated */

#define CCBT_IP_TEXT_SIZE 46u

typedef struct
{
  CcbtReach reach;
  guint64 n_incoming;               /* connections from outside taken in this run */
  gint64 last_incoming;             /* microseconds since 1970; 0 = none */
  char local[CCBT_IP_TEXT_SIZE];    /* the address we send from; "" = none */
  char external[CCBT_IP_TEXT_SIZE]; /* as others see us; "" = unknown */
  guint n_nodes;                    /* good ones in the DHT's table */
} CcbtFamilyStatus;

/* How we stand in the network; plain value. */
typedef struct
{
  CcbtFamilyStatus families[2]; /* IPv4, IPv6 */
  guint16 tcp_port;             /* 0 = not listening */
  guint16 udp_port;
  gboolean has_dht;
  gboolean has_lsd;
  guint n_lookups;                     /* of the DHT, going on */
  const char *map_state;               /* static: "off", "searching", "mapped", "failed" */
  const char *map_protocol;            /* static: "PCP", "NAT-PMP", "UPnP"; "" without */
  char map_gateway[CCBT_IP_TEXT_SIZE]; /* "" = unknown */
  guint16 map_tcp_port;                /* at the router; 0 = not mapped */
  guint16 map_udp_port;
  gint64 map_seconds_left; /* of the lease that ends first; -1 = no end, or none */
  char map_error[160];     /* the last one, English; "" without */
} CcbtConnectionStatus;

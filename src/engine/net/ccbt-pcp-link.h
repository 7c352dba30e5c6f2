/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "net/ccbt-gateway.h"
#include "net/ccbt-port-map-pcp.h"

/* A CcbtPcpClient with its socket, its timer, and an ear for what the router announces to all. */
typedef struct _CcbtPcpLink CcbtPcpLink;

typedef struct
{
  CcbtPcpVersion version;
  CcbtGateway gateway;
  guint lease; /* seconds */
  CcbtClock *clock;
  GSourceOnceFunc changed; /* state, ports, address or error; may free the link */
  gpointer data;
} CcbtPcpLinkSetup;

/* Errors: NETWORK. Returns: (transfer full) (nullable) */
CcbtPcpLink *ccbt_pcp_link_new (const CcbtPcpLinkSetup *setup, GError **error);
void ccbt_pcp_link_free (CcbtPcpLink *self);

/* Ports are added here before ccbt_pcp_link_start(); read it afterwards. */
CcbtPcpClient *ccbt_pcp_link_get_client (CcbtPcpLink *self);
void ccbt_pcp_link_start (CcbtPcpLink *self);
void ccbt_pcp_link_release (CcbtPcpLink *self);

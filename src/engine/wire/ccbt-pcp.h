/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include "base/ccbt-address.h"
#include "base/ccbt-span.h"

/* Asking a router for a port: the Port Control Protocol (RFC 6887), version 2, and its ancestor
 * NAT-PMP (RFC 6886), version 0. Both speak to the same port; a router that knows only the older one
 * answers a newer request in its own form, so one parser reads both. */
#define CCBT_PCP_SERVER_PORT 5351u
#define CCBT_PCP_CLIENT_PORT 5350u /* routers announce to it, by multicast */
#define CCBT_PCP_NONCE_SIZE 12u
#define CCBT_PCP_MAX_SIZE 1100u /* bytes of any datagram (RFC 6887 section 7) */

typedef enum
{
  CCBT_NAT_PMP_VERSION = 0,
  CCBT_PCP_VERSION = 2,
} CcbtPcpVersion;

typedef enum
{
  CCBT_PCP_ANNOUNCE, /* PCP: the router says that it is there; NAT-PMP: its outside address */
  CCBT_PCP_MAP,
} CcbtPcpOpcode;

/* What both ask for. */
typedef struct
{
  gboolean is_udp;
  guint16 internal_port;
  guint16 external_port; /* wished for; 0 = any */
  guint32 lifetime;      /* seconds; 0 = take the mapping away */
  /* PCP only */
  guint8 nonce[CCBT_PCP_NONCE_SIZE];
  CcbtAddress client;   /* the address the datagram is sent from */
  CcbtAddress external; /* wished for; all zero = any of the client's family */
} CcbtPcpRequest;

/* Result codes that something is done about; the others are only named. */
enum
{
  CCBT_PCP_SUCCESS = 0,
  CCBT_PCP_UNSUPPORTED_VERSION = 1,
};

typedef struct
{
  CcbtPcpVersion version;
  CcbtPcpOpcode opcode;
  guint result;     /* 0 = success; of NAT-PMP another table than of PCP */
  guint32 epoch;    /* seconds since the router lost its mappings */
  guint32 lifetime; /* seconds; with an error of PCP: how long it will last */
  /* MAP; with an error of NAT-PMP perhaps missing, and then 0 */
  gboolean is_udp;
  guint16 internal_port;
  guint16 external_port;
  guint8 nonce[CCBT_PCP_NONCE_SIZE]; /* PCP only */
  gboolean has_external;             /* FALSE when the router named none */
  CcbtAddress external;              /* port 0 */
} CcbtPcpReply;

void ccbt_pcp_request_write (GByteArray *out, const CcbtPcpRequest *request);
void ccbt_nat_pmp_request_write (GByteArray *out, const CcbtPcpRequest *request);
/* Asks a NAT-PMP router for its outside address. */
void ccbt_nat_pmp_write_address_request (GByteArray *out);

/* Reads what a router answers or announces. A success carries usable ports.
 * Errors: MALFORMED, TOO_LARGE, UNSUPPORTED (another version or opcode); all mean: drop it. */
gboolean ccbt_pcp_reply_parse (CcbtSpan datagram, CcbtPcpReply *out, GError **error);

/* A sentence's end, such as "forbids it" or "has no port left"; static. */
const char *ccbt_pcp_reply_describe (const CcbtPcpReply *reply);

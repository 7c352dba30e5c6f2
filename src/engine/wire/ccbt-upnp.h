/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-address.h"

/* What is read from and said to a UPnP Internet Gateway Device, version 1 or 2: its description and
 * the SOAP calls. XML is read with GMarkup, which knows no entities but the five of XML itself and
 * opens nothing; document types are refused all the same (threat B85). */
#define CCBT_UPNP_MAX_SIZE (64u * 1024) /* bytes of a description or an answer */
#define CCBT_UPNP_MAX_URL 512u
#define CCBT_UPNP_MAX_SERVICES 8u
#define CCBT_UPNP_PERMANENT_ONLY 725u /* the router knows no leases */
#define CCBT_UPNP_CONFLICT 718u       /* the port outside is somebody else's */
#define CCBT_UPNP_SAME_PORTS 724u     /* the port outside must be the same as inside */
#define CCBT_UPNP_INVALID_ACTION 401u

typedef enum
{
  CCBT_UPNP_WAN_IP,
  CCBT_UPNP_WAN_IP_2,
  CCBT_UPNP_WAN_PPP,
  CCBT_UPNP_IPV6_FIREWALL,
  CCBT_UPNP_N_KINDS,
} CcbtUpnpKind;

/* "urn:schemas-upnp-org:service:WANIPConnection:1" */
const char *ccbt_upnp_kind_get_type (CcbtUpnpKind kind);

typedef struct
{
  CcbtUpnpKind kind;
  char control[CCBT_UPNP_MAX_URL]; /* as written there, perhaps relative */
} CcbtUpnpService;

typedef struct
{
  char base[CCBT_UPNP_MAX_URL]; /* what relative URLs refer to; "" = where it came from */
  CcbtUpnpService services[CCBT_UPNP_MAX_SERVICES]; /* of the kinds above; others are left out */
  guint n_services;
} CcbtUpnpDescription;

/* Errors: MALFORMED, TOO_LARGE. A description without such services is none: NOT_FOUND. */
gboolean ccbt_upnp_description_parse (CcbtSpan xml, CcbtUpnpDescription *out, GError **error);

typedef struct
{
  const char *name;
  const char *value; /* escaped here */
} CcbtUpnpArgument;

/* The body of a call; what goes with it as the SOAPAction header is @type, "#", @action in quotes.
 * @arguments: ended by a NULL name, in the order of the service. Returns: (transfer full) */
char *ccbt_upnp_write_call (CcbtUpnpKind kind, const char *action,
                            const CcbtUpnpArgument *arguments);

/* What an answer says; what it does not name is 0. */
typedef struct
{
  gboolean is_error;
  guint error_code;     /* UPnP's number */
  char error_text[100]; /* printable */
  gboolean has_external;
  CcbtAddress external; /* port 0 */
  guint16 reserved_port;
  gboolean has_unique_id;
  guint16 unique_id; /* of a pinhole */
  gboolean is_inbound_forbidden;
} CcbtUpnpReply;

/* Errors: MALFORMED, TOO_LARGE. */
gboolean ccbt_upnp_reply_parse (CcbtSpan xml, CcbtUpnpReply *out, GError **error);

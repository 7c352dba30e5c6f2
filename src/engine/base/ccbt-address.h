/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-span.h"

/* A numeric IP address and a port. Plain value: copy it. Zero it before filling it by hand, since
 * it is compared as a whole. */
typedef struct
{
  guint8 ip[16];  /* network order; IPv4 uses the first 4, the rest is 0 */
  guint16 port;   /* host order */
  guint8 is_ipv6; /* 0 or 1 */
} CcbtAddress;

/* Who may be dialled or believed, from where the address stands (threats B52, B53). */
typedef enum
{
  CCBT_ADDRESS_GLOBAL,
  CCBT_ADDRESS_PRIVATE, /* RFC 1918, carrier NAT, unique-local */
  CCBT_ADDRESS_LINK_LOCAL,
  CCBT_ADDRESS_LOOPBACK,
  CCBT_ADDRESS_UNUSABLE, /* unspecified, multicast, broadcast, 0/8, 240/4, mapped rubbish */
} CcbtAddressScope;

/* "192.0.2.1:6881" or "[2001:db8::1]:6881"; names are refused, nothing is looked up. */
gboolean ccbt_address_parse (const char *text, CcbtAddress *out);

/* @ip_text: a numeric address without port. */
gboolean ccbt_address_parse_ip (const char *ip_text, guint16 port, CcbtAddress *out);

/* Compact forms of BEP 23 (6 bytes) and BEP 7 (18 bytes). @bytes holds that many. */
CcbtAddress ccbt_address_from_compact (const guint8 *bytes, gboolean is_ipv6);

/* An address alone as the wire has it (BEP 10 yourip, BEP 24): 4 or 16 bytes; the port becomes 0.
 * IPv4-mapped IPv6 becomes plain IPv4. Returns: FALSE for any other length. */
gboolean ccbt_address_from_ip_bytes (CcbtSpan ip, CcbtAddress *out);

/* With port, IPv6 in brackets. Returns: (transfer full) */
char *ccbt_address_to_string (const CcbtAddress *address);

/* Without port and brackets. Returns: (transfer full) */
char *ccbt_address_ip_to_string (const CcbtAddress *address);

gboolean ccbt_address_equal (const CcbtAddress *a, const CcbtAddress *b);
gboolean ccbt_address_same_ip (const CcbtAddress *a, const CcbtAddress *b);

/* For GHashTable over CcbtAddress; keyed by a secret of this process (threat B86). */
guint ccbt_address_hash (gconstpointer address);
gboolean ccbt_address_equal_func (gconstpointer a, gconstpointer b);

CcbtAddressScope ccbt_address_get_scope (const CcbtAddress *address);

/* IPv4-mapped IPv6 addresses become plain IPv4. Returns: FALSE for families other than IP. */
gboolean ccbt_address_from_socket_address (GSocketAddress *from, CcbtAddress *out);

/* Returns: (transfer full) */
GSocketAddress *ccbt_address_to_socket_address (const CcbtAddress *address);

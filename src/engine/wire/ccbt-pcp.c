/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-pcp.h"
#include "base/ccbt-error.h"

#define HEAD_SIZE 24u    /* of every PCP message */
#define MAP_SIZE 60u     /* a PCP MAP message without options */
#define PMP_HEAD_SIZE 8u /* version, opcode, result, epoch */
#define PMP_ADDRESS_SIZE 12u
#define PMP_MAP_SIZE 16u
#define RESPONSE_BIT 0x80u
#define PROTOCOL_TCP 6u
#define PROTOCOL_UDP 17u

/* --- Writing --- */

/* PCP has room for IPv6 only: IPv4 goes as ::ffff:a.b.c.d (section 5). */
static void
write_address (guint8 *out, const CcbtAddress *address)
{
  memset (out, 0, 16);
  if (address->is_ipv6)
    {
      memcpy (out, address->ip, 16);
      return;
    }
  out[10] = out[11] = 0xff;
  memcpy (out + 12, address->ip, 4);
}

void
ccbt_pcp_request_write (GByteArray *out, const CcbtPcpRequest *request)
{
  static const CcbtAddress none;
  guint8 bytes[MAP_SIZE] = { CCBT_PCP_VERSION, CCBT_PCP_MAP };
  CcbtAddress external = request->external;

  /* "Any" is an address too, and says which family. */
  if (ccbt_address_same_ip (&external, &none))
    external.is_ipv6 = request->client.is_ipv6;
  ccbt_write_u32 (bytes + 4, request->lifetime);
  write_address (bytes + 8, &request->client);
  memcpy (bytes + 24, request->nonce, CCBT_PCP_NONCE_SIZE);
  bytes[36] = request->is_udp ? PROTOCOL_UDP : PROTOCOL_TCP;
  ccbt_write_u16 (bytes + 40, request->internal_port);
  ccbt_write_u16 (bytes + 42, request->external_port);
  write_address (bytes + 44, &external);
  g_byte_array_append (out, bytes, sizeof bytes);
}

void
ccbt_nat_pmp_request_write (GByteArray *out, const CcbtPcpRequest *request)
{
  guint8 bytes[12] = { CCBT_NAT_PMP_VERSION, request->is_udp ? 1 : 2 };

  ccbt_write_u16 (bytes + 4, request->internal_port);
  ccbt_write_u16 (bytes + 6, request->external_port);
  ccbt_write_u32 (bytes + 8, request->lifetime);
  g_byte_array_append (out, bytes, sizeof bytes);
}

void
ccbt_nat_pmp_write_address_request (GByteArray *out)
{
  const guint8 bytes[] = { CCBT_NAT_PMP_VERSION, 0 };

  g_byte_array_append (out, bytes, sizeof bytes);
}

/* --- Reading --- */

static gboolean
fail (CcbtError code, const char *what, guint number, GError **error)
{
  g_set_error (error, CCBT_ERROR, code, "port mapping reply: %s %u", what, number);
  return FALSE;
}

static gboolean
is_zero (const guint8 *bytes, gsize len)
{
  for (gsize i = 0; i < len; i++)
    if (bytes[i] != 0)
      return FALSE;
  return TRUE;
}

static void
read_external (CcbtSpan ip, CcbtPcpReply *out)
{
  static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };
  CcbtSpan own = ip;

  if (ip.len == 16 && memcmp (ip.data, mapped, sizeof mapped) == 0)
    own = (CcbtSpan){ ip.data + 12, 4 };
  out->has_external
      = !is_zero (own.data, own.len) && ccbt_address_from_ip_bytes (own, &out->external);
}

/* What a success must have, or it is none. */
static gboolean
check_ports (const CcbtPcpReply *reply, GError **error)
{
  if (reply->result != CCBT_PCP_SUCCESS)
    return TRUE;
  if (reply->internal_port == 0)
    return fail (CCBT_ERROR_MALFORMED, "internal port", 0, error);
  /* Only a mapping that was taken away has no port outside. */
  if (reply->external_port == 0 && reply->lifetime > 0)
    return fail (CCBT_ERROR_MALFORMED, "external port", 0, error);
  return TRUE;
}

static gboolean
parse_pcp_map (CcbtSpan datagram, CcbtPcpReply *out, GError **error)
{
  const guint8 *p = datagram.data;

  if (datagram.len < MAP_SIZE)
    return fail (CCBT_ERROR_MALFORMED, "length", (guint) datagram.len, error);
  if (p[36] != PROTOCOL_UDP && p[36] != PROTOCOL_TCP)
    return fail (CCBT_ERROR_MALFORMED, "protocol", p[36], error);
  memcpy (out->nonce, p + 24, CCBT_PCP_NONCE_SIZE);
  out->is_udp = p[36] == PROTOCOL_UDP;
  out->internal_port = ccbt_read_u16 (p + 40);
  out->external_port = ccbt_read_u16 (p + 42);
  read_external ((CcbtSpan){ p + 44, 16 }, out);
  return check_ports (out, error);
}

static gboolean
parse_pcp (CcbtSpan datagram, CcbtPcpReply *out, GError **error)
{
  const guint8 *p = datagram.data;
  guint opcode = p[1] & ~RESPONSE_BIT;

  if (datagram.len < HEAD_SIZE || datagram.len % 4 != 0)
    return fail (CCBT_ERROR_MALFORMED, "length", (guint) datagram.len, error);
  out->result = p[3];
  out->lifetime = ccbt_read_u32 (p + 4);
  out->epoch = ccbt_read_u32 (p + 8);
  if (opcode == CCBT_PCP_ANNOUNCE)
    return TRUE;
  if (opcode != CCBT_PCP_MAP)
    return fail (CCBT_ERROR_UNSUPPORTED, "opcode", opcode, error);
  out->opcode = CCBT_PCP_MAP;
  return parse_pcp_map (datagram, out, error);
}

/* Errors need no more than the head (RFC 6886 section 3.5). */
static gboolean
parse_nat_pmp (CcbtSpan datagram, CcbtPcpReply *out, GError **error)
{
  const guint8 *p = datagram.data;
  guint opcode = p[1] & ~RESPONSE_BIT;
  gsize size = opcode == 0 ? PMP_ADDRESS_SIZE : PMP_MAP_SIZE;

  if (opcode > 2)
    return fail (CCBT_ERROR_UNSUPPORTED, "opcode", opcode, error);
  if (datagram.len < PMP_HEAD_SIZE)
    return fail (CCBT_ERROR_MALFORMED, "length", (guint) datagram.len, error);
  out->result = ccbt_read_u16 (p + 2);
  out->epoch = ccbt_read_u32 (p + 4);
  out->opcode = opcode == 0 ? CCBT_PCP_ANNOUNCE : CCBT_PCP_MAP;
  out->is_udp = opcode == 1;
  if (datagram.len < size)
    return out->result != CCBT_PCP_SUCCESS
           || fail (CCBT_ERROR_MALFORMED, "length", (guint) datagram.len, error);
  if (opcode == 0)
    {
      if (out->result == CCBT_PCP_SUCCESS)
        read_external ((CcbtSpan){ p + 8, 4 }, out);
      return TRUE;
    }
  out->internal_port = ccbt_read_u16 (p + 8);
  out->external_port = ccbt_read_u16 (p + 10);
  out->lifetime = ccbt_read_u32 (p + 12);
  return check_ports (out, error);
}

gboolean
ccbt_pcp_reply_parse (CcbtSpan datagram, CcbtPcpReply *out, GError **error)
{
  memset (out, 0, sizeof *out);
  if (datagram.len < 2)
    return fail (CCBT_ERROR_MALFORMED, "length", (guint) datagram.len, error);
  if (datagram.len > CCBT_PCP_MAX_SIZE)
    return fail (CCBT_ERROR_TOO_LARGE, "length", (guint) MIN (datagram.len, G_MAXUINT16), error);
  if ((datagram.data[1] & RESPONSE_BIT) == 0)
    return fail (CCBT_ERROR_MALFORMED, "is a request, opcode", datagram.data[1], error);
  out->version = datagram.data[0];
  if (out->version == CCBT_PCP_VERSION)
    return parse_pcp (datagram, out, error);
  if (out->version == CCBT_NAT_PMP_VERSION)
    return parse_nat_pmp (datagram, out, error);
  return fail (CCBT_ERROR_UNSUPPORTED, "version", datagram.data[0], error);
}

/* --- Words --- */

const char *
ccbt_pcp_reply_describe (const CcbtPcpReply *reply)
{
  /* RFC 6887 section 7.4 and RFC 6886 section 3.5, by number. */
  static const char *const of_pcp[]
      = { "agrees",
          "does not know this version",
          "forbids it",
          "could not read the request",
          "does not know the request",
          "does not know an option",
          "could not read an option",
          "has no network itself at the moment",
          "has no room for it",
          "does not know the protocol",
          "has given this computer as many ports as it may have",
          "cannot give this port or address",
          "sees another address of this computer: there is another router between",
          "was asked for too many" };
  static const char *const of_nat_pmp[] = { "agrees",
                                            "does not know this version",
                                            "forbids it",
                                            "has no network itself at the moment",
                                            "has no room for it",
                                            "does not know the request" };

  if (reply->version == CCBT_PCP_VERSION && reply->result < G_N_ELEMENTS (of_pcp))
    return of_pcp[reply->result];
  if (reply->version == CCBT_NAT_PMP_VERSION && reply->result < G_N_ELEMENTS (of_nat_pmp))
    return of_nat_pmp[reply->result];
  return "refuses for a reason of its own";
}

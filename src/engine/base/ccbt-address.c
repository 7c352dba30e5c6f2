/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-address.h"
#include "base/ccbt-random.h"

#include <string.h>

gboolean
ccbt_address_parse_ip (const char *ip_text, guint16 port, CcbtAddress *out)
{
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (ip_text);
  g_autoptr (GSocketAddress) socket_address = NULL;

  if (inet == NULL)
    return FALSE;
  socket_address = g_inet_socket_address_new (inet, port);
  return ccbt_address_from_socket_address (socket_address, out);
}

gboolean
ccbt_address_parse (const char *text, CcbtAddress *out)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *ip = NULL;
  guint64 port;

  if (colon == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 0, 65535, &port, NULL))
    return FALSE;
  if (text[0] == '[')
    {
      if (colon - text < 3 || colon[-1] != ']')
        return FALSE;
      ip = g_strndup (text + 1, colon - text - 2);
      if (strchr (ip, ':') == NULL)
        return FALSE;
    }
  else
    {
      ip = g_strndup (text, colon - text);
      if (strchr (ip, ':') != NULL)
        return FALSE; /* IPv6 without brackets: where the port begins would be a guess */
    }
  return ccbt_address_parse_ip (ip, (guint16) port, out);
}

CcbtAddress
ccbt_address_from_compact (const guint8 *bytes, gboolean is_ipv6)
{
  CcbtAddress address = { 0 };
  gsize ip_len = is_ipv6 ? 16 : 4;

  memcpy (address.ip, bytes, ip_len);
  address.port = ccbt_read_u16 (bytes + ip_len);
  address.is_ipv6 = is_ipv6 ? 1 : 0;
  return address;
}

gboolean
ccbt_address_from_ip_bytes (CcbtSpan ip, CcbtAddress *out)
{
  static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };

  memset (out, 0, sizeof *out);
  if (ip.len == 16 && memcmp (ip.data, mapped, sizeof mapped) == 0)
    ip = (CcbtSpan){ ip.data + sizeof mapped, 4 };
  if (ip.len != 4 && ip.len != 16)
    return FALSE;
  memcpy (out->ip, ip.data, ip.len);
  out->is_ipv6 = ip.len == 16;
  return TRUE;
}

char *
ccbt_address_ip_to_string (const CcbtAddress *address)
{
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_bytes (
      address->ip, address->is_ipv6 ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4);

  return g_inet_address_to_string (inet);
}

char *
ccbt_address_to_string (const CcbtAddress *address)
{
  g_autofree char *ip = ccbt_address_ip_to_string (address);

  return g_strdup_printf (address->is_ipv6 ? "[%s]:%u" : "%s:%u", ip, address->port);
}

gboolean
ccbt_address_same_ip (const CcbtAddress *a, const CcbtAddress *b)
{
  return a->is_ipv6 == b->is_ipv6 && memcmp (a->ip, b->ip, sizeof a->ip) == 0;
}

gboolean
ccbt_address_equal (const CcbtAddress *a, const CcbtAddress *b)
{
  return a->port == b->port && ccbt_address_same_ip (a, b);
}

gboolean
ccbt_address_equal_func (gconstpointer a, gconstpointer b)
{
  return ccbt_address_equal (a, b);
}

guint
ccbt_address_hash (gconstpointer address)
{
  const CcbtAddress *self = address;
  guint8 key[18];

  memcpy (key, self->ip, 16);
  ccbt_write_u16 (key + 16, self->port);
  return ccbt_random_keyed_hash (key, sizeof key);
}

static CcbtAddressScope
get_ipv4_scope (const guint8 *ip)
{
  if (ip[0] == 127)
    return CCBT_ADDRESS_LOOPBACK;
  if (ip[0] == 0 || ip[0] >= 224)
    return CCBT_ADDRESS_UNUSABLE;
  if (ip[0] == 10 || (ip[0] == 172 && (ip[1] & 0xf0) == 16) || (ip[0] == 192 && ip[1] == 168)
      || (ip[0] == 100 && (ip[1] & 0xc0) == 64))
    return CCBT_ADDRESS_PRIVATE;
  if (ip[0] == 169 && ip[1] == 254)
    return CCBT_ADDRESS_LINK_LOCAL;
  return CCBT_ADDRESS_GLOBAL;
}

CcbtAddressScope
ccbt_address_get_scope (const CcbtAddress *address)
{
  static const guint8 zeros[16] = { 0 };
  const guint8 *ip = address->ip;

  if (!address->is_ipv6)
    return get_ipv4_scope (ip);
  if (memcmp (ip, zeros, 15) == 0)
    return ip[15] == 1 ? CCBT_ADDRESS_LOOPBACK : CCBT_ADDRESS_UNUSABLE;
  if (memcmp (ip, zeros, 10) == 0) /* mapped, compatible: nobody announces these honestly */
    return CCBT_ADDRESS_UNUSABLE;
  if (ip[0] == 0xff)
    return CCBT_ADDRESS_UNUSABLE;
  if (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80)
    return CCBT_ADDRESS_LINK_LOCAL;
  if ((ip[0] & 0xfe) == 0xfc || ip[0] == 0xfe) /* unique-local, and site-local of old */
    return CCBT_ADDRESS_PRIVATE;
  return CCBT_ADDRESS_GLOBAL;
}

gboolean
ccbt_address_from_socket_address (GSocketAddress *from, CcbtAddress *out)
{
  GInetAddress *inet;

  memset (out, 0, sizeof *out);
  if (!G_IS_INET_SOCKET_ADDRESS (from))
    return FALSE;
  inet = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (from));
  ccbt_address_from_ip_bytes (
      (CcbtSpan){ g_inet_address_to_bytes (inet), g_inet_address_get_native_size (inet) }, out);
  out->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (from));
  return TRUE;
}

GSocketAddress *
ccbt_address_to_socket_address (const CcbtAddress *address)
{
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_bytes (
      address->ip, address->is_ipv6 ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4);

  return g_inet_socket_address_new (inet, address->port);
}

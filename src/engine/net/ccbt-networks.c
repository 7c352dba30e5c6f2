/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-networks.h"
#include "base/ccbt-error.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* Linux 4.20 knows it; older headers do not say so. */
#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29
#endif

typedef union
{
  struct sockaddr any;
  struct sockaddr_in ipv4;
  struct sockaddr_in6 ipv6;
} SocketAddress;

static gboolean
from_native (const struct sockaddr *native, CcbtAddress *out)
{
  memset (out, 0, sizeof *out);
  if (native->sa_family == AF_INET)
    {
      const struct sockaddr_in *ipv4 = (const struct sockaddr_in *) (gconstpointer) native;

      memcpy (out->ip, &ipv4->sin_addr, 4);
      out->port = g_ntohs (ipv4->sin_port);
      return TRUE;
    }
  if (native->sa_family == AF_INET6)
    {
      const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *) (gconstpointer) native;

      memcpy (out->ip, &ipv6->sin6_addr, 16);
      out->port = g_ntohs (ipv6->sin6_port);
      out->is_ipv6 = 1;
      return TRUE;
    }
  return FALSE;
}

static socklen_t
to_native (const CcbtAddress *address, guint interface, SocketAddress *out)
{
  memset (out, 0, sizeof *out);
  if (!address->is_ipv6)
    {
      out->ipv4.sin_family = AF_INET;
      out->ipv4.sin_port = g_htons (address->port);
      memcpy (&out->ipv4.sin_addr, address->ip, 4);
      return sizeof out->ipv4;
    }
  out->ipv6.sin6_family = AF_INET6;
  out->ipv6.sin6_port = g_htons (address->port);
  out->ipv6.sin6_scope_id = interface;
  memcpy (&out->ipv6.sin6_addr, address->ip, 16);
  return sizeof out->ipv6;
}

/* --- Which --- */

static guint
count_prefix_bits (const struct sockaddr *mask)
{
  CcbtAddress bits;
  guint n = 0;

  if (mask == NULL || !from_native (mask, &bits))
    return 0;
  while (n < (bits.is_ipv6 ? 128u : 32u) && (bits.ip[n / 8] & 0x80 >> n % 8) != 0)
    n++;
  return n;
}

static gboolean
is_usable (const CcbtSocketFactory *sockets, const CcbtAddress *address)
{
  CcbtAddressScope scope = ccbt_address_get_scope (address);

  if (scope == CCBT_ADDRESS_LOOPBACK || scope == CCBT_ADDRESS_UNUSABLE
      || (scope == CCBT_ADDRESS_LINK_LOCAL && address->is_ipv6))
    return FALSE;
  return !sockets->is_bound || ccbt_address_same_ip (&sockets->address, address);
}

static gint
compare_interfaces (gconstpointer a, gconstpointer b)
{
  const CcbtNetwork *left = a, *right = b;

  if (left->interface != right->interface)
    return left->interface < right->interface ? -1 : 1;
  return memcmp (&left->address, &right->address, sizeof left->address);
}

GArray *
ccbt_networks_list (const CcbtSocketFactory *sockets)
{
  GArray *networks = g_array_new (FALSE, FALSE, sizeof (CcbtNetwork));
  struct ifaddrs *all = NULL;

  if (getifaddrs (&all) != 0)
    return networks;
  for (const struct ifaddrs *entry = all; entry != NULL; entry = entry->ifa_next)
    {
      CcbtNetwork network = { .interface = if_nametoindex (entry->ifa_name) };

      if ((~entry->ifa_flags & (IFF_UP | IFF_MULTICAST)) != 0 || network.interface == 0
          || entry->ifa_addr == NULL || !from_native (entry->ifa_addr, &network.address))
        continue;
      network.address.port = 0;
      network.prefix_length = count_prefix_bits (entry->ifa_netmask);
      if (is_usable (sockets, &network.address))
        g_array_append_val (networks, network);
    }
  freeifaddrs (all);
  g_array_sort (networks, compare_interfaces);
  return networks;
}

gboolean
ccbt_network_contains (const CcbtNetwork *self, const CcbtAddress *address)
{
  guint bytes = self->prefix_length / 8, bits = self->prefix_length % 8;

  if (self->address.is_ipv6 != address->is_ipv6
      || memcmp (self->address.ip, address->ip, bytes) != 0)
    return FALSE;
  return bits == 0 || (self->address.ip[bytes] ^ address->ip[bytes]) >> (8 - bits) == 0;
}

/* --- Groups --- */

static gboolean
set_option (int fd, int level, int name, gconstpointer value, gsize size)
{
  return setsockopt (fd, level, name, value, (socklen_t) size) == 0;
}

static gboolean
set_number (int fd, int level, int name, int value)
{
  return set_option (fd, level, name, &value, sizeof value);
}

static gboolean
join_ipv4 (const CcbtNetwork *self, int fd, const CcbtAddress *group)
{
  struct ip_mreqn request = { .imr_ifindex = (int) self->interface };

  memcpy (&request.imr_multiaddr, group->ip, 4);
  memcpy (&request.imr_address, self->address.ip, 4);
  return set_option (fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request)
         && set_option (fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request)
         && set_number (fd, IPPROTO_IP, IP_MULTICAST_ALL, 0)
         && set_number (fd, IPPROTO_IP, IP_MULTICAST_TTL, 1)
         && set_number (fd, IPPROTO_IP, IP_MULTICAST_LOOP, 1);
}

static gboolean
join_ipv6 (const CcbtNetwork *self, int fd, const CcbtAddress *group)
{
  struct ipv6_mreq request = { .ipv6mr_interface = self->interface };

  memcpy (&request.ipv6mr_multiaddr, group->ip, 16);
  /* Without it all that came in on other interfaces would be heard too: senders are looked at. */
  set_number (fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
  return set_option (fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request, sizeof request)
         && set_number (fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int) self->interface)
         && set_number (fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1)
         && set_number (fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1);
}

/* Bound to the group, not to any address: nothing sent to us alone comes in here. */
static gboolean
set_up (const CcbtNetwork *self, int fd, const CcbtAddress *group)
{
  SocketAddress native;
  socklen_t len = to_native (group, self->interface, &native);

  if (group->is_ipv6)
    set_number (fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  return set_number (fd, SOL_SOCKET, SO_REUSEADDR, 1) && bind (fd, &native.any, len) == 0
         && (group->is_ipv6 ? join_ipv6 (self, fd, group) : join_ipv4 (self, fd, group));
}

int
ccbt_network_open_group (const CcbtNetwork *self, const CcbtAddress *group, GError **error)
{
  int fd
      = socket (group->is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int reason;

  if (fd >= 0 && set_up (self, fd, group))
    return fd;
  reason = errno;
  if (fd >= 0)
    close (fd);
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_NETWORK, "multicast: %s", g_strerror (reason));
  return -1;
}

/* IPv6 has no option that sets the sender's address: it goes with the datagram. */
static gssize
send_from_ipv6 (const CcbtNetwork *self, int fd, SocketAddress *to, socklen_t len,
                CcbtSpan datagram)
{
  union
  {
    struct cmsghdr head;
    guint8 bytes[CMSG_SPACE (sizeof (struct in6_pktinfo))];
  } control = { 0 };
  struct in6_pktinfo from = { .ipi6_ifindex = self->interface };
  struct iovec bytes = { (gpointer) datagram.data, datagram.len };
  struct msghdr message = { .msg_name = to,
                            .msg_namelen = len,
                            .msg_iov = &bytes,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control };

  memcpy (&from.ipi6_addr, self->address.ip, 16);
  control.head.cmsg_level = IPPROTO_IPV6;
  control.head.cmsg_type = IPV6_PKTINFO;
  control.head.cmsg_len = CMSG_LEN (sizeof from);
  memcpy (CMSG_DATA (&control.head), &from, sizeof from);
  return sendmsg (fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

gboolean
ccbt_network_send (const CcbtNetwork *self, int fd, const CcbtAddress *group, CcbtSpan datagram)
{
  SocketAddress native;
  socklen_t len = to_native (group, self->interface, &native);

  if (group->is_ipv6)
    return send_from_ipv6 (self, fd, &native, len, datagram) == (gssize) datagram.len;
  return sendto (fd, datagram.data, datagram.len, MSG_DONTWAIT | MSG_NOSIGNAL, &native.any, len)
         == (gssize) datagram.len;
}

gssize
ccbt_network_receive (int fd, guint8 *buffer, gsize size, CcbtAddress *from)
{
  SocketAddress native;
  socklen_t len = sizeof native;
  gssize n;

  do
    n = recvfrom (fd, buffer, size, MSG_DONTWAIT, &native.any, &len);
  while (n < 0 && errno == EINTR);
  if (n >= 0 && !from_native (&native.any, from))
    memset (from, 0, sizeof *from);
  return n;
}

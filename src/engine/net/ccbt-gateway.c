/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-gateway.h"
#include "base/ccbt-error.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* Somewhere far away; nothing is sent there. */
#define WORLD_IPV4 "192.0.43.8"
#define WORLD_IPV6 "2001:500:88:200::8"

typedef struct
{
  struct nlmsghdr head;
  struct rtmsg route;
  guint8 attributes[128];
} RouteRequest;

/* --- Asking --- */

static void
add_attribute (RouteRequest *request, guint16 type, gconstpointer value, gsize size)
{
  struct rtattr *attribute
      = (gpointer) ((guint8 *) request + NLMSG_ALIGN (request->head.nlmsg_len));

  attribute->rta_type = type;
  attribute->rta_len = (guint16) RTA_LENGTH (size);
  memcpy (RTA_DATA (attribute), value, size);
  request->head.nlmsg_len = (guint32) (NLMSG_ALIGN (request->head.nlmsg_len) + RTA_SPACE (size));
}

static gsize
ip_size (const CcbtAddress *address)
{
  return address->is_ipv6 ? 16 : 4;
}

static void
fill_request (RouteRequest *request, const CcbtAddress *to, const CcbtAddress *bind,
              guint interface)
{
  *request = (RouteRequest){ .head = { .nlmsg_len = NLMSG_LENGTH (sizeof request->route),
                                       .nlmsg_type = RTM_GETROUTE,
                                       .nlmsg_flags = NLM_F_REQUEST },
                             .route = { .rtm_family = to->is_ipv6 ? AF_INET6 : AF_INET,
                                        .rtm_dst_len = (guint8) (ip_size (to) * 8) } };
  add_attribute (request, RTA_DST, to->ip, ip_size (to));
  if (bind != NULL)
    {
      request->route.rtm_src_len = (guint8) (ip_size (bind) * 8);
      add_attribute (request, RTA_SRC, bind->ip, ip_size (bind));
    }
  if (interface != 0)
    add_attribute (request, RTA_OIF, &interface, sizeof interface);
}

/* The kernel works on a request while it is being sent, so the answer is there already.
 * Returns: its length; -1 with errno */
static gssize
exchange (const RouteRequest *request, guint8 *reply, gsize size)
{
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  gssize n = -1;
  int reason;

  if (fd < 0)
    return -1;
  if (send (fd, request, request->head.nlmsg_len, 0) >= 0)
    n = recv (fd, reply, size, MSG_DONTWAIT);
  reason = errno;
  close (fd);
  errno = reason;
  return n;
}

/* --- Reading --- */

static void
read_attributes (const struct nlmsghdr *head, gboolean is_ipv6, CcbtGateway *out)
{
  struct rtmsg *route = NLMSG_DATA (head);
  int left = (int) RTM_PAYLOAD (head);
  gsize size = is_ipv6 ? 16 : 4;

  for (struct rtattr *entry = RTM_RTA (route); RTA_OK (entry, left); entry = RTA_NEXT (entry, left))
    {
      CcbtSpan value = { RTA_DATA (entry), RTA_PAYLOAD (entry) };

      if (entry->rta_type == RTA_GATEWAY && value.len == size)
        ccbt_address_from_ip_bytes (value, &out->address);
      else if ((entry->rta_type == RTA_PREFSRC || entry->rta_type == RTA_SRC) && value.len == size)
        ccbt_address_from_ip_bytes (value, &out->source);
      else if (entry->rta_type == RTA_OIF && value.len == sizeof out->interface)
        memcpy (&out->interface, value.data, sizeof out->interface);
    }
}

/* Returns: FALSE with errno set when the kernel knows no way */
static gboolean
look_up (const CcbtAddress *to, const CcbtAddress *bind, guint interface, CcbtGateway *out)
{
  union
  {
    struct nlmsghdr head;
    guint8 bytes[4096];
  } reply;
  RouteRequest request;
  gssize n;

  fill_request (&request, to, bind, interface);
  n = exchange (&request, reply.bytes, sizeof reply.bytes);
  if (n < 0)
    return FALSE;
  errno = ENETUNREACH;
  if (!NLMSG_OK (&reply.head, (gsize) n) || reply.head.nlmsg_type != RTM_NEWROUTE)
    return FALSE;
  read_attributes (&reply.head, to->is_ipv6, out);
  return TRUE;
}

static gboolean
is_address_of (const struct ifaddrs *entry, const CcbtAddress *address)
{
  if (entry->ifa_addr == NULL)
    return FALSE;
  if (!address->is_ipv6 && entry->ifa_addr->sa_family == AF_INET)
    return memcmp (&((const struct sockaddr_in *) (gconstpointer) entry->ifa_addr)->sin_addr,
                   address->ip, 4)
           == 0;
  return address->is_ipv6 && entry->ifa_addr->sa_family == AF_INET6
         && memcmp (&((const struct sockaddr_in6 *) (gconstpointer) entry->ifa_addr)->sin6_addr,
                    address->ip, 16)
                == 0;
}

/* Returns: 0 = no interface has it */
static guint
find_interface (const CcbtAddress *address)
{
  struct ifaddrs *all = NULL;
  guint interface = 0;

  if (getifaddrs (&all) != 0)
    return 0;
  for (const struct ifaddrs *entry = all; entry != NULL && interface == 0; entry = entry->ifa_next)
    if (is_address_of (entry, address))
      interface = if_nametoindex (entry->ifa_name);
  freeifaddrs (all);
  return interface;
}

/* --- Public --- */

static gboolean
fail (const char *sentence, const char *detail, GError **error)
{
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_NETWORK, sentence, detail);
  return FALSE;
}

gboolean
ccbt_gateway_find (gboolean is_ipv6, const CcbtAddress *bind, const CcbtAddress *known,
                   CcbtGateway *out, GError **error)
{
  const char *family = is_ipv6 ? "IPv6" : "IPv4";
  CcbtAddress to;
  guint interface = 0;

  memset (out, 0, sizeof *out);
  if ((bind != NULL && (bind->is_ipv6 != 0) != is_ipv6)
      || (known != NULL && (known->is_ipv6 != 0) != is_ipv6))
    return fail ("%s is not used.", family, error);
  if (bind != NULL && (interface = find_interface (bind)) == 0)
    return fail ("This computer has not the %s address it is to send from.", family, error);
  if (known != NULL)
    to = *known;
  else
    ccbt_address_parse_ip (is_ipv6 ? WORLD_IPV6 : WORLD_IPV4, 0, &to);
  if (!look_up (&to, bind, interface, out))
    return fail ("There is no way into the network by %s.", family, error);
  if (known != NULL)
    out->address = *known;
  if (bind != NULL)
    out->source = *bind;
  out->address.port = out->source.port = 0;
  if (out->address.is_ipv6 != (is_ipv6 ? 1 : 0) || out->source.is_ipv6 != out->address.is_ipv6
      || ccbt_address_get_scope (&out->address) == CCBT_ADDRESS_UNUSABLE
      || ccbt_address_get_scope (&out->source) == CCBT_ADDRESS_UNUSABLE)
    return fail ("No router stands on the way into the network by %s; if there is one, name its "
                 "address in the setting nat.gateway.",
                 family, error);
  return TRUE;
}

GSocketAddress *
ccbt_gateway_make_address (const CcbtGateway *self, const CcbtAddress *address)
{
  g_autoptr (GInetAddress) inet = NULL;

  if (!address->is_ipv6 || ccbt_address_get_scope (address) != CCBT_ADDRESS_LINK_LOCAL)
    return ccbt_address_to_socket_address (address);
  inet = g_inet_address_new_from_bytes (address->ip, G_SOCKET_FAMILY_IPV6);
  return g_object_new (G_TYPE_INET_SOCKET_ADDRESS, "address", inet, "port", (guint) address->port,
                       "scope-id", self->interface, NULL);
}

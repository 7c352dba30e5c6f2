/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two of them, and strangers, on one network: the loopback interface of a network namespace of our
 * own, made to carry multicast. Skipped where no namespace can be made. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* unshare */
#endif
#include "discovery/ccbt-lsd.h"
#include "net/ccbt-networks.h"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const CcbtSha1 info_hash = { "aaaaaaaaaaaaaaaaaaaa" };
static const CcbtSha1 other_hash = { "bbbbbbbbbbbbbbbbbbbb" };

typedef struct
{
  CcbtLsd *lsd;
  guint n_found;
  CcbtSha1 found;
  CcbtAddress peer;
} End;

typedef struct
{
  GMainContext *context;
  CcbtReactor *reactor;
  CcbtFakeClock clock;
  CcbtSocketFactory sockets;
  End ends[2];
} Fixture;

static void
found_cb (gpointer owner, const CcbtSha1 *found, const CcbtAddress *peer)
{
  End *end = owner;

  end->n_found++;
  end->found = *found;
  end->peer = *peer;
}

static const CcbtLsdOwner owner_class = { .found = found_cb };

static void
set_up (Fixture *self, gconstpointer data)
{
  self->context = g_main_context_new ();
  self->reactor = ccbt_reactor_new (self->context);
  ccbt_fake_clock_init (&self->clock, CCBT_SECOND);
  for (guint i = 0; i < 2; i++)
    self->ends[i].lsd = ccbt_lsd_new (self->reactor, &self->sockets, &self->clock.parent,
                                      (guint16) (7001 + i), &owner_class, &self->ends[i], NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    ccbt_lsd_free (self->ends[i].lsd);
  ccbt_reactor_free (self->reactor);
  g_main_context_unref (self->context);
}

/* One second goes by, and all that is under way arrives. */
static void
turn (Fixture *self)
{
  for (guint i = 0; i < 2; i++)
    ccbt_lsd_tick (self->ends[i].lsd);
  for (guint i = 0; i < 20; i++)
    {
      while (g_main_context_iteration (self->context, FALSE))
        ;
      g_usleep (500);
    }
  ccbt_fake_clock_advance (&self->clock, CCBT_SECOND);
}

static void
test_two_on_one_machine_find_each_other (Fixture *self, gconstpointer data)
{
  g_autofree char *peer = NULL;

  g_assert_cmpuint (ccbt_lsd_get_n_groups (self->ends[0].lsd), ==, 1);
  ccbt_lsd_add (self->ends[0].lsd, &info_hash);
  ccbt_lsd_add (self->ends[1].lsd, &info_hash);
  turn (self);
  for (guint i = 0; i < 2; i++) /* the other one, and not itself */
    {
      g_assert_cmpuint (self->ends[i].n_found, ==, 1);
      g_assert_cmpmem (&self->ends[i].found, 20, &info_hash, 20);
    }
  peer = ccbt_address_to_string (&self->ends[0].peer);
  g_assert_cmpstr (peer, ==, "203.0.113.1:7002");
  turn (self);
  g_assert_cmpuint (self->ends[0].n_found, ==, 1);
}

static void
test_torrents_we_do_not_have_are_not_told (Fixture *self, gconstpointer data)
{
  ccbt_lsd_add (self->ends[0].lsd, &info_hash);
  ccbt_lsd_add (self->ends[1].lsd, &other_hash);
  turn (self);
  g_assert_cmpuint (self->ends[0].n_found + self->ends[1].n_found, ==, 0);
  ccbt_lsd_remove (self->ends[1].lsd, &other_hash);
  turn (self);
  g_assert_cmpuint (self->ends[0].n_found + self->ends[1].n_found, ==, 0);
}

static void
test_without_a_port_nothing_is_said (Fixture *self, gconstpointer data)
{
  ccbt_lsd_set_port (self->ends[1].lsd, 0);
  ccbt_lsd_add (self->ends[0].lsd, &info_hash);
  ccbt_lsd_add (self->ends[1].lsd, &info_hash);
  turn (self);
  g_assert_cmpuint (self->ends[0].n_found, ==, 0);
  g_assert_cmpuint (self->ends[1].n_found, ==, 1);
  ccbt_lsd_set_port (self->ends[1].lsd, 7003);
  turn (self);
  g_assert_cmpuint (self->ends[0].n_found, ==, 1);
  g_assert_cmpuint (self->ends[0].peer.port, ==, 7003);
}

/* Says @text to the group from @ip, as any program could. */
static void
say (const char *ip, const char *text)
{
  int fd = socket (AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = g_htons (6771) };
  struct sockaddr_in from = { .sin_family = AF_INET };
  struct ip_mreqn interface = { .imr_ifindex = (int) if_nametoindex ("lo") };
  CcbtAddress group, source;

  g_assert_true (ccbt_address_parse_ip ("239.192.152.143", 0, &group));
  g_assert_true (ccbt_address_parse_ip (ip, 0, &source));
  memcpy (&to.sin_addr, group.ip, 4);
  memcpy (&from.sin_addr, source.ip, 4);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &from, sizeof from), ==, 0);
  setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface);
  g_assert_cmpint (sendto (fd, text, strlen (text), 0, (struct sockaddr *) &to, sizeof to), ==,
                   (gssize) strlen (text));
  close (fd);
}

#define ANNOUNCE                                                                                   \
  "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\n"                           \
  "Infohash: 6161616161616161616161616161616161616161\r\n\r\n\r\n"

static void
test_only_neighbours_are_heard (Fixture *self, gconstpointer data)
{
  ccbt_lsd_set_port (self->ends[0].lsd, 0);
  ccbt_lsd_add (self->ends[0].lsd, &info_hash);
  say ("127.0.0.1", ANNOUNCE);
  turn (self);
  g_assert_cmpuint (self->ends[0].n_found, ==, 0);
  say ("203.0.113.1", "BT-SEARCH");
  say ("203.0.113.1", ANNOUNCE);
  turn (self);
  g_assert_cmpuint (self->ends[0].n_found, ==, 1);
}

static void
test_a_flood_is_cut_off (Fixture *self, gconstpointer data)
{
  ccbt_lsd_set_port (self->ends[0].lsd, 0);
  ccbt_lsd_add (self->ends[0].lsd, &info_hash);
  for (guint i = 0; i < 40; i++)
    {
      for (guint j = 0; j < 10; j++)
        say ("203.0.113.1", ANNOUNCE);
      while (g_main_context_iteration (self->context, FALSE))
        ;
    }
  g_assert_cmpuint (self->ends[0].n_found, ==, 200);
  turn (self);
  say ("203.0.113.1", ANNOUNCE);
  turn (self);
  g_assert_cmpuint (self->ends[0].n_found, ==, 201);
}

static void
test_binding_elsewhere_keeps_it_silent (Fixture *self, gconstpointer data)
{
  g_assert_true (ccbt_address_parse_ip ("127.0.0.1", 0, &self->sockets.address));
  self->sockets.is_bound = TRUE;
  for (guint i = 0; i < 2; i++)
    {
      ccbt_lsd_note_network_changed (self->ends[i].lsd);
      ccbt_lsd_add (self->ends[i].lsd, &info_hash);
      g_assert_cmpuint (ccbt_lsd_get_n_groups (self->ends[i].lsd), ==, 0);
    }
  turn (self);
  g_assert_cmpuint (self->ends[0].n_found + self->ends[1].n_found, ==, 0);
  self->sockets.is_bound = FALSE;
  ccbt_lsd_note_network_changed (self->ends[0].lsd);
  g_assert_cmpuint (ccbt_lsd_get_n_groups (self->ends[0].lsd), ==, 1);
}

static void
test_networks_hold_their_addresses (void)
{
  CcbtNetwork network = { .prefix_length = 20 };
  CcbtAddress address;

  g_assert_true (ccbt_address_parse_ip ("192.0.16.1", 0, &network.address));
  g_assert_true (ccbt_address_parse_ip ("192.0.31.255", 0, &address));
  g_assert_true (ccbt_network_contains (&network, &address));
  g_assert_true (ccbt_address_parse_ip ("192.0.32.0", 0, &address));
  g_assert_false (ccbt_network_contains (&network, &address));
  g_assert_true (ccbt_address_parse_ip ("2001:db8::1", 0, &address));
  g_assert_false (ccbt_network_contains (&network, &address));
}

static void
write_file (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY);

  if (fd < 0 || write (fd, text, strlen (text)) < 0)
    g_test_message ("%s: not written", path);
  if (fd >= 0)
    close (fd);
}

/* A namespace whose lo has 203.0.113.1/24 and carries multicast. */
static gboolean
make_network (void)
{
  g_autofree char *users = g_strdup_printf ("0 %u 1", getuid ());
  struct ifreq request = { .ifr_name = "lo" };
  struct sockaddr_in *address = (struct sockaddr_in *) (gpointer) &request.ifr_addr;
  CcbtAddress ours;
  int fd;
  gboolean done;

  if (unshare (CLONE_NEWNET) != 0)
    {
      if (unshare (CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return FALSE;
      write_file ("/proc/self/uid_map", users);
    }
  fd = socket (AF_INET, SOCK_DGRAM, 0);
  g_assert_true (ccbt_address_parse_ip ("203.0.113.1", 0, &ours));
  request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_MULTICAST;
  done = ioctl (fd, SIOCSIFFLAGS, &request) == 0;
  g_strlcpy (request.ifr_name, "lo:1", IFNAMSIZ);
  memset (address, 0, sizeof *address);
  address->sin_family = AF_INET;
  memcpy (&address->sin_addr, ours.ip, 4);
  done = done && ioctl (fd, SIOCSIFADDR, &request) == 0;
  address->sin_addr.s_addr = g_htonl (0xffffff00);
  done = done && ioctl (fd, SIOCSIFNETMASK, &request) == 0;
  close (fd);
  return done;
}

#define ADD(name, test) g_test_add ("/lsd/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lsd/networks", test_networks_hold_their_addresses);
  if (make_network ())
    {
      ADD ("meeting", test_two_on_one_machine_find_each_other);
      ADD ("foreign", test_torrents_we_do_not_have_are_not_told);
      ADD ("port", test_without_a_port_nothing_is_said);
      ADD ("neighbours", test_only_neighbours_are_heard);
      ADD ("flood", test_a_flood_is_cut_off);
      ADD ("bound", test_binding_elsewhere_keeps_it_silent);
    }
  return g_test_run ();
}

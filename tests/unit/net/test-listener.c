/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-error.h"
#include "net/ccbt-listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  CcbtReactor *reactor;
  CcbtListener *listener;
  CcbtSocketFactory factory;
  GPtrArray *accepted; /* GSocket */
  GArray *from;        /* CcbtAddress */
  GArray *clients;     /* int */
  struct rlimit limit;
} Fixture;

static void
accepted_cb (gpointer owner, GSocket *socket, const CcbtAddress *from)
{
  Fixture *fixture = owner;

  g_ptr_array_add (fixture->accepted, socket);
  g_array_append_val (fixture->from, *from);
}

static void
set_up (Fixture *fixture, gconstpointer bind_to)
{
  g_autoptr (GError) error = NULL;

  if (bind_to != NULL)
    fixture->factory.is_bound = ccbt_address_parse_ip (bind_to, 0, &fixture->factory.address);
  fixture->reactor = ccbt_reactor_new (NULL);
  fixture->accepted = g_ptr_array_new_with_free_func (g_object_unref);
  fixture->from = g_array_new (FALSE, FALSE, sizeof (CcbtAddress));
  fixture->clients = g_array_new (FALSE, FALSE, sizeof (int));
  getrlimit (RLIMIT_NOFILE, &fixture->limit);
  fixture->listener
      = ccbt_listener_new (fixture->reactor, &fixture->factory, 0, accepted_cb, fixture, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  setrlimit (RLIMIT_NOFILE, &fixture->limit);
  for (guint i = 0; i < fixture->clients->len; i++)
    close (g_array_index (fixture->clients, int, i));
  g_array_unref (fixture->clients);
  g_array_unref (fixture->from);
  g_ptr_array_unref (fixture->accepted);
  g_clear_pointer (&fixture->listener, ccbt_listener_free);
  ccbt_reactor_free (fixture->reactor);
}

/* Begins to connect to the listener at @ip. Returns: FALSE when it was refused at once */
static gboolean
dial (Fixture *fixture, const char *ip)
{
  g_autoptr (GSocketAddress) to
      = g_inet_socket_address_new_from_string (ip, ccbt_listener_get_port (fixture->listener));
  struct sockaddr_storage native;
  gsize size = (gsize) g_socket_address_get_native_size (to);
  int fd;

  g_assert_true (g_socket_address_to_native (to, &native, sizeof native, NULL));
  fd = socket (native.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (fd, >=, 0);
  g_array_append_val (fixture->clients, fd);
  return connect (fd, (struct sockaddr *) &native, (socklen_t) size) == 0;
}

static gboolean
time_over_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Until @n were accepted; for a while at most. */
static void
wait_for (Fixture *fixture, guint n, guint milliseconds)
{
  gboolean is_over = FALSE;
  guint timer = g_timeout_add (milliseconds, time_over_cb, &is_over);

  while (!is_over && fixture->accepted->len < n)
    g_main_context_iteration (NULL, TRUE);
  if (!is_over)
    g_source_remove (timer);
}

static gboolean
has_ipv6 (void)
{
  int fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  gboolean works = fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) == 0;

  if (fd >= 0)
    close (fd);
  return works;
}

/* --- Who is let in --- */

static void
test_both_families_on_one_port (Fixture *fixture, gconstpointer unused)
{
  CcbtAddress *from;

  if (!has_ipv6 ())
    {
      g_test_skip ("no IPv6 here");
      return;
    }
  g_assert_true (dial (fixture, "127.0.0.1"));
  wait_for (fixture, 1, 5000);
  g_assert_true (dial (fixture, "::1"));
  wait_for (fixture, 2, 5000);
  g_assert_cmpuint (fixture->accepted->len, ==, 2);
  from = (CcbtAddress *) (gpointer) fixture->from->data;
  g_assert_cmpint (from[0].is_ipv6, ==, 0);
  g_assert_cmpint (from[1].is_ipv6, ==, 1);
  g_assert_cmpint (ccbt_address_get_scope (&from[0]), ==, CCBT_ADDRESS_LOOPBACK);
  g_assert_cmpint (ccbt_address_get_scope (&from[1]), ==, CCBT_ADDRESS_LOOPBACK);
  g_assert_cmpuint (from[0].port, !=, 0);
}

static void
test_accepted_sockets_do_not_block (Fixture *fixture, gconstpointer unused)
{
  GSocket *socket;
  int fd;

  g_assert_true (dial (fixture, "127.0.0.1"));
  wait_for (fixture, 1, 5000);
  g_assert_cmpuint (fixture->accepted->len, ==, 1);
  socket = g_ptr_array_index (fixture->accepted, 0);
  fd = g_socket_get_fd (socket);
  g_assert_true (g_socket_is_connected (socket));
  g_assert_cmpint (fcntl (fd, F_GETFL) & O_NONBLOCK, !=, 0);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, !=, 0);
}

static void
test_more_than_one_turn_takes (Fixture *fixture, gconstpointer unused)
{
  for (guint i = 0; i < 100; i++)
    g_assert_true (dial (fixture, "127.0.0.1"));
  wait_for (fixture, 100, 5000);
  g_assert_cmpuint (fixture->accepted->len, ==, 100);
}

/* They came and went before we looked. */
static void
test_those_who_left_do_no_harm (Fixture *fixture, gconstpointer unused)
{
  const struct linger reset = { .l_onoff = 1 };

  for (guint i = 0; i < 20; i++)
    {
      int fd;

      g_assert_true (dial (fixture, "127.0.0.1"));
      fd = g_array_index (fixture->clients, int, i);
      setsockopt (fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
      close (fd);
    }
  g_array_set_size (fixture->clients, 0);
  wait_for (fixture, 1000, 100);
  g_ptr_array_set_size (fixture->accepted, 0);
  g_assert_true (dial (fixture, "127.0.0.1"));
  wait_for (fixture, 1, 3000);
  g_assert_cmpuint (fixture->accepted->len, ==, 1);
}

/* --- Binding --- */

static void
test_bound_listens_at_one_address (Fixture *fixture, gconstpointer unused)
{
  g_assert_true (dial (fixture, "127.0.0.5"));
  g_assert_false (dial (fixture, "127.0.0.1"));
  if (has_ipv6 ())
    g_assert_false (dial (fixture, "::1"));
  wait_for (fixture, 1, 5000);
  g_assert_cmpuint (fixture->accepted->len, ==, 1);
}

static void
test_taken_port_is_an_error (Fixture *fixture, gconstpointer unused)
{
  guint16 port = ccbt_listener_get_port (fixture->listener);
  g_autofree char *number = g_strdup_printf ("%u", port);
  g_autoptr (GError) error = NULL;

  g_assert_null (
      ccbt_listener_new (fixture->reactor, &fixture->factory, port, accepted_cb, fixture, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_NETWORK);
  g_assert_nonnull (strstr (error->message, number));
}

static void
test_port_can_be_taken_again (Fixture *fixture, gconstpointer unused)
{
  guint16 port = ccbt_listener_get_port (fixture->listener);
  g_autoptr (GError) error = NULL;

  g_assert_true (dial (fixture, "127.0.0.1")); /* whose end keeps the port half in use */
  wait_for (fixture, 1, 5000);
  g_ptr_array_set_size (fixture->accepted, 0);
  ccbt_listener_free (fixture->listener);
  fixture->listener
      = ccbt_listener_new (fixture->reactor, &fixture->factory, port, accepted_cb, fixture, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ccbt_listener_get_port (fixture->listener), ==, port);
  g_assert_true (dial (fixture, "127.0.0.1"));
  wait_for (fixture, 1, 5000);
  g_assert_cmpuint (fixture->accepted->len, ==, 1);
}

static void
test_foreign_address_is_an_error (Fixture *fixture, gconstpointer unused)
{
  CcbtSocketFactory factory = { .is_bound = TRUE };
  g_autoptr (GError) error = NULL;

  g_assert_true (ccbt_address_parse_ip ("203.0.113.7", 0, &factory.address));
  g_assert_null (ccbt_listener_new (fixture->reactor, &factory, 0, accepted_cb, fixture, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_NETWORK);
}

/* --- Connecting out --- */

static void
test_connects_from_the_bound_address (Fixture *fixture, gconstpointer unused)
{
  CcbtAddress to;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = NULL;

  g_assert_true (
      ccbt_address_parse_ip ("127.0.0.5", ccbt_listener_get_port (fixture->listener), &to));
  socket = ccbt_socket_factory_connect (&fixture->factory, &to, &error);
  g_assert_no_error (error);
  g_assert_false (g_socket_get_blocking (socket));
  wait_for (fixture, 1, 5000);
  g_assert_cmpuint (fixture->accepted->len, ==, 1);
  g_assert_true (ccbt_address_same_ip (&g_array_index (fixture->from, CcbtAddress, 0),
                                       &fixture->factory.address));
}

static void
test_bound_knows_one_family (Fixture *fixture, gconstpointer unused)
{
  CcbtAddress to;
  g_autoptr (GError) error = NULL;

  g_assert_true (ccbt_socket_factory_has_family (&fixture->factory, FALSE));
  g_assert_false (ccbt_socket_factory_has_family (&fixture->factory, TRUE));
  g_assert_true (ccbt_address_parse_ip ("::1", 1, &to));
  g_assert_null (ccbt_socket_factory_connect (&fixture->factory, &to, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_NETWORK);
}

/* --- No descriptors left --- */

static void
set_limit (rlim_t n)
{
  struct rlimit limit;

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = n;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
}

static rlim_t
get_next_fd (void)
{
  int fd = dup (0);

  g_assert_cmpint (fd, >=, 0);
  close (fd);
  return (rlim_t) fd;
}

static double
get_cpu_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
         + (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void
test_rests_without_descriptors (Fixture *fixture, gconstpointer unused)
{
  double cpu;

  for (guint i = 0; i < 5; i++)
    g_assert_true (dial (fixture, "127.0.0.1"));
  set_limit (get_next_fd () + 2);
  cpu = get_cpu_seconds ();
  wait_for (fixture, 5, 1500);
  g_assert_cmpuint (fixture->accepted->len, ==, 2);
  g_assert_cmpfloat (get_cpu_seconds () - cpu, <, 0.5); /* spinning takes all of 1.5 s */
  set_limit (fixture->limit.rlim_cur);
  wait_for (fixture, 5, 3000);
  g_assert_cmpuint (fixture->accepted->len, ==, 5);
}

static void
test_may_go_while_resting (Fixture *fixture, gconstpointer unused)
{
  g_assert_true (dial (fixture, "127.0.0.1"));
  set_limit (get_next_fd ());
  wait_for (fixture, 1, 200);
  g_assert_cmpuint (fixture->accepted->len, ==, 0);
  g_clear_pointer (&fixture->listener, ccbt_listener_free);
  set_limit (fixture->limit.rlim_cur);
  wait_for (fixture, 1, 1500); /* the rest would have ended here */
  g_assert_cmpuint (fixture->accepted->len, ==, 0);
}

static void
test_connecting_without_descriptors_is_an_error (Fixture *fixture, gconstpointer unused)
{
  CcbtAddress to;
  g_autoptr (GError) error = NULL;

  g_assert_true (ccbt_address_parse_ip ("127.0.0.1", 1, &to));
  set_limit (get_next_fd ());
  g_assert_null (ccbt_socket_factory_connect (&fixture->factory, &to, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_NETWORK);
}

#define ADD(name, bind_to, function)                                                               \
  g_test_add ("/listener/" name, Fixture, bind_to, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("both-families-on-one-port", NULL, test_both_families_on_one_port);
  ADD ("accepted-do-not-block", NULL, test_accepted_sockets_do_not_block);
  ADD ("more-than-one-turn-takes", NULL, test_more_than_one_turn_takes);
  ADD ("those-who-left-do-no-harm", NULL, test_those_who_left_do_no_harm);
  ADD ("bound-listens-at-one-address", "127.0.0.5", test_bound_listens_at_one_address);
  ADD ("taken-port-is-an-error", NULL, test_taken_port_is_an_error);
  ADD ("port-can-be-taken-again", NULL, test_port_can_be_taken_again);
  ADD ("foreign-address-is-an-error", NULL, test_foreign_address_is_an_error);
  ADD ("connects-from-the-bound-address", "127.0.0.5", test_connects_from_the_bound_address);
  ADD ("bound-knows-one-family", "127.0.0.5", test_bound_knows_one_family);
  ADD ("rests-without-descriptors", NULL, test_rests_without_descriptors);
  ADD ("may-go-while-resting", NULL, test_may_go_while_resting);
  ADD ("connecting-without-descriptors", NULL, test_connecting_without_descriptors_is_an_error);
  return g_test_run ();
}

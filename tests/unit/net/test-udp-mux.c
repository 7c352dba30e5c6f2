/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-udp-mux.h"
#include "base/ccbt-error.h"

typedef struct
{
  CcbtReactor *reactor;
  CcbtUdpMux *mux;
  GSocket *stranger;
  CcbtAddress stranger_address;
  CcbtAddress mux_address;
} Fixture;

typedef struct
{
  char first; /* takes what begins with it; 0 = everything */
  GString *taken;
  CcbtAddress from;
} Taker;

static gboolean
take_cb (gpointer data, const CcbtAddress *from, CcbtSpan datagram)
{
  Taker *taker = data;

  if (taker->first != 0 && (datagram.len == 0 || datagram.data[0] != (guint8) taker->first))
    return FALSE;
  taker->from = *from;
  g_string_append_len (taker->taken, (const char *) datagram.data, (gssize) datagram.len);
  g_string_append_c (taker->taken, ';');
  return TRUE;
}

static GSocket *
open_stranger (const char *ip, CcbtAddress *address)
{
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string (ip, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  GSocket *socket = g_socket_new (g_socket_address_get_family (any), G_SOCKET_TYPE_DATAGRAM,
                                  G_SOCKET_PROTOCOL_UDP, NULL);

  g_assert_nonnull (socket);
  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  bound = g_socket_get_local_address (socket, NULL);
  g_assert_true (ccbt_address_from_socket_address (bound, address));
  return socket;
}

static void
set_up (Fixture *fixture, gconstpointer ip)
{
  CcbtSocketFactory any = { .is_bound = FALSE };
  g_autoptr (GError) error = NULL;

  fixture->reactor = ccbt_reactor_new (NULL);
  fixture->mux = ccbt_udp_mux_new (fixture->reactor, &any, 0, &error);
  g_assert_no_error (error);
  g_assert_true (
      ccbt_address_parse_ip (ip, ccbt_udp_mux_get_port (fixture->mux), &fixture->mux_address));
  fixture->stranger = open_stranger (ip, &fixture->stranger_address);
}

static void
tear_down (Fixture *fixture, gconstpointer ip)
{
  ccbt_udp_mux_free (fixture->mux);
  ccbt_reactor_free (fixture->reactor);
  g_object_unref (fixture->stranger);
}

static void
send_to_mux (Fixture *fixture, const char *text, gsize len)
{
  g_autoptr (GSocketAddress) to = ccbt_address_to_socket_address (&fixture->mux_address);

  g_assert_cmpint (g_socket_send_to (fixture->stranger, to, text, len, NULL, NULL), ==, len);
}

static void
turn_until (Taker *taker, const char *expected)
{
  gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;

  while (taker->taken->len < strlen (expected) && g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_assert_cmpstr (taker->taken->str, ==, expected);
}

/* The first that knows a datagram has it, and an answer goes back to where it came from. */
static void
test_takers (Fixture *fixture, gconstpointer ip)
{
  Taker nodes = { 'd', g_string_new (NULL), { { 0 } } };
  Taker rest = { 0, g_string_new (NULL), { { 0 } } };
  char reply[16];

  ccbt_udp_mux_add_taker (fixture->mux, take_cb, &nodes);
  ccbt_udp_mux_add_taker (fixture->mux, take_cb, &rest);
  send_to_mux (fixture, "d1:", 3);
  send_to_mux (fixture, "x", 1);
  send_to_mux (fixture, "d2:", 3);
  turn_until (&nodes, "d1:;d2:;");
  turn_until (&rest, "x;");
  g_assert_true (ccbt_address_equal (&nodes.from, &fixture->stranger_address));
  g_assert_true (ccbt_udp_mux_send (fixture->mux, &nodes.from, CCBT_SPAN_LITERAL ("hello")));
  g_assert_cmpint (g_socket_receive (fixture->stranger, reply, sizeof reply, NULL, NULL), ==, 5);

  ccbt_udp_mux_remove_taker (fixture->mux, &nodes);
  send_to_mux (fixture, "d3:", 3);
  turn_until (&rest, "x;d3:;");
  g_string_free (nodes.taken, TRUE);
  g_string_free (rest.taken, TRUE);
}

/* Longer than anything we speak: not handed out, cut or whole; what follows is. */
static void
test_oversized (Fixture *fixture, gconstpointer ip)
{
  Taker taker = { 0, g_string_new (NULL), { { 0 } } };
  g_autofree char *large = g_strnfill (9000, 'x');

  ccbt_udp_mux_add_taker (fixture->mux, take_cb, &taker);
  send_to_mux (fixture, large, 9000);
  send_to_mux (fixture, "", 0);
  send_to_mux (fixture, "after", 5);
  turn_until (&taker, ";after;");
  g_string_free (taker.taken, TRUE);
}

/* A flood is worked off in several turns of the loop. */
static void
test_flood (Fixture *fixture, gconstpointer ip)
{
  Taker taker = { 0, g_string_new (NULL), { { 0 } } };

  ccbt_udp_mux_add_taker (fixture->mux, take_cb, &taker);
  for (guint i = 0; i < 300; i++)
    send_to_mux (fixture, "a", 1);
  while (taker.taken->len == 0)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (taker.taken->len, <, 2 * 300);
  while (taker.taken->len < 2 * 300)
    g_main_context_iteration (NULL, FALSE);
  g_string_free (taker.taken, TRUE);
}

/* ICMP says of the first that nobody is there; the next goes out all the same. */
static void
test_dead_receiver (Fixture *fixture, gconstpointer ip)
{
  Taker taker = { 0, g_string_new (NULL), { { 0 } } };
  CcbtAddress dead;
  GSocket *gone = open_stranger (ip, &dead);
  char reply[16];

  g_object_unref (gone);
  ccbt_udp_mux_add_taker (fixture->mux, take_cb, &taker);
  g_assert_true (ccbt_udp_mux_send (fixture->mux, &dead, CCBT_SPAN_LITERAL ("anybody?")));
  g_usleep (20000);
  g_assert_true (
      ccbt_udp_mux_send (fixture->mux, &fixture->stranger_address, CCBT_SPAN_LITERAL ("hello")));
  g_assert_cmpint (g_socket_receive (fixture->stranger, reply, sizeof reply, NULL, NULL), ==, 5);
  send_to_mux (fixture, "still", 5);
  turn_until (&taker, "still;");
  g_string_free (taker.taken, TRUE);
}

/* Bound to one address: the other family is not spoken, a second owner of the port is refused. */
static void
test_binding (void)
{
  CcbtReactor *reactor = ccbt_reactor_new (NULL);
  CcbtSocketFactory bound = { .is_bound = TRUE };
  g_autoptr (GError) error = NULL;
  CcbtUdpMux *mux;
  CcbtAddress other;

  g_assert_true (ccbt_address_parse_ip ("127.0.0.5", 0, &bound.address));
  mux = ccbt_udp_mux_new (reactor, &bound, 0, &error);
  g_assert_no_error (error);
  g_assert_true (ccbt_udp_mux_has_family (mux, FALSE));
  g_assert_false (ccbt_udp_mux_has_family (mux, TRUE));
  g_assert_true (ccbt_address_parse_ip ("::1", 9, &other));
  g_assert_false (ccbt_udp_mux_send (mux, &other, CCBT_SPAN_LITERAL ("x")));
  g_assert_null (ccbt_udp_mux_new (reactor, &bound, ccbt_udp_mux_get_port (mux), &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_NETWORK);
  ccbt_udp_mux_free (mux);
  ccbt_reactor_free (reactor);
}

#define ADD(name, func)                                                                            \
  g_test_add ("/net/udp-mux/" name "/ipv4", Fixture, "127.0.0.1", set_up, func, tear_down);        \
  g_test_add ("/net/udp-mux/" name "/ipv6", Fixture, "::1", set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("takers", test_takers);
  ADD ("oversized", test_oversized);
  ADD ("flood", test_flood);
  ADD ("dead-receiver", test_dead_receiver);
  g_test_add_func ("/net/udp-mux/binding", test_binding);
  return g_test_run ();
}

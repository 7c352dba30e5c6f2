/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-error.h"
#include "net/ccbt-listener.h"
#include "net/ccbt-transport.h"

#include <string.h>

#define BIG (8u * 1024 * 1024)

/* One end of a connection that is made the way peers' are. */
typedef struct
{
  CcbtTransport *transport;
  guint n_calls;
  guint ready; /* all that was told so far */
} End;

typedef struct
{
  CcbtReactor *reactor;
  CcbtListener *listener;
  CcbtSocketFactory factory;
  End near; /* the one that dialled */
  End far;
} Fixture;

static void
ready_cb (gpointer data, guint ready)
{
  End *end = data;

  end->n_calls++;
  end->ready |= ready;
}

static void
take_socket (Fixture *fixture, End *end, GSocket *socket)
{
  end->transport = ccbt_tcp_transport_new (fixture->reactor, socket);
  end->transport->ready = ready_cb;
  end->transport->owner = end;
}

static void
accepted_cb (gpointer owner, GSocket *socket, const CcbtAddress *from)
{
  Fixture *fixture = owner;

  take_socket (fixture, &fixture->far, socket);
}

/* Turns the loop until @end was told one of @wanted. */
static void
wait_ready (End *end, guint wanted)
{
  end->ready = 0;
  while ((end->ready & wanted) == 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
dial (Fixture *fixture, guint16 port)
{
  CcbtAddress to;
  g_autoptr (GError) error = NULL;
  GSocket *socket;

  g_assert_true (ccbt_address_parse_ip ("127.0.0.1", port, &to));
  socket = ccbt_socket_factory_connect (&fixture->factory, &to, &error);
  g_assert_no_error (error);
  take_socket (fixture, &fixture->near, socket);
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  fixture->reactor = ccbt_reactor_new (NULL);
  fixture->listener
      = ccbt_listener_new (fixture->reactor, &fixture->factory, 0, accepted_cb, fixture, &error);
  g_assert_no_error (error);
  dial (fixture, ccbt_listener_get_port (fixture->listener));
  while (fixture->far.transport == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  g_clear_pointer (&fixture->near.transport, ccbt_transport_close);
  g_clear_pointer (&fixture->far.transport, ccbt_transport_close);
  ccbt_listener_free (fixture->listener);
  ccbt_reactor_free (fixture->reactor);
}

static gssize
write_bytes (End *end, const void *bytes, gsize size, GError **error)
{
  const struct iovec vector = { (void *) bytes, size };

  return ccbt_transport_writev (end->transport, &vector, 1, error);
}

static gssize
read_bytes (End *end, void *bytes, gsize size, GError **error)
{
  const struct iovec vector = { bytes, size };

  return ccbt_transport_readv (end->transport, &vector, 1, error);
}

static void
test_bytes_go_both_ways (Fixture *fixture, gconstpointer unused)
{
  char bytes[16];

  ccbt_transport_set_interest (fixture->near.transport, CCBT_READY_WRITE);
  wait_ready (&fixture->near, CCBT_READY_WRITE);
  g_assert_cmpint (write_bytes (&fixture->near, "there", 5, NULL), ==, 5);
  ccbt_transport_set_interest (fixture->far.transport, CCBT_READY_READ);
  wait_ready (&fixture->far, CCBT_READY_READ);
  g_assert_cmpint (read_bytes (&fixture->far, bytes, sizeof bytes, NULL), ==, 5);
  g_assert_cmpmem (bytes, 5, "there", 5);
  g_assert_cmpint (write_bytes (&fixture->far, "back", 4, NULL), ==, 4);
  ccbt_transport_set_interest (fixture->near.transport, CCBT_READY_READ);
  wait_ready (&fixture->near, CCBT_READY_READ);
  g_assert_cmpint (read_bytes (&fixture->near, bytes, sizeof bytes, NULL), ==, 4);
  g_assert_cmpmem (bytes, 4, "back", 4);
}

static void
test_vectors_are_one_stream (Fixture *fixture, gconstpointer unused)
{
  const struct iovec out[] = { { (void *) "ab", 2 }, { (void *) "", 0 }, { (void *) "cdef", 4 } };
  char a[3], b[5];
  const struct iovec in[] = { { a, sizeof a }, { b, sizeof b } };

  ccbt_transport_set_interest (fixture->near.transport, CCBT_READY_WRITE);
  wait_ready (&fixture->near, CCBT_READY_WRITE);
  g_assert_cmpint (ccbt_transport_writev (fixture->near.transport, out, 3, NULL), ==, 6);
  ccbt_transport_set_interest (fixture->far.transport, CCBT_READY_READ);
  wait_ready (&fixture->far, CCBT_READY_READ);
  g_assert_cmpint (ccbt_transport_readv (fixture->far.transport, in, 2, NULL), ==, 6);
  g_assert_cmpmem (a, 3, "abc", 3);
  g_assert_cmpmem (b, 3, "def", 3);
}

static void
test_nothing_to_read_is_not_the_end (Fixture *fixture, gconstpointer unused)
{
  char byte;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (read_bytes (&fixture->far, &byte, 1, &error), ==, CCBT_IO_AGAIN);
  g_assert_no_error (error);
}

static void
test_end_of_stream_is_zero (Fixture *fixture, gconstpointer unused)
{
  char byte;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&fixture->near.transport, ccbt_transport_close);
  ccbt_transport_set_interest (fixture->far.transport, CCBT_READY_READ);
  wait_ready (&fixture->far, CCBT_READY_READ);
  g_assert_cmpint (read_bytes (&fixture->far, &byte, 1, &error), ==, 0);
  g_assert_no_error (error);
}

/* Without a SIGPIPE, which would end the process. */
static void
test_writing_to_nobody_fails (Fixture *fixture, gconstpointer unused)
{
  gssize result = 0;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&fixture->near.transport, ccbt_transport_close);
  for (guint i = 0; i < 100 && result != CCBT_IO_FAILED; i++)
    {
      result = write_bytes (&fixture->far, "x", 1, &error);
      g_usleep (1000);
    }
  g_assert_cmpint (result, ==, CCBT_IO_FAILED);
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_NETWORK);
}

/* Nobody reads: a write takes what fits and then says so, without blocking; later it goes on. */
static void
test_full_socket_says_again (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *bytes = g_malloc0 (BIG);
  gsize n_written = 0, n_read = 0;
  gssize n;

  while ((n = write_bytes (&fixture->far, bytes, BIG, NULL)) > 0)
    n_written += (gsize) n;
  g_assert_cmpint (n, ==, CCBT_IO_AGAIN);
  ccbt_transport_set_interest (fixture->far.transport, CCBT_READY_WRITE);
  ccbt_transport_set_interest (fixture->near.transport, CCBT_READY_READ);
  while (n_read < n_written)
    {
      wait_ready (&fixture->near, CCBT_READY_READ);
      n = read_bytes (&fixture->near, bytes, BIG, NULL);
      g_assert_cmpint (n, !=, CCBT_IO_FAILED);
      n_read += n > 0 ? (gsize) n : 0;
    }
  g_assert_cmpuint (n_read, ==, n_written);
  wait_ready (&fixture->far, CCBT_READY_WRITE);
  g_assert_cmpint (write_bytes (&fixture->far, "x", 1, NULL), ==, 1);
}

static void
test_nobody_there_is_told (Fixture *fixture, gconstpointer unused)
{
  guint16 port = ccbt_listener_get_port (fixture->listener);
  g_autoptr (GError) error = NULL;

  tear_down (fixture, NULL);
  *fixture = (Fixture){ .reactor = ccbt_reactor_new (NULL) };
  dial (fixture, port);
  ccbt_transport_set_interest (fixture->near.transport, CCBT_READY_WRITE);
  wait_ready (&fixture->near, CCBT_READY_WRITE | CCBT_READY_ERROR);
  g_assert_cmpint (write_bytes (&fixture->near, "x", 1, &error), ==, CCBT_IO_FAILED);
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_NETWORK);
  g_clear_pointer (&fixture->near.transport, ccbt_transport_close);
  ccbt_reactor_free (fixture->reactor);
  *fixture = (Fixture){ 0 };
  set_up (fixture, NULL); /* for the tear-down */
}

static void
test_closed_hears_nothing (Fixture *fixture, gconstpointer unused)
{
  guint n_calls;

  ccbt_transport_set_interest (fixture->near.transport, CCBT_READY_WRITE);
  wait_ready (&fixture->near, CCBT_READY_WRITE);
  n_calls = fixture->near.n_calls;
  g_clear_pointer (&fixture->near.transport, ccbt_transport_close);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (fixture->near.n_calls, ==, n_calls);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/tcp-transport/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("bytes-go-both-ways", test_bytes_go_both_ways);
  ADD ("vectors-are-one-stream", test_vectors_are_one_stream);
  ADD ("nothing-to-read-is-not-the-end", test_nothing_to_read_is_not_the_end);
  ADD ("end-of-stream-is-zero", test_end_of_stream_is_zero);
  ADD ("writing-to-nobody-fails", test_writing_to_nobody_fails);
  ADD ("full-socket-says-again", test_full_socket_says_again);
  ADD ("nobody-there-is-told", test_nobody_there_is_told);
  ADD ("closed-hears-nothing", test_closed_hears_nothing);
  return g_test_run ();
}

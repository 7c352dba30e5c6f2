/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-resolver.h"
#include "http-fixture.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* An address that counts as global, on the loopback device of a network of our own. */
#define GLOBAL_IP "8.8.8.8"

static gboolean has_global_address;

/* --- A network of our own: before any thread is made --- */

static gboolean
set_up_interface (int fd, const char *name, const char *ip)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string (ip, 0);
  struct ifreq request = { 0 };

  g_strlcpy (request.ifr_name, name, sizeof request.ifr_name);
  g_socket_address_to_native (address, &request.ifr_addr, sizeof request.ifr_addr, NULL);
  if (ioctl (fd, SIOCSIFADDR, &request) != 0)
    return FALSE;
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ioctl (fd, SIOCSIFFLAGS, &request) == 0;
}

static gboolean
make_network (void)
{
  gboolean is_up;
  int fd;

  if (unshare (CLONE_NEWUSER | CLONE_NEWNET) != 0 && unshare (CLONE_NEWNET) != 0)
    return FALSE;
  fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  is_up = set_up_interface (fd, "lo", "127.0.0.1") && set_up_interface (fd, "lo:1", GLOBAL_IP);
  close (fd);
  return is_up;
}

/* --- Servers --- */

/* Sends everybody to its data, a Location; "/end" is the end. */
static gboolean
answer_redirect (RawServer *server, GOutputStream *out, const char *head)
{
  g_autofree char *headers = g_strdup_printf ("Location: %s\r\n", (char *) server->data);

  if (g_str_has_prefix (head, "GET /end"))
    return raw_reply (out, "200 OK", NULL, "end", 3);
  return raw_reply (out, "302 Found", headers, "moved", 5);
}

static gboolean
answer_end (RawServer *server, GOutputStream *out, const char *head)
{
  return raw_reply (out, "200 OK", NULL, "end", 3);
}

/* "/N" leads to "/N-1"; "/0" is the end. */
static gboolean
answer_countdown (RawServer *server, GOutputStream *out, const char *head)
{
  guint64 n = g_ascii_strtoull (head + strlen ("GET /"), NULL, 10);
  g_autofree char *headers = g_strdup_printf ("Location: /%u\r\n", (guint) n - 1);

  if (n == 0)
    return raw_reply (out, "200 OK", NULL, "end", 3);
  return raw_reply (out, "301 Moved", headers, "moved", 5);
}

/* @data: NULL when no global address is needed */
static void
set_up (HttpFixture *fixture, gconstpointer data)
{
  http_fixture_init (fixture);
  if (data != NULL && !has_global_address)
    g_test_skip ("no network of our own can be made here");
}

static void
tear_down (HttpFixture *fixture, gconstpointer data)
{
  http_fixture_clear (fixture);
}

/* --- Anywhere --- */

static void
test_five_redirects_are_followed (HttpFixture *fixture, gconstpointer data)
{
  fixture->server = raw_server_new ("127.0.0.1", answer_countdown, NULL);
  http_get_path (fixture, "/5");
  http_assert_body (fixture, "end");
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 6);
}

static void
test_loop_ends_after_five (HttpFixture *fixture, gconstpointer data)
{
  fixture->server = raw_server_new ("127.0.0.1", answer_redirect, (gpointer) "/again");
  http_get_path (fixture, "/");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 6);
}

static void
test_leaves_the_web_for_nothing (HttpFixture *fixture, gconstpointer data)
{
  const char *const places[]
      = { "file:///etc/passwd", "ftp://127.0.0.1/", "javascript:alert(1)", "http:///", "" };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_clear_pointer (&fixture->server, raw_server_free);
      fixture->server = raw_server_new ("127.0.0.1", answer_redirect, (gpointer) places[i]);
      http_get_path (fixture, "/");
      if (*places[i] != '\0')
        g_assert_cmpuint (raw_server_count (fixture->server), ==, 1);
      g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
    }
}

/* "/303": that status, leading to "/end". */
static gboolean
answer_status (RawServer *server, GOutputStream *out, const char *head)
{
  g_autofree char *status = g_strndup (head + strlen ("GET /"), 3);

  if (strcmp (status, "end") == 0)
    return raw_reply (out, "200 OK", NULL, "end", 3);
  return raw_reply (out, status, "Location: /end\r\n", "moved", 5);
}

static void
test_five_statuses_lead_elsewhere (HttpFixture *fixture, gconstpointer data)
{
  const char *const paths[] = { "/301", "/302", "/303", "/307", "/308" };

  fixture->server = raw_server_new ("127.0.0.1", answer_status, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      http_get_path (fixture, paths[i]);
      http_assert_body (fixture, "end");
    }
  http_get_path (fixture, "/300"); /* a choice, which is nobody's to make */
  g_assert_cmpuint (fixture->reply->status, ==, 300);
}

/* A body that looks like an answer, sent with the redirect. */
static gboolean
answer_redirect_with_trap (RawServer *server, GOutputStream *out, const char *head)
{
  const char *trap = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

  if (g_str_has_prefix (head, "GET /end"))
    return raw_reply (out, "200 OK", NULL, "end", 3);
  return raw_reply (out, "302 Found", "Location: /end\r\n", trap, strlen (trap));
}

static void
test_body_of_a_redirect_is_no_answer (HttpFixture *fixture, gconstpointer data)
{
  fixture->server = raw_server_new ("127.0.0.1", answer_redirect_with_trap, NULL);
  for (guint i = 0; i < 3; i++)
    {
      http_get_path (fixture, "/");
      http_assert_body (fixture, "end");
    }
}

static gboolean
answer_redirect_that_hangs (RawServer *server, GOutputStream *out, const char *head)
{
  if (g_str_has_prefix (head, "GET /end"))
    return raw_reply (out, "200 OK", NULL, "end", 3);
  raw_write_text (out, "HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: 100000\r\n\r\n");
  return raw_hang (server);
}

static void
test_body_of_a_redirect_is_not_waited_for (HttpFixture *fixture, gconstpointer data)
{
  fixture->server = raw_server_new ("127.0.0.1", answer_redirect_that_hangs, NULL);
  fixture->timeout = 3;
  http_get_path (fixture, "/");
  http_assert_body (fixture, "end");
}

static void
test_local_may_lead_to_local (HttpFixture *fixture, gconstpointer data)
{
  RawServer *other = raw_server_new ("127.0.0.2", answer_end, NULL);
  g_autofree char *location = g_strdup_printf ("http://127.0.0.2:%u/", other->port);

  fixture->server = raw_server_new ("127.0.0.1", answer_redirect, location);
  http_get_path (fixture, "/");
  http_assert_body (fixture, "end");
  raw_server_free (other);
}

/* --- From a global address --- */

/* Asks a server on a global address that leads to @host, where one listens on 127.0.0.1. */
static void
get_redirected (HttpFixture *fixture, RawServer *local, const char *host)
{
  g_autofree char *location = g_strdup_printf ("http://%s:%u/end", host, local->port);
  g_autofree char *url = NULL;

  g_clear_pointer (&fixture->server, raw_server_free);
  fixture->server = raw_server_new (GLOBAL_IP, answer_redirect, location);
  url = g_strdup_printf ("http://" GLOBAL_IP ":%u/announce", fixture->server->port);
  http_get (fixture, url);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 1);
  g_clear_pointer (&fixture->server, raw_server_free); /* it points to our location */
}

/* The last one says so only after a look-up. */
static const char *const hosts_of_this_machine[]
    = { "127.0.0.1", "localhost", "LOCALHOST.", "0.0.0.0", "here.example" };

static void
test_stranger_cannot_lead_into_here (HttpFixture *fixture, gconstpointer data)
{
  RawServer *local;

  if (!has_global_address)
    return;
  local = raw_server_new ("127.0.0.1", answer_end, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (hosts_of_this_machine); i++)
    {
      g_test_message ("%s", hosts_of_this_machine[i]);
      get_redirected (fixture, local, hosts_of_this_machine[i]);
      g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
    }
  while (g_main_context_iteration (NULL, FALSE))
    ;
  /* Only the one that had to be looked up was found out by its address: not even a port can be
   * tried, and nobody is sent a byte of a request. */
  g_assert_cmpint (g_atomic_int_get (&local->n_connections), <=, 1);
  g_assert_cmpuint (raw_server_count (local), ==, 0);
  raw_server_free (local);
}

static void
test_kept_connection_is_no_way_around (HttpFixture *fixture, gconstpointer data)
{
  g_autofree char *url = NULL;
  RawServer *local;

  if (!has_global_address)
    return;
  local = raw_server_new ("127.0.0.1", answer_end, NULL);
  url = g_strdup_printf ("http://here.example:%u/", local->port);
  http_get (fixture, url); /* makes one, which is kept */
  http_assert_body (fixture, "end");
  get_redirected (fixture, local, "here.example");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
  g_assert_cmpuint (raw_server_count (local), ==, 1);
  raw_server_free (local);
}

static gboolean
answer_detour (RawServer *server, GOutputStream *out, const char *head)
{
  g_autofree char *headers = g_strdup_printf ("Location: %s\r\n", (char *) server->data);

  return raw_reply (out, "302 Found", headers, "moved", 5);
}

/* The guard holds over every step, not only the first. */
static void
test_detour_is_no_way_around (HttpFixture *fixture, gconstpointer data)
{
  RawServer *local, *detour;
  g_autofree char *location = NULL;

  if (!has_global_address)
    return;
  local = raw_server_new ("127.0.0.1", answer_end, NULL);
  location = g_strdup_printf ("http://here.example:%u/end", local->port);
  detour = raw_server_new (GLOBAL_IP, answer_detour, location);
  get_redirected (fixture, detour, "there.example");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
  g_assert_cmpuint (raw_server_count (detour), ==, 1);
  g_assert_cmpuint (raw_server_count (local), ==, 0);
  raw_server_free (detour);
  raw_server_free (local);
}

static void
test_user_may_be_led_into_here (HttpFixture *fixture, gconstpointer data)
{
  RawServer *local;

  if (!has_global_address)
    return;
  local = raw_server_new ("127.0.0.1", answer_end, NULL);
  fixture->is_from_user = TRUE;
  get_redirected (fixture, local, "127.0.0.1");
  http_assert_body (fixture, "end");
  raw_server_free (local);
}

static void
test_stranger_may_lead_elsewhere (HttpFixture *fixture, gconstpointer data)
{
  RawServer *other;

  if (!has_global_address)
    return;
  other = raw_server_new (GLOBAL_IP, answer_end, NULL);
  get_redirected (fixture, other, GLOBAL_IP);
  http_assert_body (fixture, "end");
  get_redirected (fixture, other, "there.example");
  http_assert_body (fixture, "end");
  raw_server_free (other);
}

/* A tracker of the local network, known by a name, may move within it. */
static void
test_name_of_a_local_host_is_not_guarded (HttpFixture *fixture, gconstpointer data)
{
  g_autofree char *url = NULL;

  if (!has_global_address)
    return;
  fixture->server = raw_server_new ("127.0.0.1", answer_redirect, (gpointer) "/end");
  url = g_strdup_printf ("http://here.example:%u/", fixture->server->port);
  http_get (fixture, url);
  http_assert_body (fixture, "end");
}

#define ADD(name, function)                                                                        \
  g_test_add ("/http-redirect/" name, HttpFixture, NULL, set_up, function, tear_down)
#define ADD_GLOBAL(name, function)                                                                 \
  g_test_add ("/http-redirect/" name, HttpFixture, GLOBAL_IP, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  has_global_address = make_network ();
  g_test_init (&argc, &argv, NULL);
  fake_resolver_install ((char *) GLOBAL_IP);
  ADD ("five-are-followed", test_five_redirects_are_followed);
  ADD ("loop-ends-after-five", test_loop_ends_after_five);
  ADD ("web-addresses-only", test_leaves_the_web_for_nothing);
  ADD ("five-statuses", test_five_statuses_lead_elsewhere);
  ADD ("its-body-is-no-answer", test_body_of_a_redirect_is_no_answer);
  ADD ("its-body-is-not-waited-for", test_body_of_a_redirect_is_not_waited_for);
  ADD ("local-may-lead-to-local", test_local_may_lead_to_local);
  ADD_GLOBAL ("stranger-cannot-lead-into-here", test_stranger_cannot_lead_into_here);
  ADD_GLOBAL ("kept-connection-is-no-way-around", test_kept_connection_is_no_way_around);
  ADD_GLOBAL ("detour-is-no-way-around", test_detour_is_no_way_around);
  ADD_GLOBAL ("user-may-be-led-into-here", test_user_may_be_led_into_here);
  ADD_GLOBAL ("stranger-may-lead-elsewhere", test_stranger_may_lead_elsewhere);
  ADD_GLOBAL ("name-of-a-local-host", test_name_of_a_local_host_is_not_guarded);
  return g_test_run ();
}

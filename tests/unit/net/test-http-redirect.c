/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http-fixture.h"
#include "fake-resolver.h"
#include "address-disguise.h"

static gboolean
answer_hello (RawServer *server, GOutputStream *out, const char *head)
{
  return raw_reply (out, "200 OK", NULL, "hello", 5);
}

static gboolean
redirect (GOutputStream *out, const char *status, const char *location)
{
  g_autofree char *line = g_strdup_printf ("Location: %s\r\n", location);

  return raw_reply (out, status, line, "moved", 5);
}

static void
set_up (HttpFixture *fixture, gconstpointer answer)
{
  http_fixture_init (fixture);
  fixture->server = raw_server_new ("127.0.0.1", (RawAnswer) answer, NULL);
}

static void
tear_down (HttpFixture *fixture, gconstpointer unused)
{
  g_free (fixture->server->data);
  http_fixture_clear (fixture);
}

/* --- How many, and where to --- */

/* "/N" leads to "/N-1", relative; "/0" is the end. */
static gboolean
answer_countdown (RawServer *server, GOutputStream *out, const char *head)
{
  guint64 n = g_ascii_strtoull (strchr (head, '/') + 1, NULL, 10);
  g_autofree char *location = g_strdup_printf ("%u", (guint) n - 1);

  return n == 0 ? answer_hello (server, out, head) : redirect (out, "302 Found", location);
}

static void
test_five_are_followed (HttpFixture *fixture, gconstpointer unused)
{
  http_get_path (fixture, "/5");
  http_assert_body (fixture, "hello");
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 6);
}

static void
test_a_loop_ends_after_five (HttpFixture *fixture, gconstpointer unused)
{
  http_get_path (fixture, "/1000000");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 6);
}

/* "/303": answers with that status, leading to "/end". */
static gboolean
answer_status (RawServer *server, GOutputStream *out, const char *head)
{
  g_autofree char *status = g_strndup (strchr (head, '/') + 1, 3);

  return strcmp (status, "end") == 0 ? answer_hello (server, out, head)
                                     : redirect (out, status, "/end");
}

static void
test_all_redirect_statuses (HttpFixture *fixture, gconstpointer unused)
{
  const char *const followed[] = { "/301", "/302", "/303", "/307", "/308" };

  for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
    {
      http_get_path (fixture, followed[i]);
      http_assert_body (fixture, "hello");
    }
  http_get_path (fixture, "/300");
  g_assert_cmpuint (fixture->reply->status, ==, 300);
}

/* Leads to what the test wrote into the data; "/end" is the end. */
static gboolean
answer_elsewhere (RawServer *server, GOutputStream *out, const char *head)
{
  if (g_str_has_prefix (head, "GET /end"))
    return answer_hello (server, out, head);
  return redirect (out, "302 Found", server->data);
}

static void
lead_to (HttpFixture *fixture, const char *location)
{
  g_free (fixture->server->data);
  fixture->server->data = g_strdup (location);
}

static void
test_only_web_addresses_are_followed (HttpFixture *fixture, gconstpointer unused)
{
  g_autofree char *filler = g_strnfill (65536, 'a');
  g_autofree char *too_long = g_strconcat ("/", filler, NULL);
  g_autofree char *just_too_long = g_strndup (too_long, 4097);
  const char *const targets[] = { "file:///etc/passwd", "ftp://127.0.0.1/", "javascript:alert(1)",
                                  "data:,x",            "http:///end",      "udp://127.0.0.1:80/",
                                  "http://[::1",        "//",               just_too_long,
                                  too_long };

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      lead_to (fixture, targets[i]);
      http_get_path (fixture, "/");
      g_assert_error (fixture->error, CCBT_ERROR,
                      targets[i] == too_long ? fixture->error->code : CCBT_ERROR_REFUSED);
      g_assert_cmpuint (raw_server_count (fixture->server), ==, i + 1);
    }
}

static void
test_query_arrives_as_it_was (HttpFixture *fixture, gconstpointer unused)
{
  const char *path = "/end?info_hash=%00%FF%26%2B+&x=%3A";
  g_autofree char *expected = g_strdup_printf ("GET %s HTTP/1.1", path);
  g_autofree char *line = NULL;

  lead_to (fixture, path);
  http_get_path (fixture, "/");
  line = raw_server_dup_line (fixture->server, 1);
  g_assert_cmpstr (line, ==, expected);
}

static gboolean
answer_without_location (RawServer *server, GOutputStream *out, const char *head)
{
  return raw_reply (out, "302 Found", NULL, "", 0);
}

static void
test_no_location_is_an_error (HttpFixture *fixture, gconstpointer unused)
{
  http_get_path (fixture, "/");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
}

/* The first body hides an answer; it must not be taken for that of the second request. */
static gboolean
answer_smuggling (RawServer *server, GOutputStream *out, const char *head)
{
  const char *hidden = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

  if (g_str_has_prefix (head, "GET /end"))
    return answer_hello (server, out, head);
  return raw_reply (out, "302 Found", "Location: /end\r\n", hidden, strlen (hidden));
}

static void
test_body_of_a_redirect_is_no_answer (HttpFixture *fixture, gconstpointer unused)
{
  http_get_path (fixture, "/");
  http_assert_body (fixture, "hello");
}

/* --- From the wide world into the local network --- */

/* The fixture's server, by the name @host. Returns: (transfer full) */
static char *
build_url (HttpFixture *fixture, const char *host, const char *path)
{
  return g_strdup_printf ("http://%s:%u%s", host, fixture->server->port, path);
}

/* One request to @from, which leads to @to. */
static void
get_redirected (HttpFixture *fixture, const char *from, const char *to)
{
  g_autofree char *url = build_url (fixture, from, "/");
  g_autofree char *location = build_url (fixture, to, "/end");

  lead_to (fixture, location);
  http_get (fixture, url);
}

static const char *const local_hosts[]
    = { "127.0.0.1", "127.9.9.9", "localhost", "LOCALHOST.", "tracker.localhost", "10.0.0.1",
        "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "[::1]",
        "[::ffff:127.0.0.1]", "[fe80::1]", "[fd00::1]", "127.0.0.1." };

static void
test_global_never_leads_to_local (HttpFixture *fixture, gconstpointer unused)
{
  for (guint i = 0; i < G_N_ELEMENTS (local_hosts); i++)
    {
      get_redirected (fixture, "there.example", local_hosts[i]);
      g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
      g_assert_cmpuint (raw_server_count (fixture->server), ==, i + 1);
    }
}

static void
test_global_address_never_leads_to_local (HttpFixture *fixture, gconstpointer unused)
{
  get_redirected (fixture, DISGUISE, "127.0.0.1");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 1);
}

/* The name looks innocent; only the connection tells. Nothing may be sent over it. */
static void
test_name_of_a_local_host_is_local (HttpFixture *fixture, gconstpointer unused)
{
  get_redirected (fixture, "there.example", "here.example");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 1);
}

static void
test_kept_connection_to_a_local_host_is_local (HttpFixture *fixture, gconstpointer unused)
{
  g_autofree char *url = build_url (fixture, "here.example", "/end");

  http_get (fixture, url);
  http_assert_body (fixture, "hello");
  get_redirected (fixture, "there.example", "here.example");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 2);
}

static void
test_the_user_may_be_led_anywhere (HttpFixture *fixture, gconstpointer unused)
{
  fixture->is_from_user = TRUE;
  get_redirected (fixture, "there.example", "127.0.0.1");
  http_assert_body (fixture, "hello");
  get_redirected (fixture, "there.example", "here.example");
  http_assert_body (fixture, "hello");
}

static void
test_global_may_lead_to_global (HttpFixture *fixture, gconstpointer unused)
{
  get_redirected (fixture, "there.example", "there.example");
  http_assert_body (fixture, "hello");
  get_redirected (fixture, "there.example", DISGUISE);
  http_assert_body (fixture, "hello");
}

static void
test_local_may_lead_to_local (HttpFixture *fixture, gconstpointer unused)
{
  get_redirected (fixture, "127.0.0.1", "127.0.0.1");
  http_assert_body (fixture, "hello");
  get_redirected (fixture, "here.example", "127.0.0.1");
  http_assert_body (fixture, "hello");
  get_redirected (fixture, "localhost", "here.example");
  http_assert_body (fixture, "hello");
}

/* Global, global, local: the guard holds over every step. */
static gboolean
answer_two_steps (RawServer *server, GOutputStream *out, const char *head)
{
  g_autofree char *local = g_strdup_printf ("http://here.example:%u/end", server->port);

  return redirect (out, "302 Found", strstr (head, "GET /second") != NULL ? local : "/second");
}

static void
test_guard_holds_over_all_steps (HttpFixture *fixture, gconstpointer unused)
{
  g_autofree char *url = build_url (fixture, "there.example", "/");

  http_get (fixture, url);
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 2);
}

/* --- Certificates --- */

static void
use_certificate (HttpFixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("CCBT_TEST_DATA"), name, NULL);
  g_autoptr (GError) error = NULL;

  fixture->server->certificate = g_tls_certificate_new_from_file (path, &error);
  g_assert_no_error (error);
}

static void
test_self_signed_is_refused (HttpFixture *fixture, gconstpointer unused)
{
  use_certificate (fixture, "self-signed.pem");
  fixture->is_from_user = TRUE; /* the user's own addresses are no exception */
  http_get_path (fixture, "/");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
  g_assert_nonnull (strstr (fixture->error->message, "not signed by a known authority"));
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 0);
}

static void
test_other_hosts_certificate_is_refused (HttpFixture *fixture, gconstpointer unused)
{
  use_certificate (fixture, "other-host.pem");
  http_get_path (fixture, "/");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
  g_assert_nonnull (strstr (fixture->error->message, "another host"));
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 0);
}

static void
test_plain_text_to_https_is_an_error (HttpFixture *fixture, gconstpointer unused)
{
  g_autofree char *url = g_strdup_printf ("https://127.0.0.1:%u/", fixture->server->port);

  fixture->timeout = 2;
  http_get (fixture, url);
  g_assert_nonnull (fixture->error);
}

#define ADD(name, answer, function)                                                                \
  g_test_add ("/http-redirect/" name, HttpFixture, answer, set_up, function, tear_down)

static void
add_guards (void)
{
  ADD ("global-never-to-local", answer_elsewhere, test_global_never_leads_to_local);
  ADD ("global-address-never-to-local", answer_elsewhere,
       test_global_address_never_leads_to_local);
  ADD ("name-of-local-is-local", answer_elsewhere, test_name_of_a_local_host_is_local);
  ADD ("kept-connection-is-local", answer_elsewhere,
       test_kept_connection_to_a_local_host_is_local);
  ADD ("user-goes-anywhere", answer_elsewhere, test_the_user_may_be_led_anywhere);
  ADD ("global-to-global", answer_elsewhere, test_global_may_lead_to_global);
  ADD ("local-to-local", answer_elsewhere, test_local_may_lead_to_local);
  ADD ("guard-holds-over-all-steps", answer_two_steps, test_guard_holds_over_all_steps);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fake_resolver_install ((char *) DISGUISE);
  ADD ("five-are-followed", answer_countdown, test_five_are_followed);
  ADD ("loop-ends-after-five", answer_countdown, test_a_loop_ends_after_five);
  ADD ("all-statuses", answer_status, test_all_redirect_statuses);
  ADD ("only-web-addresses", answer_elsewhere, test_only_web_addresses_are_followed);
  ADD ("query-arrives-as-it-was", answer_elsewhere, test_query_arrives_as_it_was);
  ADD ("no-location", answer_without_location, test_no_location_is_an_error);
  ADD ("body-of-a-redirect", answer_smuggling, test_body_of_a_redirect_is_no_answer);
  add_guards ();
  ADD ("self-signed-is-refused", answer_hello, test_self_signed_is_refused);
  ADD ("other-host-is-refused", answer_hello, test_other_hosts_certificate_is_refused);
  ADD ("plain-text-to-https", answer_hello, test_plain_text_to_https_is_an_error);
  return g_test_run ();
}

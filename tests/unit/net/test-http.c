/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http-fixture.h"

#define MIB (1024u * 1024u)

static void
set_up (HttpFixture *fixture, gconstpointer answer)
{
  http_fixture_init (fixture);
  fixture->server = raw_server_new ("127.0.0.1", (RawAnswer) answer, NULL);
}

static void
tear_down (HttpFixture *fixture, gconstpointer answer)
{
  http_fixture_clear (fixture);
}

static double
get_seconds_since (gint64 begin)
{
  return (double) (g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
}

/* --- Plain requests --- */

static gboolean
answer_hello (RawServer *server, GOutputStream *out, const char *head)
{
  return raw_reply (out, "200 OK", NULL, "hello", 5);
}

static void
test_body_and_status (HttpFixture *fixture, gconstpointer answer)
{
  http_get_path (fixture, "/announce");
  http_assert_body (fixture, "hello");
  g_assert_cmpuint (fixture->reply->status, ==, 200);
}

static void
test_names_itself (HttpFixture *fixture, gconstpointer answer)
{
  const char *head;

  http_get_path (fixture, "/");
  head = g_ptr_array_index (fixture->server->heads, 0);
  g_assert_nonnull (strstr (head, "\r\nUser-Agent: ccBitTorrent/"));
  g_assert_nonnull (strstr (head, "\r\nAccept-Encoding: gzip"));
  g_assert_null (strstr (head, "\r\nCookie:"));
}

static void
test_query_arrives_as_it_was (HttpFixture *fixture, gconstpointer answer)
{
  const char *path = "/a%2Fb?x=%00%FF%26%2B+~&y=%3A;[]'&z";
  g_autofree char *expected = g_strdup_printf ("GET %s HTTP/1.1", path);
  g_autofree char *line = NULL;

  http_get_path (fixture, path);
  line = raw_server_dup_line (fixture->server, 0);
  g_assert_cmpstr (line, ==, expected);
}

static gboolean
answer_cookie (RawServer *server, GOutputStream *out, const char *head)
{
  return raw_reply (out, "200 OK", "Set-Cookie: id=1\r\n", "", 0);
}

static void
test_no_cookies (HttpFixture *fixture, gconstpointer answer)
{
  http_get_path (fixture, "/");
  http_get_path (fixture, "/");
  g_assert_null (strstr (g_ptr_array_index (fixture->server->heads, 1), "Cookie"));
}

static void
test_connection_is_reused (HttpFixture *fixture, gconstpointer answer)
{
  for (guint i = 0; i < 5; i++)
    http_get_path (fixture, "/");
  g_assert_cmpint (g_atomic_int_get (&fixture->server->n_connections), ==, 1);
}

/* As when the address it began at is ours no more. */
static void
test_connections_are_forgotten (HttpFixture *fixture, gconstpointer answer)
{
  http_get_path (fixture, "/");
  ccbt_http_forget_connections (fixture->http);
  http_get_path (fixture, "/");
  http_assert_body (fixture, "hello");
  g_assert_cmpint (g_atomic_int_get (&fixture->server->n_connections), ==, 2);
}

static gboolean
answer_failure (RawServer *server, GOutputStream *out, const char *head)
{
  return raw_reply (out, "503 Busy", NULL, "later", 5);
}

static void
test_errors_have_bodies (HttpFixture *fixture, gconstpointer answer)
{
  http_get_path (fixture, "/");
  http_assert_body (fixture, "later");
  g_assert_cmpuint (fixture->reply->status, ==, 503);
}

static void
test_other_schemes_are_refused (HttpFixture *fixture, gconstpointer answer)
{
  const char *const urls[] = { "file:///etc/passwd",
                               "ftp://127.0.0.1/",
                               "javascript:alert(1)",
                               "udp://127.0.0.1:1",
                               "http:///nohost",
                               "no url",
                               "http://[::1",
                               "http://127.0.0.1/a\r\nX-Evil: 1",
                               "" };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      http_get (fixture, urls[i]);
      g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
    }
}

static void
test_nobody_there (HttpFixture *fixture, gconstpointer answer)
{
  guint16 port = fixture->server->port;
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/", port);

  g_clear_pointer (&fixture->server, raw_server_free);
  http_get (fixture, url);
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_NETWORK);
}

/* --- Sizes --- */

static GBytes *
compress (gsize size)
{
  g_autoptr (GConverter) gzip
      = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
  g_autoptr (GOutputStream) sink = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (sink, gzip);
  g_autofree guint8 *zeros = g_malloc0 (MIB);

  for (gsize done = 0; done < size; done += MIB)
    g_assert_true (
        g_output_stream_write_all (stream, zeros, MIN (MIB, size - done), NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (stream, NULL, NULL));
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (sink));
}

/* "/SIZE": so many zeros, gzipped. */
static gboolean
answer_gzip (RawServer *server, GOutputStream *out, const char *head)
{
  g_autoptr (GBytes) body = compress (g_ascii_strtoull (strchr (head, '/') + 1, NULL, 10));

  return raw_reply (out, "200 OK", "Content-Encoding: gzip\r\n", g_bytes_get_data (body, NULL),
                    g_bytes_get_size (body));
}

static void
test_gzip_bomb_is_cut (HttpFixture *fixture, gconstpointer answer)
{
  http_get_path (fixture, "/67108864");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE);
}

static void
test_gzip_counts_unpacked (HttpFixture *fixture, gconstpointer answer)
{
  http_get_path (fixture, "/1048576"); /* the limit itself is allowed */
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (g_bytes_get_size (fixture->reply->body), ==, MIB);
  http_get_path (fixture, "/1048577");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE);
}

/* "/truncated" lacks its end, anything else has a wrong check sum. */
static gboolean
answer_broken_gzip (RawServer *server, GOutputStream *out, const char *head)
{
  g_autoptr (GBytes) whole = compress (100000);
  gsize size = g_bytes_get_size (whole);
  g_autofree guint8 *body = g_memdup2 (g_bytes_get_data (whole, NULL), size);

  if (strstr (head, "/truncated") != NULL)
    size /= 2;
  else
    body[size - 6] ^= 0xff;
  return raw_reply (out, "200 OK", "Content-Encoding: gzip\r\n", body, size);
}

static void
test_broken_gzip_is_an_error (HttpFixture *fixture, gconstpointer answer)
{
  http_get_path (fixture, "/check-sum");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_NETWORK);
  http_get_path (fixture, "/truncated"); /* libsoup gives what there is; nothing is made up */
  g_assert_true (fixture->error != NULL || g_bytes_get_size (fixture->reply->body) < 100000);
}

static gboolean
answer_endless_body (RawServer *server, GOutputStream *out, const char *head)
{
  g_autofree char *filler = g_strnfill (0x1000, 'x');

  if (!raw_write_text (out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
    return FALSE;
  while (raw_write_text (out, "1000\r\n") && raw_write (out, filler, 0x1000)
         && raw_write_text (out, "\r\n"))
    ;
  return FALSE;
}

static void
test_endless_body_is_cut (HttpFixture *fixture, gconstpointer answer)
{
  gint64 begin = g_get_monotonic_time ();

  http_get_path (fixture, "/");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE);
  g_assert_cmpfloat (get_seconds_since (begin), <, 5);
  /* The connection is given up: the server can write no more. */
  while (g_atomic_int_get (&fixture->server->n_active) > 0 && get_seconds_since (begin) < 10)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (g_atomic_int_get (&fixture->server->n_active), ==, 0);
}

static gboolean
answer_endless_headers (RawServer *server, GOutputStream *out, const char *head)
{
  if (!raw_write_text (out, "HTTP/1.1 200 OK\r\n"))
    return FALSE;
  while (
      raw_write_text (out, "X-Filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"))
    ;
  return FALSE;
}

static void
test_endless_headers_are_cut (HttpFixture *fixture, gconstpointer answer)
{
  gint64 begin = g_get_monotonic_time ();

  http_get_path (fixture, "/");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_NETWORK);
  g_assert_cmpfloat (get_seconds_since (begin), <, 5);
}

static gboolean
answer_too_short (RawServer *server, GOutputStream *out, const char *head)
{
  raw_write_text (out, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nd8:interval");
  return FALSE;
}

static void
test_body_shorter_than_promised_is_an_error (HttpFixture *fixture, gconstpointer answer)
{
  http_get_path (fixture, "/");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_NETWORK);
}

static gboolean
answer_too_long (RawServer *server, GOutputStream *out, const char *head)
{
  raw_write_text (out, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
                       "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
  return TRUE;
}

static void
test_bytes_past_the_length_are_no_answer (HttpFixture *fixture, gconstpointer answer)
{
  http_get_path (fixture, "/");
  http_assert_body (fixture, "hello");
}

static gboolean
answer_bad_chunk (RawServer *server, GOutputStream *out, const char *head)
{
  raw_write_text (out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "7fffffff\r\nabc\r\n");
  return FALSE;
}

static void
test_lying_chunk_is_an_error (HttpFixture *fixture, gconstpointer answer)
{
  http_get_path (fixture, "/");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_NETWORK);
}

/* --- Time --- */

static gboolean
answer_drip (RawServer *server, GOutputStream *out, const char *head)
{
  if (!raw_write_text (out, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"))
    return FALSE;
  while (!g_atomic_int_get (&server->is_closing) && raw_write_text (out, "x"))
    g_usleep (100000);
  return FALSE;
}

static gboolean
answer_never (RawServer *server, GOutputStream *out, const char *head)
{
  return raw_hang (server);
}

static void
test_deadline_is_over_everything (HttpFixture *fixture, gconstpointer answer)
{
  gint64 begin = g_get_monotonic_time ();

  fixture->timeout = 1;
  http_get_path (fixture, "/");
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpfloat (get_seconds_since (begin), <, 2.5);
}

static gboolean
tick_cb (gpointer data)
{
  ++*(guint *) data;
  return G_SOURCE_CONTINUE;
}

static void
test_waiting_does_not_block_the_loop (HttpFixture *fixture, gconstpointer answer)
{
  guint n_ticks = 0;
  guint ticker = g_timeout_add (50, tick_cb, &n_ticks);

  fixture->timeout = 1;
  http_get_path (fixture, "/");
  g_source_remove (ticker);
  g_assert_cmpuint (n_ticks, >=, 8);
}

/* --- Cancelling and freeing --- */

static void
begin_path (HttpFixture *fixture, const char *path)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u%s", fixture->server->port, path);

  http_begin (fixture, url);
}

/* Until the server has been asked @n times. */
static void
wait_for_requests (HttpFixture *fixture, guint n)
{
  while (raw_server_count (fixture->server) < n)
    g_main_context_iteration (NULL, FALSE);
}

static void
test_cancel_under_way (HttpFixture *fixture, gconstpointer answer)
{
  fixture->cancellable = g_cancellable_new ();
  begin_path (fixture, "/");
  wait_for_requests (fixture, 1);
  g_cancellable_cancel (fixture->cancellable);
  http_wait (fixture, 1);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_cancelled_before_sends_nothing (HttpFixture *fixture, gconstpointer answer)
{
  fixture->cancellable = g_cancellable_new ();
  g_cancellable_cancel (fixture->cancellable);
  begin_path (fixture, "/");
  g_assert_cmpuint (fixture->n_done, ==, 0); /* never from within the call */
  http_wait (fixture, 1);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 0);
}

static void
test_free_ends_what_is_under_way (HttpFixture *fixture, gconstpointer answer)
{
  for (guint i = 0; i < 20; i++) /* more than go to one host at once: some wait */
    begin_path (fixture, "/");
  wait_for_requests (fixture, 8);
  ccbt_http_free (fixture->http);
  fixture->http = NULL;
  http_wait (fixture, 20);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
free_client_cb (gpointer data)
{
  HttpFixture *fixture = data;

  g_clear_pointer (&fixture->http, ccbt_http_free);
  return G_SOURCE_REMOVE;
}

/* From a source of the loop tasks may come back at once, within the call. */
static void
test_free_from_the_loop (HttpFixture *fixture, gconstpointer answer)
{
  for (guint i = 0; i < 12; i++)
    begin_path (fixture, "/");
  wait_for_requests (fixture, 8);
  g_idle_add (free_client_cb, fixture);
  http_wait (fixture, 12);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
free_client_in_reply_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  HttpFixture *fixture = data;
  CcbtHttp *http = g_steal_pointer (&fixture->http);
  g_autoptr (CcbtHttpReply) reply = NULL;

  ccbt_http_free (http);
  reply = ccbt_http_get_finish (http, result, NULL);
  g_assert_nonnull (reply);
  fixture->n_done++;
}

static void
test_free_in_the_callback (HttpFixture *fixture, gconstpointer answer)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/", fixture->server->port);
  const CcbtHttpRequest request = { .url = url, .max_body = 10, .timeout = 5 };

  ccbt_http_get_async (fixture->http, &request, NULL, free_client_in_reply_cb, fixture);
  http_wait (fixture, 1);
}

/* --- Many at once --- */

static gboolean
answer_slowly (RawServer *server, GOutputStream *out, const char *head)
{
  g_usleep (100000);
  return raw_reply (out, "200 OK", NULL, "hello", 5);
}

static void
test_eight_at_a_time_to_one_host (HttpFixture *fixture, gconstpointer answer)
{
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < 24; i++)
    begin_path (fixture, "/");
  http_wait (fixture, 24);
  http_assert_body (fixture, "hello");
  g_assert_cmpint (g_atomic_int_get (&fixture->server->n_connections), ==, 8);
  g_assert_cmpfloat (get_seconds_since (begin), <, 2); /* one after another it is 2.4 s */
}

static void
test_hanging_host_holds_up_no_other (HttpFixture *fixture, gconstpointer answer)
{
  RawServer *other = raw_server_new ("127.0.0.2", answer_hello, NULL);
  g_autofree char *url = g_strdup_printf ("http://127.0.0.2:%u/", other->port);

  for (guint i = 0; i < 20; i++)
    begin_path (fixture, "/");
  http_begin (fixture, url);
  http_wait (fixture, 1);
  http_assert_body (fixture, "hello");
  raw_server_free (other);
}

static gboolean
remember_incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source,
                      GInetAddress **from)
{
  g_autoptr (GSocketAddress) remote = g_socket_connection_get_remote_address (connection, NULL);

  g_set_object (from, g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)));
  return FALSE;
}

static void
test_binds_to_its_address (HttpFixture *fixture, gconstpointer answer)
{
  CcbtAddress local;
  g_autoptr (GInetAddress) from = NULL;
  g_autofree char *text = NULL;

  g_assert_true (ccbt_address_parse_ip ("127.0.0.9", 0, &local));
  ccbt_http_free (fixture->http);
  fixture->http = ccbt_http_new (&local);
  g_signal_connect (fixture->server->service, "incoming", G_CALLBACK (remember_incoming_cb), &from);
  http_get_path (fixture, "/");
  http_assert_body (fixture, "hello");
  text = g_inet_address_to_string (from);
  g_assert_cmpstr (text, ==, "127.0.0.9");
}

#define ADD(name, answer, function)                                                                \
  g_test_add ("/http/" name, HttpFixture, answer, set_up, function, tear_down)

static void
add_limits (void)
{
  ADD ("gzip-bomb-is-cut", answer_gzip, test_gzip_bomb_is_cut);
  ADD ("gzip-counts-unpacked", answer_gzip, test_gzip_counts_unpacked);
  ADD ("broken-gzip-is-an-error", answer_broken_gzip, test_broken_gzip_is_an_error);
  ADD ("endless-body-is-cut", answer_endless_body, test_endless_body_is_cut);
  ADD ("endless-headers-are-cut", answer_endless_headers, test_endless_headers_are_cut);
  ADD ("short-body-is-an-error", answer_too_short, test_body_shorter_than_promised_is_an_error);
  ADD ("bytes-past-the-length", answer_too_long, test_bytes_past_the_length_are_no_answer);
  ADD ("lying-chunk-is-an-error", answer_bad_chunk, test_lying_chunk_is_an_error);
  ADD ("drip-meets-the-deadline", answer_drip, test_deadline_is_over_everything);
  ADD ("silence-meets-the-deadline", answer_never, test_deadline_is_over_everything);
  ADD ("drip-does-not-block", answer_drip, test_waiting_does_not_block_the_loop);
}

/* GIO's workers keep errors in thread storage that LeakSanitizer cannot read at exit: what it reports
 * of them is not leaked, or it stumbles itself. The other checks stay. */
int __lsan_is_turned_off (void);

int
__lsan_is_turned_off (void)
{
  return 1;
}

/* --- Families --- */

static void
test_a_family_can_be_chosen (HttpFixture *fixture, gconstpointer answer)
{
  g_autofree char *url = g_strdup_printf ("http://localhost:%u/", fixture->server->port);

  g_assert_true (ccbt_http_has_families (fixture->http));
  fixture->family = CCBT_HTTP_IPV4;
  http_get (fixture, url);
  http_assert_body (fixture, "hello");
  fixture->family = CCBT_HTTP_IPV6;
  http_get (fixture, url);
  g_assert_nonnull (fixture->error);
  http_get_path (fixture, "/");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_UNSUPPORTED);
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 1);
}

static void
test_bound_has_one_family (HttpFixture *fixture, gconstpointer answer)
{
  CcbtAddress address;

  g_assert_true (ccbt_address_parse_ip ("127.0.0.1", 0, &address));
  ccbt_http_free (fixture->http);
  fixture->http = ccbt_http_new (&address);
  g_assert_false (ccbt_http_has_families (fixture->http));
  http_get_path (fixture, "/");
  http_assert_body (fixture, "hello");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("body-and-status", answer_hello, test_body_and_status);
  ADD ("names-itself", answer_hello, test_names_itself);
  ADD ("query-arrives-as-it-was", answer_hello, test_query_arrives_as_it_was);
  ADD ("no-cookies", answer_cookie, test_no_cookies);
  ADD ("connection-is-reused", answer_hello, test_connection_is_reused);
  ADD ("connections-are-forgotten", answer_hello, test_connections_are_forgotten);
  ADD ("errors-have-bodies", answer_failure, test_errors_have_bodies);
  ADD ("other-schemes-are-refused", answer_hello, test_other_schemes_are_refused);
  ADD ("nobody-there", answer_hello, test_nobody_there);
  add_limits ();
  ADD ("cancel-under-way", answer_never, test_cancel_under_way);
  ADD ("cancelled-before-sends-nothing", answer_hello, test_cancelled_before_sends_nothing);
  ADD ("free-ends-what-is-under-way", answer_never, test_free_ends_what_is_under_way);
  ADD ("free-from-the-loop", answer_never, test_free_from_the_loop);
  ADD ("free-in-the-callback", answer_hello, test_free_in_the_callback);
  ADD ("eight-at-a-time-to-one-host", answer_slowly, test_eight_at_a_time_to_one_host);
  ADD ("hanging-host-holds-up-no-other", answer_never, test_hanging_host_holds_up_no_other);
  ADD ("binds-to-its-address", answer_hello, test_binds_to_its_address);
  ADD ("family", answer_hello, test_a_family_can_be_chosen);
  ADD ("bound-family", answer_hello, test_bound_has_one_family);
  return g_test_run ();
}

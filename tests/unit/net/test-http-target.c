/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-error.h"
#include "net/ccbt-http-target.h"

static void
test_only_web_addresses (void)
{
  const char *const refused[] = { "file:///etc/passwd",
                                  "ftp://a/",
                                  "udp://a:1",
                                  "javascript:alert(1)",
                                  "http://",
                                  "http:///path",
                                  "//a/",
                                  "/a",
                                  "",
                                  "http://a/\r\nX: y" };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ccbt_http_target_parse (refused[i], &error));
      g_assert_error (error, CCBT_ERROR, CCBT_ERROR_REFUSED);
    }
}

static void
test_encoded_bytes_stay_encoded (void)
{
  g_autoptr (GUri) uri
      = ccbt_http_target_parse ("HTTP://Tracker.Example:80/a%2Fb?h=%00%26%FF%2B+&x=%25", NULL);

  g_assert_cmpstr (g_uri_get_scheme (uri), ==, "http");
  g_assert_cmpstr (g_uri_get_path (uri), ==, "/a%2Fb");
  g_assert_cmpstr (g_uri_get_query (uri), ==, "h=%00%26%FF%2B+&x=%25");
}

static void
assert_leads (const char *from, const char *location, const char *to)
{
  g_autoptr (GUri) base = ccbt_http_target_parse (from, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) uri = ccbt_http_target_follow (base, location, &error);
  g_autofree char *text = uri != NULL ? g_uri_to_string (uri) : NULL;

  g_assert_cmpstr (text, ==, to);
  if (to == NULL)
    g_assert_error (error, CCBT_ERROR, CCBT_ERROR_REFUSED);
}

static void
test_redirects_are_resolved (void)
{
  g_autofree char *longest = g_strnfill (CCBT_HTTP_LOCATION_MAX, 'x');
  g_autofree char *too_long = g_strnfill (CCBT_HTTP_LOCATION_MAX + 1, 'x');
  g_autofree char *at_longest = g_strconcat ("http://a.example/", longest, NULL);

  assert_leads ("http://a.example/x/y?q", "/z?h=%00", "http://a.example/z?h=%00");
  assert_leads ("http://a.example/x/y?q", "z", "http://a.example/x/z");
  assert_leads ("http://a.example/x", "//b.example/z", "http://b.example/z");
  assert_leads ("http://a.example/x", "https://b.example:8/z", "https://b.example:8/z");
  assert_leads ("http://a.example/x", longest, at_longest);
  assert_leads ("http://a.example/x", too_long, NULL);
  assert_leads ("http://a.example/x", NULL, NULL);
  assert_leads ("http://a.example/x", "file:///etc/passwd", NULL);
  assert_leads ("http://a.example/x", "javascript:alert(1)", NULL);
}

static void
assert_is_local (const char *host, gboolean is_local)
{
  g_autofree char *url = g_strdup_printf ("http://%s:8080/", host);
  g_autoptr (GUri) uri = ccbt_http_target_parse (url, NULL);

  g_test_message ("%s", host);
  g_assert_nonnull (uri);
  g_assert_cmpint (ccbt_http_target_is_local (uri), ==, is_local);
}

static void
test_hosts_that_say_they_are_local (void)
{
  const char *const local[]
      = { "127.0.0.1",   "127.9.9.9",         "10.0.0.1",  "192.168.1.1", "172.16.0.1",
          "169.254.1.1", "0.0.0.0",           "[::1]",     "[fe80::1]",   "[fd00::1]",
          "[::]",        "100.64.0.1",        "localhost", "LocalHost",   "a.localhost",
          "localhost.",  "[::ffff:127.0.0.1]" };
  const char *const elsewhere[] = { "8.8.8.8", "[2001:4860::1]", "tracker.example", "mylocalhost" };

  for (guint i = 0; i < G_N_ELEMENTS (local); i++)
    assert_is_local (local[i], TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (elsewhere); i++)
    assert_is_local (elsewhere[i], FALSE);
}

static void
test_a_proxy_hides_the_other_end (void)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) proxy
      = g_proxy_address_new (loopback, 3128, "http", "tracker.example", 80, NULL, NULL);
  g_autoptr (GSocketAddress) local = g_inet_socket_address_new (loopback, 80);
  g_autoptr (GSocketAddress) global = g_inet_socket_address_new_from_string ("8.8.8.8", 80);

  g_assert_cmpint (ccbt_http_remote_judge (proxy), ==, CCBT_HTTP_REMOTE_UNKNOWN);
  g_assert_cmpint (ccbt_http_remote_judge (NULL), ==, CCBT_HTTP_REMOTE_UNKNOWN);
  g_assert_cmpint (ccbt_http_remote_judge (local), ==, CCBT_HTTP_REMOTE_LOCAL);
  g_assert_cmpint (ccbt_http_remote_judge (global), ==, CCBT_HTTP_REMOTE_GLOBAL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http-target/only-web-addresses", test_only_web_addresses);
  g_test_add_func ("/http-target/encoded-stays-encoded", test_encoded_bytes_stay_encoded);
  g_test_add_func ("/http-target/redirects-are-resolved", test_redirects_are_resolved);
  g_test_add_func ("/http-target/local-hosts", test_hosts_that_say_they_are_local);
  g_test_add_func ("/http-target/proxy-hides-the-other-end", test_a_proxy_hides_the_other_end);
  return g_test_run ();
}

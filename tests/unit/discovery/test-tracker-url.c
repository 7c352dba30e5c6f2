/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-tracker-url.h"
#include "base/ccbt-error.h"

static void
assert_taken (const char *url, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *clean = ccbt_tracker_url_check (url, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (clean, ==, expected);
}

static void
assert_refused (const char *url)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ccbt_tracker_url_check (url, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_INVALID);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (strlen (error->message), <, 600);
  for (const char *p = error->message; *p != '\0'; p++)
    g_assert_false (g_ascii_iscntrl (*p));
}

static void
test_taken (void)
{
  assert_taken ("http://t.example/announce?passkey=A%20b",
                "http://t.example/announce?passkey=A%20b");
  assert_taken ("  https://t.example:8443/announce\n", "https://t.example:8443/announce");
  assert_taken ("UDP://t.example:1337", "UDP://t.example:1337");
  assert_taken ("udp://[2001:db8::1]:1337/announce", "udp://[2001:db8::1]:1337/announce");
}

static void
test_refused (void)
{
  g_autofree char *name = g_strnfill (2048, 'a');
  g_autofree char *endless = g_strconcat ("http://t.example/", name, NULL);

  assert_refused ("");
  assert_refused ("announce");
  assert_refused ("http:/t.example/");
  assert_refused ("http:///announce");
  assert_refused ("ftp://t.example/announce");
  assert_refused ("wss://t.example/announce");
  assert_refused ("file:///etc/passwd");
  assert_refused ("http://t.example/\001announce");
  assert_refused ("http://t.example/a\nudp://u.example:1/");
  assert_refused ("http://t.example:0/announce");
  assert_refused ("http://t.example:99999/announce");
  assert_refused ("http://xn--mnchen-3ya.example/announce");
  assert_refused ("http://m\303\274nchen.example/announce");
  assert_refused ("http://t.example/\377");
  assert_refused (endless);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tracker-url/taken", test_taken);
  g_test_add_func ("/tracker-url/refused", test_refused);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-mutable-link.h"
#include "base/ccbt-error.h"

static void
assert_refused (const char *value)
{
  g_autoptr (GError) error = NULL;
  CcbtInfoHash hash;

  g_assert_false (ccbt_mutable_link_read (ccbt_span_from_string (value), &hash, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED);
}

static void
test_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *hex = NULL;
  CcbtInfoHash hash;

  g_assert_true (ccbt_mutable_link_read (
      ccbt_span_from_string ("d2:ih20:abcdefghijklmnopqrst4:name1:xe"), &hash, &error));
  g_assert_no_error (error);
  g_assert_true (hash.has_v1 && !hash.has_v2);
  hex = ccbt_info_hash_to_string (&hash);
  g_assert_cmpstr (hex, ==, "6162636465666768696a6b6c6d6e6f7071727374");
}

static void
test_refused (void)
{
  assert_refused ("");
  assert_refused ("de");
  assert_refused ("20:abcdefghijklmnopqrst");
  assert_refused ("d2:ih19:abcdefghijklmnopqrse");
  assert_refused ("d2:ih32:abcdefghijklmnopqrstabcdefghijkle");
  assert_refused ("d2:ihi20ee");
  assert_refused ("d2:ih20:abcdefghijklmnopqrst");
  assert_refused ("d2:ih20:abcdefghijklmnopqrstex");
  assert_refused ("d2:ihd2:ih20:abcdefghijklmnopqrstee");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mutable-link/read", test_read);
  g_test_add_func ("/mutable-link/refused", test_refused);
  return g_test_run ();
}

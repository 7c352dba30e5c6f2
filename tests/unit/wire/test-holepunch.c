/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-holepunch.h"

#define IPV6_CONNECT                                                                               \
  "\001\001\040\001\015\270\000\000\000\000\000\000\000\000\000\000\000\001\032\341\0\0\0\0"

static CcbtHolepunchMessage
parse (CcbtSpan payload)
{
  g_autoptr (GError) error = NULL;
  CcbtHolepunchMessage message;

  g_assert_true (ccbt_holepunch_parse (payload, &message, &error));
  g_assert_no_error (error);
  return message;
}

static void
assert_address (const CcbtHolepunchMessage *message, const char *expected)
{
  g_autofree char *text = ccbt_address_to_string (&message->address);

  g_assert_cmpstr (text, ==, expected);
}

static void
assert_fails (CcbtSpan payload)
{
  g_autoptr (GError) error = NULL;
  CcbtHolepunchMessage message;

  g_assert_false (ccbt_holepunch_parse (payload, &message, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED);
}

static void
test_each_kind_is_understood (void)
{
  CcbtHolepunchMessage message
      = parse (CCBT_SPAN_LITERAL ("\000\000\306\063\144\007\032\341\000\000\000\000"));

  g_assert_cmpint (message.kind, ==, CCBT_HOLEPUNCH_RENDEZVOUS);
  assert_address (&message, "198.51.100.7:6881");
  message = parse (CCBT_SPAN_LITERAL (IPV6_CONNECT));
  g_assert_cmpint (message.kind, ==, CCBT_HOLEPUNCH_CONNECT);
  assert_address (&message, "[2001:db8::1]:6881");
  message = parse (CCBT_SPAN_LITERAL ("\002\000\306\063\144\007\032\341\000\000\000\003"));
  g_assert_cmpint (message.kind, ==, CCBT_HOLEPUNCH_ERROR);
  g_assert_cmpint (message.code, ==, CCBT_HOLEPUNCH_NO_SUPPORT);
}

static void
test_only_an_error_needs_its_code (void)
{
  CcbtHolepunchMessage message = parse (CCBT_SPAN_LITERAL ("\001\000\306\063\144\007\032\341"));

  g_assert_cmpint (message.kind, ==, CCBT_HOLEPUNCH_CONNECT);
  assert_fails (CCBT_SPAN_LITERAL ("\002\000\306\063\144\007\032\341"));
}

static void
test_a_code_counts_in_errors_alone (void)
{
  CcbtHolepunchMessage message
      = parse (CCBT_SPAN_LITERAL ("\001\000\306\063\144\007\032\341\000\000\000\002"));

  g_assert_cmpint (message.code, ==, CCBT_HOLEPUNCH_OK);
}

static void
test_what_is_written_is_what_the_specification_says (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  CcbtHolepunchMessage message
      = { .kind = CCBT_HOLEPUNCH_ERROR, .code = CCBT_HOLEPUNCH_NOT_CONNECTED };

  g_assert_true (ccbt_address_parse ("198.51.100.7:6881", &message.address));
  ccbt_holepunch_write (out, &message);
  g_assert_cmpmem (out->data, out->len, "\002\000\306\063\144\007\032\341\000\000\000\002", 12);
  g_byte_array_set_size (out, 0);
  message.kind = CCBT_HOLEPUNCH_CONNECT;
  g_assert_true (ccbt_address_parse ("[2001:db8::1]:6881", &message.address));
  ccbt_holepunch_write (out, &message);
  g_assert_cmpmem (out->data, out->len, IPV6_CONNECT, sizeof IPV6_CONNECT - 1);
}

static void
test_wrong_lengths_kinds_and_families_are_refused (void)
{
  const guint8 whole[] = { 0, 0, 198, 51, 100, 7, 0x1a, 0xe1, 0, 0, 0, 0 };

  for (gsize n = 0; n < sizeof whole; n++)
    if (n != 8)
      assert_fails ((CcbtSpan){ whole, n });
  assert_fails (CCBT_SPAN_LITERAL ("\003\000\306\063\144\007\032\341\000\000\000\000"));
  assert_fails (CCBT_SPAN_LITERAL ("\000\002\306\063\144\007\032\341\000\000\000\000"));
  assert_fails (CCBT_SPAN_LITERAL ("\000\001\306\063\144\007\032\341\000\000\000\000"));
  assert_fails (CCBT_SPAN_LITERAL ("\000\000\306\063\144\007\032\341\000\000\000\000\000"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/holepunch/kinds", test_each_kind_is_understood);
  g_test_add_func ("/holepunch/without-code", test_only_an_error_needs_its_code);
  g_test_add_func ("/holepunch/code", test_a_code_counts_in_errors_alone);
  g_test_add_func ("/holepunch/written", test_what_is_written_is_what_the_specification_says);
  g_test_add_func ("/holepunch/refused", test_wrong_lengths_kinds_and_families_are_refused);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-lsd-message.h"

#define HEX_A "0123456789abcdef0123456789abcdef01234567"
#define HEX_B "ffffffffffffffffffffffffffffffffffffffff"

/* As libtorrent sends it. */
#define REAL_MESSAGE                                                                               \
  "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\n"                           \
  "Infohash: " HEX_A "\r\ncookie: 4a5b6c7d\r\n\r\n\r\n"

static gboolean
parse (const char *text, CcbtLsdMessage *out)
{
  g_autoptr (GError) error = NULL;
  gboolean parsed = ccbt_lsd_message_parse (ccbt_span_from_string (text), out, &error);

  g_assert_true (parsed == (error == NULL));
  if (!parsed)
    g_assert_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED);
  return parsed;
}

static void
assert_refused (const char *text)
{
  CcbtLsdMessage message;

  g_assert_false (parse (text, &message));
}

static void
test_a_real_message_is_understood (void)
{
  CcbtLsdMessage message;
  g_autofree char *hex = NULL;

  g_assert_true (parse (REAL_MESSAGE, &message));
  hex = ccbt_hex_encode (message.info_hashes[0].bytes, 20);
  g_assert_cmpuint (message.port, ==, 6881);
  g_assert_cmpuint (message.n_info_hashes, ==, 1);
  g_assert_cmpstr (hex, ==, HEX_A);
  g_assert_cmpstr (message.cookie, ==, "4a5b6c7d");
}

static void
test_names_have_no_case_and_order_and_others_are_skipped (void)
{
  CcbtLsdMessage message;

  g_assert_true (parse ("BT-SEARCH * HTTP/1.1\r\nCOOKIE:x\r\nInfoHash:" HEX_A "\r\nnonsense\r\n"
                        "X-Other: 1\r\ninfohash: " HEX_B "\r\nport:\t1 \r\nHost: h\r\n\r\n",
                        &message));
  g_assert_cmpuint (message.port, ==, 1);
  g_assert_cmpuint (message.n_info_hashes, ==, 2);
  g_assert_cmpuint (message.info_hashes[1].bytes[19], ==, 0xff);
  g_assert_cmpstr (message.cookie, ==, "x");
}

static void
test_what_comes_after_the_empty_line_is_not_read (void)
{
  assert_refused ("BT-SEARCH * HTTP/1.1\r\nPort: 1\r\n\r\nInfohash: " HEX_A "\r\n\r\n");
}

static void
test_the_cookie_is_bounded (void)
{
  g_autofree char *cookie = g_strnfill (CCBT_LSD_MAX_COOKIE + 1, 'c');
  g_autofree char *text = g_strdup_printf (
      "BT-SEARCH * HTTP/1.1\r\nPort: 7\r\nInfohash: " HEX_A "\r\ncookie: %s\r\n\r\n", cookie);
  CcbtLsdMessage message;

  g_assert_true (parse (text, &message));
  g_assert_cmpstr (message.cookie, ==, "");
}

static void
test_more_hashes_than_we_read_are_left (void)
{
  g_autoptr (GString) text = g_string_new ("BT-SEARCH * HTTP/1.1\r\nPort: 7\r\n");
  CcbtLsdMessage message;

  for (guint i = 0; i < CCBT_LSD_MAX_HASHES + 5; i++)
    g_string_append (text, "Infohash: " HEX_A "\r\n");
  g_assert_true (parse (text->str, &message));
  g_assert_cmpuint (message.n_info_hashes, ==, CCBT_LSD_MAX_HASHES);
}

static void
test_nonsense_is_refused (void)
{
  assert_refused ("");
  assert_refused ("\r\n");
  assert_refused ("M-SEARCH * HTTP/1.1\r\nPort: 7\r\nInfohash: " HEX_A "\r\n\r\n");
  assert_refused ("BT-SEARCH * HTTP/1.1\r\nInfohash: " HEX_A "\r\n\r\n");
  assert_refused ("BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: " HEX_A "\r\n\r\n");
  assert_refused ("BT-SEARCH * HTTP/1.1\r\nPort: 65536\r\nInfohash: " HEX_A "\r\n\r\n");
  assert_refused ("BT-SEARCH * HTTP/1.1\r\nPort: -1\r\nInfohash: " HEX_A "\r\n\r\n");
  assert_refused ("BT-SEARCH * HTTP/1.1\r\nPort: 0000000007\r\nInfohash: " HEX_A "\r\n\r\n");
  assert_refused ("BT-SEARCH * HTTP/1.1\r\nPort: 7\r\n\r\n");
  assert_refused ("BT-SEARCH * HTTP/1.1\r\nPort: 7\r\nInfohash: " HEX_A "0\r\n\r\n");
  assert_refused ("BT-SEARCH * HTTP/1.1\r\nPort: 7\r\nInfohash: "
                  "zz23456789abcdef0123456789abcdef01234567\r\n\r\n");
}

static void
test_what_is_written_is_what_the_specification_says (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  CcbtLsdMessage message;

  g_assert_true (parse (REAL_MESSAGE, &message));
  ccbt_lsd_message_write (out, &message, "239.192.152.143:6771");
  g_assert_cmpmem (out->data, out->len, REAL_MESSAGE, sizeof REAL_MESSAGE - 1);
}

static void
test_the_largest_message_fits_a_datagram (void)
{
  CcbtLsdMessage message = { .port = 65535, .n_info_hashes = CCBT_LSD_MAX_HASHES };
  g_autoptr (GByteArray) out = g_byte_array_new ();

  memset (message.cookie, 'c', CCBT_LSD_MAX_COOKIE);
  ccbt_lsd_message_write (out, &message, "[ff15::efc0:988f]:6771");
  g_assert_cmpuint (out->len, <=, 1400);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lsd-message/real", test_a_real_message_is_understood);
  g_test_add_func ("/lsd-message/headers",
                   test_names_have_no_case_and_order_and_others_are_skipped);
  g_test_add_func ("/lsd-message/end", test_what_comes_after_the_empty_line_is_not_read);
  g_test_add_func ("/lsd-message/cookie", test_the_cookie_is_bounded);
  g_test_add_func ("/lsd-message/many", test_more_hashes_than_we_read_are_left);
  g_test_add_func ("/lsd-message/nonsense", test_nonsense_is_refused);
  g_test_add_func ("/lsd-message/written", test_what_is_written_is_what_the_specification_says);
  g_test_add_func ("/lsd-message/size", test_the_largest_message_fits_a_datagram);
  return g_test_run ();
}

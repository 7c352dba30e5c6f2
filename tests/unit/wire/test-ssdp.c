/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-error.h"
#include "wire/ccbt-ssdp.h"

/* As miniupnpd 2.3.1 sends them. */
#define ANSWER                                                                                     \
  "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\n"                                              \
  "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n"                                    \
  "USN: uuid:8d0a3c2e::urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nEXT:\r\n"            \
  "SERVER: Debian UPnP/1.1 MiniUPnPd/2.3.1\r\nLOCATION: "                                          \
  "http://192.168.50.1:36047/rootDesc.xml\r\n"                                                     \
  "BOOTID.UPNP.ORG: 1795434714\r\nCONFIGID.UPNP.ORG: 1337\r\n\r\n"
#define NOTICE                                                                                     \
  "NOTIFY * HTTP/1.1\r\nHOST:239.255.255.250:1900\r\nCACHE-CONTROL:max-age=120\r\n"                \
  "LOCATION:http://192.168.50.1:36047/rootDesc.xml\r\nNT:upnp:rootdevice\r\n"                      \
  "NTS:ssdp:byebye\r\nBOOTID.UPNP.ORG:7\r\n\r\n"

static gboolean
parse (const char *text, CcbtSsdpMessage *out)
{
  return ccbt_ssdp_parse (ccbt_span_from_string (text), out, NULL);
}

static void
test_an_answer_is_understood (void)
{
  CcbtSsdpMessage message;

  g_assert_true (parse (ANSWER, &message));
  g_assert_false (message.is_notice);
  g_assert_cmpstr (message.location, ==, "http://192.168.50.1:36047/rootDesc.xml");
  g_assert_cmpstr (message.target, ==, "urn:schemas-upnp-org:device:InternetGatewayDevice:1");
  g_assert_true (message.has_boot_id);
  g_assert_cmpuint (message.boot_id, ==, 1795434714);
}

static void
test_a_notice_is_understood (void)
{
  CcbtSsdpMessage message;

  g_assert_true (parse (NOTICE, &message));
  g_assert_true (message.is_notice);
  g_assert_true (message.is_leaving);
  g_assert_cmpstr (message.target, ==, "upnp:rootdevice");
}

static void
test_names_have_no_case_and_lines_end_as_they_like (void)
{
  CcbtSsdpMessage message;

  g_assert_true (parse ("http/1.1 200 ok\nlocation:  http://10.0.0.1/x \nst:\ty", &message));
  g_assert_cmpstr (message.location, ==, "http://10.0.0.1/x");
  g_assert_cmpstr (message.target, ==, "y");
  g_assert_false (message.has_boot_id);
}

static void
test_values_that_cannot_be_are_left_out (void)
{
  g_autoptr (GString) text = g_string_new ("HTTP/1.1 200 OK\r\nLOCATION: http://");
  CcbtSsdpMessage message;

  for (guint i = 0; i < CCBT_SSDP_MAX_URL; i++)
    g_string_append_c (text, 'a');
  g_string_append (text, "\r\nST: a\033[31mb\r\nBOOTID.UPNP.ORG: 99999999999\r\n\r\n");
  g_assert_true (parse (text->str, &message));
  g_assert_cmpstr (message.location, ==, "");
  g_assert_cmpstr (message.target, ==, "");
  g_assert_false (message.has_boot_id);
}

static void
test_what_comes_after_the_empty_line_is_not_read (void)
{
  CcbtSsdpMessage message;

  g_assert_true (parse ("HTTP/1.1 200 OK\r\n\r\nLOCATION: http://10.0.0.1/\r\n", &message));
  g_assert_cmpstr (message.location, ==, "");
}

static void
test_other_datagrams_are_refused (void)
{
  static const guint8 large[CCBT_SSDP_MAX_SIZE + 1] = "HTTP/1.1 200 OK\r\n";
  g_autoptr (GError) error = NULL;
  CcbtSsdpMessage message;

  g_assert_false (parse ("", &message));
  g_assert_false (parse ("HTTP/1.1 404 Not Found\r\n\r\n", &message));
  g_assert_false (parse ("M-SEARCH * HTTP/1.1\r\n\r\n", &message));
  g_assert_false (ccbt_ssdp_parse ((CcbtSpan){ large, sizeof large }, &message, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE);
}

static void
test_a_search_is_as_the_architecture_has_it (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const char *expected = "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
                         "MAN: \"ssdp:discover\"\r\nMX: 1\r\nST: upnp:rootdevice\r\n\r\n";

  ccbt_ssdp_write_search (bytes, "239.255.255.250:1900", "upnp:rootdevice", 1);
  g_assert_cmpmem (bytes->data, bytes->len, expected, strlen (expected));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ssdp/answer", test_an_answer_is_understood);
  g_test_add_func ("/ssdp/notice", test_a_notice_is_understood);
  g_test_add_func ("/ssdp/forms", test_names_have_no_case_and_lines_end_as_they_like);
  g_test_add_func ("/ssdp/values", test_values_that_cannot_be_are_left_out);
  g_test_add_func ("/ssdp/body", test_what_comes_after_the_empty_line_is_not_read);
  g_test_add_func ("/ssdp/others", test_other_datagrams_are_refused);
  g_test_add_func ("/ssdp/search", test_a_search_is_as_the_architecture_has_it);
  return g_test_run ();
}

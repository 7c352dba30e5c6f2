/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-error.h"
#include "wire/ccbt-upnp.h"

#define WAN "urn:schemas-upnp-org:service:WANIPConnection:"
#define SERVICE(type, control)                                                                     \
  "<service><serviceType>" type "</serviceType><controlURL>" control "</controlURL></service>"
#define ENVELOPE(body)                                                                             \
  "<?xml version=\"1.0\"?>\r\n<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">"  \
  "<s:Body>" body "</s:Body></s:Envelope>"
#define FAULT(code, text)                                                                          \
  ENVELOPE ("<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>" \
            "<UPnPError xmlns=\"urn:schemas-upnp-org:control-1-0\"><errorCode>" code               \
            "</errorCode><errorDescription>" text                                                  \
            "</errorDescription></UPnPError></detail></s:Fault>")

static void
assert_description_fails (const char *xml, int code)
{
  g_autoptr (GError) error = NULL;
  CcbtUpnpDescription description;

  g_assert_false (ccbt_upnp_description_parse (ccbt_span_from_string (xml), &description, &error));
  g_assert_error (error, CCBT_ERROR, code);
}

static void
test_the_services_that_open_ports_are_found (void)
{
  const char *xml
      = "<?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\">"
        "<URLBase> http://10.0.0.1:5000/ </URLBase><device><friendlyName>x</friendlyName>"
        "<serviceList>" SERVICE ("urn:x:service:Other:1", "/other") SERVICE (WAN "2", "/ctl/IPConn")
            SERVICE (WAN "1", "") SERVICE ("urn:schemas-upnp-org:service:WANIPv6FirewallControl:1",
                                           "six") "</serviceList></device></root>";
  CcbtUpnpDescription description;

  g_assert_true (ccbt_upnp_description_parse (ccbt_span_from_string (xml), &description, NULL));
  g_assert_cmpstr (description.base, ==, "http://10.0.0.1:5000/");
  g_assert_cmpuint (description.n_services, ==, 2);
  g_assert_cmpint (description.services[0].kind, ==, CCBT_UPNP_WAN_IP_2);
  g_assert_cmpstr (description.services[0].control, ==, "/ctl/IPConn");
  g_assert_cmpint (description.services[1].kind, ==, CCBT_UPNP_IPV6_FIREWALL);
}

static void
test_old_charsets_do_no_harm (void)
{
  const char *xml = "<root><friendlyName>K\xfc"
                    "che</friendlyName>" SERVICE (WAN "1", "/c") "</root>";
  CcbtUpnpDescription description;

  g_assert_true (ccbt_upnp_description_parse (ccbt_span_from_string (xml), &description, NULL));
  g_assert_cmpuint (description.n_services, ==, 1);
}

static void
test_document_types_are_refused (void)
{
  assert_description_fails ("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>",
                            CCBT_ERROR_MALFORMED);
  assert_description_fails ("<!DOCTYPE r><root>" SERVICE (WAN "1", "/c") "</root>",
                            CCBT_ERROR_MALFORMED);
  assert_description_fails ("<root>&lol;" SERVICE (WAN "1", "/c") "</root>", CCBT_ERROR_MALFORMED);
}

static void
test_what_is_broken_deep_or_large_is_refused (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);
  g_autoptr (GString) large = g_string_new ("<root>");
  g_autoptr (GString) many = g_string_new ("<root>");

  for (guint i = 0; i < 100; i++)
    g_string_append (deep, "<a>");
  for (guint i = 0; i < 6000; i++)
    g_string_append (many, "<a/>");
  while (large->len <= CCBT_UPNP_MAX_SIZE)
    g_string_append (large, "some text ");
  assert_description_fails (deep->str, CCBT_ERROR_TOO_LARGE);
  assert_description_fails (many->str, CCBT_ERROR_TOO_LARGE);
  assert_description_fails (large->str, CCBT_ERROR_TOO_LARGE);
  assert_description_fails ("", CCBT_ERROR_MALFORMED);
  assert_description_fails ("<root><a></root>", CCBT_ERROR_MALFORMED);
  assert_description_fails ("<root/>", CCBT_ERROR_NOT_FOUND);
}

static void
test_services_and_urls_are_bounded (void)
{
  g_autoptr (GString) xml = g_string_new ("<root>");
  g_autofree char *url = g_strnfill (CCBT_UPNP_MAX_URL, 'a');
  CcbtUpnpDescription description;

  g_string_append_printf (xml, SERVICE (WAN "1", "%s"), url);
  for (guint i = 0; i < 50; i++)
    g_string_append (xml, SERVICE (WAN "1", "/c"));
  g_string_append (xml, "</root>");
  g_assert_true (
      ccbt_upnp_description_parse (ccbt_span_from_string (xml->str), &description, NULL));
  g_assert_cmpuint (description.n_services, ==, CCBT_UPNP_MAX_SERVICES);
  g_assert_cmpstr (description.services[0].control, ==, "/c");
}

static void
test_a_call_is_escaped (void)
{
  const CcbtUpnpArgument arguments[] = { { "NewRemoteHost", "" }, { "Text", "<&>" }, { NULL } };
  g_autofree char *body = ccbt_upnp_write_call (CCBT_UPNP_WAN_IP, "Do", arguments);

  g_assert_nonnull (strstr (body, "<u:Do xmlns:u=\"" WAN "1\"><NewRemoteHost></NewRemoteHost>"
                                  "<Text>&lt;&amp;&gt;</Text></u:Do>"));
}

static CcbtUpnpReply
parse_reply (const char *xml)
{
  CcbtUpnpReply reply;

  g_assert_true (ccbt_upnp_reply_parse (ccbt_span_from_string (xml), &reply, NULL));
  return reply;
}

static void
test_answers_are_understood (void)
{
  CcbtUpnpReply reply = parse_reply (
      ENVELOPE ("<u:GetExternalIPAddressResponse xmlns:u=\"" WAN "1\"><NewExternalIPAddress>"
                "11.0.0.1</NewExternalIPAddress></u:GetExternalIPAddressResponse>"));
  g_autofree char *ip = ccbt_address_ip_to_string (&reply.external);

  g_assert_false (reply.is_error);
  g_assert_true (reply.has_external);
  g_assert_cmpstr (ip, ==, "11.0.0.1");
  reply = parse_reply (ENVELOPE ("<u:R><NewReservedPort>6881</NewReservedPort></u:R>"));
  g_assert_cmpuint (reply.reserved_port, ==, 6881);
  reply = parse_reply (ENVELOPE ("<u:R><UniqueID>0</UniqueID></u:R>"));
  g_assert_true (reply.has_unique_id);
}

static void
test_refusals_are_understood (void)
{
  CcbtUpnpReply reply = parse_reply (FAULT ("725", "OnlyPermanentLeasesSupported"));

  g_assert_true (reply.is_error);
  g_assert_cmpuint (reply.error_code, ==, CCBT_UPNP_PERMANENT_ONLY);
  g_assert_cmpstr (reply.error_text, ==, "OnlyPermanentLeasesSupported");
}

static void
test_numbers_and_addresses_out_of_range_are_left_out (void)
{
  CcbtUpnpReply reply
      = parse_reply (ENVELOPE ("<R><NewReservedPort>65536</NewReservedPort><UniqueID>-1</UniqueID>"
                               "<NewExternalIPAddress>router.example</NewExternalIPAddress></R>"));

  g_assert_cmpuint (reply.reserved_port, ==, 0);
  g_assert_false (reply.has_unique_id);
  g_assert_false (reply.has_external);
}

static void
test_error_text_is_printable_and_short (void)
{
  g_autofree char *many = g_strnfill (5000, 'x');
  g_autofree char *xml = g_strdup_printf (FAULT ("606", "\x1b[2J\xe2\x80\xae%s"), many);
  CcbtUpnpReply reply = parse_reply (xml);

  g_assert_true (g_utf8_validate (reply.error_text, -1, NULL));
  g_assert_null (strchr (reply.error_text, '\x1b'));
  g_assert_null (strstr (reply.error_text, "\xe2\x80\xae"));
  g_assert_cmpuint (strlen (reply.error_text), <, sizeof reply.error_text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/upnp/services", test_the_services_that_open_ports_are_found);
  g_test_add_func ("/upnp/charset", test_old_charsets_do_no_harm);
  g_test_add_func ("/upnp/document-type", test_document_types_are_refused);
  g_test_add_func ("/upnp/limits", test_what_is_broken_deep_or_large_is_refused);
  g_test_add_func ("/upnp/bounds", test_services_and_urls_are_bounded);
  g_test_add_func ("/upnp/call", test_a_call_is_escaped);
  g_test_add_func ("/upnp/answers", test_answers_are_understood);
  g_test_add_func ("/upnp/refusals", test_refusals_are_understood);
  g_test_add_func ("/upnp/range", test_numbers_and_addresses_out_of_range_are_left_out);
  g_test_add_func ("/upnp/error-text", test_error_text_is_printable_and_short);
  return g_test_run ();
}

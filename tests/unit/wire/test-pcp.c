/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-error.h"
#include "wire/ccbt-pcp.h"

/* Bytes laid out by hand from the figures of RFC 6887 (sections 7 and 11) and RFC 6886 (3.2, 3.3). */
#define NONCE 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab
#define MAPPED_192_168_1_7 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 168, 1, 7
#define MAPPED_ANY 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0
#define MAPPED_198_51_100_4 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100, 4

static const guint8 pcp_request[] = { 2, 1, 0, 0, 0,    0,    0x0e, 0x10, MAPPED_192_168_1_7, NONCE,
                                      6, 0, 0, 0, 0x1a, 0xe1, 0,    0,    MAPPED_ANY };
static const guint8 pcp_success[] = {
  2, 0x81, 0, 0, 0, 0, 0x0e, 0x10,  0,  0, 0x12, 0x34, 0,    0,    0,    0,    0,
  0, 0,    0, 0, 0, 0, 0,    NONCE, 17, 0, 0,    0,    0x1a, 0xe1, 0x1b, 0x58, MAPPED_198_51_100_4
};
static const guint8 pmp_request[] = { 0, 2, 0, 0, 0x1a, 0xe1, 0x1a, 0xe1, 0, 0, 0x1c, 0x20 };
static const guint8 pmp_success[]
    = { 0, 130, 0, 0, 0, 0, 0, 9, 0x1a, 0xe1, 0x1b, 0x58, 0, 0, 0x1c, 0x20 };
static const guint8 pmp_address[] = { 0, 128, 0, 0, 0, 0, 0, 9, 198, 51, 100, 4 };
/* What a router that knows only NAT-PMP answers to a request of PCP (RFC 6886 section 3.5). */
static const guint8 pmp_unsupported[] = { 0, 129, 0, 1, 0, 0, 0, 9 };

#define SPAN(array) ((CcbtSpan){ (array), sizeof (array) })

static CcbtAddress
address (const char *ip)
{
  CcbtAddress out;

  g_assert_true (ccbt_address_parse_ip (ip, 0, &out));
  return out;
}

static void
assert_external (const CcbtPcpReply *reply, const char *expected)
{
  g_autofree char *text = ccbt_address_ip_to_string (&reply->external);

  g_assert_true (reply->has_external);
  g_assert_cmpstr (text, ==, expected);
}

static CcbtPcpRequest
make_request (void)
{
  return (CcbtPcpRequest){
    .internal_port = 6881, .lifetime = 3600, .nonce = { NONCE }, .client = address ("192.168.1.7")
  };
}

static void
test_a_pcp_request_is_as_the_rfc_draws_it (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  CcbtPcpRequest request = make_request ();

  ccbt_pcp_request_write (bytes, &request);
  g_assert_cmpmem (bytes->data, bytes->len, pcp_request, sizeof pcp_request);
}

static void
test_any_address_of_ipv6_is_all_zero (void)
{
  static const guint8 zero[16];
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  CcbtPcpRequest request = make_request ();

  request.client = address ("2001:db8::7");
  ccbt_pcp_request_write (bytes, &request);
  g_assert_cmpmem (bytes->data + 8, 16, request.client.ip, 16);
  g_assert_cmpmem (bytes->data + 44, 16, zero, 16);
}

static void
test_a_pcp_success_is_read (void)
{
  const guint8 nonce[] = { NONCE };
  CcbtPcpReply reply;

  g_assert_true (ccbt_pcp_reply_parse (SPAN (pcp_success), &reply, NULL));
  g_assert_cmpint (reply.version, ==, CCBT_PCP_VERSION);
  g_assert_cmpint (reply.opcode, ==, CCBT_PCP_MAP);
  g_assert_cmpuint (reply.result, ==, CCBT_PCP_SUCCESS);
  g_assert_cmpuint (reply.lifetime, ==, 3600);
  g_assert_cmpuint (reply.epoch, ==, 0x1234);
  g_assert_true (reply.is_udp);
  g_assert_cmpuint (reply.internal_port, ==, 6881);
  g_assert_cmpuint (reply.external_port, ==, 7000);
  g_assert_cmpmem (reply.nonce, sizeof reply.nonce, nonce, sizeof nonce);
  assert_external (&reply, "198.51.100.4");
}

static void
test_nat_pmp_is_written_and_read (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  CcbtPcpRequest request = { .internal_port = 6881, .external_port = 6881, .lifetime = 7200 };
  CcbtPcpReply reply;

  ccbt_nat_pmp_request_write (bytes, &request);
  g_assert_cmpmem (bytes->data, bytes->len, pmp_request, sizeof pmp_request);
  g_assert_true (ccbt_pcp_reply_parse (SPAN (pmp_success), &reply, NULL));
  g_assert_cmpint (reply.opcode, ==, CCBT_PCP_MAP);
  g_assert_false (reply.is_udp);
  g_assert_cmpuint (reply.external_port, ==, 7000);
  g_assert_cmpuint (reply.lifetime, ==, 7200);
  g_assert_true (ccbt_pcp_reply_parse (SPAN (pmp_address), &reply, NULL));
  g_assert_cmpint (reply.opcode, ==, CCBT_PCP_ANNOUNCE);
  assert_external (&reply, "198.51.100.4");
  g_byte_array_set_size (bytes, 0);
  ccbt_nat_pmp_write_address_request (bytes);
  g_assert_cmpmem (bytes->data, bytes->len, "\0\0", 2);
}

static void
test_an_old_router_answers_a_new_request (void)
{
  CcbtPcpReply reply;

  g_assert_true (ccbt_pcp_reply_parse (SPAN (pmp_unsupported), &reply, NULL));
  g_assert_cmpint (reply.version, ==, CCBT_NAT_PMP_VERSION);
  g_assert_cmpuint (reply.result, ==, CCBT_PCP_UNSUPPORTED_VERSION);
}

static void
assert_refused (CcbtSpan datagram, int code)
{
  g_autoptr (GError) error = NULL;
  CcbtPcpReply reply;

  g_assert_false (ccbt_pcp_reply_parse (datagram, &reply, &error));
  g_assert_error (error, CCBT_ERROR, code);
}

static void
test_every_shorter_reply_is_refused (void)
{
  for (gsize n = 0; n < sizeof pcp_success; n++)
    assert_refused ((CcbtSpan){ pcp_success, n }, CCBT_ERROR_MALFORMED);
  for (gsize n = 0; n < sizeof pmp_success; n++)
    assert_refused ((CcbtSpan){ pmp_success, n }, CCBT_ERROR_MALFORMED);
  for (gsize n = 0; n < sizeof pmp_address; n++)
    assert_refused ((CcbtSpan){ pmp_address, n }, CCBT_ERROR_MALFORMED);
}

static void
assert_refused_with (gsize at, guint8 byte, int code)
{
  guint8 bytes[sizeof pcp_success];

  memcpy (bytes, pcp_success, sizeof bytes);
  bytes[at] = byte;
  assert_refused (SPAN (bytes), code);
}

static void
test_nonsense_is_refused (void)
{
  static const guint8 large[CCBT_PCP_MAX_SIZE + 4] = { 2, 0x81 };

  assert_refused_with (0, 1, CCBT_ERROR_UNSUPPORTED);
  assert_refused_with (1, 1, CCBT_ERROR_MALFORMED); /* a request */
  assert_refused_with (1, 0x82, CCBT_ERROR_UNSUPPORTED);
  assert_refused_with (36, 1, CCBT_ERROR_MALFORMED); /* ICMP */
  assert_refused (SPAN (large), CCBT_ERROR_TOO_LARGE);
}

static void
test_a_success_without_ports_is_refused (void)
{
  guint8 bytes[sizeof pcp_success];

  memcpy (bytes, pcp_success, sizeof bytes);
  bytes[42] = bytes[43] = 0;
  assert_refused (SPAN (bytes), CCBT_ERROR_MALFORMED);
  bytes[3] = 8; /* an error may have none */
  g_assert_true (ccbt_pcp_reply_parse (SPAN (bytes), &(CcbtPcpReply){ 0 }, NULL));
  bytes[3] = 0; /* so may a mapping that was taken away */
  memset (bytes + 4, 0, 4);
  g_assert_true (ccbt_pcp_reply_parse (SPAN (bytes), &(CcbtPcpReply){ 0 }, NULL));
  bytes[40] = bytes[41] = 0;
  assert_refused (SPAN (bytes), CCBT_ERROR_MALFORMED);
}

static void
test_every_result_has_words (void)
{
  for (guint result = 0; result < 70; result++)
    {
      CcbtPcpReply reply = { .version = CCBT_PCP_VERSION, .result = result };

      g_assert_nonnull (ccbt_pcp_reply_describe (&reply));
      reply.version = CCBT_NAT_PMP_VERSION;
      g_assert_nonnull (ccbt_pcp_reply_describe (&reply));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pcp/request", test_a_pcp_request_is_as_the_rfc_draws_it);
  g_test_add_func ("/pcp/request-ipv6", test_any_address_of_ipv6_is_all_zero);
  g_test_add_func ("/pcp/success", test_a_pcp_success_is_read);
  g_test_add_func ("/pcp/nat-pmp", test_nat_pmp_is_written_and_read);
  g_test_add_func ("/pcp/old-router", test_an_old_router_answers_a_new_request);
  g_test_add_func ("/pcp/short", test_every_shorter_reply_is_refused);
  g_test_add_func ("/pcp/nonsense", test_nonsense_is_refused);
  g_test_add_func ("/pcp/no-ports", test_a_success_without_ports_is_refused);
  g_test_add_func ("/pcp/words", test_every_result_has_words);
  return g_test_run ();
}

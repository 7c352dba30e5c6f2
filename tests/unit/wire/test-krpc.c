/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-krpc.h"

static CcbtKrpcMessage
parse_good (const char *bytes, gsize len)
{
  CcbtKrpcMessage message;
  g_autoptr (GError) error = NULL;

  g_assert_true (ccbt_krpc_parse ((CcbtSpan){ (const guint8 *) bytes, len }, &message, &error));
  g_assert_no_error (error);
  return message;
}

#define PARSE(text) parse_good (text, sizeof (text) - 1)

/* What is read and written again is the same, byte for byte: the examples of BEP 5 are sorted. */
static void
assert_writes_back (const char *bytes, gsize len)
{
  CcbtKrpcMessage message = parse_good (bytes, len);
  g_autoptr (GByteArray) out = g_byte_array_new ();

  ccbt_krpc_write (out, &message);
  g_assert_cmpmem (out->data, out->len, bytes, len);
}

#define ASSERT_WRITES_BACK(text) assert_writes_back (text, sizeof (text) - 1)

/* The examples of BEP 5. */
static void
test_examples (void)
{
  CcbtKrpcMessage message = PARSE (
      "d1:ad2:id20:abcdefghij012345678912:implied_porti1e9:info_hash20:mnopqrstuvwxyz123456"
      "4:porti6881e5:token8:aoeusnthe1:q13:announce_peer1:t2:aa1:y1:qe");

  g_assert_cmpint (message.kind, ==, CCBT_KRPC_QUERY);
  g_assert_cmpint (message.method, ==, CCBT_KRPC_ANNOUNCE_PEER);
  g_assert_true (message.has_id && message.has_target && message.has_port);
  g_assert_true (message.implied_port);
  g_assert_cmpuint (message.port, ==, 6881);
  g_assert_cmpmem (message.token.data, message.token.len, "aoeusnth", 8);
  g_assert_cmpmem (message.target.bytes, 20, "mnopqrstuvwxyz123456", 20);
  g_assert_cmpmem (message.transaction.data, message.transaction.len, "aa", 2);

  message = PARSE ("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee");
  g_assert_cmpint (message.kind, ==, CCBT_KRPC_ERROR);
  g_assert_cmpint (message.error_code, ==, 201);

  message = PARSE ("d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth6:valuesl6:axje.u6:idhtnmee"
                   "1:t2:aa1:y1:re");
  g_assert_cmpint (message.kind, ==, CCBT_KRPC_RESPONSE);
  g_assert_cmpuint (message.n_peers, ==, 2);
  g_assert_cmpuint (message.peers[0].port, ==, '.' << 8 | 'u');
  g_assert_cmpuint (message.peers[0].ip[0], ==, 'a');

  ASSERT_WRITES_BACK ("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe");
  ASSERT_WRITES_BACK ("d1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re");
  ASSERT_WRITES_BACK ("d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e"
                      "1:q9:find_node1:t2:aa1:y1:qe");
  ASSERT_WRITES_BACK ("d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e"
                      "1:q9:get_peers1:t2:aa1:y1:qe");
  ASSERT_WRITES_BACK ("d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth6:valuesl6:axje.u6:idhtnmee"
                      "1:t2:aa1:y1:re");
}

/* BEP 32: nodes of both families; BEP 42: our address; BEP 43: read only. */
static void
test_families (void)
{
  CcbtKrpcMessage message = { .kind = CCBT_KRPC_RESPONSE,
                              .transaction = CCBT_SPAN_LITERAL ("tt"),
                              .has_your_address = TRUE,
                              .is_read_only = TRUE };
  CcbtKrpcMessage read;
  g_autoptr (GByteArray) out = g_byte_array_new ();

  g_assert_true (ccbt_address_parse ("8.8.4.4:1234", &message.your_address));
  g_assert_true (ccbt_address_parse ("[2001:db8::1]:5", &message.nodes[0].address));
  g_assert_true (ccbt_address_parse ("9.9.9.9:6", &message.nodes[1].address));
  message.nodes[0].id.bytes[0] = 7;
  message.n_nodes = 2;
  ccbt_krpc_write (out, &message);
  read = parse_good ((const char *) out->data, out->len);
  g_assert_true (read.is_read_only && read.has_your_address);
  g_assert_true (ccbt_address_equal (&read.your_address, &message.your_address));
  g_assert_cmpuint (read.n_nodes, ==, 2);
  g_assert_true (ccbt_address_equal (&read.nodes[0].address, &message.nodes[1].address));
  g_assert_true (ccbt_address_equal (&read.nodes[1].address, &message.nodes[0].address));
  g_assert_cmpuint (read.nodes[1].id.bytes[0], ==, 7);

  read = PARSE ("d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz1234564:wantl2:n42:n6ee"
                "1:q9:find_node1:t2:aa1:y1:qe");
  g_assert_true (read.wants_ipv4 && read.wants_ipv6);
}

/* BEP 44: the value is kept as it stood, whatever it is. */
static void
test_items (void)
{
  CcbtKrpcMessage message = PARSE (
      "d1:ad2:id20:abcdefghij01234567895:token2:xy1:vd1:bi1e1:ali2eeee1:q3:put1:t2:aa1:y1:qe");

  g_assert_cmpint (message.method, ==, CCBT_KRPC_PUT);
  g_assert_cmpmem (message.value.data, message.value.len, "d1:bi1e1:ali2eee", 16);
  g_assert_false (message.has_key || message.has_sequence || message.has_cas);
}

#define HEX32                                                                                      \
  "\x77\xff\x84\x90\x5a\x91\x93\x63\x67\xc0\x13\x60\x80\x31\x04\xf9"                               \
  "\x24\x32\xfc\xd9\x04\xa4\x35\x11\x87\x6d\xf5\xcd\xf3\xe7\xe5\x48"
#define SIGNATURE "SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS"

/* The mutable item of BEP 44's first example, with its key, a salt and "cas". */
static void
test_mutable_items (void)
{
  CcbtKrpcMessage message
      = PARSE ("d1:ad3:casi1e2:id20:abcdefghij01234567891:k32:" HEX32 "4:salt6:foobar3:seqi4e"
               "3:sig64:" SIGNATURE "5:token8:aoeusnth1:v12:Hello World!e1:q3:put1:t2:aa1:y1:qe");

  g_assert_true (message.has_key && message.has_signature && message.has_sequence
                 && message.has_cas);
  g_assert_cmpmem (message.public_key, 32, HEX32, 32);
  g_assert_cmpmem (message.signature, 64, SIGNATURE, 64);
  g_assert_cmpmem (message.salt.data, message.salt.len, "foobar", 6);
  g_assert_cmpmem (message.value.data, message.value.len, "12:Hello World!", 15);
  g_assert_cmpint (message.sequence, ==, 4);
  g_assert_cmpint (message.cas, ==, 1);
  ASSERT_WRITES_BACK (
      "d1:ad3:casi1e2:id20:abcdefghij01234567891:k32:" HEX32 "4:salt6:foobar3:seqi4e"
      "3:sig64:" SIGNATURE "5:token8:aoeusnth1:v12:Hello World!e1:q3:put1:t2:aa1:y1:qe");
  ASSERT_WRITES_BACK ("d1:rd2:id20:abcdefghij01234567891:k32:" HEX32 "3:seqi4e3:sig64:" SIGNATURE
                      "5:token8:aoeusnth1:v12:Hello World!e1:t2:aa1:y1:re");
  /* A key or a signature of another length is none. */
  message = PARSE ("d1:ad2:id20:abcdefghij01234567891:k3:abc3:sig2:xye1:q3:put1:t2:aa1:y1:qe");
  g_assert_false (message.has_key || message.has_signature);
}

#define BYTES64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define BYTES256 BYTES64 BYTES64 BYTES64 BYTES64

/* BEP 33: what is asked for, what is said of oneself, and the two filters. */
static void
test_scrape (void)
{
  CcbtKrpcMessage message
      = PARSE ("d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz1234566:noseedi1e"
               "6:scrapei1ee1:q9:get_peers1:t2:aa1:y1:qe");

  g_assert_true (message.wants_scrape && message.no_seed);
  message = PARSE ("d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz1234566:noseedi0e"
                   "6:scrapei0ee1:q9:get_peers1:t2:aa1:y1:qe");
  g_assert_false (message.wants_scrape || message.no_seed);
  message = PARSE ("d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz1234564:porti1e"
                   "4:seedi1e5:token1:xe1:q13:announce_peer1:t2:aa1:y1:qe");
  g_assert_true (message.is_seed);
  ASSERT_WRITES_BACK ("d1:rd4:BFpe256:" BYTES256 "4:BFsd256:" BYTES256
                      "2:id20:abcdefghij0123456789e1:t2:aa1:y1:re");
  message
      = PARSE ("d1:rd4:BFpe3:abc4:BFsd256:" BYTES256 "2:id20:abcdefghij0123456789e1:t2:aa1:y1:re");
  g_assert_cmpuint (message.filter_peers.len, ==, 0);
  g_assert_cmpuint (message.filter_seeds.len, ==, 256);
}

/* BEP 51. "samples" is there even when it is empty: it says that the method is known. */
static void
test_samples (void)
{
  CcbtKrpcMessage message = PARSE ("d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456"
                                   "e1:q17:sample_infohashes1:t2:aa1:y1:qe");

  g_assert_cmpint (message.method, ==, CCBT_KRPC_SAMPLE_INFOHASHES);
  g_assert_true (message.has_target);
  ASSERT_WRITES_BACK ("d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e"
                      "1:q17:sample_infohashes1:t2:aa1:y1:qe");
  ASSERT_WRITES_BACK ("d1:rd2:id20:abcdefghij01234567898:intervali60e3:numi2e7:samples"
                      "40:aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbe1:t2:aa1:y1:re");
  ASSERT_WRITES_BACK ("d1:rd2:id20:abcdefghij01234567898:intervali60e3:numi0e7:samples0:e"
                      "1:t2:aa1:y1:re");
  message = PARSE ("d1:rd2:id20:abcdefghij01234567898:intervali60e3:numi2e7:samples"
                   "25:aaaaaaaaaaaaaaaaaaaabbbbbe1:t2:aa1:y1:re");
  g_assert_cmpuint (message.samples.len, ==, 20);
}

/* BEP 42: "ip" with a port, as everybody sends it, and without. */
static void
test_your_address (void)
{
  CcbtKrpcMessage message = PARSE ("d2:ip6:\x08\x08\x04\x04\x1a\xe1"
                                   "1:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re");

  g_assert_true (message.has_your_address);
  g_assert_cmpuint (message.your_address.ip[2], ==, 4);
  g_assert_cmpuint (message.your_address.port, ==, 6881);
  message = PARSE ("d2:ip4:\x08\x08\x04\x04"
                   "1:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re");
  g_assert_true (message.has_your_address);
  message = PARSE ("d2:ip5:abcde1:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re");
  g_assert_false (message.has_your_address);
}

/* Threat B79: far more of everything than anybody needs. */
static void
test_bounds (void)
{
  CcbtKrpcMessage message;
  g_autoptr (GString) bytes = g_string_new ("d1:rd2:id20:abcdefghij01234567895:nodes26000:");

  for (guint i = 0; i < 26000; i++)
    g_string_append_c (bytes, 'x');
  g_string_append (bytes, "6:valuesl");
  for (guint i = 0; i < 1000; i++)
    g_string_append (bytes, "6:abcdef");
  g_string_append (bytes, "ee1:t2:aa1:y1:re");
  message = parse_good (bytes->str, bytes->len);
  g_assert_cmpuint (message.n_nodes, ==, CCBT_KRPC_MAX_NODES);
  g_assert_cmpuint (message.n_peers, ==, CCBT_KRPC_MAX_PEERS);
  /* Deeper and longer than any message. */
  g_string_truncate (bytes, 0);
  for (guint i = 0; i < 100; i++)
    g_string_append_c (bytes, 'l');
  g_assert_false (
      ccbt_krpc_parse ((CcbtSpan){ (guint8 *) bytes->str, bytes->len }, &message, NULL));
  g_string_truncate (bytes, 0);
  g_string_append (bytes, "d1:al");
  for (guint i = 0; i < 5000; i++)
    g_string_append (bytes, "i1e");
  g_string_append (bytes, "e1:q4:ping1:t2:aa1:y1:qe");
  g_assert_false (
      ccbt_krpc_parse ((CcbtSpan){ (guint8 *) bytes->str, bytes->len }, &message, NULL));
}

/* An answer never outgrows a packet: nodes, peers and samples give way. */
static void
test_size (void)
{
  CcbtKrpcMessage message = { .kind = CCBT_KRPC_RESPONSE,
                              .transaction = CCBT_SPAN_LITERAL ("tt"),
                              .token = CCBT_SPAN_LITERAL ("token123") };
  guint8 samples[64 * 20] = { 0 };
  g_autoptr (GByteArray) out = g_byte_array_new ();

  message.n_nodes = G_N_ELEMENTS (message.nodes);
  for (guint i = 0; i < message.n_nodes; i++)
    g_assert_true (
        ccbt_address_parse (i % 2 ? "8.8.8.8:1" : "[2001:db8::1]:5", &message.nodes[i].address));
  message.n_peers = CCBT_KRPC_MAX_PEERS;
  for (guint i = 0; i < message.n_peers; i++)
    message.peers[i] = message.nodes[i % 2].address;
  message.has_number = TRUE;
  message.samples = (CcbtSpan){ samples, sizeof samples };
  ccbt_krpc_write (out, &message);
  g_assert_cmpuint (out->len, <=, CCBT_KRPC_MAX_DATAGRAM);
  g_assert_cmpuint (out->len, >, 1000);
  parse_good ((const char *) out->data, out->len);
}

/* Threats B79 to B81: nonsense is refused, or its fields count as absent. */
static void
test_nonsense (void)
{
  static const char *const refused[] = {
    "",
    "d",
    "le",
    "de",
    "d1:t2:aae",
    "d1:y1:qe",
    "d1:t2:aa1:y1:xe",
    "d1:t2:aa1:y1:qe",
    "d1:ti1e1:y1:re",
    "d1:t21:aaaaaaaaaaaaaaaaaaaaa1:y1:re",
    "d1:q4:ping1:t2:aa1:y1:qexx",
  };
  CcbtKrpcMessage message;

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    g_assert_false (ccbt_krpc_parse (ccbt_span_from_string (refused[i]), &message, NULL));

  message = PARSE ("d1:q9:get_peers1:t2:aa1:y1:qe");
  g_assert_false (message.has_id || message.has_target);
  message = PARSE (
      "d1:ad2:id3:abc9:info_hashi5e4:porti70000e5:tokeni1ee1:q13:announce_peer1:t0:1:y1:qe");
  g_assert_false (message.has_id || message.has_target || message.has_port);
  g_assert_cmpuint (message.token.len, ==, 0);
  g_assert_cmpuint (message.transaction.len, ==, 0);
  message = PARSE ("d1:ad2:id20:abcdefghij0123456789e1:q6:secret1:t2:aa1:y1:qe");
  g_assert_cmpint (message.method, ==, CCBT_KRPC_UNKNOWN);
  message
      = PARSE ("d1:rd2:id20:abcdefghij01234567895:nodes5:abcde6:valuesl5:abcdei6eee1:t2:aa1:y1:re");
  g_assert_cmpuint (message.n_nodes, ==, 0);
  g_assert_cmpuint (message.n_peers, ==, 0);
  /* A list where a dictionary belongs. */
  message = PARSE ("d1:rle1:t2:aa1:y1:re");
  g_assert_false (message.has_id);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/krpc/examples", test_examples);
  g_test_add_func ("/wire/krpc/families", test_families);
  g_test_add_func ("/wire/krpc/items", test_items);
  g_test_add_func ("/wire/krpc/mutable-items", test_mutable_items);
  g_test_add_func ("/wire/krpc/scrape", test_scrape);
  g_test_add_func ("/wire/krpc/samples", test_samples);
  g_test_add_func ("/wire/krpc/your-address", test_your_address);
  g_test_add_func ("/wire/krpc/bounds", test_bounds);
  g_test_add_func ("/wire/krpc/size", test_size);
  g_test_add_func ("/wire/krpc/nonsense", test_nonsense);
  return g_test_run ();
}

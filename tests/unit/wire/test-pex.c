/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-pex.h"

/* As libtorrent sends it: every key, empty ones as well. 198.51.100.7:6881 (seed, reachable),
 * 203.0.113.9:51413; dropped 192.0.2.1:80. */
#define REAL_MESSAGE                                                                               \
  "d5:added12:\306\063\144\007\032\341\313\000\161\011\310\325"                                    \
  "7:added.f2:\022\000"                                                                            \
  "6:added618:\040\001\015\270\000\000\000\000\000\000\000\000\000\000\000\001\032\341"            \
  "8:added6.f1:\004"                                                                               \
  "7:dropped6:\300\000\002\001\000\120"                                                            \
  "8:dropped60:e"

static CcbtPexMessage *
parse (CcbtSpan payload)
{
  g_autoptr (GError) error = NULL;
  CcbtPexMessage *message = ccbt_pex_parse (payload, &error);

  g_assert_no_error (error);
  g_assert_nonnull (message);
  return message;
}

static void
assert_fails (CcbtSpan payload)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ccbt_pex_parse (payload, &error));
  g_assert_true (error != NULL && error->domain == CCBT_ERROR);
}

static void
assert_added (const CcbtPexMessage *message, guint index, const char *address, guint flags)
{
  const CcbtPexPeer *peer = &g_array_index (message->added, CcbtPexPeer, index);
  g_autofree char *text = ccbt_address_to_string (&peer->address);

  g_assert_cmpstr (text, ==, address);
  g_assert_cmpuint (peer->flags, ==, flags);
}

static void
test_a_real_message_is_understood (void)
{
  g_autoptr (CcbtPexMessage) message = parse (CCBT_SPAN_LITERAL (REAL_MESSAGE));
  g_autofree char *dropped
      = ccbt_address_to_string (&g_array_index (message->dropped, CcbtAddress, 0));

  g_assert_cmpuint (message->added->len, ==, 3);
  assert_added (message, 0, "198.51.100.7:6881", CCBT_PEX_IS_SEED | CCBT_PEX_IS_REACHABLE);
  assert_added (message, 1, "203.0.113.9:51413", 0);
  assert_added (message, 2, "[2001:db8::1]:6881", CCBT_PEX_HAS_UTP);
  g_assert_cmpuint (message->dropped->len, ==, 1);
  g_assert_cmpstr (dropped, ==, "192.0.2.1:80");
}

static void
test_what_is_written_is_sorted_and_leaves_out_the_empty (void)
{
  g_autoptr (CcbtPexMessage) message = parse (CCBT_SPAN_LITERAL (REAL_MESSAGE));
  g_autoptr (GByteArray) out = g_byte_array_new ();
  const CcbtSpan expected = CCBT_SPAN_LITERAL (
      "d5:added12:\306\063\144\007\032\341\313\000\161\011\310\325"
      "7:added.f2:\022\000"
      "6:added618:\040\001\015\270\000\000\000\000\000\000\000\000\000\000\000\001\032\341"
      "8:added6.f1:\004"
      "7:dropped6:\300\000\002\001\000\120e");

  ccbt_pex_write (out, message);
  g_assert_cmpmem (out->data, out->len, expected.data, expected.len);
}

static void
test_flags_may_be_missing (void)
{
  g_autoptr (CcbtPexMessage) message
      = parse (CCBT_SPAN_LITERAL ("d5:added12:\306\063\144\007\032\341\313\000\161\011\310\325"
                                  "7:added.f1:\001e"));

  assert_added (message, 0, "198.51.100.7:6881", CCBT_PEX_PREFERS_ENCRYPTION);
  assert_added (message, 1, "203.0.113.9:51413", 0);
}

static void
test_addresses_nobody_has_are_left_out (void)
{
  /* Port 0, multicast, 0.0.0.0, and one that is said twice. */
  g_autoptr (CcbtPexMessage) message = parse (CCBT_SPAN_LITERAL ("d5:added30:"
                                                                 "\306\063\144\007\000\000"
                                                                 "\357\001\001\001\032\341"
                                                                 "\000\000\000\000\032\341"
                                                                 "\313\000\161\011\310\325"
                                                                 "\313\000\161\011\310\325"
                                                                 "e"));

  g_assert_cmpuint (message->added->len, ==, 1);
  assert_added (message, 0, "203.0.113.9:51413", 0);
}

static void
test_a_flood_is_cut_off (void)
{
  const guint n = 5000;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *head = g_strdup_printf ("d5:added%u:", n * 6);
  g_autoptr (CcbtPexMessage) message = NULL;

  g_byte_array_append (bytes, (const guint8 *) head, (guint) strlen (head));
  for (guint i = 0; i < n; i++)
    {
      const guint8 contact[] = { 198, 51, (guint8) (i >> 8), (guint8) i, 0x1a, 0xe1 };

      g_byte_array_append (bytes, contact, sizeof contact);
    }
  g_byte_array_append (bytes, (const guint8 *) "e", 1);
  message = parse ((CcbtSpan){ bytes->data, bytes->len });
  g_assert_cmpuint (message->added->len, ==, CCBT_PEX_MAX_PEERS);
}

static void
test_an_empty_dictionary_is_an_empty_message (void)
{
  g_autoptr (CcbtPexMessage) message = parse (CCBT_SPAN_LITERAL ("de"));

  g_assert_cmpuint (message->added->len + message->dropped->len, ==, 0);
}

static void
test_nonsense_is_refused (void)
{
  assert_fails (CCBT_SPAN_LITERAL (""));
  assert_fails (CCBT_SPAN_LITERAL ("le"));
  assert_fails (CCBT_SPAN_LITERAL ("de0"));
  assert_fails (CCBT_SPAN_LITERAL ("d5:added5:abcdee"));
  assert_fails (CCBT_SPAN_LITERAL ("d6:added66:abcdefe"));
  assert_fails (CCBT_SPAN_LITERAL ("d7:dropped7:abcdefge"));
  assert_fails (CCBT_SPAN_LITERAL ("d8:dropped61:ae"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pex/real", test_a_real_message_is_understood);
  g_test_add_func ("/pex/written", test_what_is_written_is_sorted_and_leaves_out_the_empty);
  g_test_add_func ("/pex/flags-missing", test_flags_may_be_missing);
  g_test_add_func ("/pex/unusable", test_addresses_nobody_has_are_left_out);
  g_test_add_func ("/pex/flood", test_a_flood_is_cut_off);
  g_test_add_func ("/pex/empty", test_an_empty_dictionary_is_an_empty_message);
  g_test_add_func ("/pex/nonsense", test_nonsense_is_refused);
  return g_test_run ();
}

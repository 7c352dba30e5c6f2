/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-extended.h"
#include "wire/ccbt-metainfo.h"

/* As another encoder writes it; upload_only inside "m" is an extension of others that we ignore. */
#define REAL_HANDSHAKE                                                                             \
  "d1:md11:lt_donthavei7e11:upload_onlyi4e11:ut_metadatai3e6:ut_pexi1ee"                           \
  "13:metadata_sizei31235e1:pi6881e4:reqqi500e11:upload_onlyi1e"                                   \
  "1:v17:qBittorrent/4.5.06:yourip4:\300\000\002\007e"

static CcbtExtendedHandshake
parse_handshake (CcbtSpan payload)
{
  g_autoptr (GError) error = NULL;
  CcbtExtendedHandshake handshake;

  g_assert_true (ccbt_extended_handshake_parse (payload, &handshake, &error));
  g_assert_no_error (error);
  return handshake;
}

static void
assert_handshake_fails (CcbtSpan payload)
{
  g_autoptr (GError) error = NULL;
  CcbtExtendedHandshake handshake;

  g_assert_false (ccbt_extended_handshake_parse (payload, &handshake, &error));
  g_assert_true (error != NULL && error->domain == CCBT_ERROR);
  g_assert_null (handshake.client);
}

static void
test_a_real_handshake_is_understood (void)
{
  CcbtExtendedHandshake handshake = parse_handshake (CCBT_SPAN_LITERAL (REAL_HANDSHAKE));
  g_autofree char *your_ip = ccbt_address_to_string (&handshake.your_ip);

  g_assert_cmpuint (handshake.metadata_id, ==, 3);
  g_assert_cmpuint (handshake.pex_id, ==, 1);
  g_assert_cmpuint (handshake.dont_have_id, ==, 7);
  g_assert_cmpuint (handshake.metadata_size, ==, 31235);
  g_assert_cmpuint (handshake.port, ==, 6881);
  g_assert_cmpuint (handshake.request_queue, ==, 500);
  g_assert_true (handshake.upload_only);
  g_assert_cmpstr (handshake.client, ==, "qBittorrent/4.5.0");
  g_assert_true (handshake.has_your_ip);
  g_assert_cmpstr (your_ip, ==, "192.0.2.7:0");
  ccbt_extended_handshake_clear (&handshake);
  g_assert_null (handshake.client);
}

static void
test_what_is_not_said_has_its_default (void)
{
  CcbtExtendedHandshake handshake = parse_handshake (CCBT_SPAN_LITERAL ("de"));

  g_assert_cmpuint (handshake.metadata_id, ==, 0);
  g_assert_cmpuint (handshake.pex_id, ==, 0);
  g_assert_cmpuint (handshake.dont_have_id, ==, 0);
  g_assert_cmpuint (handshake.metadata_size, ==, 0);
  g_assert_cmpuint (handshake.port, ==, 0);
  g_assert_cmpuint (handshake.request_queue, ==, 250);
  g_assert_false (handshake.upload_only);
  g_assert_null (handshake.client);
  g_assert_false (handshake.has_your_ip);
}

static void
test_an_ipv6_address_is_taken_and_a_mapped_one_unpacked (void)
{
  const struct
  {
    CcbtSpan payload;
    const char *address; /* NULL = none */
  } cases[] = {
    { CCBT_SPAN_LITERAL ("d6:yourip16:\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1e"), "2001:db8::1" },
    { CCBT_SPAN_LITERAL ("d6:yourip16:\0\0\0\0\0\0\0\0\0\0\377\377\300\0\2\7e"), "192.0.2.7" },
    { CCBT_SPAN_LITERAL ("d6:yourip0:e"), NULL },
    { CCBT_SPAN_LITERAL ("d6:yourip3:\1\2\3e"), NULL },
    { CCBT_SPAN_LITERAL ("d6:yourip6:\1\2\3\4\5\6e"), NULL },
    { CCBT_SPAN_LITERAL ("d6:youripi1ee"), NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      CcbtExtendedHandshake handshake = parse_handshake (cases[i].payload);
      g_autofree char *address = ccbt_address_ip_to_string (&handshake.your_ip);

      g_assert_cmpint (handshake.has_your_ip, ==, cases[i].address != NULL);
      if (cases[i].address != NULL)
        g_assert_cmpstr (address, ==, cases[i].address);
    }
}

/* Threat B49: numbers out of range, one key a time. */
static void
test_absurd_numbers_are_clamped (void)
{
  const struct
  {
    const char *payload;
    guint32 request_queue;
    guint32 metadata_size;
    guint16 port;
  } cases[] = {
    { "d4:reqqi-1ee", 1, 0, 0 },
    { "d4:reqqi0ee", 1, 0, 0 },
    { "d4:reqqi100000ee", 100000, 0, 0 },
    { "d4:reqqi100001ee", 100000, 0, 0 },
    { "d4:reqqi9223372036854775807ee", 100000, 0, 0 },
    { "d4:reqq3:500e", 250, 0, 0 },
    { "d13:metadata_sizei10485760ee", 250, CCBT_METAINFO_MAX_SIZE, 0 },
    { "d13:metadata_sizei10485761ee", 250, 0, 0 },
    { "d13:metadata_sizei2147483648ee", 250, 0, 0 },
    { "d13:metadata_sizei4294967297ee", 250, 0, 0 },
    { "d13:metadata_sizei-1ee", 250, 0, 0 },
    { "d13:metadata_sizelee", 250, 0, 0 },
    { "d1:pi65535ee", 250, 0, 65535 },
    { "d1:pi65536ee", 250, 0, 0 },
    { "d1:pi-6881ee", 250, 0, 0 },
    { "d1:pi0ee", 250, 0, 0 },
    { "d1:p4:6881e", 250, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      CcbtExtendedHandshake handshake = parse_handshake (ccbt_span_from_string (cases[i].payload));

      g_assert_cmpuint (handshake.request_queue, ==, cases[i].request_queue);
      g_assert_cmpuint (handshake.metadata_size, ==, cases[i].metadata_size);
      g_assert_cmpuint (handshake.port, ==, cases[i].port);
    }
}

static void
test_extension_ids_are_a_byte_or_none (void)
{
  const struct
  {
    const char *payload;
    guint id;
  } cases[] = {
    { "d1:md6:ut_pexi1eee", 1 },   { "d1:md6:ut_pexi255eee", 255 }, { "d1:md6:ut_pexi256eee", 0 },
    { "d1:md6:ut_pexi0eee", 0 },   { "d1:md6:ut_pexi-1eee", 0 },    { "d1:md6:ut_pex1:1ee", 0 },
    { "d1:md6:UT_PEXi1eee", 0 },   { "d1:mle6:ut_pexi1ee", 0 },     { "d1:mi1ee", 0 },
    { "d1:md6:ut_pexi257eee", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (parse_handshake (ccbt_span_from_string (cases[i].payload)).pex_id, ==,
                      cases[i].id);
}

/* Threat B49: terminal escapes, direction marks, broken UTF-8, length. */
static void
test_the_client_name_is_printable_and_short (void)
{
  const struct
  {
    CcbtSpan payload;
    const char *client;
  } cases[] = {
    { CCBT_SPAN_LITERAL ("d1:v13:\302\265Torrent 1.2e"), "\302\265Torrent 1.2" },
    { CCBT_SPAN_LITERAL ("d1:v7:\033[2Jabce"), "\357\277\275[2Jabc" },
    { CCBT_SPAN_LITERAL ("d1:v5:a\342\200\256be"), "a\357\277\275b" },
    { CCBT_SPAN_LITERAL ("d1:v3:a\377be"), "a\357\277\275b" },
    { CCBT_SPAN_LITERAL ("d1:v3:a\0be"), "a\357\277\275b" },
    { CCBT_SPAN_LITERAL ("d1:v0:e"), NULL },
    { CCBT_SPAN_LITERAL ("d1:vi5ee"), NULL },
  };
  g_autoptr (GString) longest = g_string_new ("d1:v1000:");
  CcbtExtendedHandshake handshake;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      handshake = parse_handshake (cases[i].payload);
      g_assert_cmpstr (handshake.client, ==, cases[i].client);
      ccbt_extended_handshake_clear (&handshake);
    }
  for (guint i = 0; i < 1000; i++)
    g_string_append_c (longest, 'x');
  g_string_append_c (longest, 'e');
  handshake = parse_handshake (ccbt_span_from_string (longest->str));
  g_assert_cmpint (g_utf8_strlen (handshake.client, -1), ==, 64);
  ccbt_extended_handshake_clear (&handshake);
}

/* Threat B49. */
static void
test_what_is_no_dictionary_fails (void)
{
  assert_handshake_fails (CCBT_SPAN_LITERAL (""));
  assert_handshake_fails (CCBT_SPAN_LITERAL ("le"));
  assert_handshake_fails (CCBT_SPAN_LITERAL ("i1e"));
  assert_handshake_fails (CCBT_SPAN_LITERAL ("4:spam"));
  assert_handshake_fails (CCBT_SPAN_LITERAL ("d1:pi6881e"));
  assert_handshake_fails (CCBT_SPAN_LITERAL ("d1:pi06881ee"));
  assert_handshake_fails (CCBT_SPAN_LITERAL ("\0\0\0\0"));
}

static void
test_lists_without_end_fail (void)
{
  g_autofree char *deep = g_malloc0 (300001);
  g_autofree char *many = g_malloc0 (300005);

  memset (deep, 'l', 300000);
  assert_handshake_fails (ccbt_span_from_string (deep));
  memcpy (many, "d1:ml", 5);
  for (guint i = 5; i < 300000; i += 2)
    memcpy (many + i, "le", 2);
  strcat (many, "ee");
  assert_handshake_fails (ccbt_span_from_string (many));
}

static void
test_every_cut_of_a_handshake_fails (void)
{
  for (gsize len = 0; len < sizeof REAL_HANDSHAKE - 1; len++)
    {
      g_autofree guint8 *copy = g_memdup2 (REAL_HANDSHAKE, len);

      assert_handshake_fails ((CcbtSpan){ copy, len });
    }
}

static void
test_a_handshake_is_written_in_the_order_of_its_keys (void)
{
  const CcbtExtendedHandshake handshake = {
    .metadata_id = 3,
    .pex_id = 1,
    .dont_have_id = 7,
    .client = (char *) "qBittorrent/4.5.0",
    .port = 6881,
    .request_queue = 500,
    .metadata_size = 31235,
    .upload_only = TRUE,
    .has_your_ip = TRUE,
    .your_ip = { .ip = { 192, 0, 2, 7 } },
  };
  CcbtSpan expected
      = CCBT_SPAN_LITERAL ("d1:md11:lt_donthavei7e11:ut_metadatai3e6:ut_pexi1ee"
                           "13:metadata_sizei31235e1:pi6881e4:reqqi500e11:upload_onlyi1e"
                           "1:v17:qBittorrent/4.5.06:yourip4:\300\000\002\007e");
  g_autoptr (GByteArray) out = g_byte_array_new ();

  ccbt_extended_handshake_write (out, &handshake);
  g_assert_cmpmem (out->data, out->len, expected.data, expected.len);
}

static void
test_what_is_zero_is_not_written (void)
{
  const CcbtExtendedHandshake nothing = { 0 };
  g_autoptr (GByteArray) out = g_byte_array_new ();

  ccbt_extended_handshake_write (out, &nothing);
  g_assert_cmpmem (out->data, out->len, "d1:mdee", 7);
}

static void
test_an_ipv6_address_is_written_whole (void)
{
  const CcbtExtendedHandshake handshake
      = { .has_your_ip = TRUE, .your_ip = { .ip = { 0x20, 1, [15] = 9 }, .is_ipv6 = 1 } };
  CcbtSpan expected = CCBT_SPAN_LITERAL ("d1:mde6:yourip16:\x20\1\0\0\0\0\0\0\0\0\0\0\0\0\0\11e");
  g_autoptr (GByteArray) out = g_byte_array_new ();

  ccbt_extended_handshake_write (out, &handshake);
  g_assert_cmpmem (out->data, out->len, expected.data, expected.len);
}

/* --- ut_metadata --- */

static gboolean
parse_metadata (CcbtSpan payload, CcbtMetadataMessage *out)
{
  g_autoptr (GError) error = NULL;
  gboolean parsed = ccbt_metadata_message_parse (payload, out, &error);

  g_assert_true (parsed == (error == NULL));
  if (!parsed)
    g_assert_true (error->domain == CCBT_ERROR);
  return parsed;
}

static void
test_metadata_messages_read_as_bep_9_spells_them (void)
{
  CcbtMetadataMessage message;

  g_assert_true (parse_metadata (CCBT_SPAN_LITERAL ("d8:msg_typei0e5:piecei3ee"), &message));
  g_assert_cmpint (message.kind, ==, CCBT_METADATA_REQUEST);
  g_assert_cmpuint (message.piece, ==, 3);
  g_assert_true (parse_metadata (CCBT_SPAN_LITERAL ("d8:msg_typei2e5:piecei0ee"), &message));
  g_assert_cmpint (message.kind, ==, CCBT_METADATA_REJECT);
  g_assert_true (parse_metadata (
      CCBT_SPAN_LITERAL ("d8:msg_typei1e5:piecei0e10:total_sizei5eed3:xe"), &message));
  g_assert_cmpint (message.kind, ==, CCBT_METADATA_DATA);
  g_assert_cmpuint (message.total_size, ==, 5);
  g_assert_cmpmem (message.data.data, message.data.len, "d3:xe", 5);
}

static void
test_metadata_messages_are_written_as_bep_9_spells_them (void)
{
  const CcbtMetadataMessage request = { .kind = CCBT_METADATA_REQUEST, .piece = 3 };
  const CcbtMetadataMessage data = {
    .kind = CCBT_METADATA_DATA, .piece = 0, .total_size = 5, .data = CCBT_SPAN_LITERAL ("d3:xe")
  };
  g_autoptr (GByteArray) out = g_byte_array_new ();

  ccbt_metadata_message_write (out, &request);
  ccbt_metadata_message_write (out, &data);
  g_byte_array_append (out, (const guint8 *) "", 1);
  g_assert_cmpstr ((const char *) out->data, ==,
                   "d8:msg_typei0e5:piecei3ee"
                   "d8:msg_typei1e5:piecei0e10:total_sizei5eed3:xe");
}

/* Threats B50, B51. */
static void
test_metadata_lies_are_refused (void)
{
  const char *const lies[] = {
    "",
    "le",
    "de",
    "d8:msg_typei0ee",
    "d5:piecei0ee",
    "d8:msg_typei3e5:piecei0ee",
    "d8:msg_typei-1e5:piecei0ee",
    "d8:msg_type1:05:piecei0ee",
    "d8:msg_typei0e5:piece1:0e",
    "d8:msg_typei0e5:piecei-1ee",
    "d8:msg_typei0e5:piecei640ee", /* 10 MiB are 640 pieces */
    "d8:msg_typei0e5:piecei1000000000ee",
    "d8:msg_typei0e5:piecei4294967296ee",
    "d8:msg_typei1e5:piecei0eexxxxx",
    "d8:msg_typei1e5:piecei0e10:total_sizei0ee",
    "d8:msg_typei1e5:piecei0e10:total_sizei-5eexxxxx",
    "d8:msg_typei1e5:piecei0e10:total_sizei10485761eexxxxx",
    "d8:msg_typei1e5:piecei0e10:total_sizei2147483648eexxxxx",
    "d8:msg_typei1e5:piecei0e10:total_sizei5eexxxx",
    "d8:msg_typei1e5:piecei0e10:total_sizei5eexxxxxx",
    "d8:msg_typei1e5:piecei1e10:total_sizei5eexxxxx",
    "d8:msg_typei1e5:piecei1e10:total_sizei16384ee",
    "d8:msg_typei1e5:piecei0e10:total_sizei16385eex",
    "d8:msg_typei1e5:piecei639e10:total_sizei10000000eex",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      CcbtMetadataMessage message;

      g_assert_false (parse_metadata (ccbt_span_from_string (lies[i]), &message));
    }
}

static void
test_the_last_metadata_piece_has_what_is_left (void)
{
  const char *head = "d8:msg_typei1e5:piecei1e10:total_sizei16386ee";
  g_autofree char *text = g_strconcat (head, "xy", NULL);
  CcbtMetadataMessage message;

  g_assert_true (parse_metadata (ccbt_span_from_string (text), &message));
  g_assert_cmpmem (message.data.data, message.data.len, "xy", 2);
  g_assert_false (
      parse_metadata ((CcbtSpan){ (const guint8 *) text, strlen (text) - 1 }, &message));
}

static void
test_a_full_metadata_piece_has_16_kib (void)
{
  GString *text = g_string_new ("d8:msg_typei1e5:piecei0e10:total_sizei16385ee");
  CcbtMetadataMessage message;
  gsize head = text->len;

  g_string_set_size (text, head + CCBT_METADATA_PIECE_SIZE);
  memset (text->str + head, 'x', CCBT_METADATA_PIECE_SIZE);
  g_assert_true (parse_metadata ((CcbtSpan){ (guint8 *) text->str, text->len }, &message));
  g_assert_cmpuint (message.data.len, ==, CCBT_METADATA_PIECE_SIZE);
  g_assert_false (parse_metadata ((CcbtSpan){ (guint8 *) text->str, text->len - 1 }, &message));
  g_string_free (text, TRUE);
}

static void
test_what_later_specifications_added (void)
{
  CcbtExtendedHandshake handshake
      = parse_handshake (CCBT_SPAN_LITERAL ("d1:ei1e1:md12:ut_holepunchi4eee"));
  g_autoptr (GByteArray) out = g_byte_array_new ();

  g_assert_true (handshake.prefers_encryption);
  g_assert_cmpuint (handshake.holepunch_id, ==, 4);
  handshake.request_queue = 0;
  handshake.pex_id = 2;
  ccbt_extended_handshake_write (out, &handshake);
  g_assert_cmpmem (out->data, out->len, "d1:ei1e1:md12:ut_holepunchi4e6:ut_pexi2eee", 42);
  ccbt_extended_handshake_clear (&handshake);
}

static void
test_a_lost_piece_has_four_bytes (void)
{
  g_autoptr (GError) error = NULL;
  guint32 piece = 0;

  g_assert_true (ccbt_dont_have_parse (CCBT_SPAN_LITERAL ("\000\001\002\003"), &piece, NULL));
  g_assert_cmphex (piece, ==, 0x00010203);
  g_assert_false (ccbt_dont_have_parse (CCBT_SPAN_LITERAL ("\000\001\002"), &piece, NULL));
  g_assert_false (
      ccbt_dont_have_parse (CCBT_SPAN_LITERAL ("\000\001\002\003\004"), &piece, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/wire/extended/" #name, test_##name)
  ADD (a_real_handshake_is_understood);
  ADD (what_is_not_said_has_its_default);
  ADD (an_ipv6_address_is_taken_and_a_mapped_one_unpacked);
  ADD (absurd_numbers_are_clamped);
  ADD (extension_ids_are_a_byte_or_none);
  ADD (the_client_name_is_printable_and_short);
  ADD (what_is_no_dictionary_fails);
  ADD (lists_without_end_fail);
  ADD (every_cut_of_a_handshake_fails);
  ADD (a_handshake_is_written_in_the_order_of_its_keys);
  ADD (what_is_zero_is_not_written);
  ADD (an_ipv6_address_is_written_whole);
  ADD (metadata_messages_read_as_bep_9_spells_them);
  ADD (metadata_messages_are_written_as_bep_9_spells_them);
  ADD (metadata_lies_are_refused);
  ADD (the_last_metadata_piece_has_what_is_left);
  ADD (a_full_metadata_piece_has_16_kib);
#undef ADD
  g_test_add_func ("/wire/extended/later", test_what_later_specifications_added);
  g_test_add_func ("/wire/extended/lost-piece", test_a_lost_piece_has_four_bytes);
  return g_test_run ();
}

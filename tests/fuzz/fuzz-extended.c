/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same bytes as an extended handshake and as a message of ut_metadata. What was understood is
 * written and read again: nothing may change on the way. */
#include "wire/ccbt-extended.h"
#include "wire/ccbt-metainfo.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_handshake_values (const CcbtExtendedHandshake *handshake)
{
  g_assert_cmpuint (handshake->request_queue, >=, 1);
  g_assert_cmpuint (handshake->request_queue, <=, 100000);
  g_assert_cmpuint (handshake->metadata_size, <=, CCBT_METAINFO_MAX_SIZE);
  if (handshake->client == NULL)
    return;
  g_assert_true (g_utf8_validate (handshake->client, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (handshake->client, -1), <=, 64);
  for (const char *p = handshake->client; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_false (g_unichar_iscntrl (g_utf8_get_char (p)));
}

static void
assert_same_handshake (const CcbtExtendedHandshake *a, const CcbtExtendedHandshake *b)
{
  g_assert_cmpuint (a->metadata_id, ==, b->metadata_id);
  g_assert_cmpuint (a->pex_id, ==, b->pex_id);
  g_assert_cmpuint (a->dont_have_id, ==, b->dont_have_id);
  g_assert_cmpuint (a->holepunch_id, ==, b->holepunch_id);
  g_assert_cmpint (a->prefers_encryption, ==, b->prefers_encryption);
  g_assert_cmpstr (a->client, ==, b->client);
  g_assert_cmpuint (a->port, ==, b->port);
  g_assert_cmpuint (a->request_queue, ==, b->request_queue);
  g_assert_cmpuint (a->metadata_size, ==, b->metadata_size);
  g_assert_cmpint (a->upload_only, ==, b->upload_only);
  g_assert_cmpint (a->has_your_ip, ==, b->has_your_ip);
  g_assert_true (ccbt_address_equal (&a->your_ip, &b->your_ip));
}

static void
fuzz_handshake (CcbtSpan in)
{
  CcbtExtendedHandshake first, second;
  g_autoptr (GByteArray) written = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  if (!ccbt_extended_handshake_parse (in, &first, &error))
    {
      g_assert_nonnull (error);
      return;
    }
  check_handshake_values (&first);
  ccbt_extended_handshake_write (written, &first);
  g_assert_true (
      ccbt_extended_handshake_parse ((CcbtSpan){ written->data, written->len }, &second, NULL));
  assert_same_handshake (&first, &second);
  ccbt_extended_handshake_clear (&first);
  ccbt_extended_handshake_clear (&second);
}

static void
fuzz_metadata (CcbtSpan in)
{
  CcbtMetadataMessage first, second;
  g_autoptr (GByteArray) written = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  if (!ccbt_metadata_message_parse (in, &first, &error))
    {
      g_assert_nonnull (error);
      return;
    }
  g_assert_cmpuint (first.piece, <, CCBT_METAINFO_MAX_SIZE / CCBT_METADATA_PIECE_SIZE);
  g_assert_cmpuint (first.data.len, <=, CCBT_METADATA_PIECE_SIZE);
  g_assert_true ((first.kind == CCBT_METADATA_DATA) == (first.data.len > 0));
  ccbt_metadata_message_write (written, &first);
  g_assert_true (
      ccbt_metadata_message_parse ((CcbtSpan){ written->data, written->len }, &second, NULL));
  g_assert_cmpint (first.kind, ==, second.kind);
  g_assert_cmpuint (first.piece, ==, second.piece);
  g_assert_cmpuint (first.total_size, ==, second.total_size);
  g_assert_true (ccbt_span_equal (first.data, second.data));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  fuzz_handshake ((CcbtSpan){ data, size });
  fuzz_metadata ((CcbtSpan){ data, size });
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-handshake.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* What was understood is written as it was read; other reserved bits are not ours. */
static void
check_written_bytes (const CcbtHandshake *handshake, const guint8 *read)
{
  static const guint8 known_bits[8] = { [5] = 0x10, [7] = 0x15 };
  guint8 expected[CCBT_HANDSHAKE_SIZE], written[CCBT_HANDSHAKE_SIZE];

  memcpy (expected, read, sizeof expected);
  for (guint i = 0; i < sizeof known_bits; i++)
    expected[20 + i] &= known_bits[i];
  ccbt_handshake_write (handshake, written);
  g_assert_cmpmem (written, sizeof written, expected, sizeof expected);
}

static void
check_client (const guint8 peer_id[20])
{
  g_autofree char *name = ccbt_handshake_describe_client (peer_id);

  g_assert_true (g_utf8_validate (name, -1, NULL));
  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_true (g_unichar_isprint (g_utf8_get_char (p)));
}

static void
check_splits (CcbtSpan in)
{
  gboolean has_failed = FALSE;

  for (gsize len = 0; len <= MIN (in.len, CCBT_HANDSHAKE_SIZE); len++)
    {
      g_autoptr (GError) error = NULL;
      CcbtHandshake handshake;
      CcbtSha1 info_hash;
      CcbtParse parse = ccbt_handshake_parse ((CcbtSpan){ in.data, len }, &handshake, &error);
      CcbtParse first
          = ccbt_handshake_parse_info_hash ((CcbtSpan){ in.data, len }, &info_hash, NULL);

      g_assert_true ((parse == CCBT_PARSE_FAILED) == (first == CCBT_PARSE_FAILED));
      g_assert_true (!has_failed || parse == CCBT_PARSE_FAILED);
      has_failed = parse == CCBT_PARSE_FAILED;
      if (parse == CCBT_PARSE_DONE)
        check_written_bytes (&handshake, in.data);
      if (!has_failed)
        g_assert_true ((parse == CCBT_PARSE_DONE) == (len == CCBT_HANDSHAKE_SIZE));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  check_splits ((CcbtSpan){ data, size });
  if (size >= 20)
    check_client (data + size - 20);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was understood is bounded, and survives being written and read again. */
#include "wire/ccbt-lsd-message.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) written = g_byte_array_new ();
  CcbtLsdMessage first, second;

  if (!ccbt_lsd_message_parse ((CcbtSpan){ data, size }, &first, &error))
    {
      g_assert_nonnull (error);
      return 0;
    }
  g_assert_cmpuint (first.port, !=, 0);
  g_assert_cmpuint (first.n_info_hashes, >=, 1);
  g_assert_cmpuint (first.n_info_hashes, <=, CCBT_LSD_MAX_HASHES);
  g_assert_cmpuint (strlen (first.cookie), <=, CCBT_LSD_MAX_COOKIE);
  ccbt_lsd_message_write (written, &first, "239.192.152.143:6771");
  g_assert_true (ccbt_lsd_message_parse ((CcbtSpan){ written->data, written->len }, &second, NULL));
  g_assert_cmpuint (first.port, ==, second.port);
  g_assert_cmpuint (first.n_info_hashes, ==, second.n_info_hashes);
  g_assert_cmpmem (first.info_hashes, sizeof first.info_hashes, second.info_hashes,
                   sizeof second.info_hashes);
  g_assert_cmpstr (first.cookie, ==, second.cookie);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was understood survives being written and read again. */
#include "wire/ccbt-holepunch.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) written = g_byte_array_new ();
  CcbtHolepunchMessage first, second;

  if (!ccbt_holepunch_parse ((CcbtSpan){ data, size }, &first, &error))
    {
      g_assert_nonnull (error);
      return 0;
    }
  ccbt_holepunch_write (written, &first);
  g_assert_true (ccbt_holepunch_parse ((CcbtSpan){ written->data, written->len }, &second, NULL));
  g_assert_cmpint (first.kind, ==, second.kind);
  g_assert_cmpint (first.code, ==, second.code);
  g_assert_true (ccbt_address_equal (&first.address, &second.address));
  return 0;
}

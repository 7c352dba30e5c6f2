/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was understood is bounded, and survives being written and read again. */
#include "wire/ccbt-pex.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_addresses (const CcbtPexMessage *message)
{
  g_assert_cmpuint (message->added->len, <=, CCBT_PEX_MAX_PEERS);
  g_assert_cmpuint (message->dropped->len, <=, CCBT_PEX_MAX_PEERS);
  for (guint i = 0; i < message->added->len; i++)
    {
      const CcbtPexPeer *peer = &g_array_index (message->added, CcbtPexPeer, i);

      g_assert_cmpuint (peer->address.port, !=, 0);
      g_assert_cmpint (ccbt_address_get_scope (&peer->address), !=, CCBT_ADDRESS_UNUSABLE);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtPexMessage) first = ccbt_pex_parse ((CcbtSpan){ data, size }, &error);
  g_autoptr (CcbtPexMessage) second = NULL;
  g_autoptr (GByteArray) written = g_byte_array_new ();

  g_assert_true ((first == NULL) == (error != NULL));
  if (first == NULL)
    return 0;
  check_addresses (first);
  ccbt_pex_write (written, first);
  second = ccbt_pex_parse ((CcbtSpan){ written->data, written->len }, NULL);
  g_assert_nonnull (second);
  g_assert_cmpuint (first->dropped->len, ==, second->dropped->len);
  g_assert_cmpuint (first->added->len, ==, second->added->len);
  for (guint i = 0; i < first->added->len; i++)
    {
      const CcbtPexPeer *a = &g_array_index (first->added, CcbtPexPeer, i);
      const CcbtPexPeer *b = &g_array_index (second->added, CcbtPexPeer, i);

      g_assert_true (ccbt_address_equal (&a->address, &b->address));
      g_assert_cmpuint (a->flags, ==, b->flags);
    }
  return 0;
}

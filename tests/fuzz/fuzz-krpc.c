/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is understood can be written, is no longer than a packet, and is understood again. */
#include "wire/ccbt-krpc.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  CcbtKrpcMessage message, again;
  g_autoptr (GByteArray) out = NULL;

  if (size > 2048 || !ccbt_krpc_parse ((CcbtSpan){ data, size }, &message, NULL))
    return 0;
  if (message.value.len > CCBT_KRPC_MAX_VALUE || message.salt.len > CCBT_KRPC_MAX_SALT)
    return 0; /* answered with an error, never passed on */
  out = g_byte_array_new ();
  ccbt_krpc_write (out, &message);
  g_assert_true (ccbt_krpc_parse ((CcbtSpan){ out->data, out->len }, &again, NULL)
                 || message.method == CCBT_KRPC_UNKNOWN);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was understood is usable, and has words. */
#include "wire/ccbt-pcp.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  CcbtPcpReply reply;

  if (!ccbt_pcp_reply_parse ((CcbtSpan){ data, size }, &reply, &error))
    {
      g_assert_nonnull (error);
      return 0;
    }
  g_assert_nonnull (ccbt_pcp_reply_describe (&reply));
  g_assert_cmpuint (reply.external.port, ==, 0);
  if (reply.opcode == CCBT_PCP_MAP && reply.result == CCBT_PCP_SUCCESS && reply.lifetime > 0)
    g_assert_true (reply.internal_port != 0 && reply.external_port != 0);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was understood is short, visible ASCII. */
#include "wire/ccbt-ssdp.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  CcbtSsdpMessage message;

  if (!ccbt_ssdp_parse ((CcbtSpan){ data, size }, &message, &error))
    {
      g_assert_nonnull (error);
      return 0;
    }
  for (const char *c = message.location; *c != '\0'; c++)
    g_assert_true (g_ascii_isgraph (*c));
  g_assert_cmpuint (strlen (message.location), <, sizeof message.location);
  g_assert_cmpuint (strlen (message.target), <, sizeof message.target);
  return 0;
}

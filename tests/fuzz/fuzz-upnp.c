/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptions and answers are bounded, and their text can be shown. */
#include "wire/ccbt-upnp.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  CcbtUpnpDescription description;
  CcbtUpnpReply reply;

  if (ccbt_upnp_description_parse ((CcbtSpan){ data, size }, &description, &error))
    {
      g_assert_cmpuint (description.n_services, >=, 1);
      g_assert_cmpuint (description.n_services, <=, CCBT_UPNP_MAX_SERVICES);
      for (guint i = 0; i < description.n_services; i++)
        g_assert_cmpuint (description.services[i].kind, <, CCBT_UPNP_N_KINDS);
    }
  else
    g_assert_nonnull (error);
  if (ccbt_upnp_reply_parse ((CcbtSpan){ data, size }, &reply, NULL))
    {
      g_assert_true (g_utf8_validate (reply.error_text, -1, NULL));
      for (const char *c = reply.error_text; *c != '\0'; c++)
        g_assert_false (g_ascii_iscntrl (*c));
    }
  return 0;
}

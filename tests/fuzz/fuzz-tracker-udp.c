/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-tracker-udp.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  CcbtSpan datagram = { data, size };
  g_autofree char *failure = ccbt_tracker_udp_dup_failure (datagram);
  guint64 connection;

  ccbt_tracker_udp_read_connect (datagram, &connection);
  g_assert_true (failure == NULL || g_utf8_validate (failure, -1, NULL));
  for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++)
    {
      g_autoptr (CcbtAnnounceReply) reply
          = ccbt_tracker_udp_read_announce (datagram, is_ipv6, NULL);

      g_assert_true (reply == NULL || reply->failure != NULL || reply->interval >= 60);
    }
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-scrape.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  CcbtSpan bytes = { data, size };
  CcbtSha1 asked[2];
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *url = ccbt_scrape_build_url (text, asked, 0);
  g_autoptr (CcbtScrapeReply) http = NULL;
  g_autoptr (CcbtScrapeReply) udp = NULL;

  g_assert_true (url == NULL || strstr (url, "scrape") != NULL);
  memset (asked[0].bytes, 'x', 20);
  memset (asked[1].bytes, 'y', 20);
  http = ccbt_scrape_parse_http (bytes, asked, G_N_ELEMENTS (asked), NULL);
  udp = ccbt_scrape_parse_udp (bytes, asked, G_N_ELEMENTS (asked), NULL);
  g_assert_true (http == NULL || http->entries->len <= G_N_ELEMENTS (asked));
  g_assert_true (udp == NULL || udp->entries->len <= G_N_ELEMENTS (asked));
  return 0;
}

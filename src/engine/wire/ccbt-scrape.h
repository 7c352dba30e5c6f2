/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-error.h"
#include "base/ccbt-info-hash.h"
#include "base/ccbt-span.h"

/* Scrapes (BEP 48): how many seeds and leechers torrents have, of many at once. */
typedef struct
{
  CcbtSha1 info_hash;
  int seeds;      /* "complete"; -1 = not said, as below */
  int leechers;   /* "incomplete" */
  int downloaded; /* how often it was ever completed */
} CcbtScrapeEntry;

typedef struct
{
  char *failure;               /* printable; NULL = it worked */
  gint64 min_request_interval; /* seconds, from "flags"; 0 = not said; a day at most */
  GArray *entries;             /* CcbtScrapeEntry, of the hashes that were asked for only */
} CcbtScrapeReply;

#define CCBT_SCRAPE_MAX 50u /* info-hashes in one URL */

/* Does the tracker have a scrape address? */
gboolean ccbt_scrape_can_ask (const char *announce_url);
/* The scrape address of @announce_url, by the convention: the last path component begins with
 * "announce". Returns: (transfer full) (nullable): NULL when there is none */
char *ccbt_scrape_build_url (const char *announce_url, const CcbtSha1 *info_hashes,
                             guint n_info_hashes);
/* Errors: MALFORMED, TOO_LARGE. Returns: (transfer full) (nullable) */
CcbtScrapeReply *ccbt_scrape_parse_http (CcbtSpan body, const CcbtSha1 *asked, guint n_asked,
                                         GError **error);
/* @datagram: action SCRAPE or ERROR of BEP 15; entries in the order asked. */
CcbtScrapeReply *ccbt_scrape_parse_udp (CcbtSpan datagram, const CcbtSha1 *asked, guint n_asked,
                                        GError **error);
void ccbt_scrape_reply_free (CcbtScrapeReply *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtScrapeReply, ccbt_scrape_reply_free)

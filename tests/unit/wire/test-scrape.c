/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-scrape.h"

#define SPAN(bytes) ((CcbtSpan){ bytes, sizeof (bytes) })

static CcbtSha1
fill (char c)
{
  CcbtSha1 hash;

  memset (hash.bytes, c, sizeof hash.bytes);
  return hash;
}

static void
assert_url (const char *announce, const char *expected)
{
  const CcbtSha1 hash = { { 0, '%', '&', 'A' } };
  g_autofree char *url = ccbt_scrape_build_url (announce, &hash, 1);
  g_autofree char *whole = expected != NULL ? g_strconcat (expected, "info_hash=%00%25%26A",
                                                           "%00%00%00%00%00%00%00%00%00%00%00%00",
                                                           "%00%00%00%00", NULL)
                                            : NULL;

  g_assert_cmpstr (url, ==, whole);
  g_assert_true (ccbt_scrape_can_ask (announce) == (expected != NULL));
}

/* The convention's own examples, and where it does not reach. */
static void
test_url (void)
{
  assert_url ("http://example.com/announce", "http://example.com/scrape?");
  assert_url ("http://example.com/x/announce", "http://example.com/x/scrape?");
  assert_url ("http://example.com/announce.php", "http://example.com/scrape.php?");
  assert_url ("http://example.com/a", NULL);
  assert_url ("http://example.com/announce?x2%0644", "http://example.com/scrape?x2%0644&");
  assert_url ("http://example.com/announce?x=2/4", "http://example.com/scrape?x=2/4&");
  assert_url ("http://example.com/x%064announce", NULL);
  assert_url ("http://example.com/announce/key", NULL);
  assert_url ("http://announce.example.com", NULL);
  assert_url ("http://announce", NULL);
  assert_url ("http://a/announce?b=/announce#c", "http://a/scrape?b=/announce&");
  assert_url ("rubbish", NULL);
}

static void
test_many_hashes (void)
{
  const CcbtSha1 hashes[] = { fill ('a'), fill ('b') };
  g_autofree char *url = ccbt_scrape_build_url ("http://t/announce", hashes, 2);

  g_assert_cmpstr (url, ==,
                   "http://t/scrape?info_hash=aaaaaaaaaaaaaaaaaaaa&info_hash=bbbbbbbbbbbbbbbbbbbb");
}

static CcbtScrapeReply *
parse (const char *body, const CcbtSha1 *asked, guint n_asked)
{
  return ccbt_scrape_parse_http (ccbt_span_from_string (body), asked, n_asked, NULL);
}

/* The example of BEP 48. */
static void
test_http (void)
{
  const CcbtSha1 asked[] = { fill ('y'), fill ('x'), fill ('z') };
  g_autoptr (CcbtScrapeReply) reply
      = parse ("d5:filesd20:xxxxxxxxxxxxxxxxxxxxd8:completei11e10:downloadedi13772e10:incomplete"
               "i19ee20:yyyyyyyyyyyyyyyyyyyyd8:completei21e10:downloadedi206e10:incompletei20eeee",
               asked, G_N_ELEMENTS (asked));
  const CcbtScrapeEntry *entry;

  g_assert_null (reply->failure);
  g_assert_cmpuint (reply->entries->len, ==, 2);
  entry = &g_array_index (reply->entries, CcbtScrapeEntry, 0);
  g_assert_cmpmem (entry->info_hash.bytes, 20, asked[1].bytes, 20);
  g_assert_cmpint (entry->seeds, ==, 11);
  g_assert_cmpint (entry->leechers, ==, 19);
  g_assert_cmpint (entry->downloaded, ==, 13772);
}

/* A full scrape brings everything: only what was asked for is kept. */
static void
test_strangers_are_left_out (void)
{
  const CcbtSha1 asked = fill ('y');
  g_autoptr (CcbtScrapeReply) reply
      = parse ("d5:filesd2:xxd8:completei1ee20:xxxxxxxxxxxxxxxxxxxxd8:completei11ee"
               "20:yyyyyyyyyyyyyyyyyyyyi5eee",
               &asked, 1);

  g_assert_cmpuint (reply->entries->len, ==, 0);
}

static void
test_absurd_numbers (void)
{
  const CcbtSha1 asked = fill ('y');
  g_autoptr (CcbtScrapeReply) reply
      = parse ("d5:filesd20:yyyyyyyyyyyyyyyyyyyyd8:completei-5e10:downloadedi9223372036854775807e"
               "10:incomplete3:abcee5:flagsd20:min_request_intervali9223372036854775807eee",
               &asked, 1);
  const CcbtScrapeEntry *entry = &g_array_index (reply->entries, CcbtScrapeEntry, 0);

  g_assert_cmpint (entry->seeds, ==, -1);
  g_assert_cmpint (entry->leechers, ==, -1);
  g_assert_cmpint (entry->downloaded, ==, 100000000);
  g_assert_cmpint (reply->min_request_interval, ==, 86400);
}

static void
test_http_failure (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtScrapeReply) reply = parse ("d14:failure reason5:a\033[0be", NULL, 0);
  g_autoptr (CcbtScrapeReply) odd = parse ("d14:failure reasoni1ee", NULL, 0);
  g_autoptr (CcbtScrapeReply) none
      = ccbt_scrape_parse_http (CCBT_SPAN_LITERAL ("le"), NULL, 0, &error);

  g_assert_null (strchr (reply->failure, '\033'));
  g_assert_cmpstr (odd->failure, ==, "no reason given");
  g_assert_null (none);
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED);
}

/* --- UDP --- */

static void
test_udp (void)
{
  const guint8 bytes[] = { 0, 0, 0, 2, 1, 2, 3, 4, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0,
                           0, 7, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0, 0, 1, 1, 1, 1 };
  const CcbtSha1 asked[] = { fill ('a'), fill ('b'), fill ('c') };

  for (gsize n = 0; n <= sizeof bytes; n++)
    {
      g_autofree guint8 *exact = g_memdup2 (bytes, n);
      g_autoptr (CcbtScrapeReply) reply
          = ccbt_scrape_parse_udp ((CcbtSpan){ exact, n }, asked, 3, NULL);
      const CcbtScrapeEntry *entry;

      g_assert_true ((reply == NULL) == (n < 8));
      if (reply == NULL)
        continue;
      g_assert_cmpuint (reply->entries->len, ==, (n - 8) / 12);
      if (n < 20)
        continue;
      entry = &g_array_index (reply->entries, CcbtScrapeEntry, 0);
      g_assert_cmpint (entry->seeds, ==, 5);
      g_assert_cmpint (entry->downloaded, ==, 6);
      g_assert_cmpint (entry->leechers, ==, 7);
    }
}

static void
test_udp_says_no_more_than_was_asked (void)
{
  const guint8 bytes[8 + 24] = { 0, 0, 0, 2 };
  const guint8 announce[20] = { 0, 0, 0, 1 };
  const guint8 failure[] = { 0, 0, 0, 3, 0, 0, 0, 0, 'n', 'o' };
  const CcbtSha1 asked = fill ('a');
  g_autoptr (CcbtScrapeReply) reply = ccbt_scrape_parse_udp (SPAN (bytes), &asked, 1, NULL);
  g_autoptr (CcbtScrapeReply) wrong = ccbt_scrape_parse_udp (SPAN (announce), &asked, 1, NULL);
  g_autoptr (CcbtScrapeReply) failed = ccbt_scrape_parse_udp (SPAN (failure), &asked, 1, NULL);

  g_assert_cmpuint (reply->entries->len, ==, 1);
  g_assert_null (wrong);
  g_assert_cmpstr (failed->failure, ==, "no");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scrape/url", test_url);
  g_test_add_func ("/scrape/many-hashes", test_many_hashes);
  g_test_add_func ("/scrape/http", test_http);
  g_test_add_func ("/scrape/strangers", test_strangers_are_left_out);
  g_test_add_func ("/scrape/absurd-numbers", test_absurd_numbers);
  g_test_add_func ("/scrape/http-failure", test_http_failure);
  g_test_add_func ("/scrape/udp", test_udp);
  g_test_add_func ("/scrape/udp-no-more-than-asked", test_udp_says_no_more_than_was_asked);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-scrape.h"
#include "base/ccbt-text.h"
#include "wire/ccbt-bencode.h"
#include "wire/ccbt-tracker-udp.h"
#include "wire/ccbt-url.h"

#define MAX_TEXT_CHARS 200
#define LONGEST_INTERVAL 86400
#define UDP_HEAD_BYTES 8u
#define UDP_ENTRY_BYTES 12u

/* As announces have them: a torrent is four values and its hash. */
static const CcbtBencodeLimits scrape_limits
    = { .max_depth = 16, .max_tokens = 200000, .max_size = CCBT_TRACKER_REPLY_MAX };

/* --- URL --- */

/* Where "announce" stands at the start of the last path component; NULL when it does not. */
static const char *
find_announce (const char *url)
{
  const char *authority = strstr (url, "://");
  const char *path = authority != NULL ? strchr (authority + 3, '/') : NULL;
  const char *end = url + strcspn (url, "?#");
  const char *last;

  if (path == NULL || path >= end)
    return NULL;
  for (last = end; last[-1] != '/'; last--)
    ;
  return g_str_has_prefix (last, "announce") ? last : NULL;
}

gboolean
ccbt_scrape_can_ask (const char *announce_url)
{
  return find_announce (announce_url) != NULL;
}

char *
ccbt_scrape_build_url (const char *announce_url, const CcbtSha1 *info_hashes, guint n_info_hashes)
{
  const char *announce = find_announce (announce_url);
  const char *rest;
  GString *url;

  if (announce == NULL)
    return NULL;
  rest = announce + strlen ("announce");
  url = g_string_new_len (announce_url, announce - announce_url);
  g_string_append (url, "scrape");
  g_string_append_len (url, rest, (gssize) strcspn (rest, "#"));
  for (guint i = 0; i < n_info_hashes; i++)
    {
      const char *query = strchr (url->str, '?');

      if (query == NULL)
        g_string_append_c (url, '?');
      else if (query[1] != '\0' && url->str[url->len - 1] != '&')
        g_string_append_c (url, '&');
      g_string_append (url, "info_hash=");
      ccbt_url_append_escaped (url, (CcbtSpan){ info_hashes[i].bytes, sizeof info_hashes->bytes });
    }
  return g_string_free (url, FALSE);
}

/* --- HTTP --- */

static CcbtScrapeReply *
scrape_reply_new (void)
{
  CcbtScrapeReply *self = g_new0 (CcbtScrapeReply, 1);

  self->entries = g_array_new (FALSE, FALSE, sizeof (CcbtScrapeEntry));
  return self;
}

static int
lookup_count (CcbtBencodeValue dict, const char *key)
{
  gint64 value = -1;

  ccbt_bencode_value_lookup_integer (dict, key, &value);
  return ccbt_announce_clamp_count (value);
}

/* Returns: the index in @asked, or @n_asked when nobody asked for it */
static guint
find_asked (CcbtSpan hash, const CcbtSha1 *asked, guint n_asked)
{
  guint i = 0;

  if (hash.len != sizeof asked->bytes)
    return n_asked;
  while (i < n_asked && memcmp (asked[i].bytes, hash.data, hash.len) != 0)
    i++;
  return i;
}

/* Each key is there once only: the parser sees to that, so no more than @n_asked are found. */
static void
read_files (CcbtScrapeReply *self, CcbtBencodeValue files, const CcbtSha1 *asked, guint n_asked)
{
  CcbtBencodeIter iter;
  CcbtBencodeValue torrent;
  CcbtSpan hash;

  if (ccbt_bencode_value_get_kind (files) != CCBT_BENCODE_DICT)
    return;
  ccbt_bencode_iter_init (&iter, files);
  while (ccbt_bencode_iter_next (&iter, &hash, &torrent))
    {
      guint i = find_asked (hash, asked, n_asked);
      CcbtScrapeEntry entry;

      if (i == n_asked || ccbt_bencode_value_get_kind (torrent) != CCBT_BENCODE_DICT)
        continue;
      entry = (CcbtScrapeEntry){ .info_hash = asked[i],
                                 .seeds = lookup_count (torrent, "complete"),
                                 .leechers = lookup_count (torrent, "incomplete"),
                                 .downloaded = lookup_count (torrent, "downloaded") };
      g_array_append_val (self->entries, entry);
    }
}

static void
read_root (CcbtScrapeReply *self, CcbtBencodeValue root, const CcbtSha1 *asked, guint n_asked)
{
  CcbtBencodeValue failure = ccbt_bencode_value_lookup (root, "failure reason");
  CcbtBencodeValue flags = ccbt_bencode_value_lookup (root, "flags");
  CcbtSpan text;
  gint64 seconds = 0;

  if (ccbt_bencode_value_get_string (failure, &text) && text.len > 0)
    self->failure = ccbt_text_make_printable (text, MAX_TEXT_CHARS);
  else if (ccbt_bencode_value_get_kind (failure) != CCBT_BENCODE_NONE)
    self->failure = g_strdup ("no reason given");
  ccbt_bencode_value_lookup_integer (flags, "min_request_interval", &seconds);
  self->min_request_interval = CLAMP (seconds, 0, LONGEST_INTERVAL);
  if (self->failure == NULL)
    read_files (self, ccbt_bencode_value_lookup (root, "files"), asked, n_asked);
}

CcbtScrapeReply *
ccbt_scrape_parse_http (CcbtSpan body, const CcbtSha1 *asked, guint n_asked, GError **error)
{
  gsize consumed; /* what comes after is ignored, as with announces */
  g_autoptr (CcbtBencode) document = ccbt_bencode_parse (body, &scrape_limits, &consumed, error);
  CcbtScrapeReply *self;

  if (document == NULL)
    return NULL;
  if (ccbt_bencode_value_get_kind (ccbt_bencode_get_root (document)) != CCBT_BENCODE_DICT)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_MALFORMED,
                           "the tracker's scrape answer is no dictionary");
      return NULL;
    }
  self = scrape_reply_new ();
  read_root (self, ccbt_bencode_get_root (document), asked, n_asked);
  return self;
}

/* --- UDP --- */

static int
read_count (const guint8 *bytes)
{
  return ccbt_announce_clamp_count ((gint32) ccbt_read_u32 (bytes));
}

CcbtScrapeReply *
ccbt_scrape_parse_udp (CcbtSpan datagram, const CcbtSha1 *asked, guint n_asked, GError **error)
{
  CcbtTrackerUdpAction action;
  guint32 transaction;
  CcbtScrapeReply *self;

  if (!ccbt_tracker_udp_read_head (datagram, &action, &transaction)
      || (action != CCBT_TRACKER_UDP_SCRAPE && action != CCBT_TRACKER_UDP_ERROR))
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_MALFORMED,
                           "the tracker's answer is no scrape reply");
      return NULL;
    }
  self = scrape_reply_new ();
  self->failure = ccbt_tracker_udp_dup_failure (datagram);
  if (self->failure != NULL)
    return self;
  for (gsize i = 0; i < n_asked && (i + 1) * UDP_ENTRY_BYTES <= datagram.len - UDP_HEAD_BYTES; i++)
    {
      const guint8 *bytes = datagram.data + UDP_HEAD_BYTES + i * UDP_ENTRY_BYTES;
      const CcbtScrapeEntry entry = { .info_hash = asked[i],
                                      .seeds = read_count (bytes),
                                      .downloaded = read_count (bytes + 4),
                                      .leechers = read_count (bytes + 8) };

      g_array_append_val (self->entries, entry);
    }
  return self;
}

void
ccbt_scrape_reply_free (CcbtScrapeReply *self)
{
  if (self == NULL)
    return;
  g_free (self->failure);
  g_array_unref (self->entries);
  g_free (self);
}

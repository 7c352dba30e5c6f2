/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-resume-file.h"
#include "base/ccbt-error.h"
#include <string.h>

/* --- Writing: keys in byte order --- */

static void
add_integer (GByteArray *out, const char *key, gint64 value)
{
  ccbt_bencode_write_key (out, key);
  ccbt_bencode_write_integer (out, value);
}

static void
add_text (GByteArray *out, const char *key, const char *text)
{
  ccbt_bencode_write_key (out, key);
  ccbt_bencode_write_string (out, ccbt_span_from_string (text));
}

/* Microseconds since 1970 here, seconds there. */
static void
add_time (GByteArray *out, const char *key, gint64 time)
{
  add_integer (out, key, time / G_USEC_PER_SEC);
}

static void
add_priorities (GByteArray *out, GBytes *priorities)
{
  gsize n;
  const guint8 *bytes = g_bytes_get_data (priorities, &n);

  ccbt_bencode_write_key (out, "file_priority");
  ccbt_bencode_begin_list (out);
  for (gsize i = 0; i < n; i++)
    ccbt_bencode_write_integer (out, bytes[i]);
  ccbt_bencode_end (out);
}

/* One byte a piece. */
static void
add_pieces (GByteArray *out, GBytes *had, guint32 n_pieces)
{
  gsize size;
  const guint8 *bits = g_bytes_get_data (had, &size);
  g_autofree guint8 *pieces = g_malloc0 (n_pieces);

  for (guint32 i = 0; i < n_pieces && i / 8 < size; i++)
    pieces[i] = (bits[i / 8] & 0x80 >> i % 8) != 0;
  ccbt_bencode_write_key (out, "pieces");
  ccbt_bencode_write_string (out, (CcbtSpan){ pieces, n_pieces });
}

/* @lines: tier by tier, as they are stored */
static void
add_trackers (GByteArray *out, GBytes *lines)
{
  gsize size;
  const char *text = g_bytes_get_data (lines, &size);
  g_autofree char *copy = g_strndup (text != NULL ? text : "", size);
  g_auto (GStrv) rows = g_strsplit (copy, "\n", 0);
  guint64 tier = G_MAXUINT64;

  ccbt_bencode_write_key (out, "trackers");
  ccbt_bencode_begin_list (out);
  for (guint i = 0; rows[i] != NULL; i++)
    {
      const char *url = strchr (rows[i], ' ');
      const guint64 its_tier = g_ascii_strtoull (rows[i], NULL, 10);

      if (url == NULL)
        continue;
      if (tier != its_tier && tier != G_MAXUINT64)
        ccbt_bencode_end (out);
      if (tier != its_tier)
        ccbt_bencode_begin_list (out);
      tier = its_tier;
      ccbt_bencode_write_string (out, ccbt_span_from_string (url + 1));
    }
  if (tier != G_MAXUINT64)
    ccbt_bencode_end (out);
  ccbt_bencode_end (out);
}

static void
add_tags (GByteArray *out, GStrv tags)
{
  ccbt_bencode_write_key (out, "qBt-tags");
  ccbt_bencode_begin_list (out);
  for (guint i = 0; tags[i] != NULL; i++)
    ccbt_bencode_write_string (out, ccbt_span_from_string (tags[i]));
  ccbt_bencode_end (out);
}

static void
add_info (GByteArray *out, CcbtMetainfo *metainfo)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (ccbt_metainfo_get_info (metainfo), &size);

  ccbt_bencode_write_key (out, "info");
  g_byte_array_append (out, bytes, (guint) size);
}

static void
add_hash (GByteArray *out, const CcbtInfoHash *hash)
{
  ccbt_bencode_write_key (out, "info-hash");
  ccbt_bencode_write_string (out, (CcbtSpan){ hash->v1.bytes, sizeof hash->v1.bytes });
}

static gint64
fit (guint64 count)
{
  return (gint64) MIN (count, (guint64) G_MAXINT64);
}

GBytes *
ccbt_resume_file_write (const CcbtTorrentRecord *record, CcbtMetainfo *metainfo,
                        CcbtTorrentOptions *options, gboolean is_in_check)
{
  g_autoptr (CcbtTorrentOptions) usual = ccbt_torrent_options_new ();
  const CcbtTorrentOptions *its = options != NULL ? options : usual;
  GBytes *had = is_in_check ? record->durable : record->verified;
  GByteArray *out = g_byte_array_new ();

  ccbt_bencode_begin_dict (out);
  add_integer (out, "active_time", fit (record->active_seconds));
  add_time (out, "added_time", record->added_at);
  add_time (out, "completed_time", record->completed_at);
  add_integer (out, "download_rate_limit", fit (its->download_limit));
  add_text (out, "file-format", "libtorrent resume file");
  add_integer (out, "file-version", 1);
  if (record->priorities != NULL)
    add_priorities (out, record->priorities);
  add_info (out, metainfo);
  add_hash (out, &record->info_hash);
  add_integer (out, "paused", record->is_paused);
  if (had != NULL)
    add_pieces (out, had, ccbt_metainfo_get_n_pieces (metainfo));
  add_text (out, "qBt-category", its->category);
  add_text (out, "qBt-name", its->display_name);
  add_tags (out, its->tags);
  add_text (out, "save_path", record->folder);
  add_integer (out, "seeding_time", fit (record->seeding_seconds));
  add_integer (out, "sequential_download", record->is_sequential);
  add_integer (out, "total_downloaded", fit (record->downloaded));
  add_integer (out, "total_uploaded", fit (record->uploaded));
  if (record->trackers != NULL)
    add_trackers (out, record->trackers);
  add_integer (out, "upload_rate_limit", fit (its->upload_limit));
  ccbt_bencode_end (out);
  return g_byte_array_free_to_bytes (out);
}

/* --- Reading --- */

static CcbtImportItem *
make_item (CcbtBencodeValue root, GError **error)
{
  const CcbtBencodeValue info = ccbt_bencode_value_lookup (root, "info");
  CcbtSpan raw;
  g_autoptr (GBytes) info_bytes = NULL;
  g_autoptr (GBytes) metainfo = NULL;

  if (ccbt_bencode_value_get_kind (info) != CCBT_BENCODE_DICT)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_MALFORMED,
                           "This is no resume file with a torrent in it.");
      return NULL;
    }
  raw = ccbt_bencode_value_get_raw (info);
  info_bytes = g_bytes_new (raw.data, raw.len);
  metainfo = ccbt_metainfo_build (info_bytes, NULL);
  return ccbt_import_item_new (metainfo, error);
}

CcbtImportItem *
ccbt_resume_file_read (GBytes *bytes, GError **error)
{
  CcbtSpan span;
  g_autoptr (CcbtBencode) document = NULL;
  CcbtImportItem *item;

  span.data = g_bytes_get_data (bytes, &span.len);
  document = ccbt_bencode_parse (span, &ccbt_bencode_limits_file, NULL, error);
  if (document == NULL)
    return NULL;
  item = make_item (ccbt_bencode_get_root (document), error);
  if (item != NULL)
    ccbt_import_take_libtorrent (item, ccbt_bencode_get_root (document));
  return item;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-import-private.h"
#include "base/ccbt-torrent-options.h"
#include <math.h>
#include <string.h>

/* Resume data of libtorrent, which qBittorrent and Deluge keep, and what qBittorrent adds to it. */

static gboolean
lookup_flag (CcbtBencodeValue dict, const char *key)
{
  return ccbt_import_lookup_count (dict, key) != 0;
}

/* One byte a piece; its lowest bit: had. */
static gboolean
is_had (gconstpointer owner, guint32 piece)
{
  const CcbtSpan *pieces = owner;

  return piece < pieces->len && (pieces->data[piece] & 1);
}

/* libtorrent's 0 to 7 are our own scale, but for the names of the steps between. */
static CcbtPriority
fit_priority (gint64 priority)
{
  if (priority <= 0)
    return CCBT_PRIORITY_SKIP;
  if (priority < CCBT_PRIORITY_NORMAL)
    return CCBT_PRIORITY_LOW;
  if (priority < CCBT_PRIORITY_HIGH)
    return CCBT_PRIORITY_NORMAL;
  return priority == CCBT_PRIORITY_HIGH ? CCBT_PRIORITY_HIGH : CCBT_PRIORITY_MAXIMUM;
}

static void
take_priorities (CcbtImportItem *item, CcbtBencodeValue list)
{
  g_autoptr (GByteArray) priorities = g_byte_array_new ();
  CcbtBencodeIter iter;
  CcbtBencodeValue value;

  ccbt_bencode_iter_init (&iter, list);
  while (ccbt_bencode_iter_next (&iter, NULL, &value))
    {
      gint64 number = CCBT_PRIORITY_NORMAL;
      guint8 priority;

      ccbt_bencode_value_get_integer (value, &number);
      priority = fit_priority (number);
      g_byte_array_append (priorities, &priority, 1);
    }
  if (priorities->len > 0)
    ccbt_import_item_set_priorities (item, priorities->data, priorities->len);
}

/* A list of tiers, each a list of addresses. */
static void
take_trackers (CcbtImportItem *item, CcbtBencodeValue tiers)
{
  GString *lines = g_string_new (NULL);
  CcbtBencodeIter tier_iter, iter;
  CcbtBencodeValue tier, value;
  CcbtSpan url;
  guint n_tiers = 0;

  ccbt_bencode_iter_init (&tier_iter, tiers);
  for (; ccbt_bencode_iter_next (&tier_iter, NULL, &tier); n_tiers++)
    {
      ccbt_bencode_iter_init (&iter, tier);
      while (ccbt_bencode_iter_next (&iter, NULL, &value))
        if (ccbt_bencode_value_get_string (value, &url) && url.len > 0 && url.len < 2048
            && memchr (url.data, '\n', url.len) == NULL && memchr (url.data, '\0', url.len) == NULL)
          g_string_append_printf (lines, "%u %.*s\n", n_tiers, (int) url.len,
                                  (const char *) url.data);
    }
  g_clear_pointer (&item->record->trackers, g_bytes_unref);
  item->record->trackers = g_string_free_to_bytes (lines);
}

static void
add_rate (GVariantBuilder *options, const char *key, CcbtBencodeValue resume, const char *theirs)
{
  guint64 rate = ccbt_import_lookup_count (resume, theirs);

  if (rate > 0)
    g_variant_builder_add (options, "{sv}", key, g_variant_new_uint64 (rate));
}

static void
add_text (GVariantBuilder *options, const char *key, CcbtBencodeValue resume, const char *theirs)
{
  CcbtSpan text;
  g_autofree char *copy = NULL;

  if (!ccbt_bencode_value_lookup_string (resume, theirs, &text) || text.len == 0)
    return;
  copy = ccbt_import_copy_text (text);
  g_variant_builder_add (options, "{sv}", key, g_variant_new_string (copy));
}

/* Thousandths; -2000: as for all, -1000: none. */
static void
add_ratio (GVariantBuilder *options, CcbtBencodeValue resume)
{
  gint64 ratio;

  if (!ccbt_bencode_value_lookup_integer (resume, "qBt-ratioLimit", &ratio) || ratio == -2000)
    return;
  g_variant_builder_add (options, "{sv}", "ratio-goal",
                         g_variant_new_double (ratio > 0 ? (double) ratio / 1000 : CCBT_GOAL_NONE));
}

/* Minutes; -2: as for all, -1: none. */
static void
add_minutes (GVariantBuilder *options, const char *key, CcbtBencodeValue resume, const char *theirs)
{
  gint64 minutes;

  if (!ccbt_bencode_value_lookup_integer (resume, theirs, &minutes) || minutes == -2)
    return;
  g_variant_builder_add (options, "{sv}", key,
                         g_variant_new_int64 (CLAMP (minutes, 0, G_MAXINT32) * 60));
}

static void
take_options (CcbtImportItem *item, CcbtBencodeValue resume)
{
  g_auto (GVariantBuilder) options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_rate (&options, "download-limit", resume, "download_rate_limit");
  add_rate (&options, "upload-limit", resume, "upload_rate_limit");
  add_text (&options, "category", resume, "qBt-category");
  add_text (&options, "display-name", resume, "qBt-name");
  ccbt_import_add_tags (&options, ccbt_bencode_value_lookup (resume, "qBt-tags"));
  add_ratio (&options, resume);
  add_minutes (&options, "seed-time-goal", resume, "qBt-seedingTimeLimit");
  add_minutes (&options, "idle-goal", resume, "qBt-inactiveSeedingTimeLimit");
  ccbt_import_item_set_options (item, g_variant_builder_end (&options));
}

void
ccbt_import_take_libtorrent (CcbtImportItem *item, CcbtBencodeValue resume)
{
  CcbtTorrentRecord *record = item->record;
  CcbtSpan text = { NULL, 0 };

  ccbt_bencode_value_lookup_string (resume, "save_path", &text);
  ccbt_import_item_set_folder (item, text);
  /* A torrent that libtorrent manages is marked as paused while it waits in the queue. */
  record->is_paused |= lookup_flag (resume, "paused") && !lookup_flag (resume, "auto_managed");
  record->is_sequential = lookup_flag (resume, "sequential_download");
  record->downloaded = ccbt_import_lookup_count (resume, "total_downloaded");
  record->uploaded = ccbt_import_lookup_count (resume, "total_uploaded");
  record->active_seconds = ccbt_import_lookup_count (resume, "active_time");
  record->seeding_seconds = ccbt_import_lookup_count (resume, "seeding_time");
  record->added_at = ccbt_import_lookup_time (resume, "added_time");
  record->completed_at = ccbt_import_lookup_time (resume, "completed_time");
  take_priorities (item, ccbt_bencode_value_lookup (resume, "file_priority"));
  if (ccbt_bencode_value_get_kind (ccbt_bencode_value_lookup (resume, "trackers"))
      == CCBT_BENCODE_LIST)
    take_trackers (item, ccbt_bencode_value_lookup (resume, "trackers"));
  take_options (item, resume);
  if (ccbt_bencode_value_lookup_string (resume, "pieces", &text))
    ccbt_import_item_set_pieces (item, is_had, &text);
  if (ccbt_bencode_value_get_length (ccbt_bencode_value_lookup (resume, "mapped_files")) > 0)
    ccbt_import_item_note_renamed (item);
  if (ccbt_bencode_value_get_length (ccbt_bencode_value_lookup (resume, "unfinished")) > 0)
    ccbt_import_item_note (item, "Pieces that were not whole yet are downloaded again.");
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-import-private.h"
#include "base/ccbt-torrent-options.h"
#include <math.h>
#include <string.h>

#define BLOCK 16384u

/* --- Pieces: a bit for each block of 16 KiB of the whole torrent, or a word for all --- */

typedef struct
{
  CcbtSpan bits;
  gboolean has_all;
  guint64 piece_length;
  guint64 total_size;
} Blocks;

static gboolean
is_had (gconstpointer owner, guint32 piece)
{
  const Blocks *blocks = owner;
  guint64 begin = piece * blocks->piece_length;
  guint64 end = MIN (begin + blocks->piece_length, blocks->total_size);

  if (blocks->has_all)
    return TRUE;
  for (guint64 block = begin / BLOCK; block * BLOCK < end; block++)
    if (block / 8 >= blocks->bits.len || !(blocks->bits.data[block / 8] & 0x80 >> block % 8))
      return FALSE;
  return TRUE;
}

static void
take_progress (CcbtImportItem *item, CcbtBencodeValue progress)
{
  Blocks blocks = { .piece_length = ccbt_metainfo_get_piece_length (item->metainfo),
                    .total_size = ccbt_metainfo_get_total_size (item->metainfo) };
  CcbtSpan word = { NULL, 0 };

  if (!ccbt_bencode_value_lookup_string (progress, "blocks", &blocks.bits))
    {
      ccbt_bencode_value_lookup_string (progress, "have", &word); /* of older versions */
      blocks.has_all = ccbt_span_equal (word, ccbt_span_from_string ("all"));
      if (!blocks.has_all)
        return;
    }
  if (ccbt_span_equal (blocks.bits, ccbt_span_from_string ("all")))
    blocks.has_all = TRUE;
  else if (ccbt_span_equal (blocks.bits, ccbt_span_from_string ("none")))
    blocks.bits.len = 0;
  ccbt_import_item_set_pieces (item, is_had, &blocks);
}

/* --- The rest --- */

/* -1 low, 0 normal, 1 high; "dnd": not to be downloaded. */
static void
take_priorities (CcbtImportItem *item, CcbtBencodeValue priority, CcbtBencodeValue dnd)
{
  guint n_files = ccbt_metainfo_get_n_files (item->metainfo);
  g_autofree guint8 *priorities = g_malloc (n_files);
  CcbtBencodeIter iter;
  CcbtBencodeValue value;

  memset (priorities, CCBT_PRIORITY_NORMAL, n_files);
  ccbt_bencode_iter_init (&iter, priority);
  for (guint i = 0; i < n_files && ccbt_bencode_iter_next (&iter, NULL, &value); i++)
    {
      gint64 number = 0;

      ccbt_bencode_value_get_integer (value, &number);
      if (number != 0)
        priorities[i] = number < 0 ? CCBT_PRIORITY_LOW : CCBT_PRIORITY_HIGH;
    }
  ccbt_bencode_iter_init (&iter, dnd);
  for (guint i = 0; i < n_files && ccbt_bencode_iter_next (&iter, NULL, &value); i++)
    {
      gint64 is_skipped = 0;

      if (ccbt_bencode_value_get_integer (value, &is_skipped) && is_skipped != 0)
        priorities[i] = CCBT_PRIORITY_SKIP;
    }
  ccbt_import_item_set_priorities (item, priorities, n_files);
}

static void
add_limit (GVariantBuilder *options, const char *key, CcbtBencodeValue limit)
{
  if (ccbt_import_lookup_count (limit, "use-speed-limit") != 0
      && ccbt_import_lookup_count (limit, "speed-Bps") > 0)
    g_variant_builder_add (options, "{sv}", key,
                           g_variant_new_uint64 (ccbt_import_lookup_count (limit, "speed-Bps")));
}

/* Modes: 0 as for all, 1 its own, 2 none. */
static void
add_goals (GVariantBuilder *options, CcbtBencodeValue ratio, CcbtBencodeValue idle)
{
  guint64 ratio_mode = ccbt_import_lookup_count (ratio, "ratio-mode");
  guint64 idle_mode = ccbt_import_lookup_count (idle, "idle-mode");
  CcbtSpan text;
  double number = CCBT_GOAL_NONE;

  if (ratio_mode == 1 && ccbt_bencode_value_lookup_string (ratio, "ratio-limit", &text))
    {
      g_autofree char *copy = g_strndup ((const char *) text.data, MIN (text.len, 40));

      number = g_ascii_strtod (copy, NULL);
    }
  if (ratio_mode != 0)
    g_variant_builder_add (options, "{sv}", "ratio-goal",
                           g_variant_new_double (isfinite (number) ? MAX (number, 0) : 0));
  if (idle_mode != 0)
    g_variant_builder_add (
        options, "{sv}", "idle-goal",
        g_variant_new_int64 (
            idle_mode == 1
                ? (gint64) MIN (ccbt_import_lookup_count (idle, "idle-limit"), G_MAXINT32) * 60
                : CCBT_GOAL_NONE));
}

static void
add_priority (GVariantBuilder *options, CcbtBencodeValue resume)
{
  gint64 priority = 0;

  if (ccbt_bencode_value_lookup_integer (resume, "bandwidth-priority", &priority) && priority != 0)
    g_variant_builder_add (options, "{sv}", "priority",
                           g_variant_new_string (priority < 0 ? "low" : "high"));
}

static void
take_options (CcbtImportItem *item, CcbtBencodeValue resume)
{
  g_auto (GVariantBuilder) options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_limit (&options, "download-limit", ccbt_bencode_value_lookup (resume, "speed-limit-down"));
  add_limit (&options, "upload-limit", ccbt_bencode_value_lookup (resume, "speed-limit-up"));
  add_goals (&options, ccbt_bencode_value_lookup (resume, "ratio-limit"),
             ccbt_bencode_value_lookup (resume, "idle-limit"));
  add_priority (&options, resume);
  ccbt_import_add_tags (&options, ccbt_bencode_value_lookup (resume, "labels"));
  ccbt_import_item_set_options (item, g_variant_builder_end (&options));
}

static gboolean
is_renamed (CcbtImportItem *item, CcbtBencodeValue resume)
{
  CcbtSpan name;

  if (ccbt_bencode_value_get_length (ccbt_bencode_value_lookup (resume, "files")) > 0)
    return TRUE;
  return !ccbt_metainfo_is_multi_file (item->metainfo)
         && ccbt_bencode_value_lookup_string (resume, "name", &name) && name.len > 0
         && !ccbt_span_equal (name,
                              ccbt_span_from_string (ccbt_metainfo_get_name (item->metainfo)));
}

void
ccbt_import_take_transmission (CcbtImportItem *item, CcbtBencodeValue resume)
{
  CcbtTorrentRecord *record = item->record;
  CcbtSpan folder = { NULL, 0 };

  ccbt_bencode_value_lookup_string (resume, "destination", &folder);
  ccbt_import_item_set_folder (item, folder);
  record->is_paused |= ccbt_import_lookup_count (resume, "paused") != 0;
  record->downloaded = ccbt_import_lookup_count (resume, "downloaded");
  record->uploaded = ccbt_import_lookup_count (resume, "uploaded");
  record->wasted = ccbt_import_lookup_count (resume, "corrupt");
  record->seeding_seconds
      = MIN (ccbt_import_lookup_count (resume, "seeding-time-seconds"), G_MAXINT64 / 2);
  record->active_seconds
      = record->seeding_seconds
        + MIN (ccbt_import_lookup_count (resume, "downloading-time-seconds"), G_MAXINT64 / 2);
  record->added_at = ccbt_import_lookup_time (resume, "added-date");
  record->completed_at = ccbt_import_lookup_time (resume, "done-date");
  take_priorities (item, ccbt_bencode_value_lookup (resume, "priority"),
                   ccbt_bencode_value_lookup (resume, "dnd"));
  take_options (item, resume);
  take_progress (item, ccbt_bencode_value_lookup (resume, "progress"));
  if (is_renamed (item, resume))
    ccbt_import_item_note_renamed (item);
}

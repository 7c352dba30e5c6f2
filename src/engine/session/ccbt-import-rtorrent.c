/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-import-private.h"
#include <string.h>

/* A bitfield, or the number of pieces when they are all there, or 0. */
typedef struct
{
  CcbtSpan bits;
  gboolean has_all;
} Pieces;

static gboolean
is_had (gconstpointer owner, guint32 piece)
{
  const Pieces *pieces = owner;

  return pieces->has_all
         || (piece / 8 < pieces->bits.len && (pieces->bits.data[piece / 8] & 0x80 >> piece % 8));
}

static void
take_pieces (CcbtImportItem *item, CcbtBencodeValue bitfield)
{
  Pieces pieces = { { NULL, 0 }, FALSE };
  gint64 n_had = -1;

  if (ccbt_bencode_value_get_integer (bitfield, &n_had))
    pieces.has_all = n_had == (gint64) ccbt_metainfo_get_n_pieces (item->metainfo);
  else if (!ccbt_bencode_value_get_string (bitfield, &pieces.bits))
    return; /* never checked */
  ccbt_import_item_set_pieces (item, is_had, &pieces);
}

/* 0 off, 1 normal, 2 high; in the order of the torrent. */
static void
take_priorities (CcbtImportItem *item, CcbtBencodeValue files)
{
  static const guint8 scale[] = { CCBT_PRIORITY_SKIP, CCBT_PRIORITY_NORMAL, CCBT_PRIORITY_HIGH };
  g_autoptr (GByteArray) priorities = g_byte_array_new ();
  CcbtBencodeIter iter;
  CcbtBencodeValue file;

  ccbt_bencode_iter_init (&iter, files);
  while (ccbt_bencode_iter_next (&iter, NULL, &file))
    {
      gint64 number = 1;

      ccbt_bencode_value_lookup_integer (file, "priority", &number);
      g_byte_array_append (priorities, &scale[CLAMP (number, 0, 2)], 1);
    }
  if (priorities->len > 0)
    ccbt_import_item_set_priorities (item, priorities->data, priorities->len);
}

/* "directory" has the torrent's own folder at its end when there are several files. */
static void
take_folder (CcbtImportItem *item, CcbtBencodeValue rtorrent)
{
  CcbtSpan directory = { NULL, 0 };
  const char *name = ccbt_metainfo_get_name (item->metainfo);
  gsize name_len = strlen (name);

  ccbt_bencode_value_lookup_string (rtorrent, "directory", &directory);
  while (directory.len > 1 && directory.data[directory.len - 1] == '/')
    directory.len--;
  if (ccbt_metainfo_is_multi_file (item->metainfo))
    {
      if (directory.len <= name_len + 1 || directory.data[directory.len - name_len - 1] != '/'
          || memcmp (directory.data + directory.len - name_len, name, name_len) != 0)
        {
          ccbt_import_item_set_folder (item, directory);
          ccbt_import_item_note_renamed (item);
          return;
        }
      directory.len -= name_len + 1;
      if (directory.len == 0)
        directory = ccbt_span_from_string ("/");
    }
  ccbt_import_item_set_folder (item, directory);
}

/* The label of its web faces is a URL-escaped text. */
static void
take_label (CcbtImportItem *item, CcbtBencodeValue rtorrent)
{
  g_auto (GVariantBuilder) options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *label = NULL;
  g_autofree char *raw = NULL;
  CcbtSpan text;

  if (!ccbt_bencode_value_lookup_string (rtorrent, "custom1", &text) || text.len == 0)
    return;
  raw = g_uri_unescape_segment ((const char *) text.data,
                                (const char *) text.data + MIN (text.len, 1024), NULL);
  label = raw != NULL ? g_utf8_make_valid (raw, -1) : ccbt_import_copy_text (text);
  g_variant_builder_add (&options, "{sv}", "category", g_variant_new_string (label));
  ccbt_import_item_set_options (item, g_variant_builder_end (&options));
}

void
ccbt_import_take_rtorrent (CcbtImportItem *item, CcbtBencodeValue rtorrent,
                           CcbtBencodeValue libtorrent_resume)
{
  CcbtTorrentRecord *record = item->record;

  take_folder (item, rtorrent);
  record->is_paused |= ccbt_import_lookup_count (rtorrent, "state") == 0;
  record->uploaded = ccbt_import_lookup_count (rtorrent, "total_uploaded");
  record->downloaded = ccbt_import_lookup_count (rtorrent, "total_downloaded");
  record->completed_at = ccbt_import_lookup_time (rtorrent, "timestamp.finished");
  record->added_at = ccbt_import_lookup_time (rtorrent, "timestamp.started");
  take_label (item, rtorrent);
  take_priorities (item, ccbt_bencode_value_lookup (libtorrent_resume, "files"));
  take_pieces (item, ccbt_bencode_value_lookup (libtorrent_resume, "bitfield"));
}

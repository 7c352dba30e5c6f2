/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-import.h"
#include "base/ccbt-text.h"
#include "base/ccbt-torrent-options.h"
#include <string.h>
#include <sys/stat.h>

static const char *const source_names[CCBT_N_IMPORT_SOURCES]
    = { "qbittorrent", "deluge", "transmission", "rtorrent" };

const char *
ccbt_import_source_get_name (CcbtImportSource source)
{
  g_return_val_if_fail ((guint) source < CCBT_N_IMPORT_SOURCES, "");
  return source_names[source];
}

gboolean
ccbt_import_source_from_name (const char *name, CcbtImportSource *out)
{
  for (guint i = 0; i < CCBT_N_IMPORT_SOURCES; i++)
    if (g_ascii_strcasecmp (name, source_names[i]) == 0)
      {
        *out = (CcbtImportSource) i;
        return TRUE;
      }
  return FALSE;
}

static CcbtImportItem *
item_new (const char *name)
{
  CcbtImportItem *self = g_new0 (CcbtImportItem, 1);

  self->name = ccbt_text_make_printable (ccbt_span_from_string (name), 255);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  return self;
}

/* As the state store keeps them. Returns: (transfer full) */
static GBytes *
list_trackers (CcbtMetainfo *metainfo)
{
  GString *lines = g_string_new (NULL);
  const char *url;
  guint tier;

  for (guint i = 0; (url = ccbt_metainfo_get_tracker (metainfo, i, &tier)) != NULL; i++)
    g_string_append_printf (lines, "%u %s\n", tier, url);
  return g_string_free_to_bytes (lines);
}

CcbtImportItem *
ccbt_import_item_new (GBytes *bytes, GError **error)
{
  CcbtMetainfo *metainfo = ccbt_metainfo_parse (bytes, error);
  CcbtImportItem *self;
  CcbtTorrentRecord *record;

  if (metainfo == NULL)
    return NULL;
  self = item_new (ccbt_metainfo_get_name (metainfo));
  self->metainfo = metainfo;
  self->record = record = ccbt_torrent_record_new ();
  record->info_hash = *ccbt_metainfo_get_info_hash (metainfo);
  record->metainfo = ccbt_metainfo_build (ccbt_metainfo_get_info (metainfo), NULL);
  record->name = g_strdup (ccbt_metainfo_get_name (metainfo));
  record->trackers = list_trackers (metainfo);
  record->seeds = TRUE;
  record->boot_id = g_strdup (ccbt_state_store_get_boot_id ());
  return self;
}

CcbtImportItem *
ccbt_import_item_new_failed (const char *name, const char *note)
{
  CcbtImportItem *self = item_new (name);

  ccbt_import_item_note (self, note);
  return self;
}

void
ccbt_import_item_free (CcbtImportItem *self)
{
  g_free (self->name);
  g_clear_pointer (&self->metainfo, ccbt_metainfo_unref);
  g_clear_pointer (&self->record, ccbt_torrent_record_unref);
  g_ptr_array_unref (self->notes);
  g_free (self);
}

void
ccbt_import_item_note (CcbtImportItem *self, const char *note)
{
  if (!g_ptr_array_find_with_equal_func (self->notes, note, g_str_equal, NULL))
    g_ptr_array_add (self->notes, g_strdup (note));
}

void
ccbt_import_item_note_renamed (CcbtImportItem *self)
{
  self->record->is_paused = TRUE;
  ccbt_import_item_note (self, "Its files were renamed there; it is paused until they have their "
                               "own names again.");
}

static void
set_bits (CcbtTorrentRecord *record, guint8 *bits, gsize len)
{
  g_clear_pointer (&record->verified, g_bytes_unref);
  g_clear_pointer (&record->durable, g_bytes_unref);
  record->verified = g_bytes_new_take (bits, len);
  record->durable = g_bytes_ref (record->verified);
}

static gsize
get_bits_len (CcbtImportItem *self)
{
  return (ccbt_metainfo_get_n_pieces (self->metainfo) + 7) / 8;
}

void
ccbt_import_item_set_pieces (CcbtImportItem *self,
                             gboolean (*is_had) (gconstpointer owner, guint32 piece),
                             gconstpointer owner)
{
  guint8 *bits = g_malloc0 (get_bits_len (self));

  for (guint32 i = 0; i < ccbt_metainfo_get_n_pieces (self->metainfo); i++)
    if (is_had (owner, i))
      bits[i / 8] |= (guint8) (0x80 >> i % 8);
  set_bits (self->record, bits, get_bits_len (self));
}

void
ccbt_import_item_set_priorities (CcbtImportItem *self, const guint8 *priorities, guint n_priorities)
{
  guint n_files = ccbt_metainfo_get_n_files (self->metainfo);
  guint8 *bytes = g_malloc (n_files);

  for (guint i = 0; i < n_files; i++)
    bytes[i] = i < n_priorities ? priorities[i] : CCBT_PRIORITY_NORMAL;
  g_clear_pointer (&self->record->priorities, g_bytes_unref);
  self->record->priorities = g_bytes_new_take (bytes, n_files);
}

void
ccbt_import_item_set_folder (CcbtImportItem *self, CcbtSpan folder)
{
  g_autofree char *path = NULL;

  if (folder.len > 0 && folder.len < 4096 && memchr (folder.data, '\0', folder.len) == NULL)
    path = g_strndup ((const char *) folder.data, folder.len);
  if (path == NULL || !g_path_is_absolute (path))
    {
      self->record->is_paused = TRUE;
      ccbt_import_item_note (self, "Where its files are is not known; it is paused.");
      return;
    }
  g_free (self->record->folder);
  self->record->folder = g_canonicalize_filename (path, NULL);
}

void
ccbt_import_item_set_options (CcbtImportItem *self, GVariant *changes)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (changes);
  g_autoptr (CcbtTorrentOptions) options = ccbt_torrent_options_from_bytes (self->record->options);
  GVariantIter iter;
  GVariant *entry;

  g_variant_iter_init (&iter, sunk);
  while ((entry = g_variant_iter_next_value (&iter)) != NULL)
    {
      g_autoptr (GVariant) one = g_variant_ref_sink (g_variant_new_array (NULL, &entry, 1));
      g_autoptr (GError) error = NULL;
      CcbtTorrentOptions *changed = ccbt_torrent_options_change (options, one, &error);

      g_variant_unref (entry);
      if (changed == NULL)
        {
          ccbt_import_item_note (self, error->message);
          continue;
        }
      ccbt_torrent_options_unref (options);
      options = changed;
    }
  g_clear_pointer (&self->record->options, g_bytes_unref);
  self->record->options = ccbt_torrent_options_to_bytes (options);
}

static gboolean
is_whole (CcbtImportItem *self, const CcbtMetainfoFile *file)
{
  g_autofree char *path = g_build_filename (self->record->folder, file->path, NULL);
  struct stat info;

  return stat (path, &info) == 0 && S_ISREG (info.st_mode)
         && (guint64) info.st_size == file->length;
}

static gboolean
lose_pieces (CcbtImportItem *self, guint8 *bits, const CcbtMetainfoFile *file)
{
  guint32 piece_length = ccbt_metainfo_get_piece_length (self->metainfo);
  guint64 last = (file->offset + file->length - 1) / piece_length;
  gboolean lost = FALSE;

  for (guint64 i = file->offset / piece_length; i <= last; i++)
    {
      guint8 bit = (guint8) (0x80 >> i % 8);

      lost |= (bits[i / 8] & bit) != 0;
      bits[i / 8] &= (guint8) ~bit;
    }
  return lost;
}

void
ccbt_import_item_check_files (CcbtImportItem *self)
{
  g_autofree guint8 *bits = NULL;
  gboolean lost = FALSE;
  gsize len;

  if (self->record == NULL || self->record->verified == NULL)
    return;
  if (self->record->folder == NULL)
    {
      g_clear_pointer (&self->record->verified, g_bytes_unref);
      g_clear_pointer (&self->record->durable, g_bytes_unref);
      return;
    }
  bits = g_memdup2 (g_bytes_get_data (self->record->verified, &len), get_bits_len (self));
  for (guint i = 0; i < ccbt_metainfo_get_n_files (self->metainfo); i++)
    {
      const CcbtMetainfoFile *file = ccbt_metainfo_get_file (self->metainfo, i);

      if (file->length > 0
          && !(file->attributes & (CCBT_FILE_ATTRIBUTE_PAD | CCBT_FILE_ATTRIBUTE_SYMLINK))
          && !is_whole (self, file))
        lost |= lose_pieces (self, bits, file);
    }
  if (lost)
    ccbt_import_item_note (self, "Some of its files are not there, or not whole.");
  set_bits (self->record, g_steal_pointer (&bits), len);
}

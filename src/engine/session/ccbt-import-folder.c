/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-import-private.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folders of other programs: which files belong together. */

#define MAX_TORRENTS 100000u

/* --- What the readers share --- */

guint64
ccbt_import_lookup_count (CcbtBencodeValue dict, const char *key)
{
  gint64 number = 0;

  ccbt_bencode_value_lookup_integer (dict, key, &number);
  return number > 0 ? (guint64) number : 0;
}

gint64
ccbt_import_lookup_time (CcbtBencodeValue dict, const char *key)
{
  return (gint64) MIN (ccbt_import_lookup_count (dict, key), G_MAXUINT32) * G_USEC_PER_SEC;
}

char *
ccbt_import_copy_text (CcbtSpan text)
{
  return g_utf8_make_valid ((const char *) text.data, (gssize) MIN (text.len, 1024));
}

void
ccbt_import_add_tags (GVariantBuilder *options, CcbtBencodeValue list)
{
  g_auto (GVariantBuilder) tags = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("as"));
  CcbtBencodeIter iter;
  CcbtBencodeValue value;
  CcbtSpan text;

  ccbt_bencode_iter_init (&iter, list);
  while (ccbt_bencode_iter_next (&iter, NULL, &value))
    if (ccbt_bencode_value_get_string (value, &text))
      {
        g_autofree char *tag = ccbt_import_copy_text (text);

        g_variant_builder_add (&tags, "s", tag);
      }
  g_variant_builder_add (options, "{sv}", "tags", g_variant_builder_end (&tags));
}

/* --- Files --- */

/* Returns: (transfer full) (nullable) */
static GBytes *
read_bytes (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info;
  guint8 *bytes;
  gsize size = 0;
  gssize got = 0;

  if (fd < 0)
    return NULL;
  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode)
      || (guint64) info.st_size > ccbt_bencode_limits_file.max_size)
    {
      close (fd);
      return NULL;
    }
  bytes = g_malloc ((gsize) info.st_size + 1);
  while (size < (gsize) info.st_size
         && ((got = read (fd, bytes + size, (gsize) info.st_size - size)) > 0
             || (got < 0 && errno == EINTR)))
    size += got > 0 ? (gsize) got : 0;
  close (fd);
  return g_bytes_new_take (bytes, size);
}

void
ccbt_import_file_clear (CcbtImportFile *self)
{
  g_clear_pointer (&self->document, ccbt_bencode_free);
  g_clear_pointer (&self->bytes, g_bytes_unref);
}

/* @bytes: (transfer full) (nullable) */
static gboolean
parse_file (GBytes *bytes, CcbtImportFile *out)
{
  CcbtSpan span;

  *out = (CcbtImportFile){ bytes, NULL };
  if (bytes == NULL)
    return FALSE;
  span.data = g_bytes_get_data (bytes, &span.len);
  out->document = ccbt_bencode_parse (span, &ccbt_bencode_limits_file, NULL, NULL);
  if (out->document == NULL)
    ccbt_import_file_clear (out);
  return out->document != NULL;
}

gboolean
ccbt_import_file_read (const char *folder, const char *name, CcbtImportFile *out)
{
  return parse_file (read_bytes (folder, name), out);
}

static CcbtBencodeValue
get_root (const CcbtImportFile *file)
{
  static const CcbtBencodeValue nothing = { NULL, 0 };

  return file->document != NULL ? ccbt_bencode_get_root (file->document) : nothing;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Names that end in @suffix, sorted. Returns: (transfer full) */
static GPtrArray *
list_files (const char *folder, const char *suffix)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && names->len < MAX_TORRENTS && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, suffix))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* "NAME.torrent" -> "NAME" + @suffix. Returns: (transfer full) */
static char *
replace_suffix (const char *name, const char *old, const char *suffix)
{
  g_autofree char *stem = g_strndup (name, strlen (name) - strlen (old));

  return g_strconcat (stem, suffix, NULL);
}

static CcbtImportItem *
make_item (const char *folder, const char *name)
{
  g_autoptr (GBytes) bytes = read_bytes (folder, name);
  g_autoptr (GError) error = NULL;
  CcbtImportItem *item;

  if (bytes == NULL)
    return ccbt_import_item_new_failed (name, "Its torrent file is not there.");
  item = ccbt_import_item_new (bytes, &error);
  return item != NULL ? item : ccbt_import_item_new_failed (name, error->message);
}

/* --- One program each --- */

static void
note_without_resume (CcbtImportItem *item)
{
  static const CcbtSpan nowhere = { NULL, 0 };

  ccbt_import_item_set_folder (item, nowhere);
  ccbt_import_item_note (item, "What that program knew of it could not be read.");
}

static CcbtImportItem *
read_qbittorrent (const char *folder, const char *name)
{
  g_autofree char *torrent = replace_suffix (name, ".fastresume", ".torrent");
  g_auto (CcbtImportFile) resume = { NULL, NULL };
  CcbtImportItem *item = make_item (folder, torrent);

  if (item->record == NULL)
    return item;
  if (ccbt_import_file_read (folder, name, &resume))
    ccbt_import_take_libtorrent (item, get_root (&resume));
  else
    note_without_resume (item);
  return item;
}

static void
read_qbittorrent_folder (const char *folder, GPtrArray *items)
{
  g_autoptr (GPtrArray) names = list_files (folder, ".fastresume");
  g_autoptr (GPtrArray) stored = ccbt_import_read_qbittorrent_database (folder);

  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (items, read_qbittorrent (folder, names->pdata[i]));
  if (stored != NULL)
    g_ptr_array_extend_and_steal (items, g_steal_pointer (&stored));
}

/* All resume data in one file: hash -> bencoded bytes. */
static void
read_deluge_folder (const char *folder, GPtrArray *items)
{
  g_autoptr (GPtrArray) names = list_files (folder, ".torrent");
  g_auto (CcbtImportFile) all = { NULL, NULL };

  ccbt_import_file_read (folder, "torrents.fastresume", &all);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *hash = replace_suffix (names->pdata[i], ".torrent", "");
      g_auto (CcbtImportFile) resume = { NULL, NULL };
      CcbtImportItem *item = make_item (folder, names->pdata[i]);
      CcbtSpan raw = { NULL, 0 };

      g_ptr_array_add (items, item);
      if (item->record == NULL)
        continue;
      if (all.document != NULL && ccbt_bencode_value_lookup_string (get_root (&all), hash, &raw)
          && parse_file (g_bytes_new (raw.data, raw.len), &resume))
        ccbt_import_take_libtorrent (item, get_root (&resume));
      else
        note_without_resume (item);
      ccbt_import_item_note (item, "Labels do not carry over from Deluge.");
    }
}

static void
read_transmission_folder (const char *folder, GPtrArray *items)
{
  g_autofree char *torrents = g_build_filename (folder, "torrents", NULL);
  g_autofree char *resumes = g_build_filename (folder, "resume", NULL);
  g_autoptr (GPtrArray) names = list_files (torrents, ".torrent");

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *name = replace_suffix (names->pdata[i], ".torrent", ".resume");
      g_auto (CcbtImportFile) resume = { NULL, NULL };
      CcbtImportItem *item = make_item (torrents, names->pdata[i]);

      g_ptr_array_add (items, item);
      if (item->record == NULL)
        continue;
      if (ccbt_import_file_read (resumes, name, &resume))
        ccbt_import_take_transmission (item, get_root (&resume));
      else
        note_without_resume (item);
    }
}

/* Newer versions keep what they know beside the torrent file, older ones in it. */
static void
read_rtorrent_folder (const char *folder, GPtrArray *items)
{
  g_autoptr (GPtrArray) names = list_files (folder, ".torrent");

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *own_name = g_strconcat (names->pdata[i], ".rtorrent", NULL);
      g_autofree char *resume_name = g_strconcat (names->pdata[i], ".libtorrent_resume", NULL);
      g_auto (CcbtImportFile) torrent = { NULL, NULL };
      g_auto (CcbtImportFile) own = { NULL, NULL };
      g_auto (CcbtImportFile) resume = { NULL, NULL };
      CcbtImportItem *item = make_item (folder, names->pdata[i]);

      g_ptr_array_add (items, item);
      if (item->record == NULL)
        continue;
      if (ccbt_import_file_read (folder, own_name, &own)
          && ccbt_import_file_read (folder, resume_name, &resume))
        ccbt_import_take_rtorrent (item, get_root (&own), get_root (&resume));
      else if (ccbt_import_file_read (folder, names->pdata[i], &torrent)
               && ccbt_bencode_value_get_kind (
                      ccbt_bencode_value_lookup (get_root (&torrent), "rtorrent"))
                      == CCBT_BENCODE_DICT)
        ccbt_import_take_rtorrent (
            item, ccbt_bencode_value_lookup (get_root (&torrent), "rtorrent"),
            ccbt_bencode_value_lookup (get_root (&torrent), "libtorrent_resume"));
      else
        note_without_resume (item);
    }
}

/* --- All of them --- */

static void (*const readers[CCBT_N_IMPORT_SOURCES]) (const char *folder, GPtrArray *items)
    = { read_qbittorrent_folder, read_deluge_folder, read_transmission_folder,
        read_rtorrent_folder };

GPtrArray *
ccbt_import_read_folder (CcbtImportSource source, const char *folder, GError **error)
{
  g_autoptr (GPtrArray) items
      = g_ptr_array_new_with_free_func ((GDestroyNotify) ccbt_import_item_free);

  readers[source](folder, items);
  if (items->len == 0)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_NOT_FOUND, "%s: no torrents of %s are there.",
                   folder, ccbt_import_source_get_name (source));
      return NULL;
    }
  for (guint i = 0; i < items->len; i++)
    ccbt_import_item_check_files (g_ptr_array_index (items, i));
  return g_steal_pointer (&items);
}

char *
ccbt_import_find_folder (CcbtImportSource source)
{
  static const char *const places[CCBT_N_IMPORT_SOURCES][4] = {
    { ".local/share/qBittorrent/BT_backup", ".local/share/data/qBittorrent/BT_backup",
      ".var/app/org.qbittorrent.qBittorrent/data/qBittorrent/BT_backup", NULL },
    { ".config/deluge/state", ".var/app/org.deluge_torrent.deluge/config/deluge/state", NULL },
    { ".config/transmission", ".config/transmission-daemon",
      ".var/app/com.transmissionbt.Transmission/config/transmission", NULL },
    { ".session", ".local/share/rtorrent/session", "rtorrent/.session", NULL },
  };

  for (guint i = 0; places[source][i] != NULL; i++)
    {
      g_autofree char *folder = g_build_filename (g_get_home_dir (), places[source][i], NULL);

      if (g_file_test (folder, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&folder);
    }
  return NULL;
}

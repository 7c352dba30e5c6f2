/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-metainfo-writer.h"
#include "wire/ccbt-bencode.h"
#include "wire/ccbt-metainfo.h"
#include "wire/ccbt-url.h"

#define MOST_PIECES 2000u /* what an automatic length aims below */
#define MOST_AUTOMATIC (16u * 1024 * 1024)
#define BYTES_PER_FILE 40u /* of the list, beside the path's own */

guint32
ccbt_metainfo_choose_piece_length (guint64 total_size)
{
  guint32 length = CCBT_DRAFT_MIN_PIECE_LENGTH;

  while (length < MOST_AUTOMATIC && total_size / length >= MOST_PIECES)
    length *= 2;
  return length;
}

gboolean
ccbt_metainfo_is_piece_length (guint64 length)
{
  return length >= CCBT_DRAFT_MIN_PIECE_LENGTH && length <= CCBT_DRAFT_MAX_PIECE_LENGTH
         && (length & (length - 1)) == 0;
}

guint64
ccbt_metainfo_draft_get_total_size (const CcbtMetainfoDraft *self)
{
  guint64 size = 0;

  for (guint i = 0; i < self->n_files; i++)
    size += self->files[i].length;
  return size;
}

guint64
ccbt_metainfo_draft_count_pieces (const CcbtMetainfoDraft *self)
{
  guint64 size = ccbt_metainfo_draft_get_total_size (self);

  return size / self->piece_length + (size % self->piece_length != 0);
}

/* --- Checking --- */

static gboolean
fail (GError **error, CcbtError code, const char *sentence)
{
  g_set_error_literal (error, CCBT_ERROR, (int) code, sentence);
  return FALSE;
}

static gboolean
check_url (const char *text, CcbtUrlFlags flags, GError **error)
{
  g_autofree char *url = ccbt_url_clean (ccbt_span_from_string (text), flags);

  if (url != NULL)
    return TRUE;
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
               (flags & CCBT_URL_UDP) != 0
                   ? "“%.200s” is no address of a tracker: http, https and udp are known."
                   : "“%.200s” is no address of a web seed: http and https are known.",
               text);
  return FALSE;
}

static gboolean
check_trackers (const CcbtMetainfoDraft *self, GError **error)
{
  guint n_trackers = 0;

  for (guint i = 0; self->trackers != NULL && self->trackers[i] != NULL; i++)
    for (guint j = 0; self->trackers[i][j] != NULL; j++)
      {
        if (++n_trackers > CCBT_DRAFT_MAX_TRACKERS)
          return fail (error, CCBT_ERROR_TOO_LARGE, "A torrent can have 200 trackers at most.");
        if (!check_url (self->trackers[i][j], CCBT_URL_HTTP | CCBT_URL_UDP, error))
          return FALSE;
      }
  return TRUE;
}

static gboolean
check_web_seeds (const CcbtMetainfoDraft *self, GError **error)
{
  for (guint i = 0; self->web_seeds != NULL && self->web_seeds[i] != NULL; i++)
    {
      if (i >= CCBT_DRAFT_MAX_WEB_SEEDS)
        return fail (error, CCBT_ERROR_TOO_LARGE, "A torrent can have 100 web seeds at most.");
      if (!check_url (self->web_seeds[i], CCBT_URL_HTTP, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_text (const char *what, const char *text, gsize most, GError **error)
{
  if (text == NULL || (strlen (text) <= most && g_utf8_validate (text, -1, NULL)))
    return TRUE;
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
               "The %s is not UTF-8, or longer than %" G_GSIZE_FORMAT " bytes.", what, most);
  return FALSE;
}

gboolean
ccbt_metainfo_draft_check_texts (const CcbtMetainfoDraft *self, GError **error)
{
  return check_trackers (self, error) && check_web_seeds (self, error)
         && check_text ("source", self->source, CCBT_DRAFT_MAX_TEXT, error)
         && check_text ("comment", self->comment, CCBT_DRAFT_MAX_COMMENT, error)
         && check_text ("name of the program", self->created_by, CCBT_DRAFT_MAX_TEXT, error);
}

/* Of one component; file systems let through more than a torrent can say. */
static gboolean
is_name (const char *name, gsize len)
{
  return len > 0 && !(len == 1 && name[0] == '.')
         && !(len == 2 && name[0] == '.' && name[1] == '.');
}

static gboolean
is_path (const char *path)
{
  guint depth = 1;

  if (!g_utf8_validate (path, -1, NULL))
    return FALSE;
  for (const char *name = path;; depth++)
    {
      gsize len = strcspn (name, "/");

      if (!is_name (name, len) || depth > CCBT_METAINFO_MAX_DEPTH)
        return FALSE;
      if (name[len] == '\0')
        return TRUE;
      name += len + 1;
    }
}

static gboolean
check_names (const CcbtMetainfoDraft *self, gsize *n_bytes, GError **error)
{
  const char *wrong = NULL;

  if (!is_path (self->name) || strchr (self->name, '/') != NULL)
    wrong = self->name;
  *n_bytes = strlen (self->name);
  for (guint i = 0; self->is_multi_file && wrong == NULL && i < self->n_files; i++)
    {
      if (!is_path (self->files[i].path))
        wrong = self->files[i].path;
      else
        *n_bytes += strlen (self->files[i].path) + BYTES_PER_FILE;
    }
  if (wrong == NULL)
    return TRUE;
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
               "“%.200s” is no name that a torrent can hold: it is not UTF-8, or in more than 100 "
               "folders.",
               wrong);
  return FALSE;
}

static gboolean
check_sizes (const CcbtMetainfoDraft *self, GError **error)
{
  guint64 size = 0;

  for (guint i = 0; i < self->n_files; i++)
    {
      if (self->files[i].length > G_MAXINT64 - size)
        return fail (error, CCBT_ERROR_TOO_LARGE, "The files are larger altogether than can be.");
      size += self->files[i].length;
    }
  return size > 0 || fail (error, CCBT_ERROR_INVALID, "There is nothing in it to share.");
}

gboolean
ccbt_metainfo_draft_check_files (const CcbtMetainfoDraft *self, GError **error)
{
  guint64 n_pieces;
  gsize n_bytes;

  if (self->n_files > CCBT_METAINFO_MAX_FILES)
    return fail (error, CCBT_ERROR_TOO_LARGE, "A torrent can have 200,000 files at most.");
  if (!ccbt_metainfo_is_piece_length (self->piece_length))
    return fail (error, CCBT_ERROR_INVALID,
                 "The size of the pieces must be a power of two from 16 KiB to 64 MiB.");
  if (!check_sizes (self, error) || !check_names (self, &n_bytes, error))
    return FALSE;
  n_pieces = ccbt_metainfo_draft_count_pieces (self);
  if (n_pieces > CCBT_METAINFO_MAX_PIECES
      || n_bytes + n_pieces * sizeof (CcbtSha1) > CCBT_METAINFO_MAX_SIZE)
    return fail (error, CCBT_ERROR_TOO_LARGE,
                 "The torrent file would be larger than 10 MiB. Choose larger pieces, or fewer "
                 "files.");
  return TRUE;
}

/* --- Writing --- */

static void
write_text (GByteArray *out, const char *key, const char *text)
{
  if (text == NULL || *text == '\0')
    return;
  ccbt_bencode_write_key (out, key);
  ccbt_bencode_write_string (out, ccbt_span_from_string (text));
}

static void
write_integer (GByteArray *out, const char *key, guint64 value)
{
  ccbt_bencode_write_key (out, key);
  ccbt_bencode_write_integer (out, (gint64) value);
}

/* As everybody understands it: a host in other letters than ASCII's in punycode. */
static void
write_url (GByteArray *out, const char *text)
{
  g_autofree char *url
      = ccbt_url_clean (ccbt_span_from_string (text), CCBT_URL_HTTP | CCBT_URL_UDP);

  ccbt_bencode_write_string (out, ccbt_span_from_string (url));
}

static void
write_urls (GByteArray *out, const char *const *urls)
{
  ccbt_bencode_begin_list (out);
  for (; *urls != NULL; urls++)
    write_url (out, *urls);
  ccbt_bencode_end (out);
}

/* One tracker is said in "announce" alone. */
static void
write_trackers (GByteArray *out, const char *const *const *tiers)
{
  const char *first = NULL;
  guint n_trackers = 0;

  for (guint i = 0; tiers != NULL && tiers[i] != NULL; i++)
    {
      if (first == NULL)
        first = tiers[i][0];
      n_trackers += g_strv_length ((char **) tiers[i]);
    }
  if (first != NULL)
    {
      ccbt_bencode_write_key (out, "announce");
      write_url (out, first);
    }
  if (n_trackers < 2)
    return;
  ccbt_bencode_write_key (out, "announce-list");
  ccbt_bencode_begin_list (out);
  for (guint i = 0; tiers[i] != NULL; i++)
    if (tiers[i][0] != NULL)
      write_urls (out, tiers[i]);
  ccbt_bencode_end (out);
}

static void
write_path (GByteArray *out, const char *path)
{
  ccbt_bencode_begin_list (out);
  for (const char *name = path;; name++)
    {
      gsize len = strcspn (name, "/");

      ccbt_bencode_write_string (out, (CcbtSpan){ (const guint8 *) name, len });
      name += len;
      if (*name == '\0')
        break;
    }
  ccbt_bencode_end (out);
}

static void
write_files (GByteArray *out, const CcbtMetainfoDraft *self)
{
  ccbt_bencode_write_key (out, "files");
  ccbt_bencode_begin_list (out);
  for (guint i = 0; i < self->n_files; i++)
    {
      ccbt_bencode_begin_dict (out);
      write_integer (out, "length", self->files[i].length);
      ccbt_bencode_write_key (out, "path");
      write_path (out, self->files[i].path);
      ccbt_bencode_end (out);
    }
  ccbt_bencode_end (out);
}

static void
write_info (GByteArray *out, const CcbtMetainfoDraft *self)
{
  gsize n_bytes = (gsize) ccbt_metainfo_draft_count_pieces (self) * sizeof (CcbtSha1);

  ccbt_bencode_begin_dict (out);
  if (self->is_multi_file)
    write_files (out, self);
  else
    write_integer (out, "length", self->files[0].length);
  write_text (out, "name", self->name);
  write_integer (out, "piece length", self->piece_length);
  ccbt_bencode_write_key (out, "pieces");
  ccbt_bencode_write_string (out, (CcbtSpan){ self->pieces[0].bytes, n_bytes });
  if (self->is_private)
    write_integer (out, "private", 1);
  write_text (out, "source", self->source);
  ccbt_bencode_end (out);
}

GBytes *
ccbt_metainfo_draft_write (const CcbtMetainfoDraft *self, GError **error)
{
  GByteArray *out;

  g_return_val_if_fail (self->n_files > 0 && self->pieces != NULL, NULL);
  g_return_val_if_fail (self->is_multi_file || self->n_files == 1, NULL);

  if (!ccbt_metainfo_draft_check_texts (self, error)
      || !ccbt_metainfo_draft_check_files (self, error))
    return NULL;
  out = g_byte_array_new ();
  ccbt_bencode_begin_dict (out);
  write_trackers (out, self->trackers);
  write_text (out, "comment", self->comment);
  write_text (out, "created by", self->created_by);
  if (self->creation_date > 0)
    write_integer (out, "creation date", (guint64) self->creation_date);
  ccbt_bencode_write_key (out, "info");
  write_info (out, self);
  if (self->web_seeds != NULL && self->web_seeds[0] != NULL)
    {
      ccbt_bencode_write_key (out, "url-list");
      write_urls (out, self->web_seeds);
    }
  ccbt_bencode_end (out);
  if (out->len <= CCBT_METAINFO_MAX_SIZE)
    return g_byte_array_free_to_bytes (out);
  g_byte_array_unref (out);
  fail (error, CCBT_ERROR_TOO_LARGE, "The torrent file would be larger than 10 MiB.");
  return NULL;
}

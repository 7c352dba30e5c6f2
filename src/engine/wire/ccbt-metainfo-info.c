/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-metainfo-private.h"

#include <openssl/evp.h>
#include "base/ccbt-random.h"
#include "wire/ccbt-file-list.h"
#include "wire/ccbt-merkle.h"

/* Which parts an info dictionary has. */
typedef struct
{
  CcbtBencodeValue info;
  gboolean has_v1;
  gboolean has_v2;
} Versions;

static gboolean
fail (GError **error, CcbtError code, const char *sentence)
{
  g_set_error_literal (error, CCBT_ERROR, (int) code, sentence);
  return FALSE;
}

static gboolean
has_key (CcbtBencodeValue dict, const char *key)
{
  return ccbt_bencode_value_get_kind (ccbt_bencode_value_lookup (dict, key)) != CCBT_BENCODE_NONE;
}

/* BEP 52 wants this judged first: a newer format may break all the other rules. */
static gboolean
read_versions (CcbtBencodeValue info, Versions *out, GError **error)
{
  gint64 version = 1;

  if (has_key (info, "meta version")
      && !ccbt_bencode_value_lookup_integer (info, "meta version", &version))
    return fail (error, CCBT_ERROR_MALFORMED, "The “meta version” of the torrent is no number.");
  if (version > 2)
    return fail (error, CCBT_ERROR_UNSUPPORTED,
                 "The “meta version” of the torrent is newer than this program knows.");
  out->info = info;
  out->has_v2 = version == 2;
  out->has_v1 = !out->has_v2 || has_key (info, "pieces") || has_key (info, "files")
                || has_key (info, "length");
  return TRUE;
}

static void
read_hashes (CcbtMetainfo *self, const Versions *versions)
{
  gsize length;
  gconstpointer raw = g_bytes_get_data (self->info, &length);
  CcbtInfoHash *hash = &self->info_hash;

  hash->has_v1 = versions->has_v1;
  hash->has_v2 = versions->has_v2;
  if (hash->has_v1 && !EVP_Digest (raw, length, hash->v1.bytes, NULL, EVP_sha1 (), NULL))
    g_error ("SHA-1 is not available");
  if (hash->has_v2 && !EVP_Digest (raw, length, hash->v2.bytes, NULL, EVP_sha256 (), NULL))
    g_error ("SHA-256 is not available");
}

static gboolean
read_name (CcbtMetainfo *self, CcbtBencodeValue info, GError **error)
{
  CcbtSpan name = { NULL, 0 };

  if (!ccbt_bencode_value_lookup_string (info, "name.utf-8", &name) || name.len == 0)
    if (!ccbt_bencode_value_lookup_string (info, "name", &name))
      return fail (error, CCBT_ERROR_MALFORMED, "The torrent file has no “name”.");
  self->name = ccbt_path_name_make_safe (name);
  return TRUE;
}

static gboolean
read_piece_length (CcbtMetainfo *self, const Versions *versions, GError **error)
{
  gint64 length;

  if (!ccbt_bencode_value_lookup_integer (versions->info, "piece length", &length) || length <= 0)
    return fail (error, CCBT_ERROR_MALFORMED, "The torrent file has no valid “piece length”.");
  if (length > CCBT_METAINFO_MAX_PIECE_LENGTH)
    return fail (error, CCBT_ERROR_TOO_LARGE, "The “piece length” of the torrent is too large.");
  if (versions->has_v2 && (length < CCBT_BLOCK_SIZE || (length & (length - 1)) != 0))
    return fail (error, CCBT_ERROR_MALFORMED,
                 "The “piece length” of a v2 torrent must be a power of two of 16 KiB or more.");
  self->piece_length = (guint32) length;
  return TRUE;
}

static gboolean
set_sizes (CcbtMetainfo *self, const CcbtFileList *list, GError **error)
{
  guint64 n_pieces = list->end / self->piece_length + (list->end % self->piece_length != 0);

  if (list->payload_size == 0)
    return fail (error, CCBT_ERROR_MALFORMED,
                 "There is nothing to download: all files of the torrent are empty.");
  if (n_pieces > CCBT_METAINFO_MAX_PIECES)
    return fail (error, CCBT_ERROR_TOO_LARGE, "The torrent has more than 2,097,152 pieces.");
  self->n_pieces = (guint32) n_pieces;
  self->total_size = list->end;
  self->payload_size = list->payload_size;
  return TRUE;
}

static gboolean
read_pieces (CcbtMetainfo *self, CcbtBencodeValue info, GError **error)
{
  CcbtSpan pieces;

  if (!ccbt_bencode_value_lookup_string (info, "pieces", &pieces))
    return fail (error, CCBT_ERROR_MALFORMED, "The torrent file has no “pieces”.");
  if (pieces.len != (gsize) self->n_pieces * sizeof (CcbtSha1))
    return fail (error, CCBT_ERROR_MALFORMED,
                 "The number of “pieces” does not fit the size of the torrent's files.");
  self->pieces = pieces.data;
  return TRUE;
}

static gboolean
read_v1 (CcbtMetainfo *self, CcbtBencodeValue info, CcbtFileList *list, GError **error)
{
  gboolean has_files = has_key (info, "files");
  gboolean has_length = has_key (info, "length");

  if (!has_files && !has_length)
    return fail (error, CCBT_ERROR_MALFORMED, "The torrent file has no “files” and no “length”.");
  if (has_files && has_length)
    return fail (error, CCBT_ERROR_MALFORMED, "The torrent file has both “files” and “length”.");
  self->is_multi_file = has_files;
  ccbt_file_list_init (list, has_files ? self->name : NULL);
  if (has_length)
    {
      if (!ccbt_file_list_read_single (list, info, self->name, error))
        return FALSE;
    }
  else if (!ccbt_file_list_read_v1 (list, ccbt_bencode_value_lookup (info, "files"), error))
    return FALSE;
  return ccbt_file_list_finish (list, error) && set_sizes (self, list, error)
         && read_pieces (self, info, error);
}

static gboolean
read_v2 (CcbtMetainfo *self, const Versions *versions, CcbtFileList *list, GError **error)
{
  CcbtBencodeValue tree = ccbt_bencode_value_lookup (versions->info, "file tree");

  if (!versions->has_v1)
    self->is_multi_file = !ccbt_file_list_is_single_v2 (tree);
  ccbt_file_list_init (list, self->is_multi_file ? self->name : NULL);
  return ccbt_file_list_read_v2 (list, tree, self->piece_length, error)
         && ccbt_file_list_finish (list, error);
}

/* The last step: what was one list or two becomes the torrent's files. */
static gboolean
take_files (CcbtMetainfo *self, const Versions *versions, CcbtFileList *v1, CcbtFileList *v2,
            GError **error)
{
  if (!versions->has_v1)
    {
      self->files = g_steal_pointer (&v2->files);
      return set_sizes (self, v2, error);
    }
  if (versions->has_v2)
    {
      if (!ccbt_file_list_merge_v2 (v1, v2, error))
        return FALSE;
      if (ccbt_metainfo_count_file_pieces (self, v2->end) != self->n_pieces)
        return fail (error, CCBT_ERROR_MALFORMED,
                     "The v1 and v2 parts of the torrent disagree about the number of pieces.");
    }
  self->files = g_steal_pointer (&v1->files);
  return TRUE;
}

gboolean
ccbt_metainfo_read_info (CcbtMetainfo *self, CcbtBencodeValue info, GError **error)
{
  g_auto (CcbtFileList) v1 = { NULL };
  g_auto (CcbtFileList) v2 = { NULL };
  Versions versions;
  gint64 private = 0;

  if (!read_versions (info, &versions, error) || !read_name (self, info, error)
      || !read_piece_length (self, &versions, error))
    return FALSE;
  read_hashes (self, &versions);
  ccbt_bencode_value_lookup_integer (info, "private", &private);
  self->is_private = private != 0;
  if (versions.has_v1 && !read_v1 (self, info, &v1, error))
    return FALSE;
  if (versions.has_v2 && !read_v2 (self, &versions, &v2, error))
    return FALSE;
  return take_files (self, &versions, &v1, &v2, error);
}

/* --- Piece layers --- */

static guint
hash_root (gconstpointer root)
{
  return ccbt_random_keyed_hash (root, sizeof (CcbtSha256));
}

static gboolean
equal_roots (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (CcbtSha256)) == 0;
}

/* Returns: (transfer full) (nullable): pieces root -> file */
static GHashTable *
index_roots (const CcbtMetainfo *self, GError **error)
{
  g_autoptr (GHashTable) files = g_hash_table_new (hash_root, equal_roots);

  for (guint i = 0; i < self->files->len; i++)
    {
      CcbtMetainfoFile *file = &g_array_index (self->files, CcbtMetainfoFile, i);
      const CcbtMetainfoFile *twin;

      if (file->pieces_root == NULL)
        continue;
      twin = g_hash_table_lookup (files, file->pieces_root);
      if (twin == NULL)
        g_hash_table_insert (files, (gpointer) file->pieces_root, file);
      else if (twin->length != file->length)
        {
          fail (error, CCBT_ERROR_MALFORMED,
                "Two files of different length in the torrent have the same “pieces root”.");
          return NULL;
        }
    }
  return g_steal_pointer (&files);
}

/* Levels between the leaves and the hashes of whole pieces. */
static guint
get_layer_height (const CcbtMetainfo *self)
{
  return (guint) g_bit_storage (self->piece_length / CCBT_BLOCK_SIZE) - 1;
}

/* Checks the layer of @root, which @file has, and keeps it. */
static gboolean
add_layer (CcbtMetainfo *self, const CcbtMetainfoFile *file, CcbtBencodeValue value, GError **error)
{
  guint32 n_hashes = ccbt_metainfo_count_file_pieces (self, file->length);
  CcbtSha256 root;
  CcbtSpan hashes;

  if (n_hashes == 1)
    return TRUE; /* needless: the root is the hash of the only piece */
  if (!ccbt_bencode_value_get_string (value, &hashes)
      || hashes.len != (gsize) n_hashes * sizeof (CcbtSha256))
    return fail (error, CCBT_ERROR_MALFORMED,
                 "An entry of “piece layers” does not fit the length of its file.");
  root = ccbt_merkle_get_root (hashes.data, n_hashes, get_layer_height (self));
  if (memcmp (root.bytes, file->pieces_root, sizeof root) != 0)
    return fail (error, CCBT_ERROR_MALFORMED,
                 "An entry of “piece layers” does not match the “pieces root” of its file.");
  g_hash_table_insert (self->layers, (gpointer) file->pieces_root, (gpointer) hashes.data);
  return TRUE;
}

gboolean
ccbt_metainfo_read_layers (CcbtMetainfo *self, CcbtBencodeValue layers, GError **error)
{
  g_autoptr (GHashTable) files = NULL;
  CcbtBencodeIter iter;
  CcbtBencodeValue value;
  CcbtSpan root;

  if (!self->info_hash.has_v2 || ccbt_bencode_value_get_kind (layers) == CCBT_BENCODE_NONE)
    return TRUE;
  if (ccbt_bencode_value_get_kind (layers) != CCBT_BENCODE_DICT)
    return fail (error, CCBT_ERROR_MALFORMED,
                 "The “piece layers” of the torrent are no dictionary.");
  files = index_roots (self, error);
  if (files == NULL)
    return FALSE;
  self->layers = g_hash_table_new (hash_root, equal_roots);
  ccbt_bencode_iter_init (&iter, layers);
  while (ccbt_bencode_iter_next (&iter, &root, &value))
    {
      const CcbtMetainfoFile *file
          = root.len == sizeof (CcbtSha256) ? g_hash_table_lookup (files, root.data) : NULL;

      if (file == NULL)
        return fail (error, CCBT_ERROR_MALFORMED,
                     "The “piece layers” of the torrent name a file that it does not have.");
      if (!add_layer (self, file, value, error))
        return FALSE;
    }
  return TRUE;
}

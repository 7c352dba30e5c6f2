/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-metainfo-private.h"

static void
clear_tracker (gpointer data)
{
  g_free (((CcbtMetainfoTracker *) data)->url);
}

static CcbtMetainfo *
new_metainfo (GBytes *bytes)
{
  CcbtMetainfo *self = g_new0 (CcbtMetainfo, 1);

  g_atomic_ref_count_init (&self->references);
  self->bytes = g_bytes_ref (bytes);
  self->trackers = g_array_new (FALSE, FALSE, sizeof (CcbtMetainfoTracker));
  g_array_set_clear_func (self->trackers, clear_tracker);
  self->web_seeds = g_new0 (char *, 1);
  self->http_seeds = g_new0 (char *, 1);
  self->nodes = g_new0 (char *, 1);
  return self;
}

CcbtMetainfo *
ccbt_metainfo_ref (CcbtMetainfo *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
ccbt_metainfo_unref (CcbtMetainfo *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_clear_pointer (&self->files, g_array_unref);
  g_clear_pointer (&self->layers, g_hash_table_unref);
  g_clear_pointer (&self->info, g_bytes_unref);
  g_bytes_unref (self->bytes);
  g_array_unref (self->trackers);
  g_strfreev (self->web_seeds);
  g_strfreev (self->http_seeds);
  g_strfreev (self->nodes);
  g_free (self->name);
  g_free (self->comment);
  g_free (self->created_by);
  g_free (self);
}

/* Parses @bytes as bencode. Returns: (transfer full) (nullable) */
static CcbtBencode *
parse_bytes (GBytes *bytes, GError **error)
{
  CcbtBencodeLimits limits = ccbt_bencode_limits_file;
  CcbtBencode *document;
  CcbtSpan span;

  limits.max_size = CCBT_METAINFO_MAX_SIZE;
  span.data = g_bytes_get_data (bytes, &span.len);
  document = ccbt_bencode_parse (span, &limits, NULL, error);
  if (document == NULL)
    g_prefix_error (error, "The torrent file cannot be read: ");
  return document;
}

static gboolean
set_info (CcbtMetainfo *self, CcbtBencodeValue info, GError **error)
{
  CcbtSpan raw = ccbt_bencode_value_get_raw (info);
  const guint8 *start = g_bytes_get_data (self->bytes, NULL);

  if (ccbt_bencode_value_get_kind (info) != CCBT_BENCODE_DICT)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_MALFORMED,
                           "The torrent file has no “info” dictionary.");
      return FALSE;
    }
  self->info = g_bytes_new_from_bytes (self->bytes, (gsize) (raw.data - start), raw.len);
  return ccbt_metainfo_read_info (self, info, error);
}

CcbtMetainfo *
ccbt_metainfo_parse (GBytes *bytes, GError **error)
{
  g_autoptr (CcbtBencode) document = parse_bytes (bytes, error);
  g_autoptr (CcbtMetainfo) self = NULL;
  CcbtBencodeValue root;

  if (document == NULL)
    return NULL;
  self = new_metainfo (bytes);
  root = ccbt_bencode_get_root (document);
  if (!set_info (self, ccbt_bencode_value_lookup (root, "info"), error)
      || !ccbt_metainfo_read_layers (self, ccbt_bencode_value_lookup (root, "piece layers"), error))
    return NULL;
  ccbt_metainfo_read_extras (self, root);
  return g_steal_pointer (&self);
}

CcbtMetainfo *
ccbt_metainfo_parse_info (GBytes *info, GError **error)
{
  g_autoptr (CcbtBencode) document = parse_bytes (info, error);
  g_autoptr (CcbtMetainfo) self = NULL;

  if (document == NULL)
    return NULL;
  self = new_metainfo (info);
  if (!set_info (self, ccbt_bencode_get_root (document), error))
    return NULL;
  return g_steal_pointer (&self);
}

const CcbtInfoHash *
ccbt_metainfo_get_info_hash (const CcbtMetainfo *self)
{
  return &self->info_hash;
}

GBytes *
ccbt_metainfo_get_info (const CcbtMetainfo *self)
{
  return self->info;
}

const char *
ccbt_metainfo_get_name (const CcbtMetainfo *self)
{
  return self->name;
}

guint64
ccbt_metainfo_get_total_size (const CcbtMetainfo *self)
{
  return self->total_size;
}

guint64
ccbt_metainfo_get_payload_size (const CcbtMetainfo *self)
{
  return self->payload_size;
}

guint32
ccbt_metainfo_get_piece_length (const CcbtMetainfo *self)
{
  return self->piece_length;
}

guint32
ccbt_metainfo_get_n_pieces (const CcbtMetainfo *self)
{
  return self->n_pieces;
}

const guint8 *
ccbt_metainfo_get_piece_hash (const CcbtMetainfo *self, guint32 index)
{
  g_return_val_if_fail (index < self->n_pieces, NULL);

  return self->pieces != NULL ? self->pieces + (gsize) index * sizeof (CcbtSha1) : NULL;
}

guint32
ccbt_metainfo_count_file_pieces (const CcbtMetainfo *self, guint64 length)
{
  return (guint32) (length / self->piece_length + (length % self->piece_length != 0));
}

const guint8 *
ccbt_metainfo_get_piece_layer (const CcbtMetainfo *self, guint file_index, guint32 *n_hashes)
{
  const CcbtMetainfoFile *file = ccbt_metainfo_get_file (self, file_index);
  const guint8 *layer = NULL;

  g_return_val_if_fail (file != NULL, NULL);

  if (self->layers != NULL && file->pieces_root != NULL)
    layer = g_hash_table_lookup (self->layers, file->pieces_root);
  *n_hashes = layer != NULL ? ccbt_metainfo_count_file_pieces (self, file->length) : 0;
  return layer;
}

guint
ccbt_metainfo_get_n_files (const CcbtMetainfo *self)
{
  return self->files->len;
}

const CcbtMetainfoFile *
ccbt_metainfo_get_file (const CcbtMetainfo *self, guint index)
{
  g_return_val_if_fail (index < self->files->len, NULL);

  return &g_array_index (self->files, CcbtMetainfoFile, index);
}

gboolean
ccbt_metainfo_is_multi_file (const CcbtMetainfo *self)
{
  return self->is_multi_file;
}

gboolean
ccbt_metainfo_is_private (const CcbtMetainfo *self)
{
  return self->is_private;
}

const char *
ccbt_metainfo_get_comment (const CcbtMetainfo *self)
{
  return self->comment;
}

const char *
ccbt_metainfo_get_created_by (const CcbtMetainfo *self)
{
  return self->created_by;
}

gint64
ccbt_metainfo_get_creation_date (const CcbtMetainfo *self)
{
  return self->creation_date;
}

const char *
ccbt_metainfo_get_tracker (const CcbtMetainfo *self, guint index, guint *tier)
{
  const CcbtMetainfoTracker *tracker;

  if (index >= self->trackers->len)
    return NULL;
  tracker = &g_array_index (self->trackers, CcbtMetainfoTracker, index);
  if (tier != NULL)
    *tier = tracker->tier;
  return tracker->url;
}

guint
ccbt_metainfo_get_n_trackers (const CcbtMetainfo *self)
{
  return self->trackers->len;
}

const char *const *
ccbt_metainfo_get_web_seeds (const CcbtMetainfo *self)
{
  return (const char *const *) self->web_seeds;
}

const char *const *
ccbt_metainfo_get_http_seeds (const CcbtMetainfo *self)
{
  return (const char *const *) self->http_seeds;
}

const char *const *
ccbt_metainfo_get_nodes (const CcbtMetainfo *self)
{
  return (const char *const *) self->nodes;
}

static void
write_tiers (GByteArray *out, const char *const *const *trackers)
{
  ccbt_bencode_write_key (out, "announce-list");
  ccbt_bencode_begin_list (out);
  for (; *trackers != NULL; trackers++)
    {
      ccbt_bencode_begin_list (out);
      for (const char *const *url = *trackers; *url != NULL; url++)
        ccbt_bencode_write_string (out, ccbt_span_from_string (*url));
      ccbt_bencode_end (out);
    }
  ccbt_bencode_end (out);
}

/* The first URL of any tier, for readers that do not know BEP 12. */
static const char *
find_first_tracker (const char *const *const *trackers)
{
  for (; trackers != NULL && *trackers != NULL; trackers++)
    if (**trackers != NULL)
      return **trackers;
  return NULL;
}

GBytes *
ccbt_metainfo_build (GBytes *info, const char *const *const *trackers)
{
  GByteArray *out = g_byte_array_new ();
  const char *first = find_first_tracker (trackers);
  gconstpointer raw;
  gsize length;

  raw = g_bytes_get_data (info, &length);
  ccbt_bencode_begin_dict (out);
  if (first != NULL)
    {
      ccbt_bencode_write_key (out, "announce");
      ccbt_bencode_write_string (out, ccbt_span_from_string (first));
      write_tiers (out, trackers);
    }
  ccbt_bencode_write_key (out, "info");
  g_byte_array_append (out, raw, (guint) length);
  ccbt_bencode_end (out);
  return g_byte_array_free_to_bytes (out);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-extended.h"
#include "base/ccbt-text.h"
#include "wire/ccbt-bencode.h"
#include "wire/ccbt-metainfo.h"

#define MAX_CLIENT_CHARS 64
#define MAX_REQUEST_QUEUE 100000u
#define DEFAULT_REQUEST_QUEUE 250u /* what BEP 10 calls libtorrent's */

#define MAX_METADATA_PIECES (CCBT_METAINFO_MAX_SIZE / CCBT_METADATA_PIECE_SIZE)

/* Returns: (transfer full) (nullable): a document whose root is a dictionary */
static CcbtBencode *
parse_dict (CcbtSpan payload, gsize *consumed, GError **error)
{
  g_autoptr (CcbtBencode) document
      = ccbt_bencode_parse (payload, &ccbt_bencode_limits_message, consumed, error);

  if (document == NULL)
    return NULL;
  if (ccbt_bencode_value_get_kind (ccbt_bencode_get_root (document)) == CCBT_BENCODE_DICT)
    return g_steal_pointer (&document);
  g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "extended message: no dictionary");
  return NULL;
}

/* Integer @key when it is between 1 and @largest, otherwise 0: what is absurd counts as not said.
 */
static guint32
lookup_positive (CcbtBencodeValue dict, const char *key, guint32 largest)
{
  gint64 value;

  if (!ccbt_bencode_value_lookup_integer (dict, key, &value) || value < 1 || value > largest)
    return 0;
  return (guint32) value;
}

static guint32
lookup_request_queue (CcbtBencodeValue root)
{
  gint64 value = DEFAULT_REQUEST_QUEUE;

  ccbt_bencode_value_lookup_integer (root, "reqq", &value);
  return (guint32) CLAMP (value, 1, MAX_REQUEST_QUEUE);
}

static char *
dup_client (CcbtBencodeValue root)
{
  CcbtSpan client;

  if (!ccbt_bencode_value_lookup_string (root, "v", &client) || client.len == 0)
    return NULL;
  return ccbt_text_make_printable (client, MAX_CLIENT_CHARS);
}

void
ccbt_extended_handshake_clear (CcbtExtendedHandshake *self)
{
  g_free (self->client);
  memset (self, 0, sizeof *self);
}

gboolean
ccbt_extended_handshake_parse (CcbtSpan payload, CcbtExtendedHandshake *out, GError **error)
{
  gsize consumed;
  g_autoptr (CcbtBencode) document = parse_dict (payload, &consumed, error);
  CcbtBencodeValue root, names;
  CcbtSpan your_ip;
  gint64 upload_only = 0, prefers_encryption = 0;

  memset (out, 0, sizeof *out);
  if (document == NULL)
    return FALSE;
  root = ccbt_bencode_get_root (document);
  names = ccbt_bencode_value_lookup (root, "m");
  out->metadata_id = (guint8) lookup_positive (names, "ut_metadata", G_MAXUINT8);
  out->pex_id = (guint8) lookup_positive (names, "ut_pex", G_MAXUINT8);
  out->dont_have_id = (guint8) lookup_positive (names, "lt_donthave", G_MAXUINT8);
  out->holepunch_id = (guint8) lookup_positive (names, "ut_holepunch", G_MAXUINT8);
  out->client = dup_client (root);
  out->port = (guint16) lookup_positive (root, "p", G_MAXUINT16);
  out->request_queue = lookup_request_queue (root);
  out->metadata_size = lookup_positive (root, "metadata_size", CCBT_METAINFO_MAX_SIZE);
  out->upload_only
      = ccbt_bencode_value_lookup_integer (root, "upload_only", &upload_only) && upload_only != 0;
  out->prefers_encryption = ccbt_bencode_value_lookup_integer (root, "e", &prefers_encryption)
                            && prefers_encryption != 0;
  out->has_your_ip = ccbt_bencode_value_lookup_string (root, "yourip", &your_ip)
                     && ccbt_address_from_ip_bytes (your_ip, &out->your_ip);
  return TRUE;
}

static void
write_positive (GByteArray *out, const char *key, guint32 value)
{
  if (value == 0)
    return;
  ccbt_bencode_write_key (out, key);
  ccbt_bencode_write_integer (out, value);
}

void
ccbt_extended_handshake_write (GByteArray *out, const CcbtExtendedHandshake *handshake)
{
  ccbt_bencode_begin_dict (out);
  write_positive (out, "e", handshake->prefers_encryption ? 1 : 0);
  ccbt_bencode_write_key (out, "m");
  ccbt_bencode_begin_dict (out);
  write_positive (out, "lt_donthave", handshake->dont_have_id);
  write_positive (out, "ut_holepunch", handshake->holepunch_id);
  write_positive (out, "ut_metadata", handshake->metadata_id);
  write_positive (out, "ut_pex", handshake->pex_id);
  ccbt_bencode_end (out);
  write_positive (out, "metadata_size", handshake->metadata_size);
  write_positive (out, "p", handshake->port);
  write_positive (out, "reqq", handshake->request_queue);
  write_positive (out, "upload_only", handshake->upload_only ? 1 : 0);
  if (handshake->client != NULL)
    {
      ccbt_bencode_write_key (out, "v");
      ccbt_bencode_write_string (out, ccbt_span_from_string (handshake->client));
    }
  if (handshake->has_your_ip)
    {
      ccbt_bencode_write_key (out, "yourip");
      ccbt_bencode_write_string (
          out, (CcbtSpan){ handshake->your_ip.ip, handshake->your_ip.is_ipv6 ? 16 : 4 });
    }
  ccbt_bencode_end (out);
}

gboolean
ccbt_dont_have_parse (CcbtSpan payload, guint32 *piece, GError **error)
{
  if (payload.len != 4)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED,
                   "lt_donthave: %" G_GSIZE_FORMAT " bytes", payload.len);
      return FALSE;
    }
  *piece = ccbt_read_u32 (payload.data);
  return TRUE;
}

/* --- ut_metadata --- */

static gboolean
fail_metadata (const char *what, gint64 seen, GError **error)
{
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "ut_metadata: %s %" G_GINT64_FORMAT, what,
               seen);
  return FALSE;
}

/* The sizes that go with a piece of data leave no choice: each but the last is full. */
static gboolean
take_data (CcbtBencodeValue root, CcbtSpan rest, CcbtMetadataMessage *out, GError **error)
{
  gint64 total = -1;
  guint32 offset = out->piece * CCBT_METADATA_PIECE_SIZE;

  ccbt_bencode_value_lookup_integer (root, "total_size", &total);
  if (total < 1 || total > CCBT_METAINFO_MAX_SIZE)
    return fail_metadata ("total_size", total, error);
  out->total_size = (guint32) total;
  if (offset >= out->total_size)
    return fail_metadata ("piece past the end", out->piece, error);
  if (rest.len != MIN (CCBT_METADATA_PIECE_SIZE, out->total_size - offset))
    return fail_metadata ("bytes of data", (gint64) rest.len, error);
  out->data = rest;
  return TRUE;
}

gboolean
ccbt_metadata_message_parse (CcbtSpan payload, CcbtMetadataMessage *out, GError **error)
{
  gsize consumed = 0;
  g_autoptr (CcbtBencode) document = parse_dict (payload, &consumed, error);
  CcbtBencodeValue root;
  gint64 kind = -1, piece = -1;

  memset (out, 0, sizeof *out);
  if (document == NULL)
    return FALSE;
  root = ccbt_bencode_get_root (document);
  ccbt_bencode_value_lookup_integer (root, "msg_type", &kind);
  ccbt_bencode_value_lookup_integer (root, "piece", &piece);
  if (kind < CCBT_METADATA_REQUEST || kind > CCBT_METADATA_REJECT)
    return fail_metadata ("msg_type", kind, error);
  if (piece < 0 || piece >= MAX_METADATA_PIECES)
    return fail_metadata ("piece", piece, error);
  out->kind = (CcbtMetadataKind) kind;
  out->piece = (guint32) piece;
  if (out->kind != CCBT_METADATA_DATA)
    return TRUE;
  return take_data (root, (CcbtSpan){ payload.data + consumed, payload.len - consumed }, out,
                    error);
}

void
ccbt_metadata_message_write (GByteArray *out, const CcbtMetadataMessage *message)
{
  ccbt_bencode_begin_dict (out);
  ccbt_bencode_write_key (out, "msg_type");
  ccbt_bencode_write_integer (out, message->kind);
  ccbt_bencode_write_key (out, "piece");
  ccbt_bencode_write_integer (out, message->piece);
  if (message->kind == CCBT_METADATA_DATA)
    write_positive (out, "total_size", message->total_size);
  ccbt_bencode_end (out);
  if (message->kind == CCBT_METADATA_DATA && message->data.len > 0)
    g_byte_array_append (out, message->data.data, (guint) message->data.len);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-bencode.h"
#include "wire/ccbt-krpc.h"

#include <string.h>

#define NODE_SIZE_IPV4 26u
#define NODE_SIZE_IPV6 38u
#define MAX_VERSION 16u
#define MAX_ERROR_TEXT 200u

static const CcbtBencodeLimits limits = { 24, 2000, 65536 };

static const char *const method_names[] = {
  "ping", "find_node", "get_peers", "announce_peer", "get", "put", "sample_infohashes", "",
};

const char *
ccbt_krpc_method_get_name (CcbtKrpcMethod method)
{
  return method_names[method];
}

static CcbtKrpcMethod
find_method (CcbtSpan name)
{
  for (guint i = 0; i < CCBT_KRPC_UNKNOWN; i++)
    if (ccbt_span_equal (name, ccbt_span_from_string (method_names[i])))
      return i;
  return CCBT_KRPC_UNKNOWN;
}

/* --- Fields --- */

static gboolean
read_sha1 (CcbtBencodeValue dict, const char *key, CcbtSha1 *out)
{
  CcbtSpan bytes;

  if (!ccbt_bencode_value_lookup_string (dict, key, &bytes) || bytes.len != sizeof out->bytes)
    return FALSE;
  memcpy (out->bytes, bytes.data, bytes.len);
  return TRUE;
}

/* A string of @min to @max bytes; anything else is absent. */
static CcbtSpan
read_span (CcbtBencodeValue dict, const char *key, gsize min, gsize max)
{
  CcbtSpan bytes;

  if (!ccbt_bencode_value_lookup_string (dict, key, &bytes) || bytes.len < min || bytes.len > max)
    return (CcbtSpan){ 0 };
  return bytes;
}

static gboolean
read_exactly (CcbtBencodeValue dict, const char *key, guint8 *out, gsize len)
{
  CcbtSpan bytes = read_span (dict, key, len, len);

  if (bytes.len == len)
    memcpy (out, bytes.data, len);
  return bytes.len == len;
}

static gboolean
read_flag (CcbtBencodeValue dict, const char *key)
{
  gint64 value;

  return ccbt_bencode_value_lookup_integer (dict, key, &value) && value == 1;
}

static void
read_want (CcbtBencodeValue arguments, CcbtKrpcMessage *out)
{
  CcbtBencodeIter iter;
  CcbtBencodeValue item;
  CcbtSpan text;

  ccbt_bencode_iter_init (&iter, ccbt_bencode_value_lookup (arguments, "want"));
  while (ccbt_bencode_iter_next (&iter, NULL, &item))
    if (ccbt_bencode_value_get_string (item, &text))
      {
        out->wants_ipv4 |= ccbt_span_equal (text, CCBT_SPAN_LITERAL ("n4"));
        out->wants_ipv6 |= ccbt_span_equal (text, CCBT_SPAN_LITERAL ("n6"));
      }
}

static void
read_nodes (CcbtBencodeValue results, const char *key, gboolean is_ipv6, CcbtKrpcMessage *out)
{
  const gsize size = is_ipv6 ? NODE_SIZE_IPV6 : NODE_SIZE_IPV4;
  CcbtSpan bytes;

  if (!ccbt_bencode_value_lookup_string (results, key, &bytes))
    return;
  for (gsize i = 0; i < CCBT_KRPC_MAX_NODES && (i + 1) * size <= bytes.len; i++)
    {
      const guint8 *from = bytes.data + i * size;
      CcbtKrpcNode *node = &out->nodes[out->n_nodes];

      memcpy (node->id.bytes, from, sizeof node->id.bytes);
      node->address = ccbt_address_from_compact (from + sizeof node->id.bytes, is_ipv6);
      if (node->address.port != 0)
        out->n_nodes++;
    }
}

static void
read_peers (CcbtBencodeValue results, CcbtKrpcMessage *out)
{
  CcbtBencodeIter iter;
  CcbtBencodeValue item;
  CcbtSpan bytes;

  ccbt_bencode_iter_init (&iter, ccbt_bencode_value_lookup (results, "values"));
  while (out->n_peers < CCBT_KRPC_MAX_PEERS && ccbt_bencode_iter_next (&iter, NULL, &item))
    {
      if (!ccbt_bencode_value_get_string (item, &bytes) || (bytes.len != 6 && bytes.len != 18))
        continue;
      out->peers[out->n_peers] = ccbt_address_from_compact (bytes.data, bytes.len == 18);
      if (out->peers[out->n_peers].port != 0)
        out->n_peers++;
    }
}

/* BEP 44: the value as it stands, for its hash and signature are over these bytes. */
static void
read_item (CcbtBencodeValue body, CcbtKrpcMessage *out)
{
  CcbtBencodeValue value = ccbt_bencode_value_lookup (body, "v");
  CcbtSpan salt;

  if (ccbt_bencode_value_get_kind (value) != CCBT_BENCODE_NONE)
    out->value = ccbt_bencode_value_get_raw (value);
  out->has_key = read_exactly (body, "k", out->public_key, sizeof out->public_key);
  out->has_signature = read_exactly (body, "sig", out->signature, sizeof out->signature);
  out->has_sequence = ccbt_bencode_value_lookup_integer (body, "seq", &out->sequence);
  out->has_cas = ccbt_bencode_value_lookup_integer (body, "cas", &out->cas);
  if (ccbt_bencode_value_lookup_string (body, "salt", &salt))
    out->salt = salt; /* too long a one is answered with an error, not overlooked */
}

static void
read_arguments (CcbtBencodeValue arguments, CcbtKrpcMessage *out)
{
  gint64 port;

  out->has_target = read_sha1 (
      arguments,
      out->method == CCBT_KRPC_GET_PEERS || out->method == CCBT_KRPC_ANNOUNCE_PEER ? "info_hash"
                                                                                   : "target",
      &out->target);
  out->has_port
      = ccbt_bencode_value_lookup_integer (arguments, "port", &port) && port > 0 && port <= 65535;
  if (out->has_port)
    out->port = (guint16) port;
  out->implied_port = read_flag (arguments, "implied_port");
  out->no_seed = read_flag (arguments, "noseed");
  out->is_seed = read_flag (arguments, "seed");
  out->wants_scrape = read_flag (arguments, "scrape");
  read_want (arguments, out);
}

static void
read_results (CcbtBencodeValue results, CcbtKrpcMessage *out)
{
  read_nodes (results, "nodes", FALSE, out);
  read_nodes (results, "nodes6", TRUE, out);
  read_peers (results, out);
  out->filter_seeds = read_span (results, "BFsd", 256, 256);
  out->filter_peers = read_span (results, "BFpe", 256, 256);
  out->has_interval = ccbt_bencode_value_lookup_integer (results, "interval", &out->interval);
  out->has_number = ccbt_bencode_value_lookup_integer (results, "num", &out->number);
  out->samples = read_span (results, "samples", 0, G_MAXSIZE);
  out->samples.len -= out->samples.len % sizeof (CcbtSha1);
}

static void
read_error (CcbtBencodeValue error, CcbtKrpcMessage *out)
{
  CcbtBencodeIter iter;
  CcbtBencodeValue item;

  ccbt_bencode_iter_init (&iter, error);
  if (ccbt_bencode_iter_next (&iter, NULL, &item))
    ccbt_bencode_value_get_integer (item, &out->error_code);
  if (ccbt_bencode_iter_next (&iter, NULL, &item))
    ccbt_bencode_value_get_string (item, &out->error_text);
  out->error_text.len = MIN (out->error_text.len, MAX_ERROR_TEXT);
}

static gboolean
read_body (CcbtBencodeValue root, CcbtSpan kind, CcbtKrpcMessage *out)
{
  CcbtBencodeValue body;
  CcbtSpan method;

  if (ccbt_span_equal (kind, CCBT_SPAN_LITERAL ("e")))
    {
      out->kind = CCBT_KRPC_ERROR;
      read_error (ccbt_bencode_value_lookup (root, "e"), out);
      return TRUE;
    }
  if (ccbt_span_equal (kind, CCBT_SPAN_LITERAL ("q")))
    {
      if (!ccbt_bencode_value_lookup_string (root, "q", &method))
        return FALSE;
      out->kind = CCBT_KRPC_QUERY;
      out->method = find_method (method);
      body = ccbt_bencode_value_lookup (root, "a");
      read_arguments (body, out);
    }
  else if (ccbt_span_equal (kind, CCBT_SPAN_LITERAL ("r")))
    {
      out->kind = CCBT_KRPC_RESPONSE;
      out->method = CCBT_KRPC_UNKNOWN;
      body = ccbt_bencode_value_lookup (root, "r");
      read_results (body, out);
    }
  else
    return FALSE;
  out->has_id = read_sha1 (body, "id", &out->id);
  out->token = read_span (body, "token", 1, CCBT_KRPC_MAX_TOKEN);
  read_item (body, out);
  return TRUE;
}

static void
read_your_address (CcbtBencodeValue root, CcbtKrpcMessage *out)
{
  CcbtSpan bytes;

  if (!ccbt_bencode_value_lookup_string (root, "ip", &bytes))
    return;
  if (bytes.len == 6 || bytes.len == 18)
    out->your_address = ccbt_address_from_compact (bytes.data, bytes.len == 18);
  else if (!ccbt_address_from_ip_bytes (bytes, &out->your_address))
    return;
  out->has_your_address = TRUE;
}

gboolean
ccbt_krpc_parse (CcbtSpan datagram, CcbtKrpcMessage *out, GError **error)
{
  g_autoptr (CcbtBencode) document = ccbt_bencode_parse (datagram, &limits, NULL, error);
  CcbtBencodeValue root;
  CcbtSpan kind;

  memset (out, 0, G_STRUCT_OFFSET (CcbtKrpcMessage, nodes));
  out->n_nodes = out->n_peers = 0;
  memset (&out->filter_seeds, 0, sizeof *out - G_STRUCT_OFFSET (CcbtKrpcMessage, filter_seeds));
  if (document == NULL)
    return FALSE;
  root = ccbt_bencode_get_root (document);
  if (!ccbt_bencode_value_lookup_string (root, "t", &out->transaction)
      || out->transaction.len > CCBT_KRPC_MAX_TRANSACTION
      || !ccbt_bencode_value_lookup_string (root, "y", &kind) || !read_body (root, kind, out))
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "no message of the DHT");
      return FALSE;
    }
  out->version = read_span (root, "v", 1, MAX_VERSION);
  out->is_read_only = read_flag (root, "ro");
  read_your_address (root, out);
  return TRUE;
}

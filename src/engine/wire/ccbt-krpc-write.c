/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-bencode.h"
#include "wire/ccbt-krpc.h"

static void
write_bytes (GByteArray *out, const char *key, const guint8 *bytes, gsize len)
{
  ccbt_bencode_write_key (out, key);
  ccbt_bencode_write_string (out, (CcbtSpan){ bytes, len });
}

static void
write_span (GByteArray *out, const char *key, CcbtSpan span)
{
  if (span.len > 0)
    write_bytes (out, key, span.data, span.len);
}

static void
write_number (GByteArray *out, const char *key, gboolean is_there, gint64 value)
{
  if (!is_there)
    return;
  ccbt_bencode_write_key (out, key);
  ccbt_bencode_write_integer (out, value);
}

static gsize
write_compact (guint8 out[18], const CcbtAddress *address)
{
  const gsize len = address->is_ipv6 ? 16 : 4;

  memcpy (out, address->ip, len);
  ccbt_write_u16 (out + len, address->port);
  return len + 2;
}

/* --- Lists that are cut when the datagram is full --- */

static void
write_nodes (GByteArray *out, const CcbtKrpcMessage *message, gboolean is_ipv6, gsize limit)
{
  g_autoptr (GByteArray) nodes = g_byte_array_new ();

  for (guint i = 0; i < message->n_nodes; i++)
    {
      const CcbtKrpcNode *node = &message->nodes[i];
      guint8 compact[18];
      gsize len;

      if ((node->address.is_ipv6 != 0) != is_ipv6 || out->len + nodes->len + 60 > limit)
        continue;
      len = write_compact (compact, &node->address);
      g_byte_array_append (nodes, node->id.bytes, sizeof node->id.bytes);
      g_byte_array_append (nodes, compact, (guint) len);
    }
  if (nodes->len > 0)
    write_bytes (out, is_ipv6 ? "nodes6" : "nodes", nodes->data, nodes->len);
}

static void
write_peers (GByteArray *out, const CcbtKrpcMessage *message, gsize limit)
{
  if (message->n_peers == 0)
    return;
  ccbt_bencode_write_key (out, "values");
  ccbt_bencode_begin_list (out);
  for (guint i = 0; i < message->n_peers && out->len + 24 < limit; i++)
    {
      guint8 compact[18];
      gsize len = write_compact (compact, &message->peers[i]);

      ccbt_bencode_write_string (out, (CcbtSpan){ compact, len });
    }
  ccbt_bencode_end (out);
}

static void
write_samples (GByteArray *out, CcbtSpan samples, gboolean has_number, gsize limit)
{
  gsize room = limit > out->len + 16 ? limit - out->len - 16 : 0;

  if (!has_number)
    return;
  samples.len = MIN (samples.len, room - room % sizeof (CcbtSha1));
  write_bytes (out, "samples", samples.data, samples.len);
}

/* --- Bodies; keys in byte order --- */

static void
write_want (GByteArray *out, const CcbtKrpcMessage *message)
{
  if (!message->wants_ipv4 && !message->wants_ipv6)
    return;
  ccbt_bencode_write_key (out, "want");
  ccbt_bencode_begin_list (out);
  if (message->wants_ipv4)
    ccbt_bencode_write_string (out, CCBT_SPAN_LITERAL ("n4"));
  if (message->wants_ipv6)
    ccbt_bencode_write_string (out, CCBT_SPAN_LITERAL ("n6"));
  ccbt_bencode_end (out);
}

static void
write_value (GByteArray *out, CcbtSpan value)
{
  if (value.len == 0)
    return;
  ccbt_bencode_write_key (out, "v");
  g_byte_array_append (out, value.data, (guint) value.len);
}

static void
write_arguments (GByteArray *out, const CcbtKrpcMessage *message)
{
  const gboolean names_torrent
      = message->method == CCBT_KRPC_GET_PEERS || message->method == CCBT_KRPC_ANNOUNCE_PEER;

  ccbt_bencode_begin_dict (out);
  write_number (out, "cas", message->has_cas, message->cas);
  write_bytes (out, "id", message->id.bytes, sizeof message->id.bytes);
  write_number (out, "implied_port", message->implied_port, 1);
  if (message->has_target && names_torrent)
    write_bytes (out, "info_hash", message->target.bytes, sizeof message->target.bytes);
  if (message->has_key)
    write_bytes (out, "k", message->public_key, sizeof message->public_key);
  write_number (out, "noseed", message->no_seed, 1);
  write_number (out, "port", message->has_port, message->port);
  write_span (out, "salt", message->salt);
  write_number (out, "scrape", message->wants_scrape, 1);
  write_number (out, "seed", message->is_seed || message->has_seed, message->is_seed);
  write_number (out, "seq", message->has_sequence, message->sequence);
  if (message->has_signature)
    write_bytes (out, "sig", message->signature, sizeof message->signature);
  if (message->has_target && !names_torrent)
    write_bytes (out, "target", message->target.bytes, sizeof message->target.bytes);
  write_span (out, "token", message->token);
  write_value (out, message->value);
  write_want (out, message);
  ccbt_bencode_end (out);
}

static void
write_results (GByteArray *out, const CcbtKrpcMessage *message, gsize limit)
{
  const gsize after = 40 + message->token.len + message->value.len; /* what follows the lists */

  ccbt_bencode_begin_dict (out);
  write_span (out, "BFpe", message->filter_peers);
  write_span (out, "BFsd", message->filter_seeds);
  write_bytes (out, "id", message->id.bytes, sizeof message->id.bytes);
  write_number (out, "interval", message->has_interval, message->interval);
  if (message->has_key)
    write_bytes (out, "k", message->public_key, sizeof message->public_key);
  write_nodes (out, message, FALSE, limit - after);
  write_nodes (out, message, TRUE, limit - after);
  write_number (out, "num", message->has_number, message->number);
  write_samples (out, message->samples, message->has_number, limit - after);
  write_number (out, "seq", message->has_sequence, message->sequence);
  if (message->has_signature)
    write_bytes (out, "sig", message->signature, sizeof message->signature);
  write_span (out, "token", message->token);
  write_value (out, message->value);
  write_peers (out, message, limit);
  ccbt_bencode_end (out);
}

static void
write_error (GByteArray *out, const CcbtKrpcMessage *message)
{
  ccbt_bencode_begin_list (out);
  ccbt_bencode_write_integer (out, message->error_code);
  ccbt_bencode_write_string (out, message->error_text);
  ccbt_bencode_end (out);
}

void
ccbt_krpc_write (GByteArray *out, const CcbtKrpcMessage *message)
{
  static const char *const kinds[] = { "q", "r", "e" };
  const gsize limit = CCBT_KRPC_MAX_DATAGRAM - 100; /* what follows the body */

  ccbt_bencode_begin_dict (out);
  if (message->kind == CCBT_KRPC_QUERY)
    {
      ccbt_bencode_write_key (out, "a");
      write_arguments (out, message);
    }
  else if (message->kind == CCBT_KRPC_ERROR)
    {
      ccbt_bencode_write_key (out, "e");
      write_error (out, message);
    }
  if (message->has_your_address)
    {
      guint8 compact[18];
      gsize len = write_compact (compact, &message->your_address);

      write_bytes (out, "ip", compact, len);
    }
  if (message->kind == CCBT_KRPC_QUERY)
    write_span (out, "q", ccbt_span_from_string (ccbt_krpc_method_get_name (message->method)));
  if (message->kind == CCBT_KRPC_RESPONSE)
    {
      ccbt_bencode_write_key (out, "r");
      write_results (out, message, limit);
    }
  write_number (out, "ro", message->is_read_only, 1);
  write_bytes (out, "t", message->transaction.data, message->transaction.len);
  write_span (out, "v", message->version);
  write_span (out, "y", ccbt_span_from_string (kinds[message->kind]));
  ccbt_bencode_end (out);
}

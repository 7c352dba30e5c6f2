/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-private.h"
#include "wire/ccbt-dht-item.h"

/* Short answers: what strangers make us send to a forged address stays near what they sent. */
#define PEERS_PER_ANSWER 50u
#define SAMPLES_PER_ANSWER 20u
#define SAMPLE_INTERVAL 60

static void
answer_error (CcbtDht *self, const CcbtAddress *from, const CcbtKrpcMessage *query, int code)
{
  static const struct
  {
    int code;
    const char *text;
  } texts[] = {
    { CCBT_KRPC_ERROR_GENERIC, "Generic error" },
    { CCBT_KRPC_ERROR_SERVER, "Server error" },
    { CCBT_KRPC_ERROR_PROTOCOL, "Protocol error" },
    { CCBT_KRPC_ERROR_METHOD, "Method unknown" },
    { CCBT_KRPC_ERROR_TOO_BIG, "Message (v field) too big" },
    { CCBT_KRPC_ERROR_SIGNATURE, "Invalid signature" },
    { CCBT_KRPC_ERROR_SALT, "Salt too big" },
    { CCBT_KRPC_ERROR_CAS, "CAS mismatch" },
    { CCBT_KRPC_ERROR_SEQUENCE, "Sequence number less than current" },
  };
  CcbtKrpcMessage message
      = { .kind = CCBT_KRPC_ERROR, .transaction = query->transaction, .error_code = code };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i].code == code)
      message.error_text = ccbt_span_from_string (texts[i].text);
  ccbt_dht_send (self, from, &message);
}

static void
add_nodes (CcbtDht *self, const CcbtSha1 *target, guint family, CcbtKrpcMessage *answer)
{
  CcbtDhtContact closest[CCBT_DHT_K];
  guint n;

  if (!self->families[family].is_used)
    return;
  n = ccbt_dht_table_get_closest (self->families[family].table, target, closest, CCBT_DHT_K,
                                  ccbt_clock_now (self->clock));
  for (guint i = 0; i < n; i++)
    answer->nodes[answer->n_nodes++] = (CcbtKrpcNode){ closest[i].id, closest[i].address };
}

/* By "want" (BEP 32), or of the family the query came by. */
static void
add_wanted_nodes (CcbtDht *self, const CcbtAddress *from, const CcbtKrpcMessage *query,
                  CcbtKrpcMessage *answer)
{
  gboolean says = query->wants_ipv4 || query->wants_ipv6;

  if (says ? query->wants_ipv4 : !from->is_ipv6)
    add_nodes (self, &query->target, 0, answer);
  if (says ? query->wants_ipv6 : from->is_ipv6)
    add_nodes (self, &query->target, 1, answer);
}

static void
finish_get_peers (CcbtDht *self, const CcbtAddress *from, const CcbtKrpcMessage *query,
                  CcbtKrpcMessage *answer)
{
  CcbtBloomFilter seeds = { { 0 } }, peers = { { 0 } };

  answer->n_peers = ccbt_dht_store_get_peers (self->store, &query->target, from->is_ipv6,
                                              query->no_seed, answer->peers, PEERS_PER_ANSWER);
  if (query->wants_scrape
      && ccbt_dht_store_get_filters (self->store, &query->target, &seeds, &peers))
    {
      answer->filter_seeds = (CcbtSpan){ seeds.bytes, sizeof seeds.bytes };
      answer->filter_peers = (CcbtSpan){ peers.bytes, sizeof peers.bytes };
    }
  ccbt_dht_send (self, from, answer);
}

static void
finish_get (CcbtDht *self, const CcbtAddress *from, const CcbtKrpcMessage *query,
            CcbtKrpcMessage *answer)
{
  CcbtDhtItem item;

  if (ccbt_dht_store_get_item (self->store, &query->target, &item))
    {
      answer->has_sequence = item.is_mutable;
      answer->sequence = item.sequence;
      /* Who has this one already, or a newer one, only hears its number. */
      if (!item.is_mutable || !query->has_sequence || item.sequence > query->sequence)
        {
          answer->value = item.value;
          answer->has_key = answer->has_signature = item.is_mutable;
          memcpy (answer->public_key, item.public_key, sizeof answer->public_key);
          memcpy (answer->signature, item.signature, sizeof answer->signature);
        }
    }
  ccbt_dht_send (self, from, answer);
}

/* get_peers and get: both hand out a token, and nodes. */
static void
answer_with_token (CcbtDht *self, const CcbtAddress *from, const CcbtKrpcMessage *query,
                   CcbtKrpcMessage *answer)
{
  guint8 token[CCBT_DHT_TOKEN_SIZE];

  ccbt_dht_tokens_make (&self->tokens, from, &query->target, ccbt_clock_now (self->clock), token);
  answer->token = (CcbtSpan){ token, sizeof token };
  add_wanted_nodes (self, from, query, answer);
  if (query->method == CCBT_KRPC_GET_PEERS)
    finish_get_peers (self, from, query, answer);
  else
    finish_get (self, from, query, answer);
}

static void
answer_announce (CcbtDht *self, const CcbtAddress *from, const CcbtKrpcMessage *query,
                 const CcbtKrpcMessage *answer)
{
  gint64 now = ccbt_clock_now (self->clock);
  CcbtAddress peer = *from;

  if ((!query->has_port && !query->implied_port)
      || !ccbt_dht_tokens_check (&self->tokens, from, &query->target, query->token, now))
    {
      answer_error (self, from, query, CCBT_KRPC_ERROR_PROTOCOL);
      return;
    }
  if (!query->implied_port)
    peer.port = query->port;
  ccbt_dht_store_add_peer (self->store, &self->families[from->is_ipv6].id, &query->target, &peer,
                           query->is_seed, now);
  ccbt_dht_send (self, from, answer);
}

/* The token was given for the target that a "get" named: the same the item has. */
static void
answer_put (CcbtDht *self, const CcbtAddress *from, const CcbtKrpcMessage *query,
            const CcbtKrpcMessage *answer)
{
  gint64 now = ccbt_clock_now (self->clock);
  CcbtSha1 target = query->has_key
                        ? ccbt_dht_item_get_mutable_target (query->public_key, query->salt)
                        : ccbt_dht_item_get_immutable_target (query->value);
  int code = ccbt_dht_tokens_check (&self->tokens, from, &target, query->token, now)
                 ? ccbt_dht_store_put (self->store, &self->families[from->is_ipv6].id, query, now)
                 : CCBT_KRPC_ERROR_PROTOCOL;

  if (code != 0)
    answer_error (self, from, query, code);
  else
    ccbt_dht_send (self, from, answer);
}

static void
answer_samples (CcbtDht *self, const CcbtAddress *from, const CcbtKrpcMessage *query,
                CcbtKrpcMessage *answer)
{
  CcbtSha1 samples[SAMPLES_PER_ANSWER];
  guint n = ccbt_dht_store_sample (self->store, samples, SAMPLES_PER_ANSWER);

  answer->samples = (CcbtSpan){ (const guint8 *) samples, n * sizeof (CcbtSha1) };
  answer->has_number = answer->has_interval = TRUE;
  answer->number = ccbt_dht_store_get_n_torrents (self->store);
  answer->interval = SAMPLE_INTERVAL;
  add_wanted_nodes (self, from, query, answer);
  ccbt_dht_send (self, from, answer);
}

static gboolean
needs_target (CcbtKrpcMethod method)
{
  return method != CCBT_KRPC_PING && method != CCBT_KRPC_PUT;
}

void
ccbt_dht_answer (CcbtDht *self, const CcbtAddress *from, const CcbtKrpcMessage *query)
{
  CcbtDhtFamily *family = &self->families[from->is_ipv6];
  gint64 now = ccbt_clock_now (self->clock);
  CcbtKrpcMessage answer = { .kind = CCBT_KRPC_RESPONSE,
                             .transaction = query->transaction,
                             .id = family->id,
                             .has_your_address = TRUE,
                             .your_address = *from };

  self->queries_in++;
  if (self->options.is_read_only || !ccbt_dht_quota_take (self->quota, from, now))
    {
      self->dropped++;
      return;
    }
  if (query->method == CCBT_KRPC_UNKNOWN)
    {
      answer_error (self, from, query, CCBT_KRPC_ERROR_METHOD);
      return;
    }
  if (!query->has_id || (needs_target (query->method) && !query->has_target))
    {
      answer_error (self, from, query, CCBT_KRPC_ERROR_PROTOCOL);
      return;
    }
  if (!query->is_read_only)
    ccbt_dht_table_note_node (family->table, &query->id, from, FALSE, 0, now);
  switch (query->method)
    {
    case CCBT_KRPC_PING:
      ccbt_dht_send (self, from, &answer);
      break;
    case CCBT_KRPC_FIND_NODE:
      add_wanted_nodes (self, from, query, &answer);
      ccbt_dht_send (self, from, &answer);
      break;
    case CCBT_KRPC_ANNOUNCE_PEER:
      answer_announce (self, from, query, &answer);
      break;
    case CCBT_KRPC_PUT:
      answer_put (self, from, query, &answer);
      break;
    case CCBT_KRPC_SAMPLE_INFOHASHES:
      answer_samples (self, from, query, &answer);
      break;
    default:
      answer_with_token (self, from, query, &answer);
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-private.h"

/* The second half of a lookup, once the nearest are known: they are told of us, given an item, or
 * asked how many others they know (BEP 33). */

static void
fill_announce (const CcbtDhtLookup *lookup, CcbtKrpcMessage *message)
{
  message->method = CCBT_KRPC_ANNOUNCE_PEER;
  message->target = lookup->target;
  message->has_target = message->has_port = message->has_seed = TRUE;
  message->port = lookup->port;
  message->implied_port = lookup->implied_port;
  message->is_seed = lookup->is_seed;
}

static void
fill_put (const CcbtDhtLookup *lookup, CcbtKrpcMessage *message)
{
  message->method = CCBT_KRPC_PUT;
  message->value = ccbt_dht_get_span (lookup->value);
  message->salt = ccbt_dht_get_span (lookup->salt);
  message->has_key = message->has_signature = message->has_sequence = lookup->is_mutable;
  memcpy (message->public_key, lookup->public_key, sizeof message->public_key);
  memcpy (message->signature, lookup->signature, sizeof message->signature);
  message->sequence = lookup->sequence;
  message->has_cas = lookup->cas >= 0;
  message->cas = lookup->cas;
}

static gboolean
ask (CcbtDht *self, CcbtDhtLookup *lookup, const CcbtDhtCandidate *candidate,
     CcbtKrpcMessage *message, CcbtDhtPurpose purpose)
{
  CcbtDhtQuery query = { .to = candidate->address,
                         .knows_id = TRUE,
                         .id = candidate->id,
                         .purpose = purpose,
                         .lookup = lookup->number };

  if (!ccbt_dht_ask (self, message, &query))
    return FALSE;
  lookup->n_last++;
  return TRUE;
}

static gboolean
store_at (CcbtDht *self, CcbtDhtLookup *lookup, CcbtDhtCandidate *candidate)
{
  CcbtKrpcMessage message = { .token = { candidate->token, candidate->token_len } };

  if (candidate->token_len == 0)
    return TRUE; /* none, or used */
  if (lookup->kind == CCBT_DHT_LOOKUP_PEERS)
    fill_announce (lookup, &message);
  else
    fill_put (lookup, &message);
  if (!ask (self, lookup, candidate, &message, CCBT_DHT_FOR_STORING))
    return FALSE;
  candidate->token_len = 0;
  return TRUE;
}

/* Asked for apart from the peers: libtorrent answers with the one or the other, never both. */
static gboolean
scrape_at (CcbtDht *self, CcbtDhtLookup *lookup, CcbtDhtCandidate *candidate)
{
  CcbtKrpcMessage message = { .method = CCBT_KRPC_GET_PEERS,
                              .target = lookup->target,
                              .has_target = TRUE,
                              .wants_scrape = TRUE };

  /* To a seed they do not name seeds: those who named nobody may know some. */
  if (candidate->was_scraped || (!candidate->has_peers && !lookup->is_seed))
    return TRUE;
  if (!ask (self, lookup, candidate, &message, CCBT_DHT_FOR_SCRAPE))
    return FALSE;
  candidate->was_scraped = TRUE;
  return TRUE;
}

typedef gboolean (*VisitFunc) (CcbtDht *self, CcbtDhtLookup *lookup, CcbtDhtCandidate *candidate);

/* The nearest that answered; those with an id bound to their address (BEP 42) come first. */
static gboolean
visit_nearest (CcbtDht *self, CcbtDhtLookup *lookup, CcbtDhtTraversal *traversal, VisitFunc visit)
{
  guint n = 0;

  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < traversal->n_candidates && n < CCBT_DHT_K; i++)
      {
        CcbtDhtCandidate *candidate = &traversal->candidates[i];

        if (candidate->state != CCBT_DHT_ANSWERED || candidate->is_trusted != (pass == 0))
          continue;
        n++;
        if (!visit (self, lookup, candidate))
          return FALSE;
      }
  return TRUE;
}

gboolean
ccbt_dht_lookup_ask_nearest (CcbtDht *self, CcbtDhtLookup *lookup)
{
  const gboolean stores = lookup->kind == CCBT_DHT_LOOKUP_PUT
                          || (lookup->kind == CCBT_DHT_LOOKUP_PEERS && lookup->port != 0);
  const gboolean scrapes = lookup->kind == CCBT_DHT_LOOKUP_PEERS;

  for (guint i = 0; i < CCBT_DHT_N_FAMILIES; i++)
    {
      CcbtDhtTraversal *traversal = &lookup->traversals[i];

      if (!traversal->is_used)
        continue;
      if ((stores && !visit_nearest (self, lookup, traversal, store_at))
          || (scrapes && !visit_nearest (self, lookup, traversal, scrape_at)))
        return FALSE;
    }
  return TRUE;
}

/* --- What comes of it --- */

void
ccbt_dht_lookup_take_stored (CcbtDhtLookup *lookup, gboolean was_stored)
{
  lookup->n_last--;
  lookup->n_stored += was_stored;
}

/* @reply: NULL = none came */
void
ccbt_dht_lookup_take_scrape (CcbtDhtLookup *lookup, const CcbtKrpcMessage *reply)
{
  lookup->n_last--;
  if (reply == NULL || reply->filter_seeds.len != CCBT_BLOOM_FILTER_SIZE
      || reply->filter_peers.len != CCBT_BLOOM_FILTER_SIZE)
    return;
  lookup->has_filters = TRUE;
  ccbt_bloom_filter_merge (&lookup->seeds, reply->filter_seeds.data);
  ccbt_bloom_filter_merge (&lookup->leechers, reply->filter_peers.data);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-private.h"
#include "wire/ccbt-dht-item.h"

#define MAX_SAMPLES_INTERVAL 21600

/* --- Life --- */

CcbtDhtLookup *
ccbt_dht_start_lookup (CcbtDht *self, CcbtDhtLookupKind kind, const CcbtSha1 *target)
{
  CcbtDhtLookup *lookup = g_new0 (CcbtDhtLookup, 1);

  lookup->number = self->next_lookup++;
  if (self->next_lookup == 0)
    self->next_lookup = 1;
  lookup->kind = kind;
  lookup->target = *target;
  lookup->cas = -1;
  g_ptr_array_add (self->lookups, lookup);
  if (kind == CCBT_DHT_LOOKUP_SAMPLE)
    return lookup;
  for (guint i = 0; i < CCBT_DHT_N_FAMILIES; i++)
    if (self->families[i].is_used)
      ccbt_dht_traversal_start (self, lookup, i);
  return lookup;
}

void
ccbt_dht_lookup_free (CcbtDhtLookup *lookup)
{
  g_clear_pointer (&lookup->value, g_byte_array_unref);
  g_clear_pointer (&lookup->salt, g_byte_array_unref);
  g_free (lookup);
}

CcbtDhtLookup *
ccbt_dht_find_lookup (CcbtDht *self, guint number)
{
  for (guint i = 0; i < self->lookups->len && number != 0; i++)
    {
      CcbtDhtLookup *lookup = g_ptr_array_index (self->lookups, i);

      if (lookup->number == number)
        return lookup;
    }
  return NULL;
}

static GByteArray *
copy_span (CcbtSpan span)
{
  return g_byte_array_append (g_byte_array_sized_new ((guint) span.len), span.data,
                              (guint) span.len);
}

CcbtSpan
ccbt_dht_get_span (const GByteArray *bytes)
{
  return bytes != NULL ? (CcbtSpan){ bytes->data, bytes->len } : (CcbtSpan){ 0 };
}

/* --- What is asked on the way --- */

void
ccbt_dht_lookup_fill_query (CcbtDhtLookup *lookup, CcbtKrpcMessage *message)
{
  switch (lookup->kind)
    {
    case CCBT_DHT_LOOKUP_PEERS:
      message->method = CCBT_KRPC_GET_PEERS;
      message->no_seed = lookup->is_seed;
      break;
    case CCBT_DHT_LOOKUP_ITEM:
    case CCBT_DHT_LOOKUP_PUT:
      message->method = CCBT_KRPC_GET;
      break;
    default:
      message->method = CCBT_KRPC_FIND_NODE;
    }
}

/* --- What comes --- */

/* Of mutable items the newest counts; what is not what it says is nothing. */
static void
take_item (CcbtDhtLookup *lookup, const CcbtKrpcMessage *reply)
{
  CcbtSha1 target;

  if (reply->value.len == 0 || reply->value.len > CCBT_KRPC_MAX_VALUE)
    return;
  if (!reply->has_key)
    {
      target = ccbt_dht_item_get_immutable_target (reply->value);
      if (lookup->value == NULL && ccbt_sha1_equal (&target, &lookup->target))
        lookup->value = copy_span (reply->value);
      return;
    }
  target = ccbt_dht_item_get_mutable_target (reply->public_key, ccbt_dht_get_span (lookup->salt));
  if (!reply->has_signature || !reply->has_sequence || reply->sequence < 0
      || !ccbt_sha1_equal (&target, &lookup->target)
      || (lookup->value != NULL && reply->sequence <= lookup->sequence)
      || !ccbt_dht_item_verify (reply->public_key, reply->signature,
                                ccbt_dht_get_span (lookup->salt), reply->sequence, reply->value))
    return;
  g_clear_pointer (&lookup->value, g_byte_array_unref);
  lookup->value = copy_span (reply->value);
  lookup->is_mutable = TRUE;
  lookup->sequence = reply->sequence;
  memcpy (lookup->public_key, reply->public_key, sizeof lookup->public_key);
  memcpy (lookup->signature, reply->signature, sizeof lookup->signature);
}

void
ccbt_dht_lookup_take (CcbtDht *self, CcbtDhtLookup *lookup, const CcbtAddress *from,
                      const CcbtKrpcMessage *reply)
{
  if (lookup->kind == CCBT_DHT_LOOKUP_ITEM)
    take_item (lookup, reply);
  if (lookup->kind != CCBT_DHT_LOOKUP_PEERS)
    return;
  if (reply->n_peers > 0 && lookup->peers_func.got_peers != NULL)
    lookup->peers_func.got_peers (lookup->data, reply->peers, reply->n_peers);
}

/* --- The end --- */

static void
tell_item (CcbtDhtLookup *lookup)
{
  CcbtDhtItem item = { .is_mutable = lookup->is_mutable,
                       .value = ccbt_dht_get_span (lookup->value),
                       .sequence = lookup->sequence };

  memcpy (item.public_key, lookup->public_key, sizeof item.public_key);
  memcpy (item.signature, lookup->signature, sizeof item.signature);
  lookup->item_func (lookup->data, lookup->value != NULL ? &item : NULL);
}

/* A way in that was not asked on the way: whose id we do not know has no place to wait in. */
static void
ping_the_rest (CcbtDht *self, CcbtDhtLookup *lookup)
{
  for (guint i = 0; i < CCBT_DHT_N_FAMILIES; i++)
    for (guint k = 0; k < lookup->traversals[i].n_candidates; k++)
      {
        CcbtDhtCandidate *candidate = &lookup->traversals[i].candidates[k];

        if (candidate->state == CCBT_DHT_UNTRIED && !candidate->knows_id)
          ccbt_dht_ping (self, NULL, &candidate->address);
      }
}

static void
tell_done (CcbtDht *self, CcbtDhtLookup *lookup)
{
  guint n_nodes = lookup->traversals[0].n_answered + lookup->traversals[1].n_answered;

  if (lookup->kind == CCBT_DHT_LOOKUP_PEERS && lookup->peers_func.done != NULL)
    lookup->peers_func.done (
        lookup->data, n_nodes, lookup->n_stored,
        lookup->has_filters ? (int) ccbt_bloom_filter_estimate (&lookup->seeds) : -1,
        lookup->has_filters ? (int) ccbt_bloom_filter_estimate (&lookup->leechers) : -1);
  else if (lookup->kind == CCBT_DHT_LOOKUP_ITEM && lookup->item_func != NULL)
    tell_item (lookup);
  else if (lookup->kind == CCBT_DHT_LOOKUP_PUT && lookup->put_func != NULL)
    lookup->put_func (lookup->data, lookup->n_stored);
  else if (lookup->kind == CCBT_DHT_LOOKUP_NODES)
    ping_the_rest (self, lookup);
}

/* Returns: FALSE when it waits for allowance. @is_over: (out) */
static gboolean
run (CcbtDht *self, CcbtDhtLookup *lookup, gboolean *is_over)
{
  gboolean is_done = TRUE;

  *is_over = FALSE;
  if (lookup->kind == CCBT_DHT_LOOKUP_SAMPLE)
    return TRUE;
  for (guint i = 0; i < CCBT_DHT_N_FAMILIES && !lookup->has_arrived; i++)
    {
      if (!ccbt_dht_traversal_step (self, lookup, i))
        return FALSE;
      is_done &= !lookup->traversals[i].is_used || lookup->traversals[i].is_done;
    }
  if (!is_done)
    return TRUE;
  lookup->has_arrived = TRUE;
  if (!ccbt_dht_lookup_ask_nearest (self, lookup))
    return FALSE;
  if (lookup->n_last > 0)
    return TRUE;
  *is_over = TRUE;
  return TRUE;
}

gboolean
ccbt_dht_run_lookups (CcbtDht *self)
{
  gboolean all = TRUE;

  for (guint i = 0; i < self->lookups->len && all;)
    {
      CcbtDhtLookup *lookup = g_ptr_array_index (self->lookups, i);
      gboolean is_over;

      all = run (self, lookup, &is_over);
      if (!is_over)
        {
          i++;
          continue;
        }
      /* Taken away first: whoever is told may start another. */
      g_ptr_array_steal_index (self->lookups, i);
      ccbt_dht_forget_queries (self, lookup->number);
      tell_done (self, lookup);
      ccbt_dht_lookup_free (lookup);
    }
  return all;
}

void
ccbt_dht_cancel (CcbtDht *self, guint number)
{
  CcbtDhtLookup *lookup = ccbt_dht_find_lookup (self, number);

  if (lookup == NULL)
    return;
  ccbt_dht_forget_queries (self, number);
  g_ptr_array_remove (self->lookups, lookup);
}

/* --- What callers ask --- */

guint
ccbt_dht_get_peers (CcbtDht *self, const CcbtSha1 *info_hash, guint16 announce_port,
                    gboolean implied_port, gboolean is_seed, const CcbtDhtPeersFunc *func,
                    gpointer data)
{
  CcbtDhtLookup *lookup = ccbt_dht_start_lookup (self, CCBT_DHT_LOOKUP_PEERS, info_hash);

  lookup->port = announce_port;
  lookup->implied_port = implied_port;
  lookup->is_seed = is_seed;
  lookup->peers_func = *func;
  lookup->data = data;
  return lookup->number;
}

guint
ccbt_dht_get_item (CcbtDht *self, const CcbtSha1 *target, CcbtSpan salt, CcbtDhtItemFunc func,
                   gpointer data)
{
  CcbtDhtLookup *lookup = ccbt_dht_start_lookup (self, CCBT_DHT_LOOKUP_ITEM, target);

  lookup->salt = copy_span (salt);
  lookup->item_func = func;
  lookup->data = data;
  return lookup->number;
}

guint
ccbt_dht_put_immutable (CcbtDht *self, CcbtSpan value, CcbtDhtPutFunc func, gpointer data)
{
  CcbtSha1 target = ccbt_dht_item_get_immutable_target (value);
  CcbtDhtLookup *lookup = ccbt_dht_start_lookup (self, CCBT_DHT_LOOKUP_PUT, &target);

  lookup->value = copy_span (value);
  lookup->put_func = func;
  lookup->data = data;
  return lookup->number;
}

guint
ccbt_dht_put_mutable (CcbtDht *self, const guint8 public_key[32], const guint8 signature[64],
                      CcbtSpan salt, gint64 sequence, gint64 cas, CcbtSpan value,
                      CcbtDhtPutFunc func, gpointer data)
{
  CcbtSha1 target = ccbt_dht_item_get_mutable_target (public_key, salt);
  CcbtDhtLookup *lookup = ccbt_dht_start_lookup (self, CCBT_DHT_LOOKUP_PUT, &target);

  lookup->is_mutable = TRUE;
  memcpy (lookup->public_key, public_key, sizeof lookup->public_key);
  memcpy (lookup->signature, signature, sizeof lookup->signature);
  lookup->salt = copy_span (salt);
  lookup->sequence = sequence;
  lookup->cas = cas;
  lookup->value = copy_span (value);
  lookup->put_func = func;
  lookup->data = data;
  return lookup->number;
}

/* --- Samples (BEP 51) --- */

guint
ccbt_dht_sample (CcbtDht *self, const CcbtAddress *node, const CcbtSha1 *target,
                 CcbtDhtSamplesFunc func, gpointer data)
{
  CcbtDhtLookup *lookup = ccbt_dht_start_lookup (self, CCBT_DHT_LOOKUP_SAMPLE, target);
  CcbtKrpcMessage message
      = { .method = CCBT_KRPC_SAMPLE_INFOHASHES, .target = *target, .has_target = TRUE };
  CcbtDhtQuery query = { .to = *node, .purpose = CCBT_DHT_FOR_SAMPLE, .lookup = lookup->number };
  guint number = lookup->number;

  lookup->samples_func = func;
  lookup->data = data;
  if (!self->families[node->is_ipv6].is_used || !ccbt_dht_ask (self, &message, &query))
    {
      g_ptr_array_remove (self->lookups, lookup);
      return 0;
    }
  return number;
}

/* @reply: NULL = none came */
void
ccbt_dht_lookup_take_samples (CcbtDht *self, CcbtDhtLookup *lookup, const CcbtKrpcMessage *reply)
{
  guint n = reply != NULL ? (guint) (reply->samples.len / sizeof (CcbtSha1)) : 0;
  gint64 interval = reply != NULL && reply->has_interval ? reply->interval : 0;
  guint index;

  if (g_ptr_array_find (self->lookups, lookup, &index))
    g_ptr_array_steal_index (self->lookups, index);
  lookup->samples_func (
      lookup->data, n > 0 ? (const CcbtSha1 *) (gconstpointer) reply->samples.data : NULL,
      MIN (n, CCBT_KRPC_MAX_SAMPLES), reply != NULL && reply->has_number ? reply->number : 0,
      CLAMP (interval, 0, MAX_SAMPLES_INTERVAL));
  ccbt_dht_lookup_free (lookup);
}

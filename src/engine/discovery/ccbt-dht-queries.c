/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-private.h"

#define TIMEOUT (4 * CCBT_SECOND)
/* Who has not answered by then is not waited for, but may still answer. */
#define SLOW_AFTER (CCBT_SECOND)
#define MAX_OPEN 1000u
#define USUAL_QUERIES_PER_SECOND 100u
#define BURST_SECONDS 1.0
#define VERSION CCBT_SPAN_LITERAL ("cB\x01\x00")

/* --- Asking --- */

static gboolean
take_allowance (CcbtDht *self, gint64 now)
{
  double per_second = self->options.queries_per_second != 0 ? self->options.queries_per_second
                                                            : USUAL_QUERIES_PER_SECOND;

  self->allowance += per_second * (double) (now - self->allowance_at) / (double) CCBT_SECOND;
  self->allowance = MIN (self->allowance, per_second * BURST_SECONDS);
  self->allowance_at = now;
  if (self->allowance < 1 || g_hash_table_size (self->queries) >= MAX_OPEN)
    return FALSE;
  self->allowance -= 1;
  return TRUE;
}

static guint32
make_transaction (CcbtDht *self)
{
  guint32 transaction;

  do
    ccbt_random_fill ((guint8 *) &transaction, sizeof transaction);
  while (transaction == 0 || g_hash_table_contains (self->queries, GUINT_TO_POINTER (transaction)));
  return transaction;
}

gboolean
ccbt_dht_ask (CcbtDht *self, CcbtKrpcMessage *message, const CcbtDhtQuery *query)
{
  gint64 now = ccbt_clock_now (self->clock);
  CcbtDhtQuery *open;
  guint8 transaction[4];

  if (!take_allowance (self, now))
    return FALSE;
  open = g_memdup2 (query, sizeof *query);
  open->transaction = make_transaction (self);
  open->sent_at = now;
  g_hash_table_insert (self->queries, GUINT_TO_POINTER (open->transaction), open);
  ccbt_write_u32 (transaction, open->transaction);
  message->kind = CCBT_KRPC_QUERY;
  message->transaction = (CcbtSpan){ transaction, sizeof transaction };
  message->version = VERSION;
  message->id = self->families[query->to.is_ipv6].id;
  message->is_read_only = self->options.is_read_only;
  self->queries_out++;
  ccbt_dht_send (self, &query->to, message);
  return TRUE;
}

gboolean
ccbt_dht_ping (CcbtDht *self, const CcbtSha1 *id, const CcbtAddress *address)
{
  CcbtKrpcMessage message = { .method = CCBT_KRPC_PING };
  CcbtDhtQuery query = { .to = *address, .purpose = CCBT_DHT_FOR_PING };

  if (id != NULL)
    {
      query.id = *id;
      query.knows_id = TRUE;
    }
  return ccbt_dht_ask (self, &message, &query);
}

/* --- What comes of it --- */

static void
tell_failure (CcbtDht *self, const CcbtDhtQuery *query)
{
  CcbtDhtLookup *lookup = ccbt_dht_find_lookup (self, query->lookup);

  if (lookup == NULL)
    return;
  if (query->purpose == CCBT_DHT_FOR_TRAVERSAL)
    ccbt_dht_traversal_miss (lookup, query, FALSE);
  else if (query->purpose == CCBT_DHT_FOR_STORING)
    ccbt_dht_lookup_take_stored (lookup, FALSE);
  else if (query->purpose == CCBT_DHT_FOR_SCRAPE)
    ccbt_dht_lookup_take_scrape (lookup, NULL);
  else if (query->purpose == CCBT_DHT_FOR_SAMPLE)
    ccbt_dht_lookup_take_samples (self, lookup, NULL);
}

static void
tell_answer (CcbtDht *self, const CcbtDhtQuery *query, const CcbtKrpcMessage *reply)
{
  CcbtDhtLookup *lookup = ccbt_dht_find_lookup (self, query->lookup);

  if (lookup == NULL)
    return;
  if (query->purpose == CCBT_DHT_FOR_TRAVERSAL)
    ccbt_dht_traversal_take (self, lookup, query, reply);
  else if (query->purpose == CCBT_DHT_FOR_STORING)
    ccbt_dht_lookup_take_stored (lookup, TRUE);
  else if (query->purpose == CCBT_DHT_FOR_SCRAPE)
    ccbt_dht_lookup_take_scrape (lookup, reply);
  else if (query->purpose == CCBT_DHT_FOR_SAMPLE)
    ccbt_dht_lookup_take_samples (self, lookup, reply);
}

void
ccbt_dht_take_reply (CcbtDht *self, const CcbtAddress *from, const CcbtKrpcMessage *reply)
{
  g_autofree CcbtDhtQuery *query = NULL;
  CcbtDhtFamily *family = &self->families[from->is_ipv6];
  gint64 now = ccbt_clock_now (self->clock);
  gpointer key;

  if (reply->transaction.len != 4)
    {
      self->dropped++;
      return;
    }
  key = GUINT_TO_POINTER (ccbt_read_u32 (reply->transaction.data));
  query = g_hash_table_lookup (self->queries, key);
  /* Only the very address that was asked may answer. */
  if (query == NULL || !ccbt_address_equal (&query->to, from))
    {
      query = NULL;
      self->dropped++;
      return;
    }
  g_hash_table_steal (self->queries, key);
  if (reply->kind == CCBT_KRPC_ERROR || !reply->has_id || ccbt_sha1_equal (&reply->id, &family->id))
    {
      self->errors_in++;
      /* Everybody can answer a ping, and nobody has our id. */
      if (query->purpose == CCBT_DHT_FOR_PING || reply->kind != CCBT_KRPC_ERROR)
        ccbt_dht_table_note_failure (family->table, from, now);
      tell_failure (self, query);
      return;
    }
  self->replies_in++;
  if (query->knows_id && !ccbt_sha1_equal (&query->id, &reply->id))
    ccbt_dht_table_note_failure (family->table, from, now); /* calls itself another by now */
  ccbt_dht_table_note_node (family->table, &reply->id, from, TRUE,
                            (guint) ((now - query->sent_at) / CCBT_MILLISECOND), now);
  if (reply->has_your_address)
    ccbt_dht_note_external (self, from, &reply->your_address);
  tell_answer (self, query, reply);
}

gint64
ccbt_dht_expire_queries (CcbtDht *self, gint64 now)
{
  g_autoptr (GPtrArray) expired = g_ptr_array_new_with_free_func (g_free);
  gint64 next = G_MAXINT64;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->queries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      CcbtDhtQuery *query = value;
      CcbtDhtLookup *lookup;

      if (now - query->sent_at >= TIMEOUT)
        {
          g_hash_table_iter_steal (&iter);
          g_ptr_array_add (expired, query);
          continue;
        }
      if (!query->is_slow && now - query->sent_at >= SLOW_AFTER)
        {
          query->is_slow = TRUE;
          lookup = ccbt_dht_find_lookup (self, query->lookup);
          if (lookup != NULL && query->purpose == CCBT_DHT_FOR_TRAVERSAL)
            ccbt_dht_traversal_miss (lookup, query, TRUE);
        }
      next = MIN (next, query->sent_at + (query->is_slow ? TIMEOUT : SLOW_AFTER));
    }
  for (guint i = 0; i < expired->len; i++)
    {
      CcbtDhtQuery *query = g_ptr_array_index (expired, i);

      self->timeouts++;
      ccbt_dht_table_note_failure (self->families[query->to.is_ipv6].table, &query->to, now);
      tell_failure (self, query);
    }
  return next;
}

void
ccbt_dht_forget_queries (CcbtDht *self, guint lookup)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->queries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((CcbtDhtQuery *) value)->lookup == lookup)
      ((CcbtDhtQuery *) value)->lookup = 0; /* the answer still speaks for the node */
}

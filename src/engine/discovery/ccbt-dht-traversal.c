/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-private.h"

/* Two ways lead to the target side by side: over ids bound to their addresses (BEP 42), and over the
 * others, which can all be one liar's (threat B81). Each has half the room. */
#define CANDIDATES_OF_A_KIND (CCBT_DHT_CANDIDATES / 2)

static int
compare (CcbtDhtLookup *lookup, const CcbtDhtCandidate *a, const CcbtDhtCandidate *b)
{
  if (a->knows_id != b->knows_id)
    return a->knows_id ? -1 : 1;
  return a->knows_id ? ccbt_dht_id_compare (&lookup->target, &a->id, &b->id) : 0;
}

static CcbtDhtCandidate *
find_candidate (CcbtDhtTraversal *self, const CcbtAddress *address)
{
  for (guint i = 0; i < self->n_candidates; i++)
    if (ccbt_address_equal (&self->candidates[i].address, address))
      return &self->candidates[i];
  return NULL;
}

static guint
count_kind (const CcbtDhtTraversal *self, gboolean is_trusted)
{
  guint n = 0;

  for (guint i = 0; i < self->n_candidates; i++)
    n += self->candidates[i].is_trusted == is_trusted;
  return n;
}

/* The farthest of that kind gives way, if it is beyond @place and not being asked: its answer is
 * counted. */
static gboolean
make_room (CcbtDhtTraversal *self, guint place, gboolean is_trusted)
{
  for (guint i = self->n_candidates; i-- > place;)
    {
      CcbtDhtCandidate *candidate = &self->candidates[i];

      if (candidate->state == CCBT_DHT_ASKED || candidate->is_trusted != is_trusted)
        continue;
      self->n_candidates--;
      memmove (candidate, candidate + 1, (self->n_candidates - i) * sizeof (CcbtDhtCandidate));
      return TRUE;
    }
  return FALSE;
}

static void
insert (CcbtDhtLookup *lookup, CcbtDhtTraversal *self, const CcbtDhtCandidate *candidate)
{
  guint place = self->n_candidates;

  while (place > 0 && compare (lookup, candidate, &self->candidates[place - 1]) < 0)
    place--;
  if (count_kind (self, candidate->is_trusted) >= CANDIDATES_OF_A_KIND
      && !make_room (self, place, candidate->is_trusted))
    return;
  memmove (&self->candidates[place + 1], &self->candidates[place],
           (self->n_candidates - place) * sizeof (CcbtDhtCandidate));
  self->candidates[place] = *candidate;
  self->n_candidates++;
}

static gboolean
may_be_asked (const CcbtAddress *address, const CcbtDhtOptions *options)
{
  CcbtAddressScope scope = ccbt_address_get_scope (address);

  if (scope == CCBT_ADDRESS_LOOPBACK && !options->allow_loopback)
    return FALSE;
  return address->port != 0
         && (scope == CCBT_ADDRESS_GLOBAL
             || (options->allow_local && scope != CCBT_ADDRESS_UNUSABLE));
}

static void
set_id (CcbtDht *self, CcbtDhtCandidate *candidate, const CcbtSha1 *id)
{
  candidate->id = *id;
  candidate->knows_id = TRUE;
  candidate->is_trusted
      = !self->options.enforce_secure_ids || ccbt_dht_id_is_secure (id, &candidate->address);
}

void
ccbt_dht_traversal_add (CcbtDht *self, CcbtDhtLookup *lookup, const CcbtSha1 *id,
                        const CcbtAddress *address)
{
  CcbtDhtTraversal *traversal = &lookup->traversals[address->is_ipv6];
  CcbtDhtCandidate candidate = { .address = *address };

  if (!traversal->is_used || !may_be_asked (address, &self->options)
      || find_candidate (traversal, address) != NULL)
    return;
  if (id != NULL)
    {
      if (ccbt_sha1_equal (id, &self->families[address->is_ipv6].id))
        return;
      for (guint i = 0; i < traversal->n_candidates; i++)
        if (traversal->candidates[i].knows_id && ccbt_sha1_equal (&traversal->candidates[i].id, id))
          return; /* one node at many addresses is a trap */
      set_id (self, &candidate, id);
    }
  insert (lookup, traversal, &candidate);
}

void
ccbt_dht_traversal_start (CcbtDht *self, CcbtDhtLookup *lookup, guint family)
{
  CcbtDhtContact closest[2 * CCBT_DHT_K];
  guint n = ccbt_dht_table_get_closest (self->families[family].table, &lookup->target, closest,
                                        G_N_ELEMENTS (closest), ccbt_clock_now (self->clock));

  lookup->traversals[family].is_used = TRUE;
  for (guint i = 0; i < n; i++)
    ccbt_dht_traversal_add (self, lookup, &closest[i].id, &closest[i].address);
}

/* One network has one voice (threat B81), and a liar must not make us ask a victim's address port by
 * port. */
static gboolean
is_spoken_for (CcbtDht *self, const CcbtDhtTraversal *traversal, const CcbtDhtCandidate *candidate)
{
  const gsize network_len = candidate->address.is_ipv6 ? 6 : 3;

  for (guint i = 0; i < traversal->n_candidates && !self->options.allow_local; i++)
    {
      const CcbtDhtCandidate *other = &traversal->candidates[i];

      if (other == candidate || other->state == CCBT_DHT_UNTRIED
          || memcmp (other->address.ip, candidate->address.ip, network_len) != 0)
        continue;
      if (other->state != CCBT_DHT_FAILED
          || ccbt_address_same_ip (&other->address, &candidate->address))
        return TRUE;
    }
  return FALSE;
}

static gboolean
ask (CcbtDht *self, CcbtDhtLookup *lookup, CcbtDhtCandidate *candidate)
{
  CcbtKrpcMessage message = { .target = lookup->target, .has_target = TRUE };
  CcbtDhtQuery query = { .to = candidate->address,
                         .knows_id = candidate->knows_id,
                         .id = candidate->id,
                         .purpose = CCBT_DHT_FOR_TRAVERSAL,
                         .lookup = lookup->number };

  ccbt_dht_lookup_fill_query (lookup, &message);
  /* Each family has its own way; while the other one's table is thin, its nodes are asked for too. */
  message.wants_ipv4 = lookup->traversals[0].is_used;
  message.wants_ipv6 = lookup->traversals[1].is_used;
  return ccbt_dht_ask (self, &message, &query);
}

static gboolean
is_waited_for (CcbtDht *self, const CcbtDhtTraversal *traversal, const CcbtDhtCandidate *candidate)
{
  return (candidate->state == CCBT_DHT_ASKED && !candidate->is_slow)
         || (candidate->state == CCBT_DHT_UNTRIED && !is_spoken_for (self, traversal, candidate));
}

/* Have the nearest of either kind that can answer all done so? */
static gboolean
has_arrived (CcbtDht *self, const CcbtDhtTraversal *traversal)
{
  guint n_answered[2] = { 0, 0 };

  for (guint i = 0; i < traversal->n_candidates; i++)
    {
      const CcbtDhtCandidate *candidate = &traversal->candidates[i];

      if (n_answered[candidate->is_trusted] >= CCBT_DHT_K)
        continue;
      if (is_waited_for (self, traversal, candidate))
        return FALSE;
      n_answered[candidate->is_trusted] += candidate->state == CCBT_DHT_ANSWERED;
    }
  /* The slow ones are the last hope of those who found nobody else. */
  return n_answered[0] + n_answered[1] >= CCBT_DHT_K || traversal->n_asked == 0;
}

gboolean
ccbt_dht_traversal_step (CcbtDht *self, CcbtDhtLookup *lookup, guint family)
{
  CcbtDhtTraversal *traversal = &lookup->traversals[family];
  guint n_answered[2] = { 0, 0 };

  if (!traversal->is_used || traversal->is_done)
    return TRUE;
  if (has_arrived (self, traversal))
    {
      traversal->is_done = TRUE;
      return TRUE;
    }
  for (guint i = 0;
       i < traversal->n_candidates && traversal->n_asked - traversal->n_slow < CCBT_DHT_ALPHA; i++)
    {
      CcbtDhtCandidate *candidate = &traversal->candidates[i];

      n_answered[candidate->is_trusted] += candidate->state == CCBT_DHT_ANSWERED;
      if (candidate->state != CCBT_DHT_UNTRIED || n_answered[candidate->is_trusted] >= CCBT_DHT_K
          || is_spoken_for (self, traversal, candidate))
        continue;
      if (!ask (self, lookup, candidate))
        return FALSE;
      candidate->state = CCBT_DHT_ASKED;
      traversal->n_asked++;
    }
  return TRUE;
}

static void
note_over (CcbtDhtTraversal *self, CcbtDhtCandidate *candidate)
{
  self->n_asked--;
  if (candidate->is_slow)
    self->n_slow--;
  candidate->is_slow = FALSE;
}

/* Its id was not known, or is another: it gets its right place. */
static void
place_anew (CcbtDht *self, CcbtDhtLookup *lookup, CcbtDhtTraversal *traversal,
            CcbtDhtCandidate *candidate, const CcbtSha1 *id)
{
  CcbtDhtCandidate moved = *candidate;

  set_id (self, &moved, id);
  memmove (candidate, candidate + 1,
           (gsize) (&traversal->candidates[traversal->n_candidates] - (candidate + 1))
               * sizeof (CcbtDhtCandidate));
  traversal->n_candidates--;
  insert (lookup, traversal, &moved);
}

void
ccbt_dht_traversal_take (CcbtDht *self, CcbtDhtLookup *lookup, const CcbtDhtQuery *query,
                         const CcbtKrpcMessage *reply)
{
  CcbtDhtTraversal *traversal = &lookup->traversals[query->to.is_ipv6];
  CcbtDhtCandidate *candidate = find_candidate (traversal, &query->to);
  guint n_taken[CCBT_DHT_N_FAMILIES] = { 0, 0 };

  if (candidate == NULL || candidate->state != CCBT_DHT_ASKED)
    return;
  note_over (traversal, candidate);
  candidate->state = CCBT_DHT_ANSWERED;
  traversal->n_answered++;
  candidate->has_peers = reply->n_peers > 0;
  candidate->token_len = (guint8) reply->token.len;
  if (reply->token.len > 0)
    memcpy (candidate->token, reply->token.data, reply->token.len);
  if (!candidate->knows_id || !ccbt_sha1_equal (&candidate->id, &reply->id))
    place_anew (self, lookup, traversal, candidate, &reply->id);
  for (guint i = 0; i < reply->n_nodes; i++)
    {
      const CcbtKrpcNode *node = &reply->nodes[i];
      CcbtDhtFamily *family = &self->families[node->address.is_ipv6];

      if (!family->is_used || n_taken[node->address.is_ipv6]++ >= CCBT_DHT_NODES_PER_REPLY)
        continue;
      ccbt_dht_traversal_add (self, lookup, &node->id, &node->address);
      if (lookup->kind == CCBT_DHT_LOOKUP_NODES)
        ccbt_dht_table_note_node (family->table, &node->id, &node->address, FALSE, 0,
                                  ccbt_clock_now (self->clock));
    }
  ccbt_dht_lookup_take (self, lookup, &query->to, reply);
}

void
ccbt_dht_traversal_miss (CcbtDhtLookup *lookup, const CcbtDhtQuery *query, gboolean is_slow)
{
  CcbtDhtTraversal *self = &lookup->traversals[query->to.is_ipv6];
  CcbtDhtCandidate *candidate = find_candidate (self, &query->to);

  if (candidate == NULL || candidate->state != CCBT_DHT_ASKED)
    return;
  if (is_slow)
    {
      candidate->is_slow = TRUE;
      self->n_slow++;
      return;
    }
  note_over (self, candidate);
  candidate->state = CCBT_DHT_FAILED;
}

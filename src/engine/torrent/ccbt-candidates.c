/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-candidates.h"
#include "torrent/ccbt-peer-priority.h"

#define FIRST_RETRY (10 * CCBT_SECOND) /* doubled with each failure */
#define MAX_BACKOFF_STEPS 8u           /* 10 s x 2^8 = 43 minutes */
#define AFTER_GOOD_CONNECTION (15 * CCBT_SECOND)
#define LOOKED_AT 64u

void
ccbt_candidates_init (CcbtCandidates *self, guint64 seed)
{
  *self = (CcbtCandidates){
    .list = g_ptr_array_new_with_free_func (g_free),
    .addresses = g_hash_table_new (ccbt_address_hash, ccbt_address_equal_func),
  };
  ccbt_random_init (&self->random, seed);
}

void
ccbt_candidates_clear (CcbtCandidates *self)
{
  g_hash_table_unref (self->addresses);
  g_clear_pointer (&self->banned, g_hash_table_unref);
  g_ptr_array_unref (self->list);
}

static gboolean
may_dial (CcbtCandidates *self, const CcbtAddress *address, gboolean allow_loopback)
{
  CcbtAddressScope scope = ccbt_address_get_scope (address);

  if (address->port == 0 || scope == CCBT_ADDRESS_UNUSABLE)
    return FALSE;
  if (scope == CCBT_ADDRESS_LOOPBACK && !allow_loopback)
    return FALSE;
  return !ccbt_candidates_is_banned (self, address);
}

static void
forget_at (CcbtCandidates *self, guint position)
{
  g_hash_table_remove (self->addresses,
                       &((CcbtCandidate *) g_ptr_array_index (self->list, position))->address);
  g_ptr_array_remove_index_fast (self->list, position);
}

/* Returns: FALSE when every one is better than a stranger */
static gboolean
drop_worst (CcbtCandidates *self)
{
  guint worst = G_MAXUINT, most_failures = 1;

  for (guint i = 0; i < self->list->len; i++)
    {
      CcbtCandidate *candidate = g_ptr_array_index (self->list, i);

      if (!candidate->is_connected
          && (candidate->is_useless || candidate->n_failures > most_failures))
        {
          worst = i;
          most_failures = candidate->is_useless ? G_MAXUINT : candidate->n_failures;
        }
    }
  if (worst == G_MAXUINT)
    return FALSE;
  forget_at (self, worst);
  return TRUE;
}

/* A known one is heard of again. */
static void
note_source (CcbtCandidate *candidate, CcbtPeerSource source)
{
  candidate->sources |= 1u << source;
  if (source == CCBT_PEER_SOURCE_USER && !candidate->is_useless)
    candidate->n_failures = 0, candidate->next_attempt = 0; /* named by hand: again at once */
}

/* Returns: (nullable) (transfer none): NULL when it may not be or has no place */
static CcbtCandidate *
add_new (CcbtCandidates *self, const CcbtAddress *address, CcbtPeerSource source,
         gboolean allow_loopback)
{
  CcbtCandidate *candidate;
  guint position;

  if (!may_dial (self, address, allow_loopback))
    return NULL;
  if (self->list->len >= CCBT_CANDIDATES_MAX && !drop_worst (self))
    return NULL;
  candidate = g_new0 (CcbtCandidate, 1);
  candidate->address = *address;
  candidate->source = source;
  candidate->sources = 1u << source;
  g_ptr_array_add (self->list, candidate);
  /* At a random place, so that not everybody dials the head of a tracker's list. */
  position = ccbt_random_below (&self->random, self->list->len);
  self->list->pdata[self->list->len - 1] = self->list->pdata[position];
  self->list->pdata[position] = candidate;
  g_hash_table_add (self->addresses, candidate);
  return candidate;
}

gboolean
ccbt_candidates_add (CcbtCandidates *self, const CcbtAddress *address, CcbtPeerSource source,
                     gboolean allow_loopback)
{
  CcbtCandidate *candidate = ccbt_candidates_lookup (self, address);

  if (candidate == NULL)
    return add_new (self, address, source, allow_loopback) != NULL;
  note_source (candidate, source);
  return FALSE;
}

/* --- Peer exchange --- */

static guint
count_told_by (CcbtCandidates *self, CcbtPeerHandle teller)
{
  guint n = 0;

  for (guint i = 0; i < self->list->len; i++)
    {
      const CcbtCandidate *candidate = g_ptr_array_index (self->list, i);

      n += candidate->told_by == teller && !candidate->was_connected;
    }
  return n;
}

gboolean
ccbt_candidates_add_from_pex (CcbtCandidates *self, const CcbtPexPeer *peer, CcbtPeerHandle teller,
                              gboolean allow_loopback)
{
  CcbtCandidate *candidate = ccbt_candidates_lookup (self, &peer->address);

  if (candidate != NULL)
    {
      note_source (candidate, CCBT_PEER_SOURCE_PEX);
      candidate->told_by = teller;
      candidate->pex_flags = peer->flags;
      return FALSE;
    }
  if (count_told_by (self, teller) >= CCBT_CANDIDATES_PER_TELLER)
    return FALSE;
  candidate = add_new (self, &peer->address, CCBT_PEER_SOURCE_PEX, allow_loopback);
  if (candidate == NULL)
    return FALSE;
  candidate->told_by = teller;
  candidate->pex_flags = peer->flags;
  return TRUE;
}

void
ccbt_candidates_drop_from_pex (CcbtCandidates *self, const CcbtAddress *address,
                               CcbtPeerHandle teller)
{
  CcbtCandidate *candidate = ccbt_candidates_lookup (self, address);
  guint position;

  if (candidate == NULL || candidate->told_by != teller
      || candidate->sources != 1u << CCBT_PEER_SOURCE_PEX || candidate->is_connected
      || candidate->was_connected || candidate->is_useless)
    return;
  if (g_ptr_array_find (self->list, candidate, &position))
    forget_at (self, position);
}

void
ccbt_candidates_forget_sources (CcbtCandidates *self, guint sources)
{
  for (guint i = self->list->len; i-- > 0;)
    {
      const CcbtCandidate *candidate = g_ptr_array_index (self->list, i);

      if ((candidate->sources & ~sources) == 0 && !candidate->is_connected)
        forget_at (self, i);
    }
}

void
ccbt_candidates_set_own_address (CcbtCandidates *self, const CcbtAddress *own)
{
  self->own[own->is_ipv6] = *own;
}

CcbtCandidate *
ccbt_candidates_lookup (CcbtCandidates *self, const CcbtAddress *address)
{
  /* The address is the first member: a candidate is its own key. */
  return g_hash_table_lookup (self->addresses, address);
}

/* Sooner or later. */
static gboolean
is_to_be_dialled (const CcbtCandidates *self, const CcbtCandidate *candidate)
{
  return !candidate->is_connected && !candidate->is_useless
         && !(self->avoids_seeds && (candidate->pex_flags & CCBT_PEX_IS_SEED) != 0);
}

static gboolean
is_due (const CcbtCandidates *self, const CcbtCandidate *candidate, gint64 now)
{
  return candidate->next_attempt <= now && is_to_be_dialled (self, candidate);
}

static guint32
get_priority (const CcbtCandidates *self, const CcbtCandidate *candidate)
{
  const CcbtAddress *own = &self->own[candidate->address.is_ipv6];

  return own->port != 0 ? ccbt_peer_priority (own, &candidate->address) : 0;
}

static gboolean
is_better (const CcbtCandidates *self, const CcbtCandidate *a, const CcbtCandidate *b)
{
  guint a_reachable = a->pex_flags & CCBT_PEX_IS_REACHABLE;
  guint b_reachable = b->pex_flags & CCBT_PEX_IS_REACHABLE;

  if (a->n_failures != b->n_failures)
    return a->n_failures < b->n_failures;
  if (a_reachable != b_reachable)
    return a_reachable != 0;
  return get_priority (self, a) > get_priority (self, b);
}

CcbtCandidate *
ccbt_candidates_take_due (CcbtCandidates *self, gint64 now)
{
  CcbtCandidate *best = NULL;
  guint n_found = 0;

  for (guint i = 0; i < self->list->len && n_found < LOOKED_AT; i++)
    {
      CcbtCandidate *candidate;

      if (++self->next >= self->list->len)
        self->next = 0;
      candidate = g_ptr_array_index (self->list, self->next);
      if (!is_due (self, candidate, now))
        continue;
      n_found++;
      if (best == NULL || is_better (self, candidate, best))
        best = candidate;
    }
  return best;
}

gint64
ccbt_candidates_get_next (const CcbtCandidates *self)
{
  gint64 next = G_MAXINT64;

  for (guint i = 0; i < self->list->len; i++)
    {
      const CcbtCandidate *candidate = g_ptr_array_index (self->list, i);

      if (is_to_be_dialled (self, candidate))
        next = MIN (next, candidate->next_attempt);
    }
  return next;
}

void
ccbt_candidates_note_closed (CcbtCandidates *self, const CcbtAddress *address, gboolean worked,
                             gint64 now)
{
  CcbtCandidate *candidate = ccbt_candidates_lookup (self, address);
  gint64 wait;

  if (candidate == NULL)
    return;
  candidate->is_connected = FALSE;
  if (worked)
    {
      candidate->was_connected = TRUE;
      candidate->n_punches = 0;
      candidate->n_failures = 0;
      wait = AFTER_GOOD_CONNECTION;
    }
  else
    {
      wait = FIRST_RETRY << MIN (candidate->n_failures, MAX_BACKOFF_STEPS);
      candidate->n_failures++;
    }
  candidate->next_attempt = now + wait + ccbt_random_below (&self->random, (guint32) (wait / 4));
}

/* A ban is of the whole address: a banned peer comes back from another port. */
void
ccbt_candidates_ban (CcbtCandidates *self, const CcbtAddress *address)
{
  CcbtAddress *key = g_memdup2 (address, sizeof *address);

  key->port = 0;
  if (self->banned == NULL)
    self->banned = g_hash_table_new_full (ccbt_address_hash, ccbt_address_equal_func, g_free, NULL);
  g_hash_table_add (self->banned, key);
  for (guint i = 0; i < self->list->len; i++)
    {
      CcbtCandidate *candidate = g_ptr_array_index (self->list, i);

      if (ccbt_address_same_ip (&candidate->address, address))
        candidate->is_useless = TRUE;
    }
}

gboolean
ccbt_candidates_is_banned (CcbtCandidates *self, const CcbtAddress *address)
{
  CcbtAddress key = *address;

  key.port = 0;
  return self->banned != NULL && g_hash_table_contains (self->banned, &key);
}

guint
ccbt_candidates_count_idle (CcbtCandidates *self)
{
  guint n = 0;

  for (guint i = 0; i < self->list->len; i++)
    {
      CcbtCandidate *candidate = g_ptr_array_index (self->list, i);

      n += !candidate->is_connected && !candidate->is_useless;
    }
  return n;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-choker.h"
#include "base/ccbt-clock.h"

#define OPTIMISTIC_EVERY (30 * CCBT_SECOND)
#define NEW_PEER (180 * CCBT_SECOND)
#define NEW_PEER_WEIGHT 3u
#define SEEDING_TURN (60 * CCBT_SECOND)
#define SEEDING_TURN_BYTES (64u * 1024 * 1024)
#define LEAST_SLOTS 4u
#define PER_SLOT_RATE (16 * 1024) /* bytes/s of a limit that make one slot worth having */

void
ccbt_choker_init (CcbtChoker *self, guint64 seed)
{
  *self = (CcbtChoker){ 0 };
  ccbt_random_init (&self->random, seed);
}

/* Has a peer of a torrent we seed had its turn? */
static gboolean
had_its_turn (const CcbtChokeCandidate *candidate, gint64 now)
{
  return candidate->is_seeding && candidate->is_unchoked
         && (now - candidate->unchoked_at > SEEDING_TURN
             || candidate->uploaded_in_slot > SEEDING_TURN_BYTES);
}

/* Lower is served first. */
enum
{
  DESERVING,
  WAITING, /* for a turn at a torrent we seed */
  SERVED,
  SNUBBED,
};

typedef struct
{
  CcbtChokeCandidate *candidate;
  guint rank;
  double rate; /* what counts among equals */
  guint32 tie;
} Ranked;

static guint
rank_candidate (const CcbtChokeCandidate *candidate, gint64 now)
{
  if (candidate->is_snubbed)
    return SNUBBED;
  if (had_its_turn (candidate, now))
    return SERVED;
  /* While seeding, who is being served stays so until its turn is over; others wait in random
   * order. */
  if (candidate->is_seeding && (!candidate->is_unchoked || candidate->is_optimistic))
    return WAITING; /* luck must not cut short another's turn */
  return DESERVING;
}

static int
compare_ranked (gconstpointer a, gconstpointer b)
{
  const Ranked *first = a, *second = b;

  if (first->rank != second->rank)
    return first->rank < second->rank ? -1 : 1;
  if (first->candidate->priority != second->candidate->priority)
    return first->candidate->priority > second->candidate->priority ? -1 : 1;
  if (first->rate != second->rate)
    return first->rate > second->rate ? -1 : 1;
  return first->tie < second->tie ? -1 : first->tie > second->tie;
}

/* Interested peers in the order in which they deserve a slot. */
static GArray *
rank_all (CcbtChoker *self, CcbtChokeCandidate *candidates, guint n, gint64 now)
{
  GArray *ranked = g_array_new (FALSE, FALSE, sizeof (Ranked));

  for (guint i = 0; i < n; i++)
    {
      Ranked entry = { .candidate = &candidates[i] };

      candidates[i].unchoke = FALSE;
      if (!candidates[i].is_interested)
        {
          candidates[i].is_optimistic = FALSE;
          continue;
        }
      entry.rank = rank_candidate (&candidates[i], now);
      /* What it took in its last turn must not bring a waiting peer the next one. */
      entry.rate = entry.rank == WAITING ? 0 : candidates[i].rate;
      entry.tie = (guint32) ccbt_random_next (&self->random);
      g_array_append_val (ranked, entry);
    }
  g_array_sort (ranked, compare_ranked);
  return ranked;
}

static guint
get_weight (const CcbtChokeCandidate *candidate, gint64 now)
{
  return now - candidate->connected_at < NEW_PEER ? NEW_PEER_WEIGHT : 1;
}

/* @taken: group -> slots it has, of the groups with a limit of their own */
static gboolean
may_unchoke (const CcbtChokeCandidate *candidate, GHashTable *taken)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (taken, GUINT_TO_POINTER (candidate->group)));

  return !candidate->unchoke && (candidate->group_slots == 0 || n < candidate->group_slots);
}

static void
unchoke (CcbtChokeCandidate *candidate, GHashTable *taken)
{
  gpointer group = GUINT_TO_POINTER (candidate->group);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (taken, group));

  candidate->unchoke = TRUE;
  if (candidate->group_slots > 0)
    g_hash_table_insert (taken, group, GUINT_TO_POINTER (n + 1));
}

/* One of those not chosen yet, the new ones more likely. */
static CcbtChokeCandidate *
draw_optimistic (CcbtChoker *self, GArray *ranked, GHashTable *taken, gint64 now)
{
  guint total = 0, drawn;

  for (guint i = 0; i < ranked->len; i++)
    {
      CcbtChokeCandidate *candidate = g_array_index (ranked, Ranked, i).candidate;

      if (may_unchoke (candidate, taken))
        total += get_weight (candidate, now);
    }
  if (total == 0)
    return NULL;
  drawn = ccbt_random_below (&self->random, total);
  for (guint i = 0; i < ranked->len; i++)
    {
      CcbtChokeCandidate *candidate = g_array_index (ranked, Ranked, i).candidate;

      if (!may_unchoke (candidate, taken))
        continue;
      if (drawn < get_weight (candidate, now))
        return candidate;
      drawn -= get_weight (candidate, now);
    }
  return NULL;
}

static void
keep_optimistic (GArray *ranked, GHashTable *taken, guint *slots)
{
  for (guint i = 0; i<ranked->len && * slots> 0; i++)
    {
      CcbtChokeCandidate *candidate = g_array_index (ranked, Ranked, i).candidate;

      if (candidate->is_optimistic && candidate->is_unchoked && may_unchoke (candidate, taken))
        {
          unchoke (candidate, taken);
          (*slots)--;
        }
    }
}

void
ccbt_choker_run (CcbtChoker *self, CcbtChokeCandidate *candidates, guint n_candidates, guint slots,
                 gint64 now)
{
  g_autoptr (GArray) ranked = rank_all (self, candidates, n_candidates, now);
  guint optimistic = slots > 1 && slots < ranked->len ? MAX (1, slots / 5) : 0;
  gboolean rotates = self->optimistic_at == 0 || now - self->optimistic_at >= OPTIMISTIC_EVERY;
  g_autoptr (GHashTable) taken = g_hash_table_new (NULL, NULL);
  guint n_earned = 0;

  for (guint i = 0; i < ranked->len && n_earned < slots - optimistic; i++)
    {
      CcbtChokeCandidate *candidate = g_array_index (ranked, Ranked, i).candidate;

      if (!may_unchoke (candidate, taken))
        continue;
      unchoke (candidate, taken);
      candidate->is_optimistic = FALSE; /* earned now */
      n_earned++;
    }
  if (rotates)
    self->optimistic_at = now;
  else
    keep_optimistic (ranked, taken, &optimistic);
  for (guint i = 0; i < ranked->len; i++)
    {
      CcbtChokeCandidate *candidate = g_array_index (ranked, Ranked, i).candidate;

      candidate->is_optimistic = candidate->is_optimistic && candidate->unchoke && !rotates;
    }
  for (; optimistic > 0; optimistic--)
    {
      CcbtChokeCandidate *drawn = draw_optimistic (self, ranked, taken, now);

      if (drawn == NULL)
        break;
      unchoke (drawn, taken);
      drawn->is_optimistic = TRUE;
    }
}

guint
ccbt_choker_suggest_slots (guint64 limit, double rate, guint n_unchoked_and_interested)
{
  double per_slot;

  if (limit > 0)
    return MAX (LEAST_SLOTS, (guint) MIN (limit / PER_SLOT_RATE, 1000));
  /* Without a limit: as long as each one served gets a fair stream, one more may come. */
  if (n_unchoked_and_interested == 0)
    return 2 * LEAST_SLOTS;
  per_slot = rate / n_unchoked_and_interested;
  if (per_slot > 4 * PER_SLOT_RATE)
    return MAX (2 * LEAST_SLOTS, 2 * n_unchoked_and_interested);
  return MAX (2 * LEAST_SLOTS, n_unchoked_and_interested);
}

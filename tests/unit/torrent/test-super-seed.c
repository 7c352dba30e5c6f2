/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-super-seed.h"

#define N_PIECES 40u
#define N_PEERS 5u

/* A swarm in which whoever is told of a piece fetches it, and passes it on to one other. */
typedef struct
{
  CcbtSuperSeed *seed;
  CcbtBitfield has[N_PEERS];
  guint n_sent; /* pieces that came from us */
} Swarm;

static guint
get_availability (gconstpointer owner, guint32 piece)
{
  const Swarm *swarm = owner;
  guint n = 0;

  for (guint i = 0; i < N_PEERS; i++)
    n += ccbt_bitfield_get (&swarm->has[i], piece);
  return n;
}

static void
set_up (Swarm *swarm, gconstpointer data)
{
  swarm->seed = ccbt_super_seed_new (N_PIECES, 7);
  for (guint i = 0; i < N_PEERS; i++)
    ccbt_bitfield_init (&swarm->has[i], N_PIECES);
}

static void
tear_down (Swarm *swarm, gconstpointer data)
{
  ccbt_super_seed_free (swarm->seed);
  for (guint i = 0; i < N_PEERS; i++)
    ccbt_bitfield_clear (&swarm->has[i]);
}

static gboolean
reveal (Swarm *swarm, guint peer, gint64 now, guint32 *piece)
{
  return ccbt_super_seed_reveal (swarm->seed, peer, &swarm->has[peer], get_availability, swarm, now,
                                 piece);
}

static void
test_each_gets_another_piece (Swarm *swarm, gconstpointer data)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint peer = 0; peer < N_PEERS; peer++)
    {
      guint32 piece;

      g_assert_true (reveal (swarm, peer, 0, &piece));
      g_assert_true (g_hash_table_add (seen, GUINT_TO_POINTER (piece)));
    }
}

static void
test_the_next_one_is_earned (Swarm *swarm, gconstpointer data)
{
  g_autoptr (GArray) earned = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 first, second;

  g_assert_true (reveal (swarm, 0, 0, &first));
  g_assert_true (reveal (swarm, 1, 0, &second));
  ccbt_super_seed_note_have (swarm->seed, 0, first, earned); /* has it: nothing yet */
  g_assert_cmpuint (earned->len, ==, 0);
  ccbt_super_seed_note_have (swarm->seed, 1, first, earned); /* passed on */
  g_assert_cmpuint (earned->len, ==, 1);
  g_assert_cmpuint (g_array_index (earned, guint32, 0), ==, 0);
}

static void
test_alone_it_goes_on_at_once (Swarm *swarm, gconstpointer data)
{
  g_autoptr (GArray) earned = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 piece;

  g_assert_true (reveal (swarm, 0, 0, &piece));
  ccbt_super_seed_note_have (swarm->seed, 0, piece, earned);
  g_assert_cmpuint (earned->len, ==, 1);
}

static void
test_patience_ends (Swarm *swarm, gconstpointer data)
{
  g_autoptr (GArray) earned = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 piece, other;

  g_assert_true (reveal (swarm, 0, 0, &piece));
  g_assert_true (reveal (swarm, 1, 0, &other));
  ccbt_super_seed_note_have (swarm->seed, 0, piece, earned);
  ccbt_super_seed_tick (swarm->seed, CCBT_SUPER_SEED_PATIENCE - 1, earned);
  g_assert_cmpuint (earned->len, ==, 0);
  ccbt_super_seed_tick (swarm->seed, CCBT_SUPER_SEED_PATIENCE, earned);
  g_assert_cmpuint (earned->len, ==, 1); /* who has not fetched its own waits */
  g_assert_cmpuint (g_array_index (earned, guint32, 0), ==, 0);
}

static void
test_what_a_lost_peer_had_not_fetched_is_free (Swarm *swarm, gconstpointer data)
{
  guint32 first, again;

  for (guint32 i = 1; i < N_PIECES; i++) /* one piece is left for each */
    for (guint peer = 0; peer < 2; peer++)
      ccbt_bitfield_set (&swarm->has[peer], i);
  g_assert_true (reveal (swarm, 0, 0, &first));
  ccbt_super_seed_remove_peer (swarm->seed, 0);
  g_assert_false (ccbt_super_seed_knows (swarm->seed, 0));
  g_assert_true (reveal (swarm, 1, 0, &again));
  g_assert_cmpuint (again, ==, first);
  g_assert_false (reveal (swarm, 1, 0, &again)); /* nothing is told twice */
}

/* Everybody completes, and hardly a piece is given twice. */
static void
test_a_swarm_completes (Swarm *swarm, gconstpointer data)
{
  g_autoptr (GArray) earned = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 current[N_PEERS];
  gboolean has_current[N_PEERS];

  for (guint peer = 0; peer < N_PEERS; peer++)
    has_current[peer] = reveal (swarm, peer, 0, &current[peer]);
  for (guint round = 0; round < 400; round++)
    {
      for (guint peer = 0; peer < N_PEERS; peer++)
        if (has_current[peer] && ccbt_bitfield_set (&swarm->has[peer], current[peer]))
          {
            swarm->n_sent++;
            ccbt_super_seed_note_have (swarm->seed, peer, current[peer], earned);
          }
      for (guint peer = 0; peer < N_PEERS; peer++) /* each fetches one from its neighbour */
        for (guint32 piece = 0; piece < N_PIECES; piece++)
          if (ccbt_bitfield_get (&swarm->has[(peer + 1) % N_PEERS], piece)
              && ccbt_bitfield_set (&swarm->has[peer], piece))
            {
              ccbt_super_seed_note_have (swarm->seed, peer, piece, earned);
              break;
            }
      for (guint i = 0; i < earned->len; i++)
        {
          guint32 peer = g_array_index (earned, guint32, i);

          has_current[peer] = reveal (swarm, peer, round, &current[peer]);
        }
      g_array_set_size (earned, 0);
    }
  for (guint peer = 0; peer < N_PEERS; peer++)
    g_assert_true (ccbt_bitfield_is_full (&swarm->has[peer]));
  g_assert_cmpuint (swarm->n_sent, >=, N_PIECES);
  g_assert_cmpuint (swarm->n_sent, <=, N_PIECES * 3 / 2);
}

#define ADD(path, function) g_test_add (path, Swarm, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/super-seed/each-gets-another-piece", test_each_gets_another_piece);
  ADD ("/super-seed/the-next-one-is-earned", test_the_next_one_is_earned);
  ADD ("/super-seed/alone-it-goes-on-at-once", test_alone_it_goes_on_at_once);
  ADD ("/super-seed/patience-ends", test_patience_ends);
  ADD ("/super-seed/what-a-lost-peer-had-not-fetched-is-free",
       test_what_a_lost_peer_had_not_fetched_is_free);
  ADD ("/super-seed/a-swarm-completes", test_a_swarm_completes);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-clock.h"
#include "picker/ccbt-choker.h"

#define OLD (1000 * CCBT_SECOND) /* a time at which a peer connected at 0 is no longer new */

/* @n interested peers of a torrent we download; the later in the array, the more they give. */
static void
fill (CcbtChokeCandidate *candidates, guint n)
{
  for (guint i = 0; i < n; i++)
    candidates[i] = (CcbtChokeCandidate){
      .peer = i + 1, .is_interested = TRUE, .rate = 1000.0 * i, .priority = CCBT_PRIORITY_NORMAL
    };
}

static guint
count_unchoked (const CcbtChokeCandidate *candidates, guint n)
{
  guint n_unchoked = 0;

  for (guint i = 0; i < n; i++)
    n_unchoked += candidates[i].unchoke ? 1 : 0;
  return n_unchoked;
}

static guint
count_optimistic (const CcbtChokeCandidate *candidates, guint n)
{
  guint n_optimistic = 0;

  for (guint i = 0; i < n; i++)
    {
      g_assert_true (candidates[i].unchoke || !candidates[i].is_optimistic);
      n_optimistic += candidates[i].is_optimistic ? 1 : 0;
    }
  return n_optimistic;
}

/* Does what the session does with the answer. */
static void
apply (CcbtChokeCandidate *candidates, guint n, gint64 now)
{
  for (guint i = 0; i < n; i++)
    {
      if (candidates[i].unchoke && !candidates[i].is_unchoked)
        {
          candidates[i].unchoked_at = now;
          candidates[i].uploaded_in_slot = 0;
        }
      candidates[i].is_unchoked = candidates[i].unchoke;
    }
}

static void
test_who_gives_most_is_served (void)
{
  CcbtChokeCandidate candidates[20];
  CcbtChoker choker;

  ccbt_choker_init (&choker, 1);
  fill (candidates, 20);
  ccbt_choker_run (&choker, candidates, 20, 10, OLD);
  for (guint i = 12; i < 20; i++)
    {
      g_assert_true (candidates[i].unchoke);
      g_assert_false (candidates[i].is_optimistic);
    }
  g_assert_cmpuint (count_unchoked (candidates, 20), ==, 10);
  g_assert_cmpuint (count_optimistic (candidates, 20), ==, 2);
}

static void
test_priority_comes_before_rate (void)
{
  CcbtChokeCandidate candidates[5];
  CcbtChoker choker;

  ccbt_choker_init (&choker, 1);
  fill (candidates, 5);
  candidates[0].priority = CCBT_PRIORITY_HIGH;
  ccbt_choker_run (&choker, candidates, 5, 1, OLD);
  g_assert_true (candidates[0].unchoke);
}

static void
test_slots_are_respected (void)
{
  CcbtRandom random;
  CcbtChoker choker;
  gint64 now = CCBT_SECOND;

  ccbt_random_init (&random, 3);
  ccbt_choker_init (&choker, 3);
  for (guint round = 0; round < 5000; round++, now += ccbt_random_below (&random, 20) * CCBT_SECOND)
    {
      CcbtChokeCandidate candidates[30];
      guint n = ccbt_random_below (&random, 31), n_interested = 0;
      guint slots = round % 50 == 0 ? G_MAXUINT : 1 + ccbt_random_below (&random, 35);

      fill (candidates, n);
      for (guint i = 0; i < n; i++)
        {
          candidates[i].is_interested = ccbt_random_below (&random, 4) > 0;
          candidates[i].is_seeding = ccbt_random_below (&random, 2) > 0;
          candidates[i].is_snubbed = ccbt_random_below (&random, 5) == 0;
          candidates[i].is_unchoked = ccbt_random_below (&random, 2) > 0;
          candidates[i].is_optimistic = ccbt_random_below (&random, 3) == 0;
          candidates[i].unchoked_at = now - ccbt_random_below (&random, 100) * CCBT_SECOND;
          n_interested += candidates[i].is_interested ? 1 : 0;
        }
      ccbt_choker_run (&choker, candidates, n, slots, now);
      g_assert_cmpuint (count_unchoked (candidates, n), ==, MIN (slots, n_interested));
      g_assert_cmpuint (count_optimistic (candidates, n), <=, slots > 1 ? MAX (1, slots / 5) : 0);
      for (guint i = 0; i < n; i++)
        g_assert_true (candidates[i].is_interested || !candidates[i].unchoke);
    }
}

static void
test_a_snubbing_peer_is_not_rewarded (void)
{
  CcbtChokeCandidate candidates[10];
  CcbtChoker choker;

  ccbt_choker_init (&choker, 4);
  for (guint round = 0; round < 100; round++)
    {
      fill (candidates, 10);
      candidates[9].is_snubbed = TRUE;
      ccbt_choker_run (&choker, candidates, 10, 5, OLD + round * CCBT_SECOND);
      for (guint i = 5; i < 9; i++)
        g_assert_true (candidates[i].unchoke);
      g_assert_true (!candidates[9].unchoke || candidates[9].is_optimistic);
      /* With one slot there is no chance either. */
      ccbt_choker_run (&choker, candidates, 10, 1, OLD + round * CCBT_SECOND);
      g_assert_true (candidates[8].unchoke);
    }
}

static guint
find_optimistic (const CcbtChokeCandidate *candidates, guint n)
{
  for (guint i = 0; i < n; i++)
    if (candidates[i].is_optimistic)
      return i;
  return n;
}

static void
test_the_optimistic_choice_rotates_every_thirty_seconds (void)
{
  CcbtChokeCandidate candidates[40];
  CcbtChoker choker;
  guint last = 0, n_changes = 0;

  ccbt_choker_init (&choker, 5);
  fill (candidates, 40);
  for (gint64 t = 0; t < 3000; t += 10)
    {
      guint now_is;

      ccbt_choker_run (&choker, candidates, 40, 4, OLD + t * CCBT_SECOND);
      apply (candidates, 40, OLD + t * CCBT_SECOND);
      now_is = find_optimistic (candidates, 40);
      g_assert_cmpuint (now_is, <, 40);
      if (t % 30 != 0)
        g_assert_cmpuint (now_is, ==, last);
      else if (now_is != last)
        n_changes++;
      last = now_is;
    }
  /* A hundred draws among 37. */
  g_assert_cmpuint (n_changes, >, 85);
}

static void
test_every_peer_gets_an_optimistic_chance (void)
{
  CcbtChokeCandidate candidates[20];
  gboolean had_it[20] = { 0 };
  CcbtChoker choker;

  ccbt_choker_init (&choker, 6);
  fill (candidates, 20);
  for (gint64 t = 0; t < 6000; t += 10)
    {
      ccbt_choker_run (&choker, candidates, 20, 4, OLD + t * CCBT_SECOND);
      apply (candidates, 20, OLD + t * CCBT_SECOND);
      for (guint i = 0; i < 20; i++)
        had_it[i] = had_it[i] || candidates[i].unchoke;
    }
  for (guint i = 0; i < 20; i++)
    g_assert_true (had_it[i]);
}

static void
test_an_optimistic_peer_that_earns_its_slot_makes_room (void)
{
  CcbtChokeCandidate candidates[10];
  CcbtChoker choker;
  guint lucky;

  ccbt_choker_init (&choker, 7);
  fill (candidates, 10);
  ccbt_choker_run (&choker, candidates, 10, 4, OLD);
  apply (candidates, 10, OLD);
  lucky = find_optimistic (candidates, 10);
  candidates[lucky].rate = 1e6;
  ccbt_choker_run (&choker, candidates, 10, 4, OLD + 10 * CCBT_SECOND);
  g_assert_true (candidates[lucky].unchoke);
  g_assert_false (candidates[lucky].is_optimistic);
  g_assert_cmpuint (count_optimistic (candidates, 10), ==, 1);
}

static void
test_new_peers_are_three_times_as_likely (void)
{
  guint n_new = 0, n_old = 0;
  double ratio;

  for (guint seed = 0; seed < 40000; seed++)
    {
      CcbtChokeCandidate candidates[22];
      CcbtChoker choker;
      guint drawn;

      ccbt_choker_init (&choker, seed * 7919);
      fill (candidates, 22);
      for (guint i = 0; i < 10; i++)
        candidates[i].connected_at = OLD - 179 * CCBT_SECOND;
      for (guint i = 10; i < 20; i++)
        candidates[i].connected_at = OLD - 180 * CCBT_SECOND;
      ccbt_choker_run (&choker, candidates, 22, 3, OLD);
      drawn = find_optimistic (candidates, 22);
      g_assert_cmpuint (drawn, <, 20);
      if (drawn < 10)
        n_new++;
      else
        n_old++;
    }
  ratio = (double) n_new / n_old;
  g_assert_cmpfloat (ratio, >, 2.85);
  g_assert_cmpfloat (ratio, <, 3.15);
}

static void
fill_seeding (CcbtChokeCandidate *candidates, guint n)
{
  fill (candidates, n);
  for (guint i = 0; i < n; i++)
    {
      candidates[i].is_seeding = TRUE;
      candidates[i].rate = 0;
    }
}

static void
test_a_seeding_slot_lasts_its_turn (void)
{
  CcbtChokeCandidate candidates[6];
  CcbtChoker choker;

  ccbt_choker_init (&choker, 8);
  fill_seeding (candidates, 6);
  candidates[2].is_unchoked = TRUE;
  candidates[2].unchoked_at = OLD - 59 * CCBT_SECOND;
  ccbt_choker_run (&choker, candidates, 6, 1, OLD);
  g_assert_true (candidates[2].unchoke);
  ccbt_choker_run (&choker, candidates, 6, 1, OLD + 2 * CCBT_SECOND);
  g_assert_false (candidates[2].unchoke);
  /* Nobody waits: it goes on. */
  ccbt_choker_run (&choker, candidates + 2, 1, 1, OLD + 2 * CCBT_SECOND);
  g_assert_true (candidates[2].unchoke);
}

static void
test_a_seeding_slot_ends_after_enough_bytes (void)
{
  CcbtChokeCandidate candidates[6];
  CcbtChoker choker;

  ccbt_choker_init (&choker, 9);
  fill_seeding (candidates, 6);
  candidates[2].is_unchoked = TRUE;
  candidates[2].unchoked_at = OLD - CCBT_SECOND;
  candidates[2].uploaded_in_slot = 64 * 1024 * 1024;
  ccbt_choker_run (&choker, candidates, 6, 1, OLD);
  g_assert_true (candidates[2].unchoke);
  candidates[2].uploaded_in_slot++;
  ccbt_choker_run (&choker, candidates, 6, 1, OLD);
  g_assert_false (candidates[2].unchoke);
}

static void
test_seeding_gives_every_peer_its_turn (void)
{
  CcbtChokeCandidate candidates[20];
  gint64 served[20] = { 0 };
  CcbtChoker choker;

  ccbt_choker_init (&choker, 10);
  fill_seeding (candidates, 20);
  for (gint64 t = 0; t < 72000; t += 10)
    {
      ccbt_choker_run (&choker, candidates, 20, 4, OLD + t * CCBT_SECOND);
      apply (candidates, 20, OLD + t * CCBT_SECOND);
      for (guint i = 0; i < 20; i++)
        {
          /* What was sent lingers in the average after the slot is gone. */
          candidates[i].rate = candidates[i].unchoke ? 1000.0 * (i + 1) : candidates[i].rate * 0.7;
          served[i] += candidates[i].unchoke ? 10 : 0;
        }
    }
  /* 72000 s x 4 slots / 20 peers = 14400 s each, in turns of a minute: chance spreads it by 900 s or
   * so. */
  for (guint i = 0; i < 20; i++)
    {
      g_test_message ("peer %u: %" G_GINT64_FORMAT " s", i, served[i]);
      g_assert_cmpint (served[i], >, 10800);
      g_assert_cmpint (served[i], <, 18000);
    }
}

static void
test_slots_follow_the_upload_limit (void)
{
  g_assert_cmpuint (ccbt_choker_suggest_slots (1, 0, 0), ==, 4);
  g_assert_cmpuint (ccbt_choker_suggest_slots (160 * 1024, 0, 0), ==, 10);
  g_assert_cmpuint (ccbt_choker_suggest_slots (G_MAXUINT64, 0, 0), ==, 1000);
  g_assert_cmpuint (ccbt_choker_suggest_slots (0, 0, 0), >=, 4);
  g_assert_cmpuint (ccbt_choker_suggest_slots (0, 10e6, 10), >, 10);
  g_assert_cmpuint (ccbt_choker_suggest_slots (0, 1000, 20), ==, 20);
}

/* Of two torrents, one may unchoke two peers only, however many slots are free; and luck does not add a third. */
static void
test_a_group_has_its_own_limit (void)
{
  CcbtChokeCandidate candidates[20];
  CcbtChoker choker;

  ccbt_choker_init (&choker, 3);
  fill (candidates, 20);
  for (guint i = 0; i < 20; i++)
    {
      candidates[i].group = i >= 10 ? 1 : 2; /* the better half */
      candidates[i].group_slots = i >= 10 ? 2 : 0;
    }
  for (guint round = 0; round < 10; round++)
    {
      ccbt_choker_run (&choker, candidates, 20, 8, OLD + round * 31 * CCBT_SECOND);
      g_assert_cmpuint (count_unchoked (candidates, 10), ==, 6);
      g_assert_cmpuint (count_unchoked (candidates + 10, 10), ==, 2);
      apply (candidates, 20, OLD + round * 31 * CCBT_SECOND);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/choker/tit-for-tat", test_who_gives_most_is_served);
  g_test_add_func ("/choker/priority", test_priority_comes_before_rate);
  g_test_add_func ("/choker/slots", test_slots_are_respected);
  g_test_add_func ("/choker/snubbed", test_a_snubbing_peer_is_not_rewarded);
  g_test_add_func ("/choker/optimistic-rotation",
                   test_the_optimistic_choice_rotates_every_thirty_seconds);
  g_test_add_func ("/choker/optimistic-chance", test_every_peer_gets_an_optimistic_chance);
  g_test_add_func ("/choker/optimistic-earns",
                   test_an_optimistic_peer_that_earns_its_slot_makes_room);
  g_test_add_func ("/choker/new-peers", test_new_peers_are_three_times_as_likely);
  g_test_add_func ("/choker/seeding-turn", test_a_seeding_slot_lasts_its_turn);
  g_test_add_func ("/choker/seeding-bytes", test_a_seeding_slot_ends_after_enough_bytes);
  g_test_add_func ("/choker/seeding-fair", test_seeding_gives_every_peer_its_turn);
  g_test_add_func ("/choker/suggested-slots", test_slots_follow_the_upload_limit);
  g_test_add_func ("/choker/a-group-has-its-own-limit", test_a_group_has_its_own_limit);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-clock.h"
#include "picker/ccbt-rate-share.h"

/* Torrents that draw on one limit, in rounds of 10 ms as the session makes them, on a clock of our own. */

#define N 4u
#define LIMIT ((guint64) 1000000)
#define MOST_AT_ONCE (64u * 1024)

typedef struct
{
  CcbtRateShare share;
  CcbtRateGroup groups[N];
  guint64 backlog[N]; /* bytes it could pass */
  guint64 inflow[N];  /* bytes that come to its backlog in each round */
  guint64 passed[N];
  gint64 now;
} World;

static void
world_init (World *world, const guint weights[N])
{
  *world = (World){ .now = 7 * CCBT_SECOND };
  ccbt_rate_bucket_set_limit (&world->share.bucket, LIMIT, world->now);
  for (guint i = 0; i < N; i++)
    world->groups[i].claim.weight = weights[i];
}

static void
pass (World *world, guint i)
{
  guint32 want = (guint32) MIN (world->backlog[i], MOST_AT_ONCE), may;

  may = ccbt_rate_share_available (&world->share, &world->groups[i].claim, want, world->now);
  if (may > 0)
    may = ccbt_rate_bucket_available (&world->groups[i].bucket, may, world->now);
  ccbt_rate_share_take (&world->share, &world->groups[i].claim, may);
  ccbt_rate_bucket_take (&world->groups[i].bucket, may);
  world->backlog[i] -= may;
  world->passed[i] += may;
  if (world->backlog[i] > 0
      && ccbt_rate_share_available (&world->share, &world->groups[i].claim, G_MAXUINT32, world->now)
             == 0)
    ccbt_rate_share_wait (&world->share, &world->groups[i].claim);
}

/* Who has had least, of those not @done. */
static guint
find_next (World *world, const gboolean done[N])
{
  guint best = N;

  for (guint i = 0; i < N; i++)
    if (!done[i] && (best == N || world->groups[i].claim.served < world->groups[best].claim.served))
      best = i;
  return best;
}

/* @eager: those with something to pass ask out of turn as well, the last first. */
static void
run (World *world, gint64 duration, gboolean eager)
{
  for (gint64 end = world->now + duration; world->now < end; world->now += 5000)
    {
      gboolean done[N] = { FALSE };

      for (guint i = 0; i < N; i++)
        world->backlog[i] = MIN (world->backlog[i] + world->inflow[i], LIMIT);
      ccbt_rate_share_begin_round (&world->share);
      for (guint k = 0; k < N; k++)
        {
          guint next = find_next (world, done);

          done[next] = TRUE;
          pass (world, next);
        }
      world->now += 5000;
      for (guint i = N; eager && i-- > 0;)
        pass (world, i);
    }
}

static guint64
get_total (const World *world)
{
  guint64 total = 0;

  for (guint i = 0; i < N; i++)
    total += world->passed[i];
  return total;
}

/* Within 5 % */
static void
assert_near (guint64 got, guint64 expected)
{
  g_assert_cmpuint (got, >=, expected - expected / 20);
  g_assert_cmpuint (got, <=, expected + expected / 20);
}

static void
test_all_want_more (gconstpointer eager)
{
  const guint weights[N] = { 1, 2, 4, 8 };
  World world;

  world_init (&world, weights);
  for (guint i = 0; i < N; i++)
    world.inflow[i] = LIMIT;
  run (&world, 10 * CCBT_SECOND, eager != NULL);
  assert_near (get_total (&world), 10 * LIMIT);
  for (guint i = 0; i < N; i++)
    assert_near (world.passed[i], 10 * LIMIT * weights[i] / 15);
}

/* A tenth of the limit is all that the heaviest has; a torrent's own limit binds another. */
static void
test_what_one_leaves_is_for_the_others (void)
{
  const guint weights[N] = { 1, 1, 4, 8 };
  World world;

  world_init (&world, weights);
  ccbt_rate_bucket_set_limit (&world.groups[2].bucket, LIMIT / 5, world.now);
  for (guint i = 0; i < 3; i++)
    world.inflow[i] = LIMIT;
  world.inflow[3] = LIMIT / 1000; /* each 10 ms */
  run (&world, 10 * CCBT_SECOND, TRUE);
  assert_near (get_total (&world), 10 * LIMIT);
  assert_near (world.passed[3], LIMIT);
  assert_near (world.passed[2], 2 * LIMIT);
  assert_near (world.passed[1], 7 * LIMIT / 2);
  assert_near (world.passed[0], 7 * LIMIT / 2);
}

static void
test_who_was_away_is_given_no_more_than_a_burst (void)
{
  const guint weights[N] = { 2, 2, 2, 2 };
  World world;
  guint64 before;

  world_init (&world, weights);
  world.inflow[0] = LIMIT;
  run (&world, 60 * CCBT_SECOND, FALSE);
  assert_near (world.passed[0], 60 * LIMIT);
  world.inflow[1] = LIMIT;
  before = world.passed[0];
  run (&world, 2 * CCBT_SECOND, FALSE);
  assert_near (world.passed[0] - before, LIMIT - LIMIT / 20); /* half of it, less half a burst */
  g_assert_cmpuint (world.passed[1], <=, LIMIT + LIMIT / 10);
}

static void
test_the_lower_limit_wins (void)
{
  const guint weights[N] = { 2, 2, 2, 2 };
  World world;

  world_init (&world, weights);
  ccbt_rate_bucket_set_limit (&world.groups[0].bucket, 10 * LIMIT, world.now);
  world.inflow[0] = LIMIT;
  run (&world, 10 * CCBT_SECOND, TRUE);
  assert_near (world.passed[0], 10 * LIMIT);
  ccbt_rate_bucket_set_limit (&world.share.bucket, LIMIT / 4, world.now); /* at once */
  world.passed[0] = 0;
  run (&world, 10 * CCBT_SECOND, TRUE);
  assert_near (world.passed[0], 10 * LIMIT / 4);
}

static void
test_a_new_weight_holds_at_once (void)
{
  const guint weights[N] = { 8, 1, 1, 1 };
  World world;

  world_init (&world, weights);
  world.inflow[0] = world.inflow[1] = LIMIT;
  run (&world, 10 * CCBT_SECOND, FALSE);
  assert_near (world.passed[0], 10 * LIMIT * 8 / 9);
  world.groups[0].claim.weight = 1;
  world.groups[1].claim.weight = 4;
  world.passed[0] = world.passed[1] = 0;
  run (&world, 10 * CCBT_SECOND, FALSE);
  assert_near (world.passed[0], 10 * LIMIT / 5);
  assert_near (world.passed[1], 10 * LIMIT * 4 / 5);
}

static void
test_without_a_limit_nobody_waits (void)
{
  CcbtRateShare share = { 0 };
  CcbtRateClaim claim = { 0 };

  ccbt_rate_share_wait (&share, &claim);
  g_assert_cmpuint (ccbt_rate_share_available (&share, &claim, G_MAXUINT32, 1), ==, G_MAXUINT32);
  ccbt_rate_share_take (&share, &claim, G_MAXUINT32);
  g_assert_cmpuint (claim.served, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/rate-share/by-weight", NULL, test_all_want_more);
  g_test_add_data_func ("/rate-share/by-weight-when-asked-out-of-turn", "", test_all_want_more);
  g_test_add_func ("/rate-share/what-one-leaves-is-for-the-others",
                   test_what_one_leaves_is_for_the_others);
  g_test_add_func ("/rate-share/who-was-away-is-given-no-more-than-a-burst",
                   test_who_was_away_is_given_no_more_than_a_burst);
  g_test_add_func ("/rate-share/the-lower-limit-wins", test_the_lower_limit_wins);
  g_test_add_func ("/rate-share/a-new-weight-holds-at-once", test_a_new_weight_holds_at_once);
  g_test_add_func ("/rate-share/without-a-limit-nobody-waits", test_without_a_limit_nobody_waits);
  return g_test_run ();
}

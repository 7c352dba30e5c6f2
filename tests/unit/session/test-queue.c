/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-queue.h"

#define N 12u

/* In the order of their places, all downloading. */
static void
fill (CcbtQueueEntry *entries, guint n)
{
  for (guint i = 0; i < n; i++)
    entries[i]
        = (CcbtQueueEntry){ .priority = CCBT_QUEUE_PRIORITY_NORMAL, .position = i + 1, .index = i };
}

/* Returns: (transfer full): one letter each, R for those that run */
static char *
decide (CcbtQueueEntry *entries, guint n, CcbtQueueLimits limits)
{
  GString *text = g_string_new (NULL);

  ccbt_queue_decide (entries, n, &limits);
  for (guint i = 0; i < n; i++)
    g_string_append_c (text, entries[i].runs ? 'R' : '-');
  return g_string_free (text, FALSE);
}

static void
assert_decision (CcbtQueueEntry *entries, guint n, CcbtQueueLimits limits, const char *expected)
{
  g_autofree char *text = decide (entries, n, limits);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_limits (void)
{
  CcbtQueueEntry entries[6];

  assert_decision (NULL, 0, (CcbtQueueLimits){ 0, 3, 0 }, "");
  fill (entries, 6);
  assert_decision (entries, 6, (CcbtQueueLimits){ 0, 0, 0 }, "RRRRRR");
  assert_decision (entries, 6, (CcbtQueueLimits){ 0, 3, 0 }, "RRR---");
  entries[1].is_complete = entries[3].is_complete = entries[4].is_complete = TRUE;
  assert_decision (entries, 6, (CcbtQueueLimits){ 0, 1, 2 }, "RR-R--");
  assert_decision (entries, 6, (CcbtQueueLimits){ 3, 2, 2 }, "RRR---");
  assert_decision (entries, 6, (CcbtQueueLimits){ 0, 0, 1 }, "RRR--R");
}

static void
test_order (void)
{
  CcbtQueueEntry entries[5];

  fill (entries, 5);
  entries[4].priority = CCBT_QUEUE_PRIORITY_MAXIMUM;
  entries[3].priority = CCBT_QUEUE_PRIORITY_HIGH;
  entries[0].priority = CCBT_QUEUE_PRIORITY_LOW;
  assert_decision (entries, 5, (CcbtQueueLimits){ 0, 3, 0 }, "-R-RR");
  fill (entries, 5);
  for (guint i = 0; i < 5; i++)
    entries[i].position = 10 - i;
  assert_decision (entries, 5, (CcbtQueueLimits){ 0, 2, 0 }, "---RR");
  for (guint i = 0; i < 5; i++)
    entries[i].position = 1; /* equals: as they were added */
  assert_decision (entries, 5, (CcbtQueueLimits){ 0, 2, 0 }, "RR---");
}

static void
test_those_that_do_not_count (void)
{
  CcbtQueueEntry entries[6];

  fill (entries, 6);
  entries[0].is_paused = TRUE;
  entries[1].has_failed = TRUE;
  entries[2].is_slow = TRUE;
  entries[5].is_forced = TRUE;
  assert_decision (entries, 6, (CcbtQueueLimits){ 0, 1, 0 }, "-RRR-R");
  entries[5].is_paused = TRUE; /* the user's wish is above force */
  assert_decision (entries, 6, (CcbtQueueLimits){ 0, 1, 0 }, "-RRR--");
}

static void
test_fetching (void)
{
  CcbtQueueEntry entries[4];

  fill (entries, 4);
  entries[0].is_fetching = entries[3].is_fetching = TRUE;
  assert_decision (entries, 4, (CcbtQueueLimits){ .max_downloading = 1 }, "R---");
  assert_decision (entries, 4, (CcbtQueueLimits){ .max_downloading = 1, .fetching_is_free = TRUE },
                   "RR-R");
}

static void
test_starts (void)
{
  CcbtQueueLimits limits = { .max_downloading = 4, .limits_starts = TRUE, .max_starts = 2 };
  CcbtQueueEntry entries[7];

  fill (entries, 7);
  entries[3].is_running = entries[4].is_running = TRUE;
  entries[6].is_forced = TRUE;
  /* The third has its place, and the fifth loses it to him at once. */
  assert_decision (entries, 7, limits, "RR-R--R");
  g_assert_cmpuint (ccbt_queue_decide (entries, 7, &limits), ==, 1);
  limits.max_starts = 0;
  assert_decision (entries, 7, limits, "---R--R");
  limits.limits_starts = FALSE;
  assert_decision (entries, 7, limits, "RRRR--R");
  g_assert_cmpuint (ccbt_queue_decide (entries, 7, &limits), ==, 0);
}

static void
make_any (CcbtQueueEntry *entry, guint index)
{
  guint bits = (guint) g_test_rand_int ();

  *entry = (CcbtQueueEntry){ .priority = bits & 3,
                             .position = bits >> 2 & 7,
                             .index = index,
                             .is_forced = (bits >> 5 & 7) == 0,
                             .is_paused = bits >> 8 & 1,
                             .is_complete = bits >> 9 & 1,
                             .is_slow = (bits >> 10 & 3) == 0,
                             .is_fetching = (bits >> 12 & 3) == 0,
                             .is_running = bits >> 14 & 1 };
}

/* Started by and by, those run in the end that would have at once; nobody starts or stops after that. */
static void
test_starts_come_to_rest (void)
{
  for (guint round = 0; round < 1000; round++)
    {
      CcbtQueueLimits limits = { .max_active = (guint) g_test_rand_int_range (0, 6),
                                 .max_downloading = (guint) g_test_rand_int_range (0, 5),
                                 .max_seeding = (guint) g_test_rand_int_range (0, 5),
                                 .fetching_is_free = g_test_rand_bit (),
                                 .limits_starts = TRUE,
                                 .max_starts = (guint) g_test_rand_int_range (1, 4) };
      CcbtQueueLimits at_once = limits;
      CcbtQueueEntry entries[N];
      g_autofree char *expected = NULL;
      guint n_late, n_rounds = 0;

      at_once.limits_starts = FALSE;
      for (guint i = 0; i < N; i++)
        make_any (&entries[i], i);
      expected = decide (entries, N, at_once);
      do
        {
          guint n_starts = 0;

          n_late = ccbt_queue_decide (entries, N, &limits);
          for (guint i = 0; i < N; i++)
            {
              n_starts += entries[i].runs && !entries[i].is_running && !entries[i].is_forced;
              g_assert_true (!entries[i].runs || expected[i] == 'R');
              entries[i].is_running = entries[i].runs;
            }
          g_assert_cmpuint (n_starts, <=, limits.max_starts);
          g_assert_cmpuint (n_rounds++, <=, N);
        }
      while (n_late > 0);
      assert_decision (entries, N, limits, expected);
    }
}

/* Whatever comes in: limits hold, nobody overtakes an equal, and room is used. */
static void
test_whatever_comes (void)
{
  for (guint round = 0; round < 3000; round++)
    {
      CcbtQueueEntry entries[N];
      CcbtQueueLimits limits = { .max_active = (guint) g_test_rand_int_range (0, 6),
                                 .max_downloading = (guint) g_test_rand_int_range (0, 5),
                                 .max_seeding = (guint) g_test_rand_int_range (0, 5) };
      guint n_running[2] = { 0, 0 };

      for (guint i = 0; i < N; i++)
        make_any (&entries[i], i);
      ccbt_queue_decide (entries, N, &limits);
      for (guint i = 0; i < N; i++)
        {
          const CcbtQueueEntry *entry = &entries[i];

          g_assert_false (entry->runs && entry->is_paused);
          g_assert_true (entry->runs || !entry->is_forced || entry->is_paused);
          if (entry->runs && !entry->is_forced && !entry->is_slow)
            n_running[entry->is_complete]++;
          for (guint k = 0; k < N; k++)
            if (!entry->runs && !entry->is_paused && entries[k].runs && !entries[k].is_forced
                && entries[k].is_complete == entry->is_complete)
              g_assert_cmpint (entries[k].priority, >=, entry->priority);
        }
      if (limits.max_downloading > 0)
        g_assert_cmpuint (n_running[0], <=, limits.max_downloading);
      if (limits.max_seeding > 0)
        g_assert_cmpuint (n_running[1], <=, limits.max_seeding);
      if (limits.max_active > 0)
        g_assert_cmpuint (n_running[0] + n_running[1], <=, limits.max_active);
      for (guint i = 0; i < N; i++)
        if (!entries[i].runs && !entries[i].is_paused)
          {
            guint limit = entries[i].is_complete ? limits.max_seeding : limits.max_downloading;

            g_assert_true (
                (limit > 0 && n_running[entries[i].is_complete] == limit)
                || (limits.max_active > 0 && n_running[0] + n_running[1] == limits.max_active));
          }
    }
}

static void
test_goals (void)
{
  CcbtSeedFacts facts = { .downloaded = 100,
                          .uploaded = 150,
                          .seeding_seconds = 50,
                          .idle_seconds = 10,
                          .total_size = 1000 };
  CcbtSeedGoals goals = { 0 };

  g_assert_false (ccbt_seed_goals_are_reached (&goals, &facts)); /* none: never enough */
  goals.ratio = 1.5;
  g_assert_true (ccbt_seed_goals_are_reached (&goals, &facts));
  goals.ratio = 1.6;
  g_assert_false (ccbt_seed_goals_are_reached (&goals, &facts));
  goals.seed_time = 50;
  g_assert_true (ccbt_seed_goals_are_reached (&goals, &facts)); /* any */
  goals.needs_all = TRUE;
  g_assert_false (ccbt_seed_goals_are_reached (&goals, &facts));
  goals.ratio = 1.5;
  g_assert_true (ccbt_seed_goals_are_reached (&goals, &facts));
  goals.idle = 11;
  g_assert_false (ccbt_seed_goals_are_reached (&goals, &facts));
  facts.downloaded = 0; /* brought along: its size stands for it */
  goals = (CcbtSeedGoals){ .ratio = 0.2 };
  g_assert_false (ccbt_seed_goals_are_reached (&goals, &facts));
  facts.uploaded = 200;
  g_assert_true (ccbt_seed_goals_are_reached (&goals, &facts));
}

static void
test_own_goals_win (void)
{
  g_autoptr (CcbtTorrentOptions) options = ccbt_torrent_options_new ();
  const CcbtSeedGoals usual = { .ratio = 2, .seed_time = 60, .idle = 30, .needs_all = TRUE };
  CcbtSeedGoals goals = ccbt_seed_goals_resolve (options, &usual);

  g_assert_cmpfloat (goals.ratio, ==, 2);
  options->ratio_goal = CCBT_GOAL_NONE;
  options->seed_time_goal = 90;
  goals = ccbt_seed_goals_resolve (options, &usual);
  g_assert_cmpfloat (goals.ratio, ==, 0);
  g_assert_cmpint (goals.seed_time, ==, 90);
  g_assert_cmpint (goals.idle, ==, 30);
  g_assert_true (goals.needs_all);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/queue/limits", test_limits);
  g_test_add_func ("/queue/order", test_order);
  g_test_add_func ("/queue/those-that-do-not-count", test_those_that_do_not_count);
  g_test_add_func ("/queue/fetching", test_fetching);
  g_test_add_func ("/queue/starts", test_starts);
  g_test_add_func ("/queue/starts-come-to-rest", test_starts_come_to_rest);
  g_test_add_func ("/queue/whatever-comes", test_whatever_comes);
  g_test_add_func ("/queue/goals", test_goals);
  g_test_add_func ("/queue/own-goals-win", test_own_goals_win);
  return g_test_run ();
}

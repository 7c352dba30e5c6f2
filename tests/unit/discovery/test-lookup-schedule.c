/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-span.h"
#include "discovery/ccbt-lookup-schedule.h"

#define MINUTE (60 * CCBT_SECOND)
#define START (1000 * CCBT_SECOND)

static CcbtSha1
make_hash (guint number)
{
  CcbtSha1 hash = { { 0 } };

  ccbt_write_u32 (hash.bytes, number);
  return hash;
}

static guint
get_number (const CcbtSha1 *hash)
{
  return ccbt_read_u32 (hash->bytes);
}

static void
test_comes_round (void)
{
  CcbtLookupSchedule *schedule = ccbt_lookup_schedule_new (1);
  CcbtSha1 hash = make_hash (7), taken;
  gint64 next;

  g_assert_false (ccbt_lookup_schedule_take (schedule, START, &taken));
  g_assert_cmpint (ccbt_lookup_schedule_get_next (schedule), ==, G_MAXINT64);
  ccbt_lookup_schedule_add (schedule, &hash, START);
  ccbt_lookup_schedule_add (schedule, &hash, START);
  g_assert_cmpuint (ccbt_lookup_schedule_get_n (schedule), ==, 1);
  g_assert_true (ccbt_lookup_schedule_take (schedule, START, &taken));
  g_assert_cmpuint (get_number (&taken), ==, 7);
  g_assert_false (ccbt_lookup_schedule_take (schedule, START + 60 * MINUTE, &taken));

  ccbt_lookup_schedule_finish (schedule, &hash, 8, 20, TRUE, START);
  next = ccbt_lookup_schedule_get_next (schedule) - START;
  g_assert_cmpint (next, >=, 13 * MINUTE);
  g_assert_cmpint (next, <=, 17 * MINUTE);
  ccbt_lookup_schedule_free (schedule);
}

/* Nobody answered: soon, then ever later. Answers without peers: after a minute. */
static void
test_tries_again (void)
{
  CcbtLookupSchedule *schedule = ccbt_lookup_schedule_new (1);
  CcbtSha1 hash = make_hash (1), taken;
  gint64 now = START, before = 0;

  ccbt_lookup_schedule_add (schedule, &hash, now);
  for (guint i = 0; i < 20; i++)
    {
      gint64 pause;

      g_assert_true (ccbt_lookup_schedule_take (schedule, now, &taken));
      ccbt_lookup_schedule_finish (schedule, &hash, 0, 0, TRUE, now);
      pause = ccbt_lookup_schedule_get_next (schedule) - now;
      g_assert_cmpint (pause, >, i == 0 ? 4 * CCBT_SECOND : MIN (before, 13 * MINUTE));
      g_assert_cmpint (pause, <=, 17 * MINUTE);
      before = pause;
      now += pause;
    }
  g_assert_true (ccbt_lookup_schedule_take (schedule, now, &taken));
  ccbt_lookup_schedule_finish (schedule, &hash, 8, 3, TRUE, now);
  now = ccbt_lookup_schedule_get_next (schedule);
  g_assert_true (ccbt_lookup_schedule_take (schedule, now, &taken));
  ccbt_lookup_schedule_finish (schedule, &hash, 8, 0, TRUE, now);
  g_assert_cmpint (ccbt_lookup_schedule_get_next (schedule), <, now + 2 * MINUTE);
  ccbt_lookup_schedule_free (schedule);
}

static void
test_hurry (void)
{
  CcbtLookupSchedule *schedule = ccbt_lookup_schedule_new (1);
  CcbtSha1 hash = make_hash (1), taken;

  ccbt_lookup_schedule_add (schedule, &hash, START);
  g_assert_true (ccbt_lookup_schedule_take (schedule, START, &taken));
  ccbt_lookup_schedule_hurry (schedule, &hash, START); /* under way already */
  ccbt_lookup_schedule_finish (schedule, &hash, 8, 8, FALSE, START);
  ccbt_lookup_schedule_hurry (schedule, &hash, START + 10 * CCBT_SECOND);
  g_assert_cmpint (ccbt_lookup_schedule_get_next (schedule), ==, START + MINUTE);
  ccbt_lookup_schedule_hurry (schedule, &hash, START + 2 * MINUTE);
  g_assert_cmpint (ccbt_lookup_schedule_get_next (schedule), ==, START + MINUTE);
  g_assert_true (ccbt_lookup_schedule_take (schedule, START + MINUTE, &taken));
  ccbt_lookup_schedule_free (schedule);
}

static void
test_restart (void)
{
  CcbtLookupSchedule *schedule = ccbt_lookup_schedule_new (1);
  CcbtSha1 hash = make_hash (1), taken;

  ccbt_lookup_schedule_add (schedule, &hash, START);
  g_assert_true (ccbt_lookup_schedule_take (schedule, START, &taken));
  ccbt_lookup_schedule_restart (schedule, START);
  ccbt_lookup_schedule_finish (schedule, &hash, 8, 8, FALSE, START);
  g_assert_true (ccbt_lookup_schedule_take (schedule, START, &taken)); /* told an old address */
  ccbt_lookup_schedule_finish (schedule, &hash, 8, 8, FALSE, START);
  g_assert_false (ccbt_lookup_schedule_take (schedule, START + CCBT_SECOND, &taken));
  ccbt_lookup_schedule_restart (schedule, START + CCBT_SECOND);
  g_assert_true (ccbt_lookup_schedule_take (schedule, START + CCBT_SECOND, &taken));
  ccbt_lookup_schedule_free (schedule);
}

/* What is removed while under way frees its place, and its end is nobody's. */
static void
test_removal (void)
{
  CcbtLookupSchedule *schedule = ccbt_lookup_schedule_new (1);
  CcbtSha1 taken, hash = make_hash (2);

  for (guint i = 0; i < 2 * CCBT_LOOKUPS_AT_ONCE; i++)
    {
      hash = make_hash (i);
      ccbt_lookup_schedule_add (schedule, &hash, START);
    }
  for (guint i = 0; i < CCBT_LOOKUPS_AT_ONCE; i++)
    g_assert_true (ccbt_lookup_schedule_take (schedule, START, &taken));
  g_assert_false (ccbt_lookup_schedule_take (schedule, START, &hash));
  ccbt_lookup_schedule_remove (schedule, &taken);
  ccbt_lookup_schedule_finish (schedule, &taken, 8, 8, FALSE, START);
  g_assert_cmpuint (ccbt_lookup_schedule_get_n_under_way (schedule), ==, CCBT_LOOKUPS_AT_ONCE - 1);
  g_assert_true (ccbt_lookup_schedule_take (schedule, START, &hash));
  ccbt_lookup_schedule_remove (schedule, &taken);
  ccbt_lookup_schedule_free (schedule);
}

/* Five thousand, each lookup taking 3 s: everyone has its turn, none twice before all had theirs,
 * and afterwards they stay spread. */
static void
test_many (void)
{
  enum
  {
    N = 5000
  };
  CcbtLookupSchedule *schedule = ccbt_lookup_schedule_new (1);
  g_autofree guint *turns = g_new0 (guint, N);
  GQueue under_way = G_QUEUE_INIT;
  guint busiest = 0;

  for (guint i = 0; i < N; i++)
    {
      CcbtSha1 hash = make_hash (i);

      ccbt_lookup_schedule_add (schedule, &hash, START);
    }
  for (guint second = 0; second < 2 * 3600; second++)
    {
      gint64 now = START + second * CCBT_SECOND;
      guint begun = 0;
      CcbtSha1 hash;

      if (second % 3 == 0)
        while (!g_queue_is_empty (&under_way))
          {
            hash = make_hash (GPOINTER_TO_UINT (g_queue_pop_head (&under_way)));
            ccbt_lookup_schedule_finish (schedule, &hash, 8, 5, FALSE, now);
          }
      while (ccbt_lookup_schedule_take (schedule, now, &hash))
        {
          turns[get_number (&hash)]++;
          begun++;
          g_queue_push_tail (&under_way, GUINT_TO_POINTER (get_number (&hash)));
        }
      busiest = MAX (busiest, begun);
    }
  g_assert_cmpuint (busiest, <=, CCBT_LOOKUPS_AT_ONCE);
  for (guint i = 0; i < N; i++)
    {
      g_assert_cmpuint (turns[i], >=, 6);
      g_assert_cmpuint (turns[i], <=, 9);
    }
  g_queue_clear (&under_way);
  ccbt_lookup_schedule_free (schedule);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/discovery/lookup-schedule/comes-round", test_comes_round);
  g_test_add_func ("/discovery/lookup-schedule/tries-again", test_tries_again);
  g_test_add_func ("/discovery/lookup-schedule/hurry", test_hurry);
  g_test_add_func ("/discovery/lookup-schedule/restart", test_restart);
  g_test_add_func ("/discovery/lookup-schedule/removal", test_removal);
  g_test_add_func ("/discovery/lookup-schedule/many", test_many);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-lsd-schedule.h"

#define MINUTE (60 * CCBT_SECOND)

typedef struct
{
  CcbtLsdSchedule schedule;
  gint64 now;
  CcbtSha1 taken[CCBT_LSD_MAX_HASHES];
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->now = CCBT_SECOND;
  ccbt_lsd_schedule_init (&self->schedule, 7, self->now);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  ccbt_lsd_schedule_clear (&self->schedule);
}

static void
add (Fixture *self, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      CcbtSha1 info_hash = { { (guint8) (i >> 8), (guint8) i } };

      ccbt_lsd_schedule_add (&self->schedule, &info_hash, self->now);
    }
}

static guint
take (Fixture *self)
{
  return ccbt_lsd_schedule_take (&self->schedule, self->now, self->taken);
}

static void
test_a_few_go_out_at_once_one_a_datagram (Fixture *self, gconstpointer data)
{
  add (self, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpuint (take (self), ==, 1);
      g_assert_cmpuint (take (self), ==, 0); /* one a second */
      self->now += CCBT_SECOND;
    }
  g_assert_cmpuint (take (self), ==, 0);
}

static void
test_they_come_again_after_five_minutes (Fixture *self, gconstpointer data)
{
  add (self, 1);
  g_assert_cmpuint (take (self), ==, 1);
  self->now += 5 * MINUTE - 1;
  g_assert_cmpuint (take (self), ==, 0);
  self->now += 20 * CCBT_SECOND;
  g_assert_cmpuint (take (self), ==, 1);
}

static void
test_many_share_datagrams (Fixture *self, gconstpointer data)
{
  guint n_datagrams = 0, n_hashes = 0, n;

  add (self, 90);
  for (guint i = 0; i < 60; i++, self->now += CCBT_SECOND)
    if ((n = take (self)) > 0)
      {
        g_assert_cmpuint (n, <=, CCBT_LSD_MAX_HASHES);
        n_datagrams++;
        n_hashes += n;
      }
  g_assert_cmpuint (n_datagrams, ==, 5);
  g_assert_cmpuint (n_hashes, ==, 90);
}

static void
test_in_the_long_run_one_datagram_a_minute (Fixture *self, gconstpointer data)
{
  guint n_datagrams = 0, heard[1000] = { 0 };

  add (self, 1000);
  for (guint second = 0; second < 7200; second++, self->now += CCBT_SECOND)
    {
      guint n = take (self);

      n_datagrams += n > 0;
      for (guint i = 0; i < n; i++)
        heard[self->taken[i].bytes[0] << 8 | self->taken[i].bytes[1]]++;
    }
  g_assert_cmpuint (n_datagrams, <=, 5 + 120);
  for (guint i = 0; i < 1000; i++) /* in turn, nobody is passed over */
    g_assert_cmpuint (heard[i], >=, 2);
}

static void
test_one_that_is_gone_is_not_announced (Fixture *self, gconstpointer data)
{
  const CcbtSha1 first = { { 0 } };

  add (self, 1);
  g_assert_true (ccbt_lsd_schedule_contains (&self->schedule, &first));
  ccbt_lsd_schedule_remove (&self->schedule, &first);
  g_assert_false (ccbt_lsd_schedule_contains (&self->schedule, &first));
  g_assert_cmpuint (take (self), ==, 0);
}

static void
test_adding_twice_changes_nothing (Fixture *self, gconstpointer data)
{
  add (self, 1);
  g_assert_cmpuint (take (self), ==, 1);
  add (self, 1);
  self->now += 2 * CCBT_SECOND;
  g_assert_cmpuint (take (self), ==, 0);
}

static void
test_another_port_is_announced_soon (Fixture *self, gconstpointer data)
{
  add (self, 1);
  g_assert_cmpuint (take (self), ==, 1);
  self->now += 2 * CCBT_SECOND;
  ccbt_lsd_schedule_restart (&self->schedule, self->now);
  g_assert_cmpuint (take (self), ==, 1);
}

#define ADD(name, test) g_test_add ("/lsd-schedule/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("few", test_a_few_go_out_at_once_one_a_datagram);
  ADD ("again", test_they_come_again_after_five_minutes);
  ADD ("many", test_many_share_datagrams);
  ADD ("long-run", test_in_the_long_run_one_datagram_a_minute);
  ADD ("removed", test_one_that_is_gone_is_not_announced);
  ADD ("twice", test_adding_twice_changes_nothing);
  ADD ("port", test_another_port_is_announced_soon);
  return g_test_run ();
}

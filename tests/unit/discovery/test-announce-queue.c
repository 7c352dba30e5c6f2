/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-announce-queue.h"

typedef struct
{
  CcbtFakeClock clock;
  CcbtAnnounceQueue *queue;
  GArray *under_way; /* tickets */
  guint n_begun;
} Fixture;

typedef struct
{
  Fixture *fixture;
  guint ticket;
} Announce;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  ccbt_fake_clock_init (&fixture->clock, 1000 * CCBT_SECOND);
  fixture->queue = ccbt_announce_queue_new (&fixture->clock.parent);
  fixture->under_way = g_array_new (FALSE, FALSE, sizeof (guint));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  ccbt_announce_queue_free (fixture->queue);
  g_array_unref (fixture->under_way);
}

static void
turn_cb (gpointer data)
{
  Announce *announce = data;

  announce->fixture->n_begun++;
  g_array_append_val (announce->fixture->under_way, announce->ticket);
}

static void
enter (Fixture *fixture, Announce *announce, const char *host, gboolean is_udp)
{
  gboolean may_begin;

  announce->fixture = fixture;
  announce->ticket
      = ccbt_announce_queue_enter (fixture->queue, host, is_udp, &may_begin, turn_cb, announce);
  g_assert_cmpuint (announce->ticket, !=, 0);
  if (may_begin)
    turn_cb (announce);
}

/* All that are under way end, and those that begin then do not. */
static void
end_all (Fixture *fixture)
{
  g_autoptr (GArray) tickets = g_steal_pointer (&fixture->under_way);

  fixture->under_way = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < tickets->len; i++)
    ccbt_announce_queue_leave (fixture->queue, g_array_index (tickets, guint, i));
}

static void
pass (Fixture *fixture, gint64 microseconds)
{
  ccbt_fake_clock_advance (&fixture->clock, microseconds);
  ccbt_announce_queue_tick (fixture->queue);
}

/* Five thousand torrents of one tracker. */
static void
test_a_storm_is_spread (Fixture *fixture, gconstpointer data)
{
  g_autofree Announce *announces = g_new0 (Announce, 5000);
  guint before = 0;

  for (guint i = 0; i < 5000; i++)
    enter (fixture, &announces[i], "t.example", FALSE);
  g_assert_cmpuint (fixture->n_begun, ==, 16);
  for (guint second = 0; second < 260 && fixture->n_begun < 5000; second++)
    {
      before = fixture->n_begun;
      for (guint i = 0; i < 10; i++)
        {
          end_all (fixture);
          g_assert_cmpuint (fixture->under_way->len, <=, 16);
          pass (fixture, CCBT_SECOND / 10);
        }
      g_assert_cmpuint (fixture->n_begun - before, <=, 25);
    }
  g_assert_cmpuint (fixture->n_begun, ==, 5000);
  g_assert_cmpuint (ccbt_announce_queue_get_n_waiting (fixture->queue), ==, 0);
  for (guint i = 0; i < 5000; i++)
    g_assert_cmpuint (announces[i].ticket, ==, i + 1);
}

static void
test_a_silent_host_does_not_block_others (Fixture *fixture, gconstpointer data)
{
  Announce announces[201] = { 0 };

  for (guint i = 0; i < 200; i++)
    enter (fixture, &announces[i], "silent.example", i % 2);
  enter (fixture, &announces[200], "good.example", FALSE);
  g_assert_cmpuint (g_array_index (fixture->under_way, guint, fixture->under_way->len - 1), ==,
                    announces[200].ticket);
}

static void
test_limits_over_all_hosts (Fixture *fixture, gconstpointer data)
{
  Announce announces[200] = { 0 };

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *host = g_strdup_printf ("%u.example", i / 2);

      enter (fixture, &announces[i], host, i % 2);
    }
  g_assert_cmpuint (fixture->n_begun, ==, 50 + 64);
  end_all (fixture);
  g_assert_cmpuint (fixture->n_begun, ==, 200);
}

static void
test_hosts_take_turns (Fixture *fixture, gconstpointer data)
{
  Announce announces[100] = { 0 };
  guint n_of_b = 0;

  for (guint i = 0; i < 100; i++)
    enter (fixture, &announces[i], i < 60 ? "a" : "b", TRUE);
  /* 32 of each */
  for (guint i = 0; i < fixture->under_way->len; i++)
    n_of_b += g_array_index (fixture->under_way, guint, i) > 60 ? 1 : 0;
  g_assert_cmpuint (fixture->n_begun, ==, 64);
  g_assert_cmpuint (n_of_b, ==, 32);
}

static void
test_who_leaves_the_line_is_not_called (Fixture *fixture, gconstpointer data)
{
  Announce announces[40] = { 0 };

  for (guint i = 0; i < 40; i++)
    enter (fixture, &announces[i], "a", FALSE);
  for (guint i = 20; i < 40; i++)
    ccbt_announce_queue_leave (fixture->queue, announces[i].ticket);
  end_all (fixture);
  pass (fixture, 10 * CCBT_SECOND);
  end_all (fixture);
  pass (fixture, 10 * CCBT_SECOND);
  g_assert_cmpuint (fixture->n_begun, ==, 20);
}

/* What comes too fast is to come again after the next tick. */
static void
test_a_tick_has_time_for_some (Fixture *fixture, gconstpointer data)
{
  g_autofree Announce *announces = g_new0 (Announce, 1000);
  guint n = 0;

  for (guint ticks = 0; ticks < 3; ticks++)
    {
      guint before = n;

      while (n < 1000 && ccbt_announce_queue_has_time (fixture->queue))
        enter (fixture, &announces[n++], "a", TRUE);
      g_assert_cmpuint (n - before, >=, 100);
      g_assert_cmpuint (n - before, <=, 250);
      pass (fixture, CCBT_SECOND / 4);
    }
}

/* Who gives a place back while it is held does not hand it on. */
static void
test_nobody_begins_while_it_is_held (Fixture *fixture, gconstpointer data)
{
  Announce announces[101] = { 0 };

  for (guint i = 0; i < 100; i++)
    enter (fixture, &announces[i], "a", TRUE);
  g_assert_cmpuint (fixture->n_begun, ==, 32);
  ccbt_announce_queue_hold (fixture->queue, TRUE);
  for (guint i = 0; i < 90; i++)
    ccbt_announce_queue_leave (fixture->queue, announces[i].ticket);
  enter (fixture, &announces[100], "a", TRUE);
  g_assert_cmpuint (fixture->n_begun, ==, 32);
  ccbt_announce_queue_hold (fixture->queue, FALSE);
  g_assert_cmpuint (fixture->n_begun, ==, 32 + 11);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/announce-queue/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("storm", test_a_storm_is_spread);
  ADD ("silent-host", test_a_silent_host_does_not_block_others);
  ADD ("limits", test_limits_over_all_hosts);
  ADD ("turns", test_hosts_take_turns);
  ADD ("held", test_nobody_begins_while_it_is_held);
  ADD ("time", test_a_tick_has_time_for_some);
  ADD ("leaving", test_who_leaves_the_line_is_not_called);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-check-turns.h"

/* Numbers wait; the smaller is before the larger. */
typedef struct
{
  CcbtCheckTurns *turns;
  GString *begun;
  gboolean is_through_at_once;
  char names[5000];
} World;

static World *world;

static void
begin (gpointer owner)
{
  g_string_append_c (world->begun, *(char *) owner);
  if (world->is_through_at_once)
    ccbt_check_turns_give_back (world->turns);
}

static int
compare (gconstpointer first, gconstpointer second)
{
  return *(const char *) first - *(const char *) second;
}

static void
set_up (World *fixture, gconstpointer data)
{
  world = fixture;
  fixture->turns = ccbt_check_turns_new (begin, compare);
  fixture->begun = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (fixture->names); i++)
    fixture->names[i] = (char) ('a' + i % 26);
}

static void
tear_down (World *fixture, gconstpointer data)
{
  ccbt_check_turns_free (fixture->turns);
  g_string_free (fixture->begun, TRUE);
}

static gboolean
take (World *fixture, char name)
{
  return ccbt_check_turns_take (fixture->turns, &fixture->names[name - 'a'], FALSE);
}

static void
test_no_limit (World *fixture, gconstpointer data)
{
  for (char name = 'a'; name <= 'z'; name++)
    g_assert_true (take (fixture, name));
}

static void
test_first_comes_next (World *fixture, gconstpointer data)
{
  ccbt_check_turns_set_most (fixture->turns, 2);
  g_assert_true (take (fixture, 'x'));
  g_assert_true (take (fixture, 'y'));
  g_assert_false (take (fixture, 'c'));
  g_assert_false (take (fixture, 'a'));
  g_assert_false (take (fixture, 'b'));
  g_assert_cmpstr (fixture->begun->str, ==, "");
  ccbt_check_turns_give_back (fixture->turns);
  g_assert_cmpstr (fixture->begun->str, ==, "a");
  ccbt_check_turns_forget (fixture->turns, &fixture->names['b' - 'a']);
  ccbt_check_turns_give_back (fixture->turns);
  g_assert_cmpstr (fixture->begun->str, ==, "ac");
  ccbt_check_turns_give_back (fixture->turns);
  g_assert_true (take (fixture, 'd'));
  g_assert_false (take (fixture, 'e'));
}

static void
test_always (World *fixture, gconstpointer data)
{
  ccbt_check_turns_set_most (fixture->turns, 1);
  g_assert_true (take (fixture, 'a'));
  g_assert_true (ccbt_check_turns_take (fixture->turns, &fixture->names[1], TRUE));
  g_assert_false (take (fixture, 'c'));
  ccbt_check_turns_give_back (fixture->turns); /* one of two above the limit */
  g_assert_cmpstr (fixture->begun->str, ==, "");
  ccbt_check_turns_give_back (fixture->turns);
  g_assert_cmpstr (fixture->begun->str, ==, "c");
}

static void
test_limit_changes (World *fixture, gconstpointer data)
{
  ccbt_check_turns_set_most (fixture->turns, 1);
  for (char name = 'a'; name <= 'e'; name++)
    take (fixture, name);
  ccbt_check_turns_set_most (fixture->turns, 3);
  g_assert_cmpstr (fixture->begun->str, ==, "bc");
  ccbt_check_turns_set_most (fixture->turns, 0);
  g_assert_cmpstr (fixture->begun->str, ==, "bcde");
}

/* Thousands that turn out to have nothing to check: no stack can hold them. */
static void
test_through_at_once (World *fixture, gconstpointer data)
{
  ccbt_check_turns_set_most (fixture->turns, 1);
  for (guint i = 0; i < G_N_ELEMENTS (fixture->names); i++)
    ccbt_check_turns_take (fixture->turns, &fixture->names[i], FALSE);
  fixture->is_through_at_once = TRUE;
  ccbt_check_turns_give_back (fixture->turns);
  g_assert_cmpuint (fixture->begun->len, ==, G_N_ELEMENTS (fixture->names) - 1);
  g_assert_true (take (fixture, 'a'));
}

static void
test_stopped (World *fixture, gconstpointer data)
{
  ccbt_check_turns_set_most (fixture->turns, 1);
  take (fixture, 'a');
  take (fixture, 'b');
  ccbt_check_turns_stop (fixture->turns);
  ccbt_check_turns_give_back (fixture->turns);
  g_assert_cmpstr (fixture->begun->str, ==, "");
}

#define ADD(path, function) g_test_add (path, World, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/check-turns/no-limit", test_no_limit);
  ADD ("/check-turns/first-comes-next", test_first_comes_next);
  ADD ("/check-turns/always", test_always);
  ADD ("/check-turns/limit-changes", test_limit_changes);
  ADD ("/check-turns/through-at-once", test_through_at_once);
  ADD ("/check-turns/stopped", test_stopped);
  return g_test_run ();
}

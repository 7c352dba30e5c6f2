/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-roster.h"

static int items[4];

static void
set_up (CcbtRoster **roster, gconstpointer data)
{
  *roster = ccbt_roster_new ();
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    ccbt_roster_add (*roster, &items[i]);
}

static void
tear_down (CcbtRoster **roster, gconstpointer data)
{
  ccbt_roster_free (*roster);
}

static gboolean
is_awake (CcbtRoster *roster, gpointer item)
{
  for (guint i = 0; i < ccbt_roster_get_n_awake (roster); i++)
    if (ccbt_roster_get_awake (roster, i) == item)
      return TRUE;
  return FALSE;
}

static void
test_all_begin_awake (CcbtRoster **roster, gconstpointer data)
{
  g_assert_cmpuint (ccbt_roster_get_n_awake (*roster), ==, G_N_ELEMENTS (items));
  g_assert_null (ccbt_roster_wake_due (*roster, G_MAXINT64 - 1));
}

static void
test_the_soonest_wakes_first (CcbtRoster **roster, gconstpointer data)
{
  ccbt_roster_rest (*roster, 3, 30);
  ccbt_roster_rest (*roster, 2, 10);
  ccbt_roster_rest (*roster, 1, G_MAXINT64);
  ccbt_roster_rest (*roster, 0, 20);
  g_assert_cmpuint (ccbt_roster_get_n_awake (*roster), ==, 0);
  g_assert_null (ccbt_roster_wake_due (*roster, 9));
  g_assert_true (ccbt_roster_wake_due (*roster, 20) == &items[2]);
  g_assert_true (ccbt_roster_wake_due (*roster, 20) == &items[0]);
  g_assert_null (ccbt_roster_wake_due (*roster, 20));
  g_assert_cmpuint (ccbt_roster_get_n_awake (*roster), ==, 2);
  g_assert_true (ccbt_roster_wake_due (*roster, 1000) == &items[3]);
  g_assert_null (ccbt_roster_wake_due (*roster, 1000));
}

static void
test_who_is_woken_is_not_woken_again (CcbtRoster **roster, gconstpointer data)
{
  ccbt_roster_rest (*roster, 0, 10);
  g_assert_true (ccbt_roster_wake (*roster, &items[0]));
  g_assert_true (is_awake (*roster, &items[0]));
  g_assert_false (ccbt_roster_wake (*roster, &items[0]));
  g_assert_null (ccbt_roster_wake_due (*roster, 10));
  g_assert_cmpuint (ccbt_roster_get_n_awake (*roster), ==, G_N_ELEMENTS (items));
}

static void
test_who_is_gone_is_gone (CcbtRoster **roster, gconstpointer data)
{
  ccbt_roster_rest (*roster, 0, 10);
  ccbt_roster_remove (*roster, &items[0]); /* at rest */
  ccbt_roster_remove (*roster, &items[1]); /* awake */
  g_assert_false (ccbt_roster_wake (*roster, &items[0]));
  g_assert_false (ccbt_roster_wake (*roster, &items[1]));
  g_assert_null (ccbt_roster_wake_due (*roster, 10));
  g_assert_cmpuint (ccbt_roster_get_n_awake (*roster), ==, 2);
  g_assert_true (is_awake (*roster, &items[2]) && is_awake (*roster, &items[3]));
}

#define ADD(path, function)                                                                        \
  g_test_add ("/roster/" path, CcbtRoster *, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("all-begin-awake", test_all_begin_awake);
  ADD ("the-soonest-wakes-first", test_the_soonest_wakes_first);
  ADD ("who-is-woken-is-not-woken-again", test_who_is_woken_is_not_woken_again);
  ADD ("who-is-gone-is-gone", test_who_is_gone_is_gone);
  return g_test_run ();
}

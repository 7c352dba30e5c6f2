/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-error.h"
#include "session/ccbt-limit-schedule.h"

/* 2026-11-23 is a Monday. @day: 0 = that Monday */
static gboolean
holds (const char *text, guint day, guint hour, guint minute)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtLimitSchedule) schedule = ccbt_limit_schedule_parse (text, &error);
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier ("Europe/Paris");
  g_autoptr (GDateTime) time
      = g_date_time_new (zone, 2026, 11, 23 + (gint) day, (gint) hour, (gint) minute, 30);

  g_assert_no_error (error);
  return ccbt_limit_schedule_holds (schedule, time);
}

static void
test_days_and_times (void)
{
  const char *text = "mon-fri 08:00-18:00, sat,sun 10:00-14:00";

  g_assert_true (holds (text, 0, 8, 0));
  g_assert_true (holds (text, 4, 17, 59));
  g_assert_false (holds (text, 0, 7, 59));
  g_assert_false (holds (text, 4, 18, 0));
  g_assert_false (holds (text, 5, 9, 0));
  g_assert_true (holds (text, 5, 13, 59));
  g_assert_true (holds (text, 6, 10, 0));
  g_assert_false (holds ("", 0, 12, 0));
  g_assert_true (holds ("06:00-07:00", 3, 6, 30)); /* every day */
  g_assert_true (holds ("Sat-Mon 12:00-13:00", 0, 12, 0));
  g_assert_false (holds ("Sat-Mon 12:00-13:00", 1, 12, 0));
}

static void
test_past_midnight (void)
{
  g_assert_true (holds ("sun 22:00-06:00", 6, 23, 0));
  g_assert_true (holds ("sun 22:00-06:00", 0, 5, 59)); /* the week goes round */
  g_assert_false (holds ("sun 22:00-06:00", 0, 6, 0));
  g_assert_false (holds ("sun 22:00-06:00", 6, 5, 0));
  g_assert_true (holds ("tue 09:00-09:00", 2, 8, 59)); /* a day */
  g_assert_true (holds ("wed 00:00-24:00", 2, 23, 59));
  g_assert_false (holds ("wed 00:00-24:00", 3, 0, 0));
}

/* By the wall clock: the hour that a change of clocks repeats is twice in, the one that is left out never. */
static void
test_change_of_clocks (void)
{
  g_autoptr (CcbtLimitSchedule) schedule = ccbt_limit_schedule_parse ("sun 02:00-03:00", NULL);
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier ("Europe/Paris");
  guint n_minutes[2] = { 0, 0 };
  const gint64 midnights[2] = { 1792879200, 1774738800 }; /* 2026-10-25, 2026-03-29 in Paris */

  for (guint i = 0; i < 2; i++)
    for (guint minute = 0; minute < 360; minute++)
      {
        g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (midnights[i] + minute * 60);
        g_autoptr (GDateTime) local = g_date_time_to_timezone (utc, zone);

        n_minutes[i] += ccbt_limit_schedule_holds (schedule, local);
      }
  g_assert_cmpuint (n_minutes[0], ==, 120);
  g_assert_cmpuint (n_minutes[1], ==, 0);
}

static void
test_refuses (void)
{
  static const char *const wrong[]
      = { "mon",       "monday 08:00-09:00", "08:00",
          "8:00-9:00", "25:00-26:00",        "08:60-09:00",
          "mon-fri",   "24:00-01:00",        "mon 08:00-09:00 10:00-11:00",
          ",",         "mon 08:00-09:00,",   "mon- 08:00-09:00",
          "\xff" };
  g_autofree char *huge = g_strnfill (100000, ',');

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ccbt_limit_schedule_parse (wrong[i], &error));
      g_assert_error (error, CCBT_ERROR, CCBT_ERROR_INVALID);
    }
  g_assert_null (ccbt_limit_schedule_parse (huge, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/limit-schedule/days-and-times", test_days_and_times);
  g_test_add_func ("/limit-schedule/past-midnight", test_past_midnight);
  g_test_add_func ("/limit-schedule/change-of-clocks", test_change_of_clocks);
  g_test_add_func ("/limit-schedule/refuses", test_refuses);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-rate-trail.h"

#define LENGTH CCBT_RATE_TRAIL_LENGTH
#define STEP CCBT_RATE_TRAIL_STEP

typedef struct
{
  guint64 down[LENGTH];
  guint64 up[LENGTH];
} Slots;

static Slots
read_at (const CcbtRateTrail *trail, gint64 now)
{
  Slots slots;

  ccbt_rate_trail_read (trail, now, slots.down, slots.up);
  return slots;
}

static guint64
sum (const guint64 *bytes)
{
  guint64 all = 0;

  for (guint i = 0; i < LENGTH; i++)
    all += bytes[i];
  return all;
}

static void
test_who_moves_nothing_holds_nothing (void)
{
  CcbtRateTrail *trail = NULL;
  Slots slots;

  ccbt_rate_trail_add (&trail, 1000, 0, 0);
  g_assert_null (trail);
  slots = read_at (trail, 1000);
  g_assert_cmpuint (sum (slots.down) + sum (slots.up), ==, 0);
}

static void
test_a_slot_is_told_once_it_is_over (void)
{
  CcbtRateTrail *trail = NULL;
  Slots slots;

  for (guint i = 0; i < STEP; i++)
    ccbt_rate_trail_add (&trail, 300 * STEP + i, 1000, 10);
  slots = read_at (trail, 300 * STEP + STEP - 1);
  g_assert_cmpuint (sum (slots.down), ==, 0);
  slots = read_at (trail, 301 * STEP);
  g_assert_cmpuint (slots.down[LENGTH - 1], ==, 1000 * STEP);
  g_assert_cmpuint (slots.up[LENGTH - 1], ==, 10 * STEP);
  slots = read_at (trail, 305 * STEP);
  g_assert_cmpuint (slots.down[LENGTH - 5], ==, 1000 * STEP);
  g_assert_cmpuint (sum (slots.down), ==, 1000 * STEP);
  ccbt_rate_trail_free (trail);
}

/* Nobody adds while a torrent rests. */
static void
test_a_pause_is_a_gap (void)
{
  CcbtRateTrail *trail = NULL;
  Slots slots;

  ccbt_rate_trail_add (&trail, 100 * STEP, 5, 0);
  ccbt_rate_trail_add (&trail, 150 * STEP, 7, 0);
  slots = read_at (trail, 151 * STEP);
  g_assert_cmpuint (slots.down[LENGTH - 1], ==, 7);
  g_assert_cmpuint (slots.down[LENGTH - 51], ==, 5);
  g_assert_cmpuint (sum (slots.down), ==, 12);
  slots = read_at (trail, 260 * STEP);
  g_assert_cmpuint (sum (slots.down), ==, 0);
  ccbt_rate_trail_add (&trail, 1000 * STEP, 9, 0);
  slots = read_at (trail, 1001 * STEP);
  g_assert_cmpuint (sum (slots.down), ==, 9);
  ccbt_rate_trail_free (trail);
}

static void
test_any_amount_fits (void)
{
  CcbtRateTrail *trail = NULL;
  Slots slots;

  for (guint i = 0; i < LENGTH * 2; i++)
    ccbt_rate_trail_add (&trail, i * STEP, G_GUINT64_CONSTANT (20000000000), 0);
  slots = read_at (trail, LENGTH * 2 * STEP);
  for (guint i = 0; i < LENGTH; i++)
    g_assert_cmpfloat_with_epsilon ((double) slots.down[i], 2e10, 2e4);
  ccbt_rate_trail_free (trail);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rate-trail/nothing", test_who_moves_nothing_holds_nothing);
  g_test_add_func ("/rate-trail/slots", test_a_slot_is_told_once_it_is_over);
  g_test_add_func ("/rate-trail/pause", test_a_pause_is_a_gap);
  g_test_add_func ("/rate-trail/large", test_any_amount_fits);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-rate-history.h"
#include <string.h>

#define NOW G_GINT64_CONSTANT (1800000000)

typedef struct
{
  guint64 down[2160];
  guint64 up[2160];
  guint64 sum_down, sum_up;
} Read;

static void
read_history (CcbtRateHistory *history, CcbtHistoryScale scale, gint64 now, Read *out)
{
  memset (out, 0, sizeof *out);
  ccbt_rate_history_read (history, scale, now, out->down, out->up);
  for (guint i = 0; i < ccbt_history_scale_get_length (scale); i++)
    {
      out->sum_down += out->down[i];
      out->sum_up += out->up[i];
    }
}

static void
test_slots (void)
{
  g_autoptr (CcbtRateHistory) history = ccbt_rate_history_new ();
  Read read;

  for (guint i = 0; i < 120; i++)
    ccbt_rate_history_add (history, NOW + i, 10, 1);
  ccbt_rate_history_add (history, NOW + 119, 5, 0);
  read_history (history, CCBT_HISTORY_SECONDS, NOW + 119, &read);
  g_assert_cmpuint (read.down[599], ==, 15);
  g_assert_cmpuint (read.down[598], ==, 10);
  g_assert_cmpuint (read.down[480], ==, 10);
  g_assert_cmpuint (read.down[479], ==, 0);
  read_history (history, CCBT_HISTORY_MINUTES, NOW + 119, &read);
  g_assert_cmpuint (read.down[1439], ==, 605);
  g_assert_cmpuint (read.down[1438], ==, 600);
  g_assert_cmpuint (read.up[1438], ==, 60);
  read_history (history, CCBT_HISTORY_HOURS, NOW + 119, &read);
  g_assert_cmpuint (read.down[2159], ==, 1205);
  g_assert_cmpuint (ccbt_rate_history_get_downloaded (history), ==, 1205);
  g_assert_cmpuint (ccbt_rate_history_get_uploaded (history), ==, 120);
}

static void
test_time_passes_without_us (void)
{
  g_autoptr (CcbtRateHistory) history = ccbt_rate_history_new ();
  Read read;

  ccbt_rate_history_add (history, NOW, 7, 0);
  read_history (history, CCBT_HISTORY_SECONDS, NOW + 599, &read);
  g_assert_cmpuint (read.down[0], ==, 7);
  read_history (history, CCBT_HISTORY_SECONDS, NOW + 600, &read);
  g_assert_cmpuint (read.sum_down, ==, 0);
  ccbt_rate_history_add (history, NOW + 86400 * 30, 3, 0);
  read_history (history, CCBT_HISTORY_MINUTES, NOW + 86400 * 30, &read);
  g_assert_cmpuint (read.sum_down, ==, 3);
  read_history (history, CCBT_HISTORY_HOURS, NOW + 86400 * 30, &read);
  g_assert_cmpuint (read.sum_down, ==, 10);
  g_assert_cmpuint (read.down[2159 - 24 * 30], ==, 7);
}

static void
test_clock_goes_back (void)
{
  g_autoptr (CcbtRateHistory) history = ccbt_rate_history_new ();
  Read read;

  ccbt_rate_history_add (history, NOW, 7, 0);
  ccbt_rate_history_add (history, NOW - 30, 1, 0); /* corrected a little */
  read_history (history, CCBT_HISTORY_SECONDS, NOW, &read);
  g_assert_cmpuint (read.down[599], ==, 8);
  /* Years ahead by mistake, and back: nothing is lost, and new bytes have their own places. */
  ccbt_rate_history_add (history, NOW - 86400 * 365, 1, 0);
  read_history (history, CCBT_HISTORY_HOURS, NOW - 86400 * 365, &read);
  g_assert_cmpuint (read.sum_down, ==, 9);
  ccbt_rate_history_add (history, NOW - 86400 * 365 + 3600, 2, 0);
  read_history (history, CCBT_HISTORY_HOURS, NOW - 86400 * 365 + 3600, &read);
  g_assert_cmpuint (read.down[2159], ==, 2);
  g_assert_cmpuint (read.down[2158], ==, 9);
  ccbt_rate_history_add (history, -5, 1, 0);
}

static void
test_stored (void)
{
  g_autoptr (CcbtRateHistory) history = ccbt_rate_history_new ();
  g_autoptr (CcbtRateHistory) loaded = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) half = NULL;
  g_autoptr (GBytes) none = g_bytes_new_static ("", 0);
  Read read;

  ccbt_rate_history_add (history, NOW, 7, 70);
  ccbt_rate_history_add (history, NOW + 4000, 8, 80);
  bytes = ccbt_rate_history_save (history);
  loaded = ccbt_rate_history_load (bytes);
  g_assert_nonnull (loaded);
  g_assert_cmpuint (ccbt_rate_history_get_downloaded (loaded), ==, 15);
  g_assert_cmpuint (ccbt_rate_history_get_uploaded (loaded), ==, 150);
  read_history (loaded, CCBT_HISTORY_MINUTES, NOW + 4000, &read);
  g_assert_cmpuint (read.sum_down, ==, 15);
  g_assert_cmpuint (read.up[1439], ==, 80);
  read_history (loaded, CCBT_HISTORY_SECONDS, NOW + 4000, &read);
  g_assert_cmpuint (read.sum_down, ==, 0);
  half = g_bytes_new_from_bytes (bytes, 0, g_bytes_get_size (bytes) / 2);
  g_assert_null (ccbt_rate_history_load (half));
  g_assert_null (ccbt_rate_history_load (none));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rate-history/slots", test_slots);
  g_test_add_func ("/rate-history/time-passes", test_time_passes_without_us);
  g_test_add_func ("/rate-history/clock-goes-back", test_clock_goes_back);
  g_test_add_func ("/rate-history/stored", test_stored);
  return g_test_run ();
}

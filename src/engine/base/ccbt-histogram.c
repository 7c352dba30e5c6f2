/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-histogram.h"

static guint
find_bucket (guint64 microseconds)
{
  const gulong last = 1ul << (CCBT_HISTOGRAM_BUCKETS - 1);

  /* 0 and 1 us share bucket 0. */
  return (guint) g_bit_storage ((gulong) CLAMP (microseconds, 1, last)) - 1;
}

void
ccbt_histogram_add (CcbtHistogram *self, gint64 microseconds)
{
  guint64 value = microseconds > 0 ? (guint64) microseconds : 0;

  self->count[find_bucket (value)]++;
  if (value > self->longest)
    self->longest = value;
}

guint64
ccbt_histogram_quantile (const CcbtHistogram *self, double share)
{
  guint64 total = 0, seen = 0;

  for (guint i = 0; i < CCBT_HISTOGRAM_BUCKETS; i++)
    total += self->count[i];
  for (guint i = 0; i < CCBT_HISTOGRAM_BUCKETS - 1; i++)
    {
      seen += self->count[i];
      if ((double) seen >= share * (double) total)
        return MIN ((guint64) 2 << i, self->longest);
    }
  return self->longest; /* the last bucket has no upper border */
}

guint64
ccbt_histogram_count_over (const CcbtHistogram *self, guint64 microseconds)
{
  guint64 over = 0;

  for (guint i = find_bucket (microseconds); i < CCBT_HISTOGRAM_BUCKETS; i++)
    over += self->count[i];
  return over;
}

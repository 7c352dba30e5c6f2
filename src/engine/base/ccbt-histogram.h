/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Counts of durations in powers of two of a microsecond; adding is two instructions, no allocation.
 * One writer; a reader on another thread may see a count one behind, never torn. */
#define CCBT_HISTOGRAM_BUCKETS 28u /* the last one: 2^27 us = 134 s and more */

typedef struct
{
  guint64 count[CCBT_HISTOGRAM_BUCKETS];
  guint64 longest; /* microseconds */
} CcbtHistogram;

void ccbt_histogram_add (CcbtHistogram *self, gint64 microseconds);

/* Smallest duration (an upper bucket border, in microseconds) that @share (0.0-1.0) of all entries
 * stay under. */
guint64 ccbt_histogram_quantile (const CcbtHistogram *self, double share);

/* How many entries lasted @microseconds or longer, by whole buckets. */
guint64 ccbt_histogram_count_over (const CcbtHistogram *self, guint64 microseconds);

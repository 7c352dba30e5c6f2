/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Bytes per second, smoothed over about four seconds: a plain struct that costs an addition per
 * count. */
typedef struct
{
  guint64 total;     /* bytes since it was zeroed */
  guint64 pending;   /* bytes since `updated` */
  gint64 updated;    /* monotonic microseconds of the last fold; 0 = never */
  double per_second; /* as of `updated` */
} CcbtRateMeter;

static inline void
ccbt_rate_meter_add (CcbtRateMeter *self, guint64 bytes)
{
  self->total += bytes;
  self->pending += bytes;
}

/* Folds what came since the last call into the rate. Call it from the owner's tick, at least once a
 * second. Returns: bytes per second */
double ccbt_rate_meter_update (CcbtRateMeter *self, gint64 now);

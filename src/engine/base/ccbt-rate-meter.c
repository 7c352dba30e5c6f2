/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-rate-meter.h"
#include "base/ccbt-clock.h"

#include <math.h>

#define TIME_CONSTANT 2.0 /* seconds; 86 % of a step is seen after twice that */

double
ccbt_rate_meter_update (CcbtRateMeter *self, gint64 now)
{
  double elapsed, sample;

  if (self->updated == 0)
    {
      self->updated = now;
      self->pending = 0; /* nobody knows how long these took */
      return self->per_second;
    }
  elapsed = (double) (now - self->updated) / CCBT_SECOND;
  if (elapsed < 0.05)
    return self->per_second; /* too short to divide by */
  sample = (double) self->pending / elapsed;
  self->per_second += (sample - self->per_second) * (1.0 - exp (-elapsed / TIME_CONSTANT));
  /* Only silence ends at zero: a trickle must be able to begin. */
  if (self->pending == 0 && self->per_second < 1.0)
    self->per_second = 0.0;
  self->pending = 0;
  self->updated = now;
  return self->per_second;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-slow-watch.h"

#define SLOW_RATE 2048.0 /* bytes per second: less is next to nothing */
#define LASTING 60u      /* seconds */

gboolean
ccbt_slow_watch_count (CcbtSlowWatch *self, double rate, guint64 seconds)
{
  if ((rate < SLOW_RATE) == self->is_slow)
    {
      self->seconds = 0;
      return FALSE;
    }
  self->seconds += (guint) MIN (seconds, LASTING);
  if (self->seconds < LASTING)
    return FALSE;
  *self = (CcbtSlowWatch){ .is_slow = !self->is_slow };
  return TRUE;
}

guint
ccbt_slow_watch_get_remaining (const CcbtSlowWatch *self)
{
  return self->is_slow ? 0 : LASTING - self->seconds;
}

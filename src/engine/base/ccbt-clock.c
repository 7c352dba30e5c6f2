/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-clock.h"

static gint64
get_system_monotonic (CcbtClock *self)
{
  return g_get_monotonic_time ();
}

static gint64
get_system_wall (CcbtClock *self)
{
  return g_get_real_time ();
}

CcbtClock *
ccbt_clock_get_system (void)
{
  static CcbtClock system_clock = { get_system_monotonic, get_system_wall };

  return &system_clock;
}

static gint64
get_fake_monotonic (CcbtClock *self)
{
  return ((CcbtFakeClock *) self)->monotonic;
}

static gint64
get_fake_wall (CcbtClock *self)
{
  return ((CcbtFakeClock *) self)->wall;
}

void
ccbt_fake_clock_init (CcbtFakeClock *self, gint64 monotonic)
{
  self->parent = (CcbtClock){ get_fake_monotonic, get_fake_wall };
  self->monotonic = monotonic;
  self->wall = 1700000000 * CCBT_SECOND;
}

void
ccbt_fake_clock_advance (CcbtFakeClock *self, gint64 microseconds)
{
  self->monotonic += microseconds;
  self->wall += microseconds;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Time as the engine sees it, handed in, so that tests own it. All decisions use the monotonic side; the wall clock
 * only stamps what people read (dates added, finished). */
typedef struct _CcbtClock CcbtClock;

struct _CcbtClock
{
  gint64 (*get_monotonic) (CcbtClock *self); /* microseconds, never goes back */
  gint64 (*get_wall) (CcbtClock *self);      /* microseconds since 1970, may jump */
};

#define CCBT_SECOND ((gint64) G_USEC_PER_SEC)
#define CCBT_MILLISECOND ((gint64) G_USEC_PER_SEC / 1000)

/* The system's clocks. Returns: (transfer none): lives as long as the process */
CcbtClock *ccbt_clock_get_system (void);

/* A clock that stands until moved. */
typedef struct
{
  CcbtClock parent;
  gint64 monotonic;
  gint64 wall;
} CcbtFakeClock;

void ccbt_fake_clock_init (CcbtFakeClock *self, gint64 monotonic);
void ccbt_fake_clock_advance (CcbtFakeClock *self, gint64 microseconds);

static inline gint64
ccbt_clock_now (CcbtClock *self)
{
  return self->get_monotonic (self);
}

static inline gint64
ccbt_clock_wall (CcbtClock *self)
{
  return self->get_wall (self);
}

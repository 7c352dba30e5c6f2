/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-rate-trail.h"

#define N_SLOTS (CCBT_RATE_TRAIL_LENGTH + 1)

/* A ring: slot n is at n % N_SLOTS. Numbers with a point hold any amount in half the size, and seven digits are more
 * than a curve shows. */
struct _CcbtRateTrail
{
  gint64 newest; /* slot: time / step */
  float down[N_SLOTS];
  float up[N_SLOTS];
};

G_STATIC_ASSERT (sizeof (CcbtRateTrail) < 1024);

void
ccbt_rate_trail_free (CcbtRateTrail *self)
{
  g_free (self);
}

/* Makes @slot the newest; in those between nothing moved. */
static void
advance (CcbtRateTrail *self, gint64 slot)
{
  gint64 n_new = MIN (slot - self->newest, (gint64) N_SLOTS);

  for (gint64 i = 0; i < n_new; i++)
    self->down[(slot - i) % N_SLOTS] = self->up[(slot - i) % N_SLOTS] = 0;
  self->newest = MAX (slot, self->newest);
}

void
ccbt_rate_trail_add (CcbtRateTrail **self, gint64 now, guint64 down, guint64 up)
{
  const gint64 slot = MAX (now, 0) / CCBT_RATE_TRAIL_STEP;

  if (down == 0 && up == 0)
    return;
  if (*self == NULL)
    *self = g_new0 (CcbtRateTrail, 1);
  advance (*self, slot);
  (*self)->down[(*self)->newest % N_SLOTS] += (float) down;
  (*self)->up[(*self)->newest % N_SLOTS] += (float) up;
}

void
ccbt_rate_trail_read (const CcbtRateTrail *self, gint64 now, guint64 *down, guint64 *up)
{
  const gint64 current = MAX (now, 0) / CCBT_RATE_TRAIL_STEP;

  for (guint i = 0; i < CCBT_RATE_TRAIL_LENGTH; i++)
    {
      gint64 slot = current - CCBT_RATE_TRAIL_LENGTH + i;
      gboolean is_known
          = self != NULL && slot >= 0 && slot <= self->newest && slot > self->newest - N_SLOTS;

      down[i] = is_known ? (guint64) self->down[slot % N_SLOTS] : 0;
      up[i] = is_known ? (guint64) self->up[slot % N_SLOTS] : 0;
    }
}

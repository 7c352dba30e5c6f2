/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"

/* How many ut_holepunch messages one peer may make us act on: ten at once, then one each five
 * seconds. Each can make us, or others, dial an address of a stranger's choice. Pure. */
typedef struct
{
  double left;
  gint64 filled_at;
} CcbtHolepunchLimit;

static inline void
ccbt_holepunch_limit_init (CcbtHolepunchLimit *self, gint64 now)
{
  *self = (CcbtHolepunchLimit){ .left = 10, .filled_at = now };
}

/* Takes one. Returns: FALSE when the message is to be ignored */
static inline gboolean
ccbt_holepunch_limit_take (CcbtHolepunchLimit *self, gint64 now)
{
  self->left = MIN (self->left + (double) (now - self->filled_at) / (5 * CCBT_SECOND), 10);
  self->filled_at = now;
  if (self->left < 1)
    return FALSE;
  self->left -= 1;
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-rate-share.h"

/* Start-time fair queueing (Goyal, Vin, Cheng 1996): a claim's `served` grows by bytes / weight, and
 * the one that is least far goes on. */

/* Of a byte: so that dividing by a weight loses little. */
#define SCALE ((guint64) CCBT_RATE_WEIGHT_MAX)

static guint64
scale (const CcbtRateClaim *claim, guint64 bytes)
{
  return bytes * SCALE / CLAMP (claim->weight, 1, CCBT_RATE_WEIGHT_MAX);
}

guint32
ccbt_rate_share_available (CcbtRateShare *self, const CcbtRateClaim *claim, guint32 want,
                           gint64 now)
{
  if (self->bucket.limit == 0)
    return want;
  if (self->has_waiting && claim != NULL && claim->served >= self->first_waiting)
    return 0;
  return ccbt_rate_bucket_available (&self->bucket, want, now);
}

void
ccbt_rate_share_take (CcbtRateShare *self, CcbtRateClaim *claim, guint32 bytes)
{
  guint64 arrears;

  if (self->bucket.limit == 0)
    return;
  ccbt_rate_bucket_take (&self->bucket, bytes);
  if (claim == NULL)
    return;
  /* Who had nothing to pass for a while has no right to all that it left: a burst is enough to make
   * up for waiting. */
  arrears = scale (claim, ccbt_rate_bucket_get_burst (&self->bucket));
  if (self->reached > arrears)
    claim->served = MAX (claim->served, self->reached - arrears);
  self->reached = MAX (self->reached, claim->served);
  claim->served += scale (claim, bytes);
}

void
ccbt_rate_share_wait (CcbtRateShare *self, const CcbtRateClaim *claim)
{
  if (!self->has_waiting || claim->served < self->first_waiting)
    self->first_waiting = claim->served;
  self->has_waiting = TRUE;
}

void
ccbt_rate_share_begin_round (CcbtRateShare *self)
{
  self->has_waiting = FALSE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-rate-bucket.h"
#include "base/ccbt-clock.h"

/* Bytes that may pass at once after idling: a tenth of a second's worth, but a block and its head
 * always fit. */
#define SMALLEST_BURST (32 * 1024)
#define LARGEST_LEAST 16384
/* Its product with the largest limit fits 63 bits. */
#define LONGEST_STEP (10 * CCBT_SECOND)

/* 5 ms' worth, so that a limit is not passed in a storm of tiny reads. */
static gint64
get_least (const CcbtRateBucket *self)
{
  return (gint64) CLAMP (self->limit / 200, 1, LARGEST_LEAST);
}

gint64
ccbt_rate_bucket_get_burst (const CcbtRateBucket *self)
{
  return MAX ((gint64) (self->limit / 10), SMALLEST_BURST);
}

static void
refill (CcbtRateBucket *self, gint64 now)
{
  gint64 elapsed = now - self->updated, gained;

  if (elapsed <= 0)
    return;
  elapsed = MIN (elapsed, LONGEST_STEP); /* the burst bounds it anyway */
  /* What is less than a byte is kept, so that small steps lose nothing. */
  gained = (gint64) self->limit * elapsed + self->rest;
  self->tokens = MIN (self->tokens + gained / CCBT_SECOND, ccbt_rate_bucket_get_burst (self));
  self->rest = gained % CCBT_SECOND;
  self->updated = now;
}

void
ccbt_rate_bucket_set_limit (CcbtRateBucket *self, guint64 limit, gint64 now)
{
  if (self->limit != 0)
    refill (self, now);
  self->limit = MIN (limit, CCBT_RATE_LIMIT_MAX);
  self->updated = now;
  self->tokens = limit == 0 ? 0 : MIN (self->tokens, ccbt_rate_bucket_get_burst (self));
}

guint32
ccbt_rate_bucket_available (CcbtRateBucket *self, guint32 want, gint64 now)
{
  if (self->limit == 0)
    return want;
  refill (self, now);
  return self->tokens < MIN (get_least (self), MAX ((gint64) want, 1))
             ? 0
             : (guint32) MIN ((gint64) want, self->tokens);
}

void
ccbt_rate_bucket_take (CcbtRateBucket *self, guint32 bytes)
{
  if (self->limit != 0)
    self->tokens = MAX (self->tokens - bytes, -ccbt_rate_bucket_get_burst (self));
}

gint64
ccbt_rate_bucket_wait (CcbtRateBucket *self, guint32 want, gint64 now)
{
  gint64 missing;

  if (self->limit == 0)
    return 0;
  refill (self, now);
  missing = MIN ((gint64) want, ccbt_rate_bucket_get_burst (self)) - self->tokens;
  return missing <= 0 ? 0 : (gint64) ((double) missing * CCBT_SECOND / (double) self->limit) + 1;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* A token bucket in bytes. One per limit (global, torrent) and direction; buckets are asked in a
 * row and the smallest answer counts. No timer of its own. */
typedef struct
{
  guint64 limit;  /* bytes per second; 0 = no limit */
  gint64 tokens;  /* bytes; may go below 0 after an overdraft */
  gint64 updated; /* monotonic microseconds */
  gint64 rest;    /* millionths of a byte gained up to then and not yet in tokens */
} CcbtRateBucket;

void ccbt_rate_bucket_set_limit (CcbtRateBucket *self, guint64 limit, gint64 now);
/* How many of @want bytes may pass now; takes nothing. G_MAXUINT32 at most. */
guint32 ccbt_rate_bucket_available (CcbtRateBucket *self, guint32 want, gint64 now);
/* Takes what did pass. */
void ccbt_rate_bucket_take (CcbtRateBucket *self, guint32 bytes);
/* Microseconds until @want bytes (or the burst, when smaller) may pass; 0 = now. */
gint64 ccbt_rate_bucket_wait (CcbtRateBucket *self, guint32 want, gint64 now);

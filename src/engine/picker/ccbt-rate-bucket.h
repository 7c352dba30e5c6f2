/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Half a terabyte a second: higher limits are taken for this one. */
#define CCBT_RATE_LIMIT_MAX ((guint64) 1 << 39)

/* A token bucket in bytes. One per limit (session, torrent, peer) and direction; buckets are asked in a
 * row and the smallest answer counts. No timer of its own. */
typedef struct
{
  guint64 limit;  /* bytes per second; 0 = no limit */
  gint64 tokens;  /* bytes; may go below 0 after an overdraft */
  gint64 updated; /* monotonic microseconds */
  gint64 rest;    /* millionths of a byte gained up to then and not yet in tokens */
} CcbtRateBucket;

void ccbt_rate_bucket_set_limit (CcbtRateBucket *self, guint64 limit, gint64 now);
/* What may pass at once after idling. */
gint64 ccbt_rate_bucket_get_burst (const CcbtRateBucket *self);
/* How many of @want bytes may pass now; takes nothing. G_MAXUINT32 at most. Few bytes of many wanted
 * are not worth a call to the kernel: 0 until there are some milliseconds' worth. */
guint32 ccbt_rate_bucket_available (CcbtRateBucket *self, guint32 want, gint64 now);
/* Takes what did pass. More than was available is a debt, of one burst at most. */
void ccbt_rate_bucket_take (CcbtRateBucket *self, guint32 bytes);
/* Microseconds until @want bytes (or the burst, when smaller) may pass; 0 = now. */
gint64 ccbt_rate_bucket_wait (CcbtRateBucket *self, guint32 want, gint64 now);

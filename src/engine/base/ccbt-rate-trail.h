/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* How much one torrent moved in the last five minutes: less than a kilobyte, and nothing for one that moved nothing.
 * Pure: time is handed in, in seconds of any clock that does not go back. */
typedef struct _CcbtRateTrail CcbtRateTrail;

#define CCBT_RATE_TRAIL_STEP 3u    /* seconds of a slot */
#define CCBT_RATE_TRAIL_LENGTH 99u /* slots that are over; one more has begun */

void ccbt_rate_trail_free (CcbtRateTrail *self);

/* @self: (inout): NULL until something moves; so many bytes came and went since the last time. */
void ccbt_rate_trail_add (CcbtRateTrail **self, gint64 now, guint64 down, guint64 up);

/* Bytes of each slot that is over, the oldest first. @self: (nullable). @down, @up: CCBT_RATE_TRAIL_LENGTH of them */
void ccbt_rate_trail_read (const CcbtRateTrail *self, gint64 now, guint64 *down, guint64 *up);

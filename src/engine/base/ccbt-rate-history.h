/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* How much was moved when: the last minutes by the second, the last day by the minute, the last three months by the
 * hour; and how much since it began. A fixed size, whatever time passes. Pure: time is handed in, in seconds since
 * 1970. */
typedef struct _CcbtRateHistory CcbtRateHistory;

typedef enum
{
  CCBT_HISTORY_SECONDS, /* 600 of them; not stored */
  CCBT_HISTORY_MINUTES, /* 1,440 */
  CCBT_HISTORY_HOURS,   /* 2,160 */
} CcbtHistoryScale;

#define CCBT_N_HISTORY_SCALES (CCBT_HISTORY_HOURS + 1)

CcbtRateHistory *ccbt_rate_history_new (void);
void ccbt_rate_history_free (CcbtRateHistory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtRateHistory, ccbt_rate_history_free)

/* So many bytes came and went by @now. A clock that was put back counts on where it was; one that was put back by more
 * than an hour is believed. */
void ccbt_rate_history_add (CcbtRateHistory *self, gint64 now, guint64 down, guint64 up);

/* Since it began, over all runs. */
guint64 ccbt_rate_history_get_downloaded (const CcbtRateHistory *self);
guint64 ccbt_rate_history_get_uploaded (const CcbtRateHistory *self);

guint ccbt_history_scale_get_step (CcbtHistoryScale scale); /* seconds of one slot */
guint ccbt_history_scale_get_length (CcbtHistoryScale scale);

/* Bytes of each slot up to the one of @now, which is not over; the oldest first. @down, @up: arrays of
 * ccbt_history_scale_get_length(). */
void ccbt_rate_history_read (CcbtRateHistory *self, CcbtHistoryScale scale, gint64 now,
                             guint64 *down, guint64 *up);

/* For the state store, in the byte order of this machine. Returns: (transfer full) */
GBytes *ccbt_rate_history_save (CcbtRateHistory *self);
/* Returns: (transfer full) (nullable): NULL when @bytes are none */
CcbtRateHistory *ccbt_rate_history_load (GBytes *bytes);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"
#include "base/ccbt-info-hash.h"
#include "base/ccbt-random.h"

/* Which torrent is looked up in the DHT next. Each comes round about every 15 minutes, sooner while
 * it finds nobody; a few at a time, so that 5,000 of them make no burst. Pure: told of the time
 * (monotonic microseconds). */
#define CCBT_LOOKUPS_AT_ONCE 16u

typedef struct _CcbtLookupSchedule CcbtLookupSchedule;

CcbtLookupSchedule *ccbt_lookup_schedule_new (guint64 seed);
void ccbt_lookup_schedule_free (CcbtLookupSchedule *self);

/* It is due at once, or, when many are added together, as soon as its turn comes. Again: nothing. */
void ccbt_lookup_schedule_add (CcbtLookupSchedule *self, const CcbtSha1 *info_hash, gint64 now);
void ccbt_lookup_schedule_remove (CcbtLookupSchedule *self, const CcbtSha1 *info_hash);
/* Due now, but not oftener than once a minute. */
void ccbt_lookup_schedule_hurry (CcbtLookupSchedule *self, const CcbtSha1 *info_hash, gint64 now);
/* All are due now, those under way as soon as they are over: we stand at another address. */
void ccbt_lookup_schedule_restart (CcbtLookupSchedule *self, gint64 now);

/* The one that is due longest, marked as under way. Returns: FALSE when there is none, or as many as
 * may be are under way */
gboolean ccbt_lookup_schedule_take (CcbtLookupSchedule *self, gint64 now, CcbtSha1 *info_hash);
/* Its lookup ended. @n_nodes: that answered; @n_peers: found; @needs_peers: it still has too few. */
void ccbt_lookup_schedule_finish (CcbtLookupSchedule *self, const CcbtSha1 *info_hash,
                                  guint n_nodes, guint n_peers, gboolean needs_peers, gint64 now);

guint ccbt_lookup_schedule_get_n (CcbtLookupSchedule *self);
guint ccbt_lookup_schedule_get_n_under_way (CcbtLookupSchedule *self);
/* When the next is due; G_MAXINT64 = none waits. */
gint64 ccbt_lookup_schedule_get_next (CcbtLookupSchedule *self);

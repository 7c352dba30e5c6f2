/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"
#include "base/ccbt-info-hash.h"
#include "base/ccbt-random.h"
#include "wire/ccbt-lsd-message.h"

/* Which info-hashes to announce on the local network, and when (BEP 14): each every 5 minutes, one
 * datagram a minute in the long run. The first few go out at once, each in a datagram of its own,
 * since there are programs that read only the first hash of one; when more wait than datagrams may
 * be sent, they share one. Pure. */
typedef struct
{
  GHashTable *entries; /* CcbtSha1 -> when it is due */
  double allowance;    /* datagrams that may be sent now */
  gint64 filled_at;
  gint64 next; /* not before */
  CcbtRandom random;
} CcbtLsdSchedule;

void ccbt_lsd_schedule_init (CcbtLsdSchedule *self, guint64 seed, gint64 now);
void ccbt_lsd_schedule_clear (CcbtLsdSchedule *self);
void ccbt_lsd_schedule_add (CcbtLsdSchedule *self, const CcbtSha1 *info_hash, gint64 now);
void ccbt_lsd_schedule_remove (CcbtLsdSchedule *self, const CcbtSha1 *info_hash);
gboolean ccbt_lsd_schedule_contains (CcbtLsdSchedule *self, const CcbtSha1 *info_hash);
/* All are to be announced anew: where we listen has changed. */
void ccbt_lsd_schedule_restart (CcbtLsdSchedule *self, gint64 now);
/* What goes into one datagram now, the longest due first. Returns: how many; 0 = nothing */
guint ccbt_lsd_schedule_take (CcbtLsdSchedule *self, gint64 now,
                              CcbtSha1 info_hashes[CCBT_LSD_MAX_HASHES]);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-filter-item.h"

/* How many torrents each filter lets through. */
typedef struct
{
  guint n_torrents;
  guint states[CCBT_N_FILTER_STATES];
  GHashTable *keys[CCBT_N_FILTER_GROUPS]; /* key -> number; NULL for CCBT_FILTER_STATE. The keys are
                                             borrowed: they live as long as the torrents stay as
                                             they are. */
} CcbtFilterCounts;

/* Goes through @torrents (CcbtTorrentItem) once. */
CcbtFilterCounts *ccbt_filter_counts_new (GListModel *torrents);
void ccbt_filter_counts_free (CcbtFilterCounts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtFilterCounts, ccbt_filter_counts_free)

guint ccbt_filter_counts_get (CcbtFilterCounts *self, CcbtFilterItem *item);

/* The rows for these counts: all, the states, then each group by which anything is told apart.
 * @kept: (element-type CcbtFilterItem): rows with a key that stay although they are not counted.
 * Returns: (transfer full): CcbtFilterItem */
GPtrArray *ccbt_filter_counts_make_rows (CcbtFilterCounts *self, GPtrArray *kept);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-state-store.h"

/* The sum stored with each row. The sums of a torrent's other rows include its id, so that a row in
 * the wrong place is noticed as well. */
guint64 ccbt_state_sum_list (const CcbtTorrentRecord *record);
guint64 ccbt_state_sum_metainfo (gint64 id, GBytes *metainfo);
guint64 ccbt_state_sum_progress (gint64 id, const CcbtTorrentRecord *record);
guint64 ccbt_state_sum_value (const char *name, GBytes *value);

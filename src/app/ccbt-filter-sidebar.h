/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-torrent-filter.h"
#include "ccbt-torrent-list.h"

/* What there is to filter by, with how many torrents each would show, and what is chosen of it.
 * Counts follow once a second at most.
 *
 * Signal "changed": something else was chosen. */
#define CCBT_TYPE_FILTER_SIDEBAR (ccbt_filter_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (CcbtFilterSidebar, ccbt_filter_sidebar, CCBT, FILTER_SIDEBAR, AdwBin)

/* @filter: does what is chosen. */
void ccbt_filter_sidebar_set_torrents (CcbtFilterSidebar *self, CcbtTorrentList *torrents,
                                       CcbtTorrentFilter *filter);

/* Chooses all torrents. */
void ccbt_filter_sidebar_clear (CcbtFilterSidebar *self);

/* What is chosen, to be remembered: "state:paused", "category:Films". Returns: (transfer full) */
GStrv ccbt_filter_sidebar_save (CcbtFilterSidebar *self);
void ccbt_filter_sidebar_restore (CcbtFilterSidebar *self, const char *const *saved);

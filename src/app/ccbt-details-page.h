/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-details-model.h"

/* Overview, files, peers and trackers of one torrent. Property "item" (CcbtTorrentItem, nullable).
 * Asks the engine for details only while it is on the screen. Its close button activates
 * "win.close-details". */
#define CCBT_TYPE_DETAILS_PAGE (ccbt_details_page_get_type ())
G_DECLARE_FINAL_TYPE (CcbtDetailsPage, ccbt_details_page, CCBT, DETAILS_PAGE, AdwBin)

/* Once, when the engine is there. */
void ccbt_details_page_set_client (CcbtDetailsPage *self, CcbtClient *client);

void ccbt_details_page_set_item (CcbtDetailsPage *self, CcbtTorrentItem *item);
CcbtTorrentItem *ccbt_details_page_get_item (CcbtDetailsPage *self);

/* Folded: it has the whole window, and a way back instead of a way to close. */
void ccbt_details_page_set_folded (CcbtDetailsPage *self, gboolean is_folded);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ccbt-torrent-item.h"

/* One torrent in the list. Property "item" (CcbtTorrentItem); everything shown is bound in
 * torrent-row.ui. A tap with a finger activates "win.show-details". */
#define CCBT_TYPE_TORRENT_ROW (ccbt_torrent_row_get_type ())
G_DECLARE_FINAL_TYPE (CcbtTorrentRow, ccbt_torrent_row, CCBT, TORRENT_ROW, GtkWidget)

/* Returns: (transfer none) (nullable) */
CcbtTorrentItem *ccbt_torrent_row_get_item (CcbtTorrentRow *self);

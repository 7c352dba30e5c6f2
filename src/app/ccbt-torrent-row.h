/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>

/* One torrent in the list. Property "item" (CcbtTorrentItem); everything shown is bound in
 * torrent-row.ui. A click activates "win.show-details", the secondary button or the Menu key opens
 * the torrent's menu. */
#define CCBT_TYPE_TORRENT_ROW (ccbt_torrent_row_get_type ())
G_DECLARE_FINAL_TYPE (CcbtTorrentRow, ccbt_torrent_row, CCBT, TORRENT_ROW, GtkWidget)

/* Opens the menu beside the row. */
void ccbt_torrent_row_open_menu (CcbtTorrentRow *self);

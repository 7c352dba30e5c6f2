/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "base/ccbt-torrent-status.h"

/* The pieces of a torrent from the first to the last: above, what is there and what is being downloaded, below, how many
 * connected peers have what is missing. Says the same as its accessible value and description. */
#define CCBT_TYPE_PIECE_BAR (ccbt_piece_bar_get_type ())
G_DECLARE_FINAL_TYPE (CcbtPieceBar, ccbt_piece_bar, CCBT, PIECE_BAR, GtkWidget)

/* @details: (nullable): kept as long as it is shown */
void ccbt_piece_bar_set (CcbtPieceBar *self, CcbtTorrentDetails *details);

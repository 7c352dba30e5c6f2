/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-torrent-item.h"

/* The list of torrents: sorts a model, shows it, and holds what is selected in it. Opens the menu of
 * the selection (secondary button, long press, Menu key); activating a torrent activates
 * "win.show-details".
 *
 * Signal "selection-changed". */
#define CCBT_TYPE_TORRENT_VIEW (ccbt_torrent_view_get_type ())
G_DECLARE_FINAL_TYPE (CcbtTorrentView, ccbt_torrent_view, CCBT, TORRENT_VIEW, AdwBin)

/* @torrents: of CcbtTorrentItem; filter it before. */
void ccbt_torrent_view_set_model (CcbtTorrentView *self, GListModel *torrents);

/* Returns: (transfer full): CcbtTorrentItem, as they stand; may be empty */
GPtrArray *ccbt_torrent_view_get_selected (CcbtTorrentView *self);

/* Beside the torrent that has the keyboard. Returns: whether one has it */
gboolean ccbt_torrent_view_open_menu (CcbtTorrentView *self);

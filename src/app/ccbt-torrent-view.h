/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-torrent-item.h"

/* The list of torrents: sorts a model, shows it as rows or as a table, and holds what is selected in it. Opens the menu of
 * the selection (secondary button, long press, Menu key); activating a torrent activates
 * "win.show-details".
 *
 * Property "is-table" (b), with notify. Signal "selection-changed". */
#define CCBT_TYPE_TORRENT_VIEW (ccbt_torrent_view_get_type ())
G_DECLARE_FINAL_TYPE (CcbtTorrentView, ccbt_torrent_view, CCBT, TORRENT_VIEW, AdwBin)

/* @torrents: of CcbtTorrentItem; filter it before. */
void ccbt_torrent_view_set_model (CcbtTorrentView *self, GListModel *torrents);

/* To be told what changed in the torrents; sorts anew where it matters, once a second at most. */
void ccbt_torrent_view_note_changes (CcbtTorrentView *self, CcbtTorrentFields changed);

/* Look, columns and order. */
void ccbt_torrent_view_save (CcbtTorrentView *self, GSettings *settings);
void ccbt_torrent_view_restore (CcbtTorrentView *self, GSettings *settings);

/* Of ccbt_torrent_columns_new_menu(), for menus outside the view. Returns: (transfer full) */
GSimpleActionGroup *ccbt_torrent_view_new_column_actions (CcbtTorrentView *self);

/* Returns: (transfer full): CcbtTorrentItem, as they stand; may be empty */
GPtrArray *ccbt_torrent_view_get_selected (CcbtTorrentView *self);

/* Beside the torrent that has the keyboard. Returns: whether one has it */
gboolean ccbt_torrent_view_open_menu (CcbtTorrentView *self);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-event-bus.h"
#include "ccbt-torrent-item.h"

/* All torrents, as a GListModel of CcbtTorrentItem in no order that means anything: the one
 * listener to the bus. Many new ones come a few a turn of the loop, the last added first. What
 * changes in a torrent is told by its item, never by `items-changed`.
 *
 * Signal "changed" (u): once a batch, which CcbtTorrentFields of any of them changed. */
#define CCBT_TYPE_TORRENT_LIST (ccbt_torrent_list_get_type ())
G_DECLARE_FINAL_TYPE (CcbtTorrentList, ccbt_torrent_list, CCBT, TORRENT_LIST, GObject)

CcbtTorrentList *ccbt_torrent_list_new (void);

/* Starts to follow @bus. */
void ccbt_torrent_list_set_bus (CcbtTorrentList *self, CcbtEventBus *bus);

/* Hidden ones included. Returns: (transfer none) (nullable) */
CcbtTorrentItem *ccbt_torrent_list_lookup (CcbtTorrentList *self, const char *info_hash);

/* Is @item still a torrent that is not hidden? In the model it is now or very soon. */
gboolean ccbt_torrent_list_contains (CcbtTorrentList *self, CcbtTorrentItem *item);

/* Takes torrents out of the model, or puts them back, while the engine keeps them: for a removal
 * that can be undone. One change of the model, however many they are. */
void ccbt_torrent_list_set_hidden (CcbtTorrentList *self, const char *const *info_hashes,
                                   gboolean is_hidden);

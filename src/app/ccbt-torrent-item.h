/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-torrent-status.h"

/* One torrent as views bind to it. Texts are made when somebody asks, that is for rows on the
 * screen; `notify` comes only for what changed. All properties are read-only: "name" s, "info-hash"
 * s, "target" GVariant s for actions, "added-at" x, "progress" d, "is-paused" b, "has-metadata" b,
 * "is-complete" b, "bar-classes" as, "rates-chars" and "eta-chars" u (how much room these two texts
 * need), and as text: "state-text", "amount-text", "rates-text", "eta-text", "peers-text",
 * "downloaded-text", "uploaded-text", "ratio-text", "size-text", "pieces-text", "added-text",
 * "completed-text", "folder-text", "toggle-icon", "toggle-text" */
#define CCBT_TYPE_TORRENT_ITEM (ccbt_torrent_item_get_type ())
G_DECLARE_FINAL_TYPE (CcbtTorrentItem, ccbt_torrent_item, CCBT, TORRENT_ITEM, GObject)

CcbtTorrentItem *ccbt_torrent_item_new (CcbtTorrentStatus *status);

void ccbt_torrent_item_update (CcbtTorrentItem *self, CcbtTorrentStatus *status);

/* Borrowed until the next update. */
const CcbtTorrentStatus *ccbt_torrent_item_get_status (CcbtTorrentItem *self);

const char *ccbt_torrent_item_get_info_hash (CcbtTorrentItem *self);

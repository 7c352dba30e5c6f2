/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-torrent-status.h"

/* Groups of fields of the snapshot that change together. */
typedef enum
{
  CCBT_FIELDS_NAME = 1 << 0,
  CCBT_FIELDS_STATE = 1 << 1, /* with errors and the user's wish */
  CCBT_FIELDS_PROGRESS = 1 << 2,
  CCBT_FIELDS_RATES = 1 << 3,
  CCBT_FIELDS_ETA = 1 << 4,
  CCBT_FIELDS_PEERS = 1 << 5,
  CCBT_FIELDS_TOTALS = 1 << 6,
  CCBT_FIELDS_SIZE = 1 << 7, /* with the arrival of the metadata */
  CCBT_FIELDS_FOLDER = 1 << 8,
  CCBT_FIELDS_DATES = 1 << 9,
  CCBT_FIELDS_TIMES = 1 << 10,   /* spent, s */
  CCBT_FIELDS_OPTIONS = 1 << 11, /* base/ccbt-torrent-options.h */
  CCBT_FIELDS_HINDRANCE = 1 << 12,
} CcbtTorrentFields;

/* One torrent as views bind to it. Texts are made when somebody asks, that is for rows on the
 * screen; `notify` comes only for what changed. All properties are read-only: "name" s, "info-hash"
 * s, "target" GVariant as for actions, "added-at" x, "progress" d, "is-paused" b, "has-metadata" b,
 * "is-complete" b, "bar-classes" as, "rates-chars" and "eta-chars" u (how much room these two texts
 * need), and as text: "state-text", "amount-text", "rates-text", "eta-text", "peers-text",
 * "downloaded-text", "uploaded-text", "ratio-text", "size-text", "pieces-text", "added-text",
 * "completed-text", "folder-text", "toggle-icon", "toggle-text". "name" is the user's own one where
 * there is one.
 *
 * Signal "changed" (u, CcbtTorrentFields), after the notifications. */
#define CCBT_TYPE_TORRENT_ITEM (ccbt_torrent_item_get_type ())
G_DECLARE_FINAL_TYPE (CcbtTorrentItem, ccbt_torrent_item, CCBT, TORRENT_ITEM, GObject)

CcbtTorrentItem *ccbt_torrent_item_new (CcbtTorrentStatus *status);

/* Returns: what is different now */
CcbtTorrentFields ccbt_torrent_item_update (CcbtTorrentItem *self, CcbtTorrentStatus *status);

/* Borrowed until the next update. */
const CcbtTorrentStatus *ccbt_torrent_item_get_status (CcbtTorrentItem *self);

const char *ccbt_torrent_item_get_info_hash (CcbtTorrentItem *self);

/* The same as the property. */
const char *ccbt_torrent_item_get_name (CcbtTorrentItem *self);

/* ccbt_format_search_key() of the name. */
const char *ccbt_torrent_item_get_search_key (CcbtTorrentItem *self);

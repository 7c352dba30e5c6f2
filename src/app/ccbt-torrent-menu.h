/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-torrent-item.h"

/* The menu of one torrent, for its row and for the details. Returns: (transfer full) */
GMenuModel *ccbt_torrent_menu_new (CcbtTorrentItem *item);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-window.h"

/* The menu of one torrent or several, for the list and for the details, in @window. @items:
 * CcbtTorrentItem, at least one. Returns: (transfer full) */
GMenuModel *ccbt_torrent_menu_new (CcbtWindow *window, GPtrArray *items);

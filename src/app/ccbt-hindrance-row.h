/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-torrent-item.h"

/* Says why a torrent is not faster, with a button for what helps; hidden when there is nothing to say.
 * Property "item" (CcbtTorrentItem, nullable). */
#define CCBT_TYPE_HINDRANCE_ROW (ccbt_hindrance_row_get_type ())
G_DECLARE_FINAL_TYPE (CcbtHindranceRow, ccbt_hindrance_row, CCBT, HINDRANCE_ROW, AdwActionRow)

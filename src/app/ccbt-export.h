/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-window.h"

/* Asks where to, then writes the torrent's .torrent file there. */
void ccbt_export_choose (CcbtWindow *window, CcbtTorrentItem *item);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-window.h"

/* Asks for another name of one torrent in the list; its files keep theirs. */
void ccbt_rename_ask (CcbtWindow *window, CcbtTorrentItem *item);

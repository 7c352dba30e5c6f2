/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-window.h"

/* What can be done to torrents, as actions of the window with their info-hashes (as) as target:
 * win.toggle, win.pause, win.resume, win.check, win.announce, win.copy-name, win.copy-hash,
 * win.copy-magnet, win.copy-path, win.move-files, win.cancel-move, win.remove, win.remove-with-files; and to the first of them:
 * win.open, win.show-folder, win.rename, win.export. */
void ccbt_torrent_actions_add_to (CcbtWindow *window);

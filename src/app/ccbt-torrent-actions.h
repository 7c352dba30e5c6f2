/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-window.h"

/* What can be done to one torrent, as actions of the window with its info-hash as target:
 * win.toggle, win.pause, win.resume, win.check, win.announce, win.copy-magnet, win.open,
 * win.show-folder, win.move-files, win.cancel-move, win.remove, win.remove-with-files. */
void ccbt_torrent_actions_add_to (CcbtWindow *window);
/* @event: CCBT_EVENT_MOVE_FAILED */
void ccbt_torrent_actions_tell_move_failed (CcbtWindow *window, CcbtEvent *event);

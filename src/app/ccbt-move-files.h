/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-window.h"

/* Moving the files of torrents to another folder. */

/* Asks for the folder, beginning at @folder, and moves the files of all of them there. */
void ccbt_move_files_choose (CcbtWindow *window, const char *const *info_hashes,
                             const char *folder);
/* @event: CCBT_EVENT_MOVE_FAILED */
void ccbt_move_files_tell_failed (CcbtWindow *window, CcbtEvent *event);

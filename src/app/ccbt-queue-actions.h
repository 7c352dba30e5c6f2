/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-window.h"

/* The place of torrents in the queue, as actions of the window with their info-hashes (as) as target:
 * win.queue-top, win.queue-up, win.queue-down, win.queue-bottom, win.force-start, win.leave-to-queue,
 * win.super-seed, win.seed-plainly. */
void ccbt_queue_actions_add_to (CcbtWindow *window);

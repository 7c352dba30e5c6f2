/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-window.h"

/* Takes torrents off the list, with one offer for all of them to undo it. */
void ccbt_removal_begin (CcbtWindow *window, const char *const *info_hashes);

/* Asks, then removes torrents and moves what they downloaded to the trash. */
void ccbt_removal_ask_with_files (CcbtWindow *window, const char *const *info_hashes);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-window.h"

/* Appends "Priority", "Category" and "Tags" to @menu, for @items (CcbtTorrentItem): what they have
 * is marked, what is chosen they get. The actions behind it are those of the menu made last. */
void ccbt_filing_menu_append (GMenu *menu, CcbtWindow *window, GPtrArray *items);

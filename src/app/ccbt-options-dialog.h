/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-client.h"

/* What a user decides about one or several torrents: limits, place in the queue, goals, how they
 * are filed. Only what was touched is changed. Closes itself when the engine has taken it. */
#define CCBT_TYPE_OPTIONS_DIALOG (ccbt_options_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CcbtOptionsDialog, ccbt_options_dialog, CCBT, OPTIONS_DIALOG, AdwWindow)

/* @items: CcbtTorrentItem, at least one. */
GtkWidget *ccbt_options_dialog_new (GtkWindow *parent, CcbtClient *client, GPtrArray *items);

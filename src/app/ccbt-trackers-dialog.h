/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-client.h"

/* The trackers of one torrent as a text to edit: added, changed, removed and put in another order
 * in one go. Closes itself when the engine has taken them. */
#define CCBT_TYPE_TRACKERS_DIALOG (ccbt_trackers_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CcbtTrackersDialog, ccbt_trackers_dialog, CCBT, TRACKERS_DIALOG, AdwWindow)

/* @text: as of ccbt_tracker_text_format(). */
GtkWidget *ccbt_trackers_dialog_new (GtkWindow *parent, CcbtClient *client, const char *info_hash,
                                     const char *text);

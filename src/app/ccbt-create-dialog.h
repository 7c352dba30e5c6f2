/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-window.h"

/* Makes a torrent of a file or a folder: what goes in, where it goes, who is told of it; then how far
 * it has come. Closing it gives up what is under way. The window tells how it went. */
#define CCBT_TYPE_CREATE_DIALOG (ccbt_create_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CcbtCreateDialog, ccbt_create_dialog, CCBT, CREATE_DIALOG, AdwWindow)

/* Present it afterwards. */
CcbtCreateDialog *ccbt_create_dialog_new (CcbtWindow *parent, CcbtClient *client);
/* What is to be shared; where the torrent goes follows from it, until that is chosen too. */
void ccbt_create_dialog_set_content (CcbtCreateDialog *self, GFile *content);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>

/* A row of a form that holds a folder: its path, the space left there, and a chooser. Property
 * "folder" (GFile), with notify. */
#define CCBT_TYPE_FOLDER_ROW (ccbt_folder_row_get_type ())
G_DECLARE_FINAL_TYPE (CcbtFolderRow, ccbt_folder_row, CCBT, FOLDER_ROW, AdwActionRow)

void ccbt_folder_row_set_folder (CcbtFolderRow *self, GFile *folder);

/* Borrowed, or NULL before the first was set. */
GFile *ccbt_folder_row_get_folder (CcbtFolderRow *self);

/* What is to be put there, in bytes: less space than that is shown as a warning. */
void ccbt_folder_row_set_needed (CcbtFolderRow *self, guint64 bytes);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>

/* A file with its check box; in the details also with progress and priority. Properties: "item"
 * (CcbtFileItem), "is-live" b: the torrent is in the session. */
#define CCBT_TYPE_FILE_ROW (ccbt_file_row_get_type ())
G_DECLARE_FINAL_TYPE (CcbtFileRow, ccbt_file_row, CCBT, FILE_ROW, GtkWidget)

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ccbt-torrent-item.h"

/* The columns of a table of torrents: one for each ccbt_torrent_values_get(). */

void ccbt_torrent_columns_add_to (GtkColumnView *view);

/* To show and hide them: "columns.ID", and the menu that lists these actions. Both: (transfer full)
 */
GSimpleActionGroup *ccbt_torrent_columns_new_actions (GtkColumnView *view);
GMenuModel *ccbt_torrent_columns_new_menu (void);

/* The torrent that a cell of such a table shows. Returns: (transfer none) (nullable): NULL when
 * @widget is no cell */
CcbtTorrentItem *ccbt_torrent_columns_get_item (GtkWidget *widget);

/* Order, widths and which are shown. Returns: (transfer floating): a(sib): ID, pixels, shown */
GVariant *ccbt_torrent_columns_save (GtkColumnView *view);
/* What is unknown or missing in @saved is left as it is. */
void ccbt_torrent_columns_restore (GtkColumnView *view, GVariant *saved);

/* By which column the table is sorted first. @is_descending: (out). Returns: its ID, NULL = by none */
const char *ccbt_torrent_columns_get_sort (GtkColumnView *view, gboolean *is_descending);
void ccbt_torrent_columns_set_sort (GtkColumnView *view, const char *id, gboolean is_descending);

/* To be told what changed in the torrents; sorts anew where it matters. */
void ccbt_torrent_columns_refresh (GtkColumnView *view, CcbtTorrentFields changed);

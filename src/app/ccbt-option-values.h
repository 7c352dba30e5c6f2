/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* What several torrents (CcbtTorrentItem) have in common of what their user decided, by the keys of
 * base/ccbt-torrent-options.h, and "sequential" b beside them. */

/* Returns: (transfer full) (nullable): NULL when they differ */
GVariant *ccbt_option_values_get_common (GPtrArray *items, const char *key);

/* How many of them have @tag. */
guint ccbt_option_values_count_tag (GPtrArray *items, const char *tag);

/* What any of @torrents is filed under, sorted as people sort. Returns: (transfer full) */
GStrv ccbt_option_values_list_categories (GListModel *torrents);
GStrv ccbt_option_values_list_tags (GListModel *torrents);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-torrent-item.h"

/* The tags of one or several torrents as rows of a dialog: a box for each tag that any torrent has,
 * and an entry for new ones. Tags that only some of them have stay with those until the user
 * touches the box. */
#define CCBT_TYPE_TAGS_OPTION (ccbt_tags_option_get_type ())
G_DECLARE_FINAL_TYPE (CcbtTagsOption, ccbt_tags_option, CCBT, TAGS_OPTION, GObject)

/* Appends the rows to @group. @items: CcbtTorrentItem. @used: the tags that there are. */
CcbtTagsOption *ccbt_tags_option_new (AdwPreferencesGroup *group, GPtrArray *items,
                                      const char *const *used);

/* @item: one of them. Returns: (transfer full) (nullable): as; NULL when it keeps its tags */
GVariant *ccbt_tags_option_get_change (CcbtTagsOption *self, CcbtTorrentItem *item);

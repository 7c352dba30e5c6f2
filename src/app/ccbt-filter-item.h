/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-torrent-filter.h"

typedef enum
{
  CCBT_FILTER_ITEM_ALL,     /* every torrent */
  CCBT_FILTER_ITEM_HEADING, /* of a group; cannot be chosen */
  CCBT_FILTER_ITEM_KEY,
} CcbtFilterItemKind;

/* One row of the sidebar. Property "count" (u), with notify. */
#define CCBT_TYPE_FILTER_ITEM (ccbt_filter_item_get_type ())
G_DECLARE_FINAL_TYPE (CcbtFilterItem, ccbt_filter_item, CCBT, FILTER_ITEM, GObject)

/* @key: (nullable): of CCBT_FILTER_ITEM_KEY only */
CcbtFilterItem *ccbt_filter_item_new (CcbtFilterItemKind kind, CcbtFilterGroup group,
                                      const char *key);

CcbtFilterItemKind ccbt_filter_item_get_kind (CcbtFilterItem *self);
CcbtFilterGroup ccbt_filter_item_get_group (CcbtFilterItem *self);
const char *ccbt_filter_item_get_key (CcbtFilterItem *self);
guint ccbt_filter_item_get_count (CcbtFilterItem *self);
void ccbt_filter_item_set_count (CcbtFilterItem *self, guint count);

/* In the user's language. */
const char *ccbt_filter_item_get_label (CcbtFilterItem *self);
const char *ccbt_filter_item_get_icon (CcbtFilterItem *self);

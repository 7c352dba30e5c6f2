/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib-object.h>

/* A peer or a tracker as a row shows it. Properties, read-only: "title" s, "subtitle" s, "value" s,
 * "progress" d. */
#define CCBT_TYPE_DETAIL_ITEM (ccbt_detail_item_get_type ())
G_DECLARE_FINAL_TYPE (CcbtDetailItem, ccbt_detail_item, CCBT, DETAIL_ITEM, GObject)

/* @title names the item and does not change: the address of a peer, the URL of a tracker. */
CcbtDetailItem *ccbt_detail_item_new (const char *title);

const char *ccbt_detail_item_get_title (CcbtDetailItem *self);

/* Takes both texts. */
void ccbt_detail_item_take (CcbtDetailItem *self, char *subtitle, char *value, double progress);

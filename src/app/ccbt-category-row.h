/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>

/* The category of one or several torrents as a row of a dialog: an entry that completes to
 * categories that there are. */
#define CCBT_TYPE_CATEGORY_ROW (ccbt_category_row_get_type ())
G_DECLARE_FINAL_TYPE (CcbtCategoryRow, ccbt_category_row, CCBT, CATEGORY_ROW, AdwActionRow)

/* @value: (nullable): NULL when torrents differ. @used: the categories that there are. */
void ccbt_category_row_set_value (CcbtCategoryRow *self, GVariant *value, const char *const *used);

/* Returns: (transfer full) (nullable): NULL when it is as it was */
GVariant *ccbt_category_row_get_change (CcbtCategoryRow *self);

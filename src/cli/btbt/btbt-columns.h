/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* A list of torrents as ccbt_control_client_columns() gives it: chosen from, put in order, looked at cell by cell. */
typedef struct _BtbtColumns BtbtColumns;

/* @columns: a{sv}, borrowed. Returns: (transfer full) */
BtbtColumns *btbt_columns_new (GVariant *columns);
void btbt_columns_free (BtbtColumns *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BtbtColumns, btbt_columns_free)

/* The rows that pass @filter (a state, category, tag or part of the name; (nullable): all), in the order of the column
 * @key. Returns: (transfer full): (element-type guint) */
GArray *btbt_columns_arrange (BtbtColumns *self, const char *filter, const char *key);

/* Returns: (transfer full) (nullable): NULL: there is no such column */
GVariant *btbt_columns_get_cell (BtbtColumns *self, const char *key, guint row);
/* Returns: (transfer floating): a{sv} */
GVariant *btbt_columns_get_row (BtbtColumns *self, guint row);

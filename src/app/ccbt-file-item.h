/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-types.h"

/* One file of a torrent, in the add dialog and in the details. Properties, read-only: "name" s,
 * "folder" s ("" at the top), "length" t, "size-text" s, "progress" d, "priority" u (CcbtPriority),
 * "is-wanted" b. Signal "chosen" (): the user, not the engine, has changed the priority. */
#define CCBT_TYPE_FILE_ITEM (ccbt_file_item_get_type ())
G_DECLARE_FINAL_TYPE (CcbtFileItem, ccbt_file_item, CCBT, FILE_ITEM, GObject)

/* @index: within the torrent. @path: relative, '/' between components, printable. */
CcbtFileItem *ccbt_file_item_new (guint index, const char *path, guint64 length);

/* What the engine says. */
void ccbt_file_item_update (CcbtFileItem *self, guint64 done, CcbtPriority priority);

/* What the user says; emits "chosen" when it is something new. */
void ccbt_file_item_choose (CcbtFileItem *self, CcbtPriority priority);

guint ccbt_file_item_get_index (CcbtFileItem *self);
const char *ccbt_file_item_get_name (CcbtFileItem *self);
guint64 ccbt_file_item_get_length (CcbtFileItem *self);
CcbtPriority ccbt_file_item_get_priority (CcbtFileItem *self);

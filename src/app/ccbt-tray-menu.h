/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* One entry: an action without parameter, by its name in the group. One with a boolean state is
 * shown with a check mark, unless it has two labels. Static strings, to be translated. */
typedef struct
{
  const char *action;   /* NULL = a line between entries */
  const char *label;    /* '_' before the letter that chooses it */
  const char *label_on; /* (nullable): while its state is TRUE */
} CcbtTrayEntry;

/* A menu that another program shows: com.canonical.dbusmenu over a group of actions. */
#define CCBT_TYPE_TRAY_MENU (ccbt_tray_menu_get_type ())
G_DECLARE_FINAL_TYPE (CcbtTrayMenu, ccbt_tray_menu, CCBT, TRAY_MENU, GObject)

/* Exports it at @path until it is disposed of. @entries: static. */
CcbtTrayMenu *ccbt_tray_menu_new (GDBusConnection *connection, const char *path,
                                  GActionGroup *actions, const CcbtTrayEntry *entries,
                                  guint n_entries);

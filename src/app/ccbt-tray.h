/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-activity.h"

/* The icon in the tray: org.kde.StatusNotifierItem, whose tooltip says what the session does, with
 * a menu of the application's actions. It shows where there is a watcher and something that draws
 * icons, and comes and goes with them. Property "is-shown" b, read-only, with notify. Signal
 * "activate" (s token): it was clicked; the token, maybe "", lets a window come to the front. */
#define CCBT_TYPE_TRAY (ccbt_tray_get_type ())
G_DECLARE_FINAL_TYPE (CcbtTray, ccbt_tray, CCBT, TRAY, GObject)

/* @actions: has pause-all, resume-all, quit, and with boolean states window-shown and
 * alternative-limits. */
CcbtTray *ccbt_tray_new (GDBusConnection *connection, GActionGroup *actions,
                         CcbtActivity *activity);

/* Does somebody see it? */
gboolean ccbt_tray_is_shown (CcbtTray *self);

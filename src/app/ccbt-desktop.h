/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ccbt-client.h"

/* What the desktop is told of the session beside the window, and what it can do to it: owns the
 * tray, the number on the dock, the lock against sleep, the search of the shell, the start at login,
 * and whatever keeps the session going without its window. Each of them knows only the activity it
 * shows and the actions it runs. Adds the actions "window-shown", "keep-running",
 * "alternative-limits" and, once the engine runs, "start-at-login", all with boolean states, to the
 * application. */
#define CCBT_TYPE_DESKTOP (ccbt_desktop_get_type ())
G_DECLARE_FINAL_TYPE (CcbtDesktop, ccbt_desktop, CCBT, DESKTOP, GObject)

/* Before @application has a window; it must outlive the desktop. */
CcbtDesktop *ccbt_desktop_new (GtkApplication *application, CcbtClient *client);

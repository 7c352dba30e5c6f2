/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ccbt-client.h"

/* What the desktop is told of the session beside the window, and what it can do to it: the tray and
 * where the window goes when it is closed. Adds the actions "window-shown" and
 * "alternative-limits", both with boolean states, to the application. */
#define CCBT_TYPE_DESKTOP (ccbt_desktop_get_type ())
G_DECLARE_FINAL_TYPE (CcbtDesktop, ccbt_desktop, CCBT, DESKTOP, GObject)

/* Before @application has a window; it must outlive the desktop. */
CcbtDesktop *ccbt_desktop_new (GtkApplication *application, CcbtClient *client);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ccbt-client.h"

/* Where the main window goes when it is closed, and how it comes back. While there is a tray it is
 * hidden, and the session goes on; without one the user is asked once. Adds the actions
 * "window-shown" and "keep-running" (boolean states) to the application. Property "is-hidden" b,
 * read-only, with notify: there is a window, and the session goes on without it. */
#define CCBT_TYPE_WINDOW_KEEPER (ccbt_window_keeper_get_type ())
G_DECLARE_FINAL_TYPE (CcbtWindowKeeper, ccbt_window_keeper, CCBT, WINDOW_KEEPER, GObject)

/* Before @application has a window; it must outlive the keeper. */
CcbtWindowKeeper *ccbt_window_keeper_new (GtkApplication *application, CcbtClient *client);

gboolean ccbt_window_keeper_is_hidden (CcbtWindowKeeper *self);

/* Without a tray a window that was hidden there is shown again, unless the user wants to do
 * without: nobody would know how to reach it. */
void ccbt_window_keeper_set_has_tray (CcbtWindowKeeper *self, gboolean has_tray);

/* Shows the window, or hides it. @token: lets it come to the front; "" = none */
void ccbt_window_keeper_toggle (CcbtWindowKeeper *self, const char *token);

/* Says it in the window, if that is shown. */
void ccbt_window_keeper_mention (CcbtWindowKeeper *self, const char *message);

/* Shows the window, and @message in it. */
void ccbt_window_keeper_tell (CcbtWindowKeeper *self, const char *message);

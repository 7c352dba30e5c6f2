/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-client.h"

/* The main window: the list, the details beside it (or over it, when there is no room), ways to
 * add. */
#define CCBT_TYPE_WINDOW (ccbt_window_get_type ())
G_DECLARE_FINAL_TYPE (CcbtWindow, ccbt_window, CCBT, WINDOW, AdwApplicationWindow)

CcbtWindow *ccbt_window_new (GtkApplication *application, CcbtClient *client);

/* Opens the add dialog for @source (a{sv} as torrent.add takes it; floating is taken): at once,
 * after the dialogs that are already open, or when the engine has started. */
void ccbt_window_add (CcbtWindow *self, GVariant *source);

/* The same for a file or a link, wherever it came from. */
void ccbt_window_add_file (CcbtWindow *self, GFile *file);

void ccbt_window_show_details (CcbtWindow *self, const char *info_hash);

/* Returns: FALSE when no details are shown */
gboolean ccbt_window_close_details (CcbtWindow *self);

/* Runs @action, which takes info-hashes, for all torrents that are selected. Returns: FALSE when there are none, or
 * when something else has the keyboard */
gboolean ccbt_window_act_on_selected (CcbtWindow *self, const char *action);

/* That of the selected torrents, where they are. Returns: FALSE when there are none */
gboolean ccbt_window_open_menu (CcbtWindow *self);

/* Shows what has @text in its name, as if it had been typed. */
void ccbt_window_search (CcbtWindow *self, const char *text);

/* A message that goes away by itself. @text: plain. */
void ccbt_window_tell (CcbtWindow *self, const char *text);
void ccbt_window_add_toast (CcbtWindow *self, AdwToast *toast);

CcbtClient *ccbt_window_get_client (CcbtWindow *self);

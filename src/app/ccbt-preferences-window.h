/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-client.h"

/* All settings the engine has, made from what it tells of them; changes hold at once. Follows changes that others
 * make while it is open. */
#define CCBT_TYPE_PREFERENCES_WINDOW (ccbt_preferences_window_get_type ())
G_DECLARE_FINAL_TYPE (CcbtPreferencesWindow, ccbt_preferences_window, CCBT, PREFERENCES_WINDOW,
                      AdwPreferencesWindow)

/* Present it afterwards. */
CcbtPreferencesWindow *ccbt_preferences_window_new (GtkWindow *parent, CcbtClient *client);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* The entry that starts the program with the desktop session, without a window:
 * $XDG_CONFIG_HOME/autostart/APPLICATION-ID.desktop. Desktops' own settings change it too. All of
 * it happens on a thread of its own. */

/* Is it there, and not turned off? */
void ccbt_autostart_file_read_async (GAsyncReadyCallback callback, gpointer user_data);

/* Writes it, or deletes it. */
void ccbt_autostart_file_set_async (gboolean is_wanted, GAsyncReadyCallback callback,
                                    gpointer user_data);

/* For both. @is_on: (out): how it is now, even after an error of writing. Returns: FALSE on error */
gboolean ccbt_autostart_file_finish (GAsyncResult *result, gboolean *is_on, GError **error);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>

/* Opens @path with the program the user chose for it. @parent: (nullable). Finish with
 * ccbt_show_file_finish(). */
void ccbt_show_file_open_async (const char *path, GtkWindow *parent, GAsyncReadyCallback callback,
                                gpointer user_data);

/* Shows @path in the file manager: selected in its folder where the file manager can do that, else
 * the folder. */
void ccbt_show_file_in_folder_async (const char *path, GtkWindow *parent,
                                     GAsyncReadyCallback callback, gpointer user_data);

gboolean ccbt_show_file_finish (GAsyncResult *result, GError **error);

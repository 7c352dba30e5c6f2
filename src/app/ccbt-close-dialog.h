/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>

/* @keep_running: FALSE = quit */
typedef void (*CcbtCloseFunc) (gpointer data, gboolean keep_running);

/* Asks whether the session goes on without its window. @answered is called when there is an answer,
 * while @object lives, and not when the dialog is closed without one. Returns: (transfer none) */
GtkWidget *ccbt_close_dialog_ask (GtkWindow *parent, CcbtCloseFunc answered, GObject *object);

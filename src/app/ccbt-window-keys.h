/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>

/* The keys of the main window that act on its torrents. @window_class: of CcbtWindow, while it is initialised */
void ccbt_window_keys_bind (GtkWidgetClass *window_class);

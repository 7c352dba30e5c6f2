/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>

typedef void (*CcbtDropFilesFunc) (gpointer data, GSList *files); /* GFile, borrowed */
typedef void (*CcbtDropTextFunc) (gpointer data, const char *text);

/* Lets files and links be dropped on @widget. @data lives as long as @widget. */
void ccbt_drop_target_add_to (GtkWidget *widget, CcbtDropFilesFunc files, CcbtDropTextFunc text,
                              gpointer data);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>

/* Gives each button, check box, switch and number at or below @root one clean name. GTK 4.8 reads out both
 * the text with its underscore and the label inside ("_Add Add"), and rows add their title once
 * more; of a button that shows an icon it does not tell the tooltip. To be called after the template was made. */
void ccbt_accessible_tidy (GtkWidget *root);

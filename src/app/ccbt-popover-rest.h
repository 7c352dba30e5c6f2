/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>

/* Takes the surface from every popover of this program as soon as it has closed; it gets a new one when it opens
 * again. GTK 4.8 still sends pointer motion to the surface of a closed popover when the window was laid out while
 * it stood open. The popover that nobody sees then gets the next clicks, and if it was destroyed meanwhile the
 * program crashes at the next layout. To be called once, after gtk_init(), on the main thread. */
void ccbt_popover_rest_when_closed (void);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Do we run in a sandbox, where the desktop is reached through its portals only? GTK_USE_PORTAL=1
 * makes us believe it, as it does GTK. */
gboolean ccbt_is_sandboxed (void);

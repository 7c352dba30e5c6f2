/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* What the window remembers about itself. Run from a build folder there may be no schema: then
 * nothing is remembered, and nothing fails. Returns: (transfer full) (nullable) */
GSettings *ccbt_settings_open (void);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "base/ccbt-event-bus.h"

/* Says whether others can connect to us, on IPv4 and on IPv6, what that rests on, and what to do
 * when they cannot. Follows the session while it is open. */
#define CCBT_TYPE_CONNECTION_WINDOW (ccbt_connection_window_get_type ())
G_DECLARE_FINAL_TYPE (CcbtConnectionWindow, ccbt_connection_window, CCBT, CONNECTION_WINDOW,
                      AdwWindow)

/* Present it afterwards. */
CcbtConnectionWindow *ccbt_connection_window_new (GtkWindow *parent, CcbtEventBus *bus);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* CCBT_ERROR goes over D-Bus by name, "...CcBitTorrent1.Error.NotFound", and comes out as CCBT_ERROR
 * at the other end. Any thread, any number of times; before the first call. */
void ccbt_control_register_errors (void);

/* What a call over D-Bus failed with, as CCBT_ERROR: our own by name, with the message alone; what
 * D-Bus or the socket said as NETWORK, INVALID or NOT_FOUND; cancelled stays G_IO_ERROR_CANCELLED. Takes @error. Returns: (transfer full) */
GError *ccbt_control_error_from_dbus (GError *error);

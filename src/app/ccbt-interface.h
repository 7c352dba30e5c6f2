/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* Exports the D-Bus interface @name, as data/dbus/NAME.xml describes it, at @path. Returns: for
 * g_dbus_connection_unregister_object(); 0, and a warning, when something is there already */
guint ccbt_interface_export (GDBusConnection *connection, const char *path, const char *name,
                             const GDBusInterfaceVTable *vtable, gpointer data);

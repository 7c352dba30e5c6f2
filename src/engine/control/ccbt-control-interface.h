/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-command.h"
#include <gio/gio.h>

#define CCBT_CONTROL_NAME "io.github.ccbittorrent.CcBitTorrent1"
#define CCBT_CONTROL_PATH "/io/github/ccbittorrent/CcBitTorrent1"
#define CCBT_CONTROL_SESSION CCBT_CONTROL_NAME ".Session"
#define CCBT_CONTROL_VERBS CCBT_CONTROL_NAME ".Verbs"
#define CCBT_CONTROL_TORRENTS CCBT_CONTROL_PATH "/torrents" /* below it, an object an info-hash */
#define CCBT_CONTROL_TORRENT CCBT_CONTROL_NAME ".Torrent"
#define CCBT_CONTROL_OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"
#define CCBT_CONTROL_PROPERTIES "org.freedesktop.DBus.Properties"

/* The method of a torrent that @info is: "Pause" for "torrent.pause". Returns: (transfer full)
 * (nullable): NULL for a verb that is for no torrent, or only of use to lists */
char *ccbt_control_interface_make_torrent_method (const CcbtCommandInfo *info);

/* Made once, from the table of verbs. Borrowed. */
GDBusInterfaceInfo *ccbt_control_interface_get (const char *name);

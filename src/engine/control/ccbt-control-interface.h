/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

#define CCBT_CONTROL_NAME "io.github.ccbittorrent.CcBitTorrent1"
#define CCBT_CONTROL_PATH "/io/github/ccbittorrent/CcBitTorrent1"
#define CCBT_CONTROL_SESSION CCBT_CONTROL_NAME ".Session"
#define CCBT_CONTROL_VERBS CCBT_CONTROL_NAME ".Verbs"

/* Made once, from the table of verbs. Borrowed. */
GDBusInterfaceInfo *ccbt_control_interface_get (const char *name);

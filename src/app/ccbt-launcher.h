/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-activity.h"

/* What docks show on the icon of the program: how many torrents are being downloaded and how far
 * they are together (com.canonical.Unity.LauncherEntry). Whoever shows it listens; nobody has to. */
#define CCBT_TYPE_LAUNCHER (ccbt_launcher_get_type ())
G_DECLARE_FINAL_TYPE (CcbtLauncher, ccbt_launcher, CCBT, LAUNCHER, GObject)

CcbtLauncher *ccbt_launcher_new (GDBusConnection *connection, CcbtActivity *activity);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-background.h"

/* Starting with the desktop session: the action "start-at-login" (boolean state), by an entry of
 * our own, or in a sandbox by its portal. Signal "failed" (s message): it stays as it was. */
#define CCBT_TYPE_AUTOSTART (ccbt_autostart_get_type ())
G_DECLARE_FINAL_TYPE (CcbtAutostart, ccbt_autostart, CCBT, AUTOSTART, GObject)

/* @background: (nullable): NULL outside of a sandbox */
CcbtAutostart *ccbt_autostart_new (GActionMap *actions, CcbtBackground *background);

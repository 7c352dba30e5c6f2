/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-activity.h"

/* Leave to run without a window, where a sandbox needs it: org.freedesktop.portal.Background. While
 * there is none, the desktop is told what the session does. Does nothing where there is no such
 * portal. The same portal starts the program with the desktop session. Signals: "refused": the
 * program will be ended if it stays without a window; "autostart" (b): whether it will be started,
 * after each answer. */
#define CCBT_TYPE_BACKGROUND (ccbt_background_get_type ())
G_DECLARE_FINAL_TYPE (CcbtBackground, ccbt_background, CCBT, BACKGROUND, GObject)

CcbtBackground *ccbt_background_new (GDBusConnection *connection, CcbtActivity *activity);

/* Is the program without a window? */
void ccbt_background_set_active (CcbtBackground *self, gboolean is_active);

/* How it is with the start now: each request says it, and would change it. */
void ccbt_background_expect_autostart (CcbtBackground *self, gboolean is_on);

/* Asks for it to be so. */
void ccbt_background_set_autostart (CcbtBackground *self, gboolean is_on);

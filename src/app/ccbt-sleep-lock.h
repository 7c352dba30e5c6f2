/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* Keeps the computer from falling asleep by itself, by whichever way this desktop has: the portal
 * in a sandbox; else the session manager of GNOME and its kin, the power manager of KDE, Xfce and
 * others, or logind. Nobody waits for any of them. Nothing happens where there is none. */
#define CCBT_TYPE_SLEEP_LOCK (ccbt_sleep_lock_get_type ())
G_DECLARE_FINAL_TYPE (CcbtSleepLock, ccbt_sleep_lock, CCBT, SLEEP_LOCK, GObject)

/* @session_bus: (nullable) */
CcbtSleepLock *ccbt_sleep_lock_new (GDBusConnection *session_bus);

/* Takes the lock, or gives it back. What is taken when the program ends goes with it. */
void ccbt_sleep_lock_set_wanted (CcbtSleepLock *self, gboolean is_wanted);

/* The name of the service that holds it for us; NULL = not held. */
const char *ccbt_sleep_lock_get_holder (CcbtSleepLock *self);

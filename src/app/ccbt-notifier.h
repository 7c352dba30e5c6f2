/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "ccbt-client.h"

/* Tells the desktop that a download has finished. Hides how: libnotify where a notification server
 * answers, GNotification inside a sandbox, silence where nobody listens. Never makes the window
 * wait.
 *
 * Signals: "open" (s info-hash), "show-folder" (s info-hash), "activate" (s info-hash, s activation
 * token or "") */
#define CCBT_TYPE_NOTIFIER (ccbt_notifier_get_type ())
G_DECLARE_FINAL_TYPE (CcbtNotifier, ccbt_notifier, CCBT, NOTIFIER, GObject)

CcbtNotifier *ccbt_notifier_new (GApplication *application);

/* Begins to listen to @client, which is CCBT_CLIENT_READY. */
void ccbt_notifier_follow (CcbtNotifier *self, CcbtClient *client);

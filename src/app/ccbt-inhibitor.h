/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-activity.h"
#include "ccbt-sleep-lock.h"

/* Keeps the computer awake while something is downloaded or uploaded, and for a while after that:
 * peers come and go. Torrents that only wait for peers do not count. */
#define CCBT_TYPE_INHIBITOR (ccbt_inhibitor_get_type ())
G_DECLARE_FINAL_TYPE (CcbtInhibitor, ccbt_inhibitor, CCBT, INHIBITOR, GObject)

#define CCBT_INHIBITOR_LINGER 120 /* seconds */

CcbtInhibitor *ccbt_inhibitor_new (CcbtSleepLock *lock, CcbtActivity *activity,
                                   guint linger_seconds);

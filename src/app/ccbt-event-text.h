/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-event-ring.h"

/* What happened, in words. Pure. */

typedef enum
{
  CCBT_EVENT_KIND_PROBLEM = 1 << 0,
  CCBT_EVENT_KIND_TORRENT = 1 << 1,
  CCBT_EVENT_KIND_TRACKER = 1 << 2,
  CCBT_EVENT_KIND_SETTING = 1 << 3,
} CcbtEventKinds;

/* None, or several: a tracker that failed is a problem too. */
CcbtEventKinds ccbt_event_get_kinds (CcbtEventType type);

/* One sentence; which torrent it is about is not in it. Returns: (transfer full) */
char *ccbt_event_text (const CcbtEvent *event);

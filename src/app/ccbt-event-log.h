/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-event-bus.h"
#include "ccbt-event-item.h"

/* What happened in this session, the newest last: a GListModel of CcbtEventItem, of which the last thousand are kept.
 * Writes on whether or not anybody looks. */
#define CCBT_TYPE_EVENT_LOG (ccbt_event_log_get_type ())
G_DECLARE_FINAL_TYPE (CcbtEventLog, ccbt_event_log, CCBT, EVENT_LOG, GObject)

#define CCBT_EVENT_LOG_MAX 1000u

/* What it keeps. The others come many a second. */
#define CCBT_EVENT_LOG_MASK                                                                        \
  (CCBT_EVENT_MASK_ALL                                                                             \
   & ~(CCBT_EVENT_MASK (CCBT_EVENT_PIECE_VERIFIED) | CCBT_EVENT_MASK (CCBT_EVENT_PEER_CONNECTED)   \
       | CCBT_EVENT_MASK (CCBT_EVENT_PEER_DISCONNECTED)))

/* @snapshots say what torrents are called. */
CcbtEventLog *ccbt_event_log_new (CcbtEventBus *bus, CcbtSnapshotStore *snapshots);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib-object.h>
#include "base/ccbt-event-ring.h"
#include "base/ccbt-snapshot-store.h"

/* The engine's news as GObject signals on one main context: the window's models listen here, and
 * nowhere else.
 *
 * Signals, all emitted on the context the bus was made on:
 *   torrent-changed (CcbtTorrentStatus)   a torrent is new or changed
 *   torrent-removed (guint id)
 *   details-changed (CcbtTorrentDetails)  only for torrents somebody subscribed to
 *   session-changed ()                    read it with ccbt_event_bus_get_session()
 *   batch-done ()                         after a run of the above: time to update totals
 *   event (CcbtEvent)
 */
#define CCBT_TYPE_EVENT_BUS (ccbt_event_bus_get_type ())
G_DECLARE_FINAL_TYPE (CcbtEventBus, ccbt_event_bus, CCBT, EVENT_BUS, GObject)

/* Listens on the thread-default main context of the caller, beginning with everything there is. */
CcbtEventBus *ccbt_event_bus_new (CcbtSnapshotStore *store, CcbtEventRing *ring,
                                  guint64 event_mask);

void ccbt_event_bus_get_session (CcbtEventBus *self, CcbtSessionStatus *out);

/* While suspended (nobody looks) no snapshot is pulled, and nothing piles up; afterwards the latest
 * state comes in one batch. Events go on. */
void ccbt_event_bus_set_suspended (CcbtEventBus *self, gboolean is_suspended);

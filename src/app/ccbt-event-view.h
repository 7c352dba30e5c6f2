/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-event-log.h"

/* The log as a list, with a choice of kinds, a search and a button that copies. Stays at the end as long as one does not
 * scroll back. */
#define CCBT_TYPE_EVENT_VIEW (ccbt_event_view_get_type ())
G_DECLARE_FINAL_TYPE (CcbtEventView, ccbt_event_view, CCBT, EVENT_VIEW, AdwBin)

/* Once. */
void ccbt_event_view_set_log (CcbtEventView *self, CcbtEventLog *log);

/* From now on only what happened to this torrent; 0: nothing. */
void ccbt_event_view_limit (CcbtEventView *self, CcbtTorrentId torrent);

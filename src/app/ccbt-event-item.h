/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib-object.h>
#include "ccbt-event-text.h"

/* One line of the log; never changes. Properties, read-only: "text" s, "subtitle" s (when, and the torrent it is
 * about), "is-problem" b. */
#define CCBT_TYPE_EVENT_ITEM (ccbt_event_item_get_type ())
G_DECLARE_FINAL_TYPE (CcbtEventItem, ccbt_event_item, CCBT, EVENT_ITEM, GObject)

/* @name: of its torrent, "" without one. */
CcbtEventItem *ccbt_event_item_new (const CcbtEvent *event, const char *name);

CcbtTorrentId ccbt_event_item_get_torrent (CcbtEventItem *self); /* 0 = of the session */
CcbtEventKinds ccbt_event_item_get_kinds (CcbtEventItem *self);
/* Has its text or its torrent's name @key, of ccbt_format_search_key()? */
gboolean ccbt_event_item_matches (CcbtEventItem *self, const char *key);
/* When, what torrent, what: separated by tabs. Returns: (transfer full) */
char *ccbt_event_item_to_line (CcbtEventItem *self);

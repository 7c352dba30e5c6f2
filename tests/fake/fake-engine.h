/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-event-ring.h"
#include "base/ccbt-snapshot-store.h"
#include "fake-torrent.h"

/* An engine that only pretends, linked in place of session/ by the tests of the window: it keeps
 * made-up torrents in a real snapshot store and answers verbs at once, on the main context. One at
 * a time. */

/* Publishes a copy with a new value; takes @status. */
void fake_engine_put (CcbtTorrentStatus *status);

void fake_engine_post (CcbtEventType type, CcbtTorrentId id);
/* @payload: a{sv} as text */
void fake_engine_post_with (CcbtEventType type, CcbtTorrentId id, const char *payload);

/* Verbs called since the last time this was asked, one a line: "torrent.pause ('0000…',)". Returns:
 * (transfer full) */
char *fake_engine_take_calls (void);

/* What torrent.inspect and torrent.add say of an uri that contains this: CCBT_ERROR_MALFORMED. */
#define FAKE_BAD_URI "malformed"

/* What create.status says from now on: a{sv} as text. At first: half of it is hashed. */
void fake_engine_set_creation (const char *status);

/* What config.list says of limits.download_rate from now on. */
void fake_engine_set_download_rate (const char *text);

/* The next ccbt_engine_host_start() fails with CCBT_ERROR_BUSY. */
void fake_engine_refuse_start (void);

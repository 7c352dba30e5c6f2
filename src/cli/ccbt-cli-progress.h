/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-event-ring.h"
#include "base/ccbt-torrent-status.h"
#include "ccbt-cli.h"

/* What a download says while it runs: a line that renews itself on a terminal, plain lines
 * otherwise, or JSON. */
typedef struct _CcbtCliProgress CcbtCliProgress;

CcbtCliProgress *ccbt_cli_progress_new (gboolean json, gboolean is_quiet);
void ccbt_cli_progress_free (CcbtCliProgress *self);

guint64 ccbt_cli_progress_get_event_mask (CcbtCliProgress *self);
void ccbt_cli_progress_listening (CcbtCliProgress *self, guint16 port);
/* Prints it, as JSON, when something in it has changed; once a second at most. */
void ccbt_cli_progress_connection (CcbtCliProgress *self, const CcbtConnectionStatus *status);
void ccbt_cli_progress_update (CcbtCliProgress *self, const CcbtTorrentStatus *status);
void ccbt_cli_progress_show_event (CcbtCliProgress *self, const CcbtEvent *event);
/* @status: (transfer full) (nullable) */
void ccbt_cli_progress_complete (CcbtCliProgress *self, CcbtTorrentStatus *status,
                                 gboolean goes_on);
void ccbt_cli_progress_fail (CcbtCliProgress *self, const char *message);
void ccbt_cli_progress_end (CcbtCliProgress *self);

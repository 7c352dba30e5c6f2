/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-event-bus.h"
#include "ccbt-event-log.h"
#include "ccbt-torrent-list.h"

typedef enum
{
  CCBT_CLIENT_STARTING,
  CCBT_CLIENT_READY,
  CCBT_CLIENT_FAILED, /* see ccbt_client_get_error() */
  CCBT_CLIENT_STOPPED,
} CcbtClientState;

/* The engine as the window knows it: starts it without making anyone wait, holds the model and the
 * bus, takes verbs. Property "state" (u, CcbtClientState), with notify. */
#define CCBT_TYPE_CLIENT (ccbt_client_get_type ())
G_DECLARE_FINAL_TYPE (CcbtClient, ccbt_client, CCBT, CLIENT, GObject)

CcbtClient *ccbt_client_new (void);

/* @state_dir: (nullable): NULL = the user's. Once. */
void ccbt_client_start (CcbtClient *self, const char *state_dir);

/* Carries out the removals that could still be undone, stops the engine, and waits for all of it
 * while the main loop runs. */
void ccbt_client_stop (CcbtClient *self);

CcbtClientState ccbt_client_get_state (CcbtClient *self);
const GError *ccbt_client_get_error (CcbtClient *self);

/* Exists from the beginning, empty until the engine is there. Borrowed. */
CcbtTorrentList *ccbt_client_get_torrents (CcbtClient *self);

/* Borrowed; NULL until CCBT_CLIENT_READY. */
CcbtEventBus *ccbt_client_get_bus (CcbtClient *self);
CcbtEventLog *ccbt_client_get_log (CcbtClient *self);
CcbtSnapshotStore *ccbt_client_get_snapshots (CcbtClient *self);

/* Runs a verb of session/ccbt-command.h; finish with ccbt_command_call_finish(). Only while
 * CCBT_CLIENT_READY: before and after that @callback is not called, and FALSE is returned. */
gboolean ccbt_client_call_async (CcbtClient *self, const char *verb, GVariant *arguments,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);

/* The removals that can be undone: hidden at once, carried out by ccbt_client_commit_removal(). */
void ccbt_client_begin_removal (CcbtClient *self, const char *const *info_hashes);
void ccbt_client_undo_removal (CcbtClient *self, const char *const *info_hashes);
void ccbt_client_commit_removal (CcbtClient *self, const char *const *info_hashes);

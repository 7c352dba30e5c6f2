/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-clock.h"
#include "base/ccbt-event-ring.h"
#include "base/ccbt-snapshot-store.h"

/* Runs one session on a thread and main context of its own: the only place that knows that the
 * engine has a thread. */
typedef struct _CcbtEngineHost CcbtEngineHost;

typedef struct
{
  const char *state_dir;       /* (nullable): NULL = $XDG_STATE_HOME/ccbt */
  const char *config_file;     /* (nullable): reserved for --config; NULL = the usual places */
  const char *const *settings; /* (nullable): "section.key=value" strings, NULL-terminated: --set */
  const char *bind_address;    /* (nullable): numeric; NULL = all addresses of both families */
  gint port;                   /* -1 = configured; 0 = any free one */
  CcbtClock *clock;            /* (nullable): NULL = the system's; tests own theirs */
  gboolean is_ephemeral;       /* TRUE: load and keep only what this process adds (ccbt TORRENT) */
} CcbtEngineOptions;

/* Starts the thread, opens the state store, loads the torrents and listens. Blocks until the
 * session stands or failed. Errors: CCBT_ERROR_BUSY when another process holds the state folder;
 * CCBT_ERROR_DISK; CCBT_ERROR_INVALID. Returns: (transfer full) (nullable) */
CcbtEngineHost *ccbt_engine_host_start (const CcbtEngineOptions *options, GError **error);

/* Says goodbye to trackers (2 s at most), saves everything, ends the thread. The callback runs on
 * the caller's thread-default context. */
void ccbt_engine_host_stop_async (CcbtEngineHost *self, GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean ccbt_engine_host_stop_finish (GAsyncResult *result, GError **error);

/* After a stop, or to abandon a start. */
void ccbt_engine_host_free (CcbtEngineHost *self);

/* Borrowed; any thread. */
CcbtSnapshotStore *ccbt_engine_host_get_snapshots (CcbtEngineHost *self);
CcbtEventRing *ccbt_engine_host_get_events (CcbtEngineHost *self);

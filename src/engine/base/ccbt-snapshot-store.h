/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-torrent-status.h"

/* The latest snapshot of everything, for readers on any thread: latest wins, so a slow reader never
 * makes it grow. The engine puts, faces pull what changed since the generation they saw last.
 * Thread-safe. */
typedef struct _CcbtSnapshotStore CcbtSnapshotStore;

CcbtSnapshotStore *ccbt_snapshot_store_new (void);
CcbtSnapshotStore *ccbt_snapshot_store_ref (CcbtSnapshotStore *self);
void ccbt_snapshot_store_unref (CcbtSnapshotStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtSnapshotStore, ccbt_snapshot_store_unref)

/* Engine side. @status, @details: (transfer full); their generation is set here. Removing leaves a
 * tombstone, so that a reader who was away learns of it; a reader that was away for more than (at
 * least) 65,536 removals is told to start over (ccbt_snapshot_store_pull). */
void ccbt_snapshot_store_put (CcbtSnapshotStore *self, CcbtTorrentStatus *status);
void ccbt_snapshot_store_put_details (CcbtSnapshotStore *self, CcbtTorrentDetails *details);
void ccbt_snapshot_store_put_session (CcbtSnapshotStore *self, const CcbtSessionStatus *status);
void ccbt_snapshot_store_remove (CcbtSnapshotStore *self, CcbtTorrentId id);
void ccbt_snapshot_store_drop_details (CcbtSnapshotStore *self, CcbtTorrentId id);

/* Ends a batch: wakes every watch once if anything was put since the last flush. */
void ccbt_snapshot_store_flush (CcbtSnapshotStore *self);

/* What changed since @since (0 = everything).
 * @changed: (out) (transfer container): CcbtTorrentStatus, oldest change first; free function set
 * @details: (out) (transfer container): CcbtTorrentDetails
 * @removed: (out): array of CcbtTorrentId
 * @start_over: (out): TRUE when tombstones older than @since are gone: @changed holds everything,
 * forget the rest Returns: the generation to pass next time */
guint64 ccbt_snapshot_store_pull (CcbtSnapshotStore *self, guint64 since, GPtrArray **changed,
                                  GPtrArray **details, GArray **removed, gboolean *start_over);

/* Returns: (transfer full) (nullable) */
CcbtTorrentStatus *ccbt_snapshot_store_lookup (CcbtSnapshotStore *self, CcbtTorrentId id);
void ccbt_snapshot_store_get_session (CcbtSnapshotStore *self, CcbtSessionStatus *out);

/* Calls @wake on @context (NULL = the global default one, at default priority) after a flush that
 * brought something, once however many flushes come before it runs; and once at the beginning when
 * there is anything to see already. Returns: a handle for ccbt_snapshot_store_remove_watch(), which
 * belongs on the thread that runs @context */
guint ccbt_snapshot_store_add_watch (CcbtSnapshotStore *self, GMainContext *context,
                                     GSourceOnceFunc wake, gpointer data);
void ccbt_snapshot_store_remove_watch (CcbtSnapshotStore *self, guint watch);

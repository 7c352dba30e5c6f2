/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-info-hash.h"

/* Everything that must survive: one SQLite database (WAL) in the state folder, owned by one writer
 * thread. The engine hands over immutable records and never waits. Whatever instant the power goes,
 * the old or the new record is there.
 *
 * Durability (docs/durability.md): adding, removing and values are committed and synced as soon as
 * the writer gets to them; progress is batched (2 s), then survives kill -9, and a power cut from
 * the next synced change or flush on.
 *
 * One process at a time: an flock on STATE_DIR/lock. A database of a newer schema is opened
 * read-only: its torrents are listed, nothing is written, is_read_only says so. A database whose
 * structure is damaged is kept as state.db.corrupt-DATE and replaced by the newest whole backup
 * (state.db.backup-1, -2: made after changes of the list, every 30 minutes at most, and by close)
 * and every record that can still be read from it. Every record carries a checksum: a damaged one
 * is taken from a backup, or left out and kept in the file, the others are not affected. `warning`
 * says in sentences what happened. */
typedef struct _CcbtStateStore CcbtStateStore;

/* One torrent as stored. Fill, hand over with ref/unref; immutable once handed over. */
typedef struct
{
  CcbtInfoHash info_hash;
  GBytes *metainfo; /* the whole .torrent; NULL while a magnet has no metadata */
  char *magnet;     /* the link it came from; NULL */
  char *name;       /* to show while there is no metadata */
  char *folder;     /* file system encoding */
  gboolean is_paused;
  gboolean is_sequential;
  gboolean seeds;      /* goes on seeding when complete */
  gint64 added_at;     /* microseconds since 1970 */
  gint64 completed_at; /* 0 = not yet */
  GBytes *priorities;  /* CcbtPriority, one byte per file from the first; files past its end are
                          skipped: a choice made before the metadata is there; NULL = all normal */
  GBytes *trackers;    /* "tier SPACE url\n" lines that differ from the metainfo's; NULL = as in the
                          metainfo */

  GBytes *options; /* ccbt_torrent_options_to_bytes(); NULL = none decided */

  /* Progress: also written alone by ccbt_state_store_put_progress(). */
  guint64 downloaded;
  guint64 uploaded;
  guint64 wasted;
  guint64 active_seconds;
  guint64 seeding_seconds;
  GBytes *verified; /* bitfield, BEP 3 order: hash checked, handed to the kernel; NULL = never
                       checked */
  GBytes *durable;  /* the same, and synced to the disk; NULL = none */
  char *
      boot_id; /* of the boot `verified` was written in: after another boot only `durable` counts */
  GBytes *stamps; /* array of CcbtFileStamp as of `verified`; NULL */
  GBytes *peers;  /* compact addresses to try first at the next start, 18 bytes each (IPv4 mapped);
                     NULL */
} CcbtTorrentRecord;

CcbtTorrentRecord *ccbt_torrent_record_new (void);
CcbtTorrentRecord *ccbt_torrent_record_ref (CcbtTorrentRecord *self);
void ccbt_torrent_record_unref (CcbtTorrentRecord *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtTorrentRecord, ccbt_torrent_record_unref)

/* Blocks (folder, lock, schema): before the engine's loop runs. @state_dir is made with mode 0700.
 * Errors: BUSY (another process holds it: message names its pid), DISK, READ_ONLY, NO_SPACE.
 * Returns: (transfer full) (nullable) */
CcbtStateStore *ccbt_state_store_open (const char *state_dir, GError **error);
/* Writes what is queued, closes, unlocks. Blocks. */
void ccbt_state_store_close (CcbtStateStore *self);

gboolean ccbt_state_store_is_read_only (CcbtStateStore *self);
const char *ccbt_state_store_get_warning (CcbtStateStore *self); /* NULL = none */
/* Why changes cannot be saved; told once each time that begins.
 * Returns: (transfer full) (nullable) */
char *ccbt_state_store_take_trouble (CcbtStateStore *self);

/* Blocks; before the loop runs. Errors: DISK. Mends what is damaged, so the warning is complete
 * only after it. Returns: (transfer full) (element-type CcbtTorrentRecord) (nullable): in the order
 * added; NULL on an error */
GPtrArray *ccbt_state_store_load (CcbtStateStore *self, GError **error);

/* Queue a change; FIFO. @record: a reference is taken. A record that is put holds everything, its
 * progress too; without metainfo it leaves the stored metainfo alone. It replaces every record that
 * either of its hashes names. Progress of a torrent that is not there is dropped. What waits is
 * bounded: newer changes of a torrent replace older ones. */
void ccbt_state_store_put (CcbtStateStore *self, CcbtTorrentRecord *record);
void ccbt_state_store_put_progress (CcbtStateStore *self, CcbtTorrentRecord *record);
/* As put_progress, and synced with its batch: for what was just synced itself. */
void ccbt_state_store_put_synced_progress (CcbtStateStore *self, CcbtTorrentRecord *record);
void ccbt_state_store_remove (CcbtStateStore *self, const CcbtInfoHash *info_hash);

/* The callback runs on the caller's thread-default context when everything queued before is synced
 * to the disk. Errors: NO_SPACE, READ_ONLY, DISK (the last good state stays, later puts are tried
 * again; C11). */
void ccbt_state_store_flush_async (CcbtStateStore *self, GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean ccbt_state_store_flush_finish (GAsyncResult *result, GError **error);

/* Runs @job on the writer's thread behind everything queued before; @argument is copied. What it
 * returns is the answer, also while nothing can be saved. Errors: those of @job; READ_ONLY. */
typedef struct _CcbtStateDatabase CcbtStateDatabase;
typedef GVariant *(*CcbtStateJob) (CcbtStateDatabase *database, const char *path,
                                   const char *argument, GError **error);
void ccbt_state_store_run_async (CcbtStateStore *self, CcbtStateJob job, const char *argument,
                                 GAsyncReadyCallback callback, gpointer user_data);
/* Returns: (transfer full) (nullable) */
GVariant *ccbt_state_store_run_finish (GAsyncResult *result, GError **error);

/* Small named values of the session (peer key, totals). @value: (nullable): NULL removes. */
void ccbt_state_store_put_value (CcbtStateStore *self, const char *name, GBytes *value);
/* As put_value, without a sync of its own: a count that grows while the disk should rest. */
void ccbt_state_store_put_total (CcbtStateStore *self, const char *name, GBytes *value);
/* Blocks; before the loop runs. Returns: (transfer full) (nullable) */
GBytes *ccbt_state_store_load_value (CcbtStateStore *self, const char *name);

/* Folder for parts files: STATE_DIR/parts, made. */
const char *ccbt_state_store_get_parts_dir (CcbtStateStore *self);

/* This boot's id (/proc/sys/kernel/random/boot_id); "" where there is none. */
const char *ccbt_state_store_get_boot_id (void);

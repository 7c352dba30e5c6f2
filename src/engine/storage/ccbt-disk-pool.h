/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-info-hash.h"
#include "storage/ccbt-piece-hash.h"
#include "storage/ccbt-storage.h"
#include "storage/ccbt-window-cache.h"

/* Threads of our own for everything that waits for a disk or burns cycles on hashes. Jobs are
 * structs of the caller's, handed over in batches (one lock, at most one wake-up per batch and
 * worker) and come back in batches on the context the pool was made on, through one eventfd. No
 * allocation per job. Jobs of one piece are serialised by their owner: it submits the next when the
 * last is done. */
typedef struct _CcbtDiskPool CcbtDiskPool;
typedef struct _CcbtDiskJob CcbtDiskJob;

/* Engine thread. @job is the caller's again. */
typedef void (*CcbtDiskDone) (CcbtDiskJob *job);

typedef enum
{
  /* Hash @segments in order into @hash, then write the same bytes; with @is_last, finish the hash
   * and set @passed by comparing with the metainfo's hash of @piece. A segment that is on disk
   * already (`is_on_disk`) is read first (into its data, or through a worker's buffer when that is
   * NULL) and hashed only. Bytes are written also before the piece has passed: the bitfield says
   * what counts. */
  CCBT_DISK_HASH_WRITE,
  CCBT_DISK_WRITE,         /* write @segments (spill), no hash */
  CCBT_DISK_READ,          /* read @segments */
  CCBT_DISK_CHECK,         /* hash pieces first_piece ... first_piece + n_pieces - 1 from disk into
                              @passed_pieces; a piece that cannot be read has not passed; error only
                              for         what is no absence */
  CCBT_DISK_DIGEST_BLOCKS, /* SHA-1 of every 16 KiB block of @piece as on disk, into @block_digests
                            */
  CCBT_DISK_PREPARE, /* ccbt_storage_prepare (must_exist = @flag), then @stamps when not NULL */
  CCBT_DISK_STAMPS,  /* @stamps only */
  CCBT_DISK_SYNC,
  CCBT_DISK_DELETE, /* ccbt_storage_delete when @flag, and close */
  CCBT_DISK_CALL,   /* @call (job) on a worker: anything else that blocks */
} CcbtDiskJobKind;

typedef struct
{
  guint8 *data;
  guint32 offset; /* bytes from the start of the piece */
  guint32 length;
  gboolean is_on_disk;
} CcbtDiskSegment;

struct _CcbtDiskJob
{
  /* In: set by the caller before submitting. */
  CcbtDiskJobKind kind;
  gboolean
      is_background;    /* begins only while no other job waits; a CHECK gives way between pieces */
  CcbtStorage *storage; /* a reference is held from submit to done */
  CcbtDiskDone done;
  gpointer owner; /* the caller's */
  guint32 piece;
  CcbtDiskSegment *segments; /* ascending; the caller's until done */
  guint n_segments;
  CcbtPieceHash *hash;
  gboolean is_last;
  gboolean flag;
  guint32 first_piece;
  guint32 n_pieces;
  guint8 *passed_pieces;   /* bytes: 1 = passed; n_pieces of them */
  CcbtSha1 *block_digests; /* one per block of the piece */
  CcbtFileStamp *stamps;   /* one per file */
  void (*call) (CcbtDiskJob *job);
  gint is_cancelled; /* atomic: set it from the engine thread; a job not begun, or a CHECK between
                        pieces, ends with G_IO_ERROR_CANCELLED */
  gint n_checked;    /* atomic, out: pieces a CHECK has done so far */

  /* Out. */
  gboolean passed;
  GError *error; /* (transfer full): the owner takes or frees it in done */

  CcbtDiskJob *next; /* the pool's */
};

/* @n_threads: 0 = as many as cores, at least 2. Attaches to the thread-default context. Returns:
 * (transfer full) */
CcbtDiskPool *ccbt_disk_pool_new (guint n_threads);
/* Lets every submitted job finish, calling its done, then ends the threads. */
void ccbt_disk_pool_free (CcbtDiskPool *self);

/* Queues @job for the next ccbt_disk_pool_flush (which the pool also does by itself once per turn
 * of the loop). */
void ccbt_disk_pool_submit (CcbtDiskPool *self, CcbtDiskJob *job);
void ccbt_disk_pool_flush (CcbtDiskPool *self);

/* Bytes of HASH_WRITE and WRITE jobs submitted and not done: the measure for back-pressure. */
gsize ccbt_disk_pool_get_queued_bytes (CcbtDiskPool *self);
/* What need not be read because it is in memory. Engine thread. Returns: (transfer none) */
CcbtWindowCache *ccbt_disk_pool_get_windows (CcbtDiskPool *self);
guint ccbt_disk_pool_get_n_threads (CcbtDiskPool *self);

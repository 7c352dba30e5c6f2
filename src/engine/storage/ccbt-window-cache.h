/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "storage/ccbt-storage.h"

/* Windows on files that are being sent: maps of 2 MiB, few at a time, the one least recently used
 * goes first. The page cache behind them is what all peers share. Nothing here waits for a disk: a
 * range is handed out only when the system says that all of it is in memory.
 *
 * Nobody but the kernel may look into a window: a file that somebody cuts would raise SIGBUS in us,
 * while a system call says EFAULT. Engine thread. */
typedef struct _CcbtWindowCache CcbtWindowCache;
typedef struct _CcbtWindow CcbtWindow;

typedef enum
{
  CCBT_WINDOW_READY,  /* in memory: may be sent */
  CCBT_WINDOW_ABSENT, /* not mapped or not in memory: the disk pool has to read it */
  CCBT_WINDOW_BUSY,   /* all windows are in use in this round */
} CcbtWindowAnswer;

/* A range of the torrent that is READY. */
typedef struct
{
  CcbtWindow *window;
  guint64 offset; /* in the torrent */
  guint64 end;
  const guint8 *data; /* of the byte at offset; NOT to be read by us */
} CcbtWindowRange;

CcbtWindowCache *ccbt_window_cache_new (void);
void ccbt_window_cache_free (CcbtWindowCache *self);

/* What was found in earlier rounds may go away from now on. */
void ccbt_window_cache_begin (CcbtWindowCache *self);
/* @length: CCBT_WINDOW_BLOCK_MAX at most. @out: at least what was asked for when READY; good until
 * the next round */
CcbtWindowAnswer ccbt_window_cache_find (CcbtWindowCache *self, CcbtStorage *storage,
                                         guint64 offset, guint32 length, CcbtWindowRange *out);
/* After sending up to @end (offset in the torrent) out of @range: was the file long enough? Else
 * the peer may have got zeros instead of what was cut. A file that was deleted was sent as it was,
 * and is not used any more. */
gboolean ccbt_window_cache_check (CcbtWindowCache *self, const CcbtWindowRange *range, guint64 end);
/* The kernel could not read @range: it must be read again in full, by the pool. */
void ccbt_window_cache_distrust (CcbtWindowCache *self, const CcbtWindowRange *range);

guint ccbt_window_cache_get_n (CcbtWindowCache *self);
/* What the timer does once a second while there are windows: those that were not used for two
 * seconds, or whose storage was closed, go. */
void ccbt_window_cache_sweep (CcbtWindowCache *self);

#define CCBT_WINDOW_BLOCK_MAX (128u * 1024)

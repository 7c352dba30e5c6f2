/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* storage: bytes at rest: the files of a torrent, the threads that read, hash and write them, and
 * the buffers blocks land in. It must not know peers, trackers or sessions. */

#include <glib.h>

/* Buffers for pieces in progress and for reads: sizes are powers of two from 16 KiB to 256 KiB.
 * Given back last, taken first, so that the working set stays in the processor's cache. One thread
 * (the engine's). */
typedef struct _CcbtExtentPool CcbtExtentPool;

#define CCBT_EXTENT_MAX (256u * 1024)

/* Returns: (transfer full) */
CcbtExtentPool *ccbt_extent_pool_new (void);
void ccbt_extent_pool_free (CcbtExtentPool *self); /* every buffer must have been given back */

/* @size: 1 to CCBT_EXTENT_MAX; the buffer has the next class up. Page-aligned. */
guint8 *ccbt_extent_pool_take (CcbtExtentPool *self, guint32 size);
/* @size: as taken. */
void ccbt_extent_pool_give (CcbtExtentPool *self, guint8 *extent, guint32 size);
/* Bytes out with callers, counted by class. */
gsize ccbt_extent_pool_get_in_use (CcbtExtentPool *self);
/* Frees idle buffers down to @keep bytes; call it from a slow tick. */
void ccbt_extent_pool_trim (CcbtExtentPool *self, gsize keep);

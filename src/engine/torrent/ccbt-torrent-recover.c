/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

/* Of what was not recorded, so much is hashed rather than fetched again: what a run can have
 * written in the seconds between two records. Where a file system knows no holes, everything looks
 * written, and this bounds the work. */
#define MOST_TO_CHECK (2048u * 1024 * 1024ull)

typedef struct
{
  CcbtTorrent *torrent;
  guint8 *written; /* one byte per piece */
  CcbtDiskJob job;
} Recovery;

static void
find_in_worker (CcbtDiskJob *job)
{
  ccbt_storage_find_written (job->storage, ((Recovery *) job->owner)->written);
}

static void
mark_written (CcbtTorrent *self, const guint8 *written)
{
  const CcbtBitfield *have = ccbt_picker_get_have (self->picker);
  guint64 marked = 0;

  for (guint32 piece = 0; piece < self->map.n_pieces; piece++)
    if (written[piece] != 0 && !ccbt_bitfield_get (have, piece))
      marked += ccbt_piece_map_length (&self->map, piece);
  if (marked > MOST_TO_CHECK)
    return;
  for (guint32 piece = 0; piece < self->map.n_pieces; piece++)
    if (written[piece] != 0 && !ccbt_bitfield_get (have, piece))
      ccbt_bitfield_set (&self->to_check, piece);
}

static void
found_cb (CcbtDiskJob *job)
{
  Recovery *recovery = job->owner;
  CcbtTorrent *self = recovery->torrent;

  if (self->phase == CCBT_TORRENT_PREPARING && job->error == NULL)
    mark_written (self, recovery->written);
  if (self->phase == CCBT_TORRENT_PREPARING)
    ccbt_torrent_make_files (self);
  g_clear_error (&job->error);
  g_free (recovery->written);
  g_free (recovery);
  g_object_unref (self);
}

void
ccbt_torrent_recover (CcbtTorrent *self)
{
  Recovery *recovery = g_new0 (Recovery, 1);

  recovery->torrent = g_object_ref (self);
  recovery->written = g_malloc0 (self->map.n_pieces);
  recovery->job = (CcbtDiskJob){ .kind = CCBT_DISK_CALL,
                                 .storage = self->storage,
                                 .done = found_cb,
                                 .owner = recovery,
                                 .call = find_in_worker };
  ccbt_disk_pool_submit (self->environment->peers->disk, &recovery->job);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

/* Which pieces are known to be right, and which of them a power cut leaves as they are
 * (docs/durability.md). */

static guint8 *
write_bits (const CcbtBitfield *bitfield)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  ccbt_bitfield_write (bitfield, bytes);
  return g_byte_array_free (g_steal_pointer (&bytes), FALSE);
}

void
ccbt_torrent_describe_pieces (CcbtTorrent *self, CcbtTorrentProgress *out)
{
  const gsize size = (self->map.n_pieces + 7) / 8;
  guint8 *verified = write_bits (ccbt_picker_get_have (self->picker));
  guint8 *durable = write_bits (&self->durable);
  g_autofree guint8 *to_check = write_bits (&self->to_check);

  /* In the middle of a check, what it has not come to is not known to be right: should we be killed
   * now, the next run goes on there (C33). */
  for (gsize i = 0; i < size; i++)
    {
      durable[i] &= (guint8) (verified[i] & ~to_check[i]);
      verified[i] |= to_check[i];
    }
  out->is_in_check = self->to_check.n_set > 0;
  out->verified = g_bytes_new_take (verified, size);
  out->durable = g_bytes_new_take (durable, size);
}

static gboolean
is_all_durable (CcbtTorrent *self)
{
  const CcbtBitfield *have = ccbt_picker_get_have (self->picker);

  if (have->n_set > self->durable.n_set)
    return FALSE;
  for (guint32 piece = 0; piece < self->map.n_pieces; piece++)
    if (ccbt_bitfield_get (have, piece) && !ccbt_bitfield_get (&self->durable, piece))
      return FALSE;
  return TRUE;
}

/* Pieces that were found right, or that the run before had not synced when it was killed: they may
 * be nowhere but in the kernel's memory. */
void
ccbt_torrent_sync_found (CcbtTorrent *self)
{
  if (self->storage == NULL || is_all_durable (self))
    return;
  ccbt_storage_mark_unsynced (self->storage, self->stamps);
  self->has_unsynced = TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

/* The end of a torrent: peers and trackers are told, what was written is synced, the files are closed or removed. */

static void
trackers_stopped_cb (gpointer data)
{
  CcbtTorrent *self = data;

  self->trackers_stopped = TRUE;
  ccbt_torrent_continue_close (self);
  g_object_unref (self);
}

static void
synced_before_close_cb (gpointer data, const GError *error)
{
  CcbtTorrent *self = data;

  if (error != NULL)
    g_warning ("%s: %s", self->name, error->message);
  g_object_unref (self);
}

static gboolean
has_any_piece (CcbtTorrent *self, guint file)
{
  const CcbtMetainfoFile *info = ccbt_metainfo_get_file (self->metainfo, file);
  const CcbtBitfield *have = ccbt_picker_get_have (self->picker);

  for (guint64 piece = info->offset / self->map.piece_length;
       piece * self->map.piece_length < info->offset + info->length; piece++)
    if (ccbt_bitfield_get (have, (guint32) piece))
      return TRUE;
  return FALSE;
}

/* Where anything was downloaded, we have written; then what lies there is ours. */
CcbtKeep
ccbt_torrent_decide_kept (CcbtTorrent *self, guint file, gboolean is_shared)
{
  const CcbtFileAttributes none = CCBT_FILE_ATTRIBUTE_PAD | CCBT_FILE_ATTRIBUTE_SYMLINK;

  if (is_shared || (ccbt_metainfo_get_file (self->metainfo, file)->attributes & none) != 0)
    return CCBT_KEEP;
  if (self->downloaded + self->wasted == 0 && !has_any_piece (self, file))
    return CCBT_KEEP_DATA;
  return CCBT_KEEP_NOT;
}

static void
mark_kept (CcbtTorrent *self)
{
  guint n_files = ccbt_metainfo_get_n_files (self->metainfo);
  g_autofree gboolean *shared = g_new0 (gboolean, n_files);

  self->environment->mark_shared (self->environment->session, self, self->folder, shared);
  for (guint i = 0; i < n_files; i++)
    ccbt_storage_set_kept (self->storage, i, ccbt_torrent_decide_kept (self, i, shared[i]));
}

/* Goes on as soon as what it waits for is over; the tick calls it too. */
void
ccbt_torrent_continue_close (CcbtTorrent *self)
{
  void (*closed) (gpointer data);

  if (self->phase != CCBT_TORRENT_CLOSING || self->closed == NULL
      || !ccbt_torrent_is_disk_idle (self))
    return;
  if (self->move != NULL) /* its end comes back here */
    return;
  if (self->storage != NULL && !self->delete_files && self->has_unsynced)
    {
      ccbt_torrent_sync (self, synced_before_close_cb, g_object_ref (self));
      self->has_unsynced = FALSE; /* once: a failing disk must not keep us here */
      return;
    }
  if (self->storage != NULL && !self->delete_files && !self->stamps_are_valid)
    {
      ccbt_torrent_take_stamps (self);
      self->stamps_are_valid = TRUE;
      return;
    }
  if (self->storage != NULL)
    {
      if (self->delete_files)
        mark_kept (self);
      ccbt_torrent_delete_files (self); /* closes; deletes when asked to */
      return;
    }
  if (!self->trackers_stopped)
    return;
  closed = g_steal_pointer (&self->closed);
  closed (self->closed_data);
}

void
ccbt_torrent_close (CcbtTorrent *self, gboolean delete_files, void (*done) (gpointer data),
                    gpointer data)
{
  ccbt_torrent_cancel_check (self);
  if (!ccbt_torrent_step (self, CCBT_TORRENT_ON_CLOSE))
    return;
  ccbt_torrent_cancel_move (self); /* before `closed` is there: what ends at once must not end us */
  self->closed = done;
  self->closed_data = data;
  self->delete_files = delete_files;
  ccbt_torrent_close_peers (self);
  if (self->assembly != NULL)
    ccbt_assembly_forget_all (self->assembly);
  ccbt_tracker_set_stop (self->trackers, trackers_stopped_cb, g_object_ref (self));
  ccbt_torrent_continue_close (self);
}

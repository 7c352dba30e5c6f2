/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-store.h"

CcbtTorrentRecord *
ccbt_torrent_record_new (void)
{
  return g_atomic_rc_box_new0 (CcbtTorrentRecord);
}

CcbtTorrentRecord *
ccbt_torrent_record_ref (CcbtTorrentRecord *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_record (gpointer data)
{
  CcbtTorrentRecord *self = data;

  g_clear_pointer (&self->metainfo, g_bytes_unref);
  g_free (self->magnet);
  g_free (self->name);
  g_free (self->folder);
  g_clear_pointer (&self->priorities, g_bytes_unref);
  g_clear_pointer (&self->trackers, g_bytes_unref);
  g_clear_pointer (&self->options, g_bytes_unref);
  g_clear_pointer (&self->verified, g_bytes_unref);
  g_clear_pointer (&self->durable, g_bytes_unref);
  g_free (self->boot_id);
  g_clear_pointer (&self->stamps, g_bytes_unref);
  g_clear_pointer (&self->peers, g_bytes_unref);
}

void
ccbt_torrent_record_unref (CcbtTorrentRecord *self)
{
  g_atomic_rc_box_release_full (self, clear_record);
}

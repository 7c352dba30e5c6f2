/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-session-private.h"

/* Each start asks the disk for the files of a torrent, and each answer is more work for this loop:
 * started all at once, a thousand would hold it up for as long as a window must not wait. */
#define STARTS_PER_TURN 16u

static gboolean
is_ours (CcbtSession *self, CcbtTorrent *torrent)
{
  CcbtSha1 wire = ccbt_info_hash_get_wire (ccbt_torrent_get_info_hash (torrent));

  return g_hash_table_lookup (self->by_hash, &wire) == torrent;
}

/* Some may have been removed, or started by a command, while they waited: the latter does no harm. */
static void
start_some (CcbtSession *self)
{
  for (guint n = 0; n < STARTS_PER_TURN && self->to_start->len > 0; n++)
    {
      g_autoptr (CcbtTorrent) torrent
          = g_ptr_array_steal_index (self->to_start, self->to_start->len - 1);

      if (is_ours (self, torrent))
        ccbt_torrent_start (torrent);
    }
}

static gboolean
start_some_cb (gpointer data)
{
  CcbtSession *self = data;

  start_some (self);
  if (self->to_start->len > 0)
    return G_SOURCE_CONTINUE;
  ccbt_session_stop_starting (self);
  return G_SOURCE_REMOVE;
}

void
ccbt_session_start_torrents (CcbtSession *self)
{
  self->to_start = g_ptr_array_new_full (self->torrents->len, g_object_unref);
  for (guint i = self->torrents->len; i-- > 0;)
    g_ptr_array_add (self->to_start, g_object_ref (g_ptr_array_index (self->torrents, i)));
  start_some (self);
  if (self->to_start->len > 0)
    self->start_timer = ccbt_session_start_timer (0, start_some_cb, self);
}

void
ccbt_session_stop_starting (CcbtSession *self)
{
  ccbt_session_stop_timer (&self->start_timer);
  g_clear_pointer (&self->to_start, g_ptr_array_unref);
}

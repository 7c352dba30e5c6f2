/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

/* A disk that is nearly full: nothing more is asked for, what is had goes on being served. */

gboolean
ccbt_torrent_is_downloading (CcbtTorrent *self)
{
  return ccbt_torrent_is_active (self) && !self->is_finished;
}

gboolean
ccbt_torrent_lacks_space (CcbtTorrent *self)
{
  return self->space_error != NULL;
}

/* A queue of requests can be more than what is left. */
static void
cancel_requests (CcbtPeer *peer)
{
  for (guint i = 0; i < peer->requests.n_items; i++)
    {
      CcbtRequestOut request = *ccbt_request_queue_get (&peer->requests, i);
      guint n_items = peer->requests.n_items;

      if (request.is_abandoned)
        continue;
      ccbt_peer_cancel (peer, request.block);
      ccbt_torrent_request_lost (peer, request.block);
      i -= n_items - peer->requests.n_items; /* old ones fell out in front */
    }
}

void
ccbt_torrent_set_space_error (CcbtTorrent *self, const GError *error)
{
  gboolean lacked = self->space_error != NULL;

  if (lacked == (error != NULL))
    return;
  g_clear_error (&self->space_error);
  if (error != NULL)
    {
      self->space_error = g_error_copy (error);
      ccbt_torrent_post (
          self, CCBT_EVENT_TORRENT_ERROR,
          g_variant_new_parsed ("{'code': <%i>, 'text': <%s>}", error->code, error->message));
    }
  for (guint i = self->peers->len; i-- > 0;)
    {
      CcbtPeer *peer = i < self->peers->len ? g_ptr_array_index (self->peers, i) : NULL;

      if (peer == NULL)
        continue;
      peer->is_interest_stale = TRUE;
      if (error != NULL && ccbt_peer_is_open (peer))
        cancel_requests (peer);
    }
  ccbt_torrent_fill_soon (self);
  ccbt_torrent_changed (self);
}

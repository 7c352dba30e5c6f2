/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

/* What holds this torrent up: looked at once a second, while it runs. */

static gboolean
is_useful (CcbtTorrent *self, const CcbtPeer *peer)
{
  return self->is_finished ? peer->peer_interested : peer->am_interested;
}

static void
examine_peers (CcbtTorrent *self, CcbtHindranceFacts *facts)
{
  for (guint i = 0; i < self->peers->len; i++)
    {
      CcbtPeer *peer = g_ptr_array_index (self->peers, i);
      const guint *stalls = self->is_finished ? &peer->upload_stalls : &peer->download_stalls;

      if (!ccbt_peer_is_open (peer))
        {
          facts->n_known++;
          continue;
        }
      facts->n_peers++;
      facts->n_useful += is_useful (self, peer);
      facts->n_serving += is_useful (self, peer) && !peer->peer_choking;
      facts->stalls |= *stalls;
      peer->download_stalls = peer->upload_stalls = 0;
    }
}

static CcbtHindrance
find (CcbtTorrent *self)
{
  CcbtHindranceFacts facts = {
    .is_seeding = self->is_finished,
    .trackers_fail = ccbt_tracker_set_fails (self->trackers),
    .n_known = ccbt_candidates_count_idle (&self->candidates),
  };

  examine_peers (self, &facts);
  /* Before the metadata is there nothing can be told about pieces. */
  if (self->metainfo == NULL && facts.n_peers > 0)
    return CCBT_HINDRANCE_NONE;
  return ccbt_hindrance_find (&facts);
}

void
ccbt_torrent_count_hindrance (CcbtTorrent *self, guint64 seconds, gboolean rested)
{
  CcbtHindrance hindrance = rested ? self->hindrance.current : find (self);

  if (ccbt_hindrance_watch_count (&self->hindrance, hindrance, seconds))
    ccbt_torrent_changed (self);
}

gboolean
ccbt_torrent_is_hindrance_settled (CcbtTorrent *self)
{
  return ccbt_hindrance_watch_is_settled (&self->hindrance, find (self));
}

/* Pieces that are wanted and that nobody connected has. */
static guint
count_missing (CcbtTorrent *self)
{
  guint n = 0;

  for (guint32 piece = 0; self->picker != NULL && piece < self->map.n_pieces; piece++)
    n += ccbt_picker_wants (self->picker, piece)
         && ccbt_picker_get_availability (self->picker, piece) == 0;
  return n;
}

guint
ccbt_torrent_count_hindering (CcbtTorrent *self)
{
  switch (self->hindrance.current)
    {
    case CCBT_HINDRANCE_NO_PIECES:
      return count_missing (self);
    case CCBT_HINDRANCE_UNREACHABLE:
      return ccbt_candidates_count_idle (&self->candidates) + self->peers->len;
    default:
      return 0;
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-random.h"
#include "torrent/ccbt-torrent-private.h"

/* Being the first seed of a swarm (BEP 16): what peers are told of, and when. */

gboolean
ccbt_torrent_is_super_seeding (CcbtTorrent *self)
{
  return self->options->is_super_seeding && self->phase == CCBT_TORRENT_ACTIVE
         && self->picker != NULL && ccbt_bitfield_is_full (ccbt_picker_get_have (self->picker));
}

static guint
get_availability (gconstpointer owner, guint32 piece)
{
  return ccbt_picker_get_availability (((const CcbtTorrent *) owner)->picker, piece);
}

static void
reveal (CcbtTorrent *self, CcbtPeer *peer)
{
  guint32 piece;

  if (!ccbt_bitfield_is_full (&peer->has)
      && ccbt_super_seed_reveal (self->super_seed, peer->handle, &peer->has, get_availability, self,
                                 ccbt_clock_now (self->environment->clock), &piece))
    ccbt_peer_send (peer, &(CcbtMessage){ .kind = CCBT_MESSAGE_HAVE, .piece = piece });
}

void
ccbt_torrent_super_seed_greet (CcbtTorrent *self, CcbtPeer *peer)
{
  guint32 seed;

  ccbt_random_fill ((guint8 *) &seed, sizeof seed);
  if (self->super_seed == NULL)
    self->super_seed = ccbt_super_seed_new (self->map.n_pieces, seed);
  if (peer->has_fast)
    ccbt_peer_send (peer, &(CcbtMessage){ .kind = CCBT_MESSAGE_HAVE_NONE });
  reveal (self, peer);
}

static void
reward (CcbtTorrent *self, GArray *earned)
{
  for (guint i = 0; i < earned->len; i++)
    for (guint k = 0; k < self->peers->len; k++)
      {
        CcbtPeer *peer = g_ptr_array_index (self->peers, k);

        if (peer->handle == g_array_index (earned, guint32, i) && ccbt_peer_is_open (peer))
          reveal (self, peer);
      }
}

void
ccbt_torrent_super_seed_note_have (CcbtTorrent *self, CcbtPeer *peer, guint32 piece)
{
  g_autoptr (GArray) earned = NULL;

  if (self->super_seed == NULL)
    return;
  earned = g_array_new (FALSE, FALSE, sizeof (guint32));
  ccbt_super_seed_note_have (self->super_seed, peer->handle, piece, earned);
  reward (self, earned);
}

void
ccbt_torrent_super_seed_tick (CcbtTorrent *self, gint64 now)
{
  g_autoptr (GArray) earned = NULL;

  if (self->super_seed == NULL)
    return;
  earned = g_array_new (FALSE, FALSE, sizeof (guint32));
  ccbt_super_seed_tick (self->super_seed, now, earned);
  reward (self, earned);
}

void
ccbt_torrent_super_seed_forget (CcbtTorrent *self, CcbtPeer *peer)
{
  if (self->super_seed != NULL)
    ccbt_super_seed_remove_peer (self->super_seed, peer->handle);
}

/* What peers were told cannot be taken back: they are met anew. */
void
ccbt_torrent_super_seed_changed (CcbtTorrent *self)
{
  ccbt_torrent_close_peers (self);
  g_clear_pointer (&self->super_seed, ccbt_super_seed_free);
}

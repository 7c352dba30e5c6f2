/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

/* With so many connections, or addresses to try, more would only wait. */
#define PEERS_ENOUGH 30u
#define CANDIDATES_ENOUGH 50u

gboolean
ccbt_torrent_may_be_looked_up (CcbtTorrent *self)
{
  return (self->phase == CCBT_TORRENT_FETCHING || self->phase == CCBT_TORRENT_ACTIVE)
         && !ccbt_torrent_is_private (self);
}

gboolean
ccbt_torrent_needs_peers (CcbtTorrent *self)
{
  if (self->phase != CCBT_TORRENT_FETCHING
      && (self->phase != CCBT_TORRENT_ACTIVE || self->is_finished))
    return FALSE;
  return self->peers->len < MIN (PEERS_ENOUGH, ccbt_torrent_get_connection_limit (self))
         && ccbt_candidates_count_idle (&self->candidates) < CANDIDATES_ENOUGH;
}

void
ccbt_torrent_send_dht_port (CcbtTorrent *self, CcbtPeer *peer)
{
  if (peer->has_dht && self->environment->dht_port != 0 && !ccbt_torrent_is_private (self))
    ccbt_peer_send (
        peer, &(CcbtMessage){ .kind = CCBT_MESSAGE_PORT, .port = self->environment->dht_port });
}

void
ccbt_torrent_take_dht_port (CcbtTorrent *self, CcbtPeer *peer, guint16 port)
{
  CcbtAddress node = peer->address;

  if (port == 0 || self->environment->found_node == NULL || ccbt_torrent_is_private (self))
    return;
  node.port = port;
  self->environment->found_node (self->environment->session, &node);
}

gboolean
ccbt_torrent_is_finished (CcbtTorrent *self)
{
  return self->is_finished;
}

void
ccbt_torrent_count_outgoing (CcbtTorrent *self, guint by_family[2])
{
  by_family[0] = by_family[1] = 0;
  for (guint i = 0; i < self->peers->len; i++)
    {
      const CcbtPeer *peer = g_ptr_array_index (self->peers, i);

      if (!peer->is_incoming && ccbt_peer_is_open (peer)
          && ccbt_address_get_scope (&peer->address) == CCBT_ADDRESS_GLOBAL)
        by_family[peer->address.is_ipv6]++;
    }
}

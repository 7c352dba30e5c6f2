/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

/* Outgoing connections begun at a time by one torrent in one go. */
#define DIALS_PER_TURN 20u

/* Seeds dial too: a leech that nobody can reach has only us to be found by. */
static gboolean
wants_peers (CcbtTorrent *self)
{
  return self->phase == CCBT_TORRENT_FETCHING || self->phase == CCBT_TORRENT_ACTIVE;
}

static gboolean
dial (CcbtTorrent *self, CcbtCandidate *candidate, CcbtPeerSource source, gint64 now)
{
  g_autoptr (GError) error = NULL;
  GSocket *socket
      = ccbt_socket_factory_connect (self->environment->sockets, &candidate->address, &error);
  CcbtPeer *peer;

  if (socket == NULL)
    {
      ccbt_candidates_note_closed (&self->candidates, &candidate->address, FALSE, now);
      return FALSE;
    }
  candidate->is_connected = TRUE;
  peer = ccbt_peer_new (self->environment->peers, &ccbt_torrent_peer_owner, self,
                        ccbt_tcp_transport_new (self->environment->peers->reactor, socket),
                        &candidate->address, &self->wire_hash);
  peer->source = source;
  self->environment->n_half_open++;
  g_ptr_array_add (self->peers, peer);
  ccbt_torrent_wake (self);
  return TRUE;
}

void
ccbt_torrent_connect_more (CcbtTorrent *self, gint64 now)
{
  CcbtTorrentEnvironment *environment = self->environment;

  self->candidates.avoids_seeds = self->is_finished;
  for (guint i = 0; i < DIALS_PER_TURN && wants_peers (self); i++)
    {
      CcbtCandidate *candidate;

      if (self->peers->len >= ccbt_torrent_get_connection_limit (self)
          || environment->n_half_open >= environment->max_half_open)
        return;
      candidate = ccbt_candidates_take_due (&self->candidates, now);
      if (candidate == NULL)
        return;
      if (!environment->may_connect (environment->session, &candidate->address))
        candidate->next_attempt = now + 5 * CCBT_SECOND;
      else
        dial (self, candidate, candidate->source, now);
    }
}

void
ccbt_torrent_dial_now (CcbtTorrent *self, const CcbtAddress *address, CcbtPeerSource source,
                       gboolean allow_loopback)
{
  CcbtTorrentEnvironment *environment = self->environment;
  CcbtCandidate *candidate;

  ccbt_candidates_add (&self->candidates, address, source, allow_loopback);
  candidate = ccbt_candidates_lookup (&self->candidates, address);
  if (candidate == NULL || candidate->is_connected || candidate->is_useless || !wants_peers (self)
      || self->peers->len >= ccbt_torrent_get_connection_limit (self)
      || environment->n_half_open >= environment->max_half_open
      || !environment->may_connect (environment->session, address))
    return;
  dial (self, candidate, source, ccbt_clock_now (environment->clock));
}

/* A private torrent's peers come from its trackers alone, or from the user (BEP 27). */
static gboolean
may_come_from (CcbtTorrent *self, CcbtPeerSource source)
{
  return !ccbt_torrent_is_private (self) || (1u << source & CCBT_PEER_SOURCES_PUBLIC) == 0;
}

void
ccbt_torrent_add_peers (CcbtTorrent *self, CcbtPeerSource source, const CcbtAddress *addresses,
                        guint n_addresses, gboolean allow_loopback)
{
  if (!may_come_from (self, source))
    return;
  for (guint i = 0; i < n_addresses; i++)
    ccbt_candidates_add (&self->candidates, &addresses[i], source, allow_loopback);
  ccbt_torrent_connect_more (self, ccbt_clock_now (self->environment->clock));
  ccbt_torrent_wake (self);
}

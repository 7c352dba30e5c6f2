/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-session-private.h"

#define CHOKE_EVERY (10 * CCBT_SECOND)
#define CHOKE_SOON_MS 100 /* between rounds that something asked for */
#define WAKE_STALLED_MS 10
#define PORTS_TRIED 10u

gboolean
ccbt_session_may_connect (gpointer session, const CcbtAddress *address)
{
  CcbtSession *self = session;

  if (ccbt_peer_table_get_n (self->peers.table) >= self->environment.max_connections)
    return FALSE;
  return ccbt_address_get_scope (address) == CCBT_ADDRESS_LOOPBACK
         || ccbt_peer_table_count_ip (self->peers.table, address)
                < self->environment.connections_per_address;
}

/* --- Choking --- */

static guint
get_upload_slots (CcbtSession *self, const CcbtChokeCandidate *candidates, guint n)
{
  guint configured = (guint) ccbt_config_get_integer (self->config, "limits.upload_slots"),
        wanting = 0;

  if (configured > 0)
    return configured;
  for (guint i = 0; i < n; i++)
    wanting += candidates[i].is_unchoked && candidates[i].is_interested;
  return ccbt_choker_suggest_slots (self->peers.upload.bucket.limit, self->up.per_second, wanting);
}

void
ccbt_session_run_choker (CcbtSession *self)
{
  g_autoptr (GArray) array = g_array_new (FALSE, TRUE, sizeof (CcbtChokeCandidate));
  CcbtChokeCandidate *candidates;
  gint64 now = ccbt_clock_now (self->peers.clock);

  for (guint i = 0; i < ccbt_roster_get_n_awake (self->roster); i++) /* others have no peers */
    ccbt_torrent_list_choke_candidates (ccbt_roster_get_awake (self->roster, i), array);
  candidates = (CcbtChokeCandidate *) (gpointer) array->data;
  ccbt_choker_run (&self->choker, candidates, array->len,
                   get_upload_slots (self, candidates, array->len), now);
  self->last_choke = now;
  self->next_choke = now + CHOKE_EVERY;
  for (guint i = 0; i < array->len; i++)
    {
      CcbtPeer *peer = ccbt_peer_table_lookup (self->peers.table, candidates[i].peer);

      if (peer == NULL)
        continue;
      peer->is_unchoked_optimistically = candidates[i].is_optimistic;
      ccbt_peer_set_choking (peer, !candidates[i].unchoke);
    }
}

static gboolean
choke_timer_cb (gpointer data)
{
  CcbtSession *self = data;

  ccbt_session_stop_timer (&self->choke_timer);
  ccbt_session_run_choker (self);
  return G_SOURCE_REMOVE;
}

void
ccbt_session_choke_soon (gpointer session)
{
  CcbtSession *self = session;
  gint64 since = ccbt_clock_now (self->peers.clock) - self->last_choke;

  if (self->choke_timer == NULL && self->closed == NULL)
    self->choke_timer = ccbt_session_start_timer (
        since > CHOKE_SOON_MS * CCBT_MILLISECOND ? 0 : CHOKE_SOON_MS, choke_timer_cb, self);
}

/* --- Peers that wait for a limit or the disk --- */

static gboolean
wake_timer_cb (gpointer data)
{
  CcbtSession *self = data;

  ccbt_peer_environment_wake_stalled (&self->peers);
  if (self->peers.stalled->len > 0)
    return G_SOURCE_CONTINUE;
  ccbt_session_stop_timer (&self->wake_timer);
  return G_SOURCE_REMOVE;
}

void
ccbt_session_note_stall (gpointer session)
{
  CcbtSession *self = session;

  if (self->wake_timer == NULL)
    self->wake_timer = ccbt_session_start_timer (WAKE_STALLED_MS, wake_timer_cb, self);
}

/* --- Incoming connections --- */

static gboolean
lobby_identify (CcbtPeer *peer, const CcbtSha1 *info_hash)
{
  CcbtSession *self = peer->owner;
  CcbtTorrent *torrent = g_hash_table_lookup (self->by_hash, info_hash);

  if (torrent == NULL || !ccbt_torrent_adopt (torrent, peer))
    return FALSE;
  g_ptr_array_remove_fast (self->lobby, peer);
  return TRUE;
}

static void
lobby_closed (CcbtPeer *peer, const GError *reason)
{
  g_ptr_array_remove_fast (((CcbtSession *) peer->owner)->lobby, peer);
}

static const CcbtPeerOwner lobby_owner = { .identify = lobby_identify, .closed = lobby_closed };

static void
accepted_cb (gpointer owner, GSocket *socket, const CcbtAddress *from)
{
  CcbtSession *self = owner;
  CcbtPeer *peer;

  ccbt_session_note_incoming (self, from);
  if (!ccbt_session_may_connect (self, from))
    {
      g_object_unref (socket);
      return;
    }
  peer = ccbt_peer_new (&self->peers, &lobby_owner, self,
                        ccbt_tcp_transport_new (self->peers.reactor, socket), from, NULL);
  g_ptr_array_add (self->lobby, peer);
}

void
ccbt_session_tick_lobby (CcbtSession *self, gint64 now)
{
  for (guint i = self->lobby->len; i-- > 0;)
    if (i < self->lobby->len)
      ccbt_peer_tick (g_ptr_array_index (self->lobby, i), now);
}

gboolean
ccbt_session_start_listening (CcbtSession *self, const CcbtEngineOptions *options, GError **error)
{
  gboolean is_fixed = options->port > 0;
  guint16 port = (guint16) (options->port >= 0
                                ? options->port
                                : ccbt_config_get_integer (self->config, "network.listen_port"));
  g_autoptr (GError) first_error = NULL;

  for (guint i = 0; i < (port == 0 || is_fixed ? 1 : PORTS_TRIED) && self->listener == NULL; i++)
    self->listener
        = ccbt_listener_new (self->peers.reactor, &self->sockets, (guint16) MIN (port + i, 65535),
                             accepted_cb, self, first_error == NULL ? &first_error : NULL);
  if (self->listener == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&first_error));
      return FALSE;
    }
  self->environment.port = ccbt_listener_get_port (self->listener);
  ccbt_event_ring_post (self->events, CCBT_EVENT_LISTENING, 0, ccbt_clock_wall (self->peers.clock),
                        g_variant_new_parsed ("{'port': <%u>}", (guint) self->environment.port));
  return TRUE;
}

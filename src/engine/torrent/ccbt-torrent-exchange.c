/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

/* Peers telling each other of peers (BEP 11), and what they say of us. */

gboolean
ccbt_torrent_may_exchange (CcbtTorrent *self)
{
  return self->environment->use_pex && !ccbt_torrent_is_private (self);
}

CcbtPeerExchange *
ccbt_torrent_ensure_exchange (CcbtTorrent *self, CcbtPeer *peer)
{
  gint64 now = ccbt_clock_now (self->environment->clock);

  if (peer->exchange == NULL)
    {
      peer->exchange = g_new0 (CcbtPeerExchange, 1);
      ccbt_pex_link_init (&peer->exchange->pex, now);
      ccbt_holepunch_limit_init (&peer->exchange->punches, now);
    }
  return peer->exchange;
}

void
ccbt_torrent_end_exchange (CcbtTorrent *self, CcbtPeer *peer)
{
  self->contacts_generation++;
  if (peer->exchange != NULL)
    ccbt_pex_link_clear (&peer->exchange->pex);
  g_clear_pointer (&peer->exchange, g_free);
}

/* --- What others may know --- */

gboolean
ccbt_torrent_get_contact (const CcbtPeer *peer, CcbtAddress *out)
{
  *out = peer->address;
  if (peer->is_incoming)
    out->port = peer->extended.port;
  return ccbt_peer_is_open (peer) && out->port != 0;
}

gboolean
ccbt_torrent_is_peer_complete (const CcbtPeer *peer)
{
  return peer->upload_only || (peer->has.n_bits > 0 && ccbt_bitfield_is_full (&peer->has));
}

static guint8
get_flags (const CcbtPeer *peer)
{
  return (guint8) ((peer->extended.prefers_encryption ? CCBT_PEX_PREFERS_ENCRYPTION : 0)
                   | (ccbt_torrent_is_peer_complete (peer) ? CCBT_PEX_IS_SEED : 0)
                   | (peer->extended.holepunch_id != 0 ? CCBT_PEX_HAS_HOLEPUNCH : 0)
                   | (!peer->is_incoming ? CCBT_PEX_IS_REACHABLE : 0));
}

static gboolean
describe (const CcbtPeer *peer, CcbtPexPeer *out)
{
  memset (out, 0, sizeof *out);
  out->flags = get_flags (peer);
  return ccbt_torrent_get_contact (peer, &out->address);
}

/* Returns: (transfer full) (element-type CcbtPexPeer) */
static GArray *
list_contacts (CcbtTorrent *self)
{
  GArray *contacts = g_array_new (FALSE, FALSE, sizeof (CcbtPexPeer));
  CcbtPexPeer contact;

  for (guint i = 0; i < self->peers->len; i++)
    if (describe (g_ptr_array_index (self->peers, i), &contact))
      g_array_append_val (contacts, contact);
  ccbt_pex_recent_fill (&self->recent, contacts);
  return contacts;
}

void
ccbt_torrent_note_parting (CcbtTorrent *self, const CcbtPeer *peer)
{
  CcbtPexPeer contact;

  if (ccbt_torrent_may_exchange (self) && describe (peer, &contact))
    ccbt_pex_recent_note (&self->recent, &contact, ccbt_clock_now (self->environment->clock));
}

/* --- Telling --- */

static void
tell (CcbtTorrent *self, CcbtPeer *peer, const GArray *contacts, gint64 now)
{
  g_autoptr (GByteArray) payload = NULL;
  g_autoptr (CcbtPexMessage) message = NULL;
  CcbtAddress address;

  ccbt_torrent_get_contact (peer, &address);
  message = ccbt_pex_link_compose (&peer->exchange->pex, contacts, self->contacts_generation,
                                   &address, ccbt_torrent_is_peer_complete (peer), now);
  if (message == NULL)
    return;
  payload = g_byte_array_new ();
  ccbt_pex_write (payload, message);
  ccbt_peer_send_extended (peer, peer->extended.pex_id, payload);
}

void
ccbt_torrent_tick_exchange (CcbtTorrent *self, gint64 now)
{
  g_autoptr (GArray) contacts = NULL;

  if (!ccbt_torrent_may_exchange (self))
    return;
  if (ccbt_pex_recent_expire (&self->recent, now))
    self->contacts_generation++;
  for (guint i = self->peers->len; i-- > 0;)
    {
      CcbtPeer *peer = i < self->peers->len ? g_ptr_array_index (self->peers, i) : NULL;

      if (peer == NULL || !ccbt_peer_is_open (peer) || peer->extended.pex_id == 0
          || !ccbt_pex_link_is_due (&ccbt_torrent_ensure_exchange (self, peer)->pex,
                                    self->contacts_generation, now))
        continue;
      if (contacts == NULL)
        contacts = list_contacts (self);
      tell (self, peer, contacts, now);
    }
}

/* --- Hearing --- */

gboolean
ccbt_torrent_get_own_address (CcbtTorrent *self, const CcbtPeer *peer, CcbtAddress *out)
{
  *out = peer->extended.your_ip;
  out->port = self->environment->port;
  return peer->extended.has_your_ip && out->port != 0;
}

void
ccbt_torrent_take_pex (CcbtTorrent *self, CcbtPeer *peer, CcbtSpan payload)
{
  g_autoptr (CcbtPexMessage) message = NULL;
  gint64 now = ccbt_clock_now (self->environment->clock);
  gboolean is_local = ccbt_address_get_scope (&peer->address) == CCBT_ADDRESS_LOOPBACK;
  CcbtAddress own;

  if (!ccbt_torrent_may_exchange (self)
      || !ccbt_pex_link_may_hear (&ccbt_torrent_ensure_exchange (self, peer)->pex, now))
    return;
  message = ccbt_pex_parse (payload, NULL);
  if (message == NULL)
    return;
  ccbt_pex_filter (message->added, &peer->address,
                   ccbt_torrent_get_own_address (self, peer, &own) ? &own : NULL);
  for (guint i = 0; i < message->dropped->len; i++)
    ccbt_candidates_drop_from_pex (&self->candidates,
                                   &g_array_index (message->dropped, CcbtAddress, i), peer->handle);
  for (guint i = 0; i < message->added->len; i++)
    ccbt_candidates_add_from_pex (
        &self->candidates, &g_array_index (message->added, CcbtPexPeer, i), peer->handle, is_local);
  ccbt_torrent_connect_more (self, now);
  ccbt_torrent_changed (self);
}

/* Peers' word on where we stand in the network decides the order of dialling (BEP 40). */
void
ccbt_torrent_hear_own_address (CcbtTorrent *self, const CcbtPeer *peer)
{
  CcbtAddress own;
  CcbtOwnAddress *votes;

  if (!ccbt_torrent_get_own_address (self, peer, &own))
    return;
  votes = &self->own_addresses[own.is_ipv6];
  if (!ccbt_own_address_vote (votes, &own, &peer->address))
    return;
  own.port = 0;
  if (ccbt_own_address_get (votes) != NULL)
    {
      own = *ccbt_own_address_get (votes);
      own.port = self->environment->port;
    }
  ccbt_candidates_set_own_address (&self->candidates, &own);
}

/* The metadata says that it is private: what came by other ways than its trackers goes. */
void
ccbt_torrent_forget_public_peers (CcbtTorrent *self)
{
  ccbt_candidates_forget_sources (&self->candidates, CCBT_PEER_SOURCES_PUBLIC);
  for (guint i = self->peers->len; i-- > 0;)
    {
      CcbtPeer *peer = i < self->peers->len ? g_ptr_array_index (self->peers, i) : NULL;

      if (peer != NULL && (1u << peer->source & CCBT_PEER_SOURCES_PUBLIC) != 0)
        ccbt_peer_close_for (peer, CCBT_ERROR_REFUSED, "the torrent is private");
    }
}

/* --- Pieces a peer has no longer (BEP 54) --- */

/* Each costs a walk over all pieces. */
#define MAX_DEMOTIONS 16u

static void
lose_piece (CcbtTorrent *self, CcbtPeer *peer, guint32 piece)
{
  gboolean was_complete = ccbt_bitfield_is_full (&peer->has);

  if (!ccbt_bitfield_unset (&peer->has, piece))
    return;
  if (was_complete)
    ccbt_picker_demote_seed (self->picker);
  ccbt_picker_remove_piece (self->picker, piece);
  ccbt_torrent_abandon_piece (self, peer, piece);
  ccbt_picker_forget_peer (self->picker, peer->handle); /* what was kept for it it may not have */
  if (was_complete && ++ccbt_torrent_ensure_exchange (self, peer)->n_demotions > MAX_DEMOTIONS)
    ccbt_peer_close_for (peer, CCBT_ERROR_MALFORMED, "complete and not, again and again");
  else
    ccbt_torrent_update_interest (self, peer);
}

void
ccbt_torrent_take_dont_have (CcbtTorrent *self, CcbtPeer *peer, CcbtSpan payload)
{
  guint32 piece;

  if (!ccbt_dont_have_parse (payload, &piece, NULL))
    return;
  if (self->picker == NULL)
    {
      if (piece < peer->has.n_bits)
        ccbt_bitfield_unset (&peer->has, piece);
      return;
    }
  if (piece < self->map.n_pieces && peer->has.n_bits > 0)
    lose_piece (self, peer, piece);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"
#include "wire/ccbt-holepunch.h"

/* Meeting somebody that cannot be dialled, through a peer of both (BEP 55). We are relay, initiator
 * or target; as the last two we dial at once when told to. */

#define MAX_PUNCHES 2u /* for one candidate, until it was connected */

static void
send_message (CcbtPeer *peer, const CcbtHolepunchMessage *message)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();

  ccbt_holepunch_write (payload, message);
  ccbt_peer_send_extended (peer, peer->extended.holepunch_id, payload);
}

/* --- Relay --- */

static CcbtPeer *
find_contact (CcbtTorrent *self, const CcbtAddress *address)
{
  for (guint i = 0; i < self->peers->len; i++)
    {
      CcbtPeer *peer = g_ptr_array_index (self->peers, i);
      CcbtAddress contact;

      if (ccbt_torrent_get_contact (peer, &contact) && ccbt_address_equal (&contact, address))
        return peer;
    }
  return NULL;
}

/* May these two be brought together? Each must be able to know the other's address. */
static gboolean
may_meet (const CcbtAddress *a, const CcbtAddress *b)
{
  return ccbt_pex_may_pass (a, b) && ccbt_pex_may_pass (b, a);
}

static CcbtHolepunchError
judge_rendezvous (CcbtTorrent *self, CcbtPeer *initiator, const CcbtAddress *wanted,
                  CcbtPeer **target)
{
  CcbtAddress own, contact;

  if (wanted->port == 0 || ccbt_address_get_scope (wanted) == CCBT_ADDRESS_UNUSABLE)
    return CCBT_HOLEPUNCH_NO_SUCH_PEER;
  if (ccbt_torrent_get_own_address (self, initiator, &own) && ccbt_address_equal (&own, wanted))
    return CCBT_HOLEPUNCH_NO_SELF;
  *target = find_contact (self, wanted);
  if (*target == initiator)
    return CCBT_HOLEPUNCH_NO_SUCH_PEER;
  if (*target == NULL || !ccbt_torrent_get_contact (initiator, &contact)
      || !may_meet (&contact, wanted))
    return CCBT_HOLEPUNCH_NOT_CONNECTED;
  return (*target)->extended.holepunch_id != 0 ? CCBT_HOLEPUNCH_OK : CCBT_HOLEPUNCH_NO_SUPPORT;
}

static void
relay (CcbtTorrent *self, CcbtPeer *initiator, const CcbtAddress *wanted)
{
  CcbtHolepunchMessage message = { .kind = CCBT_HOLEPUNCH_ERROR, .address = *wanted };
  CcbtPeer *target = NULL;

  message.code = judge_rendezvous (self, initiator, wanted, &target);
  if (message.code != CCBT_HOLEPUNCH_OK)
    {
      send_message (initiator, &message);
      return;
    }
  message.kind = CCBT_HOLEPUNCH_CONNECT;
  send_message (initiator, &message);
  ccbt_torrent_get_contact (initiator, &message.address);
  send_message (target, &message);
}

/* --- Initiator and target --- */

static void
follow (CcbtTorrent *self, CcbtPeer *relaying, const CcbtAddress *address)
{
  CcbtAddress own;

  if (find_contact (self, address) != NULL || !ccbt_pex_may_pass (address, &relaying->address)
      || (ccbt_torrent_get_own_address (self, relaying, &own)
          && ccbt_address_equal (&own, address)))
    return;
  ccbt_torrent_dial_now (self, address, CCBT_PEER_SOURCE_HOLEPUNCH,
                         ccbt_address_get_scope (&relaying->address) == CCBT_ADDRESS_LOOPBACK);
}

void
ccbt_torrent_ask_for_rendezvous (CcbtTorrent *self, const CcbtAddress *address)
{
  CcbtCandidate *candidate = ccbt_candidates_lookup (&self->candidates, address);
  CcbtPeer *relaying;

  if (candidate == NULL || (candidate->pex_flags & CCBT_PEX_HAS_HOLEPUNCH) == 0
      || candidate->n_punches >= MAX_PUNCHES || !ccbt_torrent_may_exchange (self))
    return;
  relaying = ccbt_peer_table_lookup (self->environment->peers->table, candidate->told_by);
  if (relaying == NULL || relaying->owner != self || !ccbt_peer_is_open (relaying)
      || relaying->extended.holepunch_id == 0)
    return;
  candidate->n_punches++;
  send_message (relaying,
                &(CcbtHolepunchMessage){ .kind = CCBT_HOLEPUNCH_RENDEZVOUS, .address = *address });
}

void
ccbt_torrent_take_holepunch (CcbtTorrent *self, CcbtPeer *peer, CcbtSpan payload)
{
  CcbtHolepunchMessage message;
  gint64 now = ccbt_clock_now (self->environment->clock);

  /* Who does not offer it gets no answer, not even that something is wrong. */
  if (ccbt_torrent_is_private (self) || peer->extended.holepunch_id == 0
      || !ccbt_holepunch_limit_take (&ccbt_torrent_ensure_exchange (self, peer)->punches, now)
      || !ccbt_holepunch_parse (payload, &message, NULL))
    return;
  switch (message.kind)
    {
    case CCBT_HOLEPUNCH_RENDEZVOUS:
      relay (self, peer, &message.address);
      break;
    case CCBT_HOLEPUNCH_CONNECT:
      follow (self, peer, &message.address);
      break;
    case CCBT_HOLEPUNCH_ERROR:
      g_debug ("%s: no rendezvous: error %u", self->name, message.code);
      break;
    }
}

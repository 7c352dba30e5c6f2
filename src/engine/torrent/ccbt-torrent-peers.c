/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

/* Of two connections with one peer, both this young, both ends must drop the same one. */
#define CROSSING (10 * CCBT_SECOND)

/* --- Coming and being sent away --- */

gboolean
ccbt_torrent_adopt (CcbtTorrent *self, CcbtPeer *peer)
{
  if (self->phase != CCBT_TORRENT_FETCHING && self->phase != CCBT_TORRENT_ACTIVE)
    return FALSE;
  if (self->peers->len >= ccbt_torrent_get_connection_limit (self)
      || ccbt_candidates_is_banned (&self->candidates, &peer->address))
    return FALSE;
  peer->owner_class = &ccbt_torrent_peer_owner;
  peer->owner = self;
  peer->source = CCBT_PEER_SOURCE_INCOMING;
  g_ptr_array_add (self->peers, peer);
  ccbt_torrent_wake (self);
  return TRUE;
}

void
ccbt_torrent_ban (CcbtTorrent *self, const CcbtAddress *address, const char *reason)
{
  g_autofree char *text = ccbt_address_to_string (address);

  ccbt_candidates_ban (&self->candidates, address);
  ccbt_torrent_post (self, CCBT_EVENT_PEER_BANNED,
                     g_variant_new_parsed ("{'address': <%s>, 'reason': <%s>}", text, reason));
  for (guint i = self->peers->len; i-- > 0;)
    {
      CcbtPeer *peer = i < self->peers->len ? g_ptr_array_index (self->peers, i) : NULL;

      if (peer != NULL && ccbt_address_same_ip (&peer->address, address))
        ccbt_peer_close_for (peer, CCBT_ERROR_REFUSED, "%s", reason);
    }
}

/* --- Greeting --- */

/* Of two connections with the same peer, is the one called @newer to go? Both ends decide alike:
 * the connection made by the end with the larger id stays when the two crossed. */
static gboolean
newer_goes (CcbtTorrent *self, CcbtPeer *older, CcbtPeer *newer)
{
  gboolean ours_is_larger
      = memcmp (self->environment->peers->peer_id, newer->peer_id, sizeof newer->peer_id) > 0;

  if (older->is_incoming == newer->is_incoming
      || newer->connected_at - older->connected_at > CROSSING)
    return TRUE;
  return newer->is_incoming == ours_is_larger;
}

static gboolean
is_duplicate (CcbtTorrent *self, CcbtPeer *peer)
{
  for (guint i = 0; i < self->peers->len; i++)
    {
      CcbtPeer *other = g_ptr_array_index (self->peers, i);

      if (other == peer || !ccbt_peer_is_open (other)
          || memcmp (other->peer_id, peer->peer_id, sizeof peer->peer_id) != 0)
        continue;
      if (newer_goes (self, other, peer))
        return TRUE;
      ccbt_peer_close_for (other, CCBT_ERROR_REFUSED, "a second connection with the same peer");
      return FALSE;
    }
  return FALSE;
}

static void
mark_useless (CcbtTorrent *self, CcbtPeer *peer)
{
  CcbtCandidate *candidate = ccbt_candidates_lookup (&self->candidates, &peer->address);

  if (candidate != NULL && !peer->is_incoming)
    candidate->is_useless = TRUE;
}

static void
send_pieces (CcbtTorrent *self, CcbtPeer *peer)
{
  const CcbtBitfield *have = self->picker != NULL ? ccbt_picker_get_have (self->picker) : NULL;
  g_autoptr (GByteArray) bits = NULL;

  if (have == NULL || have->n_set == 0)
    {
      if (peer->has_fast)
        ccbt_peer_send (peer, &(CcbtMessage){ .kind = CCBT_MESSAGE_HAVE_NONE });
      return;
    }
  if (ccbt_torrent_is_super_seeding (self))
    {
      ccbt_torrent_super_seed_greet (self, peer);
      return;
    }
  if (peer->has_fast && ccbt_bitfield_is_full (have))
    {
      ccbt_peer_send (peer, &(CcbtMessage){ .kind = CCBT_MESSAGE_HAVE_ALL });
      return;
    }
  bits = g_byte_array_new ();
  ccbt_bitfield_write (have, bits);
  ccbt_peer_send (
      peer, &(CcbtMessage){ .kind = CCBT_MESSAGE_BITFIELD, .payload = { bits->data, bits->len } });
}

/* With metadata: the peer's bitfield gets its size. */
static void
size_bitfield (CcbtTorrent *self, CcbtPeer *peer)
{
  peer->n_pieces = self->map.n_pieces;
  if (peer->has.n_bits == 0)
    ccbt_bitfield_init (&peer->has, peer->n_pieces);
}

static gboolean
is_useless_to_each_other (CcbtTorrent *self, CcbtPeer *peer)
{
  if (!self->is_finished || self->picker == NULL || !ccbt_torrent_is_active (self))
    return FALSE;
  return ccbt_torrent_is_peer_complete (peer);
}

#define SEED_PAUSE (3600 * CCBT_SECOND)

/* Two complete ends: neither has anything for the other for a while. */
static void
part_as_seeds (CcbtTorrent *self, CcbtPeer *peer)
{
  CcbtAddress address = peer->address;
  CcbtCandidate *candidate;

  ccbt_torrent_note_parting (self, peer);
  ccbt_peer_close_for (peer, CCBT_ERROR_REFUSED, "both are complete");
  candidate = ccbt_candidates_lookup (&self->candidates, &address);
  if (candidate != NULL)
    candidate->next_attempt = ccbt_clock_now (self->environment->clock) + SEED_PAUSE;
}

static void
note_pieces_changed (CcbtTorrent *self, CcbtPeer *peer)
{
  if (is_useless_to_each_other (self, peer))
    {
      part_as_seeds (self, peer);
      return;
    }
  ccbt_torrent_update_interest (self, peer);
  ccbt_torrent_fill (self, peer);
}

/* Hints that came before the number of pieces was known may name pieces there are not. */
static void
drop_wild_hints (GArray *hints, guint32 n_pieces)
{
  for (guint i = hints != NULL ? hints->len : 0; i-- > 0;)
    if (g_array_index (hints, guint32, i) >= n_pieces)
      g_array_remove_index_fast (hints, i);
}

/* Judges what came of its pieces before their number was known. Returns: FALSE when it was nonsense
 */
static gboolean
settle_early_pieces (CcbtTorrent *self, CcbtPeer *peer)
{
  CcbtBitfield early = peer->has;
  gboolean fits = early.n_bits == 0 || (early.n_bits + 7) / 8 == (self->map.n_pieces + 7) / 8;

  peer->has = (CcbtBitfield){ 0 };
  size_bitfield (self, peer);
  for (guint32 i = 0; i < early.n_bits && fits; i++)
    if (ccbt_bitfield_get (&early, i))
      {
        fits = i < self->map.n_pieces;
        if (fits)
          ccbt_bitfield_set (&peer->has, i);
      }
  if (peer->has_everything)
    ccbt_bitfield_set_all (&peer->has);
  ccbt_bitfield_clear (&early);
  if (!fits)
    ccbt_peer_close_for (peer, CCBT_ERROR_MALFORMED, "bitfield of another size");
  return fits;
}

/* The metadata came after the greeting: what follows from the number of pieces. */
void
ccbt_torrent_greet_with_pieces (CcbtTorrent *self, CcbtPeer *peer)
{
  if (!ccbt_peer_is_open (peer) || !settle_early_pieces (self, peer))
    return;
  drop_wild_hints (peer->allowed_pieces, self->map.n_pieces);
  drop_wild_hints (peer->suggested_pieces, self->map.n_pieces);
  if (peer->has.n_set > 0)
    ccbt_picker_add_pieces (self->picker, &peer->has);
  if (peer->am_choking)
    ccbt_torrent_send_grants (self, peer);
  note_pieces_changed (self, peer);
}

static gboolean
opened_cb (CcbtPeer *peer, const CcbtHandshake *handshake)
{
  CcbtTorrent *self = peer->owner;

  if (!peer->is_incoming)
    self->environment->n_half_open--;
  if (memcmp (&handshake->info_hash, &self->wire_hash, sizeof self->wire_hash) != 0
      || memcmp (peer->peer_id, self->environment->peers->peer_id, sizeof peer->peer_id) == 0)
    {
      mark_useless (self, peer); /* another torrent, or ourselves */
      return FALSE;
    }
  if (is_duplicate (self, peer))
    return FALSE;
  if (self->picker != NULL)
    size_bitfield (self, peer);
  send_pieces (self, peer);
  if (peer->has_extensions)
    ccbt_torrent_send_extended_handshake (self, peer);
  ccbt_torrent_send_dht_port (self, peer);
  self->contacts_generation++;
  if (self->picker != NULL && peer->am_choking)
    ccbt_torrent_send_grants (self, peer);
  peer->download_group = &self->download_group;
  peer->upload_group = &self->upload_group;
  if (ccbt_event_ring_wants (self->environment->events, CCBT_EVENT_PEER_CONNECTED))
    {
      g_autofree char *text = ccbt_address_to_string (&peer->address);

      ccbt_torrent_post (self, CCBT_EVENT_PEER_CONNECTED,
                         g_variant_new_parsed ("{'address': <%s>, 'source': <%s>}", text,
                                               ccbt_peer_source_get_name (peer->source)));
    }
  ccbt_torrent_changed (self);
  return TRUE;
}

/* --- Conversation --- */

static void
take_bitfield (CcbtTorrent *self, CcbtPeer *peer, const CcbtMessage *message)
{
  if (self->picker == NULL)
    {
      /* Metadata first: keep the raw bits, they are judged when the number of pieces is known. */
      ccbt_bitfield_clear (&peer->has);
      if (message->kind == CCBT_MESSAGE_HAVE_ALL)
        peer->has_everything = TRUE;
      else if (message->kind == CCBT_MESSAGE_BITFIELD)
        {
          ccbt_bitfield_init (&peer->has, (guint32) message->payload.len * 8);
          ccbt_bitfield_set_from_bytes (&peer->has, message->payload);
        }
      return;
    }
  if (message->kind == CCBT_MESSAGE_HAVE_ALL)
    ccbt_bitfield_set_all (&peer->has);
  else if (message->kind == CCBT_MESSAGE_BITFIELD)
    ccbt_bitfield_set_from_bytes (&peer->has, message->payload);
  ccbt_picker_add_pieces (self->picker, &peer->has);
  for (guint32 i = 0; self->super_seed != NULL && i < peer->has.n_bits; i++)
    if (ccbt_bitfield_get (&peer->has, i))
      ccbt_torrent_super_seed_note_have (self, peer, i);
  note_pieces_changed (self, peer);
}

static void
take_have (CcbtTorrent *self, CcbtPeer *peer, guint32 piece)
{
  if (self->picker == NULL)
    {
      if (piece < peer->has.n_bits)
        ccbt_bitfield_set (&peer->has, piece);
      return;
    }
  if (!ccbt_bitfield_set (&peer->has, piece))
    return;
  ccbt_torrent_super_seed_note_have (self, peer, piece);
  if (ccbt_bitfield_is_full (&peer->has))
    {
      ccbt_picker_add_piece (self->picker, piece);
      ccbt_picker_promote_to_seed (self->picker);
      note_pieces_changed (self, peer);
      return;
    }
  ccbt_picker_add_piece (self->picker, piece);
  if (ccbt_torrent_is_active (self) && !self->is_finished
      && ccbt_picker_wants (self->picker, piece))
    {
      ccbt_peer_set_interested (peer, TRUE);
      ccbt_torrent_fill (self, peer);
    }
}

static void
got_message_cb (CcbtPeer *peer, const CcbtMessage *message)
{
  CcbtTorrent *self = peer->owner;

  switch (message->kind)
    {
    case CCBT_MESSAGE_BITFIELD:
    case CCBT_MESSAGE_HAVE_ALL:
    case CCBT_MESSAGE_HAVE_NONE:
      take_bitfield (self, peer, message);
      break;
    case CCBT_MESSAGE_HAVE:
      take_have (self, peer, message->piece);
      break;
    case CCBT_MESSAGE_UNCHOKE:
    case CCBT_MESSAGE_ALLOWED_FAST:
      ccbt_torrent_fill (self, peer);
      break;
    case CCBT_MESSAGE_INTERESTED:
      self->environment->choke_soon (self->environment->session);
      break;
    case CCBT_MESSAGE_NOT_INTERESTED:
      if (!peer->am_choking)
        self->environment->choke_soon (self->environment->session);
      break;
    case CCBT_MESSAGE_PORT:
      ccbt_torrent_take_dht_port (self, peer, message->port);
      break;
    case CCBT_MESSAGE_EXTENDED:
      ccbt_torrent_take_extended (self, peer, message);
      if (ccbt_peer_is_open (peer) && is_useless_to_each_other (self, peer))
        part_as_seeds (self, peer);
      break;
    default:
      break;
    }
}

void
ccbt_torrent_announce_have (CcbtTorrent *self, guint32 piece)
{
  for (guint i = 0; i < self->peers->len; i++)
    {
      CcbtPeer *peer = g_ptr_array_index (self->peers, i);

      if (!ccbt_peer_is_open (peer))
        continue;
      peer->is_interest_stale = TRUE;
      /* A complete peer has no use for it. */
      if (!ccbt_bitfield_is_full (&peer->has))
        ccbt_peer_send (peer, &(CcbtMessage){ .kind = CCBT_MESSAGE_HAVE, .piece = piece });
    }
}

/* --- Serving --- */

static gboolean
may_upload_cb (CcbtPeer *peer, const CcbtUploadRequest *request)
{
  CcbtTorrent *self = peer->owner;

  if (self->picker == NULL || self->phase != CCBT_TORRENT_ACTIVE
      || request->piece >= self->map.n_pieces || request->length == 0
      || request->length > CCBT_MESSAGE_MAX_BLOCK)
    return FALSE;
  if ((guint64) request->offset + request->length
      > ccbt_piece_map_length (&self->map, request->piece))
    return FALSE;
  return ccbt_bitfield_get (ccbt_picker_get_have (self->picker), request->piece);
}

static CcbtStorage *
get_storage_cb (CcbtPeer *peer)
{
  return ((CcbtTorrent *) peer->owner)->storage;
}

/* What we claimed to have cannot be read: never claim it again unchecked (C14, C16). */
static void
upload_failed_cb (CcbtPeer *peer, guint32 piece, const GError *error)
{
  CcbtTorrent *self = peer->owner;

  if (!ccbt_torrent_is_active (self))
    return;
  g_info ("%s: piece %u cannot be read: %s", self->name, piece, error->message);
  ccbt_torrent_fail (self, error);
}

/* --- Ends --- */

static void
count_transfer (CcbtTorrent *self, CcbtPeer *peer)
{
  guint64 down = peer->down.total - peer->counted_down, up = peer->up.total - peer->counted_up;

  peer->counted_down = peer->down.total;
  peer->counted_up = peer->up.total;
  self->downloaded += down;
  self->uploaded += up;
  self->environment->downloaded += down;
  self->environment->uploaded += up;
  ccbt_rate_meter_add (&self->down, down);
  ccbt_rate_meter_add (&self->up, up);
  ccbt_rate_trail_add (&self->trail, ccbt_clock_now (self->environment->clock) / CCBT_SECOND, down,
                       up);
}

static void
note_candidate_closed (CcbtTorrent *self, CcbtPeer *peer)
{
  CcbtAddress address = peer->address;
  gboolean worked = peer->was_open && peer->down.total + peer->up.total > 0;

  if (peer->is_incoming)
    address.port = peer->extended.port; /* it is known by where it listens */
  ccbt_candidates_note_closed (&self->candidates, &address, worked,
                               ccbt_clock_now (self->environment->clock));
}

static void
closed_cb (CcbtPeer *peer, const GError *reason)
{
  CcbtTorrent *self = peer->owner;

  g_object_ref (self);
  g_ptr_array_remove_fast (self->peers, peer);
  count_transfer (self, peer);
  if (!peer->was_open && !peer->is_incoming)
    self->environment->n_half_open--;
  if (self->fetch != NULL)
    ccbt_metadata_fetch_remove_peer (self->fetch, peer->handle);
  ccbt_torrent_abandon_all (self, peer);
  if (self->picker != NULL)
    {
      if (peer->n_pieces > 0 && peer->has.n_set > 0)
        ccbt_picker_remove_pieces (self->picker, &peer->has);
      ccbt_picker_forget_peer (self->picker, peer->handle);
    }
  ccbt_torrent_super_seed_forget (self, peer);
  note_candidate_closed (self, peer);
  if (!peer->was_open && !peer->is_incoming)
    ccbt_torrent_ask_for_rendezvous (self, &peer->address);
  ccbt_torrent_end_exchange (self, peer);
  if (peer->was_open
      && ccbt_event_ring_wants (self->environment->events, CCBT_EVENT_PEER_DISCONNECTED))
    {
      g_autofree char *text = ccbt_address_to_string (&peer->address);

      ccbt_torrent_post (self, CCBT_EVENT_PEER_DISCONNECTED,
                         g_variant_new_parsed ("{'address': <%s>, 'reason': <%s>}", text,
                                               reason != NULL ? reason->message : ""));
    }
  if (!peer->am_choking)
    self->environment->choke_soon (self->environment->session);
  ccbt_torrent_fill_soon (self);
  ccbt_torrent_changed (self);
  g_object_unref (self);
}

void
ccbt_torrent_close_peers (CcbtTorrent *self)
{
  while (self->peers->len > 0)
    ccbt_peer_close (g_ptr_array_index (self->peers, self->peers->len - 1), NULL);
}

void
ccbt_torrent_drop_useless (CcbtTorrent *self)
{
  for (guint i = self->peers->len; i-- > 0;)
    {
      CcbtPeer *peer = i < self->peers->len ? g_ptr_array_index (self->peers, i) : NULL;

      if (peer != NULL && ccbt_peer_is_open (peer) && is_useless_to_each_other (self, peer))
        part_as_seeds (self, peer);
    }
}

void
ccbt_torrent_tick_peers (CcbtTorrent *self, gint64 now)
{
  gboolean is_second = now >= self->next_second;

  if (is_second)
    {
      self->next_second = now + CCBT_SECOND;
      ccbt_torrent_tick_exchange (self, now);
      ccbt_torrent_super_seed_tick (self, now);
    }
  for (guint i = self->peers->len; i-- > 0;)
    {
      CcbtPeer *peer = i < self->peers->len ? g_ptr_array_index (self->peers, i) : NULL;

      if (peer == NULL)
        continue;
      count_transfer (self, peer);
      if (!is_second)
        continue;
      ccbt_peer_tick (peer, now);
      if (i >= self->peers->len || g_ptr_array_index (self->peers, i) != peer
          || !ccbt_peer_is_open (peer))
        continue;
      if (self->fetch != NULL)
        ccbt_torrent_fetch_from (self, peer, now);
      ccbt_torrent_watch_requests (self, peer, now);
      if (peer->is_interest_stale)
        ccbt_torrent_update_interest (self, peer);
      ccbt_torrent_fill (self, peer);
    }
}

/* A torrent's peers have said which one they want. */
static gboolean
identify_cb (CcbtPeer *peer, const CcbtSha1 *info_hash)
{
  return FALSE;
}

const CcbtPeerOwner ccbt_torrent_peer_owner = {
  .identify = identify_cb,
  .opened = opened_cb,
  .got_message = got_message_cb,
  .land = ccbt_torrent_land,
  .pin = ccbt_torrent_pin,
  .landed = ccbt_torrent_landed,
  .request_lost = ccbt_torrent_request_lost,
  .may_upload = may_upload_cb,
  .get_storage = get_storage_cb,
  .upload_failed = upload_failed_cb,
  .closed = closed_cb,
};

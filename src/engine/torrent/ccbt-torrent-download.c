/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

/* Blocks picked at a time. */
#define PICK_BATCH 64u
/* A peer that owes us blocks and sends none for so long is snubbing us: what it owes goes to others
 * (threat B43). */
#define SNUB_AFTER (8 * CCBT_SECOND)
#define SNUB_LATENCIES 4
/* A block that takes so long from its first byte on is dripped: others may have it. */
#define DRIP_AFTER (60 * CCBT_SECOND)

/* --- Asking --- */

static gboolean
may_ask (CcbtTorrent *self, CcbtPeer *peer)
{
  if (!ccbt_torrent_is_downloading (self) || self->space_error != NULL || !ccbt_peer_is_open (peer)
      || !peer->am_interested)
    return FALSE;
  return !peer->peer_choking || (peer->has_fast && peer->allowed_pieces != NULL);
}

/* How many more requests the peer should have, in steps so that they go out together. */
static guint
get_room (CcbtPeer *peer)
{
  guint target = peer->is_snubbed ? 1 : peer->requests.target;

  if (peer->requests.n_live >= target)
    return 0;
  if (peer->requests.n_live > 0 && target - peer->requests.n_live < MIN (target / 8, 16))
    return 0;
  return target - peer->requests.n_live;
}

void
ccbt_torrent_fill (CcbtTorrent *self, CcbtPeer *peer)
{
  CcbtBlock blocks[PICK_BATCH];
  CcbtPickRequest request;
  guint room;

  if (!may_ask (self, peer) || (room = get_room (peer)) == 0)
    return;
  request = (CcbtPickRequest){ .peer = peer->handle,
                               .has = &peer->has,
                               .is_slow = peer->is_snubbed,
                               .is_on_parole = peer->is_on_parole };
  if (peer->peer_choking)
    {
      request.only_pieces = (const guint32 *) peer->allowed_pieces->data;
      request.n_only_pieces = peer->allowed_pieces->len;
    }
  if (peer->suggested_pieces != NULL)
    {
      request.suggested = (const guint32 *) peer->suggested_pieces->data;
      request.n_suggested = peer->suggested_pieces->len;
    }
  while (room > 0)
    {
      guint wanted = MIN (room, PICK_BATCH);
      guint got = ccbt_picker_pick (self->picker, &request, blocks, wanted);

      if (got > 0)
        ccbt_peer_request (peer, blocks, got, &self->map);
      room -= got;
      if (got < wanted)
        break;
    }
}

static gboolean
refill_cb (gpointer data)
{
  CcbtTorrent *self = data;

  g_clear_pointer (&self->refill, g_source_unref);
  for (guint i = 0; ccbt_torrent_is_active (self) && i < self->peers->len; i++)
    {
      CcbtPeer *peer = g_ptr_array_index (self->peers, i);

      if (peer->is_interest_stale)
        ccbt_torrent_update_interest (self, peer);
      ccbt_torrent_fill (self, peer);
    }
  return G_SOURCE_REMOVE;
}

/* Blocks fell free: peers with room get them when the loop comes round. */
void
ccbt_torrent_fill_soon (CcbtTorrent *self)
{
  if (self->refill != NULL)
    return;
  self->refill = g_idle_source_new ();
  g_source_set_priority (self->refill, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->refill, refill_cb, self, NULL);
  g_source_attach (self->refill, g_main_context_get_thread_default ());
}

void
ccbt_torrent_update_interest (CcbtTorrent *self, CcbtPeer *peer)
{
  gboolean wants;

  peer->is_interest_stale = FALSE;
  if (!ccbt_peer_is_open (peer) || self->picker == NULL)
    return;
  wants = ccbt_torrent_is_downloading (self) && self->space_error == NULL
          && ccbt_picker_wants_any (self->picker, &peer->has);
  ccbt_peer_set_interested (peer, wants);
}

/* --- What the peer owes us --- */

static void
release_block (CcbtTorrent *self, CcbtPeer *peer, CcbtBlock block)
{
  if (self->assembly != NULL)
    ccbt_assembly_release (self->assembly, peer->handle, block);
  if (self->picker != NULL)
    ccbt_picker_abandon (self->picker, block, peer->handle);
}

void
ccbt_torrent_request_lost (CcbtPeer *peer, CcbtBlock block)
{
  CcbtTorrent *self = peer->owner;

  release_block (self, peer, block);
  ccbt_torrent_fill_soon (self);
}

/* Gives back every request but the first @keep live ones. */
static void
abandon_from (CcbtTorrent *self, CcbtPeer *peer, guint keep)
{
  guint n_live = 0;

  for (guint i = 0; i < peer->requests.n_items; i++)
    {
      CcbtRequestOut request = *ccbt_request_queue_get (&peer->requests, i);
      guint n_items = peer->requests.n_items;

      if (request.is_abandoned || ++n_live <= keep)
        continue;
      release_block (self, peer, request.block);
      ccbt_peer_abandon_request (peer, i);
      i -= n_items - peer->requests.n_items; /* old ones fell out in front */
    }
}

void
ccbt_torrent_abandon_all (CcbtTorrent *self, CcbtPeer *peer)
{
  if (peer->body.kind == CCBT_BODY_PLACE || peer->body.kind == CCBT_BODY_COPY)
    release_block (self, peer, peer->body.block);
  abandon_from (self, peer, 0);
}

/* The peer has @piece no longer. */
void
ccbt_torrent_abandon_piece (CcbtTorrent *self, CcbtPeer *peer, guint32 piece)
{
  for (guint i = 0; i < peer->requests.n_items; i++)
    {
      CcbtRequestOut request = *ccbt_request_queue_get (&peer->requests, i);
      guint n_items = peer->requests.n_items;

      if (request.is_abandoned || request.block.piece != piece)
        continue;
      release_block (self, peer, request.block);
      ccbt_peer_abandon_request (peer, i);
      i -= n_items - peer->requests.n_items; /* old ones fell out in front */
    }
  ccbt_torrent_fill_soon (self);
}

/* The block under way is not among the requests any more. */
static void
watch_block_under_way (CcbtTorrent *self, CcbtPeer *peer, gint64 now)
{
  CcbtBody *body = &peer->body;

  if ((body->kind != CCBT_BODY_PLACE && body->kind != CCBT_BODY_COPY) || body->was_abandoned
      || now - MAX (body->sent_at, peer->last_block_at) < DRIP_AFTER)
    return;
  body->was_abandoned = TRUE;
  release_block (self, peer, body->block);
  peer->is_snubbed = TRUE;
  abandon_from (self, peer, 1);
  ccbt_torrent_fill_soon (self);
}

/* Does the peer owe us blocks and sends nothing? */
void
ccbt_torrent_watch_requests (CcbtTorrent *self, CcbtPeer *peer, gint64 now)
{
  gint64 patience = MAX (SNUB_AFTER, SNUB_LATENCIES * peer->requests.latency);

  watch_block_under_way (self, peer, now);
  if (peer->requests.n_live == 0 || peer->is_snubbed)
    return;
  if (now - MAX (peer->requests.oldest_sent, MAX (peer->last_block_at, peer->connected_at))
      < patience)
    return;
  peer->is_snubbed = TRUE;
  abandon_from (self, peer, 1);
  ccbt_torrent_fill_soon (self);
}

/* --- Blocks that come --- */

guint8 *
ccbt_torrent_land (CcbtPeer *peer, CcbtBlock block, gboolean is_continued)
{
  CcbtTorrent *self = peer->owner;

  if (self->assembly == NULL || !ccbt_torrent_is_active (self))
    return NULL;
  return is_continued ? ccbt_assembly_continue (self->assembly, peer->handle, block)
                      : ccbt_assembly_land (self->assembly, peer->handle, block);
}

void
ccbt_torrent_pin (CcbtPeer *peer, CcbtBlock block, gboolean pinned)
{
  CcbtTorrent *self = peer->owner;

  if (self->assembly != NULL)
    ccbt_assembly_pin (self->assembly, peer->handle, block, pinned);
}

static void
cancel_elsewhere (CcbtTorrent *self, CcbtBlock block, const CcbtPeerHandle *others, guint n_others)
{
  for (guint i = 0; i < n_others; i++)
    {
      CcbtPeer *other = ccbt_peer_table_lookup (self->environment->peers->table, others[i]);

      if (other != NULL && other->owner == self && ccbt_peer_is_open (other))
        {
          ccbt_peer_cancel (other, block);
          ccbt_torrent_fill (self, other);
        }
    }
}

static gboolean
is_of_use (CcbtTorrent *self, CcbtPeer *peer, CcbtBlock block, gboolean was_abandoned)
{
  if (!ccbt_torrent_is_active (self)
      || ccbt_bitfield_get (ccbt_picker_get_have (self->picker), block.piece))
    return FALSE;
  /* Late, but still missing: welcome. */
  return !was_abandoned || ccbt_picker_get_block_state (self->picker, block) != CCBT_BLOCK_RECEIVED;
}

void
ccbt_torrent_landed (CcbtPeer *peer, CcbtBlock block, guint32 length, const guint8 *copy,
                     gboolean was_abandoned)
{
  CcbtTorrent *self = peer->owner;
  gint64 now = ccbt_clock_now (self->environment->clock);
  CcbtPeerHandle others[3];
  guint n_others = 0;

  peer->is_snubbed = FALSE;
  if (!is_of_use (self, peer, block, was_abandoned)
      || !ccbt_assembly_complete (self->assembly, peer->handle, block, copy, now))
    {
      self->wasted += length;
      if (self->picker != NULL && !was_abandoned)
        release_block (self, peer, block);
    }
  else
    {
      ccbt_picker_mark_received (self->picker, block, peer->handle, others, &n_others);
      cancel_elsewhere (self, block, others, n_others);
    }
  ccbt_torrent_fill (self, peer);
}

/* --- Verdicts --- */

void
ccbt_torrent_failed_piece_free (gpointer data)
{
  CcbtFailedPiece *failed = data;

  g_free (failed->digests);
  g_free (failed->givers);
  g_free (failed);
}

static gboolean
is_known_address (const CcbtAddress *address)
{
  return address->port != 0;
}

static void
note_givers (CcbtTorrent *self, guint32 piece, CcbtFailedPiece *record)
{
  record->n_blocks = ccbt_piece_map_blocks (&self->map, piece);
  record->digests = g_new0 (CcbtSha1, record->n_blocks);
  record->givers = g_new0 (CcbtAddress, record->n_blocks);
  for (guint i = 0; i < record->n_blocks; i++)
    {
      CcbtPeerHandle giver = ccbt_picker_get_giver (self->picker, (CcbtBlock){ piece, i });
      CcbtPeer *peer = ccbt_peer_table_lookup (self->environment->peers->table, giver);

      if (peer != NULL)
        record->givers[i] = peer->address;
    }
}

/* Returns: TRUE when all blocks came from one address */
static gboolean
has_one_giver (const CcbtFailedPiece *record)
{
  for (guint i = 1; i < record->n_blocks; i++)
    if (!ccbt_address_equal (&record->givers[i], &record->givers[0]))
      return FALSE;
  return is_known_address (&record->givers[0]);
}

static void
put_givers_on_parole (CcbtTorrent *self, const CcbtFailedPiece *record)
{
  for (guint i = 0; i < self->peers->len; i++)
    {
      CcbtPeer *peer = g_ptr_array_index (self->peers, i);

      for (guint block = 0; block < record->n_blocks; block++)
        if (ccbt_address_equal (&record->givers[block], &peer->address))
          peer->is_on_parole = TRUE;
    }
}

typedef struct
{
  CcbtTorrent *torrent;
  CcbtFailedPiece *record; /* of the failed bytes, or of the good ones */
  gboolean has_passed;
  CcbtDiskJob job;
} DigestJob;

/* Who gave other bytes than those that passed? */
static void
ban_liars (CcbtTorrent *self, guint32 piece, const CcbtFailedPiece *good)
{
  CcbtFailedPiece *bad = g_hash_table_lookup (self->failed_pieces, GUINT_TO_POINTER (piece));

  if (bad == NULL)
    return;
  for (guint i = 0; i < bad->n_blocks; i++)
    if (is_known_address (&bad->givers[i])
        && memcmp (&bad->digests[i], &good->digests[i], sizeof bad->digests[i]) != 0)
      ccbt_torrent_ban (self, &bad->givers[i], "sent a corrupt block");
  g_hash_table_remove (self->failed_pieces, GUINT_TO_POINTER (piece));
}

static void
digests_done (CcbtDiskJob *job)
{
  DigestJob *digest = job->owner;
  CcbtTorrent *self = digest->torrent;

  if (job->error == NULL && digest->has_passed)
    ban_liars (self, job->piece, digest->record);
  else if (job->error == NULL)
    g_hash_table_replace (self->failed_pieces, GUINT_TO_POINTER (job->piece),
                          g_steal_pointer (&digest->record));
  g_clear_pointer (&digest->record, ccbt_torrent_failed_piece_free);
  g_clear_error (&job->error);
  if (!digest->has_passed && self->picker != NULL) /* its bytes may be overwritten now */
    {
      ccbt_picker_piece_failed (self->picker, job->piece, CCBT_PEER_NONE);
      ccbt_torrent_fill_soon (self);
    }
  g_object_unref (self);
  g_free (digest);
}

/* Reads the piece's blocks back and takes their digests. @record: (transfer full) */
static void
take_digests (CcbtTorrent *self, guint32 piece, CcbtFailedPiece *record, gboolean has_passed)
{
  DigestJob *digest = g_new0 (DigestJob, 1);

  digest->torrent = g_object_ref (self);
  digest->record = record;
  digest->has_passed = has_passed;
  digest->job = (CcbtDiskJob){ .kind = CCBT_DISK_DIGEST_BLOCKS,
                               .storage = self->storage,
                               .done = digests_done,
                               .owner = digest,
                               .piece = piece,
                               .block_digests = record->digests };
  ccbt_disk_pool_submit (self->environment->peers->disk, &digest->job);
}

static void
handle_failed_piece (CcbtTorrent *self, guint32 piece)
{
  CcbtFailedPiece *record = g_new0 (CcbtFailedPiece, 1);

  self->wasted += ccbt_piece_map_length (&self->map, piece);
  if (ccbt_event_ring_wants (self->environment->events, CCBT_EVENT_PIECE_FAILED))
    ccbt_torrent_post (self, CCBT_EVENT_PIECE_FAILED,
                       g_variant_new_parsed ("{'piece': <%u>}", piece));
  note_givers (self, piece, record);
  if (has_one_giver (record)) /* B40: no doubt whose fault it is */
    {
      CcbtAddress guilty = record->givers[0];

      ccbt_torrent_failed_piece_free (record);
      g_hash_table_remove (self->failed_pieces, GUINT_TO_POINTER (piece));
      ccbt_picker_piece_failed (self->picker, piece, CCBT_PEER_NONE);
      ccbt_torrent_ban (self, &guilty, "sent a corrupt piece");
      ccbt_torrent_fill_soon (self);
      return;
    }
  put_givers_on_parole (self, record);
  take_digests (self, piece, record, FALSE);
}

/* A whole piece from one peer alone, and right: it is trusted again. */
static void
end_parole (CcbtTorrent *self, guint32 piece)
{
  CcbtPeerHandle giver = ccbt_picker_get_giver (self->picker, (CcbtBlock){ piece, 0 });
  CcbtPeer *peer = ccbt_peer_table_lookup (self->environment->peers->table, giver);

  if (peer == NULL || !peer->is_on_parole)
    return;
  for (guint32 i = 1; i < ccbt_piece_map_blocks (&self->map, piece); i++)
    if (ccbt_picker_get_giver (self->picker, (CcbtBlock){ piece, i }) != giver)
      return;
  peer->is_on_parole = FALSE;
}

static void
verdict_cb (gpointer owner, guint32 piece, gboolean passed)
{
  CcbtTorrent *self = owner;

  if (!passed)
    {
      handle_failed_piece (self, piece);
      ccbt_torrent_changed (self);
      return;
    }
  if (g_hash_table_contains (self->failed_pieces, GUINT_TO_POINTER (piece)))
    {
      CcbtFailedPiece *good = g_new0 (CcbtFailedPiece, 1);

      note_givers (self, piece, good);
      take_digests (self, piece, good, TRUE);
    }
  end_parole (self, piece);
  ccbt_picker_piece_passed (self->picker, piece);
  self->stamps_are_valid = FALSE;
  self->has_unsynced = TRUE;
  if (ccbt_event_ring_wants (self->environment->events, CCBT_EVENT_PIECE_VERIFIED))
    ccbt_torrent_post (self, CCBT_EVENT_PIECE_VERIFIED,
                       g_variant_new_parsed ("{'piece': <%u>}", piece));
  ccbt_torrent_announce_have (self, piece);
  ccbt_torrent_update_finished (self, TRUE);
  ccbt_torrent_changed (self);
}

static void
write_failed_cb (gpointer owner, guint32 piece, const GError *error)
{
  CcbtTorrent *self = owner;

  ccbt_picker_piece_failed (self->picker, piece, CCBT_PEER_NONE);
  ccbt_torrent_fail (self, error);
}

static void
written_cb (gpointer owner)
{
  CcbtPeerEnvironment *peers = ((CcbtTorrent *) owner)->environment->peers;

  if (peers->stalled->len > 0
      && ccbt_disk_pool_get_queued_bytes (peers->disk) < peers->disk_queue_limit / 2)
    ccbt_peer_environment_wake_stalled (peers);
}

const CcbtAssemblyOwner ccbt_torrent_assembly_owner
    = { .verdict = verdict_cb, .written = written_cb, .failed = write_failed_cb };

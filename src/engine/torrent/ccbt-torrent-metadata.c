/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-build.h"
#include "torrent/ccbt-torrent-private.h"

static guint32
get_metadata_size (CcbtTorrent *self)
{
  return self->metainfo != NULL
             ? (guint32) g_bytes_get_size (ccbt_metainfo_get_info (self->metainfo))
             : 0;
}

/* From outside we are reached where the router listens, on our own network where we do. */
static guint16
get_port_for (CcbtTorrent *self, const CcbtAddress *peer)
{
  const CcbtTorrentEnvironment *environment = self->environment;

  return environment->announced_port != 0 && !peer->is_ipv6
                 && ccbt_address_get_scope (peer) == CCBT_ADDRESS_GLOBAL
             ? environment->announced_port
             : environment->port;
}

void
ccbt_torrent_send_extended_handshake (CcbtTorrent *self, CcbtPeer *peer)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  char client[] = "ccBitTorrent " CCBT_VERSION;
  gboolean is_private = ccbt_torrent_is_private (self);
  const CcbtExtendedHandshake handshake
      = { .metadata_id = CCBT_OUR_METADATA_ID,
          .pex_id = ccbt_torrent_may_exchange (self) ? CCBT_OUR_PEX_ID : 0,
          .dont_have_id = CCBT_OUR_DONT_HAVE_ID,
          .holepunch_id = is_private ? 0 : CCBT_OUR_HOLEPUNCH_ID,
          .client = client,
          .port = get_port_for (self, &peer->address),
          .request_queue = 2000,
          .metadata_size = get_metadata_size (self),
          .upload_only = self->is_finished && !ccbt_torrent_is_super_seeding (self),
          .has_your_ip = TRUE,
          .your_ip = peer->address };

  ccbt_extended_handshake_write (payload, &handshake);
  ccbt_peer_send_extended (peer, 0, payload);
}

static void
send_metadata_message (CcbtPeer *peer, const CcbtMetadataMessage *message)
{
  g_autoptr (GByteArray) payload = NULL;

  if (peer->extended.metadata_id == 0)
    return;
  payload = g_byte_array_new ();
  ccbt_metadata_message_write (payload, message);
  ccbt_peer_send_extended (peer, peer->extended.metadata_id, payload);
}

/* --- Serving --- */

/* What waits to be sent bounds what a flood of requests can cost (threat B50). */
#define MAX_WAITING_OUT (512u * 1024)

static void
serve (CcbtTorrent *self, CcbtPeer *peer, guint32 piece)
{
  guint32 size = get_metadata_size (self), offset = piece * CCBT_METADATA_PIECE_SIZE;
  CcbtMetadataMessage answer = { .kind = CCBT_METADATA_REJECT, .piece = piece };

  if (size > 0 && piece < (size + CCBT_METADATA_PIECE_SIZE - 1) / CCBT_METADATA_PIECE_SIZE
      && (peer->out == NULL || peer->out->len < MAX_WAITING_OUT))
    {
      const guint8 *bytes = g_bytes_get_data (ccbt_metainfo_get_info (self->metainfo), NULL);

      answer = (CcbtMetadataMessage){ .kind = CCBT_METADATA_DATA,
                                      .piece = piece,
                                      .total_size = size,
                                      .data = { bytes + offset,
                                                MIN (CCBT_METADATA_PIECE_SIZE, size - offset) } };
    }
  send_metadata_message (peer, &answer);
}

/* --- Fetching --- */

typedef struct
{
  CcbtTorrent *torrent;
  GBytes *bytes;
  CcbtMetainfo *metainfo; /* out */
  gboolean matches;       /* out */
  gboolean hash_is_right; /* out: of bytes that could not be parsed */
  CcbtDiskJob job;
} VerifyJob;

/* Did bytes that do not parse at least match the hash? Then no peer is to blame, and no other copy
 * will be better. */
static gboolean
has_right_hash (const CcbtInfoHash *info_hash, GBytes *bytes)
{
  g_autofree char *hex = g_compute_checksum_for_bytes (G_CHECKSUM_SHA1, bytes);
  CcbtInfoHash found;

  return ccbt_info_hash_from_string (hex, &found) && ccbt_info_hash_matches (&found, info_hash);
}

/* On a worker: up to 10 MiB to hash and parse. */
static void
verify_in_worker (CcbtDiskJob *job)
{
  VerifyJob *verify = job->owner;

  verify->metainfo = ccbt_metainfo_parse_info (verify->bytes, &job->error);
  verify->matches = verify->metainfo != NULL
                    && ccbt_info_hash_matches (ccbt_metainfo_get_info_hash (verify->metainfo),
                                               &verify->torrent->info_hash);
  if (verify->metainfo == NULL)
    verify->hash_is_right = has_right_hash (&verify->torrent->info_hash, verify->bytes);
}

static void
ask_all (CcbtTorrent *self)
{
  gint64 now = ccbt_clock_now (self->environment->clock);

  for (guint i = 0; i < self->peers->len; i++)
    ccbt_torrent_fetch_from (self, g_ptr_array_index (self->peers, i), now);
}

static void
handle_bad_metadata (CcbtTorrent *self, gboolean hash_is_right, const GError *error)
{
  CcbtPeerHandle liar;
  CcbtPeer *peer;

  if (hash_is_right)
    {
      ccbt_torrent_fail (self, error);
      return;
    }
  liar = ccbt_metadata_fetch_note_failure (self->fetch);
  peer = ccbt_peer_table_lookup (self->environment->peers->table, liar);
  if (peer != NULL)
    {
      CcbtAddress address = peer->address;

      ccbt_torrent_ban (self, &address, "sent wrong metadata");
    }
  ask_all (self);
}

static void
verify_done (CcbtDiskJob *job)
{
  VerifyJob *verify = job->owner;
  CcbtTorrent *self = verify->torrent;
  g_autoptr (GError) error = g_steal_pointer (&job->error);

  if (self->phase == CCBT_TORRENT_FETCHING && verify->matches)
    ccbt_torrent_take_metainfo (self, verify->metainfo);
  else if (self->phase == CCBT_TORRENT_FETCHING && self->fetch != NULL)
    handle_bad_metadata (self, verify->hash_is_right, error);
  g_clear_pointer (&verify->metainfo, ccbt_metainfo_unref);
  g_bytes_unref (verify->bytes);
  g_free (verify);
  g_object_unref (self);
}

/* @bytes: (transfer full) */
static void
verify (CcbtTorrent *self, GBytes *bytes)
{
  VerifyJob *verify = g_new0 (VerifyJob, 1);

  verify->torrent = g_object_ref (self);
  verify->bytes = bytes;
  verify->job = (CcbtDiskJob){
    .kind = CCBT_DISK_CALL, .call = verify_in_worker, .done = verify_done, .owner = verify
  };
  ccbt_disk_pool_submit (self->environment->peers->disk, &verify->job);
}

void
ccbt_torrent_fetch_from (CcbtTorrent *self, CcbtPeer *peer, gint64 now)
{
  guint32 piece;

  if (self->fetch == NULL || peer->extended.metadata_id == 0)
    return;
  while (ccbt_metadata_fetch_next (self->fetch, peer->handle, now, &piece))
    send_metadata_message (peer,
                           &(CcbtMetadataMessage){ .kind = CCBT_METADATA_REQUEST, .piece = piece });
}

static void
take_metadata_message (CcbtTorrent *self, CcbtPeer *peer, CcbtSpan payload)
{
  CcbtMetadataMessage message;
  gint64 now = ccbt_clock_now (self->environment->clock);
  GBytes *whole;

  if (!ccbt_metadata_message_parse (payload, &message, NULL))
    return;
  if (message.kind == CCBT_METADATA_REQUEST)
    serve (self, peer, message.piece);
  else if (self->fetch == NULL)
    return;
  else if (message.kind == CCBT_METADATA_REJECT)
    ccbt_metadata_fetch_take_reject (self->fetch, peer->handle, now);
  else
    {
      whole = ccbt_metadata_fetch_take (self->fetch, peer->handle, &message);
      if (whole != NULL)
        verify (self, whole);
      else
        ccbt_torrent_fetch_from (self, peer, now);
      ccbt_torrent_changed (self);
    }
}

/* Where an incoming peer listens, should the connection break. */
static void
note_listening_port (CcbtTorrent *self, CcbtPeer *peer)
{
  CcbtAddress address = peer->address;

  address.port = peer->extended.port;
  ccbt_candidates_add (&self->candidates, &address, CCBT_PEER_SOURCE_INCOMING,
                       ccbt_address_get_scope (&address) == CCBT_ADDRESS_LOOPBACK);
  if (ccbt_candidates_lookup (&self->candidates, &address) != NULL)
    ccbt_candidates_lookup (&self->candidates, &address)->is_connected = TRUE;
  self->contacts_generation++;
}

static void
take_extended_handshake (CcbtTorrent *self, CcbtPeer *peer)
{
  if (peer->is_incoming && peer->extended.port != 0)
    note_listening_port (self, peer);
  ccbt_torrent_hear_own_address (self, peer);
  if (self->fetch != NULL && peer->extended.metadata_id != 0 && peer->extended.metadata_size > 0)
    {
      ccbt_metadata_fetch_add_peer (self->fetch, peer->handle, peer->extended.metadata_size);
      ccbt_torrent_fetch_from (self, peer, ccbt_clock_now (self->environment->clock));
    }
}

void
ccbt_torrent_take_extended (CcbtTorrent *self, CcbtPeer *peer, const CcbtMessage *message)
{
  switch (message->extended_id)
    {
    case 0:
      take_extended_handshake (self, peer);
      break;
    case CCBT_OUR_METADATA_ID:
      take_metadata_message (self, peer, message->payload);
      break;
    case CCBT_OUR_PEX_ID:
      ccbt_torrent_take_pex (self, peer, message->payload);
      break;
    case CCBT_OUR_DONT_HAVE_ID:
      ccbt_torrent_take_dont_have (self, peer, message->payload);
      break;
    case CCBT_OUR_HOLEPUNCH_ID:
      ccbt_torrent_take_holepunch (self, peer, message->payload);
      break;
    default:
      break;
    }
}

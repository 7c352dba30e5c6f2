/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

#define ALLOWED_FAST_PIECES 10u

/* The pieces a choked peer may ask for all the same, computed from its address so that reconnecting
 * brings no others (BEP 6, IPv4 only). */
static void
grant_pieces (CcbtTorrent *self, CcbtPeer *peer)
{
  guint8 seed[24];
  guint wanted = MIN (ALLOWED_FAST_PIECES, peer->n_pieces);
  g_autoptr (GChecksum) sha1 = g_checksum_new (G_CHECKSUM_SHA1);
  gsize len = 24;

  if (peer->address.is_ipv6 || !peer->has_fast || peer->granted_pieces != NULL)
    return;
  memcpy (seed, peer->address.ip, 3);
  seed[3] = 0;
  memcpy (seed + 4, self->wire_hash.bytes, 20);
  peer->granted_pieces = g_new (guint32, wanted);
  while (peer->n_granted < wanted)
    {
      guint8 digest[20];
      gsize digest_len = sizeof digest;

      g_checksum_reset (sha1);
      g_checksum_update (sha1, seed, (gssize) len);
      g_checksum_get_digest (sha1, digest, &digest_len);
      for (guint i = 0; i < 5 && peer->n_granted < wanted; i++)
        {
          guint32 piece = ccbt_read_u32 (digest + 4 * i) % peer->n_pieces;
          gboolean is_known = FALSE;

          for (guint k = 0; k < peer->n_granted; k++)
            is_known |= peer->granted_pieces[k] == piece;
          if (!is_known)
            peer->granted_pieces[peer->n_granted++] = piece;
        }
      memcpy (seed, digest, sizeof digest);
      len = sizeof digest;
    }
}

void
ccbt_torrent_send_grants (CcbtTorrent *self, CcbtPeer *peer)
{
  const CcbtBitfield *have = ccbt_picker_get_have (self->picker);

  if (ccbt_torrent_is_super_seeding (self)) /* that would tell of more pieces */
    return;
  grant_pieces (self, peer);
  for (guint i = 0; i < peer->n_granted; i++)
    if (ccbt_bitfield_get (have, peer->granted_pieces[i]))
      ccbt_peer_send (peer, &(CcbtMessage){ .kind = CCBT_MESSAGE_ALLOWED_FAST,
                                            .piece = peer->granted_pieces[i] });
}

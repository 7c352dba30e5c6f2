/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/ccbt-peer-private.h"

static void
note_pending (CcbtPeer *self)
{
  if (self->is_in_turn || self->phase == CCBT_PEER_CONNECTING
      || (self->interest & CCBT_READY_WRITE))
    return;
  self->interest |= CCBT_READY_WRITE;
  ccbt_peer_update_interest (self);
}

void
ccbt_peer_send_bytes (CcbtPeer *self, const guint8 *bytes, gsize len)
{
  if (self->phase == CCBT_PEER_DEAD)
    return;
  if (self->out == NULL)
    self->out = g_byte_array_new ();
  g_byte_array_append (self->out, bytes, (guint) len);
  note_pending (self);
}

void
ccbt_peer_send (CcbtPeer *self, const CcbtMessage *message)
{
  if (self->phase == CCBT_PEER_DEAD)
    return;
  if (self->out == NULL)
    self->out = g_byte_array_new ();
  ccbt_message_write (self->out, message);
  note_pending (self);
}

void
ccbt_peer_send_extended (CcbtPeer *self, guint8 extended_id, const GByteArray *payload)
{
  const CcbtMessage message = { .kind = CCBT_MESSAGE_EXTENDED,
                                .extended_id = extended_id,
                                .payload = { payload->data, payload->len } };

  ccbt_peer_send (self, &message);
}

void
ccbt_peer_set_choking (CcbtPeer *self, gboolean choking)
{
  if (self->am_choking == choking)
    return;
  self->am_choking = choking;
  ccbt_peer_send (self,
                  &(CcbtMessage){ .kind = choking ? CCBT_MESSAGE_CHOKE : CCBT_MESSAGE_UNCHOKE });
  if (choking)
    ccbt_peer_drop_uploads (self);
  else
    {
      self->unchoked_at = ccbt_clock_now (self->environment->clock);
      self->uploaded_at_unchoke = self->up.total;
    }
}

void
ccbt_peer_set_interested (CcbtPeer *self, gboolean interested)
{
  if (self->am_interested == interested)
    return;
  self->am_interested = interested;
  ccbt_peer_send (self, &(CcbtMessage){ .kind = interested ? CCBT_MESSAGE_INTERESTED
                                                           : CCBT_MESSAGE_NOT_INTERESTED });
}

void
ccbt_peer_request (CcbtPeer *self, const CcbtBlock *blocks, guint n_blocks, const CcbtPieceMap *map)
{
  gint64 now = ccbt_clock_now (self->environment->clock);

  for (guint i = 0; i < n_blocks; i++)
    {
      guint32 length = ccbt_piece_map_block_length (map, blocks[i].piece, blocks[i].block);
      guint8 bytes[CCBT_MESSAGE_REQUEST_SIZE];

      ccbt_message_write_request (bytes, CCBT_MESSAGE_REQUEST, blocks[i].piece,
                                  blocks[i].block * CCBT_BLOCK_SIZE, length);
      ccbt_peer_send_bytes (self, bytes, sizeof bytes);
      ccbt_request_queue_push (&self->requests, blocks[i], length, now);
    }
}

void
ccbt_peer_abandon_request (CcbtPeer *self, guint position)
{
  ccbt_request_queue_abandon (&self->requests, position);
}

void
ccbt_peer_cancel (CcbtPeer *self, CcbtBlock block)
{
  for (guint i = 0; i < self->requests.n_items; i++)
    {
      const CcbtRequestOut *request = ccbt_request_queue_get (&self->requests, i);
      guint8 bytes[CCBT_MESSAGE_REQUEST_SIZE];

      if (request->block.piece != block.piece || request->block.block != block.block
          || request->is_abandoned)
        continue;
      ccbt_message_write_request (bytes, CCBT_MESSAGE_CANCEL, block.piece,
                                  block.block * CCBT_BLOCK_SIZE, request->length);
      ccbt_peer_send_bytes (self, bytes, sizeof bytes);
      ccbt_request_queue_abandon (&self->requests, i);
      return;
    }
}

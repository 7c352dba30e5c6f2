/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/ccbt-peer-private.h"

/* Blocks handed to one writev. */
#define BLOCKS_PER_WRITE 64

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

/* --- Writing --- */

typedef struct
{
  struct iovec vectors[1 + 2 * BLOCKS_PER_WRITE];
  int n_vectors;
  gsize total;
} WritePlan;

static void
plan_bytes (WritePlan *plan, const guint8 *data, gsize len)
{
  plan->vectors[plan->n_vectors++] = (struct iovec){ (gpointer) data, len };
  plan->total += len;
}

static void
plan_block (WritePlan *plan, const CcbtUploadBlock *block)
{
  guint32 head_sent = MIN (block->sent, CCBT_MESSAGE_PIECE_HEAD);
  guint32 data_sent = block->sent - head_sent;

  if (head_sent < CCBT_MESSAGE_PIECE_HEAD)
    plan_bytes (plan, block->head + head_sent, CCBT_MESSAGE_PIECE_HEAD - head_sent);
  plan_bytes (plan, block->data + data_sent, block->length - data_sent);
}

static void
plan_control (CcbtPeer *self, WritePlan *plan)
{
  if (self->out != NULL)
    plan_bytes (plan, self->out->data + self->out_position, self->out->len - self->out_position);
}

/* A block that has begun goes first; then control messages, so that they do not wait behind blocks;
 * then blocks. */
static void
plan_write (CcbtPeer *self, WritePlan *plan, guint32 budget)
{
  GList *link = self->blocks.head;

  plan->n_vectors = 0;
  plan->total = 0;
  if (link != NULL && ((CcbtUploadBlock *) link->data)->sent > 0)
    {
      plan_block (plan, link->data);
      link = link->next;
    }
  plan_control (self, plan);
  for (guint i = 1; i < BLOCKS_PER_WRITE && link != NULL && plan->total < budget;
       i++, link = link->next)
    plan_block (plan, link->data);
}

static gsize
consume_control (CcbtPeer *self, gsize sent)
{
  gsize part;

  if (self->out == NULL)
    return 0;
  part = MIN (sent, self->out->len - self->out_position);
  self->out_position += (guint) part;
  if (self->out_position == self->out->len)
    {
      g_clear_pointer (&self->out, g_byte_array_unref);
      self->out_position = 0;
    }
  return part;
}

static gsize
consume_block (CcbtPeer *self, gsize sent)
{
  CcbtUploadBlock *block = g_queue_peek_head (&self->blocks);
  gsize whole = CCBT_MESSAGE_PIECE_HEAD + block->length;
  gsize part = MIN (sent, whole - block->sent);

  block->sent += (guint32) part;
  if (block->sent == whole)
    {
      ccbt_rate_meter_add (&self->up, block->length);
      self->queued_upload -= block->length;
      ccbt_upload_block_free (self, g_queue_pop_head (&self->blocks));
    }
  return part;
}

/* Returns: how many of the @sent bytes were of blocks */
static gsize
consume (CcbtPeer *self, gsize sent)
{
  CcbtUploadBlock *first = g_queue_peek_head (&self->blocks);
  gsize left = sent, control = 0;

  if (first != NULL && first->sent > 0)
    left -= consume_block (self, left);
  if (left > 0)
    left -= control = consume_control (self, left);
  while (left > 0)
    left -= consume_block (self, left);
  return sent - control;
}

static guint32
get_write_budget (CcbtPeer *self, gint64 now)
{
  guint32 budget = ccbt_rate_bucket_available (&self->environment->upload, 1024 * 1024, now);

  if (self->upload_bucket != NULL && budget > 0)
    budget = ccbt_rate_bucket_available (self->upload_bucket, budget, now);
  return budget;
}

/* Cuts the plan to @budget bytes. Control messages always go. */
static void
limit_plan (WritePlan *plan, gsize budget)
{
  gsize total = 0;

  for (int i = 0; i < plan->n_vectors; i++)
    {
      gsize left = budget - total;

      if (plan->vectors[i].iov_len >= left)
        {
          plan->vectors[i].iov_len = left;
          plan->n_vectors = left > 0 ? i + 1 : i;
          plan->total = budget;
          return;
        }
      total += plan->vectors[i].iov_len;
    }
}

static gboolean
has_pending (CcbtPeer *self)
{
  return self->out != NULL || !g_queue_is_empty (&self->blocks);
}

/* Returns: TRUE when the socket may take more */
static gboolean
write_once (CcbtPeer *self)
{
  gint64 now = ccbt_clock_now (self->environment->clock);
  guint32 budget = get_write_budget (self, now);
  gsize control = self->out != NULL ? self->out->len - self->out_position : 0;
  WritePlan plan;
  g_autoptr (GError) error = NULL;
  guint32 of_blocks;
  gssize sent;

  if (control == 0 && budget == 0)
    {
      ccbt_peer_stall (self);
      return FALSE;
    }
  plan_write (self, &plan, budget);
  if (plan.total > MAX (control, budget))
    limit_plan (&plan, MAX (control, budget));
  sent = ccbt_transport_writev (self->transport, plan.vectors, plan.n_vectors, &error);
  if (sent == CCBT_IO_AGAIN)
    return FALSE;
  if (sent == CCBT_IO_FAILED)
    {
      ccbt_peer_close (self, error);
      return FALSE;
    }
  self->last_sent = now;
  of_blocks = (guint32) consume (self, (gsize) sent);
  ccbt_rate_bucket_take (&self->environment->upload, of_blocks);
  if (self->upload_bucket != NULL)
    ccbt_rate_bucket_take (self->upload_bucket, of_blocks);
  return (gsize) sent == plan.total;
}

void
ccbt_peer_flush (CcbtPeer *self)
{
  guint wanted;

  if (self->phase == CCBT_PEER_DEAD || self->phase == CCBT_PEER_CONNECTING)
    return;
  ccbt_peer_feed_uploads (self);
  while (has_pending (self) && write_once (self))
    ccbt_peer_feed_uploads (self);
  if (self->phase == CCBT_PEER_DEAD)
    return;
  /* Stalled peers are woken by the buckets, not by the socket. */
  wanted = (self->interest & CCBT_READY_READ)
           | (has_pending (self) && !self->is_stalled ? CCBT_READY_WRITE : 0);
  if (wanted != self->interest)
    {
      self->interest = wanted;
      ccbt_peer_update_interest (self);
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes out next: one call to the transport with many blocks, out of buffers and files. */
#include "peer/ccbt-peer-private.h"

#define BUDGET_MAX (1024u * 1024)

typedef enum
{
  WRITE_MORE, /* all that was planned is out */
  WRITE_FULL, /* the transport takes no more now */
  WRITE_IDLE, /* there is nothing to send, or somebody else wakes us */
} WriteOutcome;

typedef struct
{
  struct iovec vectors[1 + 2 * (CCBT_UPLOAD_BLOCKS_MAX + 1)];
  int n_vectors;
  gsize total;
  CcbtWindowRange begun;  /* of the block that began out of a file */
  CcbtUploadPlan uploads; /* behind all others */
  guint8 heads[CCBT_UPLOAD_BLOCKS_MAX][CCBT_MESSAGE_PIECE_HEAD];
} WritePlan;

/* --- Planning --- */

static void
plan_bytes (WritePlan *plan, const guint8 *data, gsize len)
{
  plan->vectors[plan->n_vectors++] = (struct iovec){ (gpointer) data, len };
  plan->total += len;
}

static void
plan_block (WritePlan *plan, const CcbtUploadBlock *block, const guint8 *data)
{
  guint32 head_sent = MIN (block->sent, CCBT_MESSAGE_PIECE_HEAD);
  guint32 data_sent = block->sent - head_sent;

  if (head_sent < CCBT_MESSAGE_PIECE_HEAD)
    plan_bytes (plan, block->head + head_sent, CCBT_MESSAGE_PIECE_HEAD - head_sent);
  plan_bytes (plan, data + data_sent, block->request.length - data_sent);
}

/* Where the rest of a block that has begun comes from. Returns: NULL when it must be waited for */
static const guint8 *
find_begun (CcbtPeer *self, WritePlan *plan, CcbtUploadBlock *block)
{
  guint64 offset;

  if (block->is_awaited)
    return NULL;
  if (block->buffer != NULL)
    return block->data;
  offset = ccbt_peer_get_upload_offset (self, &block->request);
  if (ccbt_window_cache_find (ccbt_disk_pool_get_windows (self->environment->disk),
                              self->owner_class->get_storage (self), offset, block->request.length,
                              &plan->begun)
      == CCBT_WINDOW_READY)
    return plan->begun.data + (offset - plan->begun.offset);
  plan->begun.window = NULL;
  ccbt_peer_await_block (self, block, FALSE);
  return NULL;
}

static void
plan_mapped (CcbtPeer *self, WritePlan *plan)
{
  const CcbtUploadPlan *uploads = &plan->uploads;

  for (guint i = 0; i < uploads->n; i++)
    {
      const CcbtUploadRequest *request
          = &g_array_index (self->upload_requests, CcbtUploadRequest, i);

      ccbt_message_write_piece_head (plan->heads[i], request->piece, request->offset,
                                     request->length);
      plan_bytes (plan, plan->heads[i], CCBT_MESSAGE_PIECE_HEAD);
      plan_bytes (plan, uploads->data[i], request->length);
    }
}

/* A block that has begun goes first; then control messages, so that they do not wait behind blocks;
 * then blocks that were read; then blocks out of files. */
static void
plan_write (CcbtPeer *self, WritePlan *plan, guint32 budget)
{
  guint n_read = self->blocks.length;
  GList *link;

  plan->n_vectors = 0;
  plan->total = 0;
  plan->begun.window = NULL;
  ccbt_window_cache_begin (ccbt_disk_pool_get_windows (self->environment->disk));
  /* First of all, for it may refuse: a control message. */
  ccbt_peer_plan_uploads (self,
                          n_read < CCBT_UPLOAD_BLOCKS_MAX ? CCBT_UPLOAD_BLOCKS_MAX - n_read : 0,
                          budget, &plan->uploads);
  link = self->blocks.head;
  if (link != NULL && ((CcbtUploadBlock *) link->data)->sent > 0)
    {
      const guint8 *data = find_begun (self, plan, link->data);

      if (data == NULL)
        {
          plan->uploads.n = 0;
          return;
        }
      plan_block (plan, link->data, data);
      link = link->next;
    }
  if (self->out != NULL)
    plan_bytes (plan, self->out->data + self->out_position, self->out->len - self->out_position);
  for (guint i = 1; i < CCBT_UPLOAD_BLOCKS_MAX && link != NULL && plan->total < budget;
       i++, link = link->next)
    plan_block (plan, link->data, ((CcbtUploadBlock *) link->data)->data);
  if (link != NULL)
    plan->uploads.n = 0;
  plan_mapped (self, plan);
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

/* --- What was sent --- */

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
  gsize whole = CCBT_MESSAGE_PIECE_HEAD + block->request.length;
  gsize part = MIN (sent, whole - block->sent);

  block->sent += (guint32) part;
  if (block->sent == whole)
    {
      ccbt_rate_meter_add (&self->up, block->request.length);
      if (block->buffer != NULL)
        self->queued_upload -= block->request.length;
      ccbt_upload_block_free (self, g_queue_pop_head (&self->blocks));
    }
  return part;
}

/* Was the file still long enough, up to @end, when it was sent? */
static gboolean
check_range (CcbtPeer *self, const CcbtWindowRange *range, guint64 end)
{
  return ccbt_window_cache_check (ccbt_disk_pool_get_windows (self->environment->disk), range, end);
}

/* Of the @sent bytes of requests, what was sent of the file must have been there: looked at once
 * for those of one window, at the one that lies last. Returns: the request that may have gone out
 * wrong, or NULL */
static const CcbtUploadRequest *
find_doubtful (CcbtPeer *self, const WritePlan *plan, gsize sent)
{
  const CcbtUploadPlan *uploads = &plan->uploads;
  const CcbtUploadRequest *last = NULL;
  guint64 end = 0;

  for (guint i = 0; i < uploads->n && sent > CCBT_MESSAGE_PIECE_HEAD; i++)
    {
      const CcbtUploadRequest *request
          = &g_array_index (self->upload_requests, CcbtUploadRequest, i);
      const CcbtWindowRange *range = &uploads->ranges[uploads->range[i]];
      gsize part = MIN (sent, CCBT_MESSAGE_PIECE_HEAD + request->length);
      guint64 part_end
          = ccbt_peer_get_upload_offset (self, request) + part - CCBT_MESSAGE_PIECE_HEAD;

      sent -= part;
      if (last == NULL || part_end > end)
        {
          last = request;
          end = part_end;
        }
      if (sent > CCBT_MESSAGE_PIECE_HEAD && i + 1 < uploads->n
          && uploads->ranges[uploads->range[i + 1]].window == range->window)
        continue;
      if (!check_range (self, range, end))
        return last;
      last = NULL;
    }
  return NULL;
}

/* Takes requests of which @sent bytes are out from the front. */
static void
consume_requests (CcbtPeer *self, gsize sent)
{
  guint n = 0;

  for (; sent > 0; n++)
    {
      CcbtUploadRequest request = g_array_index (self->upload_requests, CcbtUploadRequest, n);

      if (sent < CCBT_MESSAGE_PIECE_HEAD + request.length)
        {
          ccbt_peer_begin_block (self, &request, (guint32) sent);
          sent = 0;
        }
      else
        {
          ccbt_rate_meter_add (&self->up, request.length);
          sent -= CCBT_MESSAGE_PIECE_HEAD + request.length;
        }
    }
  if (n > 0)
    g_array_remove_range (self->upload_requests, 0, n);
}

/* The owner is told why, then the peer is closed. */
static void
doubt (CcbtPeer *self, const CcbtUploadRequest *request)
{
  CcbtUploadBlock *block = ccbt_peer_begin_block (self, request, CCBT_MESSAGE_PIECE_HEAD);

  ccbt_peer_await_block (self, block, TRUE);
}

static void
consume (CcbtPeer *self, const WritePlan *plan, gsize sent)
{
  CcbtUploadBlock *first = g_queue_peek_head (&self->blocks);
  const CcbtUploadRequest *doubtful = NULL;
  CcbtUploadRequest bad;
  gsize left = sent;

  if (first != NULL && first->sent > 0)
    {
      bad = first->request;
      left -= consume_block (self, left);
      if (plan->begun.window != NULL
          && !check_range (self, &plan->begun,
                           ccbt_peer_get_upload_offset (self, &bad) + bad.length))
        doubtful = &bad;
    }
  if (left > 0)
    left -= consume_control (self, left);
  while (left > 0 && !g_queue_is_empty (&self->blocks))
    left -= consume_block (self, left);
  if (doubtful == NULL && left > 0 && (doubtful = find_doubtful (self, plan, left)) != NULL)
    bad = *doubtful;
  consume_requests (self, left);
  if (doubtful != NULL)
    doubt (self, &bad);
}

/* --- Writing --- */

static gboolean
is_mapped (const WritePlan *plan)
{
  return plan->begun.window != NULL || plan->uploads.n > 0;
}

/* None of it is looked for in its window again, before the pool has read it. */
static void
distrust (CcbtPeer *self, const WritePlan *plan)
{
  CcbtWindowCache *windows = ccbt_disk_pool_get_windows (self->environment->disk);

  if (plan->begun.window != NULL)
    ccbt_window_cache_distrust (windows, &plan->begun);
  for (guint i = 0; i < plan->uploads.n_ranges; i++)
    ccbt_window_cache_distrust (windows, &plan->uploads.ranges[i]);
}

static WriteOutcome
write_plan (CcbtPeer *self, const WritePlan *plan, gint64 now)
{
  g_autoptr (GError) error = NULL;
  gssize sent;

  if (is_mapped (plan))
    sent = ccbt_transport_send_mapped (self->transport, plan->vectors, plan->n_vectors, &error);
  else
    sent = ccbt_transport_writev (self->transport, plan->vectors, plan->n_vectors, &error);
  if (sent == CCBT_IO_AGAIN)
    return WRITE_FULL;
  if (sent == CCBT_IO_UNREADABLE)
    {
      distrust (self, plan);
      return WRITE_FULL; /* planned anew, without them */
    }
  if (sent == CCBT_IO_FAILED)
    {
      ccbt_peer_close (self, error);
      return WRITE_IDLE;
    }
  self->last_sent = now;
  consume (self, plan, (gsize) sent);
  if (self->was_open)
    ccbt_peer_count_written (self, (guint32) sent);
  return (gsize) sent == plan->total ? WRITE_MORE : WRITE_FULL;
}

static gboolean
has_pending (CcbtPeer *self)
{
  return self->out != NULL || !g_queue_is_empty (&self->blocks)
         || (self->upload_requests != NULL && self->upload_requests->len > 0);
}

/* Must the rest of a block go first? */
static gboolean
is_amid_block (CcbtPeer *self)
{
  const CcbtUploadBlock *block = g_queue_peek_head (&self->blocks);

  return block != NULL && block->sent > 0;
}

static WriteOutcome
write_once (CcbtPeer *self)
{
  gint64 now = ccbt_clock_now (self->environment->clock);
  guint32 budget;
  gsize control;
  WritePlan plan;

  if (!has_pending (self))
    return WRITE_IDLE;
  budget = ccbt_peer_may_write (self, BUDGET_MAX, now);
  plan_write (self, &plan, MAX (budget, 1));
  if (plan.total == 0)
    return WRITE_IDLE; /* a read wakes us */
  control = self->out != NULL ? self->out->len - self->out_position : 0;
  if (budget == 0 && (control == 0 || is_amid_block (self)))
    {
      ccbt_peer_stall (self, CCBT_READY_WRITE);
      return WRITE_IDLE;
    }
  if (plan.total > MAX (control, budget))
    limit_plan (&plan, MAX (control, budget));
  return write_plan (self, &plan, now);
}

void
ccbt_peer_flush (CcbtPeer *self)
{
  WriteOutcome outcome;
  guint wanted;

  if (self->phase == CCBT_PEER_DEAD || self->phase == CCBT_PEER_CONNECTING)
    return;
  do
    outcome = write_once (self);
  while (outcome == WRITE_MORE && self->phase != CCBT_PEER_DEAD);
  if (self->phase == CCBT_PEER_DEAD)
    return;
  if (self->upload_requests != NULL && self->upload_requests->len == 0)
    g_clear_pointer (&self->upload_requests, g_array_unref); /* idle peers hold nothing */
  /* Stalled peers are woken by the buckets, those that wait for a read by the disk pool. */
  wanted = (self->interest & CCBT_READY_READ)
           | (outcome == WRITE_FULL && !(self->stalled & CCBT_READY_WRITE) ? CCBT_READY_WRITE : 0);
  if (wanted != self->interest)
    {
      self->interest = wanted;
      ccbt_peer_update_interest (self);
    }
}

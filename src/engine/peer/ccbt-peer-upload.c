/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/ccbt-peer-private.h"

/* Requests one peer may have waiting: what we announce as reqq (threat B37). */
#define MAX_UPLOAD_REQUESTS 2000u
/* Requests while choked that we put up with: some are on their way when we choke. */
#define MAX_REQUESTS_WHILE_CHOKED 4000u
/* Bytes read ahead of the socket: half a second of the rate, between these. */
#define MIN_READ_AHEAD (512u * 1024)
#define MAX_READ_AHEAD (4u * 1024 * 1024)
#define REQUESTS_PER_READ 16u
/* Bytes in buffers of all peers; past it, peers with nothing in them wait. */
#define BUFFERED_MAX ((gsize) 32 * 1024 * 1024)

/* Bytes of one read, shared by the blocks cut out of it. */
struct _CcbtUploadBuffer
{
  guint references;
  CcbtPeer *peer; /* held while the read is under way */
  guint8 *data;
  guint32 size;
  CcbtDiskJob job;
  CcbtDiskSegment segment;
  CcbtUploadRequest requests[REQUESTS_PER_READ];
  guint n_requests;
  CcbtUploadBlock *awaited; /* NULL: the requests are new */
};

static void
release_buffer (CcbtPeerEnvironment *environment, CcbtUploadBuffer *buffer)
{
  if (--buffer->references > 0)
    return;
  ccbt_extent_pool_give (environment->extents, buffer->data, buffer->size);
  environment->upload_buffered -= buffer->size;
  g_free (buffer);
}

void
ccbt_upload_block_free (CcbtPeer *self, CcbtUploadBlock *block)
{
  if (block->buffer != NULL)
    release_buffer (self->environment, block->buffer);
  g_free (block);
}

guint64
ccbt_peer_get_upload_offset (CcbtPeer *self, const CcbtUploadRequest *request)
{
  CcbtMetainfo *metainfo = ccbt_storage_get_metainfo (self->owner_class->get_storage (self));

  return (guint64) request->piece * ccbt_metainfo_get_piece_length (metainfo) + request->offset;
}

static CcbtUploadBlock *
make_block (const CcbtUploadRequest *request)
{
  CcbtUploadBlock *block = g_new0 (CcbtUploadBlock, 1);

  block->request = *request;
  ccbt_message_write_piece_head (block->head, request->piece, request->offset, request->length);
  return block;
}

CcbtUploadBlock *
ccbt_peer_begin_block (CcbtPeer *self, const CcbtUploadRequest *request, guint32 sent)
{
  CcbtUploadBlock *block = make_block (request);

  block->sent = sent;
  g_queue_push_head (&self->blocks, block);
  return block;
}

static void
refuse (CcbtPeer *self, const CcbtUploadRequest *request)
{
  if (self->has_fast)
    ccbt_peer_send (self, &(CcbtMessage){ .kind = CCBT_MESSAGE_REJECT,
                                          .piece = request->piece,
                                          .offset = request->offset,
                                          .length = request->length });
}

static gboolean
is_granted (CcbtPeer *self, guint32 piece)
{
  for (guint i = 0; self->has_fast && i < self->n_granted; i++)
    if (self->granted_pieces[i] == piece)
      return TRUE;
  return FALSE;
}

void
ccbt_peer_take_upload_request (CcbtPeer *self, const CcbtMessage *message)
{
  const CcbtUploadRequest request = { message->piece, message->offset, message->length };

  if (self->am_choking && !is_granted (self, request.piece))
    {
      refuse (self, &request);
      if (++self->n_upload_requests_seen_choked > MAX_REQUESTS_WHILE_CHOKED)
        ccbt_peer_close_for (self, CCBT_ERROR_MALFORMED, "goes on asking while choked");
      return;
    }
  if (self->upload_requests == NULL)
    self->upload_requests = g_array_new (FALSE, FALSE, sizeof (CcbtUploadRequest));
  if (self->upload_requests->len >= MAX_UPLOAD_REQUESTS)
    refuse (self, &request);
  else
    g_array_append_val (self->upload_requests, request);
}

void
ccbt_peer_drop_upload_request (CcbtPeer *self, const CcbtMessage *message)
{
  for (guint i = 0; self->upload_requests != NULL && i < self->upload_requests->len; i++)
    {
      CcbtUploadRequest request = g_array_index (self->upload_requests, CcbtUploadRequest, i);

      if (request.piece != message->piece || request.offset != message->offset
          || request.length != message->length)
        continue;
      g_array_remove_index (self->upload_requests, i);
      refuse (self, &request); /* BEP 6: every request is answered */
      return;
    }
}

void
ccbt_peer_drop_uploads (CcbtPeer *self)
{
  guint kept = 0;

  for (guint i = 0; self->upload_requests != NULL && i < self->upload_requests->len; i++)
    {
      CcbtUploadRequest request = g_array_index (self->upload_requests, CcbtUploadRequest, i);

      if (is_granted (self, request.piece))
        g_array_index (self->upload_requests, CcbtUploadRequest, kept++) = request;
      else
        refuse (self, &request);
    }
  if (self->upload_requests != NULL)
    g_array_set_size (self->upload_requests, kept);
}

void
ccbt_peer_free_uploads (CcbtPeer *self)
{
  CcbtUploadBlock *block;

  while ((block = g_queue_pop_head (&self->blocks)) != NULL)
    ccbt_upload_block_free (self, block);
  g_clear_pointer (&self->upload_requests, g_array_unref);
}

/* --- Reading --- */

static void
give_data (CcbtUploadBlock *block, CcbtUploadBuffer *buffer, guint32 position)
{
  block->buffer = buffer;
  buffer->references++;
  block->data = buffer->data + position;
}

static void
queue_blocks (CcbtPeer *self, CcbtUploadBuffer *buffer)
{
  guint32 position = 0;

  for (guint i = 0; i < buffer->n_requests; i++)
    {
      CcbtUploadBlock *block = make_block (&buffer->requests[i]);

      give_data (block, buffer, position);
      position += buffer->requests[i].length;
      g_queue_push_tail (&self->blocks, block);
    }
}

static void
give_up_read (CcbtPeer *self, CcbtUploadBuffer *buffer)
{
  for (guint i = 0; i < buffer->n_requests; i++)
    {
      self->queued_upload -= buffer->requests[i].length;
      if (buffer->awaited == NULL)
        refuse (self, &buffer->requests[i]);
    }
  self->owner_class->upload_failed (self, buffer->requests[0].piece, buffer->job.error);
}

/* What has begun cannot be refused any more. */
static void
end_wait (CcbtPeer *self, CcbtUploadBuffer *buffer)
{
  CcbtUploadBlock *block = buffer->awaited;

  if (buffer->job.error != NULL)
    give_up_read (self, buffer);
  else if (!block->is_doubtful)
    {
      block->is_awaited = FALSE;
      give_data (block, buffer, 0);
      return;
    }
  if (self->phase != CCBT_PEER_DEAD)
    ccbt_peer_close_for (self, CCBT_ERROR_FILES_MISSING, "a file went while it was sent");
}

static void
read_done (CcbtDiskJob *job)
{
  CcbtUploadBuffer *buffer = job->owner;
  CcbtPeer *self = buffer->peer;

  if (self->phase != CCBT_PEER_DEAD && buffer->awaited != NULL)
    end_wait (self, buffer);
  else if (self->phase != CCBT_PEER_DEAD && job->error == NULL)
    queue_blocks (self, buffer);
  else if (self->phase != CCBT_PEER_DEAD)
    give_up_read (self, buffer);
  g_clear_error (&job->error);
  release_buffer (self->environment, buffer);
  if (self->phase != CCBT_PEER_DEAD)
    ccbt_peer_flush (self);
  ccbt_peer_release (self);
}

/* @buffer has its requests, @length bytes in a row. */
static void
submit_read (CcbtPeer *self, CcbtUploadBuffer *buffer, guint32 length)
{
  buffer->references = 1;
  buffer->size = length;
  buffer->data = ccbt_extent_pool_take (self->environment->extents, length);
  buffer->peer = self;
  ccbt_peer_hold (self);
  buffer->segment = (CcbtDiskSegment){ .data = buffer->data,
                                       .offset = buffer->requests[0].offset,
                                       .length = length };
  buffer->job = (CcbtDiskJob){ .kind = CCBT_DISK_READ,
                               .storage = self->owner_class->get_storage (self),
                               .done = read_done,
                               .owner = buffer,
                               .piece = buffer->requests[0].piece,
                               .segments = &buffer->segment,
                               .n_segments = 1 };
  self->queued_upload += length;
  self->environment->upload_buffered += length;
  ccbt_disk_pool_submit (self->environment->disk, &buffer->job);
}

void
ccbt_peer_await_block (CcbtPeer *self, CcbtUploadBlock *block, gboolean is_doubtful)
{
  CcbtUploadBuffer *buffer = g_new0 (CcbtUploadBuffer, 1);

  block->is_awaited = TRUE;
  block->is_doubtful = is_doubtful;
  buffer->awaited = block;
  buffer->requests[0] = block->request;
  buffer->n_requests = 1;
  submit_read (self, buffer, block->request.length);
}

/* Moves the request at @first, which may be had, and those that follow it in the piece out of the
 * queue and reads them. */
static void
start_read (CcbtPeer *self, guint first)
{
  const CcbtUploadRequest *requests
      = &g_array_index (self->upload_requests, CcbtUploadRequest, first);
  CcbtUploadBuffer *buffer = g_new0 (CcbtUploadBuffer, 1);
  guint n = 0;
  guint32 length = 0;

  while (first + n < self->upload_requests->len && n < REQUESTS_PER_READ
         && length + requests[n].length <= CCBT_EXTENT_MAX && requests[n].piece == requests[0].piece
         && requests[n].offset == requests[0].offset + length
         && (n == 0 || self->owner_class->may_upload (self, &requests[n])))
    {
      buffer->requests[n] = requests[n];
      length += requests[n].length;
      n++;
    }
  buffer->n_requests = n;
  g_array_remove_range (self->upload_requests, first, n);
  submit_read (self, buffer, length);
}

/* --- What is in memory --- */

/* Is the next one in the range of the last one, or in another that is in memory? */
static CcbtWindowAnswer
find_request (CcbtPeer *self, const CcbtUploadRequest *request, CcbtUploadPlan *plan)
{
  guint64 offset = ccbt_peer_get_upload_offset (self, request);
  CcbtWindowRange *range = plan->n_ranges > 0 ? &plan->ranges[plan->n_ranges - 1] : NULL;
  CcbtWindowAnswer answer = CCBT_WINDOW_READY;

  if (range == NULL || offset < range->offset || offset + request->length > range->end)
    {
      range = &plan->ranges[plan->n_ranges];
      answer = ccbt_window_cache_find (ccbt_disk_pool_get_windows (self->environment->disk),
                                       self->owner_class->get_storage (self), offset,
                                       request->length, range);
      if (answer != CCBT_WINDOW_READY)
        return answer;
      plan->n_ranges++;
    }
  plan->range[plan->n] = plan->n_ranges - 1;
  plan->data[plan->n++] = range->data + (offset - range->offset);
  return answer;
}

/* May one more read be started? */
static gboolean
may_read (CcbtPeer *self)
{
  gsize ahead = (gsize) CLAMP (self->up.per_second / 2, MIN_READ_AHEAD, MAX_READ_AHEAD);

  if (self->environment->upload_buffered < BUFFERED_MAX)
    return self->queued_upload < ahead;
  if (self->queued_upload == 0)
    ccbt_peer_stall (self, CCBT_READY_WRITE); /* otherwise what it sends makes room */
  return FALSE;
}

/* Returns: FALSE when no more can be planned now */
static gboolean
plan_next (CcbtPeer *self, gboolean may_map, CcbtUploadPlan *plan)
{
  CcbtUploadRequest request = g_array_index (self->upload_requests, CcbtUploadRequest, plan->n);
  CcbtWindowAnswer answer = CCBT_WINDOW_ABSENT;

  if (!self->owner_class->may_upload (self, &request))
    {
      g_array_remove_index (self->upload_requests, plan->n);
      refuse (self, &request);
      return TRUE;
    }
  if (may_map)
    answer = find_request (self, &request, plan);
  if (answer != CCBT_WINDOW_ABSENT)
    return answer == CCBT_WINDOW_READY;
  if (!may_read (self))
    return FALSE;
  start_read (self, plan->n);
  return TRUE;
}

void
ccbt_peer_plan_uploads (CcbtPeer *self, guint n_most, gsize budget, CcbtUploadPlan *plan)
{
  gboolean may_map = ccbt_transport_can_send_mapped (self->transport);
  gsize planned = 0;
  guint n = 0;

  plan->n = plan->n_ranges = 0;
  while (self->phase == CCBT_PEER_OPEN && self->upload_requests != NULL
         && plan->n < self->upload_requests->len
         && (!may_map || (plan->n < n_most && planned < budget)) && plan_next (self, may_map, plan))
    for (; n < plan->n; n++)
      planned += g_array_index (self->upload_requests, CcbtUploadRequest, n).length;
}

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
};

static void
release_buffer (CcbtPeerEnvironment *environment, CcbtUploadBuffer *buffer)
{
  if (--buffer->references > 0)
    return;
  ccbt_extent_pool_give (environment->extents, buffer->data, buffer->size);
  g_free (buffer);
}

void
ccbt_upload_block_free (CcbtPeer *self, CcbtUploadBlock *block)
{
  release_buffer (self->environment, block->buffer);
  g_free (block);
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
queue_blocks (CcbtPeer *self, CcbtUploadBuffer *buffer)
{
  guint32 position = 0;

  for (guint i = 0; i < buffer->n_requests; i++)
    {
      const CcbtUploadRequest *request = &buffer->requests[i];
      CcbtUploadBlock *block = g_new0 (CcbtUploadBlock, 1);

      ccbt_message_write_piece_head (block->head, request->piece, request->offset, request->length);
      block->buffer = buffer;
      buffer->references++;
      block->data = buffer->data + position;
      block->length = request->length;
      position += request->length;
      g_queue_push_tail (&self->blocks, block);
    }
}

static void
give_up_read (CcbtPeer *self, CcbtUploadBuffer *buffer)
{
  for (guint i = 0; i < buffer->n_requests; i++)
    {
      self->queued_upload -= buffer->requests[i].length;
      refuse (self, &buffer->requests[i]);
    }
  self->owner_class->upload_failed (self, buffer->requests[0].piece, buffer->job.error);
}

static void
read_done (CcbtDiskJob *job)
{
  CcbtUploadBuffer *buffer = job->owner;
  CcbtPeer *self = buffer->peer;

  if (self->phase != CCBT_PEER_DEAD && job->error == NULL)
    queue_blocks (self, buffer);
  else if (self->phase != CCBT_PEER_DEAD)
    give_up_read (self, buffer);
  g_clear_error (&job->error);
  release_buffer (self->environment, buffer);
  if (self->phase != CCBT_PEER_DEAD)
    ccbt_peer_flush (self);
  ccbt_peer_release (self);
}

/* Moves the next request and those that follow it in the piece into @buffer. Returns: bytes */
static guint32
take_run (CcbtPeer *self, CcbtUploadBuffer *buffer)
{
  CcbtUploadRequest *requests = (CcbtUploadRequest *) self->upload_requests->data;
  guint n = 0;
  guint32 length = 0;

  while (n < self->upload_requests->len && n < REQUESTS_PER_READ
         && length + requests[n].length <= CCBT_EXTENT_MAX && requests[n].piece == requests[0].piece
         && requests[n].offset == requests[0].offset + length
         && self->owner_class->may_upload (self, &requests[n]))
    {
      buffer->requests[n] = requests[n];
      length += requests[n].length;
      n++;
    }
  buffer->n_requests = n;
  if (n > 0)
    g_array_remove_range (self->upload_requests, 0, n);
  return length;
}

/* Returns: FALSE when the first request was refused instead */
static gboolean
start_read (CcbtPeer *self)
{
  CcbtUploadBuffer *buffer = g_new0 (CcbtUploadBuffer, 1);
  guint32 length = take_run (self, buffer);

  if (length == 0)
    {
      CcbtUploadRequest request = g_array_index (self->upload_requests, CcbtUploadRequest, 0);

      g_free (buffer);
      g_array_remove_index (self->upload_requests, 0);
      refuse (self, &request);
      return FALSE;
    }
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
  ccbt_disk_pool_submit (self->environment->disk, &buffer->job);
  return TRUE;
}

void
ccbt_peer_feed_uploads (CcbtPeer *self)
{
  gsize ahead = (gsize) CLAMP (self->up.per_second / 2, MIN_READ_AHEAD, MAX_READ_AHEAD);

  while (self->phase == CCBT_PEER_OPEN && self->upload_requests != NULL
         && self->upload_requests->len > 0 && self->queued_upload < ahead)
    start_read (self);
}

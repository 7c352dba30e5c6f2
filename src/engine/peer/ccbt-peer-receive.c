/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/ccbt-peer-private.h"
#include "wire/ccbt-metainfo.h"

/* Reading from a peer. The bulk of what comes is blocks, in the order we asked for them. So one
 * vectored read is laid out for what should come next (predicted scatter): the rest of the block
 * under way, then head, block, head, block ..., each block at its leased place, then some room for
 * anything else. Where a head is not the predicted one, the bytes from there on are gathered and
 * parsed like any others: a wrong guess costs a copy, never a wrong byte, since the places hold
 * nothing yet and are this peer's alone. */

#define MAX_PAIRS 32
#define TAIL_SIZE (64 * 1024)
#define READ_PER_TURN (1024 * 1024) /* bytes from one peer before others get their turn */
#define MAX_UNSOLICITED 64          /* blocks nobody asked for before we hang up (threat B39) */

struct _CcbtScatter
{
  struct iovec vectors[1 + 2 * MAX_PAIRS + 1];
  int n_vectors;
  gsize total;
  gsize body_room;         /* of vectors[0], the rest of the block under way; 0 = none */
  gboolean continues_head; /* the first head's beginning is in `in` */
  guint n_pairs;
  guint8 heads[MAX_PAIRS][CCBT_MESSAGE_PIECE_HEAD];
  guint8 expected[MAX_PAIRS][CCBT_MESSAGE_PIECE_HEAD];
  gsize head_room[MAX_PAIRS]; /* 13, or what is missing of it */
  CcbtBlock blocks[MAX_PAIRS];
  guint32 lengths[MAX_PAIRS];
  guint8 *places[MAX_PAIRS];
  gsize tail_room;
  guint8 tail[TAIL_SIZE];
};

CcbtScatter *
ccbt_scatter_new (void)
{
  return g_new0 (CcbtScatter, 1);
}

void
ccbt_scatter_free (CcbtScatter *self)
{
  g_free (self);
}

static void
add_vector (CcbtScatter *scatter, guint8 *data, gsize len)
{
  scatter->vectors[scatter->n_vectors++] = (struct iovec){ data, len };
  scatter->total += len;
}

/* --- Blocks: from the first byte of the body to the owner --- */

static void
finish_body (CcbtPeer *self)
{
  CcbtBody body = self->body;
  gint64 now = ccbt_clock_now (self->environment->clock);

  self->body = (CcbtBody){ 0 };
  ccbt_rate_meter_add (&self->down, body.length);
  if (body.kind == CCBT_BODY_DRAIN)
    return;
  self->last_block_at = now;
  if (!body.was_abandoned)
    ccbt_request_queue_note_arrival (&self->requests, body.sent_at, now);
  if (body.kind == CCBT_BODY_PLACE)
    self->owner_class->pin (self, body.block, FALSE);
  self->owner_class->landed (self, body.block, body.length, body.copy, body.was_abandoned);
  g_free (body.copy);
}

/* The place for the rest of the block under way, or NULL when its bytes go elsewhere. */
static guint8 *
find_body_place (CcbtPeer *self)
{
  guint8 *place = NULL;

  if (self->body.kind == CCBT_BODY_COPY)
    return self->body.copy + self->body.received;
  if (self->body.kind != CCBT_BODY_PLACE)
    return NULL;
  place = self->owner_class->land (self, self->body.block, TRUE);
  if (place != NULL)
    return place + self->body.received;
  /* Another peer brought the block meanwhile: the rest is of no use. */
  self->body.kind = CCBT_BODY_DRAIN;
  return NULL;
}

static void
begin_body (CcbtPeer *self, CcbtBlock block, guint32 length, gboolean was_abandoned, gint64 sent_at)
{
  self->body = (CcbtBody){ .kind = CCBT_BODY_PLACE,
                           .block = block,
                           .length = length,
                           .was_abandoned = was_abandoned,
                           .sent_at = sent_at };
  if (was_abandoned || self->owner_class->land (self, block, FALSE) == NULL)
    {
      self->body.kind = CCBT_BODY_COPY;
      self->body.copy = g_malloc (length);
    }
  else
    self->owner_class->pin (self, block, TRUE);
}

/* A PIECE head that was not predicted. */
static gboolean
begin_unpredicted_body (CcbtPeer *self, const CcbtMessage *message)
{
  CcbtBlock block = { message->piece, message->offset / CCBT_BLOCK_SIZE };
  int position = message->offset % CCBT_BLOCK_SIZE == 0
                     ? ccbt_request_queue_find (&self->requests, block, message->length)
                     : -1;

  if (position < 0)
    {
      self->body = (CcbtBody){ .kind = CCBT_BODY_DRAIN, .length = message->length };
      if (++self->n_unsolicited > MAX_UNSOLICITED)
        {
          ccbt_peer_close_for (self, CCBT_ERROR_MALFORMED, "sends blocks nobody asked for");
          return FALSE;
        }
      return TRUE;
    }
  {
    CcbtRequestOut request = *ccbt_request_queue_get (&self->requests, (guint) position);

    ccbt_request_queue_remove (&self->requests, (guint) position);
    begin_body (self, block, message->length, request.is_abandoned, request.sent_at);
  }
  return TRUE;
}

/* Takes bytes of the block under way out of a buffer they were read into. Returns: bytes used */
static gsize
copy_body (CcbtPeer *self, const guint8 *data, gsize len)
{
  gsize used = MIN (len, self->body.length - self->body.received);
  guint8 *place = find_body_place (self);

  if (place != NULL)
    memcpy (place, data, used);
  self->body.received += (guint32) used;
  if (self->body.received == self->body.length)
    finish_body (self);
  return used;
}

/* --- Bytes in a row: everything that was not predicted --- */

/* Returns: bytes used; what is left is the beginning of a message. */
static gsize
parse_linear (CcbtPeer *self, const guint8 *data, gsize len)
{
  const CcbtMessageLimits limits = { .n_pieces = self->n_pieces };
  gsize position = 0;

  while (position < len && self->phase != CCBT_PEER_DEAD)
    {
      CcbtSpan rest = { data + position, len - position };
      g_autoptr (GError) error = NULL;
      CcbtMessage message;
      gsize consumed = 0;
      CcbtParse parse;

      if (self->body.kind != CCBT_BODY_NONE)
        {
          position += copy_body (self, rest.data, rest.len);
          continue;
        }
      if (self->phase != CCBT_PEER_OPEN)
        {
          consumed = ccbt_peer_handle_handshake (self, rest);
          if (consumed == 0)
            break;
          position += consumed;
          continue;
        }
      parse = ccbt_message_parse (rest, &limits, &message, &consumed, &error);
      if (parse == CCBT_PARSE_FAILED)
        ccbt_peer_close (self, error);
      if (parse != CCBT_PARSE_DONE)
        break;
      position += consumed;
      if (message.kind == CCBT_MESSAGE_PIECE)
        begin_unpredicted_body (self, &message);
      else
        ccbt_peer_handle_message (self, &message);
    }
  return position;
}

/* Parses @data behind what is left of earlier reads, and keeps what is left of it. */
static void
take_linear (CcbtPeer *self, const guint8 *data, gsize len)
{
  gsize used;

  if (len == 0)
    return;
  if (self->in == NULL)
    {
      used = parse_linear (self, data, len);
      if (self->phase != CCBT_PEER_DEAD && used < len)
        {
          self->in = g_byte_array_sized_new ((guint) (len - used));
          g_byte_array_append (self->in, data + used, (guint) (len - used));
        }
      return;
    }
  g_byte_array_append (self->in, data, (guint) len);
  used = parse_linear (self, self->in->data, self->in->len);
  if (self->phase == CCBT_PEER_DEAD)
    return;
  if (used == self->in->len)
    g_clear_pointer (&self->in, g_byte_array_unref);
  else if (used > 0)
    g_byte_array_remove_range (self->in, 0, (guint) used);
}

/* --- Predicted scatter --- */

static gboolean
head_continues_rest (CcbtPeer *self, const guint8 *expected)
{
  return self->in == NULL
         || (self->in->len < CCBT_MESSAGE_PIECE_HEAD
             && memcmp (self->in->data, expected, self->in->len) == 0);
}

/* Adds head and block of the request at @position. Returns: FALSE when it cannot be predicted. */
static gboolean
add_pair (CcbtPeer *self, CcbtScatter *scatter, guint position)
{
  const CcbtRequestOut *request = ccbt_request_queue_get (&self->requests, position);
  guint i = scatter->n_pairs;
  gsize have = i == 0 && self->in != NULL ? self->in->len : 0;

  if (request->is_abandoned)
    return FALSE;
  ccbt_message_write_piece_head (scatter->expected[i], request->block.piece,
                                 request->block.block * CCBT_BLOCK_SIZE, request->length);
  if (i == 0 && !head_continues_rest (self, scatter->expected[i]))
    return FALSE;
  scatter->places[i] = self->owner_class->land (self, request->block, FALSE);
  if (scatter->places[i] == NULL)
    return FALSE;
  if (have > 0)
    {
      memcpy (scatter->heads[i], self->in->data, have);
      scatter->continues_head = TRUE;
    }
  scatter->head_room[i] = CCBT_MESSAGE_PIECE_HEAD - have;
  scatter->blocks[i] = request->block;
  scatter->lengths[i] = request->length;
  scatter->n_pairs++;
  add_vector (scatter, scatter->heads[i] + have, scatter->head_room[i]);
  add_vector (scatter, scatter->places[i], request->length);
  return TRUE;
}

static void
lay_out (CcbtPeer *self, CcbtScatter *scatter, gsize budget)
{
  guint wanted = MIN (self->scatter_pairs, MAX_PAIRS);

  scatter->n_vectors = 0;
  scatter->total = scatter->body_room = scatter->tail_room = 0;
  scatter->n_pairs = 0;
  scatter->continues_head = FALSE;
  if (self->body.kind != CCBT_BODY_NONE)
    {
      guint8 *place = find_body_place (self);
      gsize left = self->body.length - self->body.received;

      if (place == NULL) /* dropped: into the tail, parsed as bytes in a row */
        {
          scatter->tail_room = MIN (TAIL_SIZE, budget);
          add_vector (scatter, scatter->tail, scatter->tail_room);
          return;
        }
      scatter->body_room = MIN (left, budget);
      add_vector (scatter, place, scatter->body_room);
      if (scatter->body_room < left)
        return;
    }
  for (guint i = 0; i < wanted && i < self->requests.n_items && scatter->total < budget; i++)
    if (!add_pair (self, scatter, i))
      break;
  if (scatter->total < budget)
    {
      scatter->tail_room = MIN (TAIL_SIZE, budget - scatter->total);
      add_vector (scatter, scatter->tail, scatter->tail_room);
    }
}

/* Copies what was read from vector @first on, past its first @skip bytes, into one row. Returns:
 * (transfer full) */
static guint8 *
gather (const CcbtScatter *scatter, int first, gsize left)
{
  guint8 *row = g_malloc (left);
  gsize position = 0;

  for (int i = first; position < left; i++)
    {
      gsize part = MIN (scatter->vectors[i].iov_len, left - position);

      memcpy (row + position, scatter->vectors[i].iov_base, part);
      position += part;
    }
  return row;
}

/* Handles @left bytes that begin with the head of pair @i. Returns: bytes used; 0 = the prediction
 * missed. */
static gsize
take_pair (CcbtPeer *self, CcbtScatter *scatter, guint i, gsize left)
{
  gsize body;
  gint64 sent_at;

  if (left < scatter->head_room[i]
      || memcmp (scatter->heads[i], scatter->expected[i], CCBT_MESSAGE_PIECE_HEAD) != 0)
    return 0;
  if (i == 0 && scatter->continues_head)
    g_clear_pointer (&self->in, g_byte_array_unref);
  body = MIN (left - scatter->head_room[i], scatter->lengths[i]);
  sent_at = ccbt_request_queue_get (&self->requests, 0)->sent_at;
  ccbt_request_queue_remove (&self->requests, 0);
  begin_body (self, scatter->blocks[i], scatter->lengths[i], FALSE, sent_at);
  if (self->body.kind == CCBT_BODY_COPY) /* the lease went while we read */
    memcpy (self->body.copy, scatter->places[i], body);
  self->body.received = (guint32) body;
  if (self->body.received == self->body.length)
    finish_body (self);
  return scatter->head_room[i] + body;
}

/* The requests a scatter was laid out for are still the first ones, unless a callback cancelled
 * some. */
static gboolean
is_still_first (CcbtPeer *self, const CcbtScatter *scatter, guint i)
{
  const CcbtRequestOut *first;

  if (self->requests.n_items == 0 || self->body.kind != CCBT_BODY_NONE)
    return FALSE;
  first = ccbt_request_queue_get (&self->requests, 0);
  return !first->is_abandoned && first->block.piece == scatter->blocks[i].piece
         && first->block.block == scatter->blocks[i].block;
}

static void
take_scattered (CcbtPeer *self, CcbtScatter *scatter, gsize left)
{
  int vector = 0;

  if (scatter->body_room > 0)
    {
      gsize part = MIN (left, scatter->body_room);

      self->body.received += (guint32) part;
      left -= part;
      vector = 1;
      if (self->body.received == self->body.length)
        finish_body (self);
    }
  for (guint i = 0; i < scatter->n_pairs && left > 0 && self->phase != CCBT_PEER_DEAD;
       i++, vector += 2)
    {
      gsize used = is_still_first (self, scatter, i) ? take_pair (self, scatter, i, left) : 0;

      if (used == 0)
        break;
      left -= used;
    }
  if (left == 0 || self->phase == CCBT_PEER_DEAD)
    return;
  if (scatter->tail_room > 0 && vector == scatter->n_vectors - 1)
    take_linear (self, scatter->tail, left);
  else
    {
      g_autofree guint8 *row = gather (scatter, vector, left);

      take_linear (self, row, left);
    }
}

/* A full read says that more is waiting: predict more next time. */
static void
adapt_pairs (CcbtPeer *self, const CcbtScatter *scatter, gsize got)
{
  if (got == scatter->total)
    self->scatter_pairs = MIN (self->scatter_pairs * 2, MAX_PAIRS);
  else if (got < scatter->total / 4 && self->scatter_pairs > 2)
    self->scatter_pairs--;
}

/* How many bytes may be read now; 0: stalled, or waiting for the disk. */
static gsize
get_read_budget (CcbtPeer *self, gint64 now)
{
  CcbtPeerEnvironment *environment = self->environment;

  if (self->phase != CCBT_PEER_OPEN)
    return TAIL_SIZE;
  if (ccbt_disk_pool_get_queued_bytes (environment->disk) > environment->disk_queue_limit)
    return 0;
  return ccbt_peer_may_read (self, READ_PER_TURN, now);
}

static void
count_read (CcbtPeer *self, gsize got, gint64 now)
{
  self->last_received = now;
  if (self->phase == CCBT_PEER_OPEN)
    ccbt_peer_count_read (self, (guint32) got);
}

/* One read. Returns: TRUE when more may be waiting */
static gboolean
receive_once (CcbtPeer *self, gsize *turn_left)
{
  CcbtScatter *scatter = self->environment->scatter;
  gint64 now = ccbt_clock_now (self->environment->clock);
  gsize budget = MIN (get_read_budget (self, now), *turn_left);
  g_autoptr (GError) error = NULL;
  gssize got;

  if (budget == 0)
    {
      self->interest &= ~(guint) CCBT_READY_READ;
      ccbt_peer_update_interest (self);
      ccbt_peer_stall (self, CCBT_READY_READ);
      return FALSE;
    }
  lay_out (self, scatter, budget);
  got = ccbt_transport_readv (self->transport, scatter->vectors, scatter->n_vectors, &error);
  if (got == CCBT_IO_AGAIN)
    return FALSE;
  if (got == CCBT_IO_FAILED)
    {
      ccbt_peer_close (self, error);
      return FALSE;
    }
  if (got == 0)
    {
      ccbt_peer_close_for (self, CCBT_ERROR_NETWORK, "closed by the other side");
      return FALSE;
    }
  count_read (self, (gsize) got, now);
  *turn_left -= (gsize) got;
  adapt_pairs (self, scatter, (gsize) got);
  {
    gboolean was_full = (gsize) got == scatter->total;

    take_scattered (self, scatter, (gsize) got);
    return was_full && self->phase != CCBT_PEER_DEAD && *turn_left > 0;
  }
}

void
ccbt_peer_receive (CcbtPeer *self)
{
  gsize turn_left = READ_PER_TURN;

  while (receive_once (self, &turn_left))
    ;
}

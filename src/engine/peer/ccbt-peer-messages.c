/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/ccbt-peer-private.h"

/* Remembered per peer at most (threat B38). */
#define MAX_HINTS 100

static void
remember_hint (GArray **hints, guint32 piece)
{
  if (*hints == NULL)
    *hints = g_array_new (FALSE, FALSE, sizeof (guint32));
  if ((*hints)->len < MAX_HINTS)
    g_array_append_val (*hints, piece);
}

static void
lose_request (CcbtPeer *self, const CcbtMessage *message)
{
  CcbtBlock block = { message->piece, message->offset / CCBT_BLOCK_SIZE };
  int position = ccbt_request_queue_find (&self->requests, block, message->length);
  gboolean was_abandoned;

  if (position < 0)
    return;
  was_abandoned = ccbt_request_queue_get (&self->requests, (guint) position)->is_abandoned;
  ccbt_request_queue_remove (&self->requests, (guint) position);
  if (!was_abandoned)
    self->owner_class->request_lost (self, block);
}

/* Without the fast extension a choke throws away everything we asked for (BEP 3); with it each
 * request is answered. */
static void
lose_all_requests (CcbtPeer *self)
{
  for (guint i = 0; i < self->requests.n_items && self->phase != CCBT_PEER_DEAD; i++)
    {
      CcbtRequestOut request = *ccbt_request_queue_get (&self->requests, i);

      if (request.is_abandoned)
        continue;
      ccbt_request_queue_abandon (&self->requests, i);
      self->owner_class->request_lost (self, request.block);
      i = G_MAXUINT; /* the queue may have moved: begin again */
    }
}

static gboolean
is_first_message_only (CcbtMessageKind kind)
{
  return kind == CCBT_MESSAGE_BITFIELD || kind == CCBT_MESSAGE_HAVE_ALL
         || kind == CCBT_MESSAGE_HAVE_NONE;
}

/* A message of BEP 6 from a peer that did not offer it. */
static gboolean
is_not_offered (CcbtPeer *self, CcbtMessageKind kind)
{
  return !self->has_fast && kind >= CCBT_MESSAGE_SUGGEST && kind <= CCBT_MESSAGE_ALLOWED_FAST;
}

static void
take_extended_handshake (CcbtPeer *self, CcbtSpan payload)
{
  g_autoptr (GError) error = NULL;
  CcbtExtendedHandshake extended = { 0 };

  if (!ccbt_extended_handshake_parse (payload, &extended, &error))
    {
      ccbt_peer_close (self, error);
      return;
    }
  /* A later one adds to the first (BEP 10). */
  if (extended.metadata_id == 0)
    extended.metadata_id = self->extended.metadata_id;
  if (extended.metadata_size == 0)
    extended.metadata_size = self->extended.metadata_size;
  if (extended.pex_id == 0)
    extended.pex_id = self->extended.pex_id;
  if (extended.holepunch_id == 0)
    extended.holepunch_id = self->extended.holepunch_id;
  if (extended.dont_have_id == 0)
    extended.dont_have_id = self->extended.dont_have_id;
  if (!extended.has_your_ip)
    {
      extended.has_your_ip = self->extended.has_your_ip;
      extended.your_ip = self->extended.your_ip;
    }
  if (extended.port == 0)
    extended.port = self->extended.port;
  if (extended.client == NULL)
    extended.client = g_steal_pointer (&self->extended.client);
  ccbt_extended_handshake_clear (&self->extended);
  self->extended = extended;
  self->upload_only = extended.upload_only;
  self->requests.limit = MAX (1, MIN (extended.request_queue, self->environment->request_limit));
}

/* Keeps the books; TRUE when the owner should hear of it too. */
static gboolean
note_message (CcbtPeer *self, const CcbtMessage *message)
{
  switch (message->kind)
    {
    case CCBT_MESSAGE_CHOKE:
      self->peer_choking = TRUE;
      if (!self->has_fast)
        lose_all_requests (self);
      return TRUE;
    case CCBT_MESSAGE_UNCHOKE:
      self->peer_choking = FALSE;
      return TRUE;
    case CCBT_MESSAGE_INTERESTED:
      self->peer_interested = TRUE;
      return TRUE;
    case CCBT_MESSAGE_NOT_INTERESTED:
      self->peer_interested = FALSE;
      return TRUE;
    case CCBT_MESSAGE_REQUEST:
      ccbt_peer_take_upload_request (self, message);
      return FALSE;
    case CCBT_MESSAGE_CANCEL:
      ccbt_peer_drop_upload_request (self, message);
      return FALSE;
    case CCBT_MESSAGE_REJECT:
      lose_request (self, message);
      return TRUE;
    case CCBT_MESSAGE_ALLOWED_FAST:
      remember_hint (&self->allowed_pieces, message->piece);
      return TRUE;
    case CCBT_MESSAGE_SUGGEST:
      remember_hint (&self->suggested_pieces, message->piece);
      return FALSE;
    case CCBT_MESSAGE_EXTENDED:
      if (message->extended_id == 0)
        take_extended_handshake (self, message->payload);
      return TRUE;
    case CCBT_MESSAGE_KEEP_ALIVE:
    case CCBT_MESSAGE_UNKNOWN:
      return FALSE;
    default:
      return TRUE;
    }
}

void
ccbt_peer_handle_message (CcbtPeer *self, const CcbtMessage *message)
{
  if (is_not_offered (self, message->kind))
    {
      ccbt_peer_close_for (self, CCBT_ERROR_MALFORMED, "message %u without the fast extension",
                           message->kind);
      return;
    }
  /* The first word about its pieces counts. It should come first of all, but some clients send it
   * behind others. */
  if (is_first_message_only (message->kind) && !self->bitfield_allowed)
    return;
  if (is_first_message_only (message->kind) || message->kind == CCBT_MESSAGE_HAVE)
    self->bitfield_allowed = FALSE;
  if (note_message (self, message) && self->phase == CCBT_PEER_OPEN)
    self->owner_class->got_message (self, message);
}

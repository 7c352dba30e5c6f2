/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/ccbt-peer-private.h"

#define KEEP_ALIVE_AFTER                                                                           \
  (90 * CCBT_SECOND) /* BEP 3: others drop us after two minutes of silence  \
                                             */

const char *
ccbt_peer_source_get_name (CcbtPeerSource source)
{
  static const char *const names[]
      = { "incoming", "tracker", "magnet", "user", "resume", "pex", "dht", "lsd", "holepunch" };

  return names[source];
}

void
ccbt_peer_hold (CcbtPeer *self)
{
  self->references++;
}

void
ccbt_peer_release (CcbtPeer *self)
{
  if (--self->references > 0)
    return;
  g_assert (self->phase == CCBT_PEER_DEAD);
  ccbt_peer_free_uploads (self);
  ccbt_request_queue_clear (&self->requests);
  ccbt_bitfield_clear (&self->has);
  ccbt_extended_handshake_clear (&self->extended);
  g_clear_pointer (&self->in, g_byte_array_unref);
  g_clear_pointer (&self->out, g_byte_array_unref);
  g_clear_pointer (&self->allowed_pieces, g_array_unref);
  g_clear_pointer (&self->suggested_pieces, g_array_unref);
  g_free (self->granted_pieces);
  g_free (self->body.copy);
  g_free (self);
}

void
ccbt_peer_step (CcbtPeer *self, CcbtPeerEvent event)
{
  self->phase = ccbt_peer_phase_next[self->phase][event];
}

void
ccbt_peer_update_interest (CcbtPeer *self)
{
  if (self->transport != NULL)
    ccbt_transport_set_interest (self->transport, self->interest);
}

static void
send_handshake (CcbtPeer *self, const CcbtSha1 *info_hash)
{
  CcbtHandshake handshake = { .info_hash = *info_hash,
                              .has_extensions = TRUE,
                              .has_fast = TRUE,
                              .has_dht = self->environment->has_dht };
  guint8 bytes[CCBT_HANDSHAKE_SIZE];

  memcpy (handshake.peer_id, self->environment->peer_id, sizeof handshake.peer_id);
  ccbt_handshake_write (&handshake, bytes);
  ccbt_peer_send_bytes (self, bytes, sizeof bytes);
}

static void
ready_cb (gpointer data, guint ready)
{
  CcbtPeer *self = data;

  ccbt_peer_hold (self);
  self->is_in_turn = TRUE;
  if (self->phase == CCBT_PEER_CONNECTING && (ready & CCBT_READY_WRITE)
      && !(ready & CCBT_READY_ERROR))
    {
      ccbt_peer_step (self, CCBT_PEER_ON_CONNECTED);
      self->interest = CCBT_READY_READ | CCBT_READY_WRITE;
      ccbt_peer_update_interest (self);
    }
  if (self->phase == CCBT_PEER_CONNECTING && (ready & CCBT_READY_ERROR))
    ccbt_peer_close_for (self, CCBT_ERROR_NETWORK, "could not connect");
  if (self->phase != CCBT_PEER_DEAD && (ready & (CCBT_READY_READ | CCBT_READY_ERROR)))
    ccbt_peer_receive (self);
  self->is_in_turn = FALSE;
  if (self->phase != CCBT_PEER_DEAD && self->phase != CCBT_PEER_CONNECTING)
    ccbt_peer_flush (self);
  ccbt_peer_release (self);
}

CcbtPeer *
ccbt_peer_new (CcbtPeerEnvironment *environment, const CcbtPeerOwner *owner_class, gpointer owner,
               CcbtTransport *transport, const CcbtAddress *address, const CcbtSha1 *info_hash)
{
  CcbtPeer *self = g_new0 (CcbtPeer, 1);

  self->references = 1; /* until closed */
  self->environment = environment;
  self->owner_class = owner_class;
  self->owner = owner;
  self->transport = transport;
  self->address = *address;
  self->is_local = ccbt_peer_address_is_local (address);
  self->is_incoming = info_hash == NULL;
  self->phase = self->is_incoming ? CCBT_PEER_IDENTIFYING : CCBT_PEER_CONNECTING;
  self->connected_at = ccbt_clock_now (environment->clock);
  self->last_received = self->last_sent = self->connected_at;
  self->am_choking = self->peer_choking = TRUE;
  self->bitfield_allowed = TRUE;
  self->scatter_pairs = 2;
  g_queue_init (&self->blocks);
  ccbt_request_queue_init (&self->requests, MIN (environment->request_limit, 250));
  self->handle = ccbt_peer_table_add (environment->table, self);
  transport->ready = ready_cb;
  transport->owner = self;
  self->interest = self->is_incoming ? CCBT_READY_READ : CCBT_READY_WRITE;
  ccbt_peer_update_interest (self);
  if (info_hash != NULL)
    send_handshake (self, info_hash);
  return self;
}

void
ccbt_peer_close (CcbtPeer *self, const GError *reason)
{
  if (self->phase == CCBT_PEER_DEAD)
    return;
  ccbt_peer_step (self, CCBT_PEER_ON_CLOSE);
  ccbt_transport_close (g_steal_pointer (&self->transport));
  if (self->body.kind == CCBT_BODY_PLACE)
    self->owner_class->pin (self, self->body.block, FALSE);
  self->owner_class->closed (self, reason);
  ccbt_peer_table_remove (self->environment->table, self->handle);
  ccbt_peer_release (self);
}

void
ccbt_peer_close_for (CcbtPeer *self, CcbtError code, const char *format, ...)
{
  g_autoptr (GError) reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_error_new_valist (CCBT_ERROR, (int) code, format, arguments);
  va_end (arguments);
  ccbt_peer_close (self, reason);
}

static gboolean
finish_handshake (CcbtPeer *self, const CcbtHandshake *handshake)
{
  memcpy (self->peer_id, handshake->peer_id, sizeof self->peer_id);
  self->has_fast = handshake->has_fast;
  self->has_dht = handshake->has_dht;
  self->has_extensions = handshake->has_extensions;
  ccbt_peer_step (self, CCBT_PEER_ON_HANDSHAKEN);
  self->was_open = TRUE;
  if (!self->owner_class->opened (self, handshake))
    {
      ccbt_peer_close (self, NULL);
      return FALSE;
    }
  return self->phase == CCBT_PEER_OPEN;
}

gsize
ccbt_peer_handle_handshake (CcbtPeer *self, CcbtSpan in)
{
  g_autoptr (GError) error = NULL;
  CcbtHandshake handshake;
  CcbtSha1 info_hash;
  CcbtParse parse = ccbt_handshake_parse_info_hash (in, &info_hash, &error);

  if (parse == CCBT_PARSE_DONE && self->phase == CCBT_PEER_IDENTIFYING)
    {
      if (!self->owner_class->identify (self, &info_hash))
        {
          ccbt_peer_close (self, NULL); /* not a word about what we have (threat B46) */
          return 0;
        }
      ccbt_peer_step (self, CCBT_PEER_ON_IDENTIFIED);
      send_handshake (self, &info_hash);
    }
  if (parse != CCBT_PARSE_FAILED)
    parse = ccbt_handshake_parse (in, &handshake, &error);
  if (parse == CCBT_PARSE_FAILED)
    {
      ccbt_peer_close (self, error);
      return 0;
    }
  if (parse == CCBT_PARSE_NEED_MORE)
    return 0;
  finish_handshake (self, &handshake);
  return CCBT_HANDSHAKE_SIZE;
}

void
ccbt_peer_tick (CcbtPeer *self, gint64 now)
{
  static const guint8 keep_alive[4] = { 0 };

  if (self->phase != CCBT_PEER_OPEN)
    {
      if (now - self->connected_at > self->environment->handshake_timeout)
        ccbt_peer_close_for (self, CCBT_ERROR_NETWORK, "no handshake in time");
      return;
    }
  if (now - self->last_received > self->environment->peer_timeout)
    {
      ccbt_peer_close_for (self, CCBT_ERROR_NETWORK, "silent for too long");
      return;
    }
  if (now - self->last_sent > KEEP_ALIVE_AFTER)
    ccbt_peer_send_bytes (self, keep_alive, sizeof keep_alive);
  ccbt_rate_meter_update (&self->down, now);
  ccbt_rate_meter_update (&self->up, now);
  ccbt_request_queue_tick (&self->requests, self->down.per_second,
                           self->environment->request_cushion, now);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "../../fake/fake-transport.c"
#include "base/ccbt-random.h"
#include "peer/ccbt-peer.h"

/* What a peer receives does not depend on how the bytes come in. Pieces of 50 bytes keep "every
 * split" small; large ones have three blocks, the last of them short. */

#define N_PIECES 16u
#define SMALL 50u
#define LARGE (2 * CCBT_BLOCK_SIZE + 1000)
#define MAX_BLOCKS 3u

typedef struct
{
  CcbtFakeClock clock;
  CcbtPeerEnvironment environment;
  CcbtPieceMap map;

  FakeTransport *wire;
  CcbtPeer *peer;                         /* NULL once closed */
  GString *log;                           /* what the owner was told, in order */
  GError *reason;                         /* of the close */
  guint n_asked;                          /* blocks to ask for once unchoked, from piece 0 on */
  guint n_in_place;                       /* landed without a copy */
  guint n_abandoned;                      /* landed after we had given up */
  guint8 *places;                         /* of the whole torrent */
  gboolean is_lost[N_PIECES][MAX_BLOCKS]; /* somebody else holds the lease */
  guint n_pinned;
  int close_at;  /* the owner closes the peer when this piece lands; -1 */
  int cancel_at; /* the owner takes all other requests back when this piece lands; -1 */
  GByteArray *script;
} Fixture;

/* --- The recording owner --- */

static inline gsize
get_offset (Fixture *self, CcbtBlock block)
{
  return (gsize) block.piece * self->map.piece_length + (gsize) block.block * CCBT_BLOCK_SIZE;
}

static inline guint8
get_payload (gsize offset)
{
  return (guint8) (offset * 2654435761u >> 13);
}

static inline gboolean
identify (CcbtPeer *peer, const CcbtSha1 *info_hash)
{
  Fixture *self = peer->owner;

  g_string_append (self->log, "identify ");
  return info_hash->bytes[0] == 'h';
}

static inline gboolean
opened (CcbtPeer *peer, const CcbtHandshake *handshake)
{
  Fixture *self = peer->owner;

  g_string_append (self->log, "opened ");
  peer->n_pieces = N_PIECES;
  return TRUE;
}

static inline void
ask (Fixture *self)
{
  guint n = 0;

  for (guint32 piece = 0; piece < N_PIECES; piece++)
    for (guint32 block = 0; block < ccbt_piece_map_blocks (&self->map, piece); block++)
      if (n++ < self->n_asked)
        ccbt_peer_request (self->peer, &(CcbtBlock){ piece, block }, 1, &self->map);
}

static inline void
got_message (CcbtPeer *peer, const CcbtMessage *message)
{
  Fixture *self = peer->owner;

  g_string_append_printf (self->log, "m%u/%u/%u ", message->kind, message->piece,
                          (guint) message->payload.len);
  if (message->kind == CCBT_MESSAGE_UNCHOKE)
    ask (self);
}

static inline guint8 *
land (CcbtPeer *peer, CcbtBlock block, gboolean is_continued)
{
  Fixture *self = peer->owner;

  return self->is_lost[block.piece][block.block] ? NULL : self->places + get_offset (self, block);
}

static inline void
pin (CcbtPeer *peer, CcbtBlock block, gboolean pinned)
{
  Fixture *self = peer->owner;

  g_assert_cmpuint (self->n_pinned, ==, !pinned); /* one block at a time */
  self->n_pinned = pinned;
}

static inline void
cancel_all (Fixture *self)
{
  for (guint i = 0; i < self->peer->requests.n_items; i++)
    ccbt_peer_cancel (self->peer, ccbt_request_queue_get (&self->peer->requests, i)->block);
}

static inline void
landed (CcbtPeer *peer, CcbtBlock block, guint32 length, const guint8 *copy, gboolean was_abandoned)
{
  Fixture *self = peer->owner;
  gsize offset = get_offset (self, block);
  const guint8 *data = copy != NULL ? copy : self->places + offset;

  g_assert_cmpuint (self->n_pinned, ==, 0);
  g_assert_cmpuint (length, ==, ccbt_piece_map_block_length (&self->map, block.piece, block.block));
  for (gsize i = 0; i < length; i++)
    g_assert_cmpuint (data[i], ==, get_payload (offset + i));
  self->n_in_place += copy == NULL;
  self->n_abandoned += was_abandoned;
  g_string_append_printf (self->log, "%u.%u ", block.piece, block.block);
  if ((int) block.piece == self->close_at)
    ccbt_peer_close (peer, NULL);
  else if ((int) block.piece == self->cancel_at)
    cancel_all (self);
}

static inline void
request_lost (CcbtPeer *peer, CcbtBlock block)
{
  Fixture *self = peer->owner;

  g_string_append_printf (self->log, "lost%u.%u ", block.piece, block.block);
}

static inline gboolean
may_upload (CcbtPeer *peer, const CcbtUploadRequest *request)
{
  return FALSE;
}

static inline CcbtStorage *
get_storage (CcbtPeer *peer)
{
  return NULL;
}

static inline void
upload_failed (CcbtPeer *peer, guint32 piece, const GError *error)
{
  g_assert_not_reached ();
}

static inline void
closed (CcbtPeer *peer, const GError *reason)
{
  Fixture *self = peer->owner;

  g_string_append (self->log, "closed ");
  self->peer = NULL;
  self->reason = reason != NULL ? g_error_copy (reason) : NULL;
}

static const CcbtPeerOwner owner_class
    = { identify,     opened,     got_message, land,          pin,   landed,
        request_lost, may_upload, get_storage, upload_failed, closed };

/* --- The connection --- */

static inline void
set_up (Fixture *self, gconstpointer data)
{
  guint32 piece_length = GPOINTER_TO_UINT (data);

  ccbt_fake_clock_init (&self->clock, 1000 * CCBT_SECOND);
  self->environment = (CcbtPeerEnvironment){
    .clock = &self->clock.parent,
    .disk = ccbt_disk_pool_new (1),
    .extents = ccbt_extent_pool_new (),
    .table = ccbt_peer_table_new (),
    .scatter = ccbt_scatter_new (),
    .disk_queue_limit = 1024 * 1024,
    .stalled = g_array_new (FALSE, FALSE, sizeof (CcbtStalledPeer)),
    .request_limit = 500,
    .request_cushion = 2,
    .handshake_timeout = 10 * CCBT_SECOND,
    .peer_timeout = 120 * CCBT_SECOND,
  };
  self->map = (CcbtPieceMap){ (guint64) N_PIECES * piece_length, piece_length, N_PIECES };
  self->places = g_malloc0 (self->map.total_size);
  self->log = g_string_new (NULL);
  self->script = g_byte_array_new ();
  self->n_asked = N_PIECES * MAX_BLOCKS;
  self->close_at = self->cancel_at = -1;
}

static inline void
disconnect (Fixture *self)
{
  if (self->peer != NULL)
    ccbt_peer_close (self->peer, NULL);
  g_assert_cmpuint (self->n_pinned, ==, 0);
  g_assert_cmpuint (ccbt_peer_table_get_n (self->environment.table), ==, 0);
  g_clear_pointer (&self->wire, fake_transport_free);
  g_clear_error (&self->reason);
}

static inline void
tear_down (Fixture *self, gconstpointer data)
{
  disconnect (self);
  ccbt_disk_pool_free (self->environment.disk);
  ccbt_extent_pool_free (self->environment.extents);
  ccbt_peer_table_free (self->environment.table);
  ccbt_scatter_free (self->environment.scatter);
  g_array_unref (self->environment.stalled);
  g_string_free (self->log, TRUE);
  g_byte_array_unref (self->script);
  g_free (self->places);
}

static inline void
connect_anew (Fixture *self, gboolean is_incoming)
{
  CcbtSha1 info_hash;
  CcbtAddress address;

  disconnect (self);
  memset (&info_hash, 'h', sizeof info_hash);
  g_assert_true (ccbt_address_parse ("81.2.69.142:6881", &address));
  memset (self->places, 0xee, self->map.total_size);
  memset (self->is_lost, 0, sizeof self->is_lost);
  self->n_in_place = self->n_abandoned = 0;
  g_string_truncate (self->log, 0);
  self->wire = fake_transport_new ();
  self->peer = ccbt_peer_new (&self->environment, &owner_class, self, &self->wire->parent, &address,
                              is_incoming ? NULL : &info_hash);
  if (!is_incoming)
    fake_transport_connect (self->wire);
}

/* --- The script: what the other side says --- */

static inline void
say_handshake (Fixture *self)
{
  CcbtHandshake handshake = { .has_fast = TRUE };
  guint8 bytes[CCBT_HANDSHAKE_SIZE];

  memset (&handshake.info_hash, 'h', sizeof handshake.info_hash);
  memset (handshake.peer_id, 'p', sizeof handshake.peer_id);
  ccbt_handshake_write (&handshake, bytes);
  g_byte_array_append (self->script, bytes, sizeof bytes);
}

static inline void
say (Fixture *self, CcbtMessageKind kind, guint32 piece)
{
  ccbt_message_write (self->script, &(CcbtMessage){ .kind = kind, .piece = piece });
}

static inline void
say_bitfield (Fixture *self)
{
  static const guint8 bits[N_PIECES / 8] = { 0xff, 0x0f };

  ccbt_message_write (self->script, &(CcbtMessage){ .kind = CCBT_MESSAGE_BITFIELD,
                                                    .payload = { bits, sizeof bits } });
}

static inline void
say_block_as (Fixture *self, guint32 piece, guint32 offset, guint32 length)
{
  guint8 head[CCBT_MESSAGE_PIECE_HEAD];
  gsize start = (gsize) piece * self->map.piece_length + offset;

  ccbt_message_write_piece_head (head, piece, offset, length);
  g_byte_array_append (self->script, head, sizeof head);
  for (gsize i = start; i < start + length; i++)
    g_byte_array_append (self->script, &(guint8){ get_payload (i) }, 1);
}

static inline void
say_block (Fixture *self, guint32 piece, guint32 block)
{
  say_block_as (self, piece, block * CCBT_BLOCK_SIZE,
                ccbt_piece_map_block_length (&self->map, piece, block));
}

static inline void
say_piece (Fixture *self, guint32 piece)
{
  for (guint32 block = 0; block < ccbt_piece_map_blocks (&self->map, piece); block++)
    say_block (self, piece, block);
}

static inline void
say_hello (Fixture *self)
{
  say_handshake (self);
  say_bitfield (self);
  say (self, CCBT_MESSAGE_UNCHOKE, 0);
}

/* Everything said since the last time arrives. */
static inline void
deliver (Fixture *self)
{
  fake_transport_feed (self->wire, self->script->data, self->script->len);
  g_byte_array_set_size (self->script, 0);
}

/* The script in three portions on a new connection. Returns: (transfer full): the log */
static inline char *
play (Fixture *self, gsize first, gsize second)
{
  const gsize cuts[] = { 0, first, second, self->script->len };

  connect_anew (self, FALSE);
  for (guint i = 0; i + 1 < G_N_ELEMENTS (cuts) && self->peer != NULL; i++)
    fake_transport_feed (self->wire, self->script->data + cuts[i], cuts[i + 1] - cuts[i]);
  return g_strdup (self->log->str);
}

static inline void
assert_same_for_every_split (Fixture *self, const char *expected)
{
  gsize len = self->script->len;
  g_autofree char *whole = play (self, len, len);

  g_assert_cmpstr (whole, ==, expected);
  for (gsize first = 0; first < len; first++)
    for (gsize second = first; second < len; second += second == first ? 1 : 41)
      {
        g_autofree char *log = play (self, first, second);

        g_assert_cmpstr (log, ==, expected);
      }
  connect_anew (self, FALSE);
  for (gsize i = 0; i < len && self->peer != NULL; i++)
    fake_transport_feed (self->wire, self->script->data + i, 1);
  g_assert_cmpstr (self->log->str, ==, expected);
}

#define HELLO "opened m5/0/2 m1/0/0 "

static inline void
begin (Fixture *self, guint n_asked)
{
  self->n_asked = n_asked;
  connect_anew (self, FALSE);
  say_hello (self);
  deliver (self);
  g_string_truncate (self->log, 0);
}

static inline void
deliver_up_to (Fixture *self, gsize len)
{
  fake_transport_feed (self->wire, self->script->data, len);
  g_byte_array_remove_range (self->script, 0, (guint) len);
}

#define ADD(path, size, function)                                                                  \
  g_test_add ("/peer-receive/" path, Fixture, GUINT_TO_POINTER (size), set_up, function, tear_down)

/* SPDX-License-Identifier: GPL-3.0-or-later */
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

static gsize
get_offset (Fixture *self, CcbtBlock block)
{
  return (gsize) block.piece * self->map.piece_length + (gsize) block.block * CCBT_BLOCK_SIZE;
}

static guint8
get_payload (gsize offset)
{
  return (guint8) (offset * 2654435761u >> 13);
}

static gboolean
identify (CcbtPeer *peer, const CcbtSha1 *info_hash)
{
  Fixture *self = peer->owner;

  g_string_append (self->log, "identify ");
  return info_hash->bytes[0] == 'h';
}

static gboolean
opened (CcbtPeer *peer, const CcbtHandshake *handshake)
{
  Fixture *self = peer->owner;

  g_string_append (self->log, "opened ");
  peer->n_pieces = N_PIECES;
  return TRUE;
}

static void
ask (Fixture *self)
{
  guint n = 0;

  for (guint32 piece = 0; piece < N_PIECES; piece++)
    for (guint32 block = 0; block < ccbt_piece_map_blocks (&self->map, piece); block++)
      if (n++ < self->n_asked)
        ccbt_peer_request (self->peer, &(CcbtBlock){ piece, block }, 1, &self->map);
}

static void
got_message (CcbtPeer *peer, const CcbtMessage *message)
{
  Fixture *self = peer->owner;

  g_string_append_printf (self->log, "m%u/%u/%u ", message->kind, message->piece,
                          (guint) message->payload.len);
  if (message->kind == CCBT_MESSAGE_UNCHOKE)
    ask (self);
}

static guint8 *
land (CcbtPeer *peer, CcbtBlock block, gboolean is_continued)
{
  Fixture *self = peer->owner;

  return self->is_lost[block.piece][block.block] ? NULL : self->places + get_offset (self, block);
}

static void
pin (CcbtPeer *peer, CcbtBlock block, gboolean pinned)
{
  Fixture *self = peer->owner;

  g_assert_cmpuint (self->n_pinned, ==, !pinned); /* one block at a time */
  self->n_pinned = pinned;
}

static void
cancel_all (Fixture *self)
{
  for (guint i = 0; i < self->peer->requests.n_items; i++)
    ccbt_peer_cancel (self->peer, ccbt_request_queue_get (&self->peer->requests, i)->block);
}

static void
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

static void
request_lost (CcbtPeer *peer, CcbtBlock block)
{
  Fixture *self = peer->owner;

  g_string_append_printf (self->log, "lost%u.%u ", block.piece, block.block);
}

static gboolean
may_upload (CcbtPeer *peer, const CcbtUploadRequest *request)
{
  return FALSE;
}

static CcbtStorage *
get_storage (CcbtPeer *peer)
{
  return NULL;
}

static void
upload_failed (CcbtPeer *peer, guint32 piece, const GError *error)
{
  g_assert_not_reached ();
}

static void
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

static void
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

static void
disconnect (Fixture *self)
{
  if (self->peer != NULL)
    ccbt_peer_close (self->peer, NULL);
  g_assert_cmpuint (self->n_pinned, ==, 0);
  g_assert_cmpuint (ccbt_peer_table_get_n (self->environment.table), ==, 0);
  g_clear_pointer (&self->wire, fake_transport_free);
  g_clear_error (&self->reason);
}

static void
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

static void
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

static void
say_handshake (Fixture *self)
{
  CcbtHandshake handshake = { .has_fast = TRUE };
  guint8 bytes[CCBT_HANDSHAKE_SIZE];

  memset (&handshake.info_hash, 'h', sizeof handshake.info_hash);
  memset (handshake.peer_id, 'p', sizeof handshake.peer_id);
  ccbt_handshake_write (&handshake, bytes);
  g_byte_array_append (self->script, bytes, sizeof bytes);
}

static void
say (Fixture *self, CcbtMessageKind kind, guint32 piece)
{
  ccbt_message_write (self->script, &(CcbtMessage){ .kind = kind, .piece = piece });
}

static void
say_bitfield (Fixture *self)
{
  static const guint8 bits[N_PIECES / 8] = { 0xff, 0x0f };

  ccbt_message_write (self->script, &(CcbtMessage){ .kind = CCBT_MESSAGE_BITFIELD,
                                                    .payload = { bits, sizeof bits } });
}

static void
say_block_as (Fixture *self, guint32 piece, guint32 offset, guint32 length)
{
  guint8 head[CCBT_MESSAGE_PIECE_HEAD];
  gsize start = (gsize) piece * self->map.piece_length + offset;

  ccbt_message_write_piece_head (head, piece, offset, length);
  g_byte_array_append (self->script, head, sizeof head);
  for (gsize i = start; i < start + length; i++)
    g_byte_array_append (self->script, &(guint8){ get_payload (i) }, 1);
}

static void
say_block (Fixture *self, guint32 piece, guint32 block)
{
  say_block_as (self, piece, block * CCBT_BLOCK_SIZE,
                ccbt_piece_map_block_length (&self->map, piece, block));
}

static void
say_piece (Fixture *self, guint32 piece)
{
  for (guint32 block = 0; block < ccbt_piece_map_blocks (&self->map, piece); block++)
    say_block (self, piece, block);
}

static void
say_hello (Fixture *self)
{
  say_handshake (self);
  say_bitfield (self);
  say (self, CCBT_MESSAGE_UNCHOKE, 0);
}

/* Everything said since the last time arrives. */
static void
deliver (Fixture *self)
{
  fake_transport_feed (self->wire, self->script->data, self->script->len);
  g_byte_array_set_size (self->script, 0);
}

/* The script in three portions on a new connection. Returns: (transfer full): the log */
static char *
play (Fixture *self, gsize first, gsize second)
{
  const gsize cuts[] = { 0, first, second, self->script->len };

  connect_anew (self, FALSE);
  for (guint i = 0; i + 1 < G_N_ELEMENTS (cuts) && self->peer != NULL; i++)
    fake_transport_feed (self->wire, self->script->data + cuts[i], cuts[i + 1] - cuts[i]);
  return g_strdup (self->log->str);
}

static void
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

/* --- Splits and order --- */

static void
test_every_split_gives_the_same (Fixture *self, gconstpointer data)
{
  say_hello (self);
  say (self, CCBT_MESSAGE_HAVE, 12);
  for (guint32 piece = 0; piece < 3; piece++)
    say_piece (self, piece);
  say (self, CCBT_MESSAGE_HAVE, 13);
  say (self, CCBT_MESSAGE_KEEP_ALIVE, 0);
  say_piece (self, 3);
  say (self, CCBT_MESSAGE_HAVE, 14);
  say_piece (self, 4);
  say_piece (self, 5);
  assert_same_for_every_split (self, HELLO "m4/12/0 0.0 1.0 2.0 m4/13/0 3.0 m4/14/0 4.0 5.0 ");
}

static void
test_other_order_than_predicted_gives_the_same (Fixture *self, gconstpointer data)
{
  say_hello (self);
  say_piece (self, 5);
  say_piece (self, 0);
  say_piece (self, 4);
  say_piece (self, 2);
  say_piece (self, 1);
  say_piece (self, 3);
  assert_same_for_every_split (self, HELLO "5.0 0.0 4.0 2.0 1.0 3.0 ");
}

static void
test_blocks_nobody_asked_for_change_nothing_around_them (Fixture *self, gconstpointer data)
{
  self->n_asked = 3;
  say_hello (self);
  say_piece (self, 9);
  say_piece (self, 0);
  say_piece (self, 0); /* again */
  say_piece (self, 1);
  say (self, CCBT_MESSAGE_HAVE, 15);
  say_piece (self, 10);
  say_piece (self, 2);
  assert_same_for_every_split (self, HELLO "0.0 1.0 m4/15/0 2.0 ");
}

static void
test_closed_by_its_owner_it_stops_at_once (Fixture *self, gconstpointer data)
{
  self->close_at = 2;
  say_hello (self);
  for (guint32 piece = 0; piece < 6; piece++)
    say_piece (self, piece);
  assert_same_for_every_split (self, HELLO "0.0 1.0 2.0 closed ");
}

/* Endgame: while one block is handled the others are taken back; they come all the same. */
static void
test_what_was_taken_back_is_recognised_when_it_comes (Fixture *self, gconstpointer data)
{
  self->cancel_at = 1;
  say_hello (self);
  for (guint32 piece = 0; piece < 5; piece++)
    say_piece (self, piece);
  assert_same_for_every_split (self, HELLO "0.0 1.0 2.0 3.0 4.0 ");
  g_assert_cmpuint (self->n_abandoned, ==, 3);
}

static void
shuffle (CcbtRandom *random, guint *numbers, guint n)
{
  for (guint i = n; i > 1; i--)
    {
      guint j = ccbt_random_below (random, i), kept = numbers[j];

      numbers[j] = numbers[i - 1];
      numbers[i - 1] = kept;
    }
}

/* Whole blocks, haves between them, portions of any size; in half of the runs out of order. */
static void
test_random_portions_of_large_blocks_land (Fixture *self, gconstpointer data)
{
  for (guint run = 0; run < 60; run++)
    {
      guint order[N_PIECES * MAX_BLOCKS];
      CcbtRandom random;
      gsize position = 0;
      guint n_landed = 0;

      ccbt_random_init (&random, run + 1);
      for (guint i = 0; i < G_N_ELEMENTS (order); i++)
        order[i] = i;
      if (run % 2)
        shuffle (&random, order, G_N_ELEMENTS (order));
      g_byte_array_set_size (self->script, 0);
      say_hello (self);
      for (guint i = 0; i < G_N_ELEMENTS (order); i++)
        {
          if (ccbt_random_below (&random, 4) == 0)
            say (self, CCBT_MESSAGE_HAVE, ccbt_random_below (&random, N_PIECES));
          say_block (self, order[i] / MAX_BLOCKS, order[i] % MAX_BLOCKS);
        }
      connect_anew (self, FALSE);
      while (position < self->script->len)
        {
          gsize part = 1 + ccbt_random_below (&random, 1u << (1 + ccbt_random_below (&random, 18)));

          part = MIN (part, self->script->len - position);
          fake_transport_feed (self->wire, self->script->data + position, part);
          position += part;
        }
      for (const char *at = self->log->str; (at = strchr (at, '.')) != NULL; at++)
        n_landed++;
      g_assert_cmpuint (n_landed, ==, G_N_ELEMENTS (order));
      g_assert_cmpuint (self->n_in_place, ==, G_N_ELEMENTS (order));
      g_assert_cmpuint (self->peer->requests.n_items, ==, 0);
    }
}

/* --- Leases --- */

static void
begin (Fixture *self, guint n_asked)
{
  self->n_asked = n_asked;
  connect_anew (self, FALSE);
  say_hello (self);
  deliver (self);
  g_string_truncate (self->log, 0);
}

static void
deliver_up_to (Fixture *self, gsize len)
{
  fake_transport_feed (self->wire, self->script->data, len);
  g_byte_array_remove_range (self->script, 0, (guint) len);
}

static void
test_a_head_in_two_parts_still_lands_in_place (Fixture *self, gconstpointer data)
{
  for (guint split = 1; split < CCBT_MESSAGE_PIECE_HEAD; split++)
    {
      begin (self, 3);
      say_piece (self, 0);
      deliver_up_to (self, split);
      deliver (self);
      g_assert_cmpstr (self->log->str, ==, "0.0 0.1 0.2 ");
      g_assert_cmpuint (self->n_in_place, ==, 3);
    }
}

static void
test_when_another_holds_the_place_a_copy_is_handed_over (Fixture *self, gconstpointer data)
{
  begin (self, 3);
  self->is_lost[0][1] = TRUE;
  say_piece (self, 0);
  deliver_up_to (self, 20000); /* into the second block */
  deliver (self);
  g_assert_cmpstr (self->log->str, ==, "0.0 0.1 0.2 ");
  g_assert_cmpuint (self->n_in_place, ==, 2);
  for (gsize i = CCBT_BLOCK_SIZE; i < 2 * CCBT_BLOCK_SIZE; i++)
    g_assert_cmpuint (self->places[i], ==, 0xee); /* not a byte in the place */
}

/* Another peer brings the block while it comes in: not a byte more goes to its place. */
static void
test_a_lease_lost_in_the_middle_drains_the_rest (Fixture *self, gconstpointer data)
{
  for (gsize half = CCBT_MESSAGE_PIECE_HEAD; half < CCBT_BLOCK_SIZE; half += 1111)
    {
      gsize in_place = half - CCBT_MESSAGE_PIECE_HEAD;

      begin (self, 3);
      say_piece (self, 0);
      say (self, CCBT_MESSAGE_HAVE, 13);
      deliver_up_to (self, half);
      g_assert_cmpuint (self->n_pinned, ==, 1);
      self->is_lost[0][0] = TRUE;
      self->n_pinned = 0; /* went with the lease */
      memset (self->places, 0x77, CCBT_BLOCK_SIZE);
      deliver_up_to (self, 100);
      deliver (self);
      g_assert_cmpstr (self->log->str, ==, "0.1 0.2 m4/13/0 ");
      for (gsize i = 0; i < CCBT_BLOCK_SIZE; i++)
        g_assert_cmpuint (self->places[i], ==, 0x77);
      g_assert_cmpuint (in_place, <, CCBT_BLOCK_SIZE);
      g_assert_cmpuint (self->peer->n_unsolicited, ==, 0);
    }
}

static void
test_a_late_block_is_handed_over_as_a_copy (Fixture *self, gconstpointer data)
{
  begin (self, 3);
  ccbt_peer_abandon_request (self->peer, 1);
  say_piece (self, 0);
  deliver_up_to (self, 30000);
  deliver (self);
  g_assert_cmpstr (self->log->str, ==, "0.0 0.1 0.2 ");
  g_assert_cmpuint (self->n_abandoned, ==, 1);
  g_assert_cmpuint (self->n_in_place, ==, 2);
  g_assert_cmpuint (self->peer->n_unsolicited, ==, 0);
}

static void
test_closed_inside_a_block_it_is_unpinned (Fixture *self, gconstpointer data)
{
  begin (self, 3);
  say_piece (self, 0);
  deliver_up_to (self, 5000);
  g_assert_cmpuint (self->n_pinned, ==, 1);
  fake_transport_end (self->wire);
  g_assert_null (self->peer);
  g_assert_cmpuint (self->n_pinned, ==, 0);
  g_assert_error (self->reason, CCBT_ERROR, CCBT_ERROR_NETWORK);
}

/* --- Requests that end without a block --- */

static void
test_a_reject_ends_one_request (Fixture *self, gconstpointer data)
{
  begin (self, 3);
  ccbt_message_write (self->script, &(CcbtMessage){ .kind = CCBT_MESSAGE_REJECT,
                                                    .piece = 0,
                                                    .offset = CCBT_BLOCK_SIZE,
                                                    .length = CCBT_BLOCK_SIZE });
  deliver (self);
  g_assert_true (g_str_has_prefix (self->log->str, "lost0.1 "));
  g_assert_cmpuint (self->peer->requests.n_live, ==, 2);
}

static void
test_a_choke_ends_all_requests_without_the_fast_extension (Fixture *self, gconstpointer data)
{
  begin (self, 3);
  self->peer->has_fast = FALSE;
  say (self, CCBT_MESSAGE_CHOKE, 0);
  deliver (self);
  g_assert_cmpstr (self->log->str, ==, "lost0.0 lost0.1 lost0.2 m0/0/0 ");
  g_assert_cmpuint (self->peer->requests.n_live, ==, 0);
}

static void
test_a_choke_ends_nothing_with_it (Fixture *self, gconstpointer data)
{
  begin (self, 3);
  say (self, CCBT_MESSAGE_CHOKE, 0);
  say_piece (self, 0);
  deliver (self);
  g_assert_cmpstr (self->log->str, ==, "m0/0/0 0.0 0.1 0.2 ");
}

/* --- Hostile ones --- */

/* Threat B39. */
static void
test_too_many_blocks_nobody_asked_for_close (Fixture *self, gconstpointer data)
{
  begin (self, 0);
  for (guint i = 0; i < 64; i++)
    say_block_as (self, i % N_PIECES, 0, 10);
  deliver (self);
  g_assert_nonnull (self->peer);
  say_block_as (self, 0, 0, 10);
  say (self, CCBT_MESSAGE_HAVE, 13);
  deliver (self);
  g_assert_cmpstr (self->log->str, ==, "closed ");
  g_assert_error (self->reason, CCBT_ERROR, CCBT_ERROR_MALFORMED);
}

static void
test_a_block_that_is_not_quite_the_one_asked_for_is_dropped (Fixture *self, gconstpointer data)
{
  begin (self, 3);
  say_block_as (self, 0, 1, CCBT_BLOCK_SIZE);         /* not where a block begins */
  say_block_as (self, 0, 0, CCBT_BLOCK_SIZE - 1);     /* short */
  say_block_as (self, 0, 2 * CCBT_BLOCK_SIZE, 1001);  /* over the end */
  say_block_as (self, 1, 0, CCBT_BLOCK_SIZE);         /* of another piece */
  say_block_as (self, 0, 64 * CCBT_BLOCK_SIZE, 1000); /* behind the piece */
  deliver (self);
  g_assert_cmpstr (self->log->str, ==, "");
  g_assert_cmpuint (self->peer->n_unsolicited, ==, 5);
  g_assert_cmpuint (self->peer->requests.n_live, ==, 3);
  say_piece (self, 0);
  deliver (self);
  g_assert_cmpstr (self->log->str, ==, "0.0 0.1 0.2 ");
}

typedef struct
{
  guint8 bytes[16];
  gsize len;
} Hostile;

/* Threats B31, B32, B35, B36: not one byte more is waited for. */
static void
test_hostile_lengths_close_at_once (Fixture *self, gconstpointer data)
{
  static const Hostile hostile[] = {
    { { 0xff, 0xff, 0xff, 0xff }, 4 },
    { { 0x01, 0, 0, 0 }, 4 },
    { { 0, 0, 0, 1, CCBT_MESSAGE_HAVE }, 5 },
    { { 0, 0, 0, 4, CCBT_MESSAGE_PIECE }, 5 },
    { { 0, 0x10, 0, 0, CCBT_MESSAGE_PIECE }, 5 },
    { { 0, 0, 0, 5, CCBT_MESSAGE_HAVE, 0, 0, 0, N_PIECES }, 9 },
    { { 0, 0, 0, 5, CCBT_MESSAGE_HAVE, 0xff, 0xff, 0xff, 0xff }, 9 },
    { { 0, 0, 0, 4, CCBT_MESSAGE_BITFIELD }, 5 },
    { { 0, 0, 0, 2, CCBT_MESSAGE_CHOKE }, 5 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      begin (self, 3);
      say_block (self, 0, 0); /* in the middle of a download */
      g_byte_array_append (self->script, hostile[i].bytes, (guint) hostile[i].len);
      deliver (self);
      g_assert_cmpstr (self->log->str, ==, "0.0 closed ");
      g_assert_nonnull (self->reason);
      /* The same byte for byte. */
      begin (self, 3);
      for (gsize j = 0; j < hostile[i].len && self->peer != NULL; j++)
        fake_transport_feed (self->wire, hostile[i].bytes + j, 1);
      g_assert_cmpstr (self->log->str, ==, "closed ");
    }
}

/* Threat B46: other protocols get no answer. */
static void
test_noise_gets_no_answer (Fixture *self, gconstpointer data)
{
  static const char noise[] = "GET / HTTP/1.1\r\n\r\n";

  connect_anew (self, TRUE);
  fake_transport_feed (self->wire, (const guint8 *) noise, sizeof noise - 1);
  g_assert_cmpstr (self->log->str, ==, "closed ");
  g_assert_cmpuint (self->wire->written->len, ==, 0);
}

static void
test_an_unknown_torrent_gets_no_answer (Fixture *self, gconstpointer data)
{
  connect_anew (self, TRUE);
  say_handshake (self);
  memset (self->script->data + 28, 'x', 20);
  deliver (self);
  g_assert_cmpstr (self->log->str, ==, "identify closed ");
  g_assert_cmpuint (self->wire->written->len, ==, 0);
}

/* 48 bytes name the torrent; the answer does not wait for the rest. */
static void
test_an_incoming_one_is_answered_once_it_names_the_torrent (Fixture *self, gconstpointer data)
{
  connect_anew (self, TRUE);
  say_handshake (self);
  deliver_up_to (self, 47);
  g_assert_cmpuint (self->wire->written->len, ==, 0);
  deliver_up_to (self, 1);
  g_assert_cmpstr (self->log->str, ==, "identify ");
  g_assert_cmpuint (self->wire->written->len, ==, CCBT_HANDSHAKE_SIZE);
  deliver (self);
  g_assert_cmpstr (self->log->str, ==, "identify opened ");
  g_assert_cmpuint (self->wire->written->len, ==, CCBT_HANDSHAKE_SIZE);
}

/* Threat B44. */
static void
test_no_handshake_in_time_closes (Fixture *self, gconstpointer data)
{
  connect_anew (self, TRUE);
  say_handshake (self);
  deliver_up_to (self, 60);
  ccbt_fake_clock_advance (&self->clock, 10 * CCBT_SECOND);
  ccbt_peer_tick (self->peer, self->clock.monotonic);
  g_assert_nonnull (self->peer);
  ccbt_fake_clock_advance (&self->clock, 1);
  ccbt_peer_tick (self->peer, self->clock.monotonic);
  g_assert_null (self->peer);
}

/* --- Limits --- */

static void
test_a_rate_limit_is_kept_and_loses_nothing (Fixture *self, gconstpointer data)
{
  const guint64 limit = 100000;
  gsize total;
  guint n_steps = 0;

  begin (self, 18);
  ccbt_rate_bucket_set_limit (&self->environment.download.bucket, limit, self->clock.monotonic);
  for (guint32 piece = 0; piece < 6; piece++)
    say_piece (self, piece);
  total = self->script->len;
  deliver (self);
  g_assert_true (self->peer->stalled & CCBT_READY_READ);
  while (self->wire->unread->len > 0)
    {
      ccbt_fake_clock_advance (&self->clock, 50 * CCBT_MILLISECOND);
      ccbt_peer_environment_wake_stalled (&self->environment);
      fake_transport_run (self->wire);
      g_assert_cmpuint (++n_steps, <, 1000);
    }
  /* All but the first burst (32 KiB) comes at the limit. */
  g_assert_cmpuint (n_steps, >=, (total - 32 * 1024) * 20 / limit);
  g_assert_cmpuint (n_steps, <=, total * 20 / limit + 2);
  g_assert_cmpuint (self->n_in_place, ==, 18);
}

#define ADD(path, size, function)                                                                  \
  g_test_add ("/peer-receive/" path, Fixture, GUINT_TO_POINTER (size), set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("every-split-gives-the-same", SMALL, test_every_split_gives_the_same);
  ADD ("other-order-than-predicted-gives-the-same", SMALL,
       test_other_order_than_predicted_gives_the_same);
  ADD ("blocks-nobody-asked-for-change-nothing-around-them", SMALL,
       test_blocks_nobody_asked_for_change_nothing_around_them);
  ADD ("closed-by-its-owner-it-stops-at-once", SMALL, test_closed_by_its_owner_it_stops_at_once);
  ADD ("what-was-taken-back-is-recognised-when-it-comes", SMALL,
       test_what_was_taken_back_is_recognised_when_it_comes);
  ADD ("random-portions-of-large-blocks-land", LARGE, test_random_portions_of_large_blocks_land);
  ADD ("a-head-in-two-parts-still-lands-in-place", LARGE,
       test_a_head_in_two_parts_still_lands_in_place);
  ADD ("when-another-holds-the-place-a-copy-is-handed-over", LARGE,
       test_when_another_holds_the_place_a_copy_is_handed_over);
  ADD ("a-lease-lost-in-the-middle-drains-the-rest", LARGE,
       test_a_lease_lost_in_the_middle_drains_the_rest);
  ADD ("a-late-block-is-handed-over-as-a-copy", LARGE, test_a_late_block_is_handed_over_as_a_copy);
  ADD ("closed-inside-a-block-it-is-unpinned", LARGE, test_closed_inside_a_block_it_is_unpinned);
  ADD ("a-reject-ends-one-request", LARGE, test_a_reject_ends_one_request);
  ADD ("a-choke-ends-all-requests-without-the-fast-extension", LARGE,
       test_a_choke_ends_all_requests_without_the_fast_extension);
  ADD ("a-choke-ends-nothing-with-it", LARGE, test_a_choke_ends_nothing_with_it);
  ADD ("too-many-blocks-nobody-asked-for-close", LARGE,
       test_too_many_blocks_nobody_asked_for_close);
  ADD ("a-block-that-is-not-quite-the-one-asked-for-is-dropped", LARGE,
       test_a_block_that_is_not_quite_the_one_asked_for_is_dropped);
  ADD ("hostile-lengths-close-at-once", LARGE, test_hostile_lengths_close_at_once);
  ADD ("noise-gets-no-answer", LARGE, test_noise_gets_no_answer);
  ADD ("an-unknown-torrent-gets-no-answer", LARGE, test_an_unknown_torrent_gets_no_answer);
  ADD ("an-incoming-one-is-answered-once-it-names-the-torrent", LARGE,
       test_an_incoming_one_is_answered_once_it_names_the_torrent);
  ADD ("no-handshake-in-time-closes", LARGE, test_no_handshake_in_time_closes);
  ADD ("a-rate-limit-is-kept-and-loses-nothing", LARGE,
       test_a_rate_limit_is_kept_and_loses_nothing);
  return g_test_run ();
}

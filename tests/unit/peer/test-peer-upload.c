/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../../fake/fake-transport.c"
#include "../storage/torrent-fixture.h"
#include "base/ccbt-random.h"
#include "peer/ccbt-peer.h"

#include <unistd.h>

/* What a peer is sent for what it asked, over a transport that can send out of mapped files and
 * over one that cannot. */

#define KIB 1024u
#define PIECE (256 * KIB)

static const FixtureFile FILES[]
    = { { "big", 1000 * KIB + 77 }, { "small", 5000 }, { "pad", 3000, "p" }, { "end", 700 * KIB } };

typedef struct
{
  Fixture torrent;
  CcbtFakeClock clock;
  CcbtPeerEnvironment environment;
  CcbtStorage *storage;
  FakeTransport *wire;
  CcbtPeer *peer; /* NULL once closed */
  guint n_failed; /* times the owner was told */
  gint error_code;
  guint n_blocks; /* whole blocks that came, each checked */
  guint n_rejected;
  gsize in_part; /* bytes of a block that did not come to its end */
} Upload;

/* --- The owner --- */

static gboolean
identify (CcbtPeer *peer, const CcbtSha1 *info_hash)
{
  return TRUE;
}

static gboolean
opened (CcbtPeer *peer, const CcbtHandshake *handshake)
{
  return TRUE;
}

static void
got_message (CcbtPeer *peer, const CcbtMessage *message)
{
}

static gboolean
may_upload (CcbtPeer *peer, const CcbtUploadRequest *request)
{
  Upload *self = peer->owner;

  return (guint64) request->piece * PIECE + request->offset + request->length
         <= self->torrent.content->len;
}

static CcbtStorage *
get_storage (CcbtPeer *peer)
{
  return ((Upload *) peer->owner)->storage;
}

static void
upload_failed (CcbtPeer *peer, guint32 piece, const GError *error)
{
  Upload *self = peer->owner;

  g_assert_cmpuint (error->domain, ==, CCBT_ERROR);
  self->n_failed++;
  self->error_code = error->code;
}

static void
closed (CcbtPeer *peer, const GError *reason)
{
  ((Upload *) peer->owner)->peer = NULL;
}

static const CcbtPeerOwner owner_class = { .identify = identify,
                                           .opened = opened,
                                           .got_message = got_message,
                                           .may_upload = may_upload,
                                           .get_storage = get_storage,
                                           .upload_failed = upload_failed,
                                           .closed = closed };

/* --- The connection --- */

static void
say_handshake (Upload *self)
{
  CcbtHandshake handshake = { .has_fast = TRUE };
  guint8 bytes[CCBT_HANDSHAKE_SIZE];

  ccbt_handshake_write (&handshake, bytes);
  fake_transport_feed (self->wire, bytes, sizeof bytes);
}

static void
connect_peer (Upload *self, gboolean can_map)
{
  CcbtAddress address;

  g_assert_true (ccbt_address_parse ("81.2.69.142:6881", &address));
  self->wire = can_map ? fake_transport_new_mapping () : fake_transport_new ();
  self->peer
      = ccbt_peer_new (&self->environment, &owner_class, self, &self->wire->parent, &address, NULL);
  say_handshake (self);
  ccbt_peer_set_choking (self->peer, FALSE);
  fake_transport_drain (self->wire, 1000);
  self->wire->is_bounded = FALSE;
  g_byte_array_set_size (self->wire->written, 0);
}

/* @data: whether the transport can send out of mapped files. Everything is in memory. */
static void
set_up (Upload *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture_init (&self->torrent, PIECE, FILES, G_N_ELEMENTS (FILES));
  self->storage = fixture_prepare (&self->torrent, CCBT_ALLOCATION_SPARSE);
  ccbt_storage_write (self->storage, 0,
                      &(CcbtBuffer){ self->torrent.content->data, self->torrent.content->len }, 1,
                      &error);
  g_assert_no_error (error);
  ccbt_fake_clock_init (&self->clock, 1000 * CCBT_SECOND);
  self->environment
      = (CcbtPeerEnvironment){ .clock = &self->clock.parent,
                               .disk = ccbt_disk_pool_new (1),
                               .extents = ccbt_extent_pool_new (),
                               .table = ccbt_peer_table_new (),
                               .scatter = ccbt_scatter_new (),
                               .disk_queue_limit = 1024 * KIB,
                               .stalled = g_array_new (FALSE, FALSE, sizeof (CcbtStalledPeer)),
                               .request_limit = 500,
                               .handshake_timeout = 10 * CCBT_SECOND,
                               .peer_timeout = 120 * CCBT_SECOND };
  connect_peer (self, GPOINTER_TO_INT (data));
}

static void
tear_down (Upload *self, gconstpointer data)
{
  if (self->peer != NULL)
    ccbt_peer_close (self->peer, NULL);
  ccbt_disk_pool_free (self->environment.disk);
  g_assert_cmpuint (self->environment.upload_buffered, ==, 0);
  g_assert_cmpuint (ccbt_extent_pool_get_in_use (self->environment.extents), ==, 0);
  ccbt_extent_pool_free (self->environment.extents);
  ccbt_peer_table_free (self->environment.table);
  ccbt_scatter_free (self->environment.scatter);
  g_array_unref (self->environment.stalled);
  ccbt_storage_unref (self->storage);
  fake_transport_free (self->wire);
  fixture_clear (&self->torrent);
}

static void
say (Upload *self, CcbtMessageKind kind, guint64 offset, guint32 length)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  ccbt_message_write (bytes, &(CcbtMessage){ .kind = kind,
                                             .piece = (guint32) (offset / PIECE),
                                             .offset = (guint32) (offset % PIECE),
                                             .length = length });
  fake_transport_feed (self->wire, bytes->data, bytes->len);
}

/* All of the torrent in blocks of @block. Returns: how many */
static guint
ask_for_all (Upload *self, guint32 block)
{
  guint n = 0;

  for (guint64 at = 0; at < self->torrent.content->len; at += MIN (block, PIECE - at % PIECE), n++)
    say (self, CCBT_MESSAGE_REQUEST, at,
         (guint32) MIN (MIN (block, PIECE - at % PIECE), self->torrent.content->len - at));
  return n;
}

static guint
count_waiting (Upload *self)
{
  return self->peer->blocks.length + (self->peer->queued_upload > 0)
         + (self->peer->upload_requests != NULL ? self->peer->upload_requests->len : 0);
}

/* Until the disk pool has nothing left to tell. */
static void
settle (Upload *self)
{
  for (guint i = 0; i < 200; i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (self->peer != NULL && self->peer->queued_upload > 0 ? 1000 : 50);
    }
}

/* The socket takes everything, in portions of @room. */
static void
drain (Upload *self, gsize room)
{
  for (guint i = 0; i < 100000 && self->peer != NULL && count_waiting (self) > 0; i++)
    {
      fake_transport_drain (self->wire, room);
      g_main_context_iteration (NULL, FALSE);
      if (self->peer != NULL && !(self->wire->interest & CCBT_READY_WRITE))
        g_usleep (20);
    }
}

/* Every block under a head must be the torrent's. */
static void
judge (Upload *self)
{
  const guint8 *at = self->wire->written->data, *end = at + self->wire->written->len;

  self->n_blocks = self->n_rejected = 0;
  self->in_part = 0;
  while (end - at >= 4)
    {
      CcbtSpan rest = { at, (gsize) (end - at) };
      guint32 length
          = ((guint32) at[0] << 24 | (guint32) at[1] << 16 | (guint32) at[2] << 8 | at[3]);
      guint64 offset;

      if (rest.len < 4 + (gsize) length)
        {
          self->in_part = rest.len;
          return;
        }
      self->n_rejected += length > 0 && at[4] == CCBT_MESSAGE_REJECT;
      if (length > 9 && at[4] == CCBT_MESSAGE_PIECE)
        {
          offset
              = (guint64) (at[7] << 8 | at[8]) * PIECE
                + ((guint32) at[9] << 24 | (guint32) at[10] << 16 | (guint32) at[11] << 8 | at[12]);
          g_assert_cmpmem (at + CCBT_MESSAGE_PIECE_HEAD, length - 9,
                           self->torrent.content->data + offset, length - 9);
          self->n_blocks++;
        }
      at += 4 + (gsize) length;
    }
  g_assert_true (at == end);
}

/* --- What is sent --- */

static void
test_everything_asked_for_comes_as_it_is (Upload *self, gconstpointer data)
{
  static const guint32 blocks[] = { 16384, 128 * KIB, 5001 };
  static const gsize rooms[] = { 100000000, 300000, 7777 };

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    for (guint j = 0; j < G_N_ELEMENTS (rooms); j++)
      {
        guint n = ask_for_all (self, blocks[i]);

        self->wire->capacity = rooms[j] / 2;
        drain (self, rooms[j]);
        judge (self);
        g_assert_cmpuint (self->n_blocks, ==, n);
        g_assert_cmpuint (self->n_rejected, ==, 0);
        g_assert_cmpuint (self->in_part, ==, 0);
        g_byte_array_set_size (self->wire->written, 0);
        self->wire->is_bounded = FALSE;
        self->wire->capacity = 0;
      }
  g_assert_cmpuint (self->peer->up.total, ==, 9 * self->torrent.content->len);
  g_assert_cmpuint (self->n_failed, ==, 0);
  if (GPOINTER_TO_INT (data))
    g_assert_cmpuint (self->wire->n_mapped, >, 0);
}

static void
test_an_idle_peer_holds_nothing (Upload *self, gconstpointer data)
{
  CcbtWindowCache *windows = ccbt_disk_pool_get_windows (self->environment.disk);

  ask_for_all (self, 16384);
  drain (self, 1000000);
  g_assert_null (self->peer->upload_requests);
  g_assert_cmpuint (self->peer->queued_upload, ==, 0);
  g_assert_cmpuint (self->environment.upload_buffered, ==, 0);
  g_assert_cmpuint (ccbt_extent_pool_get_in_use (self->environment.extents), ==, 0);
  g_assert_cmpuint (self->wire->interest, ==, CCBT_READY_READ);
  for (guint i = 0; i < 3; i++)
    ccbt_window_cache_sweep (windows);
  g_assert_cmpuint (ccbt_window_cache_get_n (windows), ==, 0);
}

/* Of 20 blocks one is on its way when it is choked; those that were not begun are refused. */
static void
test_a_choke_refuses_what_has_not_begun (Upload *self, gconstpointer data)
{
  fake_transport_drain (self->wire, 0);
  for (guint i = 0; i < 10; i++)
    say (self, CCBT_MESSAGE_REQUEST, i * 16384, 16384);
  settle (self);
  fake_transport_drain (self->wire, 1000);
  ccbt_peer_set_choking (self->peer, TRUE);
  drain (self, 100000);
  self->wire->is_bounded = FALSE;
  fake_transport_drain (self->wire, 10000);
  judge (self);
  g_assert_cmpuint (self->n_blocks + self->n_rejected, ==, 10);
  g_assert_cmpuint (self->n_blocks, >=, 1);
  g_assert_cmpuint (self->in_part, ==, 0);
  if (GPOINTER_TO_INT (data))
    g_assert_cmpuint (self->n_rejected, ==, 9);
}

static void
test_what_is_not_had_is_refused (Upload *self, gconstpointer data)
{
  say (self, CCBT_MESSAGE_REQUEST, 0, 16384);
  say (self, CCBT_MESSAGE_REQUEST, self->torrent.content->len - 10, 11);
  say (self, CCBT_MESSAGE_REQUEST, 16384, 16384);
  drain (self, 100000);
  fake_transport_drain (self->wire, 100000);
  judge (self);
  g_assert_cmpuint (self->n_blocks, ==, 2);
  g_assert_cmpuint (self->n_rejected, ==, 1);
}

static void
test_a_rate_limit_bounds_every_send (Upload *self, gconstpointer data)
{
  gsize before = 0;
  guint n;

  ccbt_rate_bucket_set_limit (&self->environment.upload.bucket, 100000,
                              ccbt_clock_now (&self->clock.parent));
  n = ask_for_all (self, 16384);
  for (guint second = 0; second < 60 && count_waiting (self) > 0; second++)
    {
      settle (self);
      ccbt_peer_environment_wake_stalled (&self->environment);
      g_assert_cmpuint (self->wire->written->len - before, <=, 2 * 100000 + 1000);
      before = self->wire->written->len;
      ccbt_fake_clock_advance (&self->clock, CCBT_SECOND);
    }
  judge (self);
  g_assert_cmpuint (self->n_blocks, ==, n);
}

/* --- Files that go --- */

static void
cut_big_file (gpointer data)
{
  Upload *self = data;
  g_autofree char *path = fixture_path (&self->torrent, 0);

  g_assert_cmpint (truncate (path, 600 * KIB + 100), ==, 0);
  self->wire->before_mapped = NULL;
}

static void
test_a_file_cut_before_is_refused_and_told (Upload *self, gconstpointer data)
{
  cut_big_file (self);
  say (self, CCBT_MESSAGE_REQUEST, 512 * KIB, 16384);
  say (self, CCBT_MESSAGE_REQUEST, 640 * KIB, 16384);
  drain (self, 1000000);
  fake_transport_drain (self->wire, 1000000);
  judge (self);
  g_assert_cmpuint (self->n_blocks, ==, 1);
  g_assert_cmpuint (self->n_rejected, ==, 1);
  g_assert_cmpuint (self->n_failed, ==, 1);
  g_assert_cmpint (self->error_code, ==, CCBT_ERROR_FILES_MISSING);
}

/* The last page of what is left reads as zeros where it was cut: whoever was sent that is closed. */
static void
test_a_file_cut_while_it_is_sent_closes_the_peer (Upload *self, gconstpointer data)
{
  self->wire->before_mapped = cut_big_file;
  self->wire->data = self;
  say (self, CCBT_MESSAGE_REQUEST, 592 * KIB, 8 * KIB + 2000);
  settle (self);
  if (!GPOINTER_TO_INT (data))
    return;
  g_assert_null (self->peer);
  g_assert_cmpuint (self->n_failed, ==, 1);
  g_assert_cmpint (self->error_code, ==, CCBT_ERROR_FILES_MISSING);
}

/* Cut between two sends, in the middle of a block. */
static void
test_a_file_cut_amid_a_block_closes_the_peer (Upload *self, gconstpointer data)
{
  fake_transport_drain (self->wire, 0);
  say (self, CCBT_MESSAGE_REQUEST, 640 * KIB, 16384);
  settle (self);
  fake_transport_drain (self->wire, 5000);
  cut_big_file (self);
  fake_transport_drain (self->wire, 100000);
  settle (self);
  judge (self);
  if (!GPOINTER_TO_INT (data))
    return; /* it was read whole */
  g_assert_cmpuint (self->n_blocks, ==, 0);
  g_assert_null (self->peer);
  g_assert_cmpuint (self->n_failed, ==, 1);
}

static void
test_a_deleted_file_is_told (Upload *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (&self->torrent, 0);

  say (self, CCBT_MESSAGE_REQUEST, 0, 16384);
  drain (self, 100000);
  g_assert_cmpint (g_unlink (path), ==, 0);
  say (self, CCBT_MESSAGE_REQUEST, 16384, 16384);
  drain (self, 100000);
  self->wire->is_bounded = FALSE;
  say (self, CCBT_MESSAGE_REQUEST, 32768, 16384);
  settle (self);
  judge (self);
  g_assert_cmpuint (self->n_blocks, <=, 2);
  g_assert_cmpuint (self->n_failed, >=, 1);
  g_assert_cmpint (self->error_code, ==, CCBT_ERROR_FILES_MISSING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD_FOR(name, kind, can_map)                                                               \
  g_test_add ("/peer-upload/" kind "/" #name, Upload, GINT_TO_POINTER (can_map), set_up,           \
              test_##name, tear_down)
#define ADD(name)                                                                                  \
  ADD_FOR (name, "mapped", TRUE);                                                                  \
  ADD_FOR (name, "buffered", FALSE)
  ADD (everything_asked_for_comes_as_it_is);
  ADD (an_idle_peer_holds_nothing);
  ADD (a_choke_refuses_what_has_not_begun);
  ADD (what_is_not_had_is_refused);
  ADD (a_rate_limit_bounds_every_send);
  ADD (a_file_cut_before_is_refused_and_told);
  ADD (a_file_cut_while_it_is_sent_closes_the_peer);
  ADD (a_file_cut_amid_a_block_closes_the_peer);
  ADD (a_deleted_file_is_told);
#undef ADD
#undef ADD_FOR
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "receive-fixture.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
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
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-metadata-fetch.h"
#include "wire/ccbt-metainfo.h"

#define ALICE ((CcbtPeerHandle) 11)
#define BOB ((CcbtPeerHandle) 22)
#define CAROL ((CcbtPeerHandle) 33)
#define SIZE (4 * CCBT_METADATA_PIECE_SIZE + 1000) /* five parts, the last one short */
#define N_PARTS 5u

typedef struct
{
  CcbtMetadataFetch *fetch;
  guint8 bytes[SIZE];
  gint64 now;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->fetch = ccbt_metadata_fetch_new ();
  self->now = 100 * CCBT_SECOND;
  for (guint i = 0; i < SIZE; i++)
    self->bytes[i] = (guint8) (i * 31 + i / 16384);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  ccbt_metadata_fetch_free (self->fetch);
}

static gboolean
ask (Fixture *self, CcbtPeerHandle peer, guint32 *piece)
{
  return ccbt_metadata_fetch_next (self->fetch, peer, self->now, piece);
}

static void
assert_quiet (Fixture *self, CcbtPeerHandle peer)
{
  guint32 piece;

  g_assert_false (ask (self, peer, &piece));
}

static guint32
assert_asks (Fixture *self, CcbtPeerHandle peer)
{
  guint32 piece = G_MAXUINT32;

  g_assert_true (ask (self, peer, &piece));
  g_assert_cmpuint (piece, <, N_PARTS);
  return piece;
}

static GBytes *
give_bytes (Fixture *self, CcbtPeerHandle peer, guint32 piece, const guint8 *data, gsize len,
            guint32 total)
{
  CcbtMetadataMessage message
      = { .kind = CCBT_METADATA_DATA, .piece = piece, .total_size = total, .data = { data, len } };

  return ccbt_metadata_fetch_take (self->fetch, peer, &message);
}

static GBytes *
give (Fixture *self, CcbtPeerHandle peer, guint32 piece)
{
  gsize start = (gsize) piece * CCBT_METADATA_PIECE_SIZE;

  return give_bytes (self, peer, piece, self->bytes + start,
                     MIN (CCBT_METADATA_PIECE_SIZE, SIZE - start), SIZE);
}

/* Asks @peer for all it can be asked for, and answers. */
static GBytes *
fetch_all_from (Fixture *self, CcbtPeerHandle peer)
{
  GBytes *whole = NULL;
  guint32 piece;

  while (whole == NULL && ask (self, peer, &piece))
    whole = give (self, peer, piece);
  return whole;
}

static void
assert_whole (Fixture *self, GBytes *whole)
{
  g_assert_nonnull (whole);
  g_assert_cmpmem (g_bytes_get_data (whole, NULL), g_bytes_get_size (whole), self->bytes, SIZE);
  g_bytes_unref (whole);
}

static void
test_one_peer_gives_it_all (Fixture *self, gconstpointer data)
{
  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  assert_whole (self, fetch_all_from (self, ALICE));
}

static void
test_two_peers_share_the_parts (Fixture *self, gconstpointer data)
{
  guint32 piece;
  gboolean seen[N_PARTS] = { FALSE };

  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  ccbt_metadata_fetch_add_peer (self->fetch, BOB, SIZE);
  for (guint i = 0; i < N_PARTS; i++)
    {
      g_assert_true (ask (self, i % 2 ? BOB : ALICE, &piece));
      g_assert_false (seen[piece]); /* nothing is asked twice */
      seen[piece] = TRUE;
    }
  assert_quiet (self, ALICE);
  assert_quiet (self, BOB);
  for (guint i = 0; i < N_PARTS - 1; i++)
    g_assert_null (give (self, i % 2 ? BOB : ALICE, i));
  g_assert_cmpfloat_with_epsilon (ccbt_metadata_fetch_get_progress (self->fetch), 0.8, 0.001);
  assert_whole (self, give (self, ALICE, N_PARTS - 1));
}

static void
test_a_peer_has_few_requests_out (Fixture *self, gconstpointer data)
{
  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  for (guint i = 0; i < 3; i++)
    assert_asks (self, ALICE);
  assert_quiet (self, ALICE);
}

static void
test_absurd_sizes_are_not_believed (Fixture *self, gconstpointer data)
{
  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, 0);
  ccbt_metadata_fetch_add_peer (self->fetch, BOB, CCBT_METAINFO_MAX_SIZE + 1);
  ccbt_metadata_fetch_add_peer (self->fetch, CAROL, G_MAXUINT32);
  assert_quiet (self, ALICE);
  assert_quiet (self, BOB);
  assert_quiet (self, CAROL);
}

static void
test_a_peer_keeps_the_size_it_said_first (Fixture *self, gconstpointer data)
{
  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, 20);
  assert_whole (self, fetch_all_from (self, ALICE));
}

static void
test_strangers_are_not_asked_nor_heard (Fixture *self, gconstpointer data)
{
  guint32 piece;

  assert_quiet (self, BOB);
  g_assert_null (give (self, BOB, 0));
  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  piece = assert_asks (self, ALICE);
  g_assert_null (give (self, BOB, piece));
  g_assert_cmpfloat (ccbt_metadata_fetch_get_progress (self->fetch), ==, 0);
}

static void
test_what_was_not_asked_for_is_dropped (Fixture *self, gconstpointer data)
{
  guint32 piece;

  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  ccbt_metadata_fetch_add_peer (self->fetch, BOB, SIZE);
  piece = assert_asks (self, ALICE);
  g_assert_null (give (self, BOB, piece));                   /* asked of Alice */
  g_assert_null (give (self, ALICE, (piece + 1) % N_PARTS)); /* not asked */
  g_assert_cmpfloat (ccbt_metadata_fetch_get_progress (self->fetch), ==, 0);
  g_assert_null (give (self, ALICE, piece));
  g_assert_null (give (self, ALICE, piece)); /* twice counts once */
  g_assert_cmpfloat_with_epsilon (ccbt_metadata_fetch_get_progress (self->fetch), 0.2, 0.001);
}

static void
test_parts_of_wrong_size_or_index_are_dropped (Fixture *self, gconstpointer data)
{
  guint32 piece;

  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  piece = assert_asks (self, ALICE);
  g_assert_cmpuint (piece, ==, 0);
  g_assert_null (give_bytes (self, ALICE, 0, self->bytes, 100, SIZE));
  g_assert_null (give_bytes (self, ALICE, 0, self->bytes, CCBT_METADATA_PIECE_SIZE + 1, SIZE));
  g_assert_null (give_bytes (self, ALICE, 0, self->bytes, CCBT_METADATA_PIECE_SIZE, SIZE + 1));
  g_assert_null (give_bytes (self, ALICE, N_PARTS, self->bytes, 1000, SIZE));
  g_assert_null (give_bytes (self, ALICE, G_MAXUINT32, self->bytes, 1000, SIZE));
  g_assert_null (
      give_bytes (self, ALICE, N_PARTS - 1, self->bytes, CCBT_METADATA_PIECE_SIZE, SIZE));
  g_assert_cmpfloat (ccbt_metadata_fetch_get_progress (self->fetch), ==, 0);
}

static void
test_who_refuses_is_left_alone_and_others_are_asked (Fixture *self, gconstpointer data)
{
  guint32 piece;

  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  ccbt_metadata_fetch_add_peer (self->fetch, BOB, SIZE);
  piece = assert_asks (self, ALICE);
  ccbt_metadata_fetch_take_reject (self->fetch, ALICE, self->now);
  assert_quiet (self, ALICE);
  g_assert_cmpuint (assert_asks (self, BOB), ==, piece);
  g_assert_null (give (self, BOB, piece));
  assert_whole (self, fetch_all_from (self, BOB));
}

static void
test_a_refusal_is_not_forever (Fixture *self, gconstpointer data)
{
  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  assert_asks (self, ALICE);
  ccbt_metadata_fetch_take_reject (self->fetch, ALICE, self->now);
  self->now += 29 * CCBT_SECOND;
  assert_quiet (self, ALICE);
  self->now += CCBT_SECOND;
  assert_whole (self, fetch_all_from (self, ALICE));
}

static void
test_without_an_answer_another_peer_is_asked (Fixture *self, gconstpointer data)
{
  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  ccbt_metadata_fetch_add_peer (self->fetch, BOB, SIZE);
  for (guint i = 0; i < 3; i++)
    assert_asks (self, ALICE);
  self->now += 5 * CCBT_SECOND;
  g_assert_cmpuint (assert_asks (self, BOB), ==, 3);
  g_assert_cmpuint (assert_asks (self, BOB), ==, 4);
  assert_quiet (self, BOB);
  self->now += CCBT_SECOND;
  g_assert_cmpuint (assert_asks (self, BOB), ==, 0);
  assert_quiet (self, ALICE); /* silent: left alone for a while */
  g_assert_null (give (self, BOB, 3));
  g_assert_null (give (self, BOB, 4));
  g_assert_null (give (self, BOB, 0));
  assert_whole (self, fetch_all_from (self, BOB));
}

/* The only peer may be slow: what it was asked for and nobody else was counts when it comes. */
static void
test_a_late_answer_counts_while_nobody_else_was_asked (Fixture *self, gconstpointer data)
{
  guint32 pieces[3];

  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  for (guint i = 0; i < 3; i++)
    pieces[i] = assert_asks (self, ALICE);
  self->now += 10 * CCBT_SECOND;
  assert_quiet (self, ALICE);
  for (guint i = 0; i < 3; i++)
    g_assert_null (give (self, ALICE, pieces[i]));
  g_assert_cmpfloat_with_epsilon (ccbt_metadata_fetch_get_progress (self->fetch), 0.6, 0.001);
}

static void
test_a_late_answer_is_dropped_when_another_was_asked (Fixture *self, gconstpointer data)
{
  guint32 piece;

  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  ccbt_metadata_fetch_add_peer (self->fetch, BOB, SIZE);
  piece = assert_asks (self, ALICE);
  self->now += 10 * CCBT_SECOND;
  g_assert_cmpuint (assert_asks (self, BOB), ==, piece);
  g_assert_null (give (self, ALICE, piece));
  g_assert_cmpfloat (ccbt_metadata_fetch_get_progress (self->fetch), ==, 0);
}

/* Requests that were lost must not count against the only peer forever. */
static void
test_the_only_peer_is_asked_again_in_the_end (Fixture *self, gconstpointer data)
{
  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  for (guint i = 0; i < 3; i++)
    assert_asks (self, ALICE);
  self->now += 10 * CCBT_SECOND;
  assert_quiet (self, ALICE);
  self->now += 31 * CCBT_SECOND;
  assert_whole (self, fetch_all_from (self, ALICE));
}

/* Threat B51: the first one to speak says a wrong size and never answers. */
static void
test_a_lie_about_the_size_does_not_hold_up_the_others (Fixture *self, gconstpointer data)
{
  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, 3 * 1024 * 1024);
  ccbt_metadata_fetch_add_peer (self->fetch, BOB, SIZE);
  {
    guint32 piece;

    g_assert_true (ask (self, ALICE, &piece));
  }
  assert_quiet (self, BOB);
  self->now += 6 * CCBT_SECOND;
  assert_whole (self, fetch_all_from (self, BOB));
}

static void
test_when_the_liar_leaves_its_size_goes_too (Fixture *self, gconstpointer data)
{
  guint32 piece;

  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, 100);
  ccbt_metadata_fetch_add_peer (self->fetch, BOB, SIZE);
  g_assert_true (ask (self, ALICE, &piece));
  ccbt_metadata_fetch_remove_peer (self->fetch, ALICE);
  assert_whole (self, fetch_all_from (self, BOB));
}

static void
test_parts_stay_when_their_giver_leaves (Fixture *self, gconstpointer data)
{
  guint32 piece;

  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  ccbt_metadata_fetch_add_peer (self->fetch, BOB, SIZE);
  piece = assert_asks (self, ALICE);
  g_assert_null (give (self, ALICE, piece));
  assert_asks (self, ALICE);
  ccbt_metadata_fetch_remove_peer (self->fetch, ALICE);
  g_assert_cmpfloat_with_epsilon (ccbt_metadata_fetch_get_progress (self->fetch), 0.2, 0.001);
  assert_whole (self, fetch_all_from (self, BOB));
}

static void
test_the_only_giver_of_wrong_bytes_is_named (Fixture *self, gconstpointer data)
{
  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  g_bytes_unref (fetch_all_from (self, ALICE));
  g_assert_cmpuint (ccbt_metadata_fetch_note_failure (self->fetch), ==, ALICE);
}

/* Wrong bytes out of several hands blame nobody; the next try has one hand only. */
static void
test_after_mixed_wrong_bytes_all_comes_from_one (Fixture *self, gconstpointer data)
{
  GBytes *whole = NULL;
  guint32 piece;

  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  ccbt_metadata_fetch_add_peer (self->fetch, BOB, SIZE);
  for (guint i = 0; whole == NULL; i++)
    {
      CcbtPeerHandle peer = i % 2 ? BOB : ALICE;

      g_assert_true (ask (self, peer, &piece));
      whole = give (self, peer, piece);
    }
  g_bytes_unref (whole);
  g_assert_cmpuint (ccbt_metadata_fetch_note_failure (self->fetch), ==, CCBT_PEER_NONE);
  assert_asks (self, BOB);
  assert_quiet (self, ALICE);
  g_assert_null (give (self, ALICE, 1));
  g_assert_null (give (self, BOB, 0));
  g_bytes_unref (fetch_all_from (self, BOB));
  g_assert_cmpuint (ccbt_metadata_fetch_note_failure (self->fetch), ==, BOB);
  ccbt_metadata_fetch_remove_peer (self->fetch, BOB);
  assert_whole (self, fetch_all_from (self, ALICE));
}

/* In an exclusive try the chosen one refuses, leaves or says nothing: another is chosen. */
static void
test_an_exclusive_try_changes_hands (Fixture *self, gconstpointer data)
{
  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  ccbt_metadata_fetch_add_peer (self->fetch, BOB, SIZE);
  ccbt_metadata_fetch_add_peer (self->fetch, CAROL, SIZE);
  ccbt_metadata_fetch_note_failure (self->fetch);
  g_assert_null (give (self, ALICE, assert_asks (self, ALICE)));
  ccbt_metadata_fetch_take_reject (self->fetch, ALICE, self->now);
  g_assert_cmpuint (assert_asks (self, BOB), ==, 0); /* from the start */
  ccbt_metadata_fetch_remove_peer (self->fetch, BOB);
  assert_quiet (self, ALICE);
  assert_asks (self, CAROL);
  self->now += 31 * CCBT_SECOND; /* Carol is silent; Alice may be asked again */
  assert_whole (self, fetch_all_from (self, ALICE));
}

static void
test_while_the_bytes_are_verified_nothing_is_asked (Fixture *self, gconstpointer data)
{
  ccbt_metadata_fetch_add_peer (self->fetch, ALICE, SIZE);
  ccbt_metadata_fetch_add_peer (self->fetch, BOB, 100);
  assert_whole (self, fetch_all_from (self, ALICE));
  assert_quiet (self, ALICE);
  assert_quiet (self, BOB);
  g_assert_null (give (self, ALICE, 0));
}

#define ADD(path, function)                                                                        \
  g_test_add ("/metadata-fetch/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("one-peer-gives-it-all", test_one_peer_gives_it_all);
  ADD ("two-peers-share-the-parts", test_two_peers_share_the_parts);
  ADD ("a-peer-has-few-requests-out", test_a_peer_has_few_requests_out);
  ADD ("absurd-sizes-are-not-believed", test_absurd_sizes_are_not_believed);
  ADD ("a-peer-keeps-the-size-it-said-first", test_a_peer_keeps_the_size_it_said_first);
  ADD ("strangers-are-not-asked-nor-heard", test_strangers_are_not_asked_nor_heard);
  ADD ("what-was-not-asked-for-is-dropped", test_what_was_not_asked_for_is_dropped);
  ADD ("parts-of-wrong-size-or-index-are-dropped", test_parts_of_wrong_size_or_index_are_dropped);
  ADD ("who-refuses-is-left-alone-and-others-are-asked",
       test_who_refuses_is_left_alone_and_others_are_asked);
  ADD ("a-refusal-is-not-forever", test_a_refusal_is_not_forever);
  ADD ("without-an-answer-another-peer-is-asked", test_without_an_answer_another_peer_is_asked);
  ADD ("a-late-answer-counts-while-nobody-else-was-asked",
       test_a_late_answer_counts_while_nobody_else_was_asked);
  ADD ("a-late-answer-is-dropped-when-another-was-asked",
       test_a_late_answer_is_dropped_when_another_was_asked);
  ADD ("the-only-peer-is-asked-again-in-the-end", test_the_only_peer_is_asked_again_in_the_end);
  ADD ("a-lie-about-the-size-does-not-hold-up-the-others",
       test_a_lie_about_the_size_does_not_hold_up_the_others);
  ADD ("when-the-liar-leaves-its-size-goes-too", test_when_the_liar_leaves_its_size_goes_too);
  ADD ("parts-stay-when-their-giver-leaves", test_parts_stay_when_their_giver_leaves);
  ADD ("the-only-giver-of-wrong-bytes-is-named", test_the_only_giver_of_wrong_bytes_is_named);
  ADD ("after-mixed-wrong-bytes-all-comes-from-one",
       test_after_mixed_wrong_bytes_all_comes_from_one);
  ADD ("an-exclusive-try-changes-hands", test_an_exclusive_try_changes_hands);
  ADD ("while-the-bytes-are-verified-nothing-is-asked",
       test_while_the_bytes_are_verified_nothing_is_asked);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-metadata-fetch.h"

#include "base/ccbt-clock.h"

#define ALICE 1
#define BOB 2
#define SIZE (2 * CCBT_METADATA_PIECE_SIZE + 100) /* three pieces */

static guint8 metadata[SIZE];

/* The peer answers for @piece as a good one would. */
static GBytes *
answer (CcbtMetadataFetch *fetch, CcbtPeerHandle peer, guint32 piece)
{
  guint32 offset = piece * CCBT_METADATA_PIECE_SIZE;
  const CcbtMetadataMessage message
      = { .kind = CCBT_METADATA_DATA,
          .piece = piece,
          .total_size = SIZE,
          .data = { metadata + offset, MIN (CCBT_METADATA_PIECE_SIZE, SIZE - offset) } };

  return ccbt_metadata_fetch_take (fetch, peer, &message);
}

static void
test_pieces_are_asked_of_several_peers (void)
{
  g_autoptr (CcbtMetadataFetch) fetch = ccbt_metadata_fetch_new ();
  g_autoptr (GBytes) whole = NULL;
  guint32 piece;

  ccbt_metadata_fetch_add_peer (fetch, ALICE, SIZE);
  ccbt_metadata_fetch_add_peer (fetch, BOB, SIZE);
  g_assert_true (ccbt_metadata_fetch_next (fetch, ALICE, 1, &piece));
  g_assert_cmpuint (piece, ==, 0);
  g_assert_true (ccbt_metadata_fetch_next (fetch, BOB, 1, &piece));
  g_assert_cmpuint (piece, ==, 1);
  g_assert_true (ccbt_metadata_fetch_next (fetch, BOB, 1, &piece));
  g_assert_cmpuint (piece, ==, 2);
  g_assert_false (ccbt_metadata_fetch_next (fetch, ALICE, 1, &piece));
  g_assert_null (answer (fetch, BOB, 2));
  g_assert_null (answer (fetch, ALICE, 0));
  g_assert_cmpfloat (ccbt_metadata_fetch_get_progress (fetch), >, 0.6);
  whole = answer (fetch, BOB, 1);
  g_assert_nonnull (whole);
  g_assert_cmpmem (g_bytes_get_data (whole, NULL), g_bytes_get_size (whole), metadata, SIZE);
}

static void
test_only_what_was_asked_is_taken (void)
{
  g_autoptr (CcbtMetadataFetch) fetch = ccbt_metadata_fetch_new ();
  CcbtMetadataMessage message = { .kind = CCBT_METADATA_DATA, .total_size = SIZE };
  guint32 piece;

  ccbt_metadata_fetch_add_peer (fetch, ALICE, SIZE);
  ccbt_metadata_fetch_add_peer (fetch, BOB, SIZE);
  g_assert_true (ccbt_metadata_fetch_next (fetch, ALICE, 1, &piece));
  g_assert_null (answer (fetch, BOB, 0)); /* asked of Alice */
  message.data = (CcbtSpan){ metadata, 10 };
  g_assert_null (ccbt_metadata_fetch_take (fetch, ALICE, &message)); /* too short */
  message.piece = 99;
  g_assert_null (ccbt_metadata_fetch_take (fetch, ALICE, &message)); /* there is no such piece */
  g_assert_cmpfloat (ccbt_metadata_fetch_get_progress (fetch), ==, 0);
}

static void
test_silence_hands_the_piece_to_another (void)
{
  g_autoptr (CcbtMetadataFetch) fetch = ccbt_metadata_fetch_new ();
  guint32 piece;

  ccbt_metadata_fetch_add_peer (fetch, ALICE, SIZE);
  ccbt_metadata_fetch_add_peer (fetch, BOB, SIZE);
  while (ccbt_metadata_fetch_next (fetch, ALICE, 1, &piece))
    ;
  g_assert_false (ccbt_metadata_fetch_next (fetch, BOB, 5 * CCBT_SECOND, &piece));
  g_assert_true (ccbt_metadata_fetch_next (fetch, BOB, 10 * CCBT_SECOND, &piece));
}

static void
test_a_peer_that_rejects_is_left_alone_for_a_while (void)
{
  g_autoptr (CcbtMetadataFetch) fetch = ccbt_metadata_fetch_new ();
  guint32 piece;

  ccbt_metadata_fetch_add_peer (fetch, ALICE, SIZE);
  g_assert_true (ccbt_metadata_fetch_next (fetch, ALICE, 1, &piece));
  ccbt_metadata_fetch_take_reject (fetch, ALICE, 1);
  g_assert_false (ccbt_metadata_fetch_next (fetch, ALICE, 10 * CCBT_SECOND, &piece));
  g_assert_true (ccbt_metadata_fetch_next (fetch, ALICE, 31 * CCBT_SECOND, &piece));
}

/* Threat B51: the first one lies about the size and then is silent. */
static void
test_a_size_nobody_stands_for_is_given_up (void)
{
  g_autoptr (CcbtMetadataFetch) fetch = ccbt_metadata_fetch_new ();
  guint32 piece;

  ccbt_metadata_fetch_add_peer (fetch, ALICE, 5000000);
  ccbt_metadata_fetch_add_peer (fetch, BOB, SIZE);
  g_assert_true (ccbt_metadata_fetch_next (fetch, ALICE, 1, &piece));
  g_assert_false (ccbt_metadata_fetch_next (fetch, BOB, 2, &piece));
  g_assert_true (ccbt_metadata_fetch_next (fetch, BOB, 10 * CCBT_SECOND, &piece));
  g_assert_null (answer (fetch, BOB, piece));
  g_assert_cmpfloat (ccbt_metadata_fetch_get_progress (fetch), >, 0.3);
}

static void
test_absurd_sizes_are_no_offer (void)
{
  g_autoptr (CcbtMetadataFetch) fetch = ccbt_metadata_fetch_new ();
  guint32 piece;

  ccbt_metadata_fetch_add_peer (fetch, ALICE, 0);
  ccbt_metadata_fetch_add_peer (fetch, BOB, G_MAXUINT32);
  g_assert_false (ccbt_metadata_fetch_next (fetch, ALICE, 1, &piece));
  g_assert_false (ccbt_metadata_fetch_next (fetch, BOB, 1, &piece));
}

static void
test_after_a_failure_one_peer_alone_gives_all (void)
{
  g_autoptr (CcbtMetadataFetch) fetch = ccbt_metadata_fetch_new ();
  guint32 piece;

  ccbt_metadata_fetch_add_peer (fetch, ALICE, SIZE);
  ccbt_metadata_fetch_add_peer (fetch, BOB, SIZE);
  ccbt_metadata_fetch_next (fetch, ALICE, 1, &piece);
  ccbt_metadata_fetch_next (fetch, BOB, 1, &piece);
  ccbt_metadata_fetch_next (fetch, BOB, 1, &piece);
  answer (fetch, ALICE, 0);
  answer (fetch, BOB, 1);
  g_bytes_unref (answer (fetch, BOB, 2));
  g_assert_cmpuint (ccbt_metadata_fetch_note_failure (fetch), ==, CCBT_PEER_NONE); /* who lied? */
  for (guint32 i = 0; i < 3; i++)
    {
      g_assert_true (ccbt_metadata_fetch_next (fetch, BOB, 2, &piece));
      g_assert_false (ccbt_metadata_fetch_next (fetch, ALICE, 2, &piece));
    }
  answer (fetch, BOB, 0);
  answer (fetch, BOB, 1);
  g_bytes_unref (answer (fetch, BOB, 2));
  g_assert_cmpuint (ccbt_metadata_fetch_note_failure (fetch), ==, BOB);
}

static void
test_the_only_peer_leaving_lets_another_begin (void)
{
  g_autoptr (CcbtMetadataFetch) fetch = ccbt_metadata_fetch_new ();
  guint32 piece;

  ccbt_metadata_fetch_add_peer (fetch, ALICE, 7000);
  ccbt_metadata_fetch_add_peer (fetch, BOB, SIZE);
  g_assert_true (ccbt_metadata_fetch_next (fetch, ALICE, 1, &piece));
  ccbt_metadata_fetch_remove_peer (fetch, ALICE);
  g_assert_true (ccbt_metadata_fetch_next (fetch, BOB, 2, &piece));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < SIZE; i++)
    metadata[i] = (guint8) (i * 31 >> 3);
  g_test_add_func ("/metadata-fetch/pieces-are-asked-of-several-peers",
                   test_pieces_are_asked_of_several_peers);
  g_test_add_func ("/metadata-fetch/only-what-was-asked-is-taken",
                   test_only_what_was_asked_is_taken);
  g_test_add_func ("/metadata-fetch/silence-hands-the-piece-to-another",
                   test_silence_hands_the_piece_to_another);
  g_test_add_func ("/metadata-fetch/a-peer-that-rejects-is-left-alone-for-a-while",
                   test_a_peer_that_rejects_is_left_alone_for_a_while);
  g_test_add_func ("/metadata-fetch/a-size-nobody-stands-for-is-given-up",
                   test_a_size_nobody_stands_for_is_given_up);
  g_test_add_func ("/metadata-fetch/absurd-sizes-are-no-offer", test_absurd_sizes_are_no_offer);
  g_test_add_func ("/metadata-fetch/after-a-failure-one-peer-alone-gives-all",
                   test_after_a_failure_one_peer_alone_gives_all);
  g_test_add_func ("/metadata-fetch/the-only-peer-leaving-lets-another-begin",
                   test_the_only_peer_leaving_lets_another_begin);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "receive-fixture.h"

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
  ADD ("a-rate-limit-is-kept-and-loses-nothing", LARGE,
       test_a_rate_limit_is_kept_and_loses_nothing);
  return g_test_run ();
}

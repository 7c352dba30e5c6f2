/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-candidates.h"

typedef struct
{
  CcbtCandidates candidates;
  gint64 now;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  ccbt_candidates_init (&self->candidates, 7);
  self->now = CCBT_SECOND;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  ccbt_candidates_clear (&self->candidates);
}

static CcbtAddress
parse (const char *text)
{
  CcbtAddress address;

  g_assert_true (ccbt_address_parse (text, &address));
  return address;
}

static CcbtAddress
nth (guint n)
{
  g_autofree char *text = g_strdup_printf ("81.%u.%u.1:6881", n / 256, n % 256);

  return parse (text);
}

static gboolean
add (Fixture *self, const char *text, gboolean allow_loopback)
{
  CcbtAddress address = parse (text);

  return ccbt_candidates_add (&self->candidates, &address, CCBT_PEER_SOURCE_TRACKER,
                              allow_loopback);
}

static void
test_an_address_is_listed_once (Fixture *self, gconstpointer data)
{
  g_assert_true (add (self, "81.2.69.142:6881", FALSE));
  g_assert_false (add (self, "81.2.69.142:6881", FALSE));
  g_assert_true (add (self, "81.2.69.142:6882", FALSE));
  g_assert_cmpuint (ccbt_candidates_count_idle (&self->candidates), ==, 2);
}

static void
test_unusable_addresses_are_refused (Fixture *self, gconstpointer data)
{
  static const char *const unusable[]
      = { "81.2.69.142:0",  "0.0.0.0:6881", "224.0.0.1:6881", "255.255.255.255:6881",
          "240.0.0.1:6881", "[::]:6881",    "[ff02::1]:6881" };

  for (guint i = 0; i < G_N_ELEMENTS (unusable); i++)
    g_assert_false (add (self, unusable[i], TRUE));
  g_assert_cmpuint (ccbt_candidates_count_idle (&self->candidates), ==, 0);
}

static void
test_loopback_needs_a_source_on_this_machine (Fixture *self, gconstpointer data)
{
  g_assert_false (add (self, "127.0.0.1:6379", FALSE));
  g_assert_false (add (self, "127.77.1.2:6379", FALSE));
  g_assert_false (add (self, "[::1]:6379", FALSE));
  g_assert_false (add (self, "[::ffff:127.0.0.1]:6379", FALSE));
  g_assert_true (add (self, "127.0.0.1:6881", TRUE));
}

static void
test_each_failure_doubles_the_wait (Fixture *self, gconstpointer data)
{
  CcbtAddress address = parse ("81.2.69.142:6881");
  gint64 least = 10 * CCBT_SECOND;

  g_assert_true (add (self, "81.2.69.142:6881", FALSE));
  for (guint i = 0; i < 12; i++)
    {
      g_assert_nonnull (ccbt_candidates_take_due (&self->candidates, self->now));
      ccbt_candidates_note_closed (&self->candidates, &address, FALSE, self->now);
      g_assert_null (ccbt_candidates_take_due (&self->candidates, self->now + least - 1));
      self->now += least + least / 4;
      g_assert_nonnull (ccbt_candidates_take_due (&self->candidates, self->now));
      least = MIN (2 * least, (10 * CCBT_SECOND) << 8); /* at most 43 minutes */
    }
}

static void
test_a_good_connection_forgives_the_failures (Fixture *self, gconstpointer data)
{
  CcbtAddress address = parse ("81.2.69.142:6881");

  g_assert_true (add (self, "81.2.69.142:6881", FALSE));
  for (guint i = 0; i < 6; i++)
    ccbt_candidates_note_closed (&self->candidates, &address, FALSE, self->now);
  ccbt_candidates_note_closed (&self->candidates, &address, TRUE, self->now);
  g_assert_cmpuint (ccbt_candidates_lookup (&self->candidates, &address)->n_failures, ==, 0);
  g_assert_null (ccbt_candidates_take_due (&self->candidates, self->now + 14 * CCBT_SECOND));
  g_assert_nonnull (ccbt_candidates_take_due (&self->candidates, self->now + 19 * CCBT_SECOND));
}

static void
test_named_by_the_user_it_is_tried_again_at_once (Fixture *self, gconstpointer data)
{
  CcbtAddress address = parse ("81.2.69.142:6881");

  g_assert_true (add (self, "81.2.69.142:6881", FALSE));
  ccbt_candidates_note_closed (&self->candidates, &address, FALSE, self->now);
  g_assert_false (add (self, "81.2.69.142:6881", FALSE)); /* a tracker changes nothing */
  g_assert_null (ccbt_candidates_take_due (&self->candidates, self->now));
  g_assert_false (ccbt_candidates_add (&self->candidates, &address, CCBT_PEER_SOURCE_USER, FALSE));
  g_assert_nonnull (ccbt_candidates_take_due (&self->candidates, self->now));
}

static void
test_connected_and_useless_ones_are_not_dialled (Fixture *self, gconstpointer data)
{
  CcbtCandidate *candidate;

  g_assert_true (add (self, "81.2.69.142:6881", FALSE));
  candidate = ccbt_candidates_take_due (&self->candidates, self->now);
  g_assert_nonnull (candidate);
  candidate->is_connected = TRUE;
  g_assert_null (ccbt_candidates_take_due (&self->candidates, G_MAXINT64 / 2));
  g_assert_cmpuint (ccbt_candidates_count_idle (&self->candidates), ==, 0);
  candidate->is_connected = FALSE;
  candidate->is_useless = TRUE;
  g_assert_null (ccbt_candidates_take_due (&self->candidates, G_MAXINT64 / 2));
  g_assert_false (
      ccbt_candidates_add (&self->candidates, &candidate->address, CCBT_PEER_SOURCE_USER, FALSE));
  g_assert_null (ccbt_candidates_take_due (&self->candidates, G_MAXINT64 / 2));
}

static void
test_untried_ones_come_before_failing_ones (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 8; i++)
    {
      CcbtAddress address = nth (i);

      ccbt_candidates_add (&self->candidates, &address, CCBT_PEER_SOURCE_TRACKER, FALSE);
      if (i != 5)
        ccbt_candidates_note_closed (&self->candidates, &address, FALSE, self->now);
    }
  for (guint i = 0; i < 20; i++)
    {
      CcbtAddress untried = nth (5);
      CcbtCandidate *due
          = ccbt_candidates_take_due (&self->candidates, self->now + 3600 * CCBT_SECOND);

      g_assert_true (ccbt_address_equal (&due->address, &untried));
    }
}

/* A banned peer comes back from another port (threat B42). */
static void
test_a_ban_is_of_the_whole_address (Fixture *self, gconstpointer data)
{
  CcbtAddress banned = parse ("81.2.69.142:6881"), elsewhere = parse ("81.2.69.142:50000"),
              neighbour = parse ("81.2.69.143:6881");

  g_assert_true (add (self, "81.2.69.142:6881", FALSE));
  g_assert_true (add (self, "81.2.69.142:6882", FALSE));
  g_assert_true (add (self, "81.2.69.143:6881", FALSE));
  ccbt_candidates_ban (&self->candidates, &banned);
  g_assert_true (ccbt_candidates_is_banned (&self->candidates, &elsewhere));
  g_assert_false (ccbt_candidates_is_banned (&self->candidates, &neighbour));
  g_assert_false (add (self, "81.2.69.142:7000", FALSE));
  g_assert_cmpuint (ccbt_candidates_count_idle (&self->candidates), ==, 1);
  for (guint i = 0; i < 5; i++)
    g_assert_true (ccbt_address_equal (
        &ccbt_candidates_take_due (&self->candidates, self->now)->address, &neighbour));
}

static void
fill (Fixture *self)
{
  for (guint i = 0; i < CCBT_CANDIDATES_MAX; i++)
    {
      CcbtAddress address = nth (i);

      g_assert_true (
          ccbt_candidates_add (&self->candidates, &address, CCBT_PEER_SOURCE_TRACKER, FALSE));
    }
}

static void
test_a_full_list_takes_no_strangers (Fixture *self, gconstpointer data)
{
  fill (self);
  g_assert_false (add (self, "91.1.1.1:6881", FALSE));
  g_assert_cmpuint (self->candidates.list->len, ==, CCBT_CANDIDATES_MAX);
}

static void
test_in_a_full_list_the_worst_gives_way (Fixture *self, gconstpointer data)
{
  CcbtAddress bad = nth (100), worse = nth (200), busy = nth (300);

  fill (self);
  for (guint i = 0; i < 3; i++)
    ccbt_candidates_note_closed (&self->candidates, &bad, FALSE, self->now);
  for (guint i = 0; i < 5; i++)
    ccbt_candidates_note_closed (&self->candidates, &worse, FALSE, self->now);
  for (guint i = 0; i < 9; i++)
    ccbt_candidates_note_closed (&self->candidates, &busy, FALSE, self->now);
  ccbt_candidates_lookup (&self->candidates, &busy)->is_connected = TRUE;
  g_assert_true (add (self, "91.1.1.1:6881", FALSE));
  g_assert_null (ccbt_candidates_lookup (&self->candidates, &worse));
  g_assert_true (add (self, "91.1.1.2:6881", FALSE));
  g_assert_null (ccbt_candidates_lookup (&self->candidates, &bad));
  g_assert_false (add (self, "91.1.1.3:6881", FALSE));
  g_assert_nonnull (ccbt_candidates_lookup (&self->candidates, &busy));
  g_assert_cmpuint (self->candidates.list->len, ==, CCBT_CANDIDATES_MAX);
}

static void
test_everyone_is_dialled_in_the_end (Fixture *self, gconstpointer data)
{
  guint n = 0;
  CcbtCandidate *due;

  fill (self);
  while ((due = ccbt_candidates_take_due (&self->candidates, self->now)) != NULL)
    {
      due->is_connected = TRUE;
      n++;
    }
  g_assert_cmpuint (n, ==, CCBT_CANDIDATES_MAX);
}

static void
test_news_of_a_stranger_are_ignored (Fixture *self, gconstpointer data)
{
  CcbtAddress stranger = nth (1);

  ccbt_candidates_note_closed (&self->candidates, &stranger, FALSE, self->now);
  ccbt_candidates_note_closed (&self->candidates, &stranger, TRUE, self->now);
  g_assert_null (ccbt_candidates_lookup (&self->candidates, &stranger));
  g_assert_null (ccbt_candidates_take_due (&self->candidates, self->now));
}

static CcbtPexPeer
told (const char *text, guint8 flags)
{
  CcbtPexPeer peer;

  memset (&peer, 0, sizeof peer);
  peer.address = parse (text);
  peer.flags = flags;
  return peer;
}

static void
test_a_known_one_remembers_all_who_told_of_it (Fixture *self, gconstpointer data)
{
  CcbtPexPeer peer = told ("81.2.69.142:6881", CCBT_PEX_HAS_HOLEPUNCH);
  CcbtCandidate *candidate;

  g_assert_true (add (self, "81.2.69.142:6881", FALSE));
  g_assert_false (ccbt_candidates_add_from_pex (&self->candidates, &peer, 7, FALSE));
  candidate = ccbt_candidates_lookup (&self->candidates, &peer.address);
  g_assert_cmpuint (candidate->source, ==, CCBT_PEER_SOURCE_TRACKER);
  g_assert_cmphex (candidate->sources, ==,
                   1u << CCBT_PEER_SOURCE_TRACKER | 1u << CCBT_PEER_SOURCE_PEX);
  g_assert_cmphex (candidate->pex_flags, ==, CCBT_PEX_HAS_HOLEPUNCH);
  g_assert_cmpuint (candidate->told_by, ==, 7);
}

static void
test_only_who_told_of_it_can_take_it_back (Fixture *self, gconstpointer data)
{
  CcbtPexPeer peer = told ("81.2.69.142:6881", 0), tracked = told ("81.2.69.143:6881", 0);

  g_assert_true (ccbt_candidates_add_from_pex (&self->candidates, &peer, 7, FALSE));
  ccbt_candidates_drop_from_pex (&self->candidates, &peer.address, 8);
  g_assert_nonnull (ccbt_candidates_lookup (&self->candidates, &peer.address));
  ccbt_candidates_drop_from_pex (&self->candidates, &peer.address, 7);
  g_assert_null (ccbt_candidates_lookup (&self->candidates, &peer.address));
  g_assert_true (add (self, "81.2.69.143:6881", FALSE));
  g_assert_false (ccbt_candidates_add_from_pex (&self->candidates, &tracked, 7, FALSE));
  ccbt_candidates_drop_from_pex (&self->candidates, &tracked.address, 7);
  g_assert_nonnull (ccbt_candidates_lookup (&self->candidates, &tracked.address));
}

/* 150 k addresses of one peer (threat B52) must not fill the list. */
static void
test_one_peer_tells_of_so_many_and_no_more (Fixture *self, gconstpointer data)
{
  guint n = 0;

  for (guint i = 0; i < 1000; i++)
    {
      CcbtPexPeer peer = { .address = nth (i) };

      n += ccbt_candidates_add_from_pex (&self->candidates, &peer, 7, FALSE);
    }
  g_assert_cmpuint (n, ==, CCBT_CANDIDATES_PER_TELLER);
}

static void
test_seeds_are_of_no_use_to_a_seed (Fixture *self, gconstpointer data)
{
  CcbtPexPeer seed = told ("81.2.69.142:6881", CCBT_PEX_IS_SEED);

  g_assert_true (ccbt_candidates_add_from_pex (&self->candidates, &seed, 7, FALSE));
  self->candidates.avoids_seeds = TRUE;
  g_assert_null (ccbt_candidates_take_due (&self->candidates, self->now));
  self->candidates.avoids_seeds = FALSE;
  g_assert_nonnull (ccbt_candidates_take_due (&self->candidates, self->now));
}

static void
test_reachable_ones_come_first (Fixture *self, gconstpointer data)
{
  CcbtPexPeer reachable = told ("91.0.0.1:6881", CCBT_PEX_IS_REACHABLE);

  for (guint i = 0; i < 20; i++)
    {
      CcbtPexPeer peer = { .address = nth (i) };

      ccbt_candidates_add_from_pex (&self->candidates, &peer, 7, FALSE);
    }
  ccbt_candidates_add_from_pex (&self->candidates, &reachable, 7, FALSE);
  for (guint i = 0; i < 5; i++)
    g_assert_true (ccbt_address_equal (
        &ccbt_candidates_take_due (&self->candidates, self->now)->address, &reachable.address));
}

/* BEP 40: of these two the first has the larger number with 123.213.32.10. */
static void
test_equals_are_taken_in_the_order_all_agree_on (Fixture *self, gconstpointer data)
{
  CcbtAddress own = parse ("123.213.32.10:6881"), best = parse ("98.76.54.32:6881");

  g_assert_true (add (self, "98.76.54.32:6881", FALSE));
  g_assert_true (add (self, "123.213.32.234:6881", FALSE));
  ccbt_candidates_set_own_address (&self->candidates, &own);
  for (guint i = 0; i < 5; i++)
    g_assert_true (ccbt_address_equal (
        &ccbt_candidates_take_due (&self->candidates, self->now)->address, &best));
}

static void
test_public_sources_can_be_forgotten (Fixture *self, gconstpointer data)
{
  CcbtPexPeer peer = told ("81.2.69.142:6881", 0), tracked = told ("81.2.69.143:6881", 0);
  CcbtAddress node = parse ("81.2.69.144:6881");

  ccbt_candidates_add_from_pex (&self->candidates, &peer, 7, FALSE);
  ccbt_candidates_add (&self->candidates, &node, CCBT_PEER_SOURCE_DHT, FALSE);
  add (self, "81.2.69.143:6881", FALSE);
  ccbt_candidates_add_from_pex (&self->candidates, &tracked, 7, FALSE);
  ccbt_candidates_forget_sources (&self->candidates, CCBT_PEER_SOURCES_PUBLIC);
  g_assert_cmpuint (self->candidates.list->len, ==, 1);
  g_assert_nonnull (ccbt_candidates_lookup (&self->candidates, &tracked.address));
}

static void
test_it_is_known_when_the_next_may_be_dialled (Fixture *self, gconstpointer data)
{
  CcbtAddress first = parse ("81.2.69.142:6881");
  CcbtCandidate *candidate;

  g_assert_cmpint (ccbt_candidates_get_next (&self->candidates), ==, G_MAXINT64);
  add (self, "81.2.69.142:6881", FALSE);
  g_assert_cmpint (ccbt_candidates_get_next (&self->candidates), <=, self->now);
  ccbt_candidates_note_closed (&self->candidates, &first, FALSE, self->now);
  candidate = ccbt_candidates_lookup (&self->candidates, &first);
  g_assert_cmpint (ccbt_candidates_get_next (&self->candidates), ==, candidate->next_attempt);
  g_assert_cmpint (ccbt_candidates_get_next (&self->candidates), >, self->now);
  candidate->is_connected = TRUE;
  g_assert_cmpint (ccbt_candidates_get_next (&self->candidates), ==, G_MAXINT64);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/candidates/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("sources", test_a_known_one_remembers_all_who_told_of_it);
  ADD ("taken-back", test_only_who_told_of_it_can_take_it_back);
  ADD ("one-teller", test_one_peer_tells_of_so_many_and_no_more);
  ADD ("seeds", test_seeds_are_of_no_use_to_a_seed);
  ADD ("reachable", test_reachable_ones_come_first);
  ADD ("canonical", test_equals_are_taken_in_the_order_all_agree_on);
  ADD ("forgotten", test_public_sources_can_be_forgotten);
  ADD ("an-address-is-listed-once", test_an_address_is_listed_once);
  ADD ("unusable-addresses-are-refused", test_unusable_addresses_are_refused);
  ADD ("loopback-needs-a-source-on-this-machine", test_loopback_needs_a_source_on_this_machine);
  ADD ("each-failure-doubles-the-wait", test_each_failure_doubles_the_wait);
  ADD ("a-good-connection-forgives-the-failures", test_a_good_connection_forgives_the_failures);
  ADD ("named-by-the-user-it-is-tried-again-at-once",
       test_named_by_the_user_it_is_tried_again_at_once);
  ADD ("connected-and-useless-ones-are-not-dialled",
       test_connected_and_useless_ones_are_not_dialled);
  ADD ("untried-ones-come-before-failing-ones", test_untried_ones_come_before_failing_ones);
  ADD ("a-ban-is-of-the-whole-address", test_a_ban_is_of_the_whole_address);
  ADD ("a-full-list-takes-no-strangers", test_a_full_list_takes_no_strangers);
  ADD ("in-a-full-list-the-worst-gives-way", test_in_a_full_list_the_worst_gives_way);
  ADD ("everyone-is-dialled-in-the-end", test_everyone_is_dialled_in_the_end);
  ADD ("news-of-a-stranger-are-ignored", test_news_of_a_stranger_are_ignored);
  ADD ("the-next-time", test_it_is_known_when_the_next_may_be_dialled);
  return g_test_run ();
}

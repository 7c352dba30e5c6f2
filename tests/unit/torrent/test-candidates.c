/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-candidates.h"

typedef struct
{
  CcbtCandidates list;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  ccbt_candidates_init (&self->list, 42);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  ccbt_candidates_clear (&self->list);
}

static gboolean
add (Fixture *self, const char *text, gboolean allow_loopback)
{
  CcbtAddress address;

  g_assert_true (ccbt_address_parse (text, &address));
  return ccbt_candidates_add (&self->list, &address, CCBT_PEER_SOURCE_TRACKER, allow_loopback);
}

/* Threats B52, B53. */
static void
test_addresses_nobody_can_have_are_refused (Fixture *self, gconstpointer data)
{
  g_assert_false (add (self, "203.0.113.1:0", FALSE));
  g_assert_false (add (self, "0.0.0.0:6881", FALSE));
  g_assert_false (add (self, "224.0.0.1:6881", FALSE));
  g_assert_false (add (self, "255.255.255.255:6881", FALSE));
  g_assert_false (add (self, "[::]:6881", FALSE));
  g_assert_false (add (self, "[ff02::1]:6881", FALSE));
  g_assert_false (add (self, "127.0.0.1:6379", FALSE));
  g_assert_false (add (self, "[::1]:6379", FALSE));
  g_assert_true (add (self, "127.0.0.1:6379", TRUE));
  g_assert_true (add (self, "203.0.113.1:6881", FALSE));
}

static void
test_the_same_address_counts_once (Fixture *self, gconstpointer data)
{
  g_assert_true (add (self, "203.0.113.1:6881", FALSE));
  g_assert_false (add (self, "203.0.113.1:6881", FALSE));
  g_assert_true (add (self, "203.0.113.1:6882", FALSE));
  g_assert_cmpuint (ccbt_candidates_count_idle (&self->list), ==, 2);
}

static void
test_failures_back_off (Fixture *self, gconstpointer data)
{
  CcbtCandidate *candidate;
  gint64 now = CCBT_SECOND, waited = 0;

  add (self, "203.0.113.1:6881", FALSE);
  for (guint i = 0; i < 4; i++)
    {
      gint64 before = waited;

      candidate = ccbt_candidates_take_due (&self->list, now);
      g_assert_nonnull (candidate);
      ccbt_candidates_note_closed (&self->list, &candidate->address, FALSE, now);
      g_assert_null (ccbt_candidates_take_due (&self->list, now + CCBT_SECOND));
      waited = candidate->next_attempt - now;
      g_assert_cmpint (waited, >, before);
      now = candidate->next_attempt;
    }
}

static void
test_connected_ones_are_not_dialled (Fixture *self, gconstpointer data)
{
  CcbtCandidate *candidate;

  add (self, "203.0.113.1:6881", FALSE);
  candidate = ccbt_candidates_take_due (&self->list, 1);
  candidate->is_connected = TRUE;
  g_assert_null (ccbt_candidates_take_due (&self->list, 1));
  g_assert_cmpuint (ccbt_candidates_count_idle (&self->list), ==, 0);
}

/* Threat B42: from whatever port. */
static void
test_a_ban_covers_the_whole_address (Fixture *self, gconstpointer data)
{
  CcbtAddress guilty, other_port, innocent;

  ccbt_address_parse ("203.0.113.1:6881", &guilty);
  ccbt_address_parse ("203.0.113.1:5000", &other_port);
  ccbt_address_parse ("203.0.113.2:6881", &innocent);
  add (self, "203.0.113.1:6881", FALSE);
  ccbt_candidates_ban (&self->list, &guilty);
  g_assert_true (ccbt_candidates_is_banned (&self->list, &other_port));
  g_assert_false (ccbt_candidates_is_banned (&self->list, &innocent));
  g_assert_null (ccbt_candidates_take_due (&self->list, 1));
  g_assert_false (add (self, "203.0.113.1:7000", FALSE));
}

/* Threat B70: a flood of addresses does not grow without bound, and failing ones give way. */
static void
test_the_list_is_bounded (Fixture *self, gconstpointer data)
{
  CcbtAddress address = { .ip = { 203, 0, 113, 1 } };
  CcbtCandidate *first;

  for (guint port = 1; port <= CCBT_CANDIDATES_MAX + 500; port++)
    {
      address.port = (guint16) port;
      ccbt_candidates_add (&self->list, &address, CCBT_PEER_SOURCE_TRACKER, FALSE);
    }
  g_assert_cmpuint (self->list.list->len, ==, CCBT_CANDIDATES_MAX);
  first = ccbt_candidates_take_due (&self->list, 1);
  for (guint i = 0; i < 3; i++)
    ccbt_candidates_note_closed (&self->list, &first->address, FALSE, 1);
  g_assert_true (add (self, "198.51.100.7:6881", FALSE));
  g_assert_cmpuint (self->list.list->len, ==, CCBT_CANDIDATES_MAX);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/candidates/addresses-nobody-can-have-are-refused",
       test_addresses_nobody_can_have_are_refused);
  ADD ("/candidates/the-same-address-counts-once", test_the_same_address_counts_once);
  ADD ("/candidates/failures-back-off", test_failures_back_off);
  ADD ("/candidates/connected-ones-are-not-dialled", test_connected_ones_are_not_dialled);
  ADD ("/candidates/a-ban-covers-the-whole-address", test_a_ban_covers_the_whole_address);
  ADD ("/candidates/the-list-is-bounded", test_the_list_is_bounded);
  return g_test_run ();
}

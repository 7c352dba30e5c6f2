/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-phase.h"

#define FOR_EACH_PHASE(phase) for (guint phase = 0; phase < CCBT_TORRENT_N_PHASES; phase++)
#define FOR_EACH_TRIGGER(trigger)                                                                  \
  for (guint trigger = 0; trigger < CCBT_TORRENT_N_TRIGGERS; trigger++)

static void
assert_goes (CcbtTorrentPhase from, CcbtTorrentTrigger trigger, CcbtTorrentPhase expected)
{
  CcbtTorrentPhase to = CCBT_TORRENT_N_PHASES;

  g_assert_true (ccbt_torrent_phase_next (from, trigger, &to));
  g_assert_cmpstr (ccbt_torrent_phase_get_name (to), ==, ccbt_torrent_phase_get_name (expected));
}

static void
test_a_magnet_goes_from_metadata_to_download (void)
{
  assert_goes (CCBT_TORRENT_IDLE, CCBT_TORRENT_ON_FETCH, CCBT_TORRENT_FETCHING);
  assert_goes (CCBT_TORRENT_FETCHING, CCBT_TORRENT_ON_PREPARE, CCBT_TORRENT_PREPARING);
  assert_goes (CCBT_TORRENT_PREPARING, CCBT_TORRENT_ON_CHECK, CCBT_TORRENT_CHECKING);
  assert_goes (CCBT_TORRENT_CHECKING, CCBT_TORRENT_ON_READY, CCBT_TORRENT_ACTIVE);
}

static void
test_everything_but_the_end_can_be_closed (void)
{
  FOR_EACH_PHASE (from)
  if (from != CCBT_TORRENT_CLOSING)
    assert_goes (from, CCBT_TORRENT_ON_CLOSE, CCBT_TORRENT_CLOSING);
}

static void
test_everything_that_does_something_can_be_paused (void)
{
  FOR_EACH_PHASE (from)
  if (from != CCBT_TORRENT_CLOSING && from != CCBT_TORRENT_IDLE)
    assert_goes (from, CCBT_TORRENT_ON_PAUSE, CCBT_TORRENT_IDLE);
}

static void
test_nothing_leaves_closing (void)
{
  CcbtTorrentPhase to;

  FOR_EACH_TRIGGER (trigger)
  g_assert_false (ccbt_torrent_phase_next (CCBT_TORRENT_CLOSING, trigger, &to));
}

/* Pieces count only after the files were looked at. */
static void
test_active_is_reached_through_preparing_only (void)
{
  FOR_EACH_PHASE (from)
  FOR_EACH_TRIGGER (trigger)
  {
    CcbtTorrentPhase to;

    if (ccbt_torrent_phase_next (from, trigger, &to) && to == CCBT_TORRENT_ACTIVE)
      g_assert_true (from == CCBT_TORRENT_PREPARING || from == CCBT_TORRENT_CHECKING);
    if (ccbt_torrent_phase_next (from, trigger, &to) && to == CCBT_TORRENT_CHECKING)
      g_assert_cmpuint (from, ==, CCBT_TORRENT_PREPARING);
  }
}

static void
test_trouble_can_be_left_by_trying_again (void)
{
  assert_goes (CCBT_TORRENT_MISSING, CCBT_TORRENT_ON_PREPARE, CCBT_TORRENT_PREPARING);
  assert_goes (CCBT_TORRENT_BROKEN, CCBT_TORRENT_ON_PREPARE, CCBT_TORRENT_PREPARING);
  assert_goes (CCBT_TORRENT_BROKEN, CCBT_TORRENT_ON_FETCH, CCBT_TORRENT_FETCHING);
}

static void
test_what_cannot_happen_leaves_the_answer_alone (void)
{
  CcbtTorrentPhase to = CCBT_TORRENT_N_PHASES;

  g_assert_false (ccbt_torrent_phase_next (CCBT_TORRENT_IDLE, CCBT_TORRENT_ON_READY, &to));
  g_assert_cmpuint (to, ==, CCBT_TORRENT_N_PHASES);
}

static void
test_every_phase_has_a_name_of_its_own (void)
{
  FOR_EACH_PHASE (a)
  for (guint b = 0; b < a; b++)
    g_assert_cmpstr (ccbt_torrent_phase_get_name (a), !=, ccbt_torrent_phase_get_name (b));
}

#define ADD(path, function) g_test_add_func ("/torrent-phase/" path, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("a-magnet-goes-from-metadata-to-download", test_a_magnet_goes_from_metadata_to_download);
  ADD ("everything-but-the-end-can-be-closed", test_everything_but_the_end_can_be_closed);
  ADD ("everything-that-does-something-can-be-paused",
       test_everything_that_does_something_can_be_paused);
  ADD ("nothing-leaves-closing", test_nothing_leaves_closing);
  ADD ("active-is-reached-through-preparing-only", test_active_is_reached_through_preparing_only);
  ADD ("trouble-can-be-left-by-trying-again", test_trouble_can_be_left_by_trying_again);
  ADD ("what-cannot-happen-leaves-the-answer-alone",
       test_what_cannot_happen_leaves_the_answer_alone);
  ADD ("every-phase-has-a-name-of-its-own", test_every_phase_has_a_name_of_its_own);
  return g_test_run ();
}

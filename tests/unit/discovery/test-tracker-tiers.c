/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-clock.h"
#include "discovery/ccbt-tracker-tiers.h"

#define START (1000 * CCBT_SECOND)

typedef struct
{
  CcbtTrackerTiers tiers;
  CcbtAnnounceReply reply;
  gint64 now;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  ccbt_tracker_tiers_init (&fixture->tiers, 1);
  fixture->reply = (CcbtAnnounceReply){ .interval = 1800, .seeds = -1, .leechers = -1 };
  fixture->now = START;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  ccbt_tracker_tiers_clear (&fixture->tiers);
}

static void
add (Fixture *fixture, const char *name, guint tier)
{
  g_autofree char *url = g_strdup_printf ("http://%s.example/announce", name);

  g_assert_true (ccbt_tracker_tiers_add (&fixture->tiers, url, tier));
}

static const CcbtTracker *
at (Fixture *fixture, guint index)
{
  return g_ptr_array_index (fixture->tiers.list, index);
}

/* The name of the one to ask; "" for none. */
static const char *
pick_for (Fixture *fixture, gboolean needs_peers)
{
  static char name[32];
  gint64 wait;
  CcbtTracker *tracker
      = ccbt_tracker_tiers_pick (&fixture->tiers, fixture->now, needs_peers, &wait);

  name[0] = '\0';
  if (tracker != NULL)
    g_strlcpy (name, tracker->url + strlen ("http://"), 2);
  return name;
}

static const char *
pick (Fixture *fixture)
{
  return pick_for (fixture, FALSE);
}

static gint64
get_wait (Fixture *fixture)
{
  gint64 wait;

  ccbt_tracker_tiers_pick (&fixture->tiers, fixture->now, FALSE, &wait);
  return wait;
}

/* Asks whoever is due. Returns: what it was told */
static CcbtAnnounceEvent
announce (Fixture *fixture, gboolean works)
{
  gint64 wait;
  CcbtTracker *tracker = ccbt_tracker_tiers_pick (&fixture->tiers, fixture->now, FALSE, &wait);
  CcbtAnnounceEvent event;

  g_assert_nonnull (tracker);
  event = ccbt_tracker_tiers_begin (&fixture->tiers, tracker);
  if (works)
    ccbt_tracker_tiers_note_reply (&fixture->tiers, tracker, event, &fixture->reply, fixture->now);
  else
    ccbt_tracker_tiers_note_failure (&fixture->tiers, tracker, "no", 0, fixture->now);
  return event;
}

static void
fail_with (Fixture *fixture, gint64 retry_in)
{
  gint64 wait;
  CcbtTracker *tracker = ccbt_tracker_tiers_pick (&fixture->tiers, fixture->now, FALSE, &wait);

  ccbt_tracker_tiers_note_failure (&fixture->tiers, tracker, "no", retry_in, fixture->now);
}

/* --- Adding --- */

static void
test_tiers_are_kept_apart (Fixture *fixture, gconstpointer data)
{
  add (fixture, "c", 2);
  add (fixture, "a", 0);
  add (fixture, "b", 1);
  add (fixture, "d", 2);
  g_assert_cmpuint (at (fixture, 0)->tier, ==, 0);
  g_assert_cmpuint (at (fixture, 1)->tier, ==, 1);
  g_assert_cmpuint (at (fixture, 2)->tier, ==, 2);
  g_assert_cmpuint (at (fixture, 3)->tier, ==, 2);
}

/* Each of three comes first in about a third of all torrents. */
static void
test_order_within_a_tier_is_random (Fixture *fixture, gconstpointer data)
{
  guint n_first[3] = { 0 };

  for (guint seed = 0; seed < 300; seed++)
    {
      ccbt_tracker_tiers_clear (&fixture->tiers);
      ccbt_tracker_tiers_init (&fixture->tiers, seed);
      add (fixture, "a", 0);
      add (fixture, "b", 0);
      add (fixture, "c", 0);
      n_first[*pick (fixture) - 'a']++;
    }
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpuint (n_first[i], >, 70);
      g_assert_cmpuint (n_first[i], <, 130);
    }
}

static void
test_duplicates_and_too_many_are_refused (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  g_assert_false (ccbt_tracker_tiers_add (&fixture->tiers, "http://a.example/announce", 1));
  for (guint i = 1; i < 200; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%u", i);

      add (fixture, name, i);
    }
  g_assert_false (ccbt_tracker_tiers_add (&fixture->tiers, "http://last.example/announce", 0));
  g_assert_cmpuint (fixture->tiers.list->len, ==, 200);
}

static void
test_what_is_no_url_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *filler = g_strnfill (2048, 'x');
  g_autofree char *long_http = g_strconcat ("http://a.example/", filler, NULL);
  g_autofree char *long_other = g_strconcat ("wss://a.example/", filler, NULL);
  const char *const urls[] = { "",
                               "a.example",
                               "http://",
                               "http:///announce",
                               long_http,
                               long_other,
                               "http://tr\303\244cker.example/",
                               "http://xn--trcker-bua.example/",
                               "http://a.example/\r\nX: y",
                               "wss://a.example/\033[1m" };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    g_assert_false (ccbt_tracker_tiers_add (&fixture->tiers, urls[i], 0));
}

static void
test_other_schemes_are_listed_but_never_asked (Fixture *fixture, gconstpointer data)
{
  g_assert_true (ccbt_tracker_tiers_add (&fixture->tiers, "udp://a.example:6969/announce", 0));
  g_assert_true (ccbt_tracker_tiers_add (&fixture->tiers, "wss://a.example/", 1));
  g_assert_cmpint (at (fixture, 0)->state, ==, CCBT_TRACKER_STATE_FAILED);
  g_assert_cmpstr (at (fixture, 0)->message, ==,
                   "UDP trackers cannot be asked: no UDP port is open");
  g_assert_cmpint (at (fixture, 1)->state, ==, CCBT_TRACKER_STATE_FAILED);
  g_assert_nonnull (at (fixture, 1)->message);
  g_assert_cmpstr (pick (fixture), ==, "");
  g_assert_cmpint (get_wait (fixture), ==, G_MAXINT64);
  ccbt_tracker_tiers_hurry (&fixture->tiers, fixture->now);
  g_assert_cmpstr (pick (fixture), ==, "");
}

/* --- Whom --- */

static void
test_next_tier_only_when_the_first_failed (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  add (fixture, "b", 0);
  add (fixture, "c", 1);
  g_assert_cmpstr (pick (fixture), !=, "c");
  announce (fixture, FALSE);
  g_assert_cmpstr (pick (fixture), !=, "c");
  announce (fixture, FALSE);
  g_assert_cmpstr (pick (fixture), ==, "c");
}

static void
test_working_one_keeps_the_rest_quiet (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  add (fixture, "b", 0);
  add (fixture, "c", 1);
  announce (fixture, TRUE);
  g_assert_cmpstr (pick (fixture), ==, "");
  g_assert_cmpint (get_wait (fixture), ==, 1800 * CCBT_SECOND);
}

static void
test_first_to_answer_moves_to_the_front (Fixture *fixture, gconstpointer data)
{
  char last;

  add (fixture, "z", 0);
  add (fixture, "a", 1);
  add (fixture, "b", 1);
  add (fixture, "c", 1);
  announce (fixture, FALSE);
  announce (fixture, FALSE);
  announce (fixture, FALSE);
  last = *pick (fixture);
  announce (fixture, TRUE);
  g_assert_cmpint (at (fixture, 1)->url[7], ==, last); /* of its own tier: z stays first */
  g_assert_cmpint (at (fixture, 0)->url[7], ==, 'z');
}

static void
test_failed_front_is_asked_again_after_its_backoff (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  add (fixture, "b", 1);
  announce (fixture, FALSE);
  announce (fixture, TRUE);
  g_assert_cmpstr (pick (fixture), ==, "");
  fixture->now += 19 * CCBT_SECOND;
  g_assert_cmpstr (pick (fixture), ==, "a");
}

/* --- When --- */

static void
test_backoff_doubles_up_to_half_an_hour (Fixture *fixture, gconstpointer data)
{
  gint64 expected = 15 * CCBT_SECOND;

  add (fixture, "a", 0);
  for (guint i = 0; i < 40; i++)
    {
      announce (fixture, FALSE);
      g_assert_cmpint (get_wait (fixture), >=, expected);
      g_assert_cmpint (get_wait (fixture), <=, expected + expected / 4);
      fixture->now += get_wait (fixture);
      expected = MIN (2 * expected, 1800 * CCBT_SECOND);
    }
  announce (fixture, TRUE);
  fixture->now += get_wait (fixture);
  announce (fixture, FALSE); /* from the beginning */
  g_assert_cmpint (get_wait (fixture), <, 19 * CCBT_SECOND);
}

static void
test_backoff_has_jitter (Fixture *fixture, gconstpointer data)
{
  gint64 first;

  add (fixture, "a", 0);
  announce (fixture, FALSE);
  first = get_wait (fixture);
  ccbt_tracker_tiers_clear (&fixture->tiers);
  ccbt_tracker_tiers_init (&fixture->tiers, 2);
  add (fixture, "a", 0);
  announce (fixture, FALSE);
  g_assert_cmpint (get_wait (fixture), !=, first);
}

static void
test_retry_in_is_kept (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  fail_with (fixture, 7200);
  g_assert_cmpint (get_wait (fixture), >=, 7200 * CCBT_SECOND);
  ccbt_tracker_tiers_hurry (&fixture->tiers, fixture->now); /* it asked for this itself */
  g_assert_cmpint (get_wait (fixture), >=, 7200 * CCBT_SECOND);
  fixture->now += get_wait (fixture);
  fail_with (fixture, G_MAXINT64); /* a day at most */
  g_assert_cmpint (get_wait (fixture), <=, 86400 * CCBT_SECOND * 5 / 4);
}

static void
test_never_is_never (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  fail_with (fixture, -1);
  g_assert_cmpint (get_wait (fixture), ==, G_MAXINT64);
  ccbt_tracker_tiers_hurry (&fixture->tiers, fixture->now);
  g_assert_cmpint (get_wait (fixture), ==, G_MAXINT64);
}

static void
test_interval_is_kept_even_without_peers (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  announce (fixture, TRUE);
  fixture->now += 1800 * CCBT_SECOND - 1;
  g_assert_cmpstr (pick_for (fixture, TRUE), ==, "");
  fixture->now += 1;
  g_assert_cmpstr (pick_for (fixture, FALSE), ==, "a");
}

static void
test_minimum_interval_lets_us_ask_earlier_for_peers (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  fixture->reply.min_interval = 900;
  announce (fixture, TRUE);
  fixture->now += 900 * CCBT_SECOND - 1;
  g_assert_cmpstr (pick_for (fixture, TRUE), ==, "");
  fixture->now += 1;
  g_assert_cmpstr (pick_for (fixture, FALSE), ==, "");
  g_assert_cmpstr (pick_for (fixture, TRUE), ==, "a");
}

static void
test_minimum_above_the_interval_wins (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  fixture->reply.interval = 60;
  fixture->reply.min_interval = 3600;
  announce (fixture, TRUE);
  g_assert_cmpint (get_wait (fixture), ==, 3600 * CCBT_SECOND);
  ccbt_tracker_tiers_hurry (&fixture->tiers, fixture->now);
  g_assert_cmpint (get_wait (fixture), ==, 3600 * CCBT_SECOND);
}

/* What works says a wrong address of us; what fails is left in peace. */
static void
test_who_has_moved_does_not_wait (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  fixture->reply.min_interval = 900;
  announce (fixture, TRUE);
  ccbt_tracker_tiers_note_moved (&fixture->tiers, fixture->now);
  g_assert_cmpstr (pick (fixture), ==, "a");
  fail_with (fixture, 7200);
  ccbt_tracker_tiers_note_moved (&fixture->tiers, fixture->now);
  g_assert_cmpint (get_wait (fixture), >=, 7200 * CCBT_SECOND);
}

static void
test_hurry_waits_for_a_minute_or_the_minimum (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  announce (fixture, TRUE);
  ccbt_tracker_tiers_hurry (&fixture->tiers, fixture->now);
  g_assert_cmpint (get_wait (fixture), ==, 60 * CCBT_SECOND);
  fixture->now += 60 * CCBT_SECOND;
  fixture->reply.min_interval = 300;
  announce (fixture, TRUE);
  ccbt_tracker_tiers_hurry (&fixture->tiers, fixture->now);
  g_assert_cmpint (get_wait (fixture), ==, 300 * CCBT_SECOND);
  fixture->now += 400 * CCBT_SECOND;
  ccbt_tracker_tiers_hurry (&fixture->tiers, fixture->now);
  g_assert_cmpint (get_wait (fixture), ==, 0);
}

static void
test_hurry_shortens_a_backoff (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  for (guint i = 0; i < 10; i++)
    {
      announce (fixture, FALSE);
      fixture->now += get_wait (fixture);
    }
  announce (fixture, FALSE);
  ccbt_tracker_tiers_hurry (&fixture->tiers, fixture->now);
  g_assert_cmpint (get_wait (fixture), ==, 15 * CCBT_SECOND);
}

/* --- What --- */

static void
test_started_until_it_was_heard (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  g_assert_cmpint (announce (fixture, FALSE), ==, CCBT_ANNOUNCE_STARTED);
  fixture->now += get_wait (fixture);
  g_assert_cmpint (announce (fixture, TRUE), ==, CCBT_ANNOUNCE_STARTED);
  fixture->now += get_wait (fixture);
  g_assert_cmpint (announce (fixture, FALSE), ==, CCBT_ANNOUNCE_NONE);
  fixture->now += get_wait (fixture);
  g_assert_cmpint (announce (fixture, TRUE), ==, CCBT_ANNOUNCE_NONE);
}

static void
test_completed_at_once_and_once (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  fixture->reply.min_interval = 1000;
  announce (fixture, TRUE);
  ccbt_tracker_tiers_complete (&fixture->tiers);
  g_assert_cmpint (announce (fixture, TRUE), ==, CCBT_ANNOUNCE_COMPLETED);
  ccbt_tracker_tiers_complete (&fixture->tiers); /* a second time: checked again, say */
  g_assert_cmpstr (pick (fixture), ==, "");
  fixture->now += get_wait (fixture);
  g_assert_cmpint (announce (fixture, TRUE), ==, CCBT_ANNOUNCE_NONE);
}

static void
test_completed_follows_started (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  ccbt_tracker_tiers_complete (&fixture->tiers);
  g_assert_cmpint (announce (fixture, TRUE), ==, CCBT_ANNOUNCE_STARTED);
  g_assert_cmpint (announce (fixture, TRUE), ==, CCBT_ANNOUNCE_COMPLETED);
}

static void
test_completed_is_told_again_when_it_failed (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  announce (fixture, TRUE);
  ccbt_tracker_tiers_complete (&fixture->tiers);
  g_assert_cmpint (announce (fixture, FALSE), ==, CCBT_ANNOUNCE_COMPLETED);
  g_assert_cmpint (get_wait (fixture), >=, 15 * CCBT_SECOND); /* not before its back-off */
  fixture->now += get_wait (fixture);
  g_assert_cmpint (announce (fixture, TRUE), ==, CCBT_ANNOUNCE_COMPLETED);
  fixture->now += get_wait (fixture);
  g_assert_cmpint (announce (fixture, TRUE), ==, CCBT_ANNOUNCE_NONE);
}

static void
test_stopped_means_started_again (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  announce (fixture, TRUE);
  ccbt_tracker_tiers_note_stopped (&fixture->tiers, g_ptr_array_index (fixture->tiers.list, 0));
  g_assert_cmpint (at (fixture, 0)->state, ==, CCBT_TRACKER_STATE_IDLE);
  g_assert_cmpint (announce (fixture, TRUE), ==, CCBT_ANNOUNCE_STARTED);
}

static void
test_reply_is_remembered (Fixture *fixture, gconstpointer data)
{
  add (fixture, "a", 0);
  fixture->reply.tracker_id = (char *) "id";
  fixture->reply.warning = (char *) "careful";
  fixture->reply.seeds = 5;
  announce (fixture, TRUE);
  g_assert_cmpstr (at (fixture, 0)->tracker_id, ==, "id");
  g_assert_cmpstr (at (fixture, 0)->message, ==, "careful");
  g_assert_cmpint (at (fixture, 0)->seeds, ==, 5);
  fixture->now += get_wait (fixture);
  fixture->reply.tracker_id = fixture->reply.warning = NULL;
  announce (fixture, TRUE);
  g_assert_cmpstr (at (fixture, 0)->tracker_id, ==, "id"); /* until it gives another one */
  g_assert_null (at (fixture, 0)->message);
}

/* --- More than one --- */

static void
test_one_of_every_tier (Fixture *fixture, gconstpointer data)
{
  fixture->tiers.all_tiers = TRUE;
  add (fixture, "a", 0);
  add (fixture, "b", 0);
  add (fixture, "c", 1);
  announce (fixture, TRUE); /* a or b */
  g_assert_cmpstr (pick (fixture), ==, "c");
  announce (fixture, TRUE);
  g_assert_cmpstr (pick (fixture), ==, "");
}

static void
test_all_of_a_tier (Fixture *fixture, gconstpointer data)
{
  fixture->tiers.all_trackers = TRUE;
  add (fixture, "a", 0);
  add (fixture, "b", 0);
  add (fixture, "c", 1);
  announce (fixture, TRUE);
  announce (fixture, FALSE);
  g_assert_cmpstr (pick (fixture), ==, ""); /* one of the two works */
}

static void
test_all_are_told_of_completion (Fixture *fixture, gconstpointer data)
{
  fixture->tiers.all_tiers = fixture->tiers.all_trackers = TRUE;
  add (fixture, "a", 0);
  add (fixture, "b", 0);
  add (fixture, "c", 1);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (announce (fixture, TRUE), ==, CCBT_ANNOUNCE_STARTED);
  ccbt_tracker_tiers_complete (&fixture->tiers);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (announce (fixture, TRUE), ==, CCBT_ANNOUNCE_COMPLETED);
  g_assert_cmpstr (pick (fixture), ==, "");
  g_assert_false (fixture->tiers.is_completion_due);
}

static void
test_replacing_keeps_what_stays (Fixture *fixture, gconstpointer data)
{
  const CcbtTrackerEntry entries[]
      = { { "http://d.example/announce", 1 }, { "http://b.example/announce", 0 },
          { "http://c.example/announce", 1 }, { "rubbish", 0 },
          { "http://b.example/announce", 5 }, { "http://a.example/announce", 3 } };
  g_autoptr (GPtrArray) removed = g_ptr_array_new_with_free_func (ccbt_tracker_free);
  const char *expected = "bdca";

  add (fixture, "a", 0);
  add (fixture, "x", 1);
  announce (fixture, TRUE);
  ccbt_tracker_tiers_replace (&fixture->tiers, entries, G_N_ELEMENTS (entries), removed);
  g_assert_cmpuint (fixture->tiers.list->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpint (at (fixture, i)->url[7], ==, expected[i]);
  g_assert_true (at (fixture, 3)->has_started); /* only its tier is another */
  g_assert_cmpuint (at (fixture, 3)->tier, ==, 3);
  g_assert_cmpuint (removed->len, ==, 1);
  g_assert_cmpstr (pick (fixture), ==, "b");
}

#define ADD(name, function)                                                                        \
  g_test_add ("/tracker-tiers/" name, Fixture, NULL, set_up, function, tear_down)

static void
add_timing (void)
{
  ADD ("backoff-doubles", test_backoff_doubles_up_to_half_an_hour);
  ADD ("backoff-has-jitter", test_backoff_has_jitter);
  ADD ("retry-in-is-kept", test_retry_in_is_kept);
  ADD ("never-is-never", test_never_is_never);
  ADD ("interval-is-kept", test_interval_is_kept_even_without_peers);
  ADD ("early-for-want-of-peers", test_minimum_interval_lets_us_ask_earlier_for_peers);
  ADD ("minimum-above-the-interval", test_minimum_above_the_interval_wins);
  ADD ("moved", test_who_has_moved_does_not_wait);
  ADD ("hurry-keeps-the-minimum", test_hurry_waits_for_a_minute_or_the_minimum);
  ADD ("hurry-shortens-a-backoff", test_hurry_shortens_a_backoff);
}

/* Threat B60: on this machine and network only what plainly is a tracker is asked. */
static void
test_local_traps (void)
{
  static const char *const trapped[] = { "http://127.0.0.1/admin/shutdown", "http://localhost:631/",
                                         "http://192.168.1.1/reboot?x=/announce",
                                         "http://[::1]:9/announce/../x", "https://10.0.0.1" };
  static const char *const asked[]
      = { "http://127.0.0.1:6969/announce", "http://192.168.1.1/x/announce.php?passkey=1",
          "http://tracker.example/anything" };
  CcbtTrackerTiers tiers;

  ccbt_tracker_tiers_init (&tiers, 1);
  for (guint i = 0; i < G_N_ELEMENTS (trapped); i++)
    {
      g_assert_true (ccbt_tracker_tiers_add (&tiers, trapped[i], i));
      g_assert_false (ccbt_tracker_tiers_find (&tiers, trapped[i])->is_supported);
    }
  for (guint i = 0; i < G_N_ELEMENTS (asked); i++)
    {
      g_assert_true (ccbt_tracker_tiers_add (&tiers, asked[i], i));
      g_assert_true (ccbt_tracker_tiers_find (&tiers, asked[i])->is_supported);
    }
  ccbt_tracker_tiers_clear (&tiers);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("tiers-are-kept-apart", test_tiers_are_kept_apart);
  ADD ("random-within-a-tier", test_order_within_a_tier_is_random);
  ADD ("duplicates-and-too-many", test_duplicates_and_too_many_are_refused);
  ADD ("what-is-no-url", test_what_is_no_url_is_refused);
  ADD ("other-schemes", test_other_schemes_are_listed_but_never_asked);
  ADD ("next-tier-when-the-first-failed", test_next_tier_only_when_the_first_failed);
  ADD ("working-one-keeps-the-rest-quiet", test_working_one_keeps_the_rest_quiet);
  ADD ("promotion", test_first_to_answer_moves_to_the_front);
  ADD ("failed-front-is-asked-again", test_failed_front_is_asked_again_after_its_backoff);
  add_timing ();
  ADD ("started-until-heard", test_started_until_it_was_heard);
  ADD ("completed-once", test_completed_at_once_and_once);
  ADD ("completed-follows-started", test_completed_follows_started);
  ADD ("completed-again-when-it-failed", test_completed_is_told_again_when_it_failed);
  ADD ("stopped-means-started-again", test_stopped_means_started_again);
  ADD ("reply-is-remembered", test_reply_is_remembered);
  ADD ("one-of-every-tier", test_one_of_every_tier);
  ADD ("all-of-a-tier", test_all_of_a_tier);
  ADD ("all-told-of-completion", test_all_are_told_of_completion);
  ADD ("replacing", test_replacing_keeps_what_stays);
  g_test_add_func ("/tracker-tiers/local-traps", test_local_traps);
  return g_test_run ();
}

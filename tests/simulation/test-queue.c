/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-fixture.h"

/* A session whose torrents have nobody to download from: who has a place in the queue, and who waits. */

#define N 6u
#define SECONDS 20

typedef struct
{
  char *state;
  char *settings;
  SessionFixture host;
  CcbtTorrent *torrents[N];
} World;

static void
open_session (World *world)
{
  const CcbtEngineOptions options
      = { .state_dir = world->state, .bind_address = "127.0.0.1", .port = 0 };

  session_fixture_open (&world->host, &options, world->settings, NULL);
}

static void
add (World *world, guint number)
{
  g_autofree char *link = g_strdup_printf ("magnet:?xt=urn:btih:%040x", number + 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtMagnet) magnet = ccbt_magnet_parse (link, &error);
  const CcbtAddRequest request
      = { .magnet = magnet, .magnet_text = link, .folder = world->state, .seeds = TRUE };
  gboolean is_new;

  g_assert_no_error (error);
  world->torrents[number] = ccbt_session_add (world->host.session, &request, &is_new, &error);
  g_assert_no_error (error);
}

static void
set_up (World *world, gconstpointer data)
{
  world->state = g_dir_make_tmp ("ccbt-queue-XXXXXX", NULL);
  world->settings = g_build_filename (world->state, "ccbt.toml", NULL);
  g_assert_true (g_file_set_contents (world->settings,
                                      SESSION_FIXTURE_SETTINGS
                                      "[limits]\ndownload_rate = 50000\nupload_rate = 6000\n"
                                      "alternative_download_rate = 1000\n"
                                      "[queue]\nmax_active_downloading = 2\n",
                                      -1, NULL));
  open_session (world);
  for (guint i = 0; i < N; i++)
    add (world, i);
}

static void
close_session (World *world)
{
  session_fixture_close (&world->host);
}

static void
tear_down (World *world, gconstpointer data)
{
  close_session (world);
  session_fixture_remove_folder (world->state);
  g_free (world->settings);
  g_free (world->state);
}

/* One letter each: r runs, q waits, p is paused. Returns: (transfer full) */
static char *
describe (World *world)
{
  GPtrArray *torrents = ccbt_session_get_torrents (world->host.session);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < torrents->len; i++)
    {
      g_autoptr (CcbtTorrentStatus) status
          = ccbt_torrent_describe (g_ptr_array_index (torrents, i));

      g_string_append_c (text, status->state == CCBT_TORRENT_STATE_METADATA ? 'r'
                               : status->state == CCBT_TORRENT_STATE_QUEUED ? 'q'
                               : status->state == CCBT_TORRENT_STATE_PAUSED ? 'p'
                                                                            : '?');
    }
  return g_string_free (text, FALSE);
}

static gboolean
wake_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
wait_for (World *world, const char *expected)
{
  gint64 deadline = g_get_monotonic_time () + SECONDS * G_USEC_PER_SEC;
  guint timer = g_timeout_add (20, wake_cb, NULL);
  g_autofree char *text = describe (world);

  while (!g_str_equal (text, expected))
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("they stand at %s, not at %s", text, expected);
      g_main_context_iteration (NULL, TRUE);
      g_free (text);
      text = describe (world);
    }
  g_source_remove (timer);
}

static void
test_the_first_run (World *world, gconstpointer data)
{
  g_autofree char *text = describe (world);

  g_assert_cmpstr (text, ==, "rrqqqq"); /* at once, not at the next tick */
}

static void
test_who_leaves_makes_room (World *world, gconstpointer data)
{
  gboolean removed = FALSE;

  ccbt_torrent_set_paused (world->torrents[0], TRUE);
  wait_for (world, "prrqqq");
  ccbt_torrent_set_paused (world->torrents[0], FALSE); /* its place is before the third's */
  wait_for (world, "rrqqqq");
  ccbt_session_remove (world->host.session, world->torrents[1], FALSE, session_fixture_set_flag_cb,
                       &removed);
  wait_for (world, "rrqqq");
  while (!removed)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_places_priorities_and_force (World *world, gconstpointer data)
{
  session_fixture_set_options (world->torrents[4], "{'forced': <true>}");
  wait_for (world, "rrqqrq"); /* beside the two */
  session_fixture_set_options (world->torrents[3], "{'priority': <'high'>}");
  wait_for (world, "rqqrrq");
  session_fixture_set_options (world->torrents[0], "{'priority': <'low'>}");
  wait_for (world, "qrqrrq");
  session_fixture_set_options (world->torrents[4], "{'forced': <false>}");
  wait_for (world, "qrqrqq");
  session_fixture_set_options (world->torrents[3], "{'priority': <'normal'>}");
  wait_for (world, "qrrqqq");
}

/* As set_up() has made it, but with @queue for its section of that name. */
static void
open_with (World *world, const char *queue)
{
  g_autofree char *settings
      = g_strdup_printf ("[discovery]\nenable_dht = false\nenable_lsd = false\n"
                         "[nat]\nauto_map_ports = false\n[queue]\n%s",
                         queue);

  close_session (world);
  g_assert_true (g_file_set_contents (world->settings, settings, -1, NULL));
  open_session (world);
}

static void
test_few_start_at_a_time (World *world, gconstpointer data)
{
  g_autofree char *at_first = NULL;

  open_with (world, "max_active_downloading = 5\nstarts_per_second = 2\n");
  at_first = describe (world);
  g_assert_cmpstr (at_first, ==, "rrqqqq");
  wait_for (world, "rrrrqq");
  wait_for (world, "rrrrrq");
}

static void
test_metadata_may_be_free (World *world, gconstpointer data)
{
  open_with (world, "max_active_downloading = 2\ncount_metadata = false\n");
  wait_for (world, "rrrrrr");
}

/* Nobody starts only to be stopped when the queue comes by. */
static void
test_who_goes_on_is_decided_about_first (World *world, gconstpointer data)
{
  g_autofree char *text = NULL;

  ccbt_torrent_set_paused (world->torrents[5], TRUE);
  ccbt_torrent_set_paused (world->torrents[0], TRUE);
  wait_for (world, "prrqqp"); /* the queue has come by */
  ccbt_torrent_set_paused (world->torrents[5], FALSE);
  text = describe (world);
  g_assert_cmpstr (text, ==, "prrqqq");
}

static void
test_all_of_it_is_remembered (World *world, gconstpointer data)
{
  session_fixture_set_options (world->torrents[5],
                               "{'position': <uint64 0>, 'category': <'last'>}");
  ccbt_torrent_set_paused (world->torrents[0], TRUE);
  wait_for (world, "prqqqr");
  close_session (world);
  open_session (world);
  wait_for (world, "prqqqr");
  g_assert_cmpstr (ccbt_torrent_get_options (
                       g_ptr_array_index (ccbt_session_get_torrents (world->host.session), 5))
                       ->category,
                   ==, "last");
}

static void
wait_for_limits (World *world, guint64 download, guint64 upload)
{
  gint64 deadline = g_get_monotonic_time () + SECONDS * G_USEC_PER_SEC;
  guint timer = g_timeout_add (20, wake_cb, NULL);
  CcbtSessionStatus status;

  do
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, TRUE);
      ccbt_snapshot_store_get_session (world->host.snapshots, &status);
    }
  while (status.download_limit != download || status.upload_limit != upload);
  g_source_remove (timer);
}

static void
test_alternative_limits (World *world, gconstpointer data)
{
  wait_for_limits (world, 50000, 6000);
  ccbt_session_set_alternative (world->host.session, TRUE);
  wait_for_limits (world, 1000, 0);
  ccbt_session_set_limits (world->host.session, 70000, 0); /* the usual ones, for later */
  ccbt_session_set_alternative (world->host.session, FALSE);
  wait_for_limits (world, 70000, 0);
  close_session (world);
  g_assert_true (g_file_set_contents (world->settings,
                                      SESSION_FIXTURE_SETTINGS
                                      "[limits]\nalternative_upload_rate = 3000\n"
                                      "alternative_schedule = '00:00-24:00'\n",
                                      -1, NULL));
  open_session (world);
  wait_for_limits (world, 0, 3000);
}

static gboolean
is_so (gpointer flag)
{
  return *(gboolean *) flag;
}

static gboolean
is_never (gpointer unused)
{
  return FALSE;
}

static void
wait_for_reason (World *world, CcbtWait reason)
{
  gint64 deadline = g_get_monotonic_time () + SECONDS * G_USEC_PER_SEC;
  CcbtSessionStatus status;

  do
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, TRUE);
      ccbt_snapshot_store_get_session (world->host.snapshots, &status);
    }
  while (status.waits_for != reason);
}

static void
test_all_wait_for_a_free_network (World *world, gconstpointer data)
{
  gboolean is_metered = TRUE;
  const CcbtConditions conditions = { is_so, is_never, &is_metered };

  ccbt_session_set_conditions (world->host.session, &conditions); /* that nobody asks for */
  wait_for (world, "rrqqqq");
  open_with (world, "max_active_downloading = 2\nwait_when_metered = true\n");
  ccbt_session_set_conditions (world->host.session, &conditions);
  wait_for (world, "qqqqqq");
  wait_for_reason (world, CCBT_WAIT_METERED);
  session_fixture_set_options (
      g_ptr_array_index (ccbt_session_get_torrents (world->host.session), 3), "{'forced': <true>}");
  wait_for (world, "qqqrqq");
  is_metered = FALSE;
  ccbt_session_set_conditions (world->host.session, &conditions); /* sooner than by itself */
  wait_for (world, "rrqrqq");
  wait_for_reason (world, CCBT_WAIT_NONE);
}

static void
test_all_wait_for_power (World *world, gconstpointer data)
{
  gboolean saves_power = TRUE;
  const CcbtConditions conditions = { is_never, is_so, &saves_power };

  open_with (world, "max_active_downloading = 2\nwait_when_saving_power = true\n");
  ccbt_session_set_conditions (world->host.session, &conditions);
  wait_for (world, "qqqqqq");
  wait_for_reason (world, CCBT_WAIT_POWER);
  saves_power = FALSE;
  wait_for (world, "rrqqqq"); /* at the next run of the queue */
}

#define ADD(path, function) g_test_add (path, World, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/queue/the-first-run", test_the_first_run);
  ADD ("/queue/who-leaves-makes-room", test_who_leaves_makes_room);
  ADD ("/queue/places-priorities-and-force", test_places_priorities_and_force);
  ADD ("/queue/few-start-at-a-time", test_few_start_at_a_time);
  ADD ("/queue/metadata-may-be-free", test_metadata_may_be_free);
  ADD ("/queue/who-goes-on-is-decided-about-first", test_who_goes_on_is_decided_about_first);
  ADD ("/queue/all-of-it-is-remembered", test_all_of_it_is_remembered);
  ADD ("/queue/alternative-limits", test_alternative_limits);
  ADD ("/queue/all-wait-for-a-free-network", test_all_wait_for_a_free_network);
  ADD ("/queue/all-wait-for-power", test_all_wait_for_power);
  return g_test_run ();
}

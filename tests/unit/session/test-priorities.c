/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state-fixture.h"
#include "base/ccbt-types.h"
#include "session/ccbt-priorities.h"
#include "session/ccbt-session.h"
#include "wire/ccbt-metainfo.h"

static void
assert_selection (const guint32 *files, gsize n_files, const char *expected)
{
  g_autoptr (GBytes) bytes = ccbt_priorities_from_selection (files, n_files);
  gsize size;
  const guint8 *priorities = g_bytes_get_data (bytes, &size);

  g_assert_cmpuint (size, ==, strlen (expected));
  for (gsize i = 0; i < size; i++)
    g_assert_cmpuint (priorities[i], ==,
                      expected[i] == '+' ? CCBT_PRIORITY_NORMAL : CCBT_PRIORITY_SKIP);
}

static void
test_chosen_files_are_wanted_and_no_others (void)
{
  static const guint32 some[] = { 1, 3 };
  static const guint32 repeated[] = { 4, 0, 4, 2, 0 };

  assert_selection (some, G_N_ELEMENTS (some), "-+-+");
  assert_selection (repeated, G_N_ELEMENTS (repeated), "+-+-+");
}

static void
test_nothing_chosen_is_not_everything (void)
{
  assert_selection (NULL, 0, "-");
}

/* Indices come from links: they must not make us allocate what no torrent needs. */
static void
test_absurd_indices_are_passed_over (void)
{
  static const guint32 absurd[] = { 2, G_MAXUINT32, CCBT_METAINFO_MAX_FILES, 0x7fffffff };

  assert_selection (absurd, G_N_ELEMENTS (absurd), "--+");
  assert_selection (absurd + 1, 3, "-");
}

/* --- A magnet's choice, stored before its metadata is there --- */

typedef struct
{
  CcbtSession *session;
  CcbtConfig *config;
  CcbtSnapshotStore *snapshots;
  CcbtEventRing *events;
} Opened;

static Opened
open_session (const char *folder)
{
  g_autofree char *settings = g_build_filename (folder, "ccbt.toml", NULL);
  const CcbtEngineOptions options = { .state_dir = folder, .bind_address = "127.0.0.1", .port = 0 };
  g_autoptr (GError) error = NULL;
  Opened opened;

  g_assert_true (g_file_set_contents (
      settings,
      "[discovery]\nenable_dht = false\nenable_lsd = false\n[nat]\nauto_map_ports = false\n", -1,
      NULL));
  opened.config = ccbt_config_load (settings, FALSE);
  opened.snapshots = ccbt_snapshot_store_new ();
  opened.events = ccbt_event_ring_new (64);
  opened.session
      = ccbt_session_new (&options, opened.config, opened.snapshots, opened.events, &error);
  g_assert_no_error (error);
  return opened;
}

static void
set_flag_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
}

static void
close_session (Opened *opened)
{
  gboolean is_closed = FALSE;

  ccbt_session_close (opened->session, set_flag_cb, &is_closed);
  while (!is_closed)
    g_main_context_iteration (NULL, TRUE);
  ccbt_session_free (opened->session);
  ccbt_config_free (opened->config);
  ccbt_snapshot_store_unref (opened->snapshots);
  ccbt_event_ring_unref (opened->events);
}

static void
add_magnet (Opened *opened, const char *text, GBytes *priorities)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtMagnet) magnet = ccbt_magnet_parse (text, &error);
  const CcbtAddRequest request = { .magnet = magnet,
                                   .magnet_text = text,
                                   .folder = "/nowhere",
                                   .is_paused = TRUE,
                                   .priorities = priorities };
  gboolean is_new;

  g_assert_no_error (error);
  ccbt_session_add (opened->session, &request, &is_new, &error);
  g_assert_no_error (error);
  g_assert_true (is_new);
}

static void
assert_stored (Opened *opened, guint number, GBytes *expected)
{
  GPtrArray *torrents = ccbt_session_get_torrents (opened->session);
  CcbtTorrentProgress progress;

  g_assert_cmpuint (torrents->len, >, number);
  ccbt_torrent_get_progress (torrents->pdata[number], &progress);
  assert_same_bytes (progress.priorities, expected);
  g_clear_pointer (&progress.priorities, g_bytes_unref);
  g_clear_pointer (&progress.peers, g_bytes_unref);
}

static void
test_a_choice_outlives_the_program (void)
{
  static const guint32 some[] = { 0, 2, 3 };
  g_autofree char *folder = make_folder ();
  g_autoptr (GBytes) chosen = ccbt_priorities_from_selection (some, G_N_ELEMENTS (some));
  g_autoptr (GBytes) linked = ccbt_priorities_from_selection (some + 1, 2);
  Opened opened = open_session (folder);

  add_magnet (&opened, "magnet:?xt=urn:btih:0101010101010101010101010101010101010101&so=7", chosen);
  add_magnet (&opened, "magnet:?xt=urn:btih:0202020202020202020202020202020202020202&so=2-3", NULL);
  add_magnet (&opened, "magnet:?xt=urn:btih:0303030303030303030303030303030303030303", NULL);
  for (guint run = 0; run < 3; run++)
    {
      assert_stored (&opened, 0, chosen);
      assert_stored (&opened, 1, linked);
      assert_stored (&opened, 2, NULL);
      close_session (&opened);
      opened = open_session (folder);
    }
  close_session (&opened);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/priorities/chosen-files-are-wanted-and-no-others",
                   test_chosen_files_are_wanted_and_no_others);
  g_test_add_func ("/priorities/nothing-chosen-is-not-everything",
                   test_nothing_chosen_is_not_everything);
  g_test_add_func ("/priorities/absurd-indices-are-passed-over",
                   test_absurd_indices_are_passed_over);
  g_test_add_func ("/priorities/a-choice-outlives-the-program", test_a_choice_outlives_the_program);
  return g_test_run ();
}

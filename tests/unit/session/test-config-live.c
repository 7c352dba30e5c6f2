/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-error.h"
#include "config-world.h"
#include <glib/gstdio.h>
#include <unistd.h>

/* Settings that change while a session runs. */

static void
test_changes_are_told (World *world, gconstpointer data)
{
  g_autofree char *text = NULL;

  open_session (world, base_text);
  set_well (world, "network.max_half_open", "20");
  text = await_event (world, CCBT_EVENT_CONFIG_CHANGED);
  g_assert_cmpstr (text, ==, "network.max_half_open");
  set_well (world, "network.max_half_open", "20"); /* nothing new */
  g_assert_null (next_event (world));
  close_session (world);
}

static void
test_wrong_changes_change_nothing (World *world, gconstpointer data)
{
  static const char *const wrong[][2] = { { "network.max_half_open", "0" },
                                          { "network.max_half_open", "many" },
                                          { "network.nothing", "1" },
                                          { "network.max_connections", "49" } };
  g_autofree char *before = g_strconcat (base_text, "[network]\nmax_half_open = 50\n", NULL);

  open_session (world, before);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (Answer) answer = { 0 };
      g_autofree char *after = NULL;

      set (world, wrong[i][0], wrong[i][1], &answer);
      g_assert_error (answer.error, CCBT_ERROR, CCBT_ERROR_INVALID);
      g_assert_nonnull (strstr (answer.error->message, "allowed"));
      g_assert_true (g_file_get_contents (world->settings, &after, NULL, NULL));
      g_assert_cmpstr (after, ==, before);
    }
  g_assert_cmpuint (world->session->environment.max_half_open, ==, 50);
  g_assert_null (next_event (world));
  close_session (world);
}

/* What cannot be kept does not count for now either. */
static void
test_unwritable_file_refuses (World *world, gconstpointer data)
{
  g_auto (Answer) answer = { 0 };

  open_session (world, base_text);
  g_remove (world->settings);
  g_assert_cmpint (g_mkdir (world->settings, 0700), ==, 0);
  set (world, "network.max_half_open", "20", &answer);
  g_assert_nonnull (answer.error);
  g_assert_cmpuint (world->session->environment.max_half_open, ==, 50);
  close_session (world);
}

static void
write_like_an_editor (World *world, const char *text)
{
  g_autofree char *temporary = g_strconcat (world->settings, "~", NULL);

  g_assert_true (g_file_set_contents (temporary, text, -1, NULL));
  g_assert_cmpint (g_rename (temporary, world->settings), ==, 0);
}

static void
test_edits_of_the_file_count (World *world, gconstpointer data)
{
  g_autofree char *renamed = g_strconcat (
      base_text, "[network]\nmax_half_open = 21\n[limits]\ndownload_rate = 777\n", NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  FILE *file;

  open_session (world, base_text);
  write_like_an_editor (world, renamed);
  first = await_event (world, CCBT_EVENT_CONFIG_CHANGED);
  g_assert_cmpstr (first, ==, "network.max_half_open, limits.download_rate");
  g_assert_cmpuint (world->session->environment.max_half_open, ==, 21);
  g_assert_cmpuint (world->session->peers.download.bucket.limit, ==, 777);
  file = fopen (world->settings, "a");
  fputs ("upload_rate = 778\n", file);
  fclose (file);
  second = await_event (world, CCBT_EVENT_CONFIG_CHANGED);
  g_assert_cmpstr (second, ==, "limits.upload_rate");
  g_assert_cmpuint (world->session->peers.upload.bucket.limit, ==, 778);
  close_session (world);
}

static void
test_broken_edits_change_nothing (World *world, gconstpointer data)
{
  g_autofree char *broken
      = g_strconcat (base_text, "[network]\nmax_half_open = 22\npeer_timeout = 1\n", NULL);
  g_autofree char *mended = g_strconcat (base_text, "[network]\nmax_half_open = 23\n", NULL);
  g_autofree char *why = NULL;
  g_autofree char *changed = NULL;

  open_session (world, base_text);
  write_like_an_editor (world, broken);
  why = await_event (world, CCBT_EVENT_CONFIG_INVALID);
  g_assert_nonnull (strstr (why, "ccbt.toml:9: network.peer_timeout: found 1, allowed 30 to 600"));
  g_assert_cmpuint (world->session->environment.max_half_open, ==, 50);
  write_like_an_editor (world, mended);
  changed = await_event (world, CCBT_EVENT_CONFIG_CHANGED);
  g_assert_cmpstr (changed, ==, "network.max_half_open");
  close_session (world);
}

/* Neither a second event for what we wrote ourselves, nor a hand's edit lost beside it. */
static void
test_own_writes_are_no_edits (World *world, gconstpointer data)
{
  g_autofree char *edited = g_strconcat (base_text, "[network]\npeer_timeout = 99\n", NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;

  open_session (world, base_text);
  write_like_an_editor (world, edited);
  set_well (world, "network.max_half_open", "24");
  first = await_event (world, CCBT_EVENT_CONFIG_CHANGED);
  second = await_event (world, CCBT_EVENT_CONFIG_CHANGED);
  g_assert_cmpstr (first, ==, "network.max_half_open");
  g_assert_cmpstr (second, ==, "network.peer_timeout");
  g_assert_cmpuint (world->session->environment.max_half_open, ==, 24);
  /* One event for ours, one for the edit. */
  set_well (world, "network.max_half_open", "25");
  write_like_an_editor (world, base_text);
  g_free (await_event (world, CCBT_EVENT_CONFIG_CHANGED));
  third = await_event (world, CCBT_EVENT_CONFIG_CHANGED);
  g_assert_cmpstr (third, ==, "network.max_half_open, network.peer_timeout");
  close_session (world);
}

static void
test_a_stronger_level_is_not_hidden (World *world, gconstpointer data)
{
  g_auto (Answer) answer = { 0 };

  open_session (world, base_text);
  g_assert_true (
      ccbt_config_set_from_command_line (world->config, "network.max_half_open=9", NULL));
  set (world, "network.max_half_open", "20", &answer);
  g_assert_error (answer.error, CCBT_ERROR, CCBT_ERROR_INVALID);
  g_assert_nonnull (strstr (answer.error->message, "command line"));
  close_session (world);
}

/* The last wishes before the end are either in the file or answered with an error. */
static void
test_the_end_answers_everybody (World *world, gconstpointer data)
{
  Answer answers[3] = { 0 };

  open_session (world, base_text);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    ccbt_config_live_set (ccbt_session_get_settings (world->session), "disk.threads",
                          i % 2 == 0 ? "3" : "4", done_cb, &answers[i]);
  close_session (world);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      wait_for (is_answered, &answers[i]);
      answer_clear (&answers[i]);
    }
}

/* --- The queue --- */

static void
add_magnet (World *world, guint number)
{
  g_autofree char *link = g_strdup_printf ("magnet:?xt=urn:btih:%040x", number + 1);
  g_autoptr (CcbtMagnet) magnet = ccbt_magnet_parse (link, NULL);
  const CcbtAddRequest request
      = { .magnet = magnet, .magnet_text = link, .folder = world->state, .seeds = TRUE };
  gboolean is_new;

  g_assert_nonnull (ccbt_session_add (world->session, &request, &is_new, NULL));
}

typedef struct
{
  World *world;
  guint n_waiting;
} Queued;

static gboolean
as_many_wait (gpointer data)
{
  const Queued *queued = data;
  guint n = 0;

  for (guint i = 0; i < queued->world->session->torrents->len; i++)
    {
      g_autoptr (CcbtTorrentStatus) status
          = ccbt_torrent_describe (queued->world->session->torrents->pdata[i]);

      n += status->state == CCBT_TORRENT_STATE_QUEUED;
    }
  return n == queued->n_waiting;
}

static void
test_queue_counts_at_once (World *world, gconstpointer data)
{
  Queued queued = { world, 0 };

  open_session (world, base_text);
  for (guint i = 0; i < 4; i++)
    add_magnet (world, i);
  wait_for (as_many_wait, &queued);
  set_well (world, "queue.max_active_downloading", "1");
  queued.n_waiting = 3;
  wait_for (as_many_wait, &queued);
  set_well (world, "queue.max_active_downloading", "0");
  queued.n_waiting = 0;
  wait_for (as_many_wait, &queued);
  set_well (world, "queue.max_active_torrents", "2");
  queued.n_waiting = 2;
  wait_for (as_many_wait, &queued);
  close_session (world);
}

/* --- The router --- */

static void
test_router_follows (World *world, gconstpointer data)
{
  g_autofree char *text
      = g_strconcat (base_text, "gateway = \"127.0.0.1\"\n[network]\nlisten_port = 0\n", NULL);
  g_autoptr (GError) error = NULL;

  /* Bound to loopback there would be no router; so listen everywhere, and ask nobody but ourselves. */
  g_assert_true (try_open (world, text, NULL, &error));
  g_assert_null (world->session->port_map);
  set_well (world, "nat.enable_upnp", "false");
  set_well (world, "nat.auto_map_ports", "true");
  g_assert_nonnull (world->session->port_map);
  set_well (world, "nat.port_mapping_lease_time", "60");
  g_assert_nonnull (world->session->port_map);
  set_well (world, "nat.auto_map_ports", "false");
  g_assert_null (world->session->port_map);
  close_session (world);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/config-live/" path, World, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("changes-are-told", test_changes_are_told);
  ADD ("wrong-changes-change-nothing", test_wrong_changes_change_nothing);
  ADD ("unwritable-file-refuses", test_unwritable_file_refuses);
  ADD ("edits-of-the-file-count", test_edits_of_the_file_count);
  ADD ("broken-edits-change-nothing", test_broken_edits_change_nothing);
  ADD ("own-writes-are-no-edits", test_own_writes_are_no_edits);
  ADD ("a-stronger-level-is-not-hidden", test_a_stronger_level_is_not_hidden);
  ADD ("the-end-answers-everybody", test_the_end_answers_everybody);
  ADD ("queue-counts-at-once", test_queue_counts_at_once);
  ADD ("router-follows", test_router_follows);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-session-private.h"
#include "session/ccbt-config-file.h"
#include "session/ccbt-toml.h"
#include "base/ccbt-error.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Every key of the schema does what it says: at the start, and while the session runs unless it needs a
 * restart. A key that is not in the table below fails the test. */

#define PATIENCE_S 30

typedef struct
{
  char *state;
  char *settings;
  CcbtConfig *config;
  CcbtSnapshotStore *snapshots;
  CcbtEventRing *events;
  CcbtSession *session;
  guint reader;
} World;

static const char base_text[] = "[discovery]\nenable_dht = false\nenable_lsd = false\n"
                                "dht_bootstrap_nodes = \"127.0.0.1:1\"\n"
                                "[nat]\nauto_map_ports = false\n";

/* Loopback keeps all of it on this machine. */
static gboolean
try_open (World *world, const char *text, const char *bind, GError **error)
{
  const CcbtEngineOptions options
      = { .state_dir = world->state, .bind_address = bind, .port = bind != NULL ? 0 : -1 };

  g_assert_true (g_file_set_contents (world->settings, text, -1, NULL));
  world->config = ccbt_config_load (world->settings, FALSE);
  world->snapshots = ccbt_snapshot_store_new ();
  world->events = ccbt_event_ring_new (64);
  world->reader = ccbt_event_ring_add_reader (world->events,
                                              CCBT_EVENT_MASK (CCBT_EVENT_CONFIG_CHANGED)
                                                  | CCBT_EVENT_MASK (CCBT_EVENT_CONFIG_INVALID),
                                              FALSE, NULL, NULL, NULL);
  world->session
      = ccbt_session_new (&options, world->config, world->snapshots, world->events, error);
  return world->session != NULL;
}

static void
open_session (World *world, const char *text)
{
  g_autoptr (GError) error = NULL;

  try_open (world, text, "127.0.0.1", &error);
  g_assert_no_error (error);
}

static void
set_flag (gpointer data)
{
  *(gboolean *) data = TRUE;
}

static void
close_session (World *world)
{
  gboolean is_closed = FALSE;

  if (world->session != NULL)
    {
      ccbt_session_close (world->session, set_flag, &is_closed);
      while (!is_closed)
        g_main_context_iteration (NULL, TRUE);
      ccbt_session_free (world->session);
    }
  ccbt_event_ring_remove_reader (world->events, world->reader);
  ccbt_config_free (world->config);
  ccbt_snapshot_store_unref (world->snapshots);
  ccbt_event_ring_unref (world->events);
}

static void
set_up (World *world, gconstpointer data)
{
  world->state = g_dir_make_tmp ("ccbt-live-XXXXXX", NULL);
  world->settings = g_build_filename (world->state, "ccbt.toml", NULL);
}

static void
tear_down (World *world, gconstpointer data)
{
  const char *arguments[] = { "rm", "-rf", world->state, NULL };

  g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                NULL);
  g_free (world->settings);
  g_free (world->state);
}

/* --- Changing --- */

typedef struct
{
  gboolean is_done;
  GError *error;
  char **keys;
} Answer;

static void
answer_clear (Answer *answer)
{
  g_clear_error (&answer->error);
  g_clear_pointer (&answer->keys, g_strfreev);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

static void
done_cb (gpointer data, const char *const *keys, const GError *error)
{
  Answer *answer = data;

  answer->is_done = TRUE;
  answer->error = error != NULL ? g_error_copy (error) : NULL;
  answer->keys = g_strdupv ((char **) keys);
}

static gboolean
nudge_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
wait_for (gboolean (*is_true) (gpointer data), gpointer data)
{
  const gint64 until = g_get_monotonic_time () + PATIENCE_S * G_USEC_PER_SEC;
  const guint nudge = g_timeout_add (50, nudge_cb, NULL);

  while (!is_true (data))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (nudge);
}

static gboolean
is_answered (gpointer data)
{
  return ((Answer *) data)->is_done;
}

static void
set (World *world, const char *key, const char *text, Answer *answer)
{
  ccbt_config_live_set (ccbt_session_get_settings (world->session), key, text, done_cb, answer);
  wait_for (is_answered, answer);
}

static void
set_well (World *world, const char *key, const char *text)
{
  g_auto (Answer) answer = { 0 };

  set (world, key, text, &answer);
  g_assert_no_error (answer.error);
}

/* Returns: (transfer full) (nullable) */
static CcbtEvent *
next_event (World *world)
{
  g_autoptr (GPtrArray) events = ccbt_event_ring_read (world->events, world->reader, 1, NULL);

  return events->len > 0 ? ccbt_event_ref (events->pdata[0]) : NULL;
}

typedef struct
{
  World *world;
  CcbtEvent *event;
} Awaited;

static gboolean
has_event (gpointer data)
{
  Awaited *awaited = data;

  awaited->event = next_event (awaited->world);
  return awaited->event != NULL;
}

static char *
await_event (World *world, CcbtEventType type)
{
  Awaited awaited = { world, NULL };
  const char *text = NULL;
  char *copy;

  wait_for (has_event, &awaited);
  g_assert_cmpint (awaited.event->type, ==, type);
  g_assert_true (g_variant_lookup (awaited.event->payload, "text", "&s", &text));
  copy = g_strdup (text);
  ccbt_event_unref (awaited.event);
  return copy;
}

/* --- What each key does --- */

#define NUMBER_CHECK(name, expression, value)                                                      \
  static gboolean name (CcbtSession *s)                                                            \
  {                                                                                                \
    return (double) (expression) == (double) (value);                                              \
  }

NUMBER_CHECK (has_connections, s->environment.max_connections, 60)
NUMBER_CHECK (has_per_torrent, s->environment.max_connections_per_torrent, 33)
NUMBER_CHECK (has_half_open, s->environment.max_half_open, 44)
NUMBER_CHECK (has_per_address, s->environment.connections_per_address, 7)
NUMBER_CHECK (has_cushion, s->peers.request_cushion, 3.5)
NUMBER_CHECK (has_request_limit, s->peers.request_limit, 99)
NUMBER_CHECK (has_handshake, s->peers.handshake_timeout, 11 * CCBT_SECOND)
NUMBER_CHECK (has_peer_timeout, s->peers.peer_timeout, 45 * CCBT_SECOND)
NUMBER_CHECK (has_download, s->peers.download.bucket.limit, 1000001)
NUMBER_CHECK (has_upload, s->peers.upload.bucket.limit, 1000002)
NUMBER_CHECK (has_alternative_download, s->alternative.download, 1000003)
NUMBER_CHECK (has_alternative_upload, s->alternative.upload, 1000004)
NUMBER_CHECK (has_alternative, s->is_alternative, TRUE)
NUMBER_CHECK (has_peer_download, s->peers.peer_download_limit, 1000005)
NUMBER_CHECK (has_peer_upload, s->peers.peer_upload_limit, 1000006)
NUMBER_CHECK (exempts_lan, s->peers.lan_is_exempt, TRUE)
NUMBER_CHECK (has_no_http_trackers, s->environment.no_http_trackers, TRUE)
NUMBER_CHECK (has_memory, s->environment.memory_budget, 5 * 1024 * 1024)
NUMBER_CHECK (allocates_fully, s->environment.allocation, CCBT_ALLOCATION_FULL)
NUMBER_CHECK (picks_in_order, s->environment.pick_mode, CCBT_PICK_SEQUENTIAL)
NUMBER_CHECK (has_tracker_timeout, s->environment.tracker_timeout, 8)
NUMBER_CHECK (has_number_wanted, s->environment.number_wanted, 17)
NUMBER_CHECK (has_no_pex, s->environment.use_pex, FALSE)
NUMBER_CHECK (has_no_udp_trackers, s->environment.udp_trackers == NULL, TRUE)
NUMBER_CHECK (has_dht, s->dht != NULL, TRUE)
NUMBER_CHECK (has_lsd, s->lsd != NULL, TRUE)
NUMBER_CHECK (tells_all_tiers, s->environment.tracker_options.announce_to_all_tiers, TRUE)
NUMBER_CHECK (tells_all_trackers, s->environment.tracker_options.announce_to_all_trackers, TRUE)
NUMBER_CHECK (scrapes_not, s->environment.tracker_options.scrape_interval, 0)
NUMBER_CHECK (scrapes_seldom, s->environment.tracker_options.scrape_interval, 4000)
NUMBER_CHECK (is_in_folder, strcmp (s->download_dir, "/tmp/elsewhere"), 0)

/* The schedule is looked at within a tick, not at once. */
static gboolean
is_scheduled (CcbtSession *s)
{
  return s->was_scheduled && s->is_alternative;
}

typedef struct
{
  const char *key;
  const char *value; /* other than the default, and than base_text */
  gboolean (*check) (CcbtSession *session);
  const char *elsewhere; /* without a check: why */
} Row;

#define QUEUE "not watched here: read at each run of the queue, see simulation/queue"
#define ROUTER "not watched here: that the port map follows, yes; what it then asks a router, no"

static const Row rows[] = {
  { "network.listen_port", "0", NULL, "bound-and-listening" },
  { "network.bind_address", "127.0.0.1", NULL, "bound-and-listening" },
  { "network.max_connections", "60", has_connections },
  { "network.max_connections_per_torrent", "33", has_per_torrent },
  { "network.max_half_open", "44", has_half_open },
  { "network.connections_per_address", "7", has_per_address },
  { "network.request_queue_seconds", "3.5", has_cushion },
  { "network.max_request_queue", "99", has_request_limit },
  { "network.handshake_timeout", "11", has_handshake },
  { "network.peer_timeout", "45", has_peer_timeout },
  { "limits.download_rate", "1000001", has_download },
  { "limits.upload_rate", "1000002", has_upload },
  { "limits.alternative_download_rate", "1000003", has_alternative_download },
  { "limits.alternative_upload_rate", "1000004", has_alternative_upload },
  { "limits.alternative_enabled", "true", has_alternative },
  { "limits.alternative_schedule", "mon-sun 00:00-00:00", is_scheduled },
  { "limits.upload_slots", "3", NULL,
    "not watched: read at each run of the choker, which needs peers" },
  { "limits.per_peer_down", "1000005", has_peer_download },
  { "limits.per_peer_up", "1000006", has_peer_upload },
  { "limits.lan_exempt", "true", exempts_lan },
  { "limits.memory_budget", "5", has_memory },
  { "queue.max_active_torrents", "3", NULL, "queue-counts-at-once" },
  { "queue.max_active_downloading", "3", NULL, "queue-counts-at-once" },
  { "queue.max_active_seeding", "3", NULL, QUEUE },
  { "queue.max_active_checking", "2", NULL, QUEUE },
  { "queue.count_metadata", "false", NULL, QUEUE },
  { "queue.starts_per_second", "3", NULL, QUEUE },
  { "queue.ignore_slow", "false", NULL, QUEUE },
  { "queue.seed_ratio_goal", "2.5", NULL, QUEUE },
  { "queue.seed_time_goal", "60", NULL, QUEUE },
  { "queue.seed_idle_goal", "60", NULL, QUEUE },
  { "queue.seed_goals_all", "true", NULL, QUEUE },
  { "queue.seed_goal_action", "remove", NULL, QUEUE },
  { "disk.threads", "2", NULL, "not watched: only the pool knows how many threads it has" },
  { "disk.preallocation", "full", allocates_fully },
  { "disk.min_free_space", "64", NULL, "integration/move" },
  { "disk.download_dir", "/tmp/elsewhere", is_in_folder },
  { "strategy.piece_selection", "sequential", picks_in_order },
  { "discovery.tracker_timeout", "8", has_tracker_timeout },
  { "discovery.number_wanted", "17", has_number_wanted },
  { "discovery.enable_http_trackers", "false", has_no_http_trackers },
  { "discovery.enable_udp_trackers", "false", has_no_udp_trackers },
  { "discovery.enable_dht", "true", has_dht },
  { "discovery.dht_bootstrap_nodes", "127.0.0.1:2", NULL, "integration/dht" },
  { "discovery.dht_enable_ipv6", "false", NULL, "integration/dht" },
  { "discovery.magnet_respect_indices", "false", NULL, "integration/tracker-list" },
  { "discovery.dht_readonly_mode", "true", NULL, "not watched: needs a node that asks ours" },
  { "discovery.enable_pex", "false", has_no_pex },
  { "discovery.enable_lsd", "true", has_lsd },
  { "discovery.announce_to_all_tiers", "true", tells_all_tiers },
  { "discovery.announce_to_all_trackers", "true", tells_all_trackers },
  { "discovery.tracker_auto_scrape", "false", scrapes_not },
  { "discovery.tracker_scrape_interval", "4000", scrapes_seldom },
  { "nat.auto_map_ports", "true", NULL, ROUTER },
  { "nat.enable_pcp", "false", NULL, ROUTER },
  { "nat.enable_nat_pmp", "false", NULL, ROUTER },
  { "nat.enable_upnp", "false", NULL, ROUTER },
  { "nat.map_tcp_port", "false", NULL, ROUTER },
  { "nat.map_udp_port", "false", NULL, ROUTER },
  { "nat.port_mapping_lease_time", "60", NULL, ROUTER },
  { "nat.gateway", "127.0.0.1", NULL, ROUTER },
};

static void
test_every_key_has_a_row (void)
{
  guint n_keys;
  const CcbtConfigKey *keys = ccbt_config_get_schema (&n_keys);

  for (guint i = 0; i < n_keys; i++)
    {
      guint n_rows = 0;

      for (guint j = 0; j < G_N_ELEMENTS (rows); j++)
        n_rows += g_str_equal (rows[j].key, keys[i].key);
      if (n_rows != 1)
        g_error ("%s has %u rows in the table of test-config-live.c", keys[i].key, n_rows);
      g_assert_true (ccbt_session_applies_setting (keys[i].key) == !keys[i].needs_restart);
    }
  for (guint j = 0; j < G_N_ELEMENTS (rows); j++)
    {
      g_assert_nonnull (ccbt_config_lookup_key (rows[j].key));
      g_assert_true ((rows[j].check == NULL) == (rows[j].elsewhere != NULL));
      if (rows[j].check == NULL)
        g_test_message ("%s: %s", rows[j].key, rows[j].elsewhere);
    }
}

/* As somebody would write it in the file, with what must be in it beside it. */
static char *
make_text (const Row *row)
{
  g_autoptr (CcbtToml) toml = ccbt_toml_new (base_text, strlen (base_text));
  g_autoptr (CcbtConfig) config = ccbt_config_new ();
  g_autofree char *value = NULL;

  g_assert_true (ccbt_config_check (config, row->key, row->value, &value, NULL));
  g_assert_true (ccbt_toml_set (toml, row->key, value, NULL));
  return g_strdup (ccbt_toml_get_text (toml, NULL));
}

static void
test_each_key_counts_from_the_start (World *world, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = make_text (&rows[i]);

      if (rows[i].check == NULL)
        continue;
      open_session (world, text);
      if (!rows[i].check (world->session))
        g_error ("%s = %s does nothing", rows[i].key, rows[i].value);
      close_session (world);
    }
}

typedef struct
{
  const Row *row;
  World *world;
} Expected;

static gboolean
is_in_force (gpointer data)
{
  const Expected *expected = data;

  return expected->row->check (expected->world->session);
}

/* One session, each key set and put back. */
static void
test_each_key_counts_at_once (World *world, gconstpointer data)
{
  open_session (world, base_text);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const CcbtConfigKey *key = ccbt_config_lookup_key (rows[i].key);
      Expected expected = { &rows[i], world };
      g_autofree char *file = NULL;

      if (rows[i].check == NULL || key->needs_restart)
        continue;
      g_test_message ("%s", rows[i].key);
      g_assert_false (rows[i].check (world->session));
      set_well (world, rows[i].key, rows[i].value);
      wait_for (is_in_force, &expected);
      g_assert_true (g_file_get_contents (world->settings, &file, NULL, NULL));
      g_assert_nonnull (strstr (file, strchr (rows[i].key, '.') + 1));
      set_well (world, rows[i].key, NULL);
      /* What the schedule switched on stays until it says otherwise: that is a tick later. */
      if (rows[i].check != is_scheduled)
        g_assert_false (rows[i].check (world->session));
    }
  close_session (world);
}

static void
test_bound_and_listening (World *world, gconstpointer data)
{
  g_autofree char *text
      = g_strconcat (base_text, "[network]\nbind_address = \"127.0.0.1\"\nlisten_port = 0\n", NULL);
  g_autofree char *wrong
      = g_strconcat (base_text, "[network]\nbind_address = \"192.0.2.1\"\n", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (try_open (world, text, NULL, &error));
  g_assert_true (world->session->sockets.is_bound);
  g_assert_cmpuint (world->session->environment.port, !=, 0);
  g_assert_cmpuint (world->session->environment.port, !=, 6881);
  close_session (world);
  g_assert_false (try_open (world, wrong, NULL, &error));
  g_assert_nonnull (error);
  close_session (world);
}

/* --- Together --- */

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
  g_test_add_func ("/config-live/every-key-has-a-row", test_every_key_has_a_row);
  ADD ("each-key-counts-from-the-start", test_each_key_counts_from_the_start);
  ADD ("each-key-counts-at-once", test_each_key_counts_at_once);
  ADD ("bound-and-listening", test_bound_and_listening);
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

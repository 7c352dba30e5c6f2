/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-toml.h"
#include "config-world.h"

/* Every key of the schema has its default and does what it says: at the start, and while the session runs unless it
 * needs a restart. A key that is not in the table below fails the test. */

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
  const char *default_text; /* NULL: too long for this table */
  const char *value;        /* other than the default, and than base_text */
  gboolean (*check) (CcbtSession *session);
  const char *elsewhere; /* without a check: why */
} Row;

#define QUEUE "not watched here: read at each run of the queue, see simulation/queue"
#define ROUTER "not watched here: that the port map follows, yes; what it then asks a router, no"

static const Row rows[] = {
  { "network.listen_port", "6881", "0", NULL, "bound-and-listening" },
  { "network.bind_address", "", "127.0.0.1", NULL, "bound-and-listening" },
  { "network.max_connections", "500", "60", has_connections },
  { "network.max_connections_per_torrent", "100", "33", has_per_torrent },
  { "network.max_half_open", "50", "44", has_half_open },
  { "network.connections_per_address", "3", "7", has_per_address },
  { "network.request_queue_seconds", "2.0", "3.5", has_cushion },
  { "network.max_request_queue", "1024", "99", has_request_limit },
  { "network.handshake_timeout", "10", "11", has_handshake },
  { "network.peer_timeout", "120", "45", has_peer_timeout },
  { "limits.download_rate", "0", "1000001", has_download },
  { "limits.upload_rate", "0", "1000002", has_upload },
  { "limits.alternative_download_rate", "0", "1000003", has_alternative_download },
  { "limits.alternative_upload_rate", "0", "1000004", has_alternative_upload },
  { "limits.alternative_enabled", "false", "true", has_alternative },
  { "limits.alternative_schedule", "", "mon-sun 00:00-00:00", is_scheduled },
  { "limits.upload_slots", "0", "3", NULL,
    "not watched: read at each run of the choker, which needs peers" },
  { "limits.per_peer_down", "0", "1000005", has_peer_download },
  { "limits.per_peer_up", "0", "1000006", has_peer_upload },
  { "limits.lan_exempt", "false", "true", exempts_lan },
  { "limits.memory_budget", "32", "5", has_memory },
  { "queue.max_active_torrents", "0", "3", NULL, "queue-counts-at-once" },
  { "queue.max_active_downloading", "5", "3", NULL, "queue-counts-at-once" },
  { "queue.max_active_seeding", "0", "3", NULL, QUEUE },
  { "queue.max_active_checking", "1", "2", NULL, QUEUE },
  { "queue.count_metadata", "true", "false", NULL, QUEUE },
  { "queue.starts_per_second", "500", "3", NULL, QUEUE },
  { "queue.wait_when_metered", "false", "true", NULL, QUEUE },
  { "queue.wait_when_saving_power", "false", "true", NULL, QUEUE },
  { "queue.ignore_slow", "true", "false", NULL, QUEUE },
  { "queue.seed_ratio_goal", "0.0", "2.5", NULL, QUEUE },
  { "queue.seed_time_goal", "0", "60", NULL, QUEUE },
  { "queue.seed_idle_goal", "0", "60", NULL, QUEUE },
  { "queue.seed_goals_all", "false", "true", NULL, QUEUE },
  { "queue.seed_goal_action", "stop", "remove", NULL, QUEUE },
  { "disk.threads", "0", "2", NULL, "not watched: only the pool knows how many threads it has" },
  { "disk.preallocation", "sparse", "full", allocates_fully },
  { "disk.min_free_space", "256", "64", NULL, "integration/move" },
  { "disk.download_dir", "", "/tmp/elsewhere", is_in_folder },
  { "strategy.piece_selection", "rarest_first", "sequential", picks_in_order },
  { "discovery.tracker_timeout", "30", "8", has_tracker_timeout },
  { "discovery.number_wanted", "200", "17", has_number_wanted },
  { "discovery.enable_http_trackers", "true", "false", has_no_http_trackers },
  { "discovery.enable_udp_trackers", "true", "false", has_no_udp_trackers },
  { "discovery.enable_dht", "true", "true", has_dht },
  { "discovery.dht_bootstrap_nodes", NULL, "127.0.0.1:2", NULL, "integration/dht" },
  { "discovery.dht_enable_ipv6", "true", "false", NULL, "integration/dht" },
  { "discovery.magnet_respect_indices", "true", "false", NULL, "integration/tracker-list" },
  { "discovery.dht_readonly_mode", "false", "true", NULL,
    "not watched: needs a node that asks ours" },
  { "discovery.enable_pex", "true", "false", has_no_pex },
  { "discovery.enable_lsd", "true", "true", has_lsd },
  { "discovery.announce_to_all_tiers", "false", "true", tells_all_tiers },
  { "discovery.announce_to_all_trackers", "false", "true", tells_all_trackers },
  { "discovery.tracker_auto_scrape", "true", "false", scrapes_not },
  { "discovery.tracker_scrape_interval", "1800", "4000", scrapes_seldom },
  { "nat.auto_map_ports", "true", "true", NULL, ROUTER },
  { "nat.enable_pcp", "true", "false", NULL, ROUTER },
  { "nat.enable_nat_pmp", "true", "false", NULL, ROUTER },
  { "nat.enable_upnp", "true", "false", NULL, ROUTER },
  { "nat.map_tcp_port", "true", "false", NULL, ROUTER },
  { "nat.map_udp_port", "true", "false", NULL, ROUTER },
  { "nat.port_mapping_lease_time", "3600", "60", NULL, ROUTER },
  { "nat.gateway", "", "127.0.0.1", NULL, ROUTER },
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
        g_error ("%s has %u rows in the table of test-config-keys.c", keys[i].key, n_rows);
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

static void
test_the_table_is_complete (void)
{
  guint n_keys;
  const CcbtConfigKey *keys = ccbt_config_get_schema (&n_keys);

  for (guint i = 0; i < n_keys; i++)
    {
      g_assert_nonnull (strchr (keys[i].key, '.'));
      g_assert_nonnull (keys[i].unit);
      g_assert_true (keys[i].title != NULL && *keys[i].title != '\0');
      g_assert_true (g_str_has_suffix (keys[i].description, "."));
      g_assert_true ((keys[i].type == CCBT_CONFIG_CHOICE) == (keys[i].choices != NULL));
      for (guint j = 0; j < i; j++)
        g_assert_cmpstr (keys[i].key, !=, keys[j].key);
    }
}

/* As the engine's other parts rely on them. */
static void
test_every_key_has_its_default (void)
{
  g_autoptr (CcbtConfig) config = ccbt_config_new ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = ccbt_config_get_text (config, rows[i].key, FALSE);

      if (rows[i].default_text != NULL)
        g_assert_cmpstr (text, ==, rows[i].default_text);
    }
  g_assert_nonnull (strstr (ccbt_config_get_string (config, "discovery.dht_bootstrap_nodes"),
                            "router.bittorrent.com:6881"));
  g_assert_true (ccbt_config_validate (config, NULL));
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

#define ADD(path, function)                                                                        \
  g_test_add ("/config-keys/" path, World, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config-keys/every-key-has-a-row", test_every_key_has_a_row);
  g_test_add_func ("/config-keys/the-table-is-complete", test_the_table_is_complete);
  g_test_add_func ("/config-keys/every-key-has-its-default", test_every_key_has_its_default);
  ADD ("each-key-counts-from-the-start", test_each_key_counts_from_the_start);
  ADD ("each-key-counts-at-once", test_each_key_counts_at_once);
  ADD ("bound-and-listening", test_bound_and_listening);
  return g_test_run ();
}

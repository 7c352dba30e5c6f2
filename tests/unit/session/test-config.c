/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-config.h"
#include "session/ccbt-config-file.h"
#include "base/ccbt-error.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("ccbt-config-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "ccbt.toml", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_remove (fixture->path);
  g_rmdir (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static CcbtConfig *
load_text (Fixture *fixture, const char *text)
{
  g_assert_true (g_file_set_contents (fixture->path, text, -1, NULL));
  return ccbt_config_load (fixture->path, FALSE);
}

static guint
count_problems (CcbtConfig *config)
{
  return g_strv_length ((char **) ccbt_config_get_problems (config));
}

/* The first problem but for the folder's name. */
static void
assert_problem (Fixture *fixture, CcbtConfig *config, const char *expected)
{
  const char *problem = ccbt_config_get_problems (config)[0];

  g_assert_nonnull (problem);
  g_assert_true (g_str_has_prefix (problem, fixture->path));
  g_assert_cmpstr (problem + strlen (fixture->path), ==, expected);
}

static void
test_file_sets_values (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CcbtConfig) config = load_text (fixture, "[network]\nlisten_port = 0\n"
                                                      "request_queue_seconds = 3\n"
                                                      "[disk]\npreallocation = 'full'\n"
                                                      "download_dir = \"/tmp/ä\"\n");

  g_assert_cmpuint (count_problems (config), ==, 0);
  g_assert_cmpint (ccbt_config_get_integer (config, "network.listen_port"), ==, 0);
  g_assert_cmpfloat (ccbt_config_get_number (config, "network.request_queue_seconds"), ==, 3.0);
  g_assert_cmpstr (ccbt_config_get_string (config, "disk.preallocation"), ==, "full");
  g_assert_cmpstr (ccbt_config_get_string (config, "disk.download_dir"), ==, "/tmp/ä");
  g_assert_cmpint (ccbt_config_get_origin (config, "disk.download_dir"), ==,
                   CCBT_CONFIG_LEVEL_FILE);
  g_assert_cmpint (ccbt_config_get_origin (config, "disk.threads"), ==, CCBT_CONFIG_LEVEL_DEFAULT);
}

static void
test_wrong_values_are_named_and_left_out (Fixture *fixture, gconstpointer data)
{
  static const char *const cases[][2] = {
    { "[network]\nlisten_port = 65536",
      ":2: network.listen_port: found 65536, allowed 0 to 65535" },
    { "network.listen_port = -1", ":1: network.listen_port: found -1, allowed 0 to 65535" },
    { "network.listen_port = \"1\"", ":1: network.listen_port: found \"1\", allowed 0 to 65535" },
    { "network.listen_port = 1.0", ":1: network.listen_port: found 1.0, allowed 0 to 65535" },
    { "network.listen_port = true", ":1: network.listen_port: found true, allowed 0 to 65535" },
    { "network.request_queue_seconds = nan",
      ":1: network.request_queue_seconds: found nan, allowed 0.5 to 10 s" },
    { "network.request_queue_seconds = 0.49",
      ":1: network.request_queue_seconds: found 0.49, allowed 0.5 to 10 s" },
    { "limits.memory_budget = 3", ":1: limits.memory_budget: found 3, allowed 4 to 4096 MiB" },
    { "disk.download_dir = 3", ":1: disk.download_dir: found 3, allowed text in quotes" },
    { "disk.preallocation = 'Full'",
      ":1: disk.preallocation: found 'Full', allowed \"sparse\", \"full\", \"none\"" },
    { "\n\nui.theme = 1",
      ":3: ui.theme: found an unknown key, allowed [network], [limits], [queue], "
      "[disk], [strategy], [discovery], [nat]" },
    { "disk.thread = 1", ":1: disk.thread: found an unknown key, allowed threads, "
                         "preallocation, min_free_space, download_dir" },
    { "disk = 1", ":1: disk: found an unknown key, allowed [network], [limits], [queue], "
                  "[disk], [strategy], [discovery], [nat]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strconcat (cases[i][0], "\n[discovery]\nnumber_wanted = 7", NULL);
      g_autoptr (CcbtConfig) config = load_text (fixture, text);

      assert_problem (fixture, config, cases[i][1]);
      g_assert_cmpuint (count_problems (config), ==, 1);
      g_assert_cmpint (ccbt_config_get_integer (config, "network.listen_port"), ==, 6881);
      g_assert_cmpint (ccbt_config_get_integer (config, "discovery.number_wanted"), ==, 7);
    }
}

static void
test_a_broken_line_is_named (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CcbtConfig) config
      = load_text (fixture, "[network]\nlisten_port = yes\npeer_timeout = 60\n");

  g_assert_cmpuint (count_problems (config), ==, 1);
  assert_problem (fixture, config,
                  ":2: network.listen_port: found text where a value belongs "
                  "(strings need quotes)");
  g_assert_cmpint (ccbt_config_get_integer (config, "network.peer_timeout"), ==, 60);
}

static void
test_problems_show_no_control_characters (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CcbtConfig) config = load_text (fixture, "\"\\u001b[31m\" = 1\n"
                                                      "disk.preallocation = '\xe2\x80\xae'\n"
                                                      "disk.threads = \x1b[0m\n");

  g_assert_cmpuint (count_problems (config), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_null (strchr (ccbt_config_get_problems (config)[i], '\x1b'));
      g_assert_null (strstr (ccbt_config_get_problems (config)[i], "\xe2\x80\xae"));
    }
}

static void
test_problems_are_bounded (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (CcbtConfig) config = NULL;

  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (text, "unknown%u = 1\n", i);
  config = load_text (fixture, text->str);
  g_assert_cmpuint (count_problems (config), ==, 100);
}

static void
test_environment_beats_the_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CcbtConfig) config = NULL;

  g_setenv ("CCBT_NETWORK_LISTEN_PORT", " 7000 ", TRUE);
  g_setenv ("CCBT_DISK_DOWNLOAD_DIR", "/srv/a b", TRUE);
  g_setenv ("CCBT_STRATEGY_PIECE_SELECTION", "\"sequential\"", TRUE);
  g_setenv ("CCBT_LIMITS_UPLOAD_SLOTS", "many", TRUE);
  g_setenv ("CCBT_DISK_NONSENSE", "1", TRUE);
  g_setenv ("CCBT_SOMETHING_ELSE", "1", TRUE);
  config = load_text (fixture, "network.listen_port = 1\nlimits.upload_slots = 2\n");
  g_assert_cmpint (ccbt_config_get_integer (config, "network.listen_port"), ==, 7000);
  g_assert_cmpint (ccbt_config_get_origin (config, "network.listen_port"), ==,
                   CCBT_CONFIG_LEVEL_ENVIRONMENT);
  g_assert_cmpstr (ccbt_config_get_string (config, "disk.download_dir"), ==, "/srv/a b");
  g_assert_cmpstr (ccbt_config_get_string (config, "strategy.piece_selection"), ==, "sequential");
  g_assert_cmpint (ccbt_config_get_integer (config, "limits.upload_slots"), ==, 2);
  g_assert_cmpuint (count_problems (config), ==, 2);
  g_unsetenv ("CCBT_NETWORK_LISTEN_PORT");
  g_unsetenv ("CCBT_DISK_DOWNLOAD_DIR");
  g_unsetenv ("CCBT_STRATEGY_PIECE_SELECTION");
  g_unsetenv ("CCBT_LIMITS_UPLOAD_SLOTS");
  g_unsetenv ("CCBT_DISK_NONSENSE");
  g_unsetenv ("CCBT_SOMETHING_ELSE");
}

static void
test_command_line_beats_all (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CcbtConfig) config = load_text (fixture, "network.listen_port = 1\n");
  g_autoptr (GError) error = NULL;

  ccbt_config_set_from_command_line (config, "network.listen_port=0x1000", &error);
  g_assert_no_error (error);
  ccbt_config_set_from_command_line (config, "disk.download_dir=a=b", &error);
  g_assert_no_error (error);
  g_assert_cmpint (ccbt_config_get_integer (config, "network.listen_port"), ==, 4096);
  g_assert_cmpint (ccbt_config_get_origin (config, "network.listen_port"), ==,
                   CCBT_CONFIG_LEVEL_COMMAND_LINE);
  g_assert_cmpstr (ccbt_config_get_string (config, "disk.download_dir"), ==, "a=b");
}

static void
test_wrong_assignments_are_refused (Fixture *fixture, gconstpointer data)
{
  static const char *const cases[] = {
    "",
    "=",
    "network.listen_port",
    "network.listen_port=",
    "network.listen_port=65536",
    "network.listen_port=1 2",
    "nothing.such=1",
    "disk.preallocation=some",
    "disk.download_dir=\"open",
    "disk.download_dir=\xff",
  };
  g_autoptr (CcbtConfig) config = load_text (fixture, "");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (ccbt_config_set_from_command_line (config, cases[i], &error));
      g_assert_error (error, CCBT_ERROR, CCBT_ERROR_INVALID);
    }
  g_assert_cmpint (ccbt_config_get_integer (config, "network.listen_port"), ==, 6881);
}

static void
test_contradictions_are_named (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CcbtConfig) lowered = load_text (fixture, "network.max_connections = 40\n");
  g_autoptr (CcbtConfig) config
      = load_text (fixture, "[network]\nmax_connections = 40\nmax_connections_per_torrent = 41\n");
  g_autoptr (GError) error = NULL;

  g_assert_true (ccbt_config_validate (lowered, NULL));
  /* In the file: the rest still counts. */
  g_assert_cmpuint (count_problems (config), ==, 1);
  assert_problem (fixture, config,
                  ":3: network.max_connections_per_torrent: found 41, allowed at most "
                  "network.max_connections (40)");
  g_assert_cmpint (ccbt_config_get_integer (config, "network.max_connections"), ==, 40);
  g_assert_cmpint (ccbt_config_get_origin (config, "network.max_connections_per_torrent"), ==,
                   CCBT_CONFIG_LEVEL_DEFAULT);
  g_assert_true (ccbt_config_validate (config, NULL));
  /* On the command line somebody is there to mend it. */
  g_assert_true (
      ccbt_config_set_from_command_line (config, "network.max_connections_per_torrent=41", NULL));
  g_assert_false (ccbt_config_validate (config, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "network.max_connections_per_torrent"));
  g_assert_nonnull (strstr (error->message, "network.max_connections (40)"));
}

static void
test_mapping_needs_a_way (Fixture *fixture, gconstpointer data)
{
  static const char off[] = "enable_pcp = false\nenable_nat_pmp = false\nenable_upnp = false\n";
  g_autofree char *text = g_strconcat ("[nat]\nauto_map_ports = true\n", off, NULL);
  g_autofree char *silent = g_strconcat ("[nat]\n", off, NULL);
  g_autoptr (CcbtConfig) config = load_text (fixture, text);
  g_autoptr (CcbtConfig) unsaid = load_text (fixture, silent);

  g_assert_cmpuint (count_problems (config), ==, 1);
  g_assert_nonnull (strstr (ccbt_config_get_problems (config)[0], ":2: nat.auto_map_ports: found"));
  g_assert_cmpuint (count_problems (unsaid), ==, 0);
}

/* An address that is left out would let traffic out by every way. */
static void
test_a_wrong_address_to_bind_to_stops_the_start (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[]
      = { "network.bind_address = 5", "network.bind_address = \"10.0.0\"",
          "[network]\n  bind_address = 10.0.0.1\n", "[network]\nbind_address\n" };
  g_autoptr (CcbtConfig) good = load_text (fixture, "network.bind_address = \"10.0.0.1\"");
  g_autoptr (CcbtConfig) remark = load_text (fixture, "# bind_address\nqueue.ignore_slow = maybe");

  g_assert_true (ccbt_config_validate (good, NULL));
  g_assert_true (ccbt_config_validate (remark, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (CcbtConfig) config = load_text (fixture, texts[i]);
      g_autoptr (GError) error = NULL;

      g_assert_false (ccbt_config_validate (config, &error));
      g_assert_error (error, CCBT_ERROR, CCBT_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, fixture->path));
    }
}

static void
test_a_folder_s_file_sets_no_ways (Fixture *fixture, gconstpointer data)
{
  g_autofree char *usual = g_build_filename (g_get_user_config_dir (), "ccbt", "ccbt.toml", NULL);
  g_autofree char *folder = g_path_get_dirname (usual);
  g_autofree char *old_folder = g_get_current_dir ();
  g_autoptr (CcbtConfig) config = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (
      usual, "network.bind_address = \"127.0.0.9\"\nnetwork.listen_port = 7\n", -1, NULL));
  g_assert_true (g_file_set_contents (fixture->path,
                                      "network.bind_address = \"127.0.0.3\"\n"
                                      "network.listen_port = 8\n"
                                      "disk.download_dir = \"/etc\"\n"
                                      "nat.gateway = \"127.0.0.4\"\n"
                                      "discovery.dht_bootstrap_nodes = \"a:1\"\n",
                                      -1, NULL));
  g_assert_cmpint (g_chdir (fixture->folder), ==, 0);
  config = ccbt_config_load (NULL, TRUE);
  g_assert_cmpint (g_chdir (old_folder), ==, 0);
  g_remove (usual);
  g_assert_true (ccbt_config_is_local (config));
  g_assert_cmpint (ccbt_config_get_integer (config, "network.listen_port"), ==, 8);
  /* Nor does it take the user's own away. */
  g_assert_cmpstr (ccbt_config_get_string (config, "network.bind_address"), ==, "127.0.0.9");
  g_assert_cmpstr (ccbt_config_get_string (config, "disk.download_dir"), ==, "");
  g_assert_cmpstr (ccbt_config_get_string (config, "nat.gateway"), ==, "");
  g_assert_nonnull (strstr (ccbt_config_get_string (config, "discovery.dht_bootstrap_nodes"),
                            "router.bittorrent.com"));
  g_assert_cmpuint (count_problems (config), ==, 4);
  g_assert_nonnull (strstr (ccbt_config_get_problems (config)[0],
                            "ccbt.toml:1: network.bind_address: found it in the file of a folder"));
}

static void
test_names_of_the_first_client_count (Fixture *fixture, gconstpointer data)
{
  static const char *const variables[][2] = {
    { "CCBT_LISTEN_PORT", "7001" },
    { "CCBT_GLOBAL_DOWN_KIB", "100" },
    { "CCBT_TRACKER_TIMEOUT", "45.0" },
    { "CCBT_PIECE_SELECTION", "SEQUENTIAL" },
    { "CCBT_ENABLE_DHT", "off" },
    { "CCBT_MAX_PEERS", "300" },
    { "CCBT_NETWORK_MAX_CONNECTIONS", "77" },
    { "CCBT_HANDSHAKE_TIMEOUT", "1.5" },
  };
  g_autoptr (CcbtConfig) config = NULL;
  g_autofree char *origin = NULL;
  guint n_aliases;
  const CcbtConfigAlias *aliases = ccbt_config_get_aliases (&n_aliases);

  for (guint i = 0; i < n_aliases; i++)
    g_assert_nonnull (ccbt_config_lookup_key (aliases[i].key));
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_setenv (variables[i][0], variables[i][1], TRUE);
  config = load_text (fixture, "");
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i][0]);
  g_assert_cmpint (ccbt_config_get_integer (config, "network.listen_port"), ==, 7001);
  g_assert_cmpint (ccbt_config_get_integer (config, "limits.download_rate"), ==, 102400);
  g_assert_cmpint (ccbt_config_get_integer (config, "discovery.tracker_timeout"), ==, 45);
  g_assert_cmpstr (ccbt_config_get_string (config, "strategy.piece_selection"), ==, "sequential");
  g_assert_false (ccbt_config_get_boolean (config, "discovery.enable_dht"));
  g_assert_cmpint (ccbt_config_get_integer (config, "network.max_connections"), ==, 77);
  origin = ccbt_config_describe_origin (config, "limits.download_rate");
  g_assert_cmpstr (origin, ==, "environment CCBT_GLOBAL_DOWN_KIB");
  g_assert_cmpuint (count_problems (config), ==, 1);
  g_assert_cmpstr (ccbt_config_get_problems (config)[0], ==,
                   "CCBT_HANDSHAKE_TIMEOUT: network.handshake_timeout: found 1.5, allowed 2 to "
                   "120 s");
}

/* --- Changing it --- */

static void
test_a_change_is_whole_or_nothing (Fixture *fixture, gconstpointer data)
{
  static const char *const wrong[][2] = { { "network.max_connections", "1" },
                                          { "network.max_connections", "10" },
                                          { "network.nonsense", "1" },
                                          { "nat.gateway", "router" },
                                          { "limits.alternative_schedule", "always" },
                                          { "disk.threads", "3" } };
  g_autoptr (CcbtConfig) config = load_text (
      fixture, "network.max_connections = 40\nnetwork.max_connections_per_torrent = 40\n");
  g_autofree char *toml = NULL;
  g_autoptr (GError) good = NULL;

  ccbt_config_set_from_command_line (config, "disk.threads=2", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (ccbt_config_check (config, wrong[i][0], wrong[i][1], NULL, &error));
      g_assert_error (error, CCBT_ERROR, CCBT_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, wrong[i][0] + 4));
    }
  g_assert_cmpint (ccbt_config_get_integer (config, "network.max_connections"), ==, 40);
  g_assert_true (ccbt_config_check (config, "disk.download_dir", "/a \"b\"", &toml, &good));
  g_assert_cmpstr (toml, ==, "\"/a \\\"b\\\"\"");
  g_assert_cmpstr (ccbt_config_get_string (config, "disk.download_dir"), ==, "");
  g_assert_true (ccbt_config_put (config, "network.max_connections", "50", &good));
  g_assert_cmpint (ccbt_config_get_integer (config, "network.max_connections"), ==, 50);
  g_assert_true (ccbt_config_put (config, "network.max_connections", NULL, &good));
  g_assert_true (ccbt_config_is_default (config, "network.max_connections"));
}

static void
test_a_broken_file_is_not_adopted (Fixture *fixture, gconstpointer data)
{
  static const char *const broken[]
      = { "network.max_connections = 30\nnetwork.peer_timeout = 1\n",
          "network.max_connections = 30\nnetwork.peer_timeout = \n",
          "network.max_connections = 30\nnetwork.max_half_open = 31\n" };
  g_autoptr (CcbtConfig) config = load_text (fixture, "network.max_connections = 40\n");
  g_autoptr (CcbtConfig) good = NULL;
  g_auto (GStrv) changed = NULL;

  ccbt_config_set_from_command_line (config, "disk.threads=2", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (CcbtConfig) fresh = load_text (fixture, broken[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (ccbt_config_adopt (config, fresh, &error));
      g_assert_error (error, CCBT_ERROR, CCBT_ERROR_INVALID);
      g_assert_cmpint (ccbt_config_get_integer (config, "network.max_connections"), ==, 40);
    }
  g_setenv ("CCBT_NAT_ENABLE_UPNP", "perhaps", TRUE); /* not what was edited */
  good = load_text (fixture, "disk.threads = 9\nnetwork.listen_port = 6881\nlimits.memory_budget = "
                             "64\nunheard.of = 1\n");
  g_unsetenv ("CCBT_NAT_ENABLE_UPNP");
  changed = ccbt_config_adopt (config, good, NULL);
  g_assert_nonnull (changed);
  g_assert_cmpuint (g_strv_length (changed), ==, 2);
  g_assert_cmpstr (changed[0], ==, "network.max_connections");
  g_assert_cmpstr (changed[1], ==, "limits.memory_budget");
  g_assert_cmpint (ccbt_config_get_integer (config, "disk.threads"), ==, 2);
  g_assert_cmpstr (ccbt_config_get_checksum (config), ==, ccbt_config_get_checksum (good));
}

static void
assert_edit (Fixture *fixture, const char *key, const char *toml, const char *expected)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *text = NULL;
  g_autofree char *checksum = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (ccbt_config_file_edit (fixture->path, key, toml, &before, &after, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
  checksum = ccbt_config_file_make_checksum (text, strlen (text));
  g_assert_cmpstr (after, ==, checksum);
}

static void
test_an_edit_leaves_the_rest_alone (Fixture *fixture, gconstpointer data)
{
  GStatBuf info;
  g_autoptr (GDir) folder = NULL;

  assert_edit (fixture, "disk.threads", "3", "[disk]\nthreads = 3\n");
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_true (g_file_set_contents (
      fixture->path, "# mine\r\n[disk]\r\n  threads=1 # few\r\nunknown = [1,\r\n 2]\r\n", -1,
      NULL));
  g_chmod (fixture->path, 0640);
  assert_edit (fixture, "disk.threads", "4",
               "# mine\r\n[disk]\r\n  threads=4 # few\r\nunknown = [1,\r\n 2]\r\n");
  assert_edit (fixture, "disk.unknown", NULL, "# mine\r\n[disk]\r\n  threads=4 # few\r\n");
  assert_edit (fixture, "disk.threads", NULL, "# mine\r\n[disk]\r\n");
  assert_edit (fixture, "disk.threads", NULL, "# mine\r\n[disk]\r\n");
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0640);
  folder = g_dir_open (fixture->folder, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (folder), ==, "ccbt.toml");
  g_assert_null (g_dir_read_name (folder)); /* no half-written file stays behind */
}

static void
test_an_edit_follows_links (Fixture *fixture, gconstpointer data)
{
  g_autofree char *target = g_build_filename (fixture->folder, "real.toml", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents (target, "", -1, NULL));
  g_assert_cmpint (symlink ("real.toml", fixture->path), ==, 0);
  assert_edit (fixture, "disk.threads", "3", "[disk]\nthreads = 3\n");
  g_assert_true (g_file_test (fixture->path, G_FILE_TEST_IS_SYMLINK));
  g_assert_true (g_file_get_contents (target, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "[disk]\nthreads = 3\n");
  g_remove (target);
}

static void
test_a_missing_file_is_a_problem (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CcbtConfig) config = ccbt_config_load (fixture->path, FALSE);

  g_assert_cmpuint (count_problems (config), ==, 1);
  g_assert_cmpint (ccbt_config_get_integer (config, "network.listen_port"), ==, 6881);
}

static void
write_port (const char *path, const char *port)
{
  g_autofree char *text = g_strconcat ("network.listen_port = ", port, "\n", NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static gint64
load_port (gboolean in_terminal)
{
  g_autoptr (CcbtConfig) config = ccbt_config_load (NULL, in_terminal);

  return ccbt_config_get_integer (config, "network.listen_port");
}

static void
test_the_first_usual_file_counts (Fixture *fixture, gconstpointer data)
{
  g_autofree char *usual = g_build_filename (g_get_user_config_dir (), "ccbt", "ccbt.toml", NULL);
  g_autofree char *hidden = g_build_filename (g_get_home_dir (), ".ccbt.toml", NULL);
  g_autofree char *old_folder = g_get_current_dir ();

  g_assert_cmpint (g_chdir (fixture->folder), ==, 0);
  g_assert_cmpint (load_port (TRUE), ==, 6881);
  write_port (hidden, "3");
  g_assert_cmpint (load_port (TRUE), ==, 3);
  write_port (usual, "2");
  g_assert_cmpint (load_port (TRUE), ==, 2);
  write_port (fixture->path, "1");
  g_assert_cmpint (load_port (TRUE), ==, 1);
  g_assert_cmpint (load_port (FALSE), ==, 2);
  g_remove (hidden);
  g_remove (usual);
  g_assert_cmpint (g_chdir (old_folder), ==, 0);
}

#define ADD(path, function) g_test_add ("/config/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("ccbt-config-home-XXXXXX", NULL);
  g_autofree char *config_home = g_build_filename (home, "config", NULL);
  g_autofree char *config_folder = g_build_filename (config_home, "ccbt", NULL);
  int result;

  /* The user's own settings must not matter. GLib's way of isolating tests leaks. */
  g_setenv ("HOME", home, TRUE);
  g_setenv ("XDG_CONFIG_HOME", config_home, TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("file-sets-values", test_file_sets_values);
  ADD ("wrong-values-are-named-and-left-out", test_wrong_values_are_named_and_left_out);
  ADD ("a-broken-line-is-named", test_a_broken_line_is_named);
  ADD ("problems-show-no-control-characters", test_problems_show_no_control_characters);
  ADD ("problems-are-bounded", test_problems_are_bounded);
  ADD ("environment-beats-the-file", test_environment_beats_the_file);
  ADD ("command-line-beats-all", test_command_line_beats_all);
  ADD ("wrong-assignments-are-refused", test_wrong_assignments_are_refused);
  ADD ("contradictions-are-named", test_contradictions_are_named);
  ADD ("mapping-needs-a-way", test_mapping_needs_a_way);
  ADD ("a-wrong-address-to-bind-to-stops-the-start",
       test_a_wrong_address_to_bind_to_stops_the_start);
  ADD ("a-folder-s-file-sets-no-ways", test_a_folder_s_file_sets_no_ways);
  ADD ("names-of-the-first-client-count", test_names_of_the_first_client_count);
  ADD ("a-change-is-whole-or-nothing", test_a_change_is_whole_or_nothing);
  ADD ("a-broken-file-is-not-adopted", test_a_broken_file_is_not_adopted);
  ADD ("an-edit-leaves-the-rest-alone", test_an_edit_leaves_the_rest_alone);
  ADD ("an-edit-follows-links", test_an_edit_follows_links);
  ADD ("a-missing-file-is-a-problem", test_a_missing_file_is_a_problem);
  ADD ("the-first-usual-file-counts", test_the_first_usual_file_counts);
  result = g_test_run ();
  g_rmdir (config_folder);
  g_rmdir (config_home);
  g_rmdir (home);
  return result;
}

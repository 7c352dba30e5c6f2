/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-config.h"
#include "picker/ccbt-rate-bucket.h"
#include <glib/gi18n.h>

#define INTEGER(name, title_text, default_text, least, most, unit_text, restart, text)             \
  {                                                                                                \
    .key = name, .title = title_text, .type = CCBT_CONFIG_INTEGER, .default_value = default_text,  \
    .minimum = least, .maximum = most, .unit = unit_text, .description = text,                     \
    .needs_restart = restart                                                                       \
  }
#define NUMBER(name, title_text, default_text, least, most, unit_text, restart, text)              \
  {                                                                                                \
    .key = name, .title = title_text, .type = CCBT_CONFIG_NUMBER, .default_value = default_text,   \
    .minimum = least, .maximum = most, .unit = unit_text, .description = text,                     \
    .needs_restart = restart                                                                       \
  }
#define BOOLEAN(name, title_text, default_text, restart, text)                                     \
  {                                                                                                \
    .key = name, .title = title_text, .type = CCBT_CONFIG_BOOLEAN, .default_value = default_text,  \
    .unit = "", .description = text, .needs_restart = restart                                      \
  }
/* Where traffic goes. */
#define GUARDED_ADDRESS(name, title_text, strict, restart, text)                                   \
  {                                                                                                \
    .key = name, .title = title_text, .type = CCBT_CONFIG_STRING, .default_value = "\"\"",         \
    .unit = "", .description = text, .needs_restart = restart,                                     \
    .format = CCBT_CONFIG_FORMAT_ADDRESS, .is_guarded = TRUE, .is_strict = strict                  \
  }
#define GUARDED_FOLDER(name, title_text, restart, text)                                            \
  {                                                                                                \
    .key = name, .title = title_text, .type = CCBT_CONFIG_STRING, .default_value = "\"\"",         \
    .unit = "", .description = text, .needs_restart = restart,                                     \
    .format = CCBT_CONFIG_FORMAT_FOLDER, .is_guarded = TRUE                                        \
  }
#define SCHEDULE(name, title_text, restart, text)                                                  \
  {                                                                                                \
    .key = name, .title = title_text, .type = CCBT_CONFIG_STRING, .default_value = "\"\"",         \
    .unit = "", .description = text, .needs_restart = restart,                                     \
    .format = CCBT_CONFIG_FORMAT_SCHEDULE                                                          \
  }
#define CHOICE(name, title_text, default_text, choices_table, restart, text)                       \
  {                                                                                                \
    .key = name, .title = title_text, .type = CCBT_CONFIG_CHOICE, .default_value = default_text,   \
    .choices = choices_table, .unit = "", .description = text, .needs_restart = restart            \
  }

/* The largest rate: as many bytes a second as a double counts exactly. */
#define MAX_RATE 9007199254740992.0

static const char *const preallocations[] = { "sparse", "full", "none", NULL };
static const char *const goal_actions[] = { "stop", "remove", NULL };
static const char *const selections[] = { "rarest_first", "sequential", "round_robin", NULL };

/* clang-format off */
static const CcbtConfigKey keys[] = {
  INTEGER ("network.listen_port", N_("Port"), "6881", 0, 65535, "", TRUE,
           N_("Port that other peers connect to; 0 takes any free one.")),
  GUARDED_ADDRESS ("network.bind_address", N_("Address of This Computer"), TRUE, TRUE,
          N_("Numeric address all connections are made from; empty for every address.")),
  INTEGER ("network.max_connections", N_("Connections"), "500", 2, 10000, "", FALSE,
           N_("Most peers connected at the same time.")),
  INTEGER ("network.max_connections_per_torrent", N_("Connections of One Torrent"), "100", 1, 1000, "", FALSE,
           N_("Most peers connected at the same time for one torrent.")),
  INTEGER ("network.max_half_open", N_("Connections Being Made"), "50", 1, 500, "", FALSE,
           N_("Most outgoing connections waiting for an answer.")),
  INTEGER ("network.connections_per_address", N_("Connections With One Address"), "3", 1, 100, "", FALSE,
           N_("Most connections with one address; this computer's own is not counted.")),
  NUMBER ("network.request_queue_seconds", N_("Requests Ahead"), "2.0", 0.5, 10, "s", FALSE,
          N_("How much of a peer's time is covered by requests sent ahead.")),
  INTEGER ("network.max_request_queue", N_("Requests Waiting at a Peer"), "1024", 16, 4096, "", FALSE,
           N_("Most requests waiting at one peer.")),
  INTEGER ("network.handshake_timeout", N_("Patience With New Peers"), "10", 2, 120, "s", FALSE,
           N_("How long a new peer may take to introduce itself.")),
  INTEGER ("network.peer_timeout", N_("Patience With Silent Peers"), "120", 30, 600, "s", FALSE,
           N_("How long a peer may be silent before it is disconnected.")),
  INTEGER ("limits.download_rate", N_("Download"), "0", 0, MAX_RATE, "bytes/s", FALSE,
           N_("Fastest total download; 0 for no limit.")),
  INTEGER ("limits.upload_rate", N_("Upload"), "0", 0, MAX_RATE, "bytes/s", FALSE,
           N_("Fastest total upload; 0 for no limit.")),
  INTEGER ("limits.alternative_download_rate", N_("Alternative Download"), "0", 0, MAX_RATE, "bytes/s", FALSE,
           N_("Fastest total download while the alternative limits hold; 0 for no limit.")),
  INTEGER ("limits.alternative_upload_rate", N_("Alternative Upload"), "0", 0, MAX_RATE, "bytes/s", FALSE,
           N_("Fastest total upload while the alternative limits hold; 0 for no limit.")),
  BOOLEAN ("limits.alternative_enabled", N_("Begin With the Alternative Limits"), "false", TRUE,
           N_("Whether the alternative limits hold from the start.")),
  SCHEDULE ("limits.alternative_schedule", N_("Schedule of the Alternative Limits"), FALSE,
          N_("When the alternative limits hold, like “mon-fri 08:00-18:00, sat,sun 10:00-14:00”.")),
  INTEGER ("limits.per_peer_down", N_("Download From Each Peer"), "0", 0, CCBT_RATE_LIMIT_MAX, "bytes/s", FALSE,
           N_("Fastest download from one peer; 0 for no limit.")),
  INTEGER ("limits.per_peer_up", N_("Upload to Each Peer"), "0", 0, CCBT_RATE_LIMIT_MAX, "bytes/s", FALSE,
           N_("Fastest upload to one peer; 0 for no limit.")),
  BOOLEAN ("limits.lan_exempt", N_("No Limits in the Local Network"), "false", FALSE,
           N_("Whether peers in the local network are without limits.")),
  INTEGER ("limits.upload_slots", N_("Upload Slots"), "0", 0, 1000, "", FALSE,
           N_("Peers that are uploaded to at the same time; 0 to find the number by measuring.")),
  INTEGER ("limits.memory_budget", N_("Memory"), "32", 4, 4096, "MiB", FALSE,
           N_("Memory for pieces that are being downloaded.")),
  INTEGER ("queue.max_active_torrents", N_("Active Torrents"), "0", 0, 1000, "", FALSE,
           N_("Most torrents that download or seed at the same time; 0 for no limit.")),
  INTEGER ("queue.max_active_downloading", N_("Downloads at a Time"), "5", 0, 1000, "", FALSE,
           N_("Most torrents that download at the same time; 0 for no limit.")),
  INTEGER ("queue.max_active_seeding", N_("Seeds at a Time"), "0", 0, 1000, "", FALSE,
           N_("Most torrents that seed at the same time; 0 for no limit.")),
  INTEGER ("queue.max_active_checking", N_("Checks at a Time"), "1", 0, 1000, "", FALSE,
           N_("Most torrents whose files are checked at the same time; 0 for no limit.")),
  BOOLEAN ("queue.ignore_slow", N_("Do Not Count Slow Torrents"), "true", FALSE,
           N_("Whether torrents that move next to nothing for a minute take nobody's place.")),
  BOOLEAN ("queue.count_metadata", N_("Count Magnet Links"), "true", FALSE,
           N_("Whether magnet links whose metadata is being fetched take the place of a download.")),
  BOOLEAN ("queue.wait_when_metered", N_("Wait While the Network Is Metered"), "false", FALSE,
           N_("Whether torrents wait while the network is metered; those that were forced do not.")),
  BOOLEAN ("queue.wait_when_saving_power", N_("Wait While the Computer Saves Power"), "false", FALSE,
           N_("Whether torrents wait while the computer saves power; those that were forced do not.")),
  INTEGER ("queue.starts_per_second", N_("Starts in a Second"), "500", 0, 1000, "", FALSE,
           N_("Most torrents that the queue starts in one second; 0 for no limit.")),
  NUMBER ("queue.seed_ratio_goal", N_("Ratio to Reach"), "0.0", 0, 1000000, "", FALSE,
          N_("Uploaded for downloaded after which a torrent has seeded enough; 0 for no such goal.")),
  INTEGER ("queue.seed_time_goal", N_("Time to Seed"), "0", 0, 3155760000, "s", FALSE,
           N_("How long a torrent seeds; 0 for no such goal.")),
  INTEGER ("queue.seed_idle_goal", N_("Time to Seed to Nobody"), "0", 0, 3155760000, "s", FALSE,
           N_("How long a torrent seeds to nobody; 0 for no such goal.")),
  BOOLEAN ("queue.seed_goals_all", N_("Reach All Goals"), "false", FALSE,
           N_("Whether all goals must be reached, not only one of them.")),
  CHOICE ("queue.seed_goal_action", N_("When the Goal Is Reached"), "\"stop\"", goal_actions, FALSE,
          N_("What happens to a torrent that has seeded enough; its files always stay.")),
  INTEGER ("disk.threads", N_("Threads"), "0", 0, 64, "", TRUE,
           N_("Threads that read, write and check files; 0 for as many as there are cores.")),
  CHOICE ("disk.preallocation", N_("Room for Files"), "\"sparse\"", preallocations, FALSE,
          N_("How room for files is taken: as they grow, fully at the start, or not at all.")),
  INTEGER ("disk.min_free_space", N_("Room to Leave Free"), "256", 0, 1048576, "MiB", FALSE,
           N_("Room that downloads leave free on a disk, but never more than a twentieth of it; 0 for none.")),
  GUARDED_FOLDER ("disk.download_dir", N_("Download Folder"), FALSE,
          N_("Folder for downloads; empty for the Downloads folder.")),
  CHOICE ("strategy.piece_selection", N_("Order of Pieces"), "\"rarest_first\"", selections, FALSE,
          N_("The order in which pieces are downloaded.")),
  INTEGER ("discovery.tracker_timeout", N_("Patience With Trackers"), "30", 5, 120, "s", FALSE,
           N_("How long a tracker may take to answer.")),
  INTEGER ("discovery.number_wanted", N_("Peers to Ask Trackers For"), "200", 0, 1000, "", FALSE,
           N_("How many peers a tracker is asked for.")),
  BOOLEAN ("discovery.enable_udp_trackers", N_("UDP Trackers"), "true", TRUE,
           N_("Whether trackers are asked over UDP.")),
  BOOLEAN ("discovery.enable_http_trackers", N_("HTTP Trackers"), "true", TRUE,
           N_("Whether trackers are asked over HTTP and HTTPS.")),
  BOOLEAN ("discovery.magnet_respect_indices", N_("Files Chosen by Magnet Links"), "true", FALSE,
           N_("Whether a magnet link decides which files are downloaded, where you do not.")),
  BOOLEAN ("discovery.enable_dht", N_("Distributed Hash Table"), "true", TRUE,
           N_("Whether peers are looked for in the distributed hash table.")),
  { .key = "discovery.dht_bootstrap_nodes", .title = N_("Ways Into the Hash Table"), .type = CCBT_CONFIG_STRING,
    .default_value = "\"router.bittorrent.com:6881, dht.transmissionbt.com:6881, "
                     "router.utorrent.com:6881, dht.libtorrent.org:25401, dht.aelitis.com:6881, "
                     "router.silotis.us:6881, router.bitcomet.com:6881\"",
    .unit = "", .needs_restart = TRUE, .is_guarded = TRUE,
    .description = N_("Where the distributed hash table is entered: HOST:PORT, with commas between.") },
  BOOLEAN ("discovery.dht_readonly_mode", N_("Only Ask the Hash Table"), "false", TRUE,
           N_("Whether the distributed hash table is only asked, and not served.")),
  BOOLEAN ("discovery.dht_enable_ipv6", N_("Hash Table Over IPv6"), "true", TRUE,
           N_("Whether the distributed hash table is used over IPv6, too.")),
  BOOLEAN ("discovery.enable_pex", N_("Peer Exchange"), "true", FALSE,
           N_("Whether peers tell each other of more peers.")),
  BOOLEAN ("discovery.enable_lsd", N_("Local Peer Discovery"), "true", TRUE,
           N_("Whether peers are looked for on the local network.")),
  BOOLEAN ("discovery.announce_to_all_tiers", N_("Tell All Tiers"), "false", TRUE,
           N_("Whether a tracker of each tier is told of us, not only of the first that works.")),
  BOOLEAN ("discovery.announce_to_all_trackers", N_("Tell All Trackers"), "false", TRUE,
           N_("Whether every tracker of a tier is told of us, not only the first that works.")),
  BOOLEAN ("discovery.tracker_auto_scrape", N_("Ask for the Size of Swarms"), "true", TRUE,
           N_("Whether trackers are asked now and then how large a swarm is.")),
  INTEGER ("discovery.tracker_scrape_interval", N_("Between Two Such Questions"), "1800", 300, 86400, "s", TRUE,
           N_("How long to wait before a tracker is asked for the size of a swarm again.")),
  BOOLEAN ("nat.auto_map_ports", N_("Open the Port at the Router"), "true", FALSE,
           N_("Whether the router is asked to let others connect to us.")),
  BOOLEAN ("nat.enable_pcp", N_("PCP"), "true", FALSE, N_("Whether the router is asked by PCP.")),
  BOOLEAN ("nat.enable_nat_pmp", N_("NAT-PMP"), "true", FALSE, N_("Whether the router is asked by NAT-PMP.")),
  BOOLEAN ("nat.enable_upnp", N_("UPnP"), "true", FALSE, N_("Whether the router is asked by UPnP.")),
  BOOLEAN ("nat.map_tcp_port", N_("TCP Port"), "true", FALSE, N_("Whether the TCP port is opened at the router.")),
  BOOLEAN ("nat.map_udp_port", N_("UDP Port"), "true", FALSE, N_("Whether the UDP port is opened at the router.")),
  INTEGER ("nat.port_mapping_lease_time", N_("Lease"), "3600", 60, 86400, "s", FALSE,
           N_("For how long a port is opened at a time; it is renewed before that.")),
  GUARDED_ADDRESS ("nat.gateway", N_("Address of the Router"), FALSE, FALSE,
          N_("Numeric address of the router; empty to find it.")),
};
/* clang-format on */

/* Most names of the first ccBitTorrent are CCBT_ and the last word of the key, whatever its section.
 * Those whose setting we have. */
static const CcbtConfigAlias aliases[] = {
  { "CCBT_LISTEN_PORT", "network.listen_port", 0 },
  { "CCBT_MAX_PEERS", "network.max_connections", 0 },
  { "CCBT_MAX_PEERS_PER_TORRENT", "network.max_connections_per_torrent", 0 },
  { "CCBT_HANDSHAKE_TIMEOUT", "network.handshake_timeout", 0 },
  { "CCBT_GLOBAL_DOWN_KIB", "limits.download_rate", 1024 },
  { "CCBT_GLOBAL_UP_KIB", "limits.upload_rate", 1024 },
  { "CCBT_MAX_UPLOAD_SLOTS", "limits.upload_slots", 0 },
  { "CCBT_MAX_ACTIVE_TORRENTS", "queue.max_active_torrents", 0 },
  { "CCBT_MAX_ACTIVE_DOWNLOADING", "queue.max_active_downloading", 0 },
  { "CCBT_MAX_ACTIVE_SEEDING", "queue.max_active_seeding", 0 },
  { "CCBT_DISK_WORKERS", "disk.threads", 0 },
  { "CCBT_PREALLOCATE", "disk.preallocation", 0 },
  { "CCBT_PIECE_SELECTION", "strategy.piece_selection", 0 },
  { "CCBT_TRACKER_TIMEOUT", "discovery.tracker_timeout", 0 },
  { "CCBT_TRACKER_AUTO_SCRAPE", "discovery.tracker_auto_scrape", 0 },
  { "CCBT_TRACKER_SCRAPE_INTERVAL", "discovery.tracker_scrape_interval", 0 },
  { "CCBT_ENABLE_UDP_TRACKERS", "discovery.enable_udp_trackers", 0 },
  { "CCBT_ENABLE_DHT", "discovery.enable_dht", 0 },
  { "CCBT_ENABLE_PEX", "discovery.enable_pex", 0 },
  { "CCBT_DHT_READONLY_MODE", "discovery.dht_readonly_mode", 0 },
};

const CcbtConfigAlias *
ccbt_config_get_aliases (guint *n_aliases)
{
  *n_aliases = G_N_ELEMENTS (aliases);
  return aliases;
}

const CcbtConfigKey *
ccbt_config_lookup_key (const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_str_equal (keys[i].key, key))
      return &keys[i];
  return NULL;
}

char *
ccbt_config_key_make_variable (const char *key)
{
  g_autofree char *upper = g_ascii_strup (key, -1);

  return g_strconcat ("CCBT_", g_strdelimit (upper, ".", '_'), NULL);
}

const char *
ccbt_config_level_get_name (CcbtConfigLevel level)
{
  static const char *const names[CCBT_CONFIG_N_LEVELS]
      = { "default", "file", "environment", "command line" };

  return names[level];
}

const CcbtConfigKey *
ccbt_config_get_schema (guint *n_keys)
{
  *n_keys = G_N_ELEMENTS (keys);
  return keys;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-mutable-link.h"
#include "session/ccbt-session-private.h"

#define SAVED_DHT "dht"
#define SAVE_EVERY (5 * 60 * CCBT_SECOND)

/* --- What is found --- */

static void
found_cb (gpointer owner, const CcbtSha1 *info_hash, CcbtDiscoverySource source,
          const CcbtAddress *peers, guint n_peers)
{
  CcbtSession *self = owner;
  CcbtTorrent *torrent = g_hash_table_lookup (self->by_hash, info_hash);

  if (torrent == NULL)
    return;
  /* A node of the DHT may name any address; who speaks on the local network names his own. */
  if (source == CCBT_DISCOVERY_DHT)
    ccbt_torrent_add_peers (torrent, CCBT_PEER_SOURCE_DHT, peers, n_peers,
                            ccbt_dht_host_is_on_this_machine (self->dht));
  else
    ccbt_torrent_add_peers (torrent, CCBT_PEER_SOURCE_LSD, peers, n_peers, TRUE);
}

static void
get_need_cb (gpointer owner, const CcbtSha1 *info_hash, CcbtDiscoveryNeed *need)
{
  CcbtTorrent *torrent = g_hash_table_lookup (((CcbtSession *) owner)->by_hash, info_hash);

  if (torrent == NULL)
    return;
  need->wants_peers = ccbt_torrent_needs_peers (torrent);
  need->is_seed = ccbt_torrent_is_finished (torrent);
}

static void
found_node_cb (gpointer session, const CcbtAddress *node)
{
  CcbtSession *self = session;

  if (self->dht != NULL)
    ccbt_dht_add_address (ccbt_dht_host_get_dht (self->dht), node);
}

static void
dht_ready_cb (gpointer data)
{
  CcbtSession *self = data;

  if (self->discovery != NULL)
    ccbt_discovery_note_dht_ready (self->discovery);
}

/* --- Beginning --- */

/* The port of TCP, so that one number names us; another when a stranger has it. */
static void
open_udp (CcbtSession *self)
{
  g_autoptr (GError) error = NULL;

  self->udp = ccbt_udp_mux_new (self->peers.reactor, &self->sockets, self->environment.port, NULL);
  if (self->udp == NULL)
    self->udp = ccbt_udp_mux_new (self->peers.reactor, &self->sockets, 0, &error);
  if (self->udp == NULL)
    {
      g_message ("no UDP trackers and no DHT: %s", error->message);
      return;
    }
  self->udp_trackers = ccbt_udp_tracker_new (self->udp, self->peers.clock);
  if (ccbt_config_get_boolean (self->config, "discovery.enable_udp_trackers"))
    self->environment.udp_trackers = self->udp_trackers;
}

static void
start_dht (CcbtSession *self)
{
  g_autoptr (GBytes) saved = ccbt_state_store_load_value (self->store, SAVED_DHT);
  CcbtDhtHostOptions options
      = { .bootstrap = ccbt_config_get_string (self->config, "discovery.dht_bootstrap_nodes"),
          .is_read_only = ccbt_config_get_boolean (self->config, "discovery.dht_readonly_mode"),
          .no_ipv6 = !ccbt_config_get_boolean (self->config, "discovery.dht_enable_ipv6"),
          .is_local = self->sockets.is_bound
                      && ccbt_address_get_scope (&self->sockets.address) == CCBT_ADDRESS_LOOPBACK,
          .saved = saved };

  if (self->udp == NULL || !ccbt_config_get_boolean (self->config, "discovery.enable_dht"))
    return;
  self->dht = ccbt_dht_host_new (self->udp, self->peers.clock, &options, dht_ready_cb, self);
  self->next_dht_save = ccbt_clock_now (self->peers.clock) + SAVE_EVERY;
  self->environment.dht_port = ccbt_udp_mux_get_port (self->udp);
  self->environment.found_node = found_node_cb;
  self->peers.has_dht = TRUE;
}

static void
found_locally_cb (gpointer session, const CcbtSha1 *info_hash, const CcbtAddress *peer)
{
  found_cb (session, info_hash, CCBT_DISCOVERY_LOCAL, peer, 1);
}

static void
start_lsd (CcbtSession *self)
{
  static const CcbtLsdOwner owner = { .found = found_locally_cb };
  g_autoptr (GError) error = NULL;

  if (!ccbt_config_get_boolean (self->config, "discovery.enable_lsd"))
    return;
  self->lsd = ccbt_lsd_new (self->peers.reactor, &self->sockets, self->peers.clock,
                            self->environment.port, &owner, self, &error);
  if (self->lsd == NULL)
    g_debug ("no local discovery: %s", error->message);
}

static void
set_up_trackers (CcbtSession *self)
{
  CcbtConfig *config = self->config;
  CcbtTrackerOptions *options = &self->environment.tracker_options;

  self->environment.tracker_shared = ccbt_tracker_shared_new (
      self->environment.http, self->environment.udp_trackers, self->peers.clock);
  options->announce_to_all_tiers
      = ccbt_config_get_boolean (config, "discovery.announce_to_all_tiers");
  options->announce_to_all_trackers
      = ccbt_config_get_boolean (config, "discovery.announce_to_all_trackers");
  self->environment.no_http_trackers
      = !ccbt_config_get_boolean (config, "discovery.enable_http_trackers");
  if (ccbt_config_get_boolean (config, "discovery.tracker_auto_scrape"))
    options->scrape_interval
        = (guint) ccbt_config_get_integer (config, "discovery.tracker_scrape_interval");
}

void
ccbt_session_start_discovery (CcbtSession *self)
{
  static const CcbtDiscoveryOwner questions = { .found = found_cb, .get_need = get_need_cb };

  open_udp (self);
  set_up_trackers (self);
  start_dht (self);
  start_lsd (self);
  self->discovery = ccbt_discovery_new (self->dht, self->lsd, self->peers.clock,
                                        self->environment.port, &questions, self);
}

/* --- Going on --- */

/* Each change of a torrent comes by here, that of a magnet link into a private torrent too. */
void
ccbt_session_update_discovery (CcbtSession *self, CcbtTorrent *torrent)
{
  CcbtSha1 wire = ccbt_info_hash_get_wire (ccbt_torrent_get_info_hash (torrent));

  if (self->discovery == NULL)
    return;
  if (ccbt_torrent_may_be_looked_up (torrent)
      && g_hash_table_lookup (self->by_hash, &wire) == torrent)
    ccbt_discovery_add (self->discovery, &wire);
  else
    ccbt_discovery_remove (self->discovery, &wire);
}

void
ccbt_session_use_nodes (CcbtSession *self, CcbtTorrent *torrent)
{
  CcbtMetainfo *metainfo = ccbt_torrent_get_metainfo (torrent);
  const char *const *nodes;

  if (self->dht == NULL || metainfo == NULL || ccbt_metainfo_is_private (metainfo))
    return;
  nodes = ccbt_metainfo_get_nodes (metainfo);
  for (guint i = 0; nodes[i] != NULL; i++)
    ccbt_dht_host_try_host (self->dht, nodes[i]);
}

/* The user, or a changed network, asks for peers. */
void
ccbt_session_look_up_now (CcbtSession *self, CcbtTorrent *torrent)
{
  CcbtSha1 wire = ccbt_info_hash_get_wire (ccbt_torrent_get_info_hash (torrent));

  if (self->discovery != NULL)
    ccbt_discovery_hurry (self->discovery, &wire);
}

static void
save_dht (CcbtSession *self)
{
  g_autoptr (GBytes) bytes = ccbt_dht_host_save (self->dht);

  ccbt_state_store_put_value (self->store, SAVED_DHT, bytes);
  self->next_dht_save = ccbt_clock_now (self->peers.clock) + SAVE_EVERY;
}

void
ccbt_session_tick_discovery (CcbtSession *self, gint64 now)
{
  if (self->udp_trackers != NULL)
    ccbt_udp_tracker_tick (self->udp_trackers);
  ccbt_tracker_shared_tick (self->environment.tracker_shared);
  if (self->discovery != NULL)
    ccbt_discovery_tick (self->discovery);
  if (self->dht != NULL && now >= self->next_dht_save)
    save_dht (self);
}

/* Torrents may not be asked any more. Trackers are still told "stopped". */
void
ccbt_session_stop_discovery (CcbtSession *self)
{
  ccbt_mutable_links_stop (self);
  if (self->dht != NULL)
    save_dht (self);
  g_clear_pointer (&self->discovery, ccbt_discovery_free);
  g_clear_pointer (&self->dht, ccbt_dht_host_free);
  g_clear_pointer (&self->lsd, ccbt_lsd_free);
}

void
ccbt_session_close_udp (CcbtSession *self)
{
  g_clear_pointer (&self->environment.tracker_shared, ccbt_tracker_shared_free);
  g_clear_pointer (&self->udp_trackers, ccbt_udp_tracker_free);
  g_clear_pointer (&self->udp, ccbt_udp_mux_free);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-session-private.h"

#include <sys/resource.h>

#define DISK_QUEUE_LIMIT (16u * 1024 * 1024)
/* Descriptors for files, the database, libraries; the rest may be connections (threats C26, C27).
 */
#define RESERVED_DESCRIPTORS 160u

static guint
limit_connections (guint configured)
{
  struct rlimit limit;
  guint room;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return configured;
  if (limit.rlim_cur < limit.rlim_max)
    {
      limit.rlim_cur = MIN (limit.rlim_max, 65536);
      setrlimit (RLIMIT_NOFILE, &limit);
      getrlimit (RLIMIT_NOFILE, &limit);
    }
  room = limit.rlim_cur > 4 * RESERVED_DESCRIPTORS
             ? (guint) limit.rlim_cur - 2 * RESERVED_DESCRIPTORS
             : (guint) limit.rlim_cur / 3;
  return MIN (configured, room);
}

static void
make_peer_id (guint8 peer_id[20])
{
  static const char symbols[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

  ccbt_random_fill (peer_id, 20);
  for (guint i = 8; i < 20; i++)
    peer_id[i] = (guint8) symbols[peer_id[i] % (sizeof symbols - 1)];
  memcpy (peer_id, "-cB0100-", 8);
}

gboolean
ccbt_session_set_up_binding (CcbtSession *self, const CcbtEngineOptions *options, GError **error)
{
  const char *text = options->bind_address != NULL
                         ? options->bind_address
                         : ccbt_config_get_string (self->config, "network.bind_address");

  if (text == NULL || *text == '\0')
    return TRUE;
  self->sockets.is_bound = TRUE;
  if (ccbt_address_parse_ip (text, 0, &self->sockets.address))
    return TRUE;
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "“%s” is no IP address to bind to.", text);
  return FALSE;
}

void
ccbt_session_set_up_peers (CcbtSession *self)
{
  CcbtConfig *config = self->config;
  CcbtPeerEnvironment *peers = &self->peers;

  peers->reactor = ccbt_reactor_new (g_main_context_get_thread_default ());
  peers->disk = ccbt_disk_pool_new ((guint) ccbt_config_get_integer (config, "disk.threads"));
  peers->extents = ccbt_extent_pool_new ();
  peers->table = ccbt_peer_table_new ();
  peers->scatter = ccbt_scatter_new ();
  peers->stalled = g_array_new (FALSE, FALSE, sizeof (CcbtStalledPeer));
  peers->disk_queue_limit = DISK_QUEUE_LIMIT;
  peers->stall_noted = ccbt_session_note_stall;
  peers->session = self;
  make_peer_id (peers->peer_id);
}

static CcbtPickMode
get_pick_mode (CcbtConfig *config)
{
  const char *name = ccbt_config_get_string (config, "strategy.piece_selection");

  if (g_str_equal (name, "sequential"))
    return CCBT_PICK_SEQUENTIAL;
  return g_str_equal (name, "round_robin") ? CCBT_PICK_ROUND_ROBIN : CCBT_PICK_RAREST_FIRST;
}

static CcbtAllocation
get_allocation (CcbtConfig *config)
{
  const char *name = ccbt_config_get_string (config, "disk.preallocation");

  if (g_str_equal (name, "full"))
    return CCBT_ALLOCATION_FULL;
  return g_str_equal (name, "none") ? CCBT_ALLOCATION_NONE : CCBT_ALLOCATION_SPARSE;
}

void
ccbt_session_read_settings (CcbtSession *self)
{
  CcbtConfig *config = self->config;
  CcbtPeerEnvironment *peers = &self->peers;
  CcbtTorrentEnvironment *environment = &self->environment;

  peers->request_limit = (guint) ccbt_config_get_integer (config, "network.max_request_queue");
  peers->request_cushion = ccbt_config_get_number (config, "network.request_queue_seconds");
  peers->handshake_timeout
      = ccbt_config_get_integer (config, "network.handshake_timeout") * CCBT_SECOND;
  peers->peer_timeout = ccbt_config_get_integer (config, "network.peer_timeout") * CCBT_SECOND;
  environment->max_connections
      = limit_connections ((guint) ccbt_config_get_integer (config, "network.max_connections"));
  environment->max_connections_per_torrent
      = (guint) ccbt_config_get_integer (config, "network.max_connections_per_torrent");
  environment->max_connections_per_torrent
      = MIN (environment->max_connections_per_torrent, environment->max_connections);
  environment->max_half_open = (guint) ccbt_config_get_integer (config, "network.max_half_open");
  environment->connections_per_address
      = (guint) ccbt_config_get_integer (config, "network.connections_per_address");
  environment->memory_budget
      = (gsize) ccbt_config_get_integer (config, "limits.memory_budget") * 1024 * 1024;
  environment->tracker_timeout
      = (guint) ccbt_config_get_integer (config, "discovery.tracker_timeout");
  environment->use_pex = ccbt_config_get_boolean (config, "discovery.enable_pex");
  environment->number_wanted = (gint) ccbt_config_get_integer (config, "discovery.number_wanted");
  environment->allocation = get_allocation (config);
  environment->pick_mode = get_pick_mode (config);
}

void
ccbt_session_set_up_environment (CcbtSession *self)
{
  CcbtTorrentEnvironment *environment = &self->environment;

  environment->peers = &self->peers;
  environment->sockets = &self->sockets;
  environment->http = ccbt_http_new (self->sockets.is_bound ? &self->sockets.address : NULL);
  environment->events = self->events;
  environment->clock = self->peers.clock;
  ccbt_random_fill ((guint8 *) &environment->tracker_key, sizeof environment->tracker_key);
  ccbt_session_read_settings (self);
  environment->check_turns
      = ccbt_check_turns_new (ccbt_torrent_begin_check_turn, ccbt_session_compare_turns);
  environment->parts_dir = ccbt_state_store_get_parts_dir (self->store);
  environment->session = self;
  environment->changed = ccbt_session_note_changed;
  environment->wake = ccbt_session_wake;
  environment->publish = ccbt_session_publish_now;
  environment->save = ccbt_session_store_torrent;
  environment->save_durable = ccbt_session_store_durable;
  environment->choke_soon = ccbt_session_choke_soon;
  environment->record_move = ccbt_session_record_move;
  environment->move_ended = ccbt_session_move_ended;
  environment->mark_shared = ccbt_session_mark_shared;
  environment->may_connect = ccbt_session_may_connect;
}

char *
ccbt_session_find_download_dir (CcbtConfig *config)
{
  const char *configured = ccbt_config_get_string (config, "disk.download_dir");
  const char *usual = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);

  if (configured != NULL && *configured != '\0')
    return g_canonicalize_filename (configured, NULL);
  return usual != NULL ? g_strdup (usual) : g_build_filename (g_get_home_dir (), "Downloads", NULL);
}

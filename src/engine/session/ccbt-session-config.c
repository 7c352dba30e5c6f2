/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-session-private.h"

/* Settings that change while the session runs: what has read one gets the new value at once. */

static void
apply_rates (CcbtSession *self, const char *key)
{
  const struct
  {
    const char *key;
    guint64 *rate;
  } rates[] = {
    { "limits.download_rate", &self->usual.download },
    { "limits.upload_rate", &self->usual.upload },
    { "limits.alternative_download_rate", &self->alternative.download },
    { "limits.alternative_upload_rate", &self->alternative.upload },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
    if (g_str_equal (rates[i].key, key))
      *rates[i].rate = (guint64) ccbt_config_get_integer (self->config, key);
  ccbt_session_set_limits (self, self->usual.download, self->usual.upload);
}

static void
apply_schedule (CcbtSession *self, const char *key)
{
  CcbtLimitSchedule *schedule
      = ccbt_limit_schedule_parse (ccbt_config_get_string (self->config, key), NULL);

  if (schedule == NULL)
    return; /* no value gets this far that is none */
  ccbt_limit_schedule_free (self->schedule);
  self->schedule = schedule;
  self->next_schedule = 0;
}

static void
apply_slots (CcbtSession *self, const char *key)
{
  ccbt_session_choke_soon (self);
}

static void
apply_peer_limits (CcbtSession *self, const char *key)
{
  ccbt_session_read_peer_limits (self);
}

/* Read where it is needed, each time. */
static void
apply_nothing (CcbtSession *self, const char *key)
{
}

/* Connections that are too many now are closed. */
static void
apply_shared (CcbtSession *self, const char *key)
{
  ccbt_session_read_settings (self);
  for (guint i = 0; i < self->torrents->len; i++)
    ccbt_torrent_apply_limits (g_ptr_array_index (self->torrents, i));
}

static void
apply_order (CcbtSession *self, const char *key)
{
  ccbt_session_read_settings (self);
  for (guint i = 0; i < self->torrents->len; i++)
    ccbt_torrent_apply_pick_mode (g_ptr_array_index (self->torrents, i));
}

static void
apply_queue (CcbtSession *self, const char *key)
{
  self->queue_due = TRUE;
}

static void
apply_folder (CcbtSession *self, const char *key)
{
  g_free (self->download_dir);
  self->download_dir = ccbt_session_find_download_dir (self->config);
}

static void
apply_router (CcbtSession *self, const char *key)
{
  const gboolean is_wanted = ccbt_config_get_boolean (self->config, "nat.auto_map_ports");

  if (is_wanted && self->port_map != NULL)
    ccbt_session_restart_router (self);
  else if (is_wanted)
    ccbt_session_start_router (self);
  else
    ccbt_session_give_up_router (self);
}

static const struct
{
  const char *name; /* of a key; of a section when it ends in a dot */
  void (*apply) (CcbtSession *self, const char *key);
} readers[] = {
  { "network.max_connections", apply_shared },
  { "network.max_connections_per_torrent", apply_shared },
  { "network.max_half_open", apply_shared },
  { "network.connections_per_address", apply_shared },
  { "network.request_queue_seconds", apply_shared },
  { "network.max_request_queue", apply_shared },
  { "network.handshake_timeout", apply_shared },
  { "network.peer_timeout", apply_shared },
  { "limits.download_rate", apply_rates },
  { "limits.upload_rate", apply_rates },
  { "limits.alternative_download_rate", apply_rates },
  { "limits.alternative_upload_rate", apply_rates },
  { "limits.alternative_schedule", apply_schedule },
  { "limits.upload_slots", apply_slots },
  { "limits.per_peer_down", apply_peer_limits },
  { "limits.per_peer_up", apply_peer_limits },
  { "limits.lan_exempt", apply_peer_limits },
  { "limits.memory_budget", apply_shared },
  { "queue.", apply_queue }, /* read at each run of the queue */
  { "disk.preallocation", apply_shared },
  { "disk.min_free_space", apply_nothing },
  { "disk.download_dir", apply_folder },
  { "strategy.piece_selection", apply_order },
  { "discovery.tracker_timeout", apply_shared },
  { "discovery.number_wanted", apply_shared },
  { "discovery.enable_pex", apply_shared },
  { "discovery.magnet_respect_indices", apply_nothing },
  { "nat.", apply_router },
};

static gboolean
covers (const char *name, const char *key)
{
  return g_str_has_suffix (name, ".") ? g_str_has_prefix (key, name) : g_str_equal (key, name);
}

gboolean
ccbt_session_applies_setting (const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    if (covers (readers[i].name, key))
      return TRUE;
  return FALSE;
}

/* A section's reader once, however many of its keys have changed. */
static void
apply (CcbtSession *self, const char *const *keys)
{
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    for (guint j = 0; keys[j] != NULL; j++)
      if (covers (readers[i].name, keys[j]))
        {
          readers[i].apply (self, keys[j]);
          break;
        }
}

static void
changed_cb (gpointer data, const char *const *keys)
{
  CcbtSession *self = data;
  g_autofree char *text = g_strjoinv (", ", (char **) keys);
  g_autoptr (GPtrArray) restart = g_ptr_array_new ();

  if (self->closed == NULL)
    apply (self, keys);
  for (guint i = 0; keys[i] != NULL; i++)
    if (ccbt_config_lookup_key (keys[i])->needs_restart)
      g_ptr_array_add (restart, (gpointer) keys[i]);
  g_ptr_array_add (restart, NULL);
  g_message ("Settings have changed: %s%s", text,
             restart->len > 1 ? "; some of them count after a restart" : "");
  ccbt_event_ring_post (self->events, CCBT_EVENT_CONFIG_CHANGED, 0,
                        ccbt_clock_wall (self->peers.clock),
                        g_variant_new_parsed ("{'text': <%s>, 'keys': <%^as>, 'restart': <%^as>}",
                                              text, keys, restart->pdata));
}

static void
invalid_cb (gpointer data, const char *text)
{
  CcbtSession *self = data;

  g_message ("The settings stay as they were: %s", text);
  ccbt_event_ring_post (self->events, CCBT_EVENT_CONFIG_INVALID, 0,
                        ccbt_clock_wall (self->peers.clock),
                        g_variant_new_parsed ("{'text': <%s>}", text));
}

void
ccbt_session_start_settings (CcbtSession *self)
{
  static const CcbtConfigLiveOwner owner = { .changed = changed_cb, .invalid = invalid_cb };

  self->settings = ccbt_config_live_new (self->config, &owner, self);
}

CcbtConfig *
ccbt_session_get_config (CcbtSession *self)
{
  return self->config;
}

CcbtConfigLive *
ccbt_session_get_settings (CcbtSession *self)
{
  return self->settings;
}

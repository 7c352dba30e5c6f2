/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-create.h"
#include "session/ccbt-session-private.h"

#define TICK_MS 250
#define SHORTEST_REST (CCBT_SECOND)
#define KEPT_EXTENTS (4u * 1024 * 1024)

GSource *
ccbt_session_start_timer (guint interval_ms, GSourceFunc func, gpointer data)
{
  GSource *source = g_timeout_source_new (interval_ms);

  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

void
ccbt_session_stop_timer (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* --- The tick --- */

void
ccbt_session_wake (gpointer session, CcbtTorrent *torrent)
{
  CcbtSession *self = session;

  if (ccbt_roster_wake (self->roster, torrent))
    ccbt_torrent_note_woken (torrent, ccbt_clock_now (self->peers.clock));
}

static void
wake_due (CcbtSession *self, gint64 now)
{
  CcbtTorrent *torrent;

  while ((torrent = ccbt_roster_wake_due (self->roster, now)) != NULL)
    ccbt_torrent_note_woken (torrent, now);
}

/* From the last to the first, since each may go: to rest, or for good. */
static void
tick_torrents (CcbtSession *self, gint64 now)
{
  wake_due (self, now);
  for (guint i = ccbt_roster_get_n_awake (self->roster); i-- > 0;)
    {
      CcbtTorrent *torrent;
      gint64 next;

      if (i >= ccbt_roster_get_n_awake (self->roster))
        continue;
      torrent = ccbt_roster_get_awake (self->roster, i);
      ccbt_torrent_tick (torrent, now);
      if (i >= ccbt_roster_get_n_awake (self->roster)
          || ccbt_roster_get_awake (self->roster, i) != torrent)
        continue;
      next = ccbt_torrent_get_next_tick (torrent, now);
      if (next > now + SHORTEST_REST)
        ccbt_roster_rest (self->roster, i, next);
    }
}

static gboolean
tick_cb (gpointer data)
{
  CcbtSession *self = data;
  gint64 now = ccbt_clock_now (self->peers.clock);

  ccbt_session_tick_lobby (self, now);
  ccbt_session_tick_network (self, now);
  ccbt_session_tick_discovery (self, now);
  tick_torrents (self, now);
  for (guint i = self->leaving->len; i-- > 0;)
    if (i < self->leaving->len)
      ccbt_torrent_tick (g_ptr_array_index (self->leaving, i), now);
  ccbt_session_tick_queue (self, now);
  ccbt_session_tick_space (self, now);
  ccbt_session_tick_limits (self, now);
  ccbt_session_tick_statistics (self, now);
  ccbt_session_tick_store (self);
  if (now >= self->next_choke && self->closed == NULL)
    ccbt_session_run_choker (self);
  ccbt_extent_pool_trim (self->peers.extents, KEPT_EXTENTS);
  ccbt_session_publish (self);
  return G_SOURCE_CONTINUE;
}

CcbtSession *
ccbt_session_new (const CcbtEngineOptions *options, CcbtConfig *config,
                  CcbtSnapshotStore *snapshots, CcbtEventRing *events, GError **error)
{
  CcbtSession *self = g_new0 (CcbtSession, 1);
  g_autofree char *usual_dir = g_build_filename (g_get_user_state_dir (), "ccbt", NULL);
  guint64 seed;

  self->config = config;
  self->snapshots = snapshots;
  self->events = events;
  self->is_ephemeral = options->is_ephemeral;
  self->next_id = 1;
  self->peers.clock = options->clock != NULL ? options->clock : ccbt_clock_get_system ();
  if (!ccbt_session_set_up_binding (self, options, error)
      || !ccbt_session_check_router (self, error)
      || (self->store = ccbt_state_store_open (
              options->state_dir != NULL ? options->state_dir : usual_dir, error))
             == NULL)
    {
      g_free (self);
      return NULL;
    }
  self->download_dir = ccbt_session_find_download_dir (config);
  self->lobby = g_ptr_array_new ();
  self->torrents = g_ptr_array_new_with_free_func (g_object_unref);
  self->roster = ccbt_roster_new ();
  self->leaving = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_hash = g_hash_table_new_full (ccbt_sha1_hash, ccbt_sha1_equal, g_free, NULL);
  self->stored = g_hash_table_new_full (ccbt_sha1_hash, ccbt_sha1_equal, g_free,
                                        (GDestroyNotify) ccbt_torrent_record_unref);
  self->changed = g_hash_table_new (NULL, NULL);
  self->watched = g_hash_table_new (NULL, NULL);
  ccbt_random_fill ((guint8 *) &seed, sizeof seed);
  ccbt_choker_init (&self->choker, seed);
  ccbt_session_set_up_peers (self);
  ccbt_session_set_up_environment (self);
  ccbt_session_start_limits (self);
  ccbt_session_start_statistics (self);
  ccbt_session_set_conditions (self, NULL);
  if (!ccbt_session_start_listening (self, options, error))
    {
      ccbt_session_free (self);
      return NULL;
    }
  ccbt_session_start_discovery (self);
  ccbt_session_start_network (self);
  ccbt_session_load (self);
  ccbt_session_start_settings (self);
  self->watch_folders = ccbt_watch_folders_new (self, self->store);
  self->tick = ccbt_session_start_timer (TICK_MS, tick_cb, self);
  ccbt_session_publish_now (self);
  return self;
}

void
ccbt_session_part_closed (gpointer data)
{
  CcbtSession *self = data;

  if (--self->n_closing == 0)
    self->closed (self->closed_data);
}

void
ccbt_session_close (CcbtSession *self, void (*done) (gpointer data), gpointer data)
{
  self->closed = done;
  self->closed_data = data;
  g_clear_pointer (&self->watch_folders, ccbt_watch_folders_free);
  ccbt_session_stop_starting (self);
  ccbt_session_cancel_creations (self);
  ccbt_check_turns_stop (self->environment.check_turns);
  ccbt_session_stop_timer (&self->choke_timer);
  g_clear_pointer (&self->listener, ccbt_listener_free);
  while (self->lobby->len > 0)
    ccbt_peer_close (g_ptr_array_index (self->lobby, self->lobby->len - 1), NULL);
  ccbt_session_stop_network (self);
  ccbt_session_stop_discovery (self);
  self->n_closing = self->torrents->len + self->leaving->len + 2;
  for (guint i = 0; i < self->torrents->len; i++)
    {
      CcbtTorrent *torrent = g_ptr_array_index (self->torrents, i);

      ccbt_session_store_torrent (self, torrent,
                                  TRUE); /* with the peers it has, to be dialled first next time */
      ccbt_torrent_close (torrent, FALSE, ccbt_session_part_closed, self);
    }
  ccbt_session_stop_router (self, ccbt_session_part_closed, self);
  ccbt_session_part_closed (self);
}

void
ccbt_session_free (CcbtSession *self)
{
  ccbt_session_stop_timer (&self->tick);
  ccbt_session_stop_starting (self);
  ccbt_session_stop_timer (&self->choke_timer);
  ccbt_session_stop_timer (&self->wake_timer);
  ccbt_session_stop_timer (&self->publish_rest);
  g_clear_pointer (&self->watch_folders, ccbt_watch_folders_free);
  g_clear_pointer (&self->settings, ccbt_config_live_free);
  g_clear_pointer (&self->listener, ccbt_listener_free);
  ccbt_disk_pool_free (self->peers.disk); /* its last jobs still find their torrents */
  g_clear_pointer (&self->creations, g_ptr_array_unref);
  ccbt_session_free_router (self);
  ccbt_session_stop_network (self);
  ccbt_session_stop_discovery (self);
  ccbt_roster_free (self->roster);
  g_clear_object (&self->power);
  g_ptr_array_unref (self->torrents);
  g_ptr_array_unref (self->leaving);
  ccbt_check_turns_free (self->environment.check_turns);
  ccbt_session_close_udp (self);
  g_ptr_array_unref (self->lobby);
  g_hash_table_unref (self->by_hash);
  g_hash_table_unref (self->stored);
  g_hash_table_unref (self->changed);
  g_hash_table_unref (self->watched);
  ccbt_http_free (self->environment.http);
  if (self->history != NULL)
    ccbt_session_stop_statistics (self);
  g_clear_pointer (&self->history, ccbt_rate_history_free);
  ccbt_state_store_close (self->store);
  ccbt_reactor_free (self->peers.reactor);
  ccbt_extent_pool_free (self->peers.extents);
  ccbt_peer_table_free (self->peers.table);
  ccbt_scatter_free (self->peers.scatter);
  g_array_unref (self->peers.stalled);
  g_clear_pointer (&self->schedule, ccbt_limit_schedule_free);
  g_free (self->download_dir);
  g_free (self);
}

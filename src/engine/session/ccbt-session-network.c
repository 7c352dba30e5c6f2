/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-session-private.h"

/* A change comes in many small steps: a link, then an address, then a route. */
#define SETTLING_MS 2000
#define LOOK_EVERY (10 * CCBT_SECOND)
/* An address that comes and goes must not flood trackers. */
#define MOVE_AT_MOST_EVERY (15 * CCBT_SECOND)

/* --- The network --- */

/* Returns: whether we stand somewhere else now; to have lost an address is not to have another */
static gboolean
look_at_sources (CcbtSession *self, gint64 now)
{
  gboolean has_moved = FALSE;

  for (guint i = 0; i < 2; i++)
    {
      gboolean had_source = self->families[i].has_source;
      CcbtAddress before = self->families[i].source;

      self->families[i].has_source
          = ccbt_socket_factory_get_source (&self->sockets, i == 1, &self->families[i].source);
      has_moved |= self->families[i].has_source
                   && (!had_source || !ccbt_address_same_ip (&before, &self->families[i].source));
    }
  self->next_source_check = now + LOOK_EVERY;
  return has_moved;
}

/* Whoever knows our address, or the port at it, is told another one. */
static void
tell_move (CcbtSession *self, gint64 now)
{
  self->has_moved = FALSE;
  self->next_move = now + MOVE_AT_MOST_EVERY;
  ccbt_http_forget_connections (self->environment.http);
  if (self->udp_trackers != NULL)
    ccbt_udp_tracker_note_moved (self->udp_trackers);
  ccbt_announce_queue_hold (self->environment.tracker_shared->queue, TRUE);
  for (guint i = 0; i < self->torrents->len; i++)
    ccbt_torrent_note_moved (g_ptr_array_index (self->torrents, i));
  ccbt_announce_queue_hold (self->environment.tracker_shared->queue, FALSE);
  if (self->discovery != NULL)
    ccbt_discovery_note_moved (self->discovery);
}

void
ccbt_session_note_moved (CcbtSession *self)
{
  gint64 now = ccbt_clock_now (self->peers.clock);

  self->has_moved = TRUE;
  if (now >= self->next_move && self->closed == NULL)
    tell_move (self, now);
}

static gboolean
settled_cb (gpointer data)
{
  CcbtSession *self = data;
  gint64 now = ccbt_clock_now (self->peers.clock);

  ccbt_session_stop_timer (&self->network_changed);
  if (look_at_sources (self, now))
    ccbt_session_note_moved (self);
  self->queue_due = TRUE; /* this one may be metered */
  ccbt_session_restart_router (self);
  if (self->dht != NULL)
    ccbt_dht_host_note_network_changed (self->dht);
  if (self->lsd != NULL)
    ccbt_lsd_note_network_changed (self->lsd);
  for (guint i = 0; i < self->torrents->len; i++)
    {
      CcbtTorrent *torrent = g_ptr_array_index (self->torrents, i);

      if (!ccbt_torrent_is_paused (torrent))
        {
          ccbt_torrent_announce (torrent);
          ccbt_session_look_up_now (self, torrent);
        }
    }
  return G_SOURCE_REMOVE;
}

static void
settle (CcbtSession *self)
{
  if (self->network_changed == NULL)
    self->network_changed = ccbt_session_start_timer (SETTLING_MS, settled_cb, self);
}

/* The monitor is one for the whole program and speaks on the thread that asked for it first, which
 * may be the window's: what it says is carried over to ours. */
struct _CcbtNetworkWatch
{
  gatomicrefcount references;
  GMainContext *context;
  CcbtSession *session; /* engine thread only; NULL at the end */
  GNetworkMonitor *monitor;
  gulong handler;
};

static void
watch_unref (gpointer data)
{
  CcbtNetworkWatch *watch = data;

  if (!g_atomic_ref_count_dec (&watch->references))
    return;
  g_main_context_unref (watch->context);
  g_object_unref (watch->monitor);
  g_free (watch);
}

static gboolean
changed_here_cb (gpointer data)
{
  CcbtSession *self = ((CcbtNetworkWatch *) data)->session;

  if (self != NULL)
    settle (self);
  return G_SOURCE_REMOVE;
}

static void
network_changed_cb (GNetworkMonitor *monitor, gboolean is_available, gpointer data)
{
  CcbtNetworkWatch *watch = data;
  g_autoptr (GSource) source = g_idle_source_new ();

  g_atomic_ref_count_inc (&watch->references);
  g_source_set_callback (source, changed_here_cb, watch, watch_unref);
  g_source_attach (source, watch->context);
}

static void
closure_gone_cb (gpointer data, GClosure *closure)
{
  watch_unref (data);
}

static CcbtNetworkWatch *
watch_network (CcbtSession *self)
{
  CcbtNetworkWatch *watch = g_new0 (CcbtNetworkWatch, 1);

  g_atomic_ref_count_init (&watch->references);
  watch->context = g_main_context_ref_thread_default ();
  watch->session = self;
  watch->monitor = g_object_ref (g_network_monitor_get_default ());
  g_atomic_ref_count_inc (&watch->references);
  watch->handler
      = g_signal_connect_data (watch->monitor, "network-changed", G_CALLBACK (network_changed_cb),
                               watch, closure_gone_cb, 0);
  return watch;
}

void
ccbt_session_start_network (CcbtSession *self)
{
  gint64 now = ccbt_clock_now (self->peers.clock);

  self->listening_since = now;
  look_at_sources (self, now);
  ccbt_session_start_router (self);
  self->network_watch = watch_network (self);
}

void
ccbt_session_stop_network (CcbtSession *self)
{
  ccbt_session_stop_timer (&self->network_changed);
  if (self->network_watch == NULL)
    return;
  self->network_watch->session = NULL;
  g_signal_handler_disconnect (self->network_watch->monitor, self->network_watch->handler);
  g_clear_pointer (&self->network_watch, watch_unref);
}

/* Not every change is told by the monitor. */
void
ccbt_session_tick_network (CcbtSession *self, gint64 now)
{
  if (self->closed != NULL)
    return;
  if (now >= self->next_source_check && look_at_sources (self, now))
    {
      self->has_moved = TRUE;
      settle (self);
    }
  if (self->has_moved && self->network_changed == NULL && now >= self->next_move)
    tell_move (self, now);
}

/* --- How we stand --- */

void
ccbt_session_note_incoming (CcbtSession *self, const CcbtAddress *from)
{
  if (ccbt_address_get_scope (from) != CCBT_ADDRESS_GLOBAL)
    return; /* from this machine or house: says nothing of the world */
  self->families[from->is_ipv6].n_incoming++;
  self->families[from->is_ipv6].last_incoming = ccbt_clock_wall (self->peers.clock);
}

static void
copy_ip (char out[CCBT_IP_TEXT_SIZE], const CcbtAddress *address)
{
  g_autofree char *text = ccbt_address_ip_to_string (address);

  g_strlcpy (out, text, CCBT_IP_TEXT_SIZE);
}

static void
describe_dht (CcbtSession *self, CcbtConnectionStatus *out, CcbtReachEvidence evidence[2])
{
  CcbtDhtStatus status;

  if (self->dht == NULL)
    return;
  ccbt_dht_get_status (ccbt_dht_host_get_dht (self->dht), &status);
  out->n_lookups = status.n_lookups;
  for (guint i = 0; i < 2; i++)
    {
      out->families[i].n_nodes = status.n_nodes[i];
      if (!status.has_external[i])
        continue;
      evidence[i].has_external = TRUE;
      evidence[i].external = status.external[i];
    }
}

static void
count_outgoing (CcbtSession *self, CcbtReachEvidence evidence[2])
{
  for (guint i = 0; i < ccbt_roster_get_n_awake (self->roster); i++) /* others have no peers */
    {
      guint by_family[2];

      ccbt_torrent_count_outgoing (ccbt_roster_get_awake (self->roster, i), by_family);
      evidence[0].n_outgoing += by_family[0];
      evidence[1].n_outgoing += by_family[1];
    }
}

void
ccbt_session_describe_connection (CcbtSession *self, CcbtConnectionStatus *out, gint64 now)
{
  CcbtReachEvidence evidence[2] = { 0 };

  out->tcp_port = self->listener != NULL ? self->environment.port : 0;
  out->udp_port = self->udp != NULL ? ccbt_udp_mux_get_port (self->udp) : 0;
  out->has_dht = self->dht != NULL;
  out->has_lsd = self->lsd != NULL;
  describe_dht (self, out, evidence);
  ccbt_session_describe_router (self, out, evidence, now);
  count_outgoing (self, evidence);
  for (guint i = 0; i < 2; i++)
    {
      CcbtFamilyStatus *family = &out->families[i];

      evidence[i].has_source = self->families[i].has_source;
      evidence[i].source = self->families[i].source;
      evidence[i].n_incoming = family->n_incoming = self->families[i].n_incoming;
      evidence[i].listening_for = now - self->listening_since;
      family->last_incoming = self->families[i].last_incoming;
      family->reach = ccbt_reachability_judge (&evidence[i]);
      if (evidence[i].has_source)
        copy_ip (family->local, &evidence[i].source);
      if (evidence[i].has_external)
        copy_ip (family->external, &evidence[i].external);
    }
}

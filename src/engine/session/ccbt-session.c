/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-session.h"
#include "base/ccbt-text.h"
#include "net/ccbt-listener.h"

#include <sys/resource.h>

#define TICK_MS 250
#define CHOKE_EVERY (10 * CCBT_SECOND)
#define CHOKE_SOON_MS 100  /* between rounds that something asked for */
#define WAKE_STALLED_MS 10
#define DISK_QUEUE_LIMIT (16u * 1024 * 1024)
#define KEPT_EXTENTS (4u * 1024 * 1024)
/* Descriptors for files, the database, libraries; the rest may be connections (threats C26, C27). */
#define RESERVED_DESCRIPTORS 160u
#define PORTS_TRIED 10u

struct _CcbtSession
{
  CcbtConfig *config;
  CcbtSnapshotStore *snapshots;
  CcbtEventRing *events;
  CcbtStateStore *store;
  gboolean is_ephemeral;
  char *download_dir;

  CcbtPeerEnvironment peers;
  CcbtTorrentEnvironment environment;
  CcbtSocketFactory sockets;
  CcbtListener *listener;
  GPtrArray *lobby; /* CcbtPeer: incoming, not identified yet */

  GPtrArray *torrents;  /* CcbtTorrent, in the order added */
  GHashTable *by_hash;  /* wire hash (20 bytes) -> CcbtTorrent, borrowed */
  GHashTable *stored;   /* wire hash -> CcbtTorrentRecord: ephemeral sessions take them up when added */
  GHashTable *changed;  /* CcbtTorrent: to be published at the next tick */
  GHashTable *watched;  /* CcbtTorrent -> subscriptions */
  CcbtTorrentId next_id;

  CcbtChoker choker;
  GSource *tick;
  GSource *choke_timer;
  GSource *wake_timer;
  gint64 next_choke;
  gint64 last_choke;
  gint64 next_details;
  CcbtRateMeter down, up;
  guint64 counted_down, counted_up;
  CcbtHistogram turns;

  void (*closed) (gpointer data);
  gpointer closed_data;
  guint n_closing;
};

static guint
hash_wire (gconstpointer key)
{
  return ccbt_random_keyed_hash (key, sizeof (CcbtSha1));
}

static gboolean
equal_wire (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (CcbtSha1)) == 0;
}

static GSource *
start_timer (guint interval_ms, GSourceFunc func, gpointer data)
{
  GSource *source = g_timeout_source_new (interval_ms);

  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static void
stop_timer (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* --- What torrents ask --- */

static void
changed_cb (gpointer session, CcbtTorrent *torrent)
{
  g_hash_table_add (((CcbtSession *) session)->changed, torrent);
}

static CcbtTorrentRecord *
make_record (CcbtSession *self, CcbtTorrent *torrent, gboolean progress_only)
{
  CcbtTorrentRecord *record = ccbt_torrent_record_new ();
  CcbtMetainfo *metainfo = ccbt_torrent_get_metainfo (torrent);
  CcbtTorrentProgress progress;

  ccbt_torrent_get_progress (torrent, &progress);
  record->info_hash = *ccbt_torrent_get_info_hash (torrent);
  record->folder = g_strdup (ccbt_torrent_get_folder (torrent));
  record->magnet = g_strdup (progress.magnet);
  record->is_paused = progress.is_paused;
  record->is_sequential = progress.is_sequential;
  record->seeds = progress.seeds;
  record->added_at = progress.added_at;
  record->completed_at = progress.completed_at;
  record->downloaded = progress.downloaded;
  record->uploaded = progress.uploaded;
  record->wasted = progress.wasted;
  record->priorities = progress.priorities;
  record->verified = progress.verified;
  record->durable = progress.durable;
  record->stamps = progress.stamps;
  record->peers = progress.peers;
  record->boot_id = g_strdup (ccbt_state_store_get_boot_id ());
  if (!progress_only)
    {
      if (metainfo != NULL)
        record->metainfo = ccbt_metainfo_build (ccbt_metainfo_get_info (metainfo), NULL);
      record->trackers = ccbt_torrent_describe_trackers (torrent);
    }
  return record;
}

static void
save_cb (gpointer session, CcbtTorrent *torrent, gboolean progress_only)
{
  CcbtSession *self = session;
  CcbtSha1 wire = ccbt_info_hash_get_wire (ccbt_torrent_get_info_hash (torrent));
  g_autoptr (CcbtTorrentRecord) record = NULL;

  /* Not one of ours (yet): nothing may bring a removed torrent back. */
  if (g_hash_table_lookup (self->by_hash, &wire) != torrent)
    return;
  record = make_record (self, torrent, progress_only);
  if (progress_only)
    ccbt_state_store_put_progress (self->store, record);
  else
    ccbt_state_store_put (self->store, record);
}

void
ccbt_session_save (CcbtSession *self, CcbtTorrent *torrent)
{
  save_cb (self, torrent, FALSE);
}

static gboolean
may_connect_cb (gpointer session, const CcbtAddress *address)
{
  CcbtSession *self = session;

  if (ccbt_peer_table_get_n (self->peers.table) >= self->environment.max_connections)
    return FALSE;
  return ccbt_address_get_scope (address) == CCBT_ADDRESS_LOOPBACK
         || ccbt_peer_table_count_ip (self->peers.table, address) < self->environment.connections_per_address;
}

/* --- Choking --- */

static guint
get_upload_slots (CcbtSession *self, const CcbtChokeCandidate *candidates, guint n)
{
  guint configured = (guint) ccbt_config_get_integer (self->config, "limits.upload_slots"), wanting = 0;

  if (configured > 0)
    return configured;
  for (guint i = 0; i < n; i++)
    wanting += candidates[i].is_unchoked && candidates[i].is_interested;
  return ccbt_choker_suggest_slots (self->peers.upload.limit, self->up.per_second, wanting);
}

static void
run_choker (CcbtSession *self)
{
  g_autoptr (GArray) array = g_array_new (FALSE, TRUE, sizeof (CcbtChokeCandidate));
  CcbtChokeCandidate *candidates;
  gint64 now = ccbt_clock_now (self->peers.clock);

  for (guint i = 0; i < self->torrents->len; i++)
    ccbt_torrent_list_choke_candidates (g_ptr_array_index (self->torrents, i), array);
  candidates = (CcbtChokeCandidate *) (gpointer) array->data;
  ccbt_choker_run (&self->choker, candidates, array->len, get_upload_slots (self, candidates, array->len), now);
  self->last_choke = now;
  self->next_choke = now + CHOKE_EVERY;
  for (guint i = 0; i < array->len; i++)
    {
      CcbtPeer *peer = ccbt_peer_table_lookup (self->peers.table, candidates[i].peer);

      if (peer == NULL)
        continue;
      peer->is_unchoked_optimistically = candidates[i].is_optimistic;
      ccbt_peer_set_choking (peer, !candidates[i].unchoke);
    }
}

static gboolean
choke_timer_cb (gpointer data)
{
  CcbtSession *self = data;

  stop_timer (&self->choke_timer);
  run_choker (self);
  return G_SOURCE_REMOVE;
}

static void
choke_soon_cb (gpointer session)
{
  CcbtSession *self = session;
  gint64 since = ccbt_clock_now (self->peers.clock) - self->last_choke;

  if (self->choke_timer == NULL && self->closed == NULL)
    self->choke_timer = start_timer (since > CHOKE_SOON_MS * CCBT_MILLISECOND ? 0 : CHOKE_SOON_MS, choke_timer_cb,
                                     self);
}

/* --- Peers that wait for a limit or the disk --- */

static gboolean
wake_timer_cb (gpointer data)
{
  CcbtSession *self = data;

  ccbt_peer_environment_wake_stalled (&self->peers);
  if (self->peers.stalled->len > 0)
    return G_SOURCE_CONTINUE;
  stop_timer (&self->wake_timer);
  return G_SOURCE_REMOVE;
}

static void
stall_noted_cb (gpointer session)
{
  CcbtSession *self = session;

  if (self->wake_timer == NULL)
    self->wake_timer = start_timer (WAKE_STALLED_MS, wake_timer_cb, self);
}

/* --- Incoming connections --- */

static gboolean
lobby_identify (CcbtPeer *peer, const CcbtSha1 *info_hash)
{
  CcbtSession *self = peer->owner;
  CcbtTorrent *torrent = g_hash_table_lookup (self->by_hash, info_hash);

  if (torrent == NULL || !ccbt_torrent_adopt (torrent, peer))
    return FALSE;
  g_ptr_array_remove_fast (self->lobby, peer);
  return TRUE;
}

static void
lobby_closed (CcbtPeer *peer, const GError *reason)
{
  g_ptr_array_remove_fast (((CcbtSession *) peer->owner)->lobby, peer);
}

static const CcbtPeerOwner lobby_owner = { .identify = lobby_identify, .closed = lobby_closed };

static void
accepted_cb (gpointer owner, GSocket *socket, const CcbtAddress *from)
{
  CcbtSession *self = owner;
  CcbtPeer *peer;

  if (!may_connect_cb (self, from))
    {
      g_object_unref (socket);
      return;
    }
  peer = ccbt_peer_new (&self->peers, &lobby_owner, self, ccbt_tcp_transport_new (self->peers.reactor, socket), from,
                        NULL);
  g_ptr_array_add (self->lobby, peer);
}

static void
tick_lobby (CcbtSession *self, gint64 now)
{
  for (guint i = self->lobby->len; i-- > 0;)
    if (i < self->lobby->len)
      ccbt_peer_tick (g_ptr_array_index (self->lobby, i), now);
}

static gboolean
start_listening (CcbtSession *self, const CcbtEngineOptions *options, GError **error)
{
  gboolean is_fixed = options->port > 0;
  guint16 port = (guint16) (options->port >= 0 ? options->port
                                               : ccbt_config_get_integer (self->config, "network.listen_port"));
  g_autoptr (GError) first_error = NULL;

  for (guint i = 0; i < (port == 0 || is_fixed ? 1 : PORTS_TRIED) && self->listener == NULL; i++)
    self->listener = ccbt_listener_new (self->peers.reactor, &self->sockets, (guint16) MIN (port + i, 65535),
                                        accepted_cb, self, first_error == NULL ? &first_error : NULL);
  if (self->listener == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&first_error));
      return FALSE;
    }
  self->environment.port = ccbt_listener_get_port (self->listener);
  ccbt_event_ring_post (self->events, CCBT_EVENT_LISTENING, 0, ccbt_clock_wall (self->peers.clock),
                        g_variant_new_parsed ("{'port': <%u>}", (guint) self->environment.port));
  return TRUE;
}

/* --- The tick --- */

static void
publish_torrents (CcbtSession *self, gboolean with_details)
{
  GHashTableIter iter;
  gpointer torrent;

  for (guint i = 0; i < self->torrents->len; i++) /* rates of what moves change without an event */
    if (ccbt_torrent_get_n_peers (g_ptr_array_index (self->torrents, i)) > 0)
      g_hash_table_add (self->changed, g_ptr_array_index (self->torrents, i));
  g_hash_table_iter_init (&iter, self->changed);
  while (g_hash_table_iter_next (&iter, &torrent, NULL))
    ccbt_snapshot_store_put (self->snapshots, ccbt_torrent_describe (torrent));
  g_hash_table_remove_all (self->changed);
  if (!with_details)
    return;
  g_hash_table_iter_init (&iter, self->watched);
  while (g_hash_table_iter_next (&iter, &torrent, NULL))
    ccbt_snapshot_store_put_details (self->snapshots, ccbt_torrent_describe_details (torrent));
}

static void
publish_session (CcbtSession *self, gint64 now)
{
  CcbtSessionStatus status = { .n_torrents = self->torrents->len,
                               .n_peers = ccbt_peer_table_get_n (self->peers.table),
                               .port = self->environment.port,
                               .engine_dispatch = self->turns,
                               .disk_queue = ccbt_disk_pool_get_queued_bytes (self->peers.disk) };
  guint64 down = 0, up = 0;

  for (guint i = 0; i < self->torrents->len; i++)
    {
      CcbtTorrentTotals totals = ccbt_torrent_get_totals (g_ptr_array_index (self->torrents, i));

      down += totals.downloaded;
      up += totals.uploaded;
    }
  /* A removed torrent takes its totals along: never count backwards. */
  ccbt_rate_meter_add (&self->down, down > self->counted_down ? down - self->counted_down : 0);
  ccbt_rate_meter_add (&self->up, up > self->counted_up ? up - self->counted_up : 0);
  self->counted_down = down;
  self->counted_up = up;
  status.down_rate = ccbt_rate_meter_update (&self->down, now);
  status.up_rate = ccbt_rate_meter_update (&self->up, now);
  status.downloaded = self->down.total;
  status.uploaded = self->up.total;
  ccbt_snapshot_store_put_session (self->snapshots, &status);
}

static void
publish (CcbtSession *self, gint64 now)
{
  gboolean with_details = now >= self->next_details;

  if (with_details)
    self->next_details = now + CCBT_SECOND;
  publish_torrents (self, with_details);
  publish_session (self, now);
  ccbt_snapshot_store_flush (self->snapshots);
}

static gboolean
tick_cb (gpointer data)
{
  CcbtSession *self = data;
  gint64 now = ccbt_clock_now (self->peers.clock);

  tick_lobby (self, now);
  for (guint i = self->torrents->len; i-- > 0;)
    if (i < self->torrents->len)
      ccbt_torrent_tick (g_ptr_array_index (self->torrents, i), now);
  if (now >= self->next_choke && self->closed == NULL)
    run_choker (self);
  ccbt_extent_pool_trim (self->peers.extents, KEPT_EXTENTS);
  publish (self, now);
  return G_SOURCE_CONTINUE;
}

/* --- Torrents --- */

static void
add_stored_trackers (CcbtTorrent *torrent, GBytes *lines)
{
  gsize size;
  const char *text = g_bytes_get_data (lines, &size);
  g_autofree char *copy = text != NULL ? g_strndup (text, size) : g_strdup ("");
  g_auto (GStrv) rows = g_strsplit (copy, "\n", 0);

  for (guint i = 0; rows[i] != NULL; i++)
    {
      char *url = strchr (rows[i], ' ');

      if (url != NULL)
        ccbt_torrent_add_tracker (torrent, url + 1, (guint) g_ascii_strtoull (rows[i], NULL, 10));
    }
}

static void
add_stored_peers (CcbtTorrent *torrent, GBytes *compact)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (compact, &size);
  static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };

  for (gsize i = 0; i + 18 <= size; i += 18)
    {
      CcbtAddress address = memcmp (bytes + i, mapped, sizeof mapped) == 0
                                ? ccbt_address_from_compact (bytes + i + 12, FALSE)
                                : ccbt_address_from_compact (bytes + i, TRUE);

      ccbt_torrent_add_candidates (torrent, &address, 1, CCBT_PEER_SOURCE_RESUME, TRUE);
    }
}

static void
register_torrent (CcbtSession *self, CcbtTorrent *torrent)
{
  CcbtSha1 wire = ccbt_info_hash_get_wire (ccbt_torrent_get_info_hash (torrent));

  g_ptr_array_add (self->torrents, torrent);
  g_hash_table_insert (self->by_hash, g_memdup2 (&wire, sizeof wire), torrent);
  changed_cb (self, torrent);
}

/* Bits of @verified that @durable lacks. */
static GBytes *
subtract_bits (GBytes *verified, GBytes *durable)
{
  gsize size, durable_size = 0;
  const guint8 *from = g_bytes_get_data (verified, &size);
  const guint8 *minus = durable != NULL ? g_bytes_get_data (durable, &durable_size) : NULL;
  guint8 *bits = g_memdup2 (from, size);

  for (gsize i = 0; i < MIN (size, durable_size); i++)
    bits[i] &= (guint8) ~minus[i];
  return g_bytes_new_take (bits, size);
}

/* After a kill the page cache still has what was written; after another boot only what was synced counts. Files that
 * were closed in order, with their stamps, are trusted as long as the stamps fit. */
static void
choose_trusted (const CcbtTorrentRecord *record, CcbtTorrentStart *start, GBytes **doubtful)
{
  gboolean same_boot = g_strcmp0 (record->boot_id, ccbt_state_store_get_boot_id ()) == 0;

  start->stamps = record->stamps;
  if (record->verified == NULL)
    return;
  if (same_boot || record->stamps != NULL)
    start->trusted = record->verified;
  else
    {
      start->trusted = record->durable;
      start->doubtful = *doubtful = subtract_bits (record->verified, record->durable);
    }
}

/* Returns: (transfer full) (nullable) */
static CcbtTorrent *
restore_torrent (CcbtSession *self, const CcbtTorrentRecord *record)
{
  g_autoptr (CcbtMetainfo) metainfo = NULL;
  g_autoptr (GBytes) doubtful = NULL;
  g_autoptr (GError) error = NULL;
  CcbtTorrentStart start = { .info_hash = &record->info_hash,
                             .name = record->name,
                             .folder = record->folder,
                             .magnet = record->magnet,
                             .is_paused = record->is_paused,
                             .is_sequential = record->is_sequential,
                             .seeds = record->seeds,
                             .added_at = record->added_at,
                             .completed_at = record->completed_at,
                             .downloaded = record->downloaded,
                             .uploaded = record->uploaded,
                             .wasted = record->wasted,
                             .priorities = record->priorities };
  CcbtTorrent *torrent;

  if (record->metainfo != NULL)
    {
      metainfo = ccbt_metainfo_parse (record->metainfo, &error);
      if (metainfo == NULL)
        g_warning ("A stored torrent cannot be read: %s", error->message);
    }
  start.metainfo = metainfo;
  choose_trusted (record, &start, &doubtful);
  torrent = ccbt_torrent_new (&self->environment, self->next_id++, &start);
  if (record->trackers != NULL)
    add_stored_trackers (torrent, record->trackers);
  if (record->peers != NULL)
    add_stored_peers (torrent, record->peers);
  register_torrent (self, torrent);
  return torrent;
}

static void
load_torrents (CcbtSession *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = ccbt_state_store_load (self->store, &error);
  const char *warning = ccbt_state_store_get_warning (self->store);

  if (records == NULL)
    warning = error->message;
  if (warning != NULL)
    {
      g_warning ("%s", warning);
      ccbt_event_ring_post (self->events, CCBT_EVENT_STATE_WARNING, 0, ccbt_clock_wall (self->peers.clock),
                            g_variant_new_parsed ("{'text': <%s>}", warning));
    }
  for (guint i = 0; records != NULL && i < records->len; i++)
    {
      CcbtTorrentRecord *record = g_ptr_array_index (records, i);
      CcbtSha1 wire = ccbt_info_hash_get_wire (&record->info_hash);

      if (self->is_ephemeral)
        g_hash_table_insert (self->stored, g_memdup2 (&wire, sizeof wire), ccbt_torrent_record_ref (record));
      else
        restore_torrent (self, record);
    }
  for (guint i = 0; i < self->torrents->len; i++)
    ccbt_torrent_start (g_ptr_array_index (self->torrents, i));
}

CcbtTorrent *
ccbt_session_find (CcbtSession *self, const CcbtInfoHash *info_hash)
{
  CcbtSha1 wire = ccbt_info_hash_get_wire (info_hash);
  CcbtTorrent *torrent = g_hash_table_lookup (self->by_hash, &wire);

  if (torrent == NULL && info_hash->has_v1 && info_hash->has_v2) /* a hybrid may have come in by its v2 hash alone */
    torrent = g_hash_table_lookup (self->by_hash, info_hash->v2.bytes);
  return torrent;
}

CcbtTorrent *
ccbt_session_lookup (CcbtSession *self, const char *info_hash)
{
  CcbtInfoHash parsed;

  return ccbt_info_hash_from_string (info_hash, &parsed) ? ccbt_session_find (self, &parsed) : NULL;
}

GPtrArray *
ccbt_session_get_torrents (CcbtSession *self)
{
  return self->torrents;
}

static void
merge_sources (CcbtTorrent *torrent, const CcbtAddRequest *request)
{
  const char *url;
  guint tier = 0;

  if (ccbt_torrent_get_metainfo (torrent) != NULL && ccbt_metainfo_is_private (ccbt_torrent_get_metainfo (torrent)))
    return;
  for (guint i = 0; request->metainfo != NULL
                    && (url = ccbt_metainfo_get_tracker (request->metainfo, i, &tier)) != NULL;
       i++)
    ccbt_torrent_add_tracker (torrent, url, tier);
  for (guint i = 0; request->magnet != NULL && i < request->magnet->trackers->len; i++)
    ccbt_torrent_add_tracker (torrent, g_ptr_array_index (request->magnet->trackers, i), i);
  if (request->magnet != NULL && request->magnet->peers->len > 0)
    ccbt_torrent_add_candidates (torrent, (const CcbtAddress *) (gpointer) request->magnet->peers->data,
                                 request->magnet->peers->len, CCBT_PEER_SOURCE_MAGNET, TRUE);
}

static CcbtTorrent *
make_torrent (CcbtSession *self, const CcbtAddRequest *request, const CcbtInfoHash *info_hash, const char *folder)
{
  CcbtTorrentStart start = { .metainfo = request->metainfo,
                             .info_hash = info_hash,
                             .name = request->magnet != NULL ? request->magnet->name : NULL,
                             .folder = folder,
                             .magnet = request->magnet_text,
                             .is_paused = request->is_paused,
                             .is_sequential = request->is_sequential,
                             .seeds = request->seeds,
                             .added_at = ccbt_clock_wall (self->peers.clock),
                             .priorities = request->priorities,
                             .selected = request->selected,
                             .n_selected = request->n_selected };
  CcbtTorrent *torrent;

  if (request->magnet != NULL && start.n_selected == 0 && request->magnet->selected->len > 0)
    {
      start.selected = (const guint32 *) (gpointer) request->magnet->selected->data;
      start.n_selected = request->magnet->selected->len;
    }
  torrent = ccbt_torrent_new (&self->environment, self->next_id++, &start);
  register_torrent (self, torrent);
  return torrent;
}

/* An ephemeral session goes on where an earlier one left this torrent, when it is for the same place. */
static CcbtTorrent *
take_up_stored (CcbtSession *self, const CcbtAddRequest *request, const CcbtInfoHash *info_hash, const char *folder)
{
  CcbtSha1 wire = ccbt_info_hash_get_wire (info_hash);
  CcbtTorrentRecord *record = g_hash_table_lookup (self->stored, &wire);
  CcbtTorrent *torrent = NULL;

  if (record == NULL)
    return NULL;
  if (g_strcmp0 (record->folder, folder) == 0 && (record->metainfo != NULL || request->metainfo == NULL)
      && request->priorities == NULL)
    {
      g_autoptr (CcbtTorrentRecord) copy = ccbt_torrent_record_ref (record);

      copy->is_paused = request->is_paused;
      copy->is_sequential = request->is_sequential;
      copy->seeds = request->seeds;
      torrent = restore_torrent (self, copy);
      merge_sources (torrent, request);
    }
  g_hash_table_remove (self->stored, &wire);
  return torrent;
}

CcbtTorrent *
ccbt_session_add (CcbtSession *self, const CcbtAddRequest *request, gboolean *is_new, GError **error)
{
  const CcbtInfoHash *info_hash = request->metainfo != NULL ? ccbt_metainfo_get_info_hash (request->metainfo)
                                                            : &request->magnet->info_hash;
  const char *folder = request->folder != NULL ? request->folder : self->download_dir;
  CcbtTorrent *torrent = ccbt_session_find (self, info_hash);

  *is_new = torrent == NULL;
  if (torrent != NULL)
    {
      merge_sources (torrent, request);
      return torrent;
    }
  if (!info_hash->has_v1)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_UNSUPPORTED,
                   "This is a BitTorrent v2 torrent; only v1 and hybrid ones can be downloaded yet.");
      return NULL;
    }
  torrent = take_up_stored (self, request, info_hash, folder);
  if (torrent == NULL)
    {
      torrent = make_torrent (self, request, info_hash, folder);
      if (request->magnet != NULL)
        merge_sources (torrent, request);
    }
  ccbt_session_save (self, torrent);
  ccbt_event_ring_post (self->events, CCBT_EVENT_TORRENT_ADDED, ccbt_torrent_get_id (torrent),
                        ccbt_clock_wall (self->peers.clock), NULL);
  ccbt_torrent_start (torrent);
  return torrent;
}

typedef struct
{
  CcbtTorrent *torrent; /* a reference */
  void (*done) (gpointer data);
  gpointer data;
} Removal;

static void
removed_cb (gpointer data)
{
  Removal *removal = data;

  removal->done (removal->data);
  g_object_unref (removal->torrent);
  g_free (removal);
}

void
ccbt_session_remove (CcbtSession *self, CcbtTorrent *torrent, gboolean delete_files, void (*done) (gpointer data),
                     gpointer data)
{
  Removal *removal = g_new (Removal, 1);
  CcbtSha1 wire = ccbt_info_hash_get_wire (ccbt_torrent_get_info_hash (torrent));
  CcbtTorrentId id = ccbt_torrent_get_id (torrent);

  *removal = (Removal){ g_object_ref (torrent), done, data };
  ccbt_state_store_remove (self->store, ccbt_torrent_get_info_hash (torrent));
  g_hash_table_remove (self->by_hash, &wire);
  g_hash_table_remove (self->watched, torrent);
  ccbt_torrent_close (torrent, delete_files, removed_cb, removal);
  g_hash_table_remove (self->changed, torrent);
  g_ptr_array_remove (self->torrents, torrent);
  ccbt_snapshot_store_remove (self->snapshots, id);
  ccbt_event_ring_post (self->events, CCBT_EVENT_TORRENT_REMOVED, id, ccbt_clock_wall (self->peers.clock), NULL);
}

void
ccbt_session_subscribe (CcbtSession *self, CcbtTorrent *torrent, gboolean subscribe)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->watched, torrent));

  if (!subscribe && n == 0)
    return;
  n = subscribe ? n + 1 : n - 1;
  if (n > 0)
    {
      g_hash_table_insert (self->watched, torrent, GUINT_TO_POINTER (n));
      ccbt_snapshot_store_put_details (self->snapshots, ccbt_torrent_describe_details (torrent));
      ccbt_snapshot_store_flush (self->snapshots);
      return;
    }
  g_hash_table_remove (self->watched, torrent);
  ccbt_snapshot_store_drop_details (self->snapshots, ccbt_torrent_get_id (torrent));
}

void
ccbt_session_set_limits (CcbtSession *self, guint64 download, guint64 upload)
{
  gint64 now = ccbt_clock_now (self->peers.clock);

  ccbt_rate_bucket_set_limit (&self->peers.download, download, now);
  ccbt_rate_bucket_set_limit (&self->peers.upload, upload, now);
  ccbt_peer_environment_wake_stalled (&self->peers);
}

CcbtHistogram *
ccbt_session_get_turns (CcbtSession *self)
{
  return &self->turns;
}

CcbtHttp *
ccbt_session_get_http (CcbtSession *self)
{
  return self->environment.http;
}

CcbtDiskPool *
ccbt_session_get_disk (CcbtSession *self)
{
  return self->peers.disk;
}

/* --- Flushing --- */

typedef struct
{
  CcbtSession *session;
  guint n_waiting;
  GError *error;
  void (*done) (gpointer data, const GError *error);
  gpointer data;
} Flush;

static void
store_flushed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Flush *flush = data;

  ccbt_state_store_flush_finish (result, flush->error == NULL ? &flush->error : NULL);
  flush->done (flush->data, flush->error);
  g_clear_error (&flush->error);
  g_free (flush);
}

static void
torrent_synced_cb (gpointer data, const GError *error)
{
  Flush *flush = data;

  if (error != NULL && flush->error == NULL)
    flush->error = g_error_copy (error);
  if (--flush->n_waiting == 0)
    ccbt_state_store_flush_async (flush->session->store, store_flushed_cb, flush);
}

void
ccbt_session_flush (CcbtSession *self, void (*done) (gpointer data, const GError *error), gpointer data)
{
  Flush *flush = g_new0 (Flush, 1);

  *flush = (Flush){ .session = self, .n_waiting = 1, .done = done, .data = data };
  for (guint i = 0; i < self->torrents->len; i++)
    {
      flush->n_waiting++;
      ccbt_torrent_sync (g_ptr_array_index (self->torrents, i), torrent_synced_cb, flush);
    }
  torrent_synced_cb (flush, NULL);
}

/* --- Beginning and end --- */

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
  room = limit.rlim_cur > 4 * RESERVED_DESCRIPTORS ? (guint) limit.rlim_cur - 2 * RESERVED_DESCRIPTORS
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

static gboolean
set_up_binding (CcbtSession *self, const CcbtEngineOptions *options, GError **error)
{
  const char *text = options->bind_address != NULL ? options->bind_address
                                                   : ccbt_config_get_string (self->config, "network.bind_address");

  if (text == NULL || *text == '\0')
    return TRUE;
  self->sockets.is_bound = TRUE;
  if (ccbt_address_parse_ip (text, 0, &self->sockets.address))
    return TRUE;
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "“%s” is no IP address to bind to.", text);
  return FALSE;
}

static void
set_up_peers (CcbtSession *self)
{
  CcbtConfig *config = self->config;
  CcbtPeerEnvironment *peers = &self->peers;

  peers->clock = ccbt_clock_get_system ();
  peers->reactor = ccbt_reactor_new (g_main_context_get_thread_default ());
  peers->disk = ccbt_disk_pool_new ((guint) ccbt_config_get_integer (config, "disk.threads"));
  peers->extents = ccbt_extent_pool_new ();
  peers->table = ccbt_peer_table_new ();
  peers->scatter = ccbt_scatter_new ();
  peers->stalled = g_array_new (FALSE, FALSE, sizeof (CcbtPeerHandle));
  peers->disk_queue_limit = DISK_QUEUE_LIMIT;
  peers->request_limit = (guint) ccbt_config_get_integer (config, "network.max_request_queue");
  peers->request_cushion = ccbt_config_get_number (config, "network.request_queue_seconds");
  peers->handshake_timeout = ccbt_config_get_integer (config, "network.handshake_timeout") * CCBT_SECOND;
  peers->peer_timeout = ccbt_config_get_integer (config, "network.peer_timeout") * CCBT_SECOND;
  peers->stall_noted = stall_noted_cb;
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

static void
set_up_environment (CcbtSession *self)
{
  CcbtConfig *config = self->config;
  CcbtTorrentEnvironment *environment = &self->environment;

  environment->peers = &self->peers;
  environment->sockets = &self->sockets;
  environment->http = ccbt_http_new (self->sockets.is_bound ? &self->sockets.address : NULL);
  environment->events = self->events;
  environment->clock = self->peers.clock;
  ccbt_random_fill ((guint8 *) &environment->tracker_key, sizeof environment->tracker_key);
  environment->max_connections = limit_connections ((guint) ccbt_config_get_integer (config,
                                                                                     "network.max_connections"));
  environment->max_connections_per_torrent
      = (guint) ccbt_config_get_integer (config, "network.max_connections_per_torrent");
  environment->max_half_open = (guint) ccbt_config_get_integer (config, "network.max_half_open");
  environment->connections_per_address = (guint) ccbt_config_get_integer (config, "network.connections_per_address");
  environment->memory_budget = (gsize) ccbt_config_get_integer (config, "limits.memory_budget") * 1024 * 1024;
  environment->number_wanted = (gint) ccbt_config_get_integer (config, "discovery.number_wanted");
  environment->allocation = get_allocation (config);
  environment->pick_mode = get_pick_mode (config);
  environment->parts_dir = ccbt_state_store_get_parts_dir (self->store);
  environment->session = self;
  environment->changed = changed_cb;
  environment->save = save_cb;
  environment->choke_soon = choke_soon_cb;
  environment->may_connect = may_connect_cb;
}

static char *
find_download_dir (CcbtConfig *config)
{
  const char *configured = ccbt_config_get_string (config, "disk.download_dir");
  const char *usual = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);

  if (configured != NULL && *configured != '\0')
    return g_canonicalize_filename (configured, NULL);
  return usual != NULL ? g_strdup (usual) : g_build_filename (g_get_home_dir (), "Downloads", NULL);
}

CcbtSession *
ccbt_session_new (const CcbtEngineOptions *options, CcbtConfig *config, CcbtSnapshotStore *snapshots,
                  CcbtEventRing *events, GError **error)
{
  CcbtSession *self = g_new0 (CcbtSession, 1);
  g_autofree char *usual_dir = g_build_filename (g_get_user_state_dir (), "ccbt", NULL);
  guint64 seed;

  self->config = config;
  self->snapshots = snapshots;
  self->events = events;
  self->is_ephemeral = options->is_ephemeral;
  self->next_id = 1;
  if (!set_up_binding (self, options, error)
      || (self->store = ccbt_state_store_open (options->state_dir != NULL ? options->state_dir : usual_dir, error))
             == NULL)
    {
      g_free (self);
      return NULL;
    }
  self->download_dir = find_download_dir (config);
  self->lobby = g_ptr_array_new ();
  self->torrents = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_hash = g_hash_table_new_full (hash_wire, equal_wire, g_free, NULL);
  self->stored = g_hash_table_new_full (hash_wire, equal_wire, g_free, (GDestroyNotify) ccbt_torrent_record_unref);
  self->changed = g_hash_table_new (NULL, NULL);
  self->watched = g_hash_table_new (NULL, NULL);
  ccbt_random_fill ((guint8 *) &seed, sizeof seed);
  ccbt_choker_init (&self->choker, seed);
  set_up_peers (self);
  set_up_environment (self);
  ccbt_session_set_limits (self, (guint64) ccbt_config_get_integer (config, "limits.download_rate"),
                           (guint64) ccbt_config_get_integer (config, "limits.upload_rate"));
  if (!start_listening (self, options, error))
    {
      ccbt_session_free (self);
      return NULL;
    }
  load_torrents (self);
  self->tick = start_timer (TICK_MS, tick_cb, self);
  publish (self, ccbt_clock_now (self->peers.clock));
  return self;
}

static void
torrent_closed_cb (gpointer data)
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
  stop_timer (&self->choke_timer);
  g_clear_pointer (&self->listener, ccbt_listener_free);
  while (self->lobby->len > 0)
    ccbt_peer_close (g_ptr_array_index (self->lobby, self->lobby->len - 1), NULL);
  self->n_closing = self->torrents->len + 1;
  for (guint i = 0; i < self->torrents->len; i++)
    {
      CcbtTorrent *torrent = g_ptr_array_index (self->torrents, i);

      save_cb (self, torrent, TRUE); /* with the peers it has, to be dialled first next time */
      ccbt_torrent_close (torrent, FALSE, torrent_closed_cb, self);
    }
  torrent_closed_cb (self);
}

void
ccbt_session_free (CcbtSession *self)
{
  stop_timer (&self->tick);
  stop_timer (&self->choke_timer);
  stop_timer (&self->wake_timer);
  g_clear_pointer (&self->listener, ccbt_listener_free);
  ccbt_disk_pool_free (self->peers.disk); /* its last jobs still find their torrents */
  g_ptr_array_unref (self->torrents);
  g_ptr_array_unref (self->lobby);
  g_hash_table_unref (self->by_hash);
  g_hash_table_unref (self->stored);
  g_hash_table_unref (self->changed);
  g_hash_table_unref (self->watched);
  ccbt_http_free (self->environment.http);
  ccbt_state_store_close (self->store);
  ccbt_reactor_free (self->peers.reactor);
  ccbt_extent_pool_free (self->peers.extents);
  ccbt_peer_table_free (self->peers.table);
  ccbt_scatter_free (self->peers.scatter);
  g_array_unref (self->peers.stalled);
  g_free (self->download_dir);
  g_free (self);
}

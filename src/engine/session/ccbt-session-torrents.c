/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-priorities.h"
#include "base/ccbt-text.h"
#include "session/ccbt-session-private.h"

void
ccbt_session_register (CcbtSession *self, CcbtTorrent *torrent)
{
  CcbtSha1 wire = ccbt_info_hash_get_wire (ccbt_torrent_get_info_hash (torrent));

  g_ptr_array_add (self->torrents, torrent);
  ccbt_roster_add (self->roster, torrent);
  g_hash_table_insert (self->by_hash, g_memdup2 (&wire, sizeof wire), torrent);
  ccbt_session_use_nodes (self, torrent);
  ccbt_session_note_changed (self, torrent);
}

CcbtTorrent *
ccbt_session_find (CcbtSession *self, const CcbtInfoHash *info_hash)
{
  CcbtSha1 wire = ccbt_info_hash_get_wire (info_hash);
  CcbtTorrent *torrent = g_hash_table_lookup (self->by_hash, &wire);

  if (torrent == NULL && info_hash->has_v1
      && info_hash->has_v2) /* a hybrid may have come in by its v2 hash alone */
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

  if (ccbt_torrent_get_metainfo (torrent) != NULL
      && ccbt_metainfo_is_private (ccbt_torrent_get_metainfo (torrent)))
    return;
  for (guint i = 0; request->metainfo != NULL
                    && (url = ccbt_metainfo_get_tracker (request->metainfo, i, &tier)) != NULL;
       i++)
    ccbt_torrent_add_tracker (torrent, url, tier);
  for (guint i = 0; request->magnet != NULL && i < request->magnet->trackers->len; i++)
    ccbt_torrent_add_tracker (torrent, g_ptr_array_index (request->magnet->trackers, i), i);
  if (request->magnet != NULL && request->magnet->peers->len > 0)
    ccbt_torrent_add_peers (torrent, CCBT_PEER_SOURCE_MAGNET,
                            (const CcbtAddress *) (gpointer) request->magnet->peers->data,
                            request->magnet->peers->len, TRUE);
}

/* Returns: (transfer full) (nullable): those of the request, else the magnet's own choice (BEP 53) */
static GBytes *
choose_priorities (CcbtSession *self, const CcbtAddRequest *request)
{
  gboolean is_heard = ccbt_config_get_boolean (self->config, "discovery.magnet_respect_indices");
  GArray *selected = request->magnet != NULL && is_heard ? request->magnet->selected : NULL;

  if (request->priorities != NULL)
    return g_bytes_ref (request->priorities);
  if (selected == NULL || selected->len == 0)
    return NULL;
  return ccbt_priorities_from_selection ((const guint32 *) (gpointer) selected->data,
                                         selected->len);
}

static CcbtTorrent *
make_torrent (CcbtSession *self, const CcbtAddRequest *request, const CcbtInfoHash *info_hash,
              const char *folder)
{
  g_autoptr (GBytes) priorities = choose_priorities (self, request);
  CcbtTorrentStart start = { .metainfo = request->metainfo,
                             .info_hash = info_hash,
                             .name = request->magnet != NULL ? request->magnet->name : NULL,
                             .folder = folder,
                             .magnet = request->magnet_text,
                             .is_paused = request->is_paused,
                             .is_sequential = request->is_sequential,
                             .seeds = request->seeds,
                             .added_at = ccbt_clock_wall (self->peers.clock),
                             .options = request->options,
                             .priorities = priorities };
  CcbtTorrent *torrent = ccbt_torrent_new (&self->environment, self->next_id++, &start);

  ccbt_session_register (self, torrent);
  return torrent;
}

/* An ephemeral session goes on where an earlier one left this torrent, when it is for the same
 * place. */
static CcbtTorrent *
take_up_stored (CcbtSession *self, const CcbtAddRequest *request, const CcbtInfoHash *info_hash,
                const char *folder)
{
  CcbtSha1 wire = ccbt_info_hash_get_wire (info_hash);
  CcbtTorrentRecord *record = g_hash_table_lookup (self->stored, &wire);
  CcbtTorrent *torrent = NULL;

  if (record == NULL)
    return NULL;
  if (g_strcmp0 (record->folder, folder) == 0
      && (record->metainfo != NULL || request->metainfo == NULL))
    {
      g_autoptr (CcbtTorrentRecord) copy = ccbt_torrent_record_ref (record);

      copy->is_paused = request->is_paused;
      copy->is_sequential = request->is_sequential;
      copy->seeds = request->seeds;
      if (request->options != NULL)
        {
          g_clear_pointer (&copy->options, g_bytes_unref);
          copy->options = ccbt_torrent_options_to_bytes (request->options);
        }
      /* What is wanted is said anew each time. */
      g_clear_pointer (&copy->priorities, g_bytes_unref);
      copy->priorities = choose_priorities (self, request);
      torrent = ccbt_session_restore (self, copy);
      merge_sources (torrent, request);
    }
  g_hash_table_remove (self->stored, &wire);
  return torrent;
}

/* Whoever hears that a torrent came or went may find no snapshot of it. Returns: (transfer floating) */
static GVariant *
make_name_payload (CcbtTorrent *torrent)
{
  const char *own = ccbt_torrent_get_options (torrent)->display_name;
  g_autofree char *name = ccbt_text_make_printable (
      ccbt_span_from_string (*own != '\0' ? own : ccbt_torrent_get_name (torrent)), 0);

  return g_variant_new_parsed ("{'name': <%s>}", name);
}

CcbtTorrent *
ccbt_session_add (CcbtSession *self, const CcbtAddRequest *request, gboolean *is_new,
                  GError **error)
{
  const CcbtInfoHash *info_hash = request->metainfo != NULL
                                      ? ccbt_metainfo_get_info_hash (request->metainfo)
                                      : &request->magnet->info_hash;
  const char *folder = request->folder != NULL ? request->folder : self->download_dir;
  CcbtTorrent *torrent = ccbt_session_find (self, info_hash);

  *is_new = torrent == NULL;
  if (self->closed != NULL)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_BUSY, "The program is ending.");
      return NULL;
    }
  if (torrent != NULL)
    {
      merge_sources (torrent, request);
      return torrent;
    }
  if (!info_hash->has_v1)
    {
      g_set_error (
          error, CCBT_ERROR, CCBT_ERROR_UNSUPPORTED,
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
  ccbt_session_enqueue (self, torrent);
  ccbt_session_save (self, torrent);
  ccbt_session_publish_now (self);
  ccbt_event_ring_post (self->events, CCBT_EVENT_TORRENT_ADDED, ccbt_torrent_get_id (torrent),
                        ccbt_clock_wall (self->peers.clock), make_name_payload (torrent));
  ccbt_torrent_start (torrent);
  return torrent;
}

gboolean
ccbt_session_take_over (CcbtSession *self, CcbtTorrentRecord *record)
{
  CcbtTorrent *torrent;

  if (ccbt_session_find (self, &record->info_hash) != NULL)
    return FALSE;
  if (record->folder == NULL)
    record->folder = g_strdup (self->download_dir);
  if (record->added_at == 0)
    record->added_at = ccbt_clock_wall (self->peers.clock);
  torrent = ccbt_session_restore (self, record);
  ccbt_session_enqueue (self, torrent);
  ccbt_session_store_torrent (self, torrent, FALSE);
  ccbt_event_ring_post (self->events, CCBT_EVENT_TORRENT_ADDED, ccbt_torrent_get_id (torrent),
                        ccbt_clock_wall (self->peers.clock), make_name_payload (torrent));
  ccbt_torrent_start (torrent);
  return TRUE;
}

typedef struct
{
  CcbtSession *session;
  CcbtTorrent *torrent; /* among those that leave */
  void (*done) (gpointer data);
  gpointer data;
} Removal;

static void
removed_cb (gpointer data)
{
  Removal *removal = data;
  CcbtSession *self = removal->session;

  g_ptr_array_remove_fast (self->leaving, removal->torrent);
  removal->done (removal->data);
  g_free (removal);
  if (self->closed != NULL)
    ccbt_session_part_closed (self);
}

void
ccbt_session_remove (CcbtSession *self, CcbtTorrent *torrent, gboolean delete_files,
                     void (*done) (gpointer data), gpointer data)
{
  Removal *removal = g_new (Removal, 1);
  CcbtSha1 wire = ccbt_info_hash_get_wire (ccbt_torrent_get_info_hash (torrent));
  CcbtTorrentId id = ccbt_torrent_get_id (torrent);
  GVariant *name = make_name_payload (torrent); /* the torrent may be gone when it is told */

  *removal = (Removal){ self, torrent, done, data };
  g_ptr_array_add (self->leaving, g_object_ref (torrent));
  ccbt_state_store_remove (self->store, ccbt_torrent_get_info_hash (torrent));
  g_hash_table_remove (self->by_hash, &wire);
  g_hash_table_remove (self->watched, torrent);
  ccbt_session_update_discovery (self, torrent);
  ccbt_torrent_close (torrent, delete_files, removed_cb, removal);
  g_hash_table_remove (self->changed, torrent);
  ccbt_roster_remove (self->roster, torrent);
  g_ptr_array_remove (self->torrents, torrent);
  self->queue_due = TRUE; /* its place is free */
  ccbt_snapshot_store_remove (self->snapshots, id);
  ccbt_event_ring_post (self->events, CCBT_EVENT_TORRENT_REMOVED, id,
                        ccbt_clock_wall (self->peers.clock), name);
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

guint
ccbt_session_count_awake (CcbtSession *self)
{
  return ccbt_roster_get_n_awake (self->roster);
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"
#include "picker/ccbt-picker-summary.h"
#include "wire/ccbt-magnet.h"

#define MAX_STORED_PEERS 200u

static CcbtTorrentState
get_state (CcbtTorrent *self)
{
  switch (self->phase)
    {
    case CCBT_TORRENT_FETCHING:
      return CCBT_TORRENT_STATE_METADATA;
    case CCBT_TORRENT_PREPARING:
      return self->is_held && !self->is_paused ? CCBT_TORRENT_STATE_QUEUED
                                               : CCBT_TORRENT_STATE_CHECKING;
    case CCBT_TORRENT_CHECKING:
      return self->waits_for_check ? CCBT_TORRENT_STATE_QUEUED : CCBT_TORRENT_STATE_CHECKING;
    case CCBT_TORRENT_ACTIVE:
      if (self->is_finished)
        return CCBT_TORRENT_STATE_SEEDING;
      return self->space_error != NULL ? CCBT_TORRENT_STATE_ERROR : CCBT_TORRENT_STATE_DOWNLOADING;
    case CCBT_TORRENT_MISSING:
      return CCBT_TORRENT_STATE_FILES_MISSING;
    case CCBT_TORRENT_BROKEN:
      return CCBT_TORRENT_STATE_ERROR;
    case CCBT_TORRENT_IDLE:
    case CCBT_TORRENT_CLOSING:
    default:
      if (ccbt_torrent_rests_for_move (self) && !self->is_paused)
        return CCBT_TORRENT_STATE_QUEUED;
      if ((self->is_held && !self->is_paused && !self->check_wanted) || self->waits_for_check)
        return CCBT_TORRENT_STATE_QUEUED;
      if (!self->is_paused
          && self->phase == CCBT_TORRENT_IDLE) /* about to start: nothing is sure */
        return self->metainfo != NULL ? CCBT_TORRENT_STATE_CHECKING : CCBT_TORRENT_STATE_METADATA;
      return self->check_wanted ? CCBT_TORRENT_STATE_CHECKING : CCBT_TORRENT_STATE_PAUSED;
    }
}

/* Verified bytes of the file. */
static guint64
count_file_done (CcbtTorrent *self, const CcbtMetainfoFile *file)
{
  const CcbtBitfield *have = ccbt_picker_get_have (self->picker);
  guint64 end = file->offset + file->length, done = 0;

  if (ccbt_bitfield_is_full (have))
    return file->length;
  for (guint64 piece = file->offset / self->map.piece_length;
       file->length > 0 && piece * self->map.piece_length < end; piece++)
    if (ccbt_bitfield_get (have, (guint32) piece))
      {
        guint64 from = MAX (piece * self->map.piece_length, file->offset);

        done += MIN ((piece + 1) * self->map.piece_length, end) - from;
      }
  return done;
}

static gboolean
is_all_wanted (CcbtTorrent *self)
{
  for (guint i = 0; i < ccbt_metainfo_get_n_files (self->metainfo); i++)
    if (self->priorities[i] == CCBT_PRIORITY_SKIP)
      return FALSE;
  return TRUE;
}

/* Bytes of the wanted files, and how many of them are verified. */
static void
count_wanted (CcbtTorrent *self, guint64 *wanted, guint64 *done)
{
  const CcbtBitfield *have = ccbt_picker_get_have (self->picker);
  guint32 last = self->map.n_pieces - 1;

  *wanted = *done = 0;
  if (is_all_wanted (self)) /* the usual case costs nothing */
    {
      *wanted = self->map.total_size;
      *done = (guint64) have->n_set * self->map.piece_length;
      if (have->n_set > 0 && ccbt_bitfield_get (have, last))
        *done -= self->map.piece_length - ccbt_piece_map_length (&self->map, last);
      return;
    }
  for (guint i = 0; i < ccbt_metainfo_get_n_files (self->metainfo); i++)
    {
      const CcbtMetainfoFile *file = ccbt_metainfo_get_file (self->metainfo, i);

      if (self->priorities[i] == CCBT_PRIORITY_SKIP || (file->attributes & CCBT_FILE_ATTRIBUTE_PAD))
        continue;
      *wanted += file->length;
      *done += count_file_done (self, file);
    }
}

static char *
build_magnet (CcbtTorrent *self)
{
  g_autoptr (GPtrArray) trackers = g_ptr_array_new ();
  const char *url;

  if (self->magnet != NULL)
    return g_strdup (self->magnet);
  for (guint i = 0; self->metainfo != NULL
                    && (url = ccbt_metainfo_get_tracker (self->metainfo, i, NULL)) != NULL;
       i++)
    g_ptr_array_add (trackers, (gpointer) url);
  g_ptr_array_add (trackers, NULL);
  return ccbt_magnet_build (&self->info_hash, self->name, (const char *const *) trackers->pdata);
}

static char *
get_content_path (CcbtTorrent *self)
{
  const CcbtMetainfoFile *first = ccbt_metainfo_get_file (self->metainfo, 0);

  if (!ccbt_metainfo_is_multi_file (self->metainfo))
    return g_build_filename (self->folder, first->path, NULL);
  return g_build_filename (self->folder, ccbt_metainfo_get_name (self->metainfo), NULL);
}

static gboolean
is_seed (const CcbtPeer *peer)
{
  return peer->upload_only || peer->has_everything
         || (peer->has.n_bits > 0 && ccbt_bitfield_is_full (&peer->has));
}

static void
describe_swarm (CcbtTorrent *self, CcbtTorrentStatus *status)
{
  for (guint i = 0; i < self->peers->len; i++)
    {
      CcbtPeer *peer = g_ptr_array_index (self->peers, i);

      if (!ccbt_peer_is_open (peer))
        continue;
      status->n_peers++;
      status->n_seeds += is_seed (peer);
    }
  status->n_candidates = ccbt_candidates_count_idle (&self->candidates);
  ccbt_tracker_set_get_swarm (self->trackers, &status->swarm_seeds, &status->swarm_leechers);
}

static void
describe_progress (CcbtTorrent *self, CcbtTorrentStatus *status)
{
  status->n_files = ccbt_metainfo_get_n_files (self->metainfo);
  status->n_pieces = self->map.n_pieces;
  status->n_pieces_have = ccbt_picker_get_have (self->picker)->n_set;
  status->total_size = self->map.total_size;
  status->is_private = ccbt_metainfo_is_private (self->metainfo);
  count_wanted (self, &status->wanted_size, &status->done_size);
  status->is_complete = self->is_finished;
  if (self->phase == CCBT_TORRENT_CHECKING && self->n_to_check > 0)
    status->progress = (double) self->n_checked / self->n_to_check;
  else if (status->wanted_size > 0)
    status->progress = (double) status->done_size / (double) status->wanted_size;
  else
    status->progress = 1.0;
  if (status->state == CCBT_TORRENT_STATE_DOWNLOADING && status->down_rate >= 1.0)
    status->eta = (gint64) ((double) (status->wanted_size - status->done_size) / status->down_rate);
}

CcbtTorrentStatus *
ccbt_torrent_describe (CcbtTorrent *self)
{
  CcbtTorrentStatus *status = ccbt_torrent_status_new ();
  const char *move_folder = NULL;
  const GError *error = self->error;

  ccbt_torrent_count_time (self);
  status->id = self->id;
  status->info_hash = ccbt_info_hash_to_string (&self->info_hash);
  status->name = ccbt_text_make_printable (
      ccbt_span_from_string (self->options->display_name[0] != '\0' ? self->options->display_name
                                                                    : self->name),
      0);
  status->folder = g_strdup (self->folder);
  status->magnet = build_magnet (self);
  status->state = get_state (self);
  if (error == NULL && ccbt_torrent_is_downloading (self))
    error = self->space_error;
  if (error != NULL)
    {
      status->error_code = error->code;
      status->error_text = ccbt_text_make_printable (ccbt_span_from_string (error->message), 500);
    }
  status->is_paused = self->is_paused;
  status->is_sequential = self->is_sequential;
  status->options = ccbt_torrent_options_ref (self->options);
  status->active_seconds = self->active_seconds;
  status->seeding_seconds = self->seeding_seconds;
  status->is_moving = ccbt_torrent_describe_move (self, &status->move_progress, &move_folder);
  status->move_target = g_strdup (move_folder);
  status->down_rate = self->down.per_second;
  status->up_rate = self->up.per_second;
  status->downloaded = self->downloaded;
  status->uploaded = self->uploaded;
  status->wasted = self->wasted;
  status->eta = -1;
  status->added_at = self->added_at;
  status->completed_at = self->completed_at;
  status->has_metadata = self->metainfo != NULL;
  if (self->metainfo != NULL)
    {
      status->content_path = get_content_path (self);
      describe_progress (self, status);
    }
  else if (self->fetch != NULL)
    status->progress = ccbt_metadata_fetch_get_progress (self->fetch);
  describe_swarm (self, status);
  status->hindrance = self->hindrance.current;
  status->hindrance_count = ccbt_torrent_count_hindering (self);
  return status;
}

/* --- Details --- */

static void
describe_files (CcbtTorrent *self, GPtrArray *files)
{
  for (guint i = 0; i < ccbt_metainfo_get_n_files (self->metainfo); i++)
    {
      const CcbtMetainfoFile *file = ccbt_metainfo_get_file (self->metainfo, i);
      CcbtFileStatus *status = g_new0 (CcbtFileStatus, 1);

      status->path = g_strdup (file->path);
      status->length = file->length;
      status->done = count_file_done (self, file);
      status->priority = (CcbtPriority) self->priorities[i];
      g_ptr_array_add (files, status);
    }
}

static CcbtPeerStatus *
describe_peer (CcbtTorrent *self, CcbtPeer *peer)
{
  CcbtPeerStatus *status = g_new0 (CcbtPeerStatus, 1);

  status->address = ccbt_address_to_string (&peer->address);
  status->client = peer->extended.client != NULL ? g_strdup (peer->extended.client)
                                                 : ccbt_handshake_describe_client (peer->peer_id);
  status->progress = is_seed (peer)         ? 1.0
                     : peer->has.n_bits > 0 ? (double) peer->has.n_set / peer->has.n_bits
                                            : 0.0;
  status->down_rate = peer->down.per_second;
  status->up_rate = peer->up.per_second;
  status->downloaded = peer->down.total;
  status->uploaded = peer->up.total;
  status->is_incoming = peer->is_incoming;
  status->am_interested = peer->am_interested;
  status->am_choking = peer->am_choking;
  status->peer_interested = peer->peer_interested;
  status->peer_choking = peer->peer_choking;
  status->is_snubbed = peer->is_snubbed;
  status->source = ccbt_peer_source_get_name (peer->source);
  return status;
}

static GBytes *
describe_bitfield (const CcbtBitfield *bitfield)
{
  GByteArray *bytes = g_byte_array_new ();

  ccbt_bitfield_write (bitfield, bytes);
  return g_byte_array_free_to_bytes (bytes);
}

CcbtTorrentDetails *
ccbt_torrent_describe_details (CcbtTorrent *self)
{
  CcbtTorrentDetails *details = ccbt_torrent_details_new ();

  details->id = self->id;
  for (guint i = 0; i < self->peers->len; i++)
    if (ccbt_peer_is_open (g_ptr_array_index (self->peers, i)))
      g_ptr_array_add (details->peers, describe_peer (self, g_ptr_array_index (self->peers, i)));
  if (self->metainfo != NULL)
    {
      describe_files (self, details->files);
      details->pieces = describe_bitfield (ccbt_picker_get_have (self->picker));
      if (self->map.n_pieces > 0)
        details->summary = ccbt_picker_summarise (self->picker, details->peers->len);
    }
  ccbt_tracker_set_describe (self->trackers, details->trackers);
  ccbt_rate_trail_read (self->trail, ccbt_clock_now (self->environment->clock) / CCBT_SECOND,
                        details->recent_down, details->recent_up);
  memcpy (details->hindered, self->hindrance.seconds, sizeof details->hindered);
  return details;
}

GBytes *
ccbt_torrent_describe_trackers (CcbtTorrent *self)
{
  g_autoptr (GPtrArray) trackers = g_ptr_array_new_with_free_func (ccbt_tracker_status_free);
  GString *lines = g_string_new (NULL);

  ccbt_tracker_set_describe (self->trackers, trackers);
  for (guint i = 0; i < trackers->len; i++)
    {
      CcbtTrackerStatus *status = g_ptr_array_index (trackers, i);

      g_string_append_printf (lines, "%u %s\n", status->tier, status->url);
    }
  return g_string_free_to_bytes (lines);
}

GBytes *
ccbt_torrent_build_file (CcbtTorrent *self)
{
  g_autoptr (GPtrArray) trackers = g_ptr_array_new_with_free_func (ccbt_tracker_status_free);
  g_autoptr (GPtrArray) tiers = g_ptr_array_new_with_free_func (g_free);
  guint n_in_tier = 0;

  ccbt_tracker_set_describe (self->trackers, trackers);
  for (guint i = 0; i < trackers->len; i++) /* in order: those of one tier are neighbours */
    {
      CcbtTrackerStatus *status = g_ptr_array_index (trackers, i);
      CcbtTrackerStatus *before = i > 0 ? g_ptr_array_index (trackers, i - 1) : NULL;

      if (before == NULL || before->tier != status->tier)
        {
          g_ptr_array_add (tiers, g_new0 (const char *, trackers->len + 1));
          n_in_tier = 0;
        }
      ((const char **) g_ptr_array_index (tiers, tiers->len - 1))[n_in_tier++] = status->url;
    }
  g_ptr_array_add (tiers, NULL);
  return ccbt_metainfo_build (ccbt_metainfo_get_info (self->metainfo),
                              (const char *const *const *) tiers->pdata);
}

/* --- What is stored --- */

/* Where peers can be dialled again. When none is connected: those that last were. */
static GBytes *
describe_addresses (CcbtTorrent *self)
{
  GByteArray *bytes = g_byte_array_new ();
  static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };

  for (guint i = 0; i < self->peers->len && bytes->len < MAX_STORED_PEERS * 18; i++)
    {
      CcbtPeer *peer = g_ptr_array_index (self->peers, i);
      guint16 port = peer->is_incoming ? peer->extended.port : peer->address.port;
      guint8 compact[18];

      if (!ccbt_peer_is_open (peer) || port == 0)
        continue;
      if (peer->address.is_ipv6)
        memcpy (compact, peer->address.ip, 16);
      else
        {
          memcpy (compact, mapped, sizeof mapped);
          memcpy (compact + 12, peer->address.ip, 4);
        }
      ccbt_write_u16 (compact + 16, port);
      g_byte_array_append (bytes, compact, sizeof compact);
    }
  if (bytes->len > 0 || self->known_peers == NULL)
    {
      g_clear_pointer (&self->known_peers, g_bytes_unref);
      self->known_peers = g_byte_array_free_to_bytes (bytes);
    }
  else
    g_byte_array_unref (bytes);
  return g_bytes_ref (self->known_peers);
}

void
ccbt_torrent_get_progress (CcbtTorrent *self, CcbtTorrentProgress *out)
{
  guint n_files = self->metainfo != NULL ? ccbt_metainfo_get_n_files (self->metainfo) : 0;

  ccbt_torrent_count_time (self);
  self->seconds_saved = self->active_seconds;
  *out = (CcbtTorrentProgress){ .is_paused = self->is_paused,
                                .is_sequential = self->is_sequential,
                                .seeds = self->seeds,
                                .added_at = self->added_at,
                                .completed_at = self->completed_at,
                                .downloaded = self->downloaded,
                                .uploaded = self->uploaded,
                                .wasted = self->wasted,
                                .active_seconds = self->active_seconds,
                                .seeding_seconds = self->seeding_seconds,
                                .magnet = self->magnet,
                                .peers = describe_addresses (self) };
  if (self->metainfo == NULL)
    {
      if (self->early_priorities != NULL)
        out->priorities = g_bytes_ref (self->early_priorities);
      return;
    }
  out->priorities = g_bytes_new (self->priorities, n_files);
  if (!self->was_checked)
    return;
  ccbt_torrent_describe_pieces (self, out);
  if (self->stamps_are_valid && !out->is_in_check)
    out->stamps = g_bytes_new (self->stamps, n_files * sizeof *self->stamps);
}

void
ccbt_torrent_list_choke_candidates (CcbtTorrent *self, GArray *candidates)
{
  if (!ccbt_torrent_is_active (self))
    return;
  for (guint i = 0; i < self->peers->len; i++)
    {
      CcbtPeer *peer = g_ptr_array_index (self->peers, i);
      CcbtChokeCandidate candidate;

      if (!ccbt_peer_is_open (peer))
        continue;
      candidate = (CcbtChokeCandidate){
        .peer = peer->handle,
        .is_interested = peer->peer_interested,
        .is_seeding = self->is_finished,
        .is_snubbed = peer->is_snubbed,
        .is_unchoked = !peer->am_choking,
        .unchoked_at = peer->unchoked_at,
        .connected_at = peer->connected_at,
        .rate = self->is_finished ? peer->up.per_second : peer->down.per_second,
        .uploaded_in_slot = peer->up.total - peer->uploaded_at_unchoke,
        .priority = ccbt_torrent_get_priority (self),
        .group = self->id,
        .group_slots = self->options->upload_slots,
        .is_optimistic = peer->is_unchoked_optimistically,
      };
      g_array_append_val (candidates, candidate);
    }
}

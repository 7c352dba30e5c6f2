/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"
#include "wire/ccbt-magnet.h"

#define SPILL_AFTER (10 * CCBT_SECOND)

G_DEFINE_FINAL_TYPE (CcbtTorrent, ccbt_torrent, G_TYPE_OBJECT)

/* --- Small things every part uses --- */

void
ccbt_torrent_changed (CcbtTorrent *self)
{
  self->environment->changed (self->environment->session, self);
}

void
ccbt_torrent_post (CcbtTorrent *self, CcbtEventType type, GVariant *payload)
{
  ccbt_event_ring_post (self->environment->events, type, self->id,
                        ccbt_clock_wall (self->environment->clock), payload);
}

gboolean
ccbt_torrent_step (CcbtTorrent *self, CcbtTorrentTrigger trigger)
{
  CcbtTorrentPhase to;

  if (!ccbt_torrent_phase_next (self->phase, trigger, &to))
    return FALSE;
  ccbt_torrent_count_time (self);
  g_debug ("%s: %s -> %s", self->name, ccbt_torrent_phase_get_name (self->phase),
           ccbt_torrent_phase_get_name (to));
  self->phase = to;
  if (to != CCBT_TORRENT_PREPARING && to != CCBT_TORRENT_CHECKING)
    ccbt_torrent_end_check_turn (self);
  if (to == CCBT_TORRENT_ACTIVE || to == CCBT_TORRENT_FETCHING)
    {
      ccbt_tracker_set_start (self->trackers);
      ccbt_torrent_connect_more (self, ccbt_clock_now (self->environment->clock));
      for (guint i = 0; i < self->peers->len; i++)
        ((CcbtPeer *) g_ptr_array_index (self->peers, i))->is_interest_stale = TRUE;
      ccbt_torrent_fill_soon (self);
    }
  else
    ccbt_hindrance_watch_rest (&self->hindrance);
  ccbt_torrent_changed (self);
  return TRUE;
}

/* --- Making --- */

/* What was chosen before the metadata was there may end short of the last file. */
static void
set_up_priorities (CcbtTorrent *self, GBytes *stored)
{
  guint n_files = ccbt_metainfo_get_n_files (self->metainfo);
  gsize size = 0;
  const guint8 *bytes = stored != NULL ? g_bytes_get_data (stored, &size) : NULL;

  self->priorities = g_new (guint8, n_files);
  memset (self->priorities, size > 0 ? CCBT_PRIORITY_SKIP : CCBT_PRIORITY_NORMAL, n_files);
  for (guint i = 0; i < MIN (n_files, size); i++)
    self->priorities[i] = MIN (bytes[i], CCBT_PRIORITY_MAXIMUM);
}

static CcbtStorage *
make_storage (CcbtTorrent *self)
{
  g_autofree char *hex = ccbt_info_hash_to_string (&self->info_hash);
  g_autofree char *parts_name = g_strconcat (hex, ".parts", NULL);
  g_autofree char *parts = g_build_filename (self->environment->parts_dir, parts_name, NULL);

  return ccbt_storage_new (self->metainfo, self->folder, parts, self->environment->allocation);
}

static void
open_storage (CcbtTorrent *self)
{
  g_clear_pointer (&self->assembly, ccbt_assembly_free);
  g_clear_pointer (&self->storage, ccbt_storage_unref);
  self->storage = make_storage (self);
  self->assembly
      = ccbt_assembly_new (&ccbt_torrent_assembly_owner, self, &self->map, self->storage,
                           self->environment->peers->disk, self->environment->peers->extents);
}

void
ccbt_torrent_switch_storage (CcbtTorrent *self)
{
  ccbt_storage_unref (self->storage);
  self->storage = make_storage (self);
  ccbt_assembly_set_storage (self->assembly, self->storage);
  ccbt_torrent_apply_priorities (self);
}

/* Everything that follows from the metainfo. */
static void
set_up_pieces (CcbtTorrent *self, GBytes *stored_priorities)
{
  guint8 seed[8];

  self->map = (CcbtPieceMap){ .total_size = ccbt_metainfo_get_total_size (self->metainfo),
                              .piece_length = ccbt_metainfo_get_piece_length (self->metainfo),
                              .n_pieces = ccbt_metainfo_get_n_pieces (self->metainfo) };
  ccbt_random_fill (seed, sizeof seed);
  self->picker = ccbt_picker_new (&self->map, *(guint64 *) (gpointer) seed);
  ccbt_picker_set_mode (self->picker,
                        self->is_sequential ? CCBT_PICK_SEQUENTIAL : self->environment->pick_mode);
  ccbt_bitfield_init (&self->to_check, self->map.n_pieces);
  ccbt_bitfield_init (&self->durable, self->map.n_pieces);
  ccbt_bitfield_init (&self->syncing, self->map.n_pieces);
  self->stamps = g_new0 (CcbtFileStamp, ccbt_metainfo_get_n_files (self->metainfo));
  self->failed_pieces = g_hash_table_new_full (NULL, NULL, NULL, ccbt_torrent_failed_piece_free);
  set_up_priorities (self, stored_priorities);
  open_storage (self);
  ccbt_torrent_apply_priorities (self);
}

static CcbtSpan
get_bitfield_bytes (CcbtTorrent *self, GBytes *bytes)
{
  gsize size = 0;
  const guint8 *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  if (size != (self->map.n_pieces + 7) / 8)
    return (CcbtSpan){ NULL, 0 };
  return (CcbtSpan){ data, size };
}

static void
restore_pieces (CcbtTorrent *self, const CcbtTorrentStart *start)
{
  CcbtSpan trusted = get_bitfield_bytes (self, start->trusted);
  CcbtSpan durable = get_bitfield_bytes (self, start->durable);
  CcbtSpan doubtful = get_bitfield_bytes (self, start->doubtful);

  self->was_checked = trusted.data != NULL || doubtful.data != NULL;
  for (guint32 i = 0; i < self->map.n_pieces; i++)
    {
      guint8 bit = 0x80 >> (i & 7);

      if (trusted.data != NULL && (trusted.data[i / 8] & bit))
        {
          ccbt_picker_set_have (self->picker, i, TRUE);
          if (durable.data != NULL && (durable.data[i / 8] & bit))
            ccbt_bitfield_set (&self->durable, i);
        }
      else if (doubtful.data != NULL && (doubtful.data[i / 8] & bit))
        ccbt_bitfield_set (&self->to_check, i);
    }
  if (start->stamps != NULL)
    self->old_stamps = g_bytes_ref (start->stamps);
  self->recovers = self->was_checked && start->stamps == NULL;
  ccbt_torrent_update_finished (self, FALSE);
}

CcbtTorrent *
ccbt_torrent_new (CcbtTorrentEnvironment *environment, CcbtTorrentId id,
                  const CcbtTorrentStart *start)
{
  CcbtTorrent *self = g_object_new (CCBT_TYPE_TORRENT, NULL);
  guint8 seed[8];

  ccbt_random_fill (seed, sizeof seed);
  self->environment = environment;
  self->contacts_generation = 1;
  self->id = id;
  self->info_hash = *start->info_hash;
  self->wire_hash = ccbt_info_hash_get_wire (&self->info_hash);
  self->folder = g_strdup (start->folder);
  self->magnet = g_strdup (start->magnet);
  self->name
      = start->name != NULL ? g_strdup (start->name) : ccbt_info_hash_to_string (&self->info_hash);
  self->is_paused = start->is_paused;
  self->is_sequential = start->is_sequential;
  self->seeds = start->seeds;
  self->options = start->options != NULL ? ccbt_torrent_options_ref (start->options)
                                         : ccbt_torrent_options_new ();
  self->active_seconds = self->seconds_saved = start->active_seconds;
  self->seeding_seconds = start->seeding_seconds;
  self->added_at = start->added_at;
  self->completed_at = start->completed_at;
  self->downloaded = self->started_downloaded = start->downloaded;
  self->uploaded = self->started_uploaded = start->uploaded;
  self->wasted = start->wasted;
  if (start->metainfo == NULL && start->priorities != NULL)
    self->early_priorities = g_bytes_ref (start->priorities);
  ccbt_candidates_init (&self->candidates, *(guint64 *) (gpointer) seed);
  self->trackers
      = ccbt_tracker_set_new (&ccbt_torrent_tracker_questions, self,
                              &(CcbtTrackerAccess){ .http = environment->http,
                                                    .udp = environment->udp_trackers,
                                                    .shared = environment->tracker_shared,
                                                    .clock = environment->clock,
                                                    .no_http = environment->no_http_trackers },
                              &self->wire_hash, environment->peers->peer_id,
                              environment->tracker_key, *(guint64 *) (gpointer) seed);
  ccbt_tracker_set_set_options (self->trackers, &environment->tracker_options);
  ccbt_torrent_apply_limits (self);
  if (start->metainfo != NULL)
    {
      guint tier = 0;
      const char *url;

      self->metainfo = ccbt_metainfo_ref (start->metainfo);
      g_free (self->name);
      self->name = g_strdup (ccbt_metainfo_get_name (self->metainfo));
      for (guint i = 0; (url = ccbt_metainfo_get_tracker (self->metainfo, i, &tier)) != NULL; i++)
        ccbt_tracker_set_add (self->trackers, url, tier);
      set_up_pieces (self, start->priorities);
      restore_pieces (self, start);
    }
  return self;
}

void
ccbt_torrent_take_metainfo (CcbtTorrent *self, CcbtMetainfo *metainfo)
{
  const CcbtInfoHash *found = ccbt_metainfo_get_info_hash (metainfo);

  if (ccbt_metainfo_get_piece_hash (metainfo, 0) == NULL)
    {
      g_autoptr (GError) error
          = g_error_new (CCBT_ERROR, CCBT_ERROR_UNSUPPORTED,
                         "This is a BitTorrent v2 torrent; only v1 and hybrid ones can be "
                         "downloaded yet.");

      ccbt_torrent_fail (self, error);
      self->retry_at = 0;
      return;
    }
  self->metainfo = ccbt_metainfo_ref (metainfo);
  if (!self->info_hash.has_v1 && found->has_v1)
    self->info_hash = *found;
  g_free (self->name);
  self->name = g_strdup (ccbt_metainfo_get_name (metainfo));
  g_clear_pointer (&self->fetch, ccbt_metadata_fetch_free);
  set_up_pieces (self, self->early_priorities);
  g_clear_pointer (&self->early_priorities, g_bytes_unref);
  ccbt_torrent_post (self, CCBT_EVENT_METADATA_RECEIVED, NULL);
  if (ccbt_torrent_is_private (self))
    ccbt_torrent_forget_public_peers (self);
  ccbt_torrent_step (self, CCBT_TORRENT_ON_PREPARE);
  ccbt_torrent_prepare (self);
  for (guint i = self->peers->len; i-- > 0;)
    if (i < self->peers->len)
      ccbt_torrent_greet_with_pieces (self, g_ptr_array_index (self->peers, i));
  self->environment->save (self->environment->session, self, FALSE);
}

/* --- Starting, pausing --- */

void
ccbt_torrent_start (CcbtTorrent *self)
{
  if (!ccbt_torrent_may_run (self))
    return;
  if (self->metainfo == NULL)
    {
      if (self->fetch == NULL)
        self->fetch = ccbt_metadata_fetch_new ();
      ccbt_torrent_step (self, CCBT_TORRENT_ON_FETCH);
    }
  else if (ccbt_torrent_step (self, CCBT_TORRENT_ON_PREPARE))
    ccbt_torrent_prepare (self);
}

void
ccbt_torrent_set_paused (CcbtTorrent *self, gboolean paused)
{
  if (self->is_paused == paused)
    return;
  self->is_paused = paused;
  ccbt_torrent_post (self, paused ? CCBT_EVENT_TORRENT_PAUSED : CCBT_EVENT_TORRENT_RESUMED, NULL);
  self->environment->save (self->environment->session, self, FALSE);
  if (!paused)
    {
      /* Work of the pause may still be under way; then the tick starts it. */
      if (self->phase == CCBT_TORRENT_IDLE && ccbt_torrent_is_disk_idle (self))
        ccbt_torrent_start (self);
    }
  else
    ccbt_torrent_stand_still (self);
  ccbt_torrent_changed (self);
}

void
ccbt_torrent_resume (CcbtTorrent *self)
{
  if (self->retry_at != 0)
    {
      self->retry_at = 1; /* at the next tick */
      ccbt_torrent_wake (self);
    }
  ccbt_torrent_set_paused (self, FALSE);
}

/* Hashes all of it again, also while paused. */
void
ccbt_torrent_check (CcbtTorrent *self)
{
  if (self->metainfo == NULL || self->phase == CCBT_TORRENT_CLOSING)
    return;
  ccbt_torrent_cancel_move (self);
  ccbt_torrent_cancel_check (self);
  ccbt_torrent_step (self, CCBT_TORRENT_ON_PAUSE);
  ccbt_torrent_close_peers (self);
  ccbt_assembly_forget_all (self->assembly);
  ccbt_bitfield_set_all (&self->to_check);
  ccbt_bitfield_unset_all (&self->durable);
  self->check_wanted = TRUE;
  g_clear_error (&self->error);
  self->environment->save (self->environment->session, self, TRUE);
  ccbt_torrent_changed (self);
}

void
ccbt_torrent_apply_pick_mode (CcbtTorrent *self)
{
  if (self->picker != NULL)
    ccbt_picker_set_mode (self->picker, self->is_sequential ? CCBT_PICK_SEQUENTIAL
                                                            : self->environment->pick_mode);
}

void
ccbt_torrent_set_sequential (CcbtTorrent *self, gboolean sequential)
{
  self->is_sequential = sequential;
  ccbt_torrent_apply_pick_mode (self);
  self->environment->save (self->environment->session, self, FALSE);
  ccbt_torrent_changed (self);
}

void
ccbt_torrent_set_folder (CcbtTorrent *self, const char *folder)
{
  g_free (self->folder);
  self->folder = g_strdup (folder);
  if (self->metainfo != NULL)
    ccbt_torrent_check (
        self); /* which also waits until nothing is being written at the old place */
  /* Only now: a record of the new place with what the old one held would be believed after a kill. */
  self->environment->save (self->environment->session, self, FALSE);
}

gboolean
ccbt_torrent_set_file_priority (CcbtTorrent *self, guint file, CcbtPriority priority,
                                GError **error)
{
  if (self->metainfo == NULL || file >= ccbt_metainfo_get_n_files (self->metainfo) || priority < 0
      || priority > CCBT_PRIORITY_MAXIMUM)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "The torrent has no file number %u.",
                   file);
      return FALSE;
    }
  self->priorities[file] = (guint8) priority;
  return TRUE;
}

/* --- The tick --- */

void
ccbt_torrent_look (CcbtTorrent *self)
{
  if (!ccbt_torrent_is_disk_idle (self))
    return;
  open_storage (self); /* the folder may have changed */
  ccbt_torrent_apply_priorities (self);
  if (ccbt_torrent_step (self, CCBT_TORRENT_ON_PREPARE))
    ccbt_torrent_prepare (self);
}

void
ccbt_torrent_tick (CcbtTorrent *self, gint64 now)
{
  g_object_ref (self);
  ccbt_torrent_continue_move (self);
  if (self->phase == CCBT_TORRENT_IDLE && ccbt_torrent_is_disk_idle (self)
      && !ccbt_torrent_rests_for_move (self))
    {
      if (!ccbt_torrent_wants_check (self))
        {
          ccbt_torrent_end_check_turn (self);
          ccbt_torrent_start (self);
        }
      else if (ccbt_torrent_take_check_turn (self))
        ccbt_torrent_look (self);
    }
  ccbt_torrent_tick_files (self, now);
  ccbt_torrent_tick_peers (self, now);
  if (self->phase == CCBT_TORRENT_ACTIVE || self->phase == CCBT_TORRENT_FETCHING)
    {
      ccbt_tracker_set_tick (self->trackers);
      ccbt_torrent_connect_more (self, now);
    }
  else if (self->phase != CCBT_TORRENT_CLOSING)
    ccbt_tracker_set_tick_idle (self->trackers);
  if (self->assembly != NULL && ccbt_assembly_get_buffered (self->assembly) > 0)
    ccbt_assembly_spill (self->assembly, now - SPILL_AFTER,
                         ccbt_extent_pool_get_in_use (self->environment->peers->extents)
                                 > self->environment->memory_budget
                             ? 0
                             : G_MAXSIZE);
  ccbt_rate_meter_update (&self->down, now);
  ccbt_rate_meter_update (&self->up, now);
  ccbt_torrent_count_time (self);
  ccbt_torrent_save_times (self);
  ccbt_torrent_continue_close (self);
  g_object_unref (self);
}

/* --- Object --- */

static void
ccbt_torrent_finalize (GObject *object)
{
  CcbtTorrent *self = CCBT_TORRENT (object);

  g_assert (self->peers->len == 0);
  if (self->refill != NULL)
    {
      g_source_destroy (self->refill);
      g_source_unref (self->refill);
    }
  ccbt_tracker_set_free (self->trackers);
  ccbt_candidates_clear (&self->candidates);
  ccbt_rate_trail_free (self->trail);
  ccbt_pex_recent_clear (&self->recent);
  g_clear_pointer (&self->fetch, ccbt_metadata_fetch_free);
  g_clear_pointer (&self->assembly, ccbt_assembly_free);
  g_clear_pointer (&self->storage, ccbt_storage_unref);
  g_clear_pointer (&self->picker, ccbt_picker_free);
  g_clear_pointer (&self->failed_pieces, g_hash_table_unref);
  ccbt_torrent_options_unref (self->options);
  g_clear_pointer (&self->super_seed, ccbt_super_seed_free);
  g_clear_pointer (&self->metainfo, ccbt_metainfo_unref);
  g_clear_pointer (&self->old_stamps, g_bytes_unref);
  g_clear_pointer (&self->known_peers, g_bytes_unref);
  g_clear_pointer (&self->early_priorities, g_bytes_unref);
  g_clear_pointer (&self->sync_waiters, g_array_unref);
  g_clear_pointer (&self->checks, ccbt_check_slots_free);
  ccbt_bitfield_clear (&self->to_check);
  ccbt_bitfield_clear (&self->durable);
  ccbt_bitfield_clear (&self->syncing);
  g_ptr_array_unref (self->peers);
  g_clear_error (&self->error);
  g_clear_error (&self->space_error);
  g_free (self->priorities);
  g_free (self->stamps);
  g_free (self->name);
  g_free (self->folder);
  g_free (self->magnet);
  G_OBJECT_CLASS (ccbt_torrent_parent_class)->finalize (object);
}

static void
ccbt_torrent_class_init (CcbtTorrentClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ccbt_torrent_finalize;
}

static void
ccbt_torrent_init (CcbtTorrent *self)
{
  self->peers = g_ptr_array_new ();
}

CcbtTorrentId
ccbt_torrent_get_id (CcbtTorrent *self)
{
  return self->id;
}

const CcbtInfoHash *
ccbt_torrent_get_info_hash (CcbtTorrent *self)
{
  return &self->info_hash;
}

CcbtMetainfo *
ccbt_torrent_get_metainfo (CcbtTorrent *self)
{
  return self->metainfo;
}

gboolean
ccbt_torrent_is_private (CcbtTorrent *self)
{
  return self->metainfo != NULL && ccbt_metainfo_is_private (self->metainfo);
}

const char *
ccbt_torrent_get_folder (CcbtTorrent *self)
{
  return self->folder;
}

gboolean
ccbt_torrent_is_paused (CcbtTorrent *self)
{
  return self->is_paused;
}

gboolean
ccbt_torrent_is_moving (CcbtTorrent *self)
{
  return self->peers->len > 0 || self->down.per_second > 0 || self->up.per_second > 0;
}

const char *
ccbt_torrent_get_name (CcbtTorrent *self)
{
  return self->name;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

#define CHECK_BYTES_PER_JOB (32u * 1024 * 1024)
#define SYNC_EVERY (30 * CCBT_SECOND)
#define SAVE_EVERY (2 * CCBT_SECOND)
#define RETRY_AFTER (5 * CCBT_SECOND)
#define RETRY_SPACE_AFTER (15 * CCBT_SECOND)

/* --- One job over the files at a time --- */

static gboolean
start_file_job (CcbtTorrent *self, CcbtDiskJobKind kind, CcbtDiskDone done, gboolean flag,
                CcbtFileStamp *stamps)
{
  if (self->has_file_job)
    return FALSE;
  self->has_file_job = TRUE;
  self->file_job = (CcbtDiskJob){ .kind = kind,
                                  .storage = self->storage,
                                  .done = done,
                                  .owner = g_object_ref (self),
                                  .flag = flag,
                                  .stamps = stamps };
  ccbt_disk_pool_submit (self->environment->peers->disk, &self->file_job);
  return TRUE;
}

/* Returns: (transfer full): the torrent, for the time of the callback; its job may be used again */
static CcbtTorrent *
settle_file_job (CcbtDiskJob *job, GError **error)
{
  CcbtTorrent *self = job->owner;

  self->has_file_job = FALSE;
  *error = g_steal_pointer (&job->error);
  return self;
}

gboolean
ccbt_torrent_is_disk_idle (CcbtTorrent *self)
{
  return !self->has_file_job && self->n_check_jobs == 0
         && (self->assembly == NULL || ccbt_assembly_is_idle (self->assembly));
}

/* --- Which pieces to check --- */

static void
mark_file_doubtful (CcbtTorrent *self, guint file)
{
  const CcbtMetainfoFile *info = ccbt_metainfo_get_file (self->metainfo, file);
  guint64 first, last;

  if (info->length == 0)
    return;
  first = info->offset / self->map.piece_length;
  last = (info->offset + info->length - 1) / self->map.piece_length;
  for (guint64 piece = first; piece <= last; piece++)
    ccbt_bitfield_set (&self->to_check, (guint32) piece);
}

/* Pieces that we thought we had and that need bytes past the end of the file. */
static void
mark_lost_end (CcbtTorrent *self, guint file)
{
  const CcbtMetainfoFile *info = ccbt_metainfo_get_file (self->metainfo, file);
  guint64 size = (guint64) MAX (self->stamps[file].size, 0);
  const CcbtBitfield *have = ccbt_picker_get_have (self->picker);

  if (size >= info->length)
    return;
  for (guint64 piece = (info->offset + size) / self->map.piece_length;
       piece * self->map.piece_length < info->offset + info->length; piece++)
    if (ccbt_bitfield_get (have, (guint32) piece))
      ccbt_bitfield_set (&self->to_check, (guint32) piece);
}

/* Files that are not as they were when the stamps were taken are checked again (C19). Without
 * stamps (the program was killed): those that lack bytes we thought were there. */
static void
compare_stamps (CcbtTorrent *self)
{
  gsize size = 0;
  const CcbtFileStamp *old
      = self->old_stamps != NULL ? g_bytes_get_data (self->old_stamps, &size) : NULL;
  guint n_files = ccbt_metainfo_get_n_files (self->metainfo);

  if (size != n_files * sizeof *old)
    old = NULL;
  for (guint i = 0; i < n_files; i++)
    {
      const CcbtMetainfoFile *file = ccbt_metainfo_get_file (self->metainfo, i);

      if ((file->attributes & CCBT_FILE_ATTRIBUTE_PAD) || self->priorities[i] == CCBT_PRIORITY_SKIP)
        continue;
      if (old == NULL)
        mark_lost_end (self, i);
      else if (old[i].size != self->stamps[i].size || old[i].modified != self->stamps[i].modified)
        mark_file_doubtful (self, i);
    }
  g_clear_pointer (&self->old_stamps, g_bytes_unref);
}

/* A torrent that was never checked: what is there already may be part of it. */
static void
mark_existing_files (CcbtTorrent *self)
{
  guint n_files = ccbt_metainfo_get_n_files (self->metainfo);

  for (guint i = 0; i < n_files; i++)
    if (self->stamps[i].size > 0)
      mark_file_doubtful (self, i);
}

/* --- Preparing: stamps first, since preparing makes files --- */

static void
schedule_retry (CcbtTorrent *self, const GError *error)
{
  gint64 wait
      = g_error_matches (error, CCBT_ERROR, CCBT_ERROR_NO_SPACE) ? RETRY_SPACE_AFTER : RETRY_AFTER;

  self->retry_at = ccbt_clock_now (self->environment->clock) + wait;
}

static void
stop_with (CcbtTorrent *self, const GError *error)
{
  gboolean is_missing = g_error_matches (error, CCBT_ERROR, CCBT_ERROR_FILES_MISSING);

  ccbt_torrent_cancel_check (self);
  if (!ccbt_torrent_step (self, is_missing ? CCBT_TORRENT_ON_MISSING : CCBT_TORRENT_ON_BROKEN))
    return;
  g_clear_error (&self->error);
  self->error = g_error_copy (error);
  schedule_retry (self, error);
  ccbt_torrent_close_peers (self);
  ccbt_torrent_post (
      self, CCBT_EVENT_TORRENT_ERROR,
      g_variant_new_parsed ("{'code': <%i>, 'text': <%s>}", error->code, error->message));
  ccbt_torrent_changed (self);
}

void
ccbt_torrent_fail (CcbtTorrent *self, const GError *error)
{
  stop_with (self, error);
}

static void
become_ready (CcbtTorrent *self)
{
  /* One that waits and found nothing looks again when its place comes. */
  if (self->phase == CCBT_TORRENT_CHECKING || !self->made_no_files)
    self->was_checked = TRUE;
  self->was_looked_at = TRUE;
  ccbt_torrent_update_finished (self, FALSE);
  ccbt_torrent_sync_found (self);
  self->environment->save (self->environment->session, self, TRUE);
  if (!ccbt_torrent_may_run (self) || (self->is_finished && !self->seeds))
    {
      self->is_paused |= self->is_finished && !self->seeds;
      ccbt_torrent_step (self, CCBT_TORRENT_ON_PAUSE);
      ccbt_torrent_take_stamps (self);
    }
  else if (self->made_no_files) /* it may run by now: the tick starts it */
    ccbt_torrent_step (self, CCBT_TORRENT_ON_PAUSE);
  else
    ccbt_torrent_step (self, CCBT_TORRENT_ON_READY);
  ccbt_torrent_changed (self);
}

static void
go_on_prepared (CcbtTorrent *self)
{
  g_clear_error (&self->error);
  self->retry_at = 0;
  if (self->to_check.n_set > 0 && ccbt_torrent_step (self, CCBT_TORRENT_ON_CHECK))
    ccbt_torrent_begin_check (self);
  else
    become_ready (self);
}

static void
prepared_cb (CcbtDiskJob *job)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtTorrent) self = settle_file_job (job, &error);

  if (self->phase != CCBT_TORRENT_PREPARING)
    return;
  if (self->prepare_wanted) /* the choice of files changed meanwhile */
    {
      ccbt_torrent_prepare (self);
      return;
    }
  if (error != NULL)
    {
      stop_with (self, error);
      return;
    }
  go_on_prepared (self);
}

void
ccbt_torrent_make_files (CcbtTorrent *self)
{
  gboolean must_exist;

  if (!self->was_checked)
    mark_existing_files (self);
  else if (!self->check_wanted)
    compare_stamps (self);
  must_exist
      = self->was_checked && ccbt_picker_get_have (self->picker)->n_set > 0 && !self->check_wanted;
  self->check_wanted = FALSE;
  self->prepare_wanted = FALSE;
  self->made_no_files = !ccbt_torrent_may_run (self);
  if (self->made_no_files)
    go_on_prepared (self);
  else
    start_file_job (self, CCBT_DISK_PREPARE, prepared_cb, must_exist, NULL);
}

static void
stamped_cb (CcbtDiskJob *job)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtTorrent) self = settle_file_job (job, &error);

  if (self->phase != CCBT_TORRENT_PREPARING)
    return;
  if (self->recovers && !self->check_wanted)
    ccbt_torrent_recover (self);
  else
    ccbt_torrent_make_files (self);
  self->recovers = FALSE;
}

void
ccbt_torrent_prepare (CcbtTorrent *self)
{
  if (!start_file_job (self, CCBT_DISK_STAMPS, stamped_cb, FALSE, self->stamps))
    self->prepare_wanted = TRUE; /* the tick tries again */
  else
    self->prepare_wanted = FALSE;
}

/* --- Checking --- */

static gboolean submit_check (CcbtTorrent *self, guint slot);

void
ccbt_check_slots_free (CcbtCheckSlots *slots)
{
  for (guint i = 0; i < CCBT_CHECK_JOBS_MAX; i++)
    g_free (slots->results[i]);
  g_free (slots);
}

static void
finish_check (CcbtTorrent *self)
{
  ccbt_torrent_post (self, CCBT_EVENT_CHECK_FINISHED,
                     g_variant_new_parsed ("{'found': <%u>, 'pieces': <%u>}",
                                           ccbt_picker_get_have (self->picker)->n_set,
                                           self->map.n_pieces));
  ccbt_bitfield_unset_all (&self->to_check);
  become_ready (self);
}

static void
take_check_results (CcbtTorrent *self, const CcbtDiskJob *job)
{
  for (guint32 i = 0; i < job->n_pieces; i++)
    {
      guint32 piece = job->first_piece + i;

      if (!ccbt_bitfield_get (&self->to_check, piece))
        continue;
      ccbt_picker_set_have (self->picker, piece, job->passed_pieces[i] != 0);
      if (job->passed_pieces[i] == 0)
        ccbt_bitfield_unset (&self->durable, piece);
      self->n_checked++;
    }
}

static void
checked_cb (CcbtDiskJob *job)
{
  CcbtTorrent *self = job->owner;
  guint slot = (guint) (job - self->checks->jobs);
  g_autoptr (GError) error = g_steal_pointer (&job->error);

  self->checks->is_busy[slot] = FALSE;
  self->n_check_jobs--;
  if (self->phase == CCBT_TORRENT_CHECKING && error == NULL)
    {
      take_check_results (self, job);
      if (!submit_check (self, slot) && self->n_check_jobs == 0)
        finish_check (self);
      ccbt_torrent_changed (self);
    }
  else if (self->phase == CCBT_TORRENT_CHECKING
           && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    stop_with (self, error);
  if (self->n_check_jobs == 0)
    g_clear_pointer (&self->checks, ccbt_check_slots_free);
  g_object_unref (self);
}

/* The next run of pieces to check, up to a few MiB. Returns: its length; 0 = none left */
static guint32
find_run (CcbtTorrent *self, guint32 *first)
{
  guint32 most = MAX (1, CHECK_BYTES_PER_JOB / self->map.piece_length), n = 0;

  while (self->check_next < self->map.n_pieces
         && !ccbt_bitfield_get (&self->to_check, self->check_next))
    self->check_next++;
  *first = self->check_next;
  while (n < most && self->check_next < self->map.n_pieces
         && ccbt_bitfield_get (&self->to_check, self->check_next))
    {
      self->check_next++;
      n++;
    }
  return n;
}

static gboolean
submit_check (CcbtTorrent *self, guint slot)
{
  CcbtDiskJob *job = &self->checks->jobs[slot];
  guint8 **results = &self->checks->results[slot];
  guint32 first, n = find_run (self, &first);

  if (n == 0)
    return FALSE;
  *results = g_realloc (*results, n);
  memset (*results, 0, n);
  *job = (CcbtDiskJob){ .kind = CCBT_DISK_CHECK,
                        .is_background = TRUE,
                        .storage = self->storage,
                        .done = checked_cb,
                        .owner = g_object_ref (self),
                        .first_piece = first,
                        .n_pieces = n,
                        .passed_pieces = *results };
  self->checks->is_busy[slot] = TRUE;
  self->n_check_jobs++;
  ccbt_disk_pool_submit (self->environment->peers->disk, job);
  return TRUE;
}

void
ccbt_torrent_begin_check (CcbtTorrent *self)
{
  self->check_next = 0;
  self->n_checked = 0;
  self->n_to_check = self->to_check.n_set;
  for (guint32 piece = 0; piece < self->map.n_pieces; piece++)
    if (ccbt_bitfield_get (&self->to_check, piece))
      ccbt_picker_set_have (
          self->picker, piece,
          FALSE); /* an interrupted check never counts what it did not see (C33) */
  if (ccbt_torrent_take_check_turn (self))
    ccbt_torrent_submit_checks (self);
}

void
ccbt_torrent_submit_checks (CcbtTorrent *self)
{
  guint n_slots = MIN (CCBT_CHECK_JOBS_MAX,
                       2 * ccbt_disk_pool_get_n_threads (self->environment->peers->disk));

  if (self->checks == NULL)
    self->checks = g_new0 (CcbtCheckSlots, 1);
  ccbt_torrent_post (self, CCBT_EVENT_CHECK_STARTED, NULL);
  for (guint slot = 0; slot < n_slots; slot++)
    if (!submit_check (self, slot))
      break;
}

void
ccbt_torrent_cancel_check (CcbtTorrent *self)
{
  for (guint slot = 0; slot < CCBT_CHECK_JOBS_MAX && self->checks != NULL; slot++)
    if (self->checks->is_busy[slot])
      g_atomic_int_set (&self->checks->jobs[slot].is_cancelled, TRUE);
}

/* --- Syncing: what was synced counts after a power cut --- */

typedef struct
{
  void (*done) (gpointer data, const GError *error);
  gpointer data;
} SyncWaiter;

static void
tell_sync_waiters (CcbtTorrent *self, const GError *error)
{
  g_autoptr (GArray) waiters = g_steal_pointer (&self->sync_waiters);

  for (guint i = 0; waiters != NULL && i < waiters->len; i++)
    {
      SyncWaiter *waiter = &g_array_index (waiters, SyncWaiter, i);

      waiter->done (waiter->data, error);
    }
}

static void
synced_cb (CcbtDiskJob *job)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtTorrent) self = settle_file_job (job, &error);

  if (error == NULL)
    {
      ccbt_bitfield_copy (&self->durable, &self->syncing);
      self->environment->save_durable (self->environment->session, self);
    }
  else
    self->has_unsynced = TRUE;
  tell_sync_waiters (self, error);
  ccbt_torrent_continue_close (self);
}

static gboolean
start_sync (CcbtTorrent *self)
{
  if (!start_file_job (self, CCBT_DISK_SYNC, synced_cb, FALSE, NULL))
    return FALSE;
  ccbt_bitfield_copy (&self->syncing, ccbt_picker_get_have (self->picker));
  self->has_unsynced = FALSE;
  self->next_sync = ccbt_clock_now (self->environment->clock) + SYNC_EVERY;
  return TRUE;
}

void
ccbt_torrent_sync (CcbtTorrent *self, void (*done) (gpointer data, const GError *error),
                   gpointer data)
{
  const SyncWaiter waiter = { done, data };

  if (self->storage == NULL || (!self->has_unsynced && !self->has_file_job))
    {
      done (data, NULL);
      return;
    }
  if (self->sync_waiters == NULL)
    self->sync_waiters = g_array_new (FALSE, FALSE, sizeof (SyncWaiter));
  g_array_append_val (self->sync_waiters, waiter);
  start_sync (self); /* or at the next tick, behind the job under way */
  ccbt_torrent_wake (self);
}

static void
stamps_taken_cb (CcbtDiskJob *job)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtTorrent) self = settle_file_job (job, &error);

  self->stamps_are_valid = error == NULL;
  self->environment->save (self->environment->session, self, TRUE);
  if (self->sync_waiters != NULL)
    start_sync (self);
  ccbt_torrent_continue_close (self);
}

/* Remembers how the files look now that nothing is being written. */
void
ccbt_torrent_take_stamps (CcbtTorrent *self)
{
  if (self->storage != NULL && !self->stamps_are_valid)
    start_file_job (self, CCBT_DISK_STAMPS, stamps_taken_cb, FALSE, self->stamps);
}

static void
deleted_cb (CcbtDiskJob *job)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtTorrent) self = settle_file_job (job, &error);

  if (error != NULL)
    g_warning ("%s: %s", self->name, error->message);
  g_clear_pointer (&self->storage, ccbt_storage_unref);
  ccbt_torrent_continue_close (self);
}

void
ccbt_torrent_delete_files (CcbtTorrent *self)
{
  start_file_job (self, CCBT_DISK_DELETE, deleted_cb, self->delete_files, NULL);
}

/* --- Wanted and had --- */

static void
note_completed (CcbtTorrent *self)
{
  self->completed_at = ccbt_clock_wall (self->environment->clock);
  ccbt_tracker_set_complete (self->trackers);
  ccbt_torrent_changed (self);
  self->environment->publish (self->environment->session);
  ccbt_torrent_post (self, CCBT_EVENT_TORRENT_COMPLETED, NULL);
  self->next_sync = 0;
  self->environment->save (self->environment->session, self, FALSE);
  if (!self->seeds)
    ccbt_torrent_set_paused (self, TRUE);
}

void
ccbt_torrent_update_finished (CcbtTorrent *self, gboolean by_download)
{
  gboolean was_finished = self->is_finished;

  ccbt_torrent_count_time (self);
  self->is_finished = ccbt_picker_is_finished (self->picker);
  if (self->is_finished == was_finished)
    return;
  for (guint i = 0; i < self->peers->len; i++)
    ((CcbtPeer *) g_ptr_array_index (self->peers, i))->is_interest_stale = TRUE;
  if (!self->is_finished)
    return;
  ccbt_torrent_drop_useless (self);
  if (by_download)
    note_completed (self);
}

void
ccbt_torrent_apply_priorities (CcbtTorrent *self)
{
  guint n_files = ccbt_metainfo_get_n_files (self->metainfo);
  g_autofree gboolean *skipped = g_new0 (gboolean, n_files);
  g_autofree guint8 *pieces = g_new0 (guint8, self->map.n_pieces);

  for (guint i = 0; i < n_files; i++)
    {
      const CcbtMetainfoFile *file = ccbt_metainfo_get_file (self->metainfo, i);
      guint64 first = file->offset / self->map.piece_length;
      gboolean is_pad = (file->attributes & CCBT_FILE_ATTRIBUTE_PAD) != 0;

      skipped[i] = self->priorities[i] == CCBT_PRIORITY_SKIP && !is_pad;
      for (guint64 piece = first; file->length > 0 && !is_pad
                                  && piece * self->map.piece_length < file->offset + file->length;
           piece++)
        pieces[piece] = MAX (pieces[piece], self->priorities[i]);
    }
  for (guint32 piece = 0; piece < self->map.n_pieces; piece++)
    ccbt_picker_set_priority (self->picker, piece, (CcbtPriority) pieces[piece]);
  ccbt_storage_set_skipped (self->storage, skipped);
  self->stamps_are_valid = FALSE;
  ccbt_torrent_update_finished (self, FALSE);
  for (guint i = 0; i < self->peers->len; i++)
    ((CcbtPeer *) g_ptr_array_index (self->peers, i))->is_interest_stale = TRUE;
}

void
ccbt_torrent_apply_wanted_files (CcbtTorrent *self)
{
  if (!ccbt_torrent_rests_for_move (self)) /* it is about to write */
    ccbt_torrent_cancel_move (self);
  ccbt_torrent_apply_priorities (self);
  if (ccbt_torrent_is_active (self) && ccbt_torrent_step (self, CCBT_TORRENT_ON_PREPARE))
    ccbt_torrent_prepare (self);
  ccbt_torrent_changed (self);
}

void
ccbt_torrent_tick_files (CcbtTorrent *self, gint64 now)
{
  if (self->storage == NULL)
    return;
  if (self->phase == CCBT_TORRENT_PREPARING && self->prepare_wanted && !self->has_file_job)
    ccbt_torrent_prepare (self);
  if (self->retry_at != 0 && now >= self->retry_at && ccbt_torrent_is_disk_idle (self))
    {
      self->retry_at = 0;
      if (ccbt_torrent_step (self, CCBT_TORRENT_ON_PREPARE))
        ccbt_torrent_prepare (self);
    }
  if (!self->has_file_job && self->phase != CCBT_TORRENT_CLOSING
      && ((self->has_unsynced && now >= self->next_sync) || self->sync_waiters != NULL))
    start_sync (self);
  else if (!self->has_file_job && self->sync_waiters != NULL)
    start_sync (self);
  if (ccbt_torrent_is_active (self) && !self->stamps_are_valid && now >= self->next_save)
    {
      self->next_save = now + SAVE_EVERY;
      self->environment->save (self->environment->session, self, TRUE);
      if (self->is_finished && !self->has_unsynced)
        ccbt_torrent_take_stamps (self);
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage/ccbt-storage-move.h"
#include "torrent/ccbt-torrent-private.h"

#include <gio/gio.h>

/* Moving the files of a torrent to another folder. One that is complete goes on seeding from the old
 * place until the new one holds everything; one that is being downloaded rests meanwhile. */

typedef enum
{
  QUEUED,    /* behind those of other torrents */
  WAITING,   /* for disk jobs of the time before to end */
  COPYING,   /* the old place counts */
  SWITCHING, /* all is at both places; waits for disk jobs that must not see two folders */
  RECORDING, /* the new place counts; is being stored */
  CLEANING,  /* the old names go, as soon as nobody reads there */
  UNDOING,
} Stage;

struct _CcbtTorrentMove
{
  Stage stage;
  char *folder;
  gboolean rests; /* the torrent stands still for it */
  gboolean is_cancelled;
  CcbtStorageMove *files; /* NULL before COPYING */
  CcbtStorage *old;       /* from SWITCHING on */
  CcbtDiskJob job;
  gboolean has_job;
  CcbtMoveStep step; /* how the last one went */
  GError *error;     /* why it is undone, or what is left at the old place */
  gboolean *kept;
};

static void
free_move (CcbtTorrentMove *move)
{
  g_clear_pointer (&move->files, ccbt_storage_move_free);
  g_clear_pointer (&move->old, ccbt_storage_unref);
  g_clear_error (&move->error);
  g_free (move->kept);
  g_free (move->folder);
  g_free (move);
}

/* Of one that is being removed nobody shall hear any more. */
static void
note_changed (CcbtTorrent *self)
{
  if (self->phase != CCBT_TORRENT_CLOSING)
    ccbt_torrent_changed (self);
}

/* --- Over --- */

static void
post_moved (CcbtTorrent *self, const CcbtTorrentMove *move)
{
  g_autofree char *folder = g_filename_display_name (move->folder);

  if (move->error == NULL)
    {
      ccbt_torrent_post (self, CCBT_EVENT_TORRENT_MOVED,
                         g_variant_new_parsed ("{'folder': <%s>}", folder));
      return;
    }
  g_warning ("%s: %s", self->name, move->error->message);
  ccbt_torrent_post (
      self, CCBT_EVENT_TORRENT_MOVED,
      g_variant_new_parsed ("{'folder': <%s>, 'left': <%s>}", folder, move->error->message));
}

static void
post_failed (CcbtTorrent *self, const CcbtTorrentMove *move)
{
  g_autofree char *folder = g_filename_display_name (move->folder);
  int code = move->is_cancelled ? -1 : move->error->code;
  const char *text = move->is_cancelled ? "The move was cancelled." : move->error->message;

  ccbt_torrent_post (
      self, CCBT_EVENT_MOVE_FAILED,
      g_variant_new_parsed ("{'folder': <%s>, 'code': <%i>, 'text': <%s>}", folder, code, text));
}

/* What rested for it goes on at the next tick. */
static void
end_move (CcbtTorrent *self, gboolean was_moved)
{
  CcbtTorrentMove *move = g_steal_pointer (&self->move);

  note_changed (self);
  if (self->phase != CCBT_TORRENT_CLOSING)
    self->environment->publish (self->environment->session);
  if (self->phase != CCBT_TORRENT_CLOSING && was_moved)
    post_moved (self, move);
  else if (self->phase != CCBT_TORRENT_CLOSING)
    post_failed (self, move);
  free_move (move);
  self->environment->move_ended (self->environment->session, self);
  ccbt_torrent_continue_close (self);
}

/* --- Jobs --- */

static void step_in_worker (CcbtDiskJob *job);
static void undo_in_worker (CcbtDiskJob *job);
static void clean_in_worker (CcbtDiskJob *job);

static void
start_job (CcbtTorrent *self, void (*call) (CcbtDiskJob *job), CcbtDiskDone done)
{
  CcbtTorrentMove *move = self->move;

  move->has_job = TRUE;
  move->job = (CcbtDiskJob){ .kind = CCBT_DISK_CALL,
                             .is_background = call == step_in_worker,
                             .done = done,
                             .owner = g_object_ref (self),
                             .call = call };
  ccbt_disk_pool_submit (self->environment->peers->disk, &move->job);
}

/* Returns: (transfer full): the torrent, for the time of the callback */
static CcbtTorrent *
settle_job (CcbtDiskJob *job)
{
  CcbtTorrent *self = job->owner;

  self->move->has_job = FALSE;
  if (job->error != NULL && self->move->error == NULL)
    self->move->error = g_steal_pointer (&job->error);
  g_clear_error (&job->error);
  return self;
}

static CcbtTorrentMove *
get_move (CcbtDiskJob *job)
{
  return ((CcbtTorrent *) job->owner)->move; /* stays as long as it has a job */
}

static void
step_in_worker (CcbtDiskJob *job)
{
  get_move (job)->step = ccbt_storage_move_step (get_move (job)->files, &job->error);
}

static void
undo_in_worker (CcbtDiskJob *job)
{
  ccbt_storage_move_undo (get_move (job)->files);
}

static void
clean_in_worker (CcbtDiskJob *job)
{
  ccbt_storage_move_clean (get_move (job)->files, get_move (job)->kept, &job->error);
}

static void
undone_cb (CcbtDiskJob *job)
{
  g_autoptr (CcbtTorrent) self = settle_job (job);

  end_move (self, FALSE);
}

static void
undo (CcbtTorrent *self)
{
  self->move->stage = UNDOING;
  start_job (self, undo_in_worker, undone_cb);
}

static void
stepped_cb (CcbtDiskJob *job)
{
  g_autoptr (CcbtTorrent) self = settle_job (job);
  CcbtTorrentMove *move = self->move;

  note_changed (self);
  if (move->is_cancelled || move->step == CCBT_MOVE_FAILED)
    undo (self);
  else if (move->step == CCBT_MOVE_MORE)
    start_job (self, step_in_worker, stepped_cb);
  else
    {
      move->stage = SWITCHING;
      ccbt_torrent_continue_move (self);
    }
}

static void
cleaned_cb (CcbtDiskJob *job)
{
  g_autoptr (CcbtTorrent) self = settle_job (job);

  end_move (self, TRUE);
}

/* --- Stages --- */

static void
begin_copying (CcbtTorrent *self)
{
  CcbtTorrentMove *move = self->move;
  g_autofree char *journal
      = ccbt_torrent_get_move_journal (self->environment->parts_dir, &self->info_hash);

  move->files = ccbt_storage_move_new (self->storage, move->folder, journal);
  if (self->was_checked && ccbt_picker_get_have (self->picker)->n_set > 0)
    ccbt_storage_move_set_must_exist (move->files);
  move->stage = COPYING;
  start_job (self, step_in_worker, stepped_cb);
}

static void
set_folder (CcbtTorrent *self, const char *folder)
{
  g_free (self->folder);
  self->folder = g_strdup (folder);
}

static void
switch_folder (CcbtTorrent *self)
{
  CcbtTorrentMove *move = self->move;

  move->old = ccbt_storage_ref (self->storage);
  set_folder (self, move->folder);
  ccbt_torrent_switch_storage (self);
  move->stage = RECORDING;
  note_changed (self);
  self->environment->record_move (self->environment->session, self);
}

void
ccbt_torrent_move_recorded (CcbtTorrent *self, const GError *error)
{
  CcbtTorrentMove *move = self->move;

  g_return_if_fail (move != NULL && move->stage == RECORDING);

  if (error != NULL)
    {
      g_autofree char *old = g_filename_display_name (ccbt_storage_get_folder (move->old));

      /* Which folder is stored is not known: both keep everything, the next run finds out. */
      move->error = g_error_new (CCBT_ERROR, error->code,
                                 "The new folder could not be recorded, so the files in “%s” stay "
                                 "as well: %s",
                                 old, error->message);
      end_move (self, TRUE);
      return;
    }
  move->stage = CLEANING;
  ccbt_torrent_continue_move (self);
}

static void
clean (CcbtTorrent *self)
{
  CcbtTorrentMove *move = self->move;

  move->kept = g_new0 (gboolean, ccbt_metainfo_get_n_files (self->metainfo));
  self->environment->mark_shared (self->environment->session, self,
                                  ccbt_storage_get_folder (move->old), move->kept);
  g_clear_pointer (&move->old, ccbt_storage_unref);
  start_job (self, clean_in_worker, cleaned_cb);
}

/* Jobs under way at the old place hold it: besides them, only we do. */
static gboolean
is_old_place_quiet (const CcbtTorrentMove *move)
{
  return ccbt_storage_count_references (move->old) == 2; /* ours and that of the files */
}

void
ccbt_torrent_continue_move (CcbtTorrent *self)
{
  CcbtTorrentMove *move = self->move;

  if (move == NULL || move->has_job)
    return;
  switch (move->stage)
    {
    case WAITING:
      if (ccbt_torrent_is_disk_idle (self) && (!move->rests || self->phase == CCBT_TORRENT_IDLE))
        begin_copying (self);
      break;
    case SWITCHING:
      if (ccbt_torrent_is_disk_idle (self))
        switch_folder (self);
      break;
    case CLEANING:
      if (is_old_place_quiet (move))
        clean (self);
      break;
    case QUEUED:
    case COPYING:
    case RECORDING:
    case UNDOING:
    default:
      break;
    }
}

/* --- From outside --- */

gboolean
ccbt_torrent_rests_for_move (CcbtTorrent *self)
{
  return self->move != NULL && self->move->rests;
}

gboolean
ccbt_torrent_queue_move (CcbtTorrent *self, const char *folder, GError **error)
{
  if (self->phase == CCBT_TORRENT_CLOSING || self->move != NULL)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_BUSY,
                   self->move != NULL ? "“%s” is being moved already." : "“%s” is being removed.",
                   self->name);
      return FALSE;
    }
  self->move = g_new0 (CcbtTorrentMove, 1);
  self->move->folder = g_strdup (folder);
  ccbt_torrent_changed (self);
  return TRUE;
}

void
ccbt_torrent_start_move (CcbtTorrent *self)
{
  CcbtTorrentMove *move = self->move;

  g_return_if_fail (move != NULL && move->stage == QUEUED);

  if (self->metainfo == NULL) /* there are no files yet */
    {
      set_folder (self, move->folder);
      self->environment->save (self->environment->session, self, FALSE);
      end_move (self, TRUE);
      return;
    }
  move->stage = WAITING;
  move->rests = self->phase != CCBT_TORRENT_ACTIVE || !self->is_finished;
  if (move->rests && self->phase != CCBT_TORRENT_IDLE)
    ccbt_torrent_stand_still (self);
  ccbt_torrent_changed (self);
  ccbt_torrent_continue_move (self);
}

void
ccbt_torrent_cancel_move (CcbtTorrent *self)
{
  CcbtTorrentMove *move = self->move;

  if (move == NULL || move->stage >= RECORDING)
    return;
  move->is_cancelled = TRUE;
  if (move->files == NULL)
    end_move (self, FALSE);
  else if (move->has_job)
    ccbt_storage_move_cancel (move->files); /* undone when the step is over */
  else
    undo (self);
}

gboolean
ccbt_torrent_describe_move (CcbtTorrent *self, double *progress, const char **folder)
{
  CcbtTorrentMove *move = self->move;

  if (move == NULL)
    return FALSE;
  *progress = move->files != NULL ? ccbt_storage_move_get_progress (move->files) : 0;
  *folder = move->folder;
  return TRUE;
}

char *
ccbt_torrent_get_move_journal (const char *parts_dir, const CcbtInfoHash *info_hash)
{
  g_autofree char *hex = ccbt_info_hash_to_string (info_hash);
  g_autofree char *name = g_strconcat (hex, CCBT_MOVE_JOURNAL_SUFFIX, NULL);

  return g_build_filename (parts_dir, name, NULL);
}

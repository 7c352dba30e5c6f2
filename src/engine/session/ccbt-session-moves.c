/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-session-private.h"
#include "storage/ccbt-storage-move.h"

/* Moving files: one torrent after the other, since two would only slow each other down on the disks
 * they share; and what a run that was killed has left. */

static void
start_next (CcbtSession *self)
{
  CcbtTorrent *torrent = g_queue_peek_head (&self->moves);

  if (self->is_moving || torrent == NULL || self->closed != NULL)
    return;
  self->is_moving = TRUE;
  ccbt_torrent_start_move (torrent);
}

gboolean
ccbt_session_move (CcbtSession *self, CcbtTorrent *torrent, const char *folder, GError **error)
{
  g_autofree char *canonical = g_canonicalize_filename (folder, NULL);

  if (!ccbt_torrent_queue_move (torrent, canonical, error))
    return FALSE;
  g_queue_push_tail (&self->moves, g_object_ref (torrent));
  start_next (self);
  return TRUE;
}

void
ccbt_session_move_ended (gpointer session, CcbtTorrent *torrent)
{
  CcbtSession *self = session;

  if (g_queue_peek_head (&self->moves) == torrent)
    self->is_moving = FALSE;
  if (g_queue_remove (&self->moves, torrent))
    g_object_unref (torrent);
  start_next (self);
}

static void
recorded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtTorrent) torrent = data;
  g_autoptr (GError) error = NULL;

  ccbt_state_store_flush_finish (result, &error);
  ccbt_torrent_move_recorded (torrent, error);
}

void
ccbt_session_record_move (gpointer session, CcbtTorrent *torrent)
{
  CcbtSession *self = session;

  ccbt_session_save (self, torrent);
  ccbt_state_store_flush_async (self->store, recorded_cb, g_object_ref (torrent));
}

/* --- What an earlier run has left --- */

/* One journal. */
typedef struct
{
  CcbtInfoHash info_hash;
  char *journal;
  char *from;
  char *to;
  gboolean named;
  /* Once it is known which place counts. */
  CcbtStorageMove *move;
  gboolean is_moved;
  gboolean *kept;
} Leftover;

typedef struct
{
  CcbtSession *session;
  CcbtDiskJob job;
  char *parts_dir;
  GPtrArray *leftovers;
} Mending;

static void
free_leftover (gpointer data)
{
  Leftover *leftover = data;

  g_clear_pointer (&leftover->move, ccbt_storage_move_free);
  g_free (leftover->kept);
  g_free (leftover->journal);
  g_free (leftover->from);
  g_free (leftover->to);
  g_free (leftover);
}

static void
read_leftover (Mending *mending, const char *name)
{
  g_autofree char *hex = g_strndup (name, strlen (name) - strlen (CCBT_MOVE_JOURNAL_SUFFIX));
  Leftover *leftover = g_new0 (Leftover, 1);

  leftover->journal = g_build_filename (mending->parts_dir, name, NULL);
  if (ccbt_info_hash_from_string (hex, &leftover->info_hash)
      && ccbt_storage_move_read_journal (leftover->journal, &leftover->from, &leftover->to,
                                         &leftover->named))
    g_ptr_array_add (mending->leftovers, leftover);
  else
    free_leftover (leftover);
}

static void
look_in_worker (CcbtDiskJob *job)
{
  Mending *mending = job->owner;
  g_autoptr (GDir) folder = g_dir_open (mending->parts_dir, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    if (g_str_has_suffix (name, CCBT_MOVE_JOURNAL_SUFFIX))
      read_leftover (mending, name);
}

static void
mend_in_worker (CcbtDiskJob *job)
{
  Mending *mending = job->owner;

  for (guint i = 0; i < mending->leftovers->len; i++)
    {
      Leftover *leftover = g_ptr_array_index (mending->leftovers, i);
      g_autoptr (GError) error = NULL;

      if (leftover->move == NULL)
        continue;
      if (!leftover->is_moved)
        ccbt_storage_move_undo (leftover->move);
      else if (!ccbt_storage_move_clean (leftover->move, leftover->kept, &error))
        g_warning ("%s", error->message);
    }
}

static void
mended_cb (CcbtDiskJob *job)
{
  Mending *mending = job->owner;
  CcbtSession *self = mending->session;

  g_ptr_array_unref (mending->leftovers);
  g_free (mending->parts_dir);
  g_free (mending);
  self->is_moving = FALSE;
  start_next (self);
}

/* Which of the two places is the torrent's now? */
static void
decide (CcbtSession *self, Leftover *leftover)
{
  CcbtTorrent *torrent = ccbt_session_find (self, &leftover->info_hash);
  CcbtMetainfo *metainfo = torrent != NULL ? ccbt_torrent_get_metainfo (torrent) : NULL;
  const char *folder = torrent != NULL ? ccbt_torrent_get_folder (torrent) : NULL;
  g_autoptr (CcbtStorage) storage = NULL;

  leftover->is_moved = g_strcmp0 (folder, leftover->to) == 0;
  if (metainfo == NULL || (!leftover->is_moved && g_strcmp0 (folder, leftover->from) != 0))
    {
      g_warning ("A torrent was being moved from “%s” to “%s” when the program was ended; it is "
                 "elsewhere now, and copies may be left there.",
                 leftover->from, leftover->to);
      return;
    }
  storage = ccbt_storage_new (metainfo, leftover->from, leftover->journal, CCBT_ALLOCATION_SPARSE);
  leftover->move = ccbt_storage_move_new (storage, leftover->to, leftover->journal);
  ccbt_storage_move_set_named (leftover->move, leftover->named);
  leftover->kept = g_new0 (gboolean, ccbt_metainfo_get_n_files (metainfo));
  if (leftover->is_moved)
    ccbt_session_mark_shared (self, torrent, leftover->from, leftover->kept);
}

static void
looked_cb (CcbtDiskJob *job)
{
  Mending *mending = job->owner;

  for (guint i = 0; i < mending->leftovers->len; i++)
    decide (mending->session, g_ptr_array_index (mending->leftovers, i));
  mending->job.call = mend_in_worker;
  mending->job.done = mended_cb;
  ccbt_disk_pool_submit (ccbt_session_get_disk (mending->session), &mending->job);
}

void
ccbt_session_mend_moves (CcbtSession *self)
{
  Mending *mending = g_new0 (Mending, 1);

  self->is_moving = TRUE;
  mending->session = self;
  mending->parts_dir = g_strdup (ccbt_state_store_get_parts_dir (self->store));
  mending->leftovers = g_ptr_array_new_with_free_func (free_leftover);
  mending->job = (CcbtDiskJob){
    .kind = CCBT_DISK_CALL, .done = looked_cb, .owner = mending, .call = look_in_worker
  };
  ccbt_disk_pool_submit (self->peers.disk, &mending->job);
}

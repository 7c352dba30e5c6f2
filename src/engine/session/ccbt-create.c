/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-create-private.h"

#define MAX_RUNNING 4u
#define MAX_REMEMBERED 16u /* that have ended */
/* Of one job: what a download waits for at most before a worker is free for it. */
#define SLICE_BYTES (G_GUINT64_CONSTANT (2) * 1024 * 1024)
/* Of a stretch, in whole pieces. */
#define STRETCH_BYTES (G_GUINT64_CONSTANT (4) * 1024 * 1024)

static const char *const state_names[]
    = { "listing", "hashing", "writing", "done", "failed", "cancelled" };

static gboolean
has_ended (const CcbtCreation *self)
{
  return self->state >= CCBT_CREATE_DONE;
}

static void
free_work (CcbtCreation *self)
{
  for (guint i = 0; i < self->n_lanes; i++)
    ccbt_source_hasher_clear (&self->lanes[i].hasher);
  g_clear_pointer (&self->lanes, g_free);
  self->n_lanes = 0;
  g_clear_pointer (&self->pieces, g_free);
}

static void
creation_free (gpointer data)
{
  CcbtCreation *self = data;

  free_work (self);
  g_clear_pointer (&self->files, ccbt_source_files_free);
  g_clear_pointer (&self->torrent, g_bytes_unref);
  g_clear_error (&self->error);
  ccbt_create_options_free (self->options);
  g_free (self->changed);
  g_free (self);
}

/* --- The end --- */

/* The list of files of a large folder is not kept for somebody who only asks how it went. */
static void
end (CcbtCreation *self, CcbtCreateState state)
{
  self->state = state;
  free_work (self);
  if (self->files != NULL)
    ccbt_source_files_forget (self->files);
  g_clear_pointer (&self->torrent, g_bytes_unref);
}

/* What has to stop now: @error, or the wish of somebody. Returns: whether it has */
static gboolean
stop (CcbtCreation *self, GError *error)
{
  gboolean is_given_up = g_atomic_int_get (&self->is_cancelled) || self->session->closed != NULL;

  if (error != NULL && self->error == NULL)
    self->error = error;
  else
    g_clear_error (&error);
  if (!is_given_up && self->error == NULL)
    return FALSE;
  if (self->n_running == 0)
    end (self, is_given_up ? CCBT_CREATE_CANCELLED : CCBT_CREATE_FAILED);
  return TRUE;
}

static void
submit (CcbtCreation *self, CcbtDiskJob *job, gpointer owner, void (*call) (CcbtDiskJob *job),
        CcbtDiskDone done)
{
  *job = (CcbtDiskJob){
    .kind = CCBT_DISK_CALL, .is_background = TRUE, .call = call, .done = done, .owner = owner
  };
  self->n_running++;
  ccbt_disk_pool_submit (ccbt_session_get_disk (self->session), job);
}

/* --- Writing --- */

static void
seed (CcbtCreation *self)
{
  g_autoptr (CcbtTorrentRecord) record = ccbt_create_make_record (self);
  CcbtTorrent *torrent;

  self->was_there = !ccbt_session_take_over (self->session, record);
  torrent = ccbt_session_find (self->session, &self->info_hash);
  self->id = torrent != NULL ? ccbt_torrent_get_id (torrent) : 0;
}

static void
written_cb (CcbtDiskJob *job)
{
  CcbtCreation *self = job->owner;
  GError *error = g_steal_pointer (&job->error);

  self->n_running--;
  if (error != NULL || self->torrent == NULL)
    {
      stop (self, error);
      return;
    }
  if (self->options->seeds && self->session->closed == NULL)
    seed (self);
  end (self, CCBT_CREATE_DONE);
}

static void
write_in_worker (CcbtDiskJob *job)
{
  CcbtCreation *self = job->owner;

  if (!g_atomic_int_get (&self->is_cancelled))
    ccbt_create_write (self, &job->error);
}

/* --- Hashing --- */

static void
hash_in_worker (CcbtDiskJob *job)
{
  CcbtCreateLane *lane = job->owner;

  if (!g_atomic_int_get (&lane->creation->is_cancelled))
    ccbt_source_hasher_run (&lane->hasher, SLICE_BYTES, &job->error);
}

static void hashed_cb (CcbtDiskJob *job);

/* Goes on with the stretch, or with the next that nobody has. */
static void
run_lane (CcbtCreation *self, CcbtCreateLane *lane)
{
  guint64 n_pieces = MAX (STRETCH_BYTES / self->piece_length, 1);

  if (lane->hasher.position >= lane->hasher.end)
    {
      guint64 end_of_stretch
          = MIN (self->next + n_pieces * self->piece_length, self->files->total_size);

      if (self->next >= self->files->total_size)
        return;
      ccbt_source_hasher_set_stretch (&lane->hasher, self->next, end_of_stretch);
      lane->counted = self->next;
      self->next = end_of_stretch;
    }
  submit (self, &lane->job, lane, hash_in_worker, hashed_cb);
}

static void
hashed_cb (CcbtDiskJob *job)
{
  CcbtCreateLane *lane = job->owner;
  CcbtCreation *self = lane->creation;

  self->n_running--;
  self->hashed += lane->hasher.position - lane->counted;
  lane->counted = lane->hasher.position;
  if (lane->hasher.changed != NULL && self->changed == NULL)
    self->changed = g_strdup (lane->hasher.changed->path);
  if (stop (self, g_steal_pointer (&job->error)))
    return;
  run_lane (self, lane);
  if (self->n_running > 0)
    return;
  self->state = CCBT_CREATE_WRITING;
  self->now = ccbt_clock_wall (self->session->peers.clock);
  submit (self, &self->job, self, write_in_worker, written_cb);
}

static void
start_hashing (CcbtCreation *self)
{
  guint64 n_pieces = (self->files->total_size - 1) / self->piece_length + 1;

  self->state = CCBT_CREATE_HASHING;
  self->pieces = g_new (CcbtSha1, n_pieces);
  self->n_lanes = ccbt_disk_pool_get_n_threads (ccbt_session_get_disk (self->session));
  self->lanes = g_new0 (CcbtCreateLane, self->n_lanes);
  for (guint i = 0; i < self->n_lanes; i++)
    {
      CcbtCreateLane *lane = &self->lanes[i];

      lane->creation = self;
      ccbt_source_hasher_init (&lane->hasher, self->files, self->piece_length, self->pieces);
      run_lane (self, lane);
    }
}

/* --- Listing --- */

static void
list_in_worker (CcbtDiskJob *job)
{
  CcbtCreation *self = job->owner;
  const CcbtCreateOptions *options = self->options;

  if (!ccbt_create_check_output (options, &job->error))
    return;
  self->files = ccbt_source_files_list (options->path, options->with_hidden, options->output,
                                        &self->is_cancelled, &job->error);
  if (self->files != NULL)
    ccbt_create_check_files (self, &job->error);
}

static void
listed_cb (CcbtDiskJob *job)
{
  CcbtCreation *self = job->owner;

  self->n_running--;
  if (!stop (self, g_steal_pointer (&job->error)))
    start_hashing (self);
}

/* --- What others see --- */

static void
forget_some (CcbtSession *session)
{
  guint n_ended = 0;

  for (guint i = session->creations->len; i-- > 0;)
    {
      CcbtCreation *creation = g_ptr_array_index (session->creations, i);

      if (has_ended (creation) && ++n_ended > MAX_REMEMBERED)
        g_ptr_array_remove_index (session->creations, i);
    }
}

guint32
ccbt_session_create (CcbtSession *session, CcbtCreateOptions *options, GError **error)
{
  CcbtCreation *self;
  guint n_running = 0;

  if (session->creations == NULL)
    session->creations = g_ptr_array_new_with_free_func (creation_free);
  for (guint i = 0; i < session->creations->len; i++)
    n_running += !has_ended (g_ptr_array_index (session->creations, i));
  if (n_running >= MAX_RUNNING)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_BUSY,
                           "Four torrents are being made; wait until one is done.");
      ccbt_create_options_free (options);
      return 0;
    }
  forget_some (session);
  self = g_new0 (CcbtCreation, 1);
  self->session = session;
  self->number = ++session->last_creation;
  self->options = options;
  g_ptr_array_add (session->creations, self);
  submit (self, &self->job, self, list_in_worker, listed_cb);
  return self->number;
}

CcbtCreation *
ccbt_session_find_creation (CcbtSession *session, guint32 number)
{
  for (guint i = 0; session->creations != NULL && i < session->creations->len; i++)
    {
      CcbtCreation *creation = g_ptr_array_index (session->creations, i);

      if (creation->number == number)
        return creation;
    }
  return NULL;
}

void
ccbt_creation_cancel (CcbtCreation *self)
{
  if (!has_ended (self))
    g_atomic_int_set (&self->is_cancelled, TRUE);
}

void
ccbt_session_cancel_creations (CcbtSession *session)
{
  for (guint i = 0; session->creations != NULL && i < session->creations->len; i++)
    ccbt_creation_cancel (g_ptr_array_index (session->creations, i));
}

static void
add (GVariantBuilder *builder, const char *key, GVariant *value)
{
  g_variant_builder_add (builder, "{sv}", key, value);
}

static void
describe_files (const CcbtCreation *self, GVariantBuilder *builder)
{
  const CcbtSourceFiles *files = self->files;
  GVariantBuilder skipped;

  g_variant_builder_init (&skipped, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; i < files->skipped->len; i++)
    {
      g_autofree char *valid = g_utf8_make_valid (g_ptr_array_index (files->skipped, i), -1);

      g_variant_builder_add (&skipped, "s", valid);
    }
  add (builder, "name", g_variant_new_string (files->name));
  add (builder, "folder", g_variant_new_take_string (g_utf8_make_valid (files->parent, -1)));
  add (builder, "total-size", g_variant_new_uint64 (files->total_size));
  add (builder, "piece-length", g_variant_new_uint32 (self->piece_length));
  add (builder, "links", g_variant_new_uint32 (files->n_skipped[CCBT_SKIPPED_LINK]));
  add (builder, "hidden", g_variant_new_uint32 (files->n_skipped[CCBT_SKIPPED_HIDDEN]));
  add (builder, "special", g_variant_new_uint32 (files->n_skipped[CCBT_SKIPPED_SPECIAL]));
  add (builder, "skipped", g_variant_builder_end (&skipped));
  if (files->renamed != NULL)
    add (builder, "renamed", g_variant_new_string (files->renamed));
}

GVariant *
ccbt_creation_describe (CcbtCreation *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  add (&builder, "state", g_variant_new_string (state_names[self->state]));
  add (&builder, "hashed", g_variant_new_uint64 (self->hashed));
  if (self->state != CCBT_CREATE_LISTING && self->files != NULL)
    describe_files (self, &builder);
  if (self->state == CCBT_CREATE_FAILED)
    {
      add (&builder, "error-code",
           g_variant_new_int32 (self->error->domain == CCBT_ERROR ? self->error->code : -1));
      add (&builder, "error-text",
           g_variant_new_take_string (g_utf8_make_valid (self->error->message, -1)));
      if (self->changed != NULL)
        add (&builder, "changed", g_variant_new_string (self->changed));
    }
  if (self->state == CCBT_CREATE_DONE)
    {
      add (&builder, "info-hash",
           g_variant_new_take_string (ccbt_info_hash_to_string (&self->info_hash)));
      add (&builder, "id", g_variant_new_uint32 (self->id));
      add (&builder, "present", g_variant_new_boolean (self->was_there));
    }
  return g_variant_builder_end (&builder);
}

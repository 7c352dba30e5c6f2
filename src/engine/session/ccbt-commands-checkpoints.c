/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-command-private.h"
#include "session/ccbt-resume-file.h"
#include "session/ccbt-session-private.h"
#include "session/ccbt-state-checkpoints-private.h"
#include "base/ccbt-error.h"

/* Backups of the list of torrents, and single torrents with all that is known of them, as files. */

/* --- What the state writer does --- */

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  g_autoptr (GVariant) answer = ccbt_state_store_run_finish (result, &error);

  if (answer != NULL)
    ccbt_call_reply (data, answer);
  else
    ccbt_call_reply_error (data, error);
}

static void
list (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  ccbt_state_store_run_async (session->store, ccbt_state_checkpoints_list, "", answered_cb, call);
}

static void
clean (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  ccbt_state_store_run_async (session->store, ccbt_state_checkpoints_clean, "", answered_cb, call);
}

/* @arguments: (s), a name as listed */
static void
run_named (CcbtSession *session, CcbtCall *call, GVariant *arguments, CcbtStateJob job)
{
  const char *name;

  g_variant_get (arguments, "(&s)", &name);
  ccbt_state_store_run_async (session->store, job, name, answered_cb, call);
}

static void
verify (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  run_named (session, call, arguments, ccbt_state_checkpoints_verify);
}

static void
backup (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  const char *path;

  g_variant_get (arguments, "(&s)", &path);
  if (path[0] != '\0' && !g_path_is_absolute (path))
    ccbt_call_reply_error (call, g_error_new (CCBT_ERROR, CCBT_ERROR_INVALID,
                                              "The whole path of the file is wanted."));
  else
    ccbt_state_store_run_async (session->store, ccbt_state_checkpoints_backup, path, answered_cb,
                                call);
}

static void
restore (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  run_named (session, call, arguments, ccbt_state_checkpoints_restore);
}

/* --- One torrent --- */

static void
export_torrent (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);
  g_autoptr (GBytes) bytes = NULL;

  if (torrent == NULL)
    return;
  bytes = ccbt_session_write_resume_file (session, torrent);
  if (bytes == NULL)
    ccbt_call_reply_error (call, g_error_new (CCBT_ERROR, CCBT_ERROR_INVALID,
                                              "The torrent's metadata has not been received yet."));
  else
    ccbt_call_reply (call, g_variant_new ("(@ay)", g_variant_new_from_bytes (
                                                       G_VARIANT_TYPE_BYTESTRING, bytes, TRUE)));
}

/* Looking at the files blocks, so a worker does it. */
typedef struct
{
  CcbtSession *session;
  CcbtCall *call;
  GBytes *bytes;
  CcbtImportItem *item;
  CcbtDiskJob job;
} Import;

static void
read_in_worker (CcbtDiskJob *job)
{
  Import *self = job->owner;

  self->item = ccbt_resume_file_read (self->bytes, &job->error);
  if (self->item != NULL)
    ccbt_import_item_check_files (self->item);
}

static GError *
take (Import *self)
{
  if (self->session->closed != NULL)
    return g_error_new (CCBT_ERROR, CCBT_ERROR_BUSY, "The program is ending.");
  if (!ccbt_session_take_over (self->session, self->item->record))
    return g_error_new (CCBT_ERROR, CCBT_ERROR_EXISTS, "It is in the list already.");
  ccbt_session_publish_now (self->session); /* whoever reads the answer may ask for it */
  return NULL;
}

static void
read_cb (CcbtDiskJob *job)
{
  Import *self = job->owner;
  GError *error = g_steal_pointer (&job->error);

  if (error == NULL)
    error = take (self);
  if (error != NULL)
    ccbt_call_reply_error (self->call, error);
  else
    {
      g_autofree char *hash = ccbt_info_hash_to_string (&self->item->record->info_hash);

      ccbt_call_reply (
          self->call,
          g_variant_new ("(s@as)", hash,
                         g_variant_new_strv ((const char *const *) self->item->notes->pdata,
                                             (gssize) self->item->notes->len)));
    }
  g_clear_pointer (&self->item, ccbt_import_item_free);
  g_bytes_unref (self->bytes);
  g_free (self);
}

static void
import_torrent (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  g_autoptr (GVariant) bytes = g_variant_get_child_value (arguments, 0);
  Import *self = g_new0 (Import, 1);

  *self
      = (Import){ .session = session, .call = call, .bytes = g_variant_get_data_as_bytes (bytes) };
  self->job = (CcbtDiskJob){
    .kind = CCBT_DISK_CALL, .call = read_in_worker, .done = read_cb, .owner = self
  };
  ccbt_disk_pool_submit (ccbt_session_get_disk (session), &self->job);
}

static const CcbtCommandEntry entries[] = {
  { { "checkpoint.list", "()", "(aa{sv})",
      "Backups of the list of torrents, and lists that were replaced: name, kind, date, size" },
    list },
  { { "checkpoint.verify", "(s)", "(a{sv})",
      "Whether a backup is whole, by its name or path; “”: the list in use" },
    verify },
  { { "checkpoint.backup", "(s)", "(s)",
      "Back the list up now: into a new file, or, “”, as the newest backup; replies its path" },
    backup },
  { { "checkpoint.restore", "(s)", "()",
      "Make a backup, by its name or path, the list of the next start" },
    restore },
  { { "checkpoint.clean", "()", "(ut)",
      "Delete lists that were replaced; replies files and bytes" },
    clean },
  { { "checkpoint.export", "(s)", "(ay)", "Give all that is known of a torrent as a resume file" },
    export_torrent },
  { { "checkpoint.import", "(ay)", "(sas)",
      "Take over a torrent from a resume file; replies its info-hash and what did not carry over" },
    import_torrent },
};

const CcbtCommandGroup ccbt_checkpoint_commands = { entries, G_N_ELEMENTS (entries) };

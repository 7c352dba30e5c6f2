/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-create-private.h"
#include "ccbt-build.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
fail_at (GError **error, int code, const char *path)
{
  CcbtError kind = CCBT_ERROR_DISK;

  if (code == ENOENT || code == ENOTDIR)
    kind = CCBT_ERROR_NOT_FOUND;
  else if (code == EACCES || code == EPERM || code == EROFS)
    kind = CCBT_ERROR_READ_ONLY;
  g_set_error (error, CCBT_ERROR, (int) kind, "“%.300s” cannot be written: %s.", path,
               g_strerror (code));
  return FALSE;
}

gboolean
ccbt_create_check_output (const CcbtCreateOptions *options, GError **error)
{
  g_autofree char *folder = NULL;
  struct stat status;

  if (options->output == NULL)
    return TRUE;
  if (lstat (options->output, &status) == 0 && !(options->overwrites && S_ISREG (status.st_mode)))
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_EXISTS, "“%.300s” is there already.",
                   options->output);
      return FALSE;
    }
  folder = g_path_get_dirname (options->output);
  return access (folder, W_OK | X_OK) == 0 || fail_at (error, errno, options->output);
}

/* --- The description --- */

/* BEP 19: what serves a folder ends in a slash. Returns: (transfer full) */
static char **
make_web_seeds (const CcbtCreation *self)
{
  char **seeds = g_strdupv (self->options->web_seeds);

  for (guint i = 0; self->files->is_folder && seeds[i] != NULL; i++)
    if (!g_str_has_suffix (seeds[i], "/"))
      {
        char *with_slash = g_strconcat (seeds[i], "/", NULL);

        g_free (seeds[i]);
        seeds[i] = with_slash;
      }
  return seeds;
}

/* Returns: (transfer full): without the folder's own name */
static GArray *
make_files (const CcbtSourceFiles *source)
{
  GArray *files = g_array_sized_new (FALSE, FALSE, sizeof (CcbtDraftFile), source->files->len);
  gsize root = source->is_folder ? strlen (source->name) + 1 : 0;

  for (guint i = 0; i < source->files->len; i++)
    {
      const CcbtSourceFile *file = &g_array_index (source->files, CcbtSourceFile, i);
      CcbtDraftFile entry = { file->path + root, (guint64) file->stamp.size };

      g_array_append_val (files, entry);
    }
  return files;
}

/* Everything in it is borrowed. */
static CcbtMetainfoDraft
make_draft (const CcbtCreation *self, GArray *files, char **web_seeds)
{
  const CcbtCreateOptions *options = self->options;

  return (CcbtMetainfoDraft){ .name = self->files->name,
                              .is_multi_file = self->files->is_folder,
                              .files = (const CcbtDraftFile *) (gpointer) files->data,
                              .n_files = files->len,
                              .piece_length = self->piece_length,
                              .pieces = self->pieces,
                              .trackers = (const char *const *const *) options->tiers,
                              .web_seeds = (const char *const *) web_seeds,
                              .is_private = options->is_private,
                              .source = options->source,
                              .comment = options->comment,
                              .created_by = "ccBitTorrent/" CCBT_VERSION,
                              .creation_date = self->now / G_USEC_PER_SEC };
}

gboolean
ccbt_create_check_files (CcbtCreation *self, GError **error)
{
  g_autoptr (GArray) files = make_files (self->files);
  CcbtMetainfoDraft draft;

  self->piece_length = self->options->piece_length;
  if (self->piece_length == 0)
    self->piece_length = ccbt_metainfo_choose_piece_length (self->files->total_size);
  draft = make_draft (self, files, NULL);
  if (!ccbt_metainfo_draft_check_files (&draft, error))
    return FALSE;
  if (!self->options->seeds || self->files->renamed == NULL)
    return TRUE;
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
               "“%.300s” has a name that not every system takes, so it cannot be seeded as it is; "
               "rename it first.",
               self->files->renamed);
  return FALSE;
}

/* --- Writing --- */

static gboolean
write_file (const CcbtCreateOptions *options, GBytes *torrent, GError **error)
{
  g_autoptr (GError) local = NULL;
  gsize length;
  const char *bytes = g_bytes_get_data (torrent, &length);

  if (!ccbt_create_check_output (options, error))
    return FALSE;
  if (g_file_set_contents_full (options->output, bytes, (gssize) length,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0666,
                                &local))
    return TRUE;
  g_set_error (error, CCBT_ERROR,
               g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOSPC) ? CCBT_ERROR_NO_SPACE
                                                                         : CCBT_ERROR_DISK,
               "“%.300s” cannot be written: %s.", options->output, local->message);
  return FALSE;
}

gboolean
ccbt_create_write (CcbtCreation *self, GError **error)
{
  const CcbtSourceFile *changed = ccbt_source_files_find_changed (self->files);
  g_autoptr (GArray) files = make_files (self->files);
  g_auto (GStrv) web_seeds = make_web_seeds (self);
  g_autoptr (CcbtMetainfo) metainfo = NULL;
  CcbtMetainfoDraft draft = make_draft (self, files, web_seeds);

  if (changed != NULL)
    {
      self->changed = g_strdup (changed->path);
      ccbt_source_set_changed (error, changed);
      return FALSE;
    }
  self->torrent = ccbt_metainfo_draft_write (&draft, error);
  /* Nobody is given what we would not take ourselves. */
  metainfo = self->torrent != NULL ? ccbt_metainfo_parse (self->torrent, error) : NULL;
  if (metainfo == NULL)
    return FALSE;
  self->info_hash = *ccbt_metainfo_get_info_hash (metainfo);
  return self->options->output == NULL || write_file (self->options, self->torrent, error);
}

CcbtTorrentRecord *
ccbt_create_make_record (CcbtCreation *self)
{
  CcbtTorrentRecord *record = ccbt_torrent_record_new ();
  guint n_files = self->files->files->len;
  guint64 n_pieces = (self->files->total_size - 1) / self->piece_length + 1;
  gsize n_bytes = (n_pieces + 7) / 8;
  guint8 *bits = g_malloc (n_bytes);
  CcbtFileStamp *stamps = g_new (CcbtFileStamp, n_files);

  memset (bits, 0xff, n_bytes);
  if (n_pieces % 8 != 0)
    bits[n_bytes - 1] = (guint8) (0xff00 >> n_pieces % 8);
  for (guint i = 0; i < n_files; i++)
    stamps[i] = g_array_index (self->files->files, CcbtSourceFile, i).stamp;
  record->info_hash = self->info_hash;
  record->metainfo = g_bytes_ref (self->torrent);
  record->name = g_strdup (self->files->name);
  record->folder = g_strdup (self->files->parent);
  record->seeds = TRUE;
  record->added_at = record->completed_at = self->now;
  record->verified = g_bytes_new_take (bits, n_bytes);
  record->durable = g_bytes_ref (record->verified);
  record->boot_id = g_strdup (ccbt_state_store_get_boot_id ());
  record->stamps = g_bytes_new_take (stamps, n_files * sizeof *stamps);
  return record;
}

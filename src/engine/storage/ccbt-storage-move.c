/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage/ccbt-storage-move.h"
#include "storage/ccbt-file-io.h"
#include "storage/ccbt-storage-move-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define JOURNAL_MAGIC "ccbt-move-1"
#define JOURNAL_MAX ((gsize) 64 * 1024)

CcbtStorageMove *
ccbt_storage_move_new (CcbtStorage *storage, const char *folder, const char *journal)
{
  CcbtStorageMove *self = g_new0 (CcbtStorageMove, 1);

  self->storage = ccbt_storage_ref (storage);
  self->folder = g_strdup (folder);
  self->journal = g_strdup (journal);
  self->files = g_new0 (guint8, storage->n_files);
  self->copy = (CcbtMoveCopy){ .from = -1, .to = -1 };
  return self;
}

void
ccbt_storage_move_free (CcbtStorageMove *self)
{
  ccbt_storage_move_copy_end (self);
  ccbt_storage_unref (self->storage);
  g_free (self->files);
  g_free (self->journal);
  g_free (self->folder);
  g_free (self);
}

void
ccbt_storage_move_cancel (CcbtStorageMove *self)
{
  g_atomic_int_set (&self->is_cancelled, TRUE);
}

gboolean
ccbt_storage_move_is_cancelled (CcbtStorageMove *self, GError **error)
{
  if (!g_atomic_int_get (&self->is_cancelled))
    return FALSE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The move was cancelled.");
  return TRUE;
}

double
ccbt_storage_move_get_progress (CcbtStorageMove *self)
{
  guint64 total = __atomic_load_n (&self->total, __ATOMIC_RELAXED);
  guint64 done = __atomic_load_n (&self->done, __ATOMIC_RELAXED);

  return total > 0 ? (double) MIN (done, total) / (double) total : 0;
}

void
ccbt_storage_move_add_done (CcbtStorageMove *self, guint64 n_bytes)
{
  __atomic_add_fetch (&self->done, n_bytes, __ATOMIC_RELAXED);
}

const char *
ccbt_storage_move_get_folder (CcbtStorageMove *self)
{
  return self->folder;
}

void
ccbt_storage_move_set_named (CcbtStorageMove *self, gboolean named)
{
  self->is_named = named;
}

void
ccbt_storage_move_set_must_exist (CcbtStorageMove *self)
{
  self->must_exist = TRUE;
}

char *
ccbt_storage_move_make_name (CcbtStorageMove *self, guint file)
{
  return g_strdup_printf ("%s-move-%u", self->storage->export_name, file);
}

/* --- The journal: which two folders, and whether copies have their right names --- */

static gboolean
write_journal (CcbtStorageMove *self, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const char *state = self->is_named ? "named" : "copying";
  const char *const fields[] = { JOURNAL_MAGIC, state, self->storage->folder, self->folder };
  g_autoptr (GError) problem = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    g_byte_array_append (bytes, (const guint8 *) fields[i], (guint) strlen (fields[i]) + 1);
  if (g_file_set_contents_full (self->journal, (const char *) bytes->data, bytes->len,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                &problem))
    return TRUE;
  g_set_error (error, CCBT_ERROR,
               g_error_matches (problem, G_FILE_ERROR, G_FILE_ERROR_NOSPC) ? CCBT_ERROR_NO_SPACE
                                                                           : CCBT_ERROR_DISK,
               "The move cannot be noted: %s", problem->message);
  return FALSE;
}

gboolean
ccbt_storage_move_read_journal (const char *journal, char **from, char **to, gboolean *named)
{
  g_autofree char *text = g_malloc (JOURNAL_MAX);
  const char *fields[4];
  guint n_fields = 0;
  int descriptor = open (journal, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  ssize_t size = descriptor >= 0 ? read (descriptor, text, JOURNAL_MAX) : 0;

  if (descriptor >= 0)
    close (descriptor);
  if (size <= 0 || text[size - 1] != '\0')
    return FALSE;
  for (const char *at = text; at < text + size && n_fields < G_N_ELEMENTS (fields);
       at += strlen (at) + 1)
    fields[n_fields++] = at;
  if (n_fields < G_N_ELEMENTS (fields) || strcmp (fields[0], JOURNAL_MAGIC) != 0
      || !g_path_is_absolute (fields[2]) || !g_path_is_absolute (fields[3]))
    return FALSE;
  *named = strcmp (fields[1], "named") == 0;
  *from = g_strdup (fields[2]);
  *to = g_strdup (fields[3]);
  return TRUE;
}

/* --- Both places --- */

static gboolean
enter (CcbtStorageMove *self, CcbtFolderWalk *from, CcbtFolderWalk *to, GError **error)
{
  int code = ccbt_folder_walk_begin (from, self->storage->folder);
  g_autofree char *name = NULL;

  if (code != 0)
    {
      name = g_filename_display_name (self->storage->folder);
      return ccbt_file_io_set_error (error, code, name, "reached");
    }
  code = ccbt_folder_walk_begin (to, self->folder);
  if (code == 0)
    return TRUE;
  ccbt_folder_walk_end (from);
  name = g_filename_display_name (self->folder);
  return ccbt_file_io_set_error (error, code, name, "reached");
}

static void
leave (CcbtFolderWalk *from, CcbtFolderWalk *to)
{
  ccbt_folder_walk_end (from);
  ccbt_folder_walk_end (to);
}

/* --- Before anything is made --- */

static gboolean
make_folder (CcbtStorageMove *self, GError **error)
{
  g_autofree char *name = g_filename_display_name (self->folder);

  if (g_file_test (self->folder, G_FILE_TEST_EXISTS))
    return TRUE;
  if (g_mkdir_with_parents (self->folder, 0777) != 0)
    return ccbt_file_io_set_error (error, errno, name, "made");
  self->made_folder = TRUE;
  return TRUE;
}

static gboolean
is_same_folder (const CcbtFolderWalk *from, const CcbtFolderWalk *to)
{
  struct stat a, b;

  return fstat (from->root, &a) == 0 && fstat (to->root, &b) == 0 && a.st_dev == b.st_dev
         && a.st_ino == b.st_ino;
}

/* What is there, at the old place and at the new one. @needed: bytes for copies */
static gboolean
plan_file (CcbtStorageMove *self, CcbtFolderWalk *from, CcbtFolderWalk *to, guint file,
           guint64 *needed, GError **error)
{
  const char *path = ccbt_storage_get_name (self->storage, file);
  g_autofree char *folder = NULL;
  struct stat status, root;
  int code = ccbt_storage_look (to, path, &status);

  if (code != ENOENT)
    {
      folder = g_filename_display_name (self->folder);
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_EXISTS,
                   "“%s” is in “%s” already, and nothing is overwritten", path, folder);
      return FALSE;
    }
  code = ccbt_storage_look (from, path, &status);
  if (code == ENOENT)
    return TRUE;
  if (code != 0)
    return ccbt_file_io_set_error (error, code, path, "moved");
  self->files[file] = CCBT_MOVED_NOT;
  self->total += 2 * (guint64) status.st_size;
  if (fstat (to->root, &root) == 0 && root.st_dev != status.st_dev)
    *needed += (guint64) status.st_blocks * 512;
  return TRUE;
}

static gboolean
has_room (CcbtStorageMove *self, guint64 needed, GError **error)
{
  struct statvfs system;
  g_autofree char *folder = NULL;
  g_autofree char *size = NULL;

  if (needed == 0 || statvfs (self->folder, &system) != 0
      || (guint64) system.f_bavail * system.f_frsize >= needed)
    return TRUE;
  folder = g_filename_display_name (self->folder);
  size = g_format_size (needed);
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_NO_SPACE, "There is no room for %s in “%s”", size,
               folder);
  return FALSE;
}

static gboolean
plan_in (CcbtStorageMove *self, CcbtFolderWalk *from, CcbtFolderWalk *to, GError **error)
{
  guint64 needed = 0;

  if (is_same_folder (from, to))
    {
      g_autofree char *folder = g_filename_display_name (self->folder);

      g_set_error (error, CCBT_ERROR, CCBT_ERROR_EXISTS, "The files are in “%s” already", folder);
      return FALSE;
    }
  for (guint i = 0; i < self->storage->n_files; i++)
    if (ccbt_storage_is_stored (self->storage, i) && !plan_file (self, from, to, i, &needed, error))
      return FALSE;
  if (self->must_exist && memchr (self->files, CCBT_MOVED_NOT, self->storage->n_files) == NULL)
    {
      g_autofree char *folder = g_filename_display_name (self->storage->folder);

      g_set_error (error, CCBT_ERROR, CCBT_ERROR_FILES_MISSING,
                   "no file of “%s” is in “%s”, so nothing can be moved",
                   ccbt_metainfo_get_name (self->storage->metainfo), folder);
      return FALSE;
    }
  /* What is linked is not synced again by whoever takes over. */
  return ccbt_storage_sync (self->storage, error) && has_room (self, needed, error)
         && write_journal (self, error);
}

static gboolean
plan (CcbtStorageMove *self, GError **error)
{
  CcbtFolderWalk from, to;
  gboolean succeeded;

  if (!self->must_exist && !g_file_test (self->storage->folder, G_FILE_TEST_EXISTS))
    {
      self->is_planned = self->is_empty = TRUE;
      return TRUE;
    }
  if (!make_folder (self, error) || !enter (self, &from, &to, error))
    return FALSE;
  succeeded = plan_in (self, &from, &to, error);
  leave (&from, &to);
  self->is_planned = succeeded;
  return succeeded;
}

/* --- File by file --- */

/* Returns: 0 or errno */
static int
link_file (CcbtStorageMove *self, CcbtFolderWalk *from, CcbtFolderWalk *to, guint file)
{
  const char *path = ccbt_storage_get_name (self->storage, file);
  const char *name;
  int old = ccbt_folder_walk_enter (from, path, FALSE, &name), parent;

  if (old < 0)
    return -old;
  parent = ccbt_folder_walk_enter (to, path, TRUE, &name);
  if (parent < 0)
    return -parent;
  return linkat (old, name, parent, name, 0) == 0 ? 0 : errno;
}

/* Another file system, one without hard links, somebody else's file, too many names: copied. */
static gboolean
begin_file (CcbtStorageMove *self, GError **error)
{
  CcbtFolderWalk from, to;
  const char *path = ccbt_storage_get_name (self->storage, self->next);
  int code;

  if (!enter (self, &from, &to, error))
    return FALSE;
  code = link_file (self, &from, &to, self->next);
  if (code == 0)
    {
      struct stat status;

      self->files[self->next] = CCBT_MOVED_LINKED;
      if (ccbt_storage_look (&from, path, &status) == 0)
        ccbt_storage_move_add_done (self, 2 * (guint64) status.st_size);
    }
  else if (code == EXDEV || code == EPERM || code == EOPNOTSUPP || code == ENOSYS || code == EMLINK)
    code = ccbt_storage_move_copy_begin (self, &from, &to, self->next);
  leave (&from, &to);
  return code == 0 || ccbt_file_io_set_error (error, code, path, "moved");
}

static gboolean
go_on_with_files (CcbtStorageMove *self, GError **error)
{
  CcbtMoveStep step;

  if (self->copy.from < 0 && !begin_file (self, error))
    return FALSE;
  if (self->copy.from < 0)
    {
      self->next++;
      return TRUE;
    }
  step = ccbt_storage_move_copy_step (self, self->next, error);
  if (step == CCBT_MOVE_FAILED)
    return FALSE;
  if (step == CCBT_MOVE_COMPLETE)
    {
      ccbt_storage_move_copy_end (self);
      self->files[self->next++] = CCBT_MOVED_COPIED;
    }
  return TRUE;
}

/* --- All are complete --- */

/* Returns: 0 or errno */
static int
name_copy (CcbtStorageMove *self, CcbtFolderWalk *to, guint file)
{
  g_autofree char *copy_name = ccbt_storage_move_make_name (self, file);
  const char *name;
  int parent
      = ccbt_folder_walk_enter (to, ccbt_storage_get_name (self->storage, file), FALSE, &name);

  if (parent < 0)
    return -parent;
  if (renameat2 (parent, copy_name, parent, name, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return errno;
  /* A file system that cannot tell: looked at when planning, and once more. */
  if (faccessat (parent, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
    return EEXIST;
  return renameat (parent, copy_name, parent, name) == 0 ? 0 : errno;
}

static gboolean
name_copies (CcbtStorageMove *self, CcbtFolderWalk *to, GError **error)
{
  for (guint i = 0; i < self->storage->n_files; i++)
    {
      int code = self->files[i] == CCBT_MOVED_COPIED ? name_copy (self, to, i) : 0;

      if (code != 0)
        return ccbt_file_io_set_error (error, code, ccbt_storage_get_name (self->storage, i),
                                       "moved");
    }
  return TRUE;
}

static gboolean
sync_new_folders (CcbtStorageMove *self, CcbtFolderWalk *to, GError **error)
{
  g_autoptr (GHashTable) folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  int code;

  for (guint i = 0; i < self->storage->n_files; i++)
    if (self->files[i] != CCBT_MOVED_ABSENT)
      ccbt_storage_add_folders (folders, ccbt_storage_get_name (self->storage, i));
  code = ccbt_storage_sync_folders (to, folders);
  return code == 0
         || ccbt_file_io_set_error (error, code, ccbt_metainfo_get_name (self->storage->metainfo),
                                    "made safe");
}

static gboolean
finish (CcbtStorageMove *self, GError **error)
{
  CcbtFolderWalk from, to;
  gboolean has_copies = memchr (self->files, CCBT_MOVED_COPIED, self->storage->n_files) != NULL;
  gboolean succeeded;

  if (!enter (self, &from, &to, error))
    return FALSE;
  self->is_named = has_copies;
  succeeded = (!has_copies || write_journal (self, error)) && name_copies (self, &to, error)
              && sync_new_folders (self, &to, error);
  leave (&from, &to);
  return succeeded;
}

CcbtMoveStep
ccbt_storage_move_step (CcbtStorageMove *self, GError **error)
{
  const guint n_files = self->storage->n_files;

  if (ccbt_storage_move_is_cancelled (self, error))
    return CCBT_MOVE_FAILED;
  if (!self->is_planned)
    return plan (self, error) ? CCBT_MOVE_MORE : CCBT_MOVE_FAILED;
  if (self->is_empty)
    return CCBT_MOVE_COMPLETE;
  while (self->next < n_files && self->files[self->next] == CCBT_MOVED_ABSENT)
    self->next++;
  if (self->next < n_files)
    return go_on_with_files (self, error) ? CCBT_MOVE_MORE : CCBT_MOVE_FAILED;
  return finish (self, error) ? CCBT_MOVE_COMPLETE : CCBT_MOVE_FAILED;
}

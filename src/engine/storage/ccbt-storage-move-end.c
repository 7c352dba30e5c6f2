/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is too much when a move is over: the old names, or the new ones. It needs nothing but the two
 * folders and the journal's word, so that the next run can do it after a kill. Nothing is removed
 * that is not at the other place as well. */
#include "storage/ccbt-file-io.h"
#include "storage/ccbt-storage-move-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

typedef struct
{
  CcbtFolderWalk from, to;
} Places;

/* Returns: FALSE when either place is gone: then there is nothing to compare, and nothing removed */
static gboolean
places_begin (Places *self, CcbtStorageMove *move)
{
  if (ccbt_folder_walk_begin (&self->from, move->storage->folder) != 0)
    return FALSE;
  if (ccbt_folder_walk_begin (&self->to, move->folder) == 0)
    return TRUE;
  ccbt_folder_walk_end (&self->from);
  return FALSE;
}

static void
places_end (Places *self)
{
  ccbt_folder_walk_end (&self->from);
  ccbt_folder_walk_end (&self->to);
}

static gboolean
is_same_file (const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Two names of one file, and not one name found on two ways. */
static gboolean
is_link (const struct stat *a, const struct stat *b)
{
  return is_same_file (a, b) && a->st_nlink >= 2;
}

/* Returns: 0 or errno */
static int
remove_name (CcbtFolderWalk *walk, const char *path, const char *instead)
{
  const char *name;
  int parent = ccbt_folder_walk_enter (walk, path, FALSE, &name);

  if (parent < 0)
    return -parent;
  return unlinkat (parent, instead != NULL ? instead : name, 0) == 0 ? 0 : errno;
}

static GHashTable *
list_folders (CcbtStorageMove *self)
{
  GHashTable *folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->storage->n_files; i++)
    if (ccbt_storage_is_stored (self->storage, i))
      ccbt_storage_add_folders (folders, ccbt_storage_get_name (self->storage, i));
  return folders;
}

/* --- Back --- */

static void
undo_file (CcbtStorageMove *self, Places *places, guint file)
{
  const char *path = ccbt_storage_get_name (self->storage, file);
  g_autofree char *copy_name = ccbt_storage_move_make_name (self, file);
  gboolean had_copy = remove_name (&places->to, path, copy_name) == 0;
  struct stat old, new;

  if (ccbt_storage_look (&places->from, path, &old) != 0
      || ccbt_storage_look (&places->to, path, &new) != 0)
    return;
  /* A copy whose own name is gone has got the right one, and nobody else's file can be there: that
   * was looked at before, and the renaming replaces nothing. */
  if (is_link (&old, &new)
      || (self->is_named && !had_copy && !is_same_file (&old, &new) && old.st_size == new.st_size))
    remove_name (&places->to, path, NULL);
}

/* Without a journal nothing was made yet, and what is there is not ours. */
static gboolean
has_journal (CcbtStorageMove *self)
{
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;
  gboolean named;

  return ccbt_storage_move_read_journal (self->journal, &from, &to, &named)
         && g_str_equal (from, self->storage->folder) && g_str_equal (to, self->folder);
}

void
ccbt_storage_move_undo (CcbtStorageMove *self)
{
  g_autoptr (GHashTable) folders = NULL;
  gboolean was_begun = has_journal (self);
  Places places;

  ccbt_storage_move_copy_end (self);
  if (was_begun && places_begin (&places, self))
    {
      folders = list_folders (self);
      for (guint i = 0; i < self->storage->n_files; i++)
        if (ccbt_storage_is_stored (self->storage, i))
          undo_file (self, &places, i);
      ccbt_storage_remove_folders (&places.to, folders);
      places_end (&places);
    }
  if (self->made_folder)
    rmdir (self->folder);
  if (was_begun)
    unlink (self->journal);
}

/* --- Away with the old --- */

static gboolean
clean_file (CcbtStorageMove *self, Places *places, guint file, GError **error)
{
  const char *path = ccbt_storage_get_name (self->storage, file);
  g_autofree char *folder = NULL;
  struct stat old, new;
  int code;

  if (ccbt_storage_look (&places->from, path, &old) != 0)
    return TRUE;
  if (ccbt_storage_look (&places->to, path, &new) == 0
      && (is_link (&old, &new) || (!is_same_file (&old, &new) && old.st_size == new.st_size)))
    {
      code = remove_name (&places->from, path, NULL);
      return code == 0 || ccbt_file_io_set_error (error, code, path, "removed from its old place");
    }
  folder = g_filename_display_name (self->storage->folder);
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_DISK,
               "“%s” was left in “%s”: it is not like the one at the new place", path, folder);
  return FALSE;
}

gboolean
ccbt_storage_move_clean (CcbtStorageMove *self, const gboolean *kept, GError **error)
{
  g_autoptr (GHashTable) folders = NULL;
  gboolean succeeded = TRUE;
  Places places;

  if (self->is_empty)
    return TRUE;
  ccbt_storage_close (self->storage);
  if (!places_begin (&places, self)) /* a drive was taken away: its journal waits for it */
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_FILES_MISSING,
                   "The old place of “%s” cannot be reached; its files there are left for later",
                   ccbt_metainfo_get_name (self->storage->metainfo));
      return FALSE;
    }
  folders = list_folders (self);
  for (guint i = 0; i < self->storage->n_files; i++)
    if (ccbt_storage_is_stored (self->storage, i) && (kept == NULL || !kept[i])
        && !clean_file (self, &places, i, succeeded ? error : NULL))
      succeeded = FALSE; /* the first says it; the others go on */
  ccbt_storage_remove_folders (&places.from, folders);
  places_end (&places);
  unlink (self->journal);
  return succeeded;
}

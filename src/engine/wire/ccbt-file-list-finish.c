/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-file-list.h"

/* What can be done only when all files of a torrent are known. */

static CcbtMetainfoFile *
get_file (const CcbtFileList *self, guint index)
{
  return &g_array_index (self->files, CcbtMetainfoFile, index);
}

/* Pads are never stored; named last, they take no name from a file that is. */
static gboolean
name_pads (CcbtFileList *self, GError **error)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      CcbtMetainfoFile *file = get_file (self, i);
      char number[24];
      char *components[] = { (char *) self->root, (char *) ".pad", number, NULL };

      if (file->path != NULL)
        continue;
      g_snprintf (number, sizeof number, "%" G_GUINT64_FORMAT, file->length);
      file->path = ccbt_path_names_add_file (self->names,
                                             self->root != NULL ? components : components + 1);
      if (!ccbt_file_list_count_path (self, file->path, error))
        return FALSE;
    }
  return TRUE;
}

/* "a/b/link" to "a/c/file" is "../c/file". Returns: (transfer full) */
static char *
make_relative (const char *link, const char *target)
{
  GString *relative = g_string_new (NULL);
  gsize common = 0; /* bytes of the folders both are in */

  for (gsize i = 0; link[i] == target[i] && link[i] != '\0'; i++)
    if (link[i] == '/')
      common = i + 1;
  for (const char *p = link + common; (p = strchr (p, '/')) != NULL; p++)
    g_string_append (relative, "../");
  g_string_append (relative, target + common);
  return g_string_free (relative, FALSE);
}

/* A link may only name a real file of the torrent: then no chain and no loop of links can be made,
 * and since a file's folders are never links, no way out (threat B17). */
static void
resolve_links (CcbtFileList *self)
{
  g_autoptr (GHashTable) real = g_hash_table_new (g_str_hash, g_str_equal);
  const CcbtFileAttributes unreal = CCBT_FILE_ATTRIBUTE_SYMLINK | CCBT_FILE_ATTRIBUTE_PAD;

  for (guint i = 0; i < self->files->len; i++)
    if ((get_file (self, i)->attributes & unreal) == 0)
      g_hash_table_add (real, (char *) get_file (self, i)->path);
  for (guint i = 0; i < self->files->len; i++)
    {
      CcbtMetainfoFile *file = get_file (self, i);
      g_autofree char *target = (char *) g_steal_pointer (&file->symlink_target);

      if (target != NULL && g_hash_table_contains (real, target))
        file->symlink_target = make_relative (file->path, target);
    }
}

gboolean
ccbt_file_list_finish (CcbtFileList *self, GError **error)
{
  if (!name_pads (self, error))
    return FALSE;
  if (self->has_links)
    resolve_links (self);
  g_clear_pointer (&self->names, ccbt_path_names_free);
  return TRUE;
}

gboolean
ccbt_file_list_merge_v2 (CcbtFileList *self, const CcbtFileList *v2, GError **error)
{
  guint next = 0;

  for (guint i = 0; i < self->files->len; i++)
    {
      CcbtMetainfoFile *file = get_file (self, i);
      const CcbtMetainfoFile *twin;

      if ((file->attributes & CCBT_FILE_ATTRIBUTE_PAD) != 0)
        continue;
      twin = next < v2->files->len ? get_file (v2, next) : NULL;
      if (twin == NULL || file->length != twin->length || strcmp (file->path, twin->path) != 0
          || (file->length > 0 && file->offset != twin->offset))
        {
          g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED,
                       "The v1 and v2 parts of the torrent disagree about “%s”.", file->path);
          return FALSE;
        }
      file->pieces_root = twin->pieces_root;
      next++;
    }
  if (next != v2->files->len)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_MALFORMED,
                           "The “file tree” of the torrent names files that “files” does not.");
      return FALSE;
    }
  return TRUE;
}

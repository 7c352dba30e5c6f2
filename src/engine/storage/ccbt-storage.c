/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage/ccbt-storage-private.h"

/* --- The object --- */

gboolean
ccbt_storage_is_stored (CcbtStorage *self, guint file)
{
  const CcbtFileAttributes none = CCBT_FILE_ATTRIBUTE_PAD | CCBT_FILE_ATTRIBUTE_SYMLINK;

  return (ccbt_metainfo_get_file (self->metainfo, file)->attributes & none) == 0;
}

static CcbtFileMap *
make_map (CcbtStorage *self)
{
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (CcbtFileSpan));

  for (guint i = 0; i < self->n_files; i++)
    {
      const CcbtMetainfoFile *file = ccbt_metainfo_get_file (self->metainfo, i);
      const CcbtFileSpan span = { .offset = file->offset, .length = file->length, .file = i };

      if (file->length > 0 && ccbt_storage_is_stored (self, i))
        g_array_append_val (spans, span);
    }
  return ccbt_file_map_new ((const CcbtFileSpan *) spans->data, spans->len);
}

CcbtStorage *
ccbt_storage_new (CcbtMetainfo *metainfo, const char *folder, const char *parts_path,
                  CcbtAllocation allocation)
{
  CcbtStorage *self = g_new0 (CcbtStorage, 1);
  g_autofree char *id = ccbt_info_hash_to_string (ccbt_metainfo_get_info_hash (metainfo));

  g_atomic_ref_count_init (&self->references);
  self->metainfo = ccbt_metainfo_ref (metainfo);
  self->folder = g_strdup (folder);
  self->parts_path = g_strdup (parts_path);
  self->export_name = g_strdup_printf (".ccbt-%s", id);
  self->allocation = allocation;
  self->n_files = ccbt_metainfo_get_n_files (metainfo);
  self->files = g_new0 (CcbtStorageFile, (gsize) self->n_files + 1);
  for (guint i = 0; i <= self->n_files; i++)
    self->files[i].known_size = -1;
  self->files[self->n_files].place = CCBT_PLACE_FILE;
  self->map = make_map (self);
  g_rw_lock_init (&self->parts_lock);
  return self;
}

CcbtStorage *
ccbt_storage_ref (CcbtStorage *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
ccbt_storage_unref (CcbtStorage *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  ccbt_storage_close (self);
  g_rw_lock_clear (&self->parts_lock);
  ccbt_file_map_free (self->map);
  ccbt_metainfo_unref (self->metainfo);
  g_free (self->files);
  g_free (self->export_name);
  g_free (self->parts_path);
  g_free (self->folder);
  g_free (self);
}

guint
ccbt_storage_count_references (CcbtStorage *self)
{
  return (guint) g_atomic_int_get (&self->references);
}

const char *
ccbt_storage_get_folder (CcbtStorage *self)
{
  return self->folder;
}

CcbtMetainfo *
ccbt_storage_get_metainfo (CcbtStorage *self)
{
  return self->metainfo;
}

void
ccbt_storage_close (CcbtStorage *self)
{
  for (guint i = 0; i <= self->n_files; i++)
    ccbt_file_cache_forget (&self->files[i].open);
}

guint64
ccbt_storage_get_length (CcbtStorage *self, guint file)
{
  if (file == self->n_files)
    return G_MAXINT64;
  return ccbt_metainfo_get_file (self->metainfo, file)->length;
}

const char *
ccbt_storage_get_name (CcbtStorage *self, guint file)
{
  if (file == self->n_files)
    return "the store for pieces of skipped files";
  return ccbt_metainfo_get_file (self->metainfo, file)->path;
}

void
ccbt_storage_set_skipped (CcbtStorage *self, const gboolean *skipped)
{
  for (guint i = 0; i < self->n_files; i++)
    {
      g_atomic_int_set (&self->files[i].is_skipped, skipped[i]);
      if (skipped[i])
        g_atomic_int_compare_and_exchange (&self->files[i].place, CCBT_PLACE_NEW,
                                           CCBT_PLACE_UNDECIDED);
    }
}

void
ccbt_storage_set_kept (CcbtStorage *self, guint file, CcbtKeep keep)
{
  g_atomic_int_set (&self->files[file].keep, (gint) keep);
}

gint64
ccbt_storage_get_known_size (CcbtStorage *self, guint file)
{
  return __atomic_load_n (&self->files[file].known_size, __ATOMIC_ACQUIRE);
}

void
ccbt_storage_set_known_size (CcbtStorage *self, guint file, gint64 size)
{
  /* What is behind the length is cut off by ourselves. */
  size = MIN (size, (gint64) ccbt_storage_get_length (self, file));
  __atomic_store_n (&self->files[file].known_size, size, __ATOMIC_RELEASE);
}

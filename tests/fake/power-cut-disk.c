/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "power-cut-private.h"
#include <string.h>

/* What a disk holds after the cut. */

#define SECTOR 512

/* What is on the disk while the changes are gone through. */
typedef struct
{
  GHashTable *names;        /* name -> node + 1, kept */
  GPtrArray *waiting_names; /* Change: MAKE, RENAME, REMOVE, not kept yet */
  GPtrArray *contents;      /* by node: GByteArray, kept */
  GPtrArray *waiting;       /* by node: GPtrArray of Change: WRITE, CUT */
} Disk;

static void
write_bytes (GByteArray *content, guint64 offset, const guint8 *data, gsize size)
{
  const guint old = content->len;

  if (offset + size > old)
    {
      g_byte_array_set_size (content, (guint) (offset + size));
      memset (content->data + old, 0, content->len - old);
    }
  memcpy (content->data + offset, data, size);
}

static void
cut_bytes (GByteArray *content, guint64 size)
{
  const guint old = content->len;

  g_byte_array_set_size (content, (guint) size);
  if (size > old)
    memset (content->data + old, 0, (gsize) size - old);
}

static void
write_some_sectors (GByteArray *content, const PowerCutChange *change, CcbtRandom *random)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (change->data, &size);

  for (gsize at = 0; at < size; at += SECTOR)
    if (ccbt_random_below (random, 2) == 0)
      write_bytes (content, change->offset + at, data + at, MIN (SECTOR, size - at));
}

static void
apply (GByteArray *content, const PowerCutChange *change, PowerCutKind kind, CcbtRandom *random)
{
  gsize size;
  const guint8 *data;

  if (kind == POWER_CUT_KEEPS_NOTHING
      || (kind != POWER_CUT_KEEPS_ALL
          && !(kind == POWER_CUT_KEEPS_SOME_SECTORS && change->kind == WRITE)
          && ccbt_random_below (random, 2) == 0))
    return;
  if (change->kind == CUT)
    cut_bytes (content, change->offset);
  else if (kind == POWER_CUT_KEEPS_SOME_SECTORS)
    write_some_sectors (content, change, random);
  else
    {
      data = g_bytes_get_data (change->data, &size);
      write_bytes (content, change->offset, data, size);
    }
}

static void
apply_waiting (Disk *disk, guint node, PowerCutKind kind, CcbtRandom *random)
{
  GPtrArray *waiting = disk->waiting->pdata[node];

  for (guint i = 0; i < waiting->len; i++)
    apply (disk->contents->pdata[node], waiting->pdata[i], kind, random);
  g_ptr_array_set_size (waiting, 0);
}

static void
apply_names (Disk *disk, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      const PowerCutChange *change = disk->waiting_names->pdata[i];
      gpointer node = g_hash_table_lookup (disk->names, change->name);

      if (change->kind == MAKE)
        g_hash_table_replace (disk->names, g_strdup (change->name),
                              GUINT_TO_POINTER (change->node + 1));
      else
        g_hash_table_remove (disk->names, change->name);
      if (change->kind == RENAME)
        g_hash_table_replace (disk->names, g_strdup (change->target), node);
    }
  g_ptr_array_set_size (disk->waiting_names, 0);
}

static void
go_through (Disk *disk, guint n_changes)
{
  for (guint i = 0; i < n_changes; i++)
    {
      PowerCutChange *change = power_cut_changes->pdata[i];

      switch (change->kind)
        {
        case WRITE:
        case CUT:
          g_ptr_array_add (disk->waiting->pdata[change->node], change);
          break;
        case SYNC:
          apply_waiting (disk, change->node, POWER_CUT_KEEPS_ALL, NULL);
          break;
        case SYNC_FOLDER:
          apply_names (disk, disk->waiting_names->len);
          break;
        default:
          g_ptr_array_add (disk->waiting_names, change);
        }
    }
}

static void
begin_disk (Disk *disk)
{
  GHashTableIter iter;
  gpointer name, node;

  disk->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  disk->waiting_names = g_ptr_array_new ();
  disk->contents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);
  disk->waiting = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < power_cut_originals->len; i++)
    {
      GByteArray *content = g_byte_array_new ();
      GBytes *original = power_cut_originals->pdata[i];

      if (original != NULL)
        write_bytes (content, 0, g_bytes_get_data (original, NULL), g_bytes_get_size (original));
      g_ptr_array_add (disk->contents, content);
      g_ptr_array_add (disk->waiting, g_ptr_array_new ());
    }
  g_hash_table_iter_init (&iter, power_cut_old_names);
  while (g_hash_table_iter_next (&iter, &name, &node))
    g_hash_table_insert (disk->names, g_strdup (name), node);
}

static void
clear_disk (Disk *disk)
{
  g_hash_table_unref (disk->names);
  g_ptr_array_unref (disk->waiting_names);
  g_ptr_array_unref (disk->contents);
  g_ptr_array_unref (disk->waiting);
}

void
power_cut_lay_out (guint n_changes, PowerCutKind kind, CcbtRandom *random, const char *target)
{
  Disk disk;
  GHashTableIter iter;
  gpointer name, node;
  guint n_names;

  begin_disk (&disk);
  go_through (&disk, n_changes);
  n_names = kind == POWER_CUT_KEEPS_NOTHING ? 0
            : kind == POWER_CUT_KEEPS_ALL
                ? disk.waiting_names->len
                : (guint) ccbt_random_below (random, disk.waiting_names->len + 1);
  apply_names (&disk, n_names);
  g_hash_table_iter_init (&iter, disk.names);
  while (g_hash_table_iter_next (&iter, &name, &node))
    {
      g_autofree char *path = g_build_filename (target, name, NULL);
      const guint index = GPOINTER_TO_UINT (node) - 1;
      GByteArray *content = disk.contents->pdata[index];

      apply_waiting (&disk, index, kind, random);
      g_assert_true (g_file_set_contents_full (path, content->len > 0 ? (char *) content->data : "",
                                               content->len, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
  clear_disk (&disk);
}

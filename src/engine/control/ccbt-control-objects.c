/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-objects.h"
#include "control/ccbt-control-fields.h"

struct _CcbtControlObjects
{
  CcbtSnapshotStore *snapshots; /* borrowed */
  CcbtControlObjectChanged changed;
  gpointer data;
  guint64 generation;  /* of the snapshots that are here */
  GHashTable *by_hash; /* CcbtControlObject, owned */
  GHashTable *by_id;   /* the same */
};

static void
object_free (gpointer data)
{
  CcbtControlObject *object = data;

  g_clear_pointer (&object->properties, g_variant_unref);
  ccbt_torrent_status_unref (object->status);
  g_free (object->info_hash);
  g_free (object);
}

CcbtControlObjects *
ccbt_control_objects_new (CcbtSnapshotStore *snapshots, CcbtControlObjectChanged changed,
                          gpointer data)
{
  CcbtControlObjects *self = g_new0 (CcbtControlObjects, 1);

  self->snapshots = snapshots;
  self->changed = changed;
  self->data = data;
  self->by_hash = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, object_free);
  self->by_id = g_hash_table_new (NULL, NULL);
  return self;
}

void
ccbt_control_objects_free (CcbtControlObjects *self)
{
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->by_hash);
  g_free (self);
}

void
ccbt_control_objects_forget (CcbtControlObjects *self)
{
  g_hash_table_remove_all (self->by_id);
  g_hash_table_remove_all (self->by_hash);
  self->generation = 0;
}

static void
remove_object (CcbtControlObjects *self, CcbtControlObject *object)
{
  g_autofree char *info_hash = g_strdup (object->info_hash);

  g_hash_table_remove (self->by_id, GUINT_TO_POINTER (object->status->id));
  g_hash_table_remove (self->by_hash, info_hash);
  self->changed (info_hash, TRUE, CCBT_CONTROL_ALL_FIELDS, self->data);
}

static void
add_object (CcbtControlObjects *self, CcbtTorrentStatus *status)
{
  CcbtControlObject *namesake = g_hash_table_lookup (self->by_hash, status->info_hash);
  CcbtControlObject *object;

  if (namesake != NULL)
    remove_object (self, namesake);
  object = g_new0 (CcbtControlObject, 1);
  object->info_hash = g_strdup (status->info_hash);
  object->status = ccbt_torrent_status_ref (status);
  g_hash_table_insert (self->by_hash, object->info_hash, object);
  g_hash_table_insert (self->by_id, GUINT_TO_POINTER (status->id), object);
  self->changed (object->info_hash, FALSE, CCBT_CONTROL_ALL_FIELDS, self->data);
}

static void
update_object (CcbtControlObjects *self, CcbtControlObject *object, CcbtTorrentStatus *status)
{
  const guint64 mask = ccbt_control_fields_compare (object->status, status);

  ccbt_torrent_status_unref (object->status);
  object->status = ccbt_torrent_status_ref (status);
  if (mask == 0)
    return;
  g_clear_pointer (&object->properties, g_variant_unref);
  self->changed (object->info_hash, TRUE, mask, self->data);
}

static void
take (CcbtControlObjects *self, CcbtTorrentStatus *status)
{
  CcbtControlObject *object = g_hash_table_lookup (self->by_id, GUINT_TO_POINTER (status->id));

  /* A magnet link can turn out to have another name for its torrent. */
  if (object != NULL && !g_str_equal (object->info_hash, status->info_hash))
    {
      remove_object (self, object);
      object = NULL;
    }
  if (object == NULL)
    add_object (self, status);
  else
    update_object (self, object, status);
}

/* What is not among @all is gone: the tombstones are, too. */
static void
remove_others (CcbtControlObjects *self, GPtrArray *all)
{
  g_autoptr (GHashTable) there = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) objects = ccbt_control_objects_list (self);

  for (guint i = 0; i < all->len; i++)
    g_hash_table_add (there, GUINT_TO_POINTER (((CcbtTorrentStatus *) all->pdata[i])->id));
  for (guint i = 0; i < objects->len; i++)
    {
      CcbtControlObject *object = objects->pdata[i];

      if (!g_hash_table_contains (there, GUINT_TO_POINTER (object->status->id)))
        remove_object (self, object);
    }
}

void
ccbt_control_objects_refresh (CcbtControlObjects *self)
{
  g_autoptr (GPtrArray) changed = NULL, details = NULL;
  g_autoptr (GArray) removed = NULL;
  gboolean start_over;

  self->generation = ccbt_snapshot_store_pull (self->snapshots, self->generation, &changed,
                                               &details, &removed, &start_over);
  if (start_over)
    remove_others (self, changed);
  for (guint i = 0; i < removed->len; i++)
    {
      CcbtControlObject *object = g_hash_table_lookup (
          self->by_id, GUINT_TO_POINTER (g_array_index (removed, CcbtTorrentId, i)));

      if (object != NULL)
        remove_object (self, object);
    }
  for (guint i = 0; i < changed->len; i++)
    take (self, changed->pdata[i]);
}

CcbtControlObject *
ccbt_control_objects_lookup (CcbtControlObjects *self, const char *info_hash)
{
  return g_hash_table_lookup (self->by_hash, info_hash);
}

GPtrArray *
ccbt_control_objects_list (CcbtControlObjects *self)
{
  GPtrArray *list = g_ptr_array_sized_new (g_hash_table_size (self->by_hash));
  GHashTableIter iter;
  gpointer object;

  g_hash_table_iter_init (&iter, self->by_hash);
  while (g_hash_table_iter_next (&iter, NULL, &object))
    g_ptr_array_add (list, object);
  return list;
}

GVariant *
ccbt_control_object_get_properties (CcbtControlObject *self)
{
  if (self->properties == NULL)
    self->properties = g_variant_ref_sink (
        ccbt_control_fields_collect_properties (self->status, CCBT_CONTROL_ALL_FIELDS));
  return self->properties;
}

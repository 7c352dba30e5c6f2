/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-fields.h"
#include "control/ccbt-control-interface.h"
#include "control/ccbt-control-objects.h"

#define N_MANY 5000

typedef struct
{
  CcbtSnapshotStore *store;
  CcbtControlObjects *objects;
  GString *told; /* "+ab" new, "-ab" gone, "ab:DownloadRate," changed */
} World;

static void
changed_cb (const char *info_hash, gboolean was_there, guint64 mask, gpointer data)
{
  World *world = data;
  guint n_fields;
  const CcbtControlField *fields = ccbt_control_fields_get (&n_fields);
  CcbtControlObject *object = ccbt_control_objects_lookup (world->objects, info_hash);

  if (!was_there || object == NULL)
    {
      g_string_append_printf (world->told, "%c%s ", was_there ? '-' : '+', info_hash);
      return;
    }
  g_string_append_printf (world->told, "%s:", info_hash);
  for (guint i = 0; i < n_fields; i++)
    if (mask >> i & 1)
      g_string_append_printf (world->told, "%s,", fields[i].name);
  g_string_append_c (world->told, ' ');
}

static void
world_init (World *world)
{
  world->store = ccbt_snapshot_store_new ();
  world->told = g_string_new (NULL);
  world->objects = ccbt_control_objects_new (world->store, changed_cb, world);
}

static void
world_clear (World *world)
{
  ccbt_control_objects_free (world->objects);
  ccbt_snapshot_store_unref (world->store);
  g_string_free (world->told, TRUE);
}

static CcbtTorrentStatus *
make (CcbtTorrentId id, const char *info_hash, double rate)
{
  CcbtTorrentStatus *status = ccbt_torrent_status_new ();

  status->id = id;
  status->info_hash = g_strdup (info_hash);
  status->name = g_strdup ("name");
  status->down_rate = rate;
  status->options = ccbt_torrent_options_new ();
  return status;
}

static void
assert_told (World *world, const char *expected)
{
  g_string_truncate (world->told, 0);
  ccbt_control_objects_refresh (world->objects);
  g_assert_cmpstr (world->told->str, ==, expected);
}

static void
test_only_what_changed_is_told (void)
{
  World world;
  CcbtTorrentStatus *status;

  world_init (&world);
  assert_told (&world, "");
  ccbt_snapshot_store_put (world.store, make (1, "aa", 0));
  ccbt_snapshot_store_put (world.store, make (2, "bb", 0));
  assert_told (&world, "+aa +bb ");
  assert_told (&world, "");
  ccbt_snapshot_store_put (world.store, make (1, "aa", 0)); /* the same again */
  ccbt_snapshot_store_put (world.store, make (2, "bb", 7));
  assert_told (&world, "bb:down-rate, ");

  status = make (1, "aa", 0);
  status->error_text = g_strdup ("no room");
  status->state = CCBT_TORRENT_STATE_ERROR;
  ccbt_snapshot_store_put (world.store, status);
  assert_told (&world, "aa:state,error-text, ");

  ccbt_snapshot_store_remove (world.store, 1);
  assert_told (&world, "-aa ");
  /* Removed and added again between two looks; and an info-hash that turned out to be another. */
  ccbt_snapshot_store_remove (world.store, 2);
  ccbt_snapshot_store_put (world.store, make (3, "bb", 0));
  assert_told (&world, "-bb +bb ");
  ccbt_snapshot_store_put (world.store, make (3, "cc", 0));
  assert_told (&world, "-bb +cc ");
  ccbt_control_objects_forget (world.objects);
  assert_told (&world, "+cc ");
  world_clear (&world);
}

static void
test_too_late_for_tombstones (void)
{
  World world;

  world_init (&world);
  ccbt_snapshot_store_put (world.store, make (1, "aa", 0));
  ccbt_snapshot_store_put (world.store, make (2, "bb", 0));
  assert_told (&world, "+aa +bb ");
  ccbt_snapshot_store_remove (world.store, 1);
  for (guint i = 0; i < 200000; i++)
    {
      ccbt_snapshot_store_put (world.store, make (1000 + i, "dd", 0));
      ccbt_snapshot_store_remove (world.store, 1000 + i);
    }
  assert_told (&world, "-aa ");
  world_clear (&world);
}

static void
test_properties_are_all_there (void)
{
  GDBusInterfaceInfo *info = ccbt_control_interface_get (CCBT_CONTROL_TORRENT);
  World world;
  GVariant *properties;
  guint n = 0;

  world_init (&world);
  ccbt_snapshot_store_put (world.store, make (1, "aa", 7));
  ccbt_control_objects_refresh (world.objects);
  properties
      = ccbt_control_object_get_properties (ccbt_control_objects_lookup (world.objects, "aa"));
  for (; info->properties[n] != NULL; n++)
    {
      g_autoptr (GVariant) value = g_variant_lookup_value (
          properties, info->properties[n]->name, G_VARIANT_TYPE (info->properties[n]->signature));

      g_test_message ("%s", info->properties[n]->name);
      g_assert_nonnull (value);
    }
  g_assert_cmpuint (g_variant_n_children (properties), ==, n);
  for (guint i = 0; i < 3; i++)
    g_assert_nonnull (g_dbus_interface_info_lookup_property (
        info, ((const char *[]){ "DownloadRate", "UploadRate", "Size" })[i]));
  for (guint i = 0; i < 4; i++)
    g_assert_nonnull (g_dbus_interface_info_lookup_method (
        info, ((const char *[]){ "Pause", "Resume", "Remove", "Recheck" })[i]));
  g_assert_null (g_dbus_interface_info_lookup_method (info, "Subscribe"));
  world_clear (&world);
}

/* All of them are made once, and then only what changed: never again at each call. */
static void
test_thousands_are_made_once (void)
{
  World world;
  GVariant *first;

  world_init (&world);
  for (guint i = 1; i <= N_MANY; i++)
    {
      g_autofree char *info_hash = g_strdup_printf ("%040x", i);

      ccbt_snapshot_store_put (world.store, make (i, info_hash, 0));
    }
  ccbt_control_objects_refresh (world.objects);
  first = ccbt_control_object_get_properties (
      ccbt_control_objects_lookup (world.objects, "0000000000000000000000000000000000000001"));
  ccbt_snapshot_store_put (world.store, make (2, "0000000000000000000000000000000000000002", 1));
  assert_told (&world, "0000000000000000000000000000000000000002:down-rate, ");
  g_assert_true (first
                 == ccbt_control_object_get_properties (ccbt_control_objects_lookup (
                     world.objects, "0000000000000000000000000000000000000001")));
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (GPtrArray) list = ccbt_control_objects_list (world.objects);
      const gint64 begin = g_get_monotonic_time ();

      g_assert_cmpuint (list->len, ==, N_MANY);
      for (guint i = 0; i < list->len; i++)
        ccbt_control_object_get_properties (list->pdata[i]);
      g_test_message ("round %u: %.1f ms", round, (g_get_monotonic_time () - begin) / 1e3);
    }
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/objects/only-what-changed-is-told", test_only_what_changed_is_told);
  g_test_add_func ("/objects/too-late-for-tombstones", test_too_late_for_tombstones);
  g_test_add_func ("/objects/properties-are-all-there", test_properties_are_all_there);
  g_test_add_func ("/objects/thousands-are-made-once", test_thousands_are_made_once);
  return g_test_run ();
}

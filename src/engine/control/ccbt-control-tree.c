/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-tree.h"
#include "control/ccbt-control-fields.h"
#include "control/ccbt-control-followers.h"
#include "control/ccbt-control-interface.h"
#include "control/ccbt-control-peer.h"
#include "control/ccbt-control-service-private.h"
#include "base/ccbt-error.h"
#include "session/ccbt-command.h"

#include <string.h>

struct _CcbtControlTree
{
  CcbtControlService *service;
  CcbtControlObjects *objects;
  CcbtControlFollowers *followers;
};

static void
changed_cb (const char *info_hash, gboolean was_there, guint64 mask, gpointer data)
{
  CcbtControlTree *self = data;

  ccbt_control_followers_note (self->followers, info_hash, was_there, mask);
}

CcbtControlTree *
ccbt_control_tree_new (CcbtControlService *service, CcbtSnapshotStore *snapshots)
{
  CcbtControlTree *self = g_new0 (CcbtControlTree, 1);

  self->service = service;
  self->objects = ccbt_control_objects_new (snapshots, changed_cb, self);
  self->followers = ccbt_control_followers_new ();
  return self;
}

void
ccbt_control_tree_free (CcbtControlTree *self)
{
  ccbt_control_followers_free (self->followers);
  ccbt_control_objects_free (self->objects);
  g_free (self);
}

void
ccbt_control_tree_tick (CcbtControlTree *self)
{
  if (ccbt_control_followers_is_empty (self->followers))
    {
      ccbt_control_objects_forget (self->objects);
      return;
    }
  ccbt_control_objects_refresh (self->objects);
  ccbt_control_followers_flush (self->followers, self->objects);
}

void
ccbt_control_tree_forget (CcbtControlTree *self, GDBusConnection *connection)
{
  ccbt_control_followers_remove (self->followers, connection, NULL);
}

void
ccbt_control_tree_stop (CcbtControlTree *self)
{
  ccbt_control_followers_remove_all (self->followers);
}

/* --- org.freedesktop.DBus.ObjectManager --- */

static GVariant *
list_objects (CcbtControlTree *self)
{
  g_autoptr (GPtrArray) objects = ccbt_control_objects_list (self->objects);
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("a{oa{sa{sv}}}"));
  for (guint i = 0; i < objects->len; i++)
    {
      CcbtControlObject *object = objects->pdata[i];
      g_autofree char *path = g_strconcat (CCBT_CONTROL_TORRENTS, "/", object->info_hash, NULL);

      g_variant_builder_open (&list, G_VARIANT_TYPE ("{oa{sa{sv}}}"));
      g_variant_builder_add (&list, "o", path);
      g_variant_builder_open (&list, G_VARIANT_TYPE ("a{sa{sv}}"));
      g_variant_builder_add (&list, "{s@a{sv}}", CCBT_CONTROL_TORRENT,
                             ccbt_control_object_get_properties (object));
      g_variant_builder_close (&list);
      g_variant_builder_close (&list);
    }
  return g_variant_builder_end (&list);
}

static void
manager_method_cb (GDBusConnection *connection, const char *sender, const char *path,
                   const char *interface, const char *method, GVariant *parameters,
                   GDBusMethodInvocation *invocation, gpointer data)
{
  CcbtControlTree *self = data;

  ccbt_control_objects_refresh (self->objects);
  ccbt_control_reply (invocation, g_variant_new ("(@a{oa{sa{sv}}})", list_objects (self)));
  /* Signals follow the answer, and tell only of what came later. */
  ccbt_control_followers_add (self->followers, connection, sender, NULL);
}

/* --- One torrent --- */

/* Returns: (nullable): NULL after an error was answered */
static CcbtControlObject *
find_object (CcbtControlTree *self, GDBusMethodInvocation *invocation)
{
  const char *path = g_dbus_method_invocation_get_object_path (invocation);
  CcbtControlObject *object;

  ccbt_control_objects_refresh (self->objects);
  object = ccbt_control_objects_lookup (self->objects, strrchr (path, '/') + 1);
  if (object == NULL)
    g_dbus_method_invocation_return_error (invocation, CCBT_ERROR, CCBT_ERROR_NOT_FOUND,
                                           "The torrent is gone.");
  return object;
}

static void
answer_property (CcbtControlObject *object, GDBusMethodInvocation *invocation, const char *name)
{
  g_autoptr (GVariant) value
      = g_variant_lookup_value (ccbt_control_object_get_properties (object), name, NULL);

  if (value != NULL)
    ccbt_control_reply (invocation, g_variant_new ("(v)", value));
  else
    g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_PROPERTY,
                                           "There is no such property.");
}

/* Get and GetAll; GDBus has looked at the names, and refuses Set. */
static void
answer_properties (CcbtControlTree *self, GDBusConnection *connection, const char *sender,
                   GDBusMethodInvocation *invocation, GVariant *parameters)
{
  CcbtControlObject *object = find_object (self, invocation);
  const char *name;

  if (object == NULL)
    return;
  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ss)")))
    {
      g_variant_get (parameters, "(s&s)", NULL, &name);
      answer_property (object, invocation, name);
      return;
    }
  ccbt_control_reply (invocation,
                      g_variant_new ("(@a{sv})", ccbt_control_object_get_properties (object)));
  ccbt_control_followers_add (self->followers, connection, sender, object->info_hash);
}

/* The verb's arguments: the torrent before what was given. Returns: (transfer floating) */
static GVariant *
add_info_hash (const char *path, GVariant *parameters)
{
  const gsize n = g_variant_n_children (parameters);
  g_autofree GVariant **arguments = g_new (GVariant *, n + 1);
  GVariant *tuple;

  arguments[0] = g_variant_new_string (strrchr (path, '/') + 1);
  for (gsize i = 0; i < n; i++)
    arguments[i + 1] = g_variant_get_child_value (parameters, i);
  tuple = g_variant_new_tuple (arguments, n + 1);
  for (gsize i = 0; i < n; i++)
    g_variant_unref (arguments[i + 1]);
  return tuple;
}

static void
torrent_method_cb (GDBusConnection *connection, const char *sender, const char *path,
                   const char *interface, const char *method, GVariant *parameters,
                   GDBusMethodInvocation *invocation, gpointer data)
{
  CcbtControlTree *self = data;
  guint n_verbs;
  const CcbtCommandInfo *table = ccbt_command_get_table (&n_verbs);

  if (g_str_equal (interface, CCBT_CONTROL_PROPERTIES))
    {
      answer_properties (self, connection, sender, invocation, parameters);
      return;
    }
  for (guint i = 0; i < n_verbs; i++)
    {
      g_autofree char *name = ccbt_control_interface_make_torrent_method (&table[i]);

      if (g_strcmp0 (name, method) != 0)
        continue;
      ccbt_control_run_verb (self->service, invocation, table[i].verb,
                             add_info_hash (path, parameters), FALSE);
      return;
    }
}

/* --- The tree --- */

static char **
enumerate_cb (GDBusConnection *connection, const char *sender, const char *path, gpointer data)
{
  CcbtControlTree *self = data;
  g_autoptr (GPtrArray) objects = NULL;
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  ccbt_control_objects_refresh (self->objects);
  objects = ccbt_control_objects_list (self->objects);
  for (guint i = 0; i < objects->len; i++)
    g_strv_builder_add (names, ((CcbtControlObject *) objects->pdata[i])->info_hash);
  return g_strv_builder_end (names);
}

/* @node: NULL for the root, which has torrents and no interface. */
static GDBusInterfaceInfo **
introspect_cb (GDBusConnection *connection, const char *sender, const char *path, const char *node,
               gpointer data)
{
  CcbtControlTree *self = data;
  GDBusInterfaceInfo **infos = g_new0 (GDBusInterfaceInfo *, 2);

  ccbt_control_objects_refresh (self->objects);
  if (node != NULL && ccbt_control_objects_lookup (self->objects, node) != NULL)
    infos[0] = g_dbus_interface_info_ref (ccbt_control_interface_get (CCBT_CONTROL_TORRENT));
  return infos;
}

/* Without functions for properties, so that what asks for them comes to the method. */
static const GDBusInterfaceVTable torrent_vtable = { torrent_method_cb };
static const GDBusInterfaceVTable manager_vtable = { manager_method_cb };

static const GDBusInterfaceVTable *
dispatch_cb (GDBusConnection *connection, const char *sender, const char *path,
             const char *interface, const char *node, gpointer *out_data, gpointer data)
{
  *out_data = data;
  return node != NULL ? &torrent_vtable : NULL;
}

void
ccbt_control_tree_publish (CcbtControlTree *self, GDBusConnection *connection, guint handles[2])
{
  static const GDBusSubtreeVTable vtable = { enumerate_cb, introspect_cb, dispatch_cb };
  const guint manager = g_dbus_connection_register_object (
      connection, CCBT_CONTROL_PATH, ccbt_control_interface_get (CCBT_CONTROL_OBJECT_MANAGER),
      &manager_vtable, self, NULL, NULL);
  /* Else all torrents are listed for each call to one. */
  const guint tree = g_dbus_connection_register_subtree (
      connection, CCBT_CONTROL_TORRENTS, &vtable,
      G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES, self, NULL, NULL);

  if (handles == NULL)
    return;
  handles[0] = manager;
  handles[1] = tree;
}

void
ccbt_control_tree_withdraw (CcbtControlTree *self, GDBusConnection *connection,
                            const guint handles[2])
{
  if (handles[0] != 0)
    g_dbus_connection_unregister_object (connection, handles[0]);
  if (handles[1] != 0)
    g_dbus_connection_unregister_subtree (connection, handles[1]);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-interface.h"
#include "ccbt-resource.h"

static GDBusNodeInfo *
load (const char *name)
{
  g_autofree char *path = g_strconcat (CCBT_RESOURCE ("dbus/"), name, ".xml", NULL);
  g_autoptr (GBytes) xml = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  GDBusNodeInfo *node;

  g_assert (xml != NULL); /* part of the program */
  /* Data of a resource ends with a zero byte. */
  node = g_dbus_node_info_new_for_xml (g_bytes_get_data (xml, NULL), NULL);
  g_assert (node != NULL);
  return node;
}

guint
ccbt_interface_export (GDBusConnection *connection, const char *path, const char *name,
                       const GDBusInterfaceVTable *vtable, gpointer data)
{
  g_autoptr (GDBusNodeInfo) node = load (name);
  g_autoptr (GError) error = NULL;
  guint object = g_dbus_connection_register_object (
      connection, path, g_dbus_node_info_lookup_interface (node, name), vtable, data, NULL, &error);

  if (object == 0)
    g_warning ("%s", error->message);
  return object;
}

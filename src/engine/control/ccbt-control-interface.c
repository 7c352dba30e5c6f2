/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-interface.h"
#include "control/ccbt-control-fields.h"

#include <string.h>

static const char fixed[]
    = "<interface name='" CCBT_CONTROL_SESSION "'>"
      "<method name='Verbs'><arg name='verbs' type='a(ssss)' direction='out'/></method>"
      "<method name='Call'><arg name='verb' type='s' direction='in'/>"
      "<arg name='arguments' type='v' direction='in'/>"
      "<arg name='reply' type='v' direction='out'/></method>"
      "<method name='List'><arg name='fields' type='as' direction='in'/>"
      "<arg name='since' type='t' direction='in'/>"
      "<arg name='generation' type='t' direction='out'/>"
      "<arg name='start_over' type='b' direction='out'/>"
      "<arg name='torrents' type='aa{sv}' direction='out'/>"
      "<arg name='removed' type='au' direction='out'/></method>"
      "<method name='Columns'><arg name='fields' type='as' direction='in'/>"
      "<arg name='since' type='t' direction='in'/>"
      "<arg name='generation' type='t' direction='out'/>"
      "<arg name='start_over' type='b' direction='out'/>"
      "<arg name='columns' type='ay' direction='out'/>"
      "<arg name='removed' type='au' direction='out'/></method>"
      "<method name='Details'><arg name='info_hash' type='s' direction='in'/>"
      "<arg name='parts' type='as' direction='in'/>"
      "<arg name='details' type='a{sv}' direction='out'/></method>"
      "<method name='Status'><arg name='status' type='a{sv}' direction='out'/></method>"
      "<method name='Events'><arg name='cursor' type='t' direction='in'/>"
      "<arg name='types' type='as' direction='in'/>"
      "<arg name='timeout_ms' type='u' direction='in'/>"
      "<arg name='next' type='t' direction='out'/>"
      "<arg name='lost' type='t' direction='out'/>"
      "<arg name='events' type='aa{sv}' direction='out'/></method>"
      "<method name='Watch'><arg name='fields' type='as' direction='in'/></method>"
      "<method name='Unwatch'/>"
      "<method name='Quit'/>"
      "<signal name='TorrentsChanged'><arg name='generation' type='t'/>"
      "<arg name='start_over' type='b'/><arg name='torrents' type='aa{sv}'/>"
      "<arg name='removed' type='au'/></signal>"
      "<property name='Version' type='s' access='read'/>"
      "<property name='StateFolder' type='s' access='read'/>"
      "<property name='ProcessId' type='u' access='read'/>"
      "</interface>";

static void
add_arguments (GString *xml, const char *tuple, const char *direction)
{
  const GVariantType *type = g_variant_type_first (G_VARIANT_TYPE (tuple));

  for (; type != NULL; type = g_variant_type_next (type))
    {
      g_autofree char *text = g_variant_type_dup_string (type);

      g_string_append_printf (xml, "<arg type='%s' direction='%s'/>", text, direction);
    }
}

static void
add_verbs (GString *xml)
{
  guint n_verbs;
  const CcbtCommandInfo *table = ccbt_command_get_table (&n_verbs);

  g_string_append (xml, "<interface name='" CCBT_CONTROL_VERBS "'>");
  for (guint i = 0; i < n_verbs; i++)
    {
      g_autofree char *name = ccbt_control_make_camel (table[i].verb);
      g_autofree char *help = g_markup_escape_text (table[i].help, -1);

      g_string_append_printf (xml, "<method name='%s'>", name);
      add_arguments (xml, table[i].arguments, "in");
      add_arguments (xml, table[i].reply, "out");
      g_string_append_printf (xml, "<annotation name='%s.Help' value='%s'/></method>",
                              CCBT_CONTROL_NAME, help);
    }
  g_string_append (xml, "</interface>");
}

static const char object_manager[]
    = "<interface name='" CCBT_CONTROL_OBJECT_MANAGER "'>"
      "<method name='GetManagedObjects'>"
      "<arg name='objects' type='a{oa{sa{sv}}}' direction='out'/></method>"
      "<signal name='InterfacesAdded'><arg name='object' type='o'/>"
      "<arg name='interfaces' type='a{sa{sv}}'/></signal>"
      "<signal name='InterfacesRemoved'><arg name='object' type='o'/>"
      "<arg name='interfaces' type='as'/></signal>"
      "</interface>";

char *
ccbt_control_interface_make_torrent_method (const CcbtCommandInfo *info)
{
  const char *verb = info->verb;

  /* Publishing details is what "Details" does by itself. */
  if (!g_str_has_prefix (verb, "torrent.") || !g_str_has_prefix (info->arguments, "(s")
      || g_str_has_suffix (verb, "subscribe"))
    return NULL;
  if (g_str_equal (verb, "torrent.check"))
    return g_strdup ("Recheck"); /* as other programs call it */
  return ccbt_control_make_camel (verb + strlen ("torrent."));
}

/* The verbs without the argument that names the torrent. */
static void
add_torrent_methods (GString *xml)
{
  guint n_verbs;
  const CcbtCommandInfo *table = ccbt_command_get_table (&n_verbs);

  for (guint i = 0; i < n_verbs; i++)
    {
      g_autofree char *name = ccbt_control_interface_make_torrent_method (&table[i]);
      g_autofree char *rest = NULL;
      g_autofree char *help = g_markup_escape_text (table[i].help, -1);

      if (name == NULL)
        continue;
      rest = g_strconcat ("(", table[i].arguments + strlen ("(s"), NULL);
      g_string_append_printf (xml, "<method name='%s'>", name);
      add_arguments (xml, rest, "in");
      add_arguments (xml, table[i].reply, "out");
      g_string_append_printf (xml, "<annotation name='%s.Help' value='%s'/></method>",
                              CCBT_CONTROL_NAME, help);
    }
}

static void
add_torrent (GString *xml)
{
  guint n_fields;
  const CcbtControlField *fields = ccbt_control_fields_get (&n_fields);

  g_string_append (xml, "<interface name='" CCBT_CONTROL_TORRENT "'>");
  add_torrent_methods (xml);
  for (guint i = 0; i < n_fields; i++)
    {
      g_autofree char *name = ccbt_control_fields_make_property (fields[i].name);

      g_string_append_printf (xml, "<property name='%s' type='%s' access='read'/>", name,
                              fields[i].type);
    }
  g_string_append (xml, "</interface>");
}

static gpointer
make_node (gpointer data)
{
  g_autoptr (GString) xml = g_string_new ("<node>");
  g_autoptr (GError) error = NULL;
  GDBusNodeInfo *node;

  g_string_append (xml, fixed);
  add_verbs (xml);
  g_string_append (xml, object_manager);
  add_torrent (xml);
  g_string_append (xml, "</node>");
  node = g_dbus_node_info_new_for_xml (xml->str, &error);
  if (node == NULL)
    g_error ("the interfaces of D-Bus: %s", error->message);
  return node;
}

GDBusInterfaceInfo *
ccbt_control_interface_get (const char *name)
{
  static GOnce once = G_ONCE_INIT;

  return g_dbus_node_info_lookup_interface (g_once (&once, make_node, NULL), name);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-tray-menu.h"
#include <glib/gi18n.h>
#include <gtk/gtk.h>
#include "ccbt-interface.h"

#define INTERFACE "com.canonical.dbusmenu"
#define ROOT 0
/* The entries never change, only what they say. */
#define REVISION 1u

struct _CcbtTrayMenu
{
  GObject parent_instance;
  GDBusConnection *connection;
  char *path;
  guint object;
  GActionGroup *actions;
  const CcbtTrayEntry *entries; /* the first has the number 1 */
  guint n_entries;
};

G_DEFINE_FINAL_TYPE (CcbtTrayMenu, ccbt_tray_menu, G_TYPE_OBJECT)

/* Returns: (nullable) */
static const CcbtTrayEntry *
get_entry (CcbtTrayMenu *self, int id)
{
  return id > ROOT && (guint) id <= self->n_entries ? &self->entries[id - 1] : NULL;
}

/* Returns: FALSE when the state is no boolean */
static gboolean
get_state (CcbtTrayMenu *self, const CcbtTrayEntry *entry, gboolean *is_on)
{
  g_autoptr (GVariant) state = g_action_group_get_action_state (self->actions, entry->action);

  if (state == NULL || !g_variant_is_of_type (state, G_VARIANT_TYPE_BOOLEAN))
    return FALSE;
  *is_on = g_variant_get_boolean (state);
  return TRUE;
}

static void
describe_action (CcbtTrayMenu *self, const CcbtTrayEntry *entry, GVariantBuilder *builder)
{
  gboolean is_on = FALSE;
  const gboolean has_state = get_state (self, entry, &is_on);
  const char *label = is_on && entry->label_on != NULL ? entry->label_on : entry->label;

  g_variant_builder_add (builder, "{sv}", "label", g_variant_new_string (_ (label)));
  g_variant_builder_add (
      builder, "{sv}", "enabled",
      g_variant_new_boolean (g_action_group_get_action_enabled (self->actions, entry->action)));
  if (!has_state || entry->label_on != NULL)
    return;
  g_variant_builder_add (builder, "{sv}", "toggle-type", g_variant_new_string ("checkmark"));
  g_variant_builder_add (builder, "{sv}", "toggle-state", g_variant_new_int32 (is_on));
}

/* All properties, whichever are asked for: there are few. Returns: a{sv}, floating */
static GVariant *
describe (CcbtTrayMenu *self, int id)
{
  const CcbtTrayEntry *entry = get_entry (self, id);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  if (id == ROOT)
    g_variant_builder_add (&builder, "{sv}", "children-display", g_variant_new_string ("submenu"));
  else if (entry->action != NULL)
    describe_action (self, entry, &builder);
  else
    g_variant_builder_add (&builder, "{sv}", "type", g_variant_new_string ("separator"));
  return g_variant_builder_end (&builder);
}

static GVariant *
describe_layout (CcbtTrayMenu *self, int id, int depth)
{
  GVariantBuilder children;

  g_variant_builder_init (&children, G_VARIANT_TYPE ("av"));
  if (id == ROOT && depth != 0)
    for (guint i = 1; i <= self->n_entries; i++)
      g_variant_builder_add (&children, "v", describe_layout (self, (int) i, 0));
  return g_variant_new ("(i@a{sv}av)", id, describe (self, id), &children);
}

static gboolean
exists (CcbtTrayMenu *self, int id)
{
  return id == ROOT || get_entry (self, id) != NULL;
}

/* --- Its methods. Each answers, or returns NULL when there is no such entry. --- */

static GVariant *
get_layout (CcbtTrayMenu *self, GVariant *arguments)
{
  int parent, depth;

  g_variant_get (arguments, "(iias)", &parent, &depth, NULL);
  return exists (self, parent)
             ? g_variant_new ("(u@(ia{sv}av))", REVISION, describe_layout (self, parent, depth))
             : NULL;
}

static GVariant *
get_group_properties (CcbtTrayMenu *self, GVariant *arguments)
{
  g_autoptr (GVariantIter) ids = NULL;
  GVariantBuilder items;
  int id;

  g_variant_get (arguments, "(aias)", &ids, NULL);
  g_variant_builder_init (&items, G_VARIANT_TYPE ("a(ia{sv})"));
  if (g_variant_iter_n_children (ids) == 0)
    for (guint i = 0; i <= self->n_entries; i++)
      g_variant_builder_add (&items, "(i@a{sv})", i, describe (self, (int) i));
  while (g_variant_iter_next (ids, "i", &id))
    if (exists (self, id))
      g_variant_builder_add (&items, "(i@a{sv})", id, describe (self, id));
  return g_variant_new ("(a(ia{sv}))", &items);
}

static GVariant *
get_property_of_entry (CcbtTrayMenu *self, GVariant *arguments)
{
  g_autoptr (GVariant) all = NULL;
  g_autoptr (GVariant) value = NULL;
  const char *name;
  int id;

  g_variant_get (arguments, "(i&s)", &id, &name);
  if (!exists (self, id))
    return NULL;
  all = g_variant_ref_sink (describe (self, id));
  value = g_variant_lookup_value (all, name, NULL);
  return value != NULL ? g_variant_new ("(v)", value) : NULL;
}

/* Returns: FALSE when there is no such entry */
static gboolean
take_event (CcbtTrayMenu *self, int id, const char *event)
{
  const CcbtTrayEntry *entry = get_entry (self, id);

  if (entry == NULL)
    return id == ROOT;
  if (entry->action != NULL && g_str_equal (event, "clicked"))
    g_action_group_activate_action (self->actions, entry->action, NULL);
  return TRUE;
}

static GVariant *
event (CcbtTrayMenu *self, GVariant *arguments)
{
  const char *name;
  int id;

  g_variant_get (arguments, "(i&svu)", &id, &name, NULL, NULL);
  return take_event (self, id, name) ? g_variant_new ("()") : NULL;
}

static GVariant *
event_group (CcbtTrayMenu *self, GVariant *arguments)
{
  g_autoptr (GVariantIter) events = NULL;
  GVariantBuilder unknown;
  const char *name;
  int id;

  g_variant_get (arguments, "(a(isvu))", &events);
  g_variant_builder_init (&unknown, G_VARIANT_TYPE ("ai"));
  while (g_variant_iter_next (events, "(i&svu)", &id, &name, NULL, NULL))
    if (!take_event (self, id, name))
      g_variant_builder_add (&unknown, "i", id);
  return g_variant_new ("(ai)", &unknown);
}

static GVariant *
about_to_show (CcbtTrayMenu *self, GVariant *arguments)
{
  int id;

  g_variant_get (arguments, "(i)", &id);
  return exists (self, id) ? g_variant_new ("(b)", FALSE) : NULL;
}

static GVariant *
about_to_show_group (CcbtTrayMenu *self, GVariant *arguments)
{
  g_autoptr (GVariantIter) ids = NULL;
  GVariantBuilder unknown;
  int id;

  g_variant_get (arguments, "(ai)", &ids);
  g_variant_builder_init (&unknown, G_VARIANT_TYPE ("ai"));
  while (g_variant_iter_next (ids, "i", &id))
    if (!exists (self, id))
      g_variant_builder_add (&unknown, "i", id);
  return g_variant_new ("(@aiai)", g_variant_new_array (G_VARIANT_TYPE_INT32, NULL, 0), &unknown);
}

static void
call_cb (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *arguments, GDBusMethodInvocation *invocation, gpointer data)
{
  static const struct
  {
    const char *name;
    GVariant *(*answer) (CcbtTrayMenu *self, GVariant *arguments);
  } methods[] = {
    { "GetLayout", get_layout },
    { "GetGroupProperties", get_group_properties },
    { "GetProperty", get_property_of_entry },
    { "Event", event },
    { "EventGroup", event_group },
    { "AboutToShow", about_to_show },
    { "AboutToShowGroup", about_to_show_group },
  };
  /* What is clicked may be what ends the program. */
  g_autoptr (CcbtTrayMenu) self = g_object_ref (data);
  GVariant *reply = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (methods[i].name, method))
      reply = methods[i].answer (self, arguments);
  if (reply != NULL)
    g_dbus_method_invocation_return_value (invocation, reply);
  else
    g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                                           "No such entry or property");
}

static GVariant *
get_property_cb (GDBusConnection *connection, const char *sender, const char *path,
                 const char *interface, const char *property, GError **error, gpointer data)
{
  if (g_str_equal (property, "Version"))
    return g_variant_new_uint32 (3);
  if (g_str_equal (property, "TextDirection"))
    return g_variant_new_string (gtk_widget_get_default_direction () == GTK_TEXT_DIR_RTL ? "rtl"
                                                                                         : "ltr");
  if (g_str_equal (property, "Status"))
    return g_variant_new_string ("normal");
  return g_variant_new_strv (NULL, 0); /* IconThemePath */
}

/* --- The object. --- */

static void
action_changed_cb (CcbtTrayMenu *self, const char *action)
{
  GVariantBuilder items;

  for (guint i = 0; i < self->n_entries; i++)
    {
      if (g_strcmp0 (self->entries[i].action, action) != 0)
        continue;
      g_variant_builder_init (&items, G_VARIANT_TYPE ("a(ia{sv})"));
      g_variant_builder_add (&items, "(i@a{sv})", i + 1, describe (self, (int) i + 1));
      g_dbus_connection_emit_signal (
          self->connection, NULL, self->path, INTERFACE, "ItemsPropertiesUpdated",
          g_variant_new ("(a(ia{sv})@a(ias))", &items,
                         g_variant_new_array (G_VARIANT_TYPE ("(ias)"), NULL, 0)),
          NULL);
    }
}

static void
ccbt_tray_menu_dispose (GObject *object)
{
  CcbtTrayMenu *self = CCBT_TRAY_MENU (object);

  if (self->object != 0)
    g_dbus_connection_unregister_object (self->connection, self->object);
  self->object = 0;
  G_OBJECT_CLASS (ccbt_tray_menu_parent_class)->dispose (object);
}

static void
ccbt_tray_menu_finalize (GObject *object)
{
  CcbtTrayMenu *self = CCBT_TRAY_MENU (object);

  g_clear_object (&self->connection);
  g_clear_object (&self->actions);
  g_free (self->path);
  G_OBJECT_CLASS (ccbt_tray_menu_parent_class)->finalize (object);
}

static void
ccbt_tray_menu_class_init (CcbtTrayMenuClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ccbt_tray_menu_dispose;
  object_class->finalize = ccbt_tray_menu_finalize;
}

static void
ccbt_tray_menu_init (CcbtTrayMenu *self)
{
}

CcbtTrayMenu *
ccbt_tray_menu_new (GDBusConnection *connection, const char *path, GActionGroup *actions,
                    const CcbtTrayEntry *entries, guint n_entries)
{
  static const GDBusInterfaceVTable vtable = { call_cb, get_property_cb, NULL, { 0 } };
  CcbtTrayMenu *self = g_object_new (CCBT_TYPE_TRAY_MENU, NULL);

  self->connection = g_object_ref (connection);
  self->path = g_strdup (path);
  self->actions = g_object_ref (actions);
  self->entries = entries;
  self->n_entries = n_entries;
  self->object = ccbt_interface_export (connection, path, INTERFACE, &vtable, self);
  g_signal_connect_object (actions, "action-state-changed", G_CALLBACK (action_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (actions, "action-enabled-changed", G_CALLBACK (action_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}

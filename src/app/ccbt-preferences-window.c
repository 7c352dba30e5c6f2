/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-preferences-window.h"
#include <glib/gi18n.h>
#include "session/ccbt-command.h"
#include "ccbt-accessible.h"
#include "ccbt-error-text.h"
#include "ccbt-setting-row.h"

/* Where the sections of the settings are shown. What has no place here comes last. */
static const struct
{
  const char *section;
  const char *page; /* of those with the same title there is one */
  const char *icon;
  const char *group;
} places[] = {
  { "disk", N_ ("Downloads"), "folder-download-symbolic", N_ ("Files") },
  { "strategy", N_ ("Downloads"), "folder-download-symbolic", N_ ("Downloading") },
  { "limits", N_ ("Speed"), "power-profile-performance-symbolic", N_ ("Limits") },
  { "queue", N_ ("Queue"), "view-list-symbolic", N_ ("Queue and Seeding") },
  { "network", N_ ("Connection"), "network-wired-symbolic", N_ ("Connections") },
  { "nat", N_ ("Connection"), "network-wired-symbolic", N_ ("Router") },
  { "discovery", N_ ("Peers"), "system-users-symbolic", N_ ("Finding Peers") },
  { "", N_ ("More"), "view-more-symbolic", N_ ("More") },
};

struct _CcbtPreferencesWindow
{
  AdwPreferencesWindow parent_instance;
  CcbtClient *client;
  GCancellable *cancellable;
  AdwPreferencesPage *pages[G_N_ELEMENTS (places)]; /* NULL: none of it came yet */
  AdwPreferencesGroup *groups[G_N_ELEMENTS (places)];
  GHashTable *rows; /* key -> CcbtSettingRow, of its widget */
};

G_DEFINE_FINAL_TYPE (CcbtPreferencesWindow, ccbt_preferences_window, ADW_TYPE_PREFERENCES_WINDOW)

static void ask (CcbtPreferencesWindow *self);

/* --- Changing --- */

static void
tell (CcbtPreferencesWindow *self, const GError *error)
{
  g_autofree char *text = ccbt_error_text (error);
  g_autofree char *title = g_markup_escape_text (text, -1);

  adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (self), adw_toast_new (title));
}

static void
set_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtPreferencesWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    tell (self, error);
  ask (self); /* as it is now, also when nothing changed */
}

static void
call (CcbtPreferencesWindow *self, const char *verb, GVariant *arguments)
{
  if (!ccbt_client_call_async (self->client, verb, arguments, self->cancellable, set_cb,
                               g_object_ref (self)))
    g_object_unref (self);
}

static void
changed_cb (CcbtPreferencesWindow *self, const char *text, CcbtSettingRow *row)
{
  call (self, "config.set", g_variant_new ("(ss)", ccbt_setting_row_get_key (row), text));
}

static void
reset_cb (CcbtPreferencesWindow *self, CcbtSettingRow *row)
{
  call (self, "config.reset", g_variant_new ("(s)", ccbt_setting_row_get_key (row)));
}

/* --- Showing --- */

static guint
find_place (const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (places) - 1; i++)
    if (g_str_has_prefix (key, places[i].section) && key[strlen (places[i].section)] == '.')
      return i;
  return G_N_ELEMENTS (places) - 1;
}

static AdwPreferencesPage *
get_page (CcbtPreferencesWindow *self, guint place)
{
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (self->pages[i] != NULL && g_str_equal (places[i].page, places[place].page))
      return self->pages[i];
  self->pages[place] = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  adw_preferences_page_set_title (self->pages[place], _ (places[place].page));
  adw_preferences_page_set_icon_name (self->pages[place], places[place].icon);
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (self), self->pages[place]);
  return self->pages[place];
}

static AdwPreferencesGroup *
get_group (CcbtPreferencesWindow *self, guint place)
{
  if (self->groups[place] != NULL)
    return self->groups[place];
  self->groups[place] = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_title (self->groups[place], _ (places[place].group));
  adw_preferences_page_add (get_page (self, place), self->groups[place]);
  return self->groups[place];
}

static void
add_row (CcbtPreferencesWindow *self, const char *key, GVariant *setting)
{
  CcbtSettingRow *row = ccbt_setting_row_new (setting);

  g_signal_connect_object (row, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "reset", G_CALLBACK (reset_cb), self, G_CONNECT_SWAPPED);
  adw_preferences_group_add (get_group (self, find_place (key)), ccbt_setting_row_get_widget (row));
  g_hash_table_insert (self->rows, g_strdup (key), row);
}

/* Pages in the order of the places, whatever the order the settings come in. */
static void
add_rows (CcbtPreferencesWindow *self, GVariant *settings)
{
  for (guint place = 0; place < G_N_ELEMENTS (places); place++)
    for (gsize i = 0; i < g_variant_n_children (settings); i++)
      {
        g_autoptr (GVariant) setting = g_variant_get_child_value (settings, i);
        const char *key = "";

        g_variant_lookup (setting, "key", "&s", &key);
        if (find_place (key) == place)
          add_row (self, key, setting);
      }
}

static void
update_rows (CcbtPreferencesWindow *self, GVariant *settings)
{
  for (gsize i = 0; i < g_variant_n_children (settings); i++)
    {
      g_autoptr (GVariant) setting = g_variant_get_child_value (settings, i);
      const char *key = "";
      CcbtSettingRow *row;

      g_variant_lookup (setting, "key", "&s", &key);
      row = g_hash_table_lookup (self->rows, key);
      if (row != NULL)
        ccbt_setting_row_update (row, setting);
    }
}

/* The toolkit's own entry has no name. */
static void
name_search (GtkWidget *root)
{
  if (GTK_IS_SEARCH_ENTRY (root))
    gtk_accessible_update_property (GTK_ACCESSIBLE (root), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    _ ("Search"), -1);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    name_search (child);
}

static void
described_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtPreferencesWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);
  g_autoptr (GVariant) settings = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      tell (self, error);
      return;
    }
  settings = g_variant_get_child_value (reply, 0);
  if (g_hash_table_size (self->rows) == 0)
    {
      add_rows (self, settings);
      name_search (GTK_WIDGET (self));
      ccbt_accessible_tidy (GTK_WIDGET (self));
    }
  else
    update_rows (self, settings);
}

static void
ask (CcbtPreferencesWindow *self)
{
  if (self->client == NULL) /* closed */
    return;
  if (!ccbt_client_call_async (self->client, "config.list", g_variant_new ("()"), self->cancellable,
                               described_cb, g_object_ref (self)))
    g_object_unref (self);
}

static void
event_cb (CcbtPreferencesWindow *self, CcbtEvent *event)
{
  if (event->type == CCBT_EVENT_CONFIG_CHANGED)
    ask (self);
}

static void
ccbt_preferences_window_dispose (GObject *object)
{
  CcbtPreferencesWindow *self = CCBT_PREFERENCES_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  g_hash_table_remove_all (self->rows);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (ccbt_preferences_window_parent_class)->dispose (object);
}

static void
ccbt_preferences_window_finalize (GObject *object)
{
  CcbtPreferencesWindow *self = CCBT_PREFERENCES_WINDOW (object);

  g_object_unref (self->cancellable);
  g_hash_table_unref (self->rows);
  G_OBJECT_CLASS (ccbt_preferences_window_parent_class)->finalize (object);
}

static void
ccbt_preferences_window_class_init (CcbtPreferencesWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ccbt_preferences_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = ccbt_preferences_window_finalize;
}

static void
ccbt_preferences_window_init (CcbtPreferencesWindow *self)
{
  self->cancellable = g_cancellable_new ();
  self->rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

CcbtPreferencesWindow *
ccbt_preferences_window_new (GtkWindow *parent, CcbtClient *client)
{
  CcbtPreferencesWindow *self
      = g_object_new (CCBT_TYPE_PREFERENCES_WINDOW, "transient-for", parent, "modal", TRUE,
                      "destroy-with-parent", TRUE, "search-enabled", TRUE, NULL);

  self->client = g_object_ref (client);
  g_signal_connect_object (ccbt_client_get_bus (client), "event", G_CALLBACK (event_cb), self,
                           G_CONNECT_SWAPPED);
  ask (self);
  return self;
}

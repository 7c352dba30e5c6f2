/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-window.h"
#include <glib/gi18n.h>
#include "ccbt-accessible.h"
#include "ccbt-adder.h"
#include "ccbt-details-page.h"
#include "ccbt-drop-target.h"
#include "ccbt-error-text.h"
#include "ccbt-filter-sidebar.h"
#include "ccbt-format.h"
#include "ccbt-resource.h"
#include "ccbt-settings.h"
#include "ccbt-move-files.h"
#include "ccbt-queue-actions.h"
#include "ccbt-torrent-actions.h"
#include "ccbt-torrent-view.h"
#include "ccbt-window-keys.h"

struct _CcbtWindow
{
  AdwApplicationWindow parent_instance;
  CcbtClient *client;
  GSettings *settings; /* NULL: nothing is remembered */
  CcbtAdder *adder;
  CcbtTorrentFilter *filter;
  gboolean wants_sidebar; /* where there is room for it */

  AdwLeaflet *leaflet;
  AdwHeaderBar *header;
  AdwFlap *flap;
  CcbtFilterSidebar *sidebar;
  AdwWindowTitle *title;
  GtkSearchBar *search_bar;
  GtkSearchEntry *search_entry;
  GtkStack *pages;
  AdwStatusPage *failure;
  GtkFilterListModel *filtered;
  CcbtTorrentView *view;
  CcbtDetailsPage *details;
  AdwToastOverlay *toasts;
};

G_DEFINE_FINAL_TYPE (CcbtWindow, ccbt_window, ADW_TYPE_APPLICATION_WINDOW)

static CcbtTorrentList *
get_torrents (CcbtWindow *self)
{
  return ccbt_client_get_torrents (self->client);
}

/* --- What is shown. --- */

static const char *
choose_page (CcbtWindow *self)
{
  switch (ccbt_client_get_state (self->client))
    {
    case CCBT_CLIENT_STARTING:
      return "starting";
    case CCBT_CLIENT_FAILED:
      return "failure";
    case CCBT_CLIENT_READY:
    case CCBT_CLIENT_STOPPED:
    default:
      break;
    }
  if (g_list_model_get_n_items (G_LIST_MODEL (get_torrents (self))) == 0)
    return "empty";
  return g_list_model_get_n_items (G_LIST_MODEL (self->filtered)) > 0 ? "list" : "nothing-found";
}

/* What was never looked at needs no farewell: fading costs frames when there is most to do. */
static void
show_page (CcbtWindow *self, const char *name)
{
  const char *shown = gtk_stack_get_visible_child_name (self->pages);

  gtk_stack_set_visible_child_full (self->pages, name,
                                    g_strcmp0 (shown, "starting") == 0
                                        ? GTK_STACK_TRANSITION_TYPE_NONE
                                        : gtk_stack_get_transition_type (self->pages));
}

static void
update_page (CcbtWindow *self)
{
  CcbtTorrentItem *item = ccbt_details_page_get_item (self->details);

  show_page (self, choose_page (self));
  /* Its torrent has been removed, or hidden until the removal. */
  if (item != NULL && !ccbt_torrent_list_contains (get_torrents (self), item))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.close-details", NULL);
}

/* Window buttons belong to whatever is at the end of the window. */
static void
update_layout (CcbtWindow *self)
{
  const gboolean is_folded = adw_leaflet_get_folded (self->leaflet);
  const gboolean has_details = gtk_widget_get_visible (GTK_WIDGET (self->details));

  adw_header_bar_set_show_end_title_buttons (self->header, is_folded || !has_details);
  ccbt_details_page_set_folded (self->details, is_folded);
}

static void
update_totals (CcbtWindow *self)
{
  CcbtSessionStatus session;
  g_autofree char *rates = NULL;

  ccbt_event_bus_get_session (ccbt_client_get_bus (self->client), &session);
  rates = ccbt_format_rates (session.down_rate, session.up_rate);
  adw_window_title_set_subtitle (self->title, rates);
}

/* Rows nobody sees need no news. */
static void
update_suspended (CcbtWindow *self)
{
  CcbtEventBus *bus = ccbt_client_get_bus (self->client);

  if (bus != NULL)
    ccbt_event_bus_set_suspended (bus, !gtk_widget_get_mapped (GTK_WIDGET (self)));
}

/* --- Adding. --- */

static void
add_file_cb (GSimpleAction *action, GVariant *target, gpointer data)
{
  ccbt_adder_choose_files (CCBT_WINDOW (data)->adder);
}

static void
paste_cb (GSimpleAction *action, GVariant *target, gpointer data)
{
  ccbt_adder_paste (CCBT_WINDOW (data)->adder);
}

static void
files_dropped_cb (CcbtWindow *self, GSList *files)
{
  for (GSList *l = files; l != NULL; l = l->next)
    ccbt_adder_add_file (self->adder, l->data);
}

static void
text_dropped_cb (CcbtWindow *self, const char *text)
{
  if (ccbt_adder_add_text (self->adder, text) == 0)
    ccbt_window_tell (self, _ ("This is no torrent and no link to one"));
}

/* --- Details, selection. --- */

static void
show_details_cb (GSimpleAction *action, GVariant *target, gpointer data)
{
  ccbt_window_show_details (data, g_variant_get_string (target, NULL));
}

static void
close_details_cb (GSimpleAction *action, GVariant *target, gpointer data)
{
  CcbtWindow *self = data;

  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
  gtk_widget_set_visible (GTK_WIDGET (self->details), FALSE);
  ccbt_details_page_set_item (self->details, NULL);
  update_layout (self);
}

/* Details that stand beside the list follow the selection, as long as it is one torrent. */
static void
selection_changed_cb (CcbtWindow *self)
{
  g_autoptr (GPtrArray) items = ccbt_torrent_view_get_selected (self->view);

  if (items->len == 1 && gtk_widget_get_visible (GTK_WIDGET (self->details))
      && !adw_leaflet_get_folded (self->leaflet))
    ccbt_details_page_set_item (self->details, items->pdata[0]);
}

static void
search_changed_cb (CcbtWindow *self)
{
  ccbt_torrent_filter_set_search (self->filter,
                                  gtk_editable_get_text (GTK_EDITABLE (self->search_entry)));
}

/* --- The sidebar: beside the list, over it where there is no room. --- */

static void
sidebar_folded_cb (CcbtWindow *self)
{
  adw_flap_set_reveal_flap (self->flap, !adw_flap_get_folded (self->flap) && self->wants_sidebar);
}

static void
sidebar_revealed_cb (CcbtWindow *self)
{
  if (!adw_flap_get_folded (self->flap))
    self->wants_sidebar = adw_flap_get_reveal_flap (self->flap);
}

static void
show_all_cb (GSimpleAction *action, GVariant *target, gpointer data)
{
  CcbtWindow *self = data;

  gtk_search_bar_set_search_mode (self->search_bar, FALSE);
  ccbt_filter_sidebar_clear (self->sidebar);
}

/* --- The engine. --- */

static void
event_cb (CcbtWindow *self, CcbtEvent *event)
{
  if (event->type == CCBT_EVENT_LISTEN_FAILED)
    ccbt_window_tell (self, _ ("Other peers cannot connect: the port is in use"));
  else if (event->type == CCBT_EVENT_STATE_WARNING)
    ccbt_window_tell (self, _ ("The list of torrents could not be saved or read completely"));
  else if (event->type == CCBT_EVENT_MOVE_FAILED)
    ccbt_move_files_tell_failed (self, event);
  else if (event->type == CCBT_EVENT_CONFIG_INVALID)
    ccbt_window_tell (self, _ ("The file of settings is wrong; the settings stay as they were"));
  else if (event->type == CCBT_EVENT_WATCH_FAILED)
    ccbt_window_tell (self, _ ("Something in a watched folder could not be added"));
}

static void
connect_bus (CcbtWindow *self)
{
  CcbtEventBus *bus = ccbt_client_get_bus (self->client);

  g_signal_connect_object (bus, "session-changed", G_CALLBACK (update_totals), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (bus, "event", G_CALLBACK (event_cb), self, G_CONNECT_SWAPPED);
  ccbt_details_page_set_client (self->details, self->client);
  update_suspended (self);
}

static void
state_changed_cb (CcbtWindow *self)
{
  const GError *error = ccbt_client_get_error (self->client);
  g_autofree char *text = NULL;
  g_autofree char *markup = NULL;

  if (ccbt_client_get_state (self->client) == CCBT_CLIENT_READY)
    connect_bus (self);
  if (error != NULL)
    {
      text = g_error_matches (error, CCBT_ERROR, CCBT_ERROR_BUSY)
                 ? g_strdup (_ ("Another program is using the same list of torrents."))
                 : ccbt_error_text (error);
      markup = g_markup_escape_text (text, -1);
      adw_status_page_set_description (self->failure, markup);
    }
  update_page (self);
}

static void
restore_filters (CcbtWindow *self)
{
  g_auto (GStrv) saved = NULL;

  if (self->settings == NULL)
    return;
  saved = g_settings_get_strv (self->settings, "filters");
  ccbt_filter_sidebar_restore (self->sidebar, (const char *const *) saved);
}

static void
set_client (CcbtWindow *self, CcbtClient *client)
{
  CcbtTorrentList *torrents = ccbt_client_get_torrents (client);

  self->client = g_object_ref (client);
  self->adder = ccbt_adder_new (self, client);
  gtk_filter_list_model_set_model (self->filtered, G_LIST_MODEL (torrents));
  ccbt_filter_sidebar_set_torrents (self->sidebar, torrents, self->filter);
  restore_filters (self);
  ccbt_torrent_view_set_model (self->view, G_LIST_MODEL (self->filtered));
  g_signal_connect_object (torrents, "changed", G_CALLBACK (ccbt_torrent_view_note_changes),
                           self->view, G_CONNECT_SWAPPED);
  g_signal_connect_object (torrents, "items-changed", G_CALLBACK (update_page), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->filtered, "items-changed", G_CALLBACK (update_page), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (client, "notify::state", G_CALLBACK (state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  state_changed_cb (self);
}

/* --- The object. --- */

static void
restore_look (CcbtWindow *self)
{
  self->settings = ccbt_settings_open ();
  self->wants_sidebar
      = self->settings == NULL || g_settings_get_boolean (self->settings, "sidebar-visible");
  adw_flap_set_reveal_flap (self->flap, self->wants_sidebar);
  if (self->settings == NULL)
    return;
  ccbt_torrent_view_restore (self->view, self->settings);
  gtk_window_set_default_size (GTK_WINDOW (self),
                               g_settings_get_int (self->settings, "window-width"),
                               g_settings_get_int (self->settings, "window-height"));
  if (g_settings_get_boolean (self->settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
}

static void
save_look (CcbtWindow *self)
{
  g_auto (GStrv) filters = NULL;
  int width;
  int height;

  if (self->settings == NULL)
    return;
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  g_settings_set_int (self->settings, "window-width", width);
  g_settings_set_int (self->settings, "window-height", height);
  g_settings_set_boolean (self->settings, "window-maximized",
                          gtk_window_is_maximized (GTK_WINDOW (self)));
  g_settings_set_boolean (self->settings, "sidebar-visible", self->wants_sidebar);
  ccbt_torrent_view_save (self->view, self->settings);
  filters = ccbt_filter_sidebar_save (self->sidebar);
  g_settings_set_strv (self->settings, "filters", (const char *const *) filters);
}

static gboolean
ccbt_window_close_request (GtkWindow *window)
{
  save_look (CCBT_WINDOW (window));
  return GTK_WINDOW_CLASS (ccbt_window_parent_class)->close_request (window);
}

static void
ccbt_window_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ccbt_window_parent_class)->map (widget);
  update_suspended (CCBT_WINDOW (widget));
}

static void
ccbt_window_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ccbt_window_parent_class)->unmap (widget);
  update_suspended (CCBT_WINDOW (widget));
}

static void
ccbt_window_dispose (GObject *object)
{
  CcbtWindow *self = CCBT_WINDOW (object);

  g_clear_object (&self->adder);
  g_clear_object (&self->settings);
  g_clear_object (&self->filter);
  G_OBJECT_CLASS (ccbt_window_parent_class)->dispose (object);
}

static void
ccbt_window_finalize (GObject *object)
{
  g_clear_object (&CCBT_WINDOW (object)->client);
  G_OBJECT_CLASS (ccbt_window_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, CCBT_RESOURCE ("ui/window.ui"));
  gtk_widget_class_bind_template_child (widget_class, CcbtWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, CcbtWindow, header);
  gtk_widget_class_bind_template_child (widget_class, CcbtWindow, title);
  gtk_widget_class_bind_template_child (widget_class, CcbtWindow, search_bar);
  gtk_widget_class_bind_template_child (widget_class, CcbtWindow, search_entry);
  gtk_widget_class_bind_template_child (widget_class, CcbtWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, CcbtWindow, failure);
  gtk_widget_class_bind_template_child (widget_class, CcbtWindow, view);
  gtk_widget_class_bind_template_child (widget_class, CcbtWindow, filtered);
  gtk_widget_class_bind_template_child (widget_class, CcbtWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, CcbtWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, CcbtWindow, details);
  gtk_widget_class_bind_template_child (widget_class, CcbtWindow, toasts);
  gtk_widget_class_bind_template_callback (widget_class, update_layout);
  gtk_widget_class_bind_template_callback (widget_class, selection_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, sidebar_folded_cb);
  gtk_widget_class_bind_template_callback (widget_class, sidebar_revealed_cb);
}

static void
ccbt_window_class_init (CcbtWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ccbt_window_dispose;
  object_class->finalize = ccbt_window_finalize;
  widget_class->map = ccbt_window_map;
  widget_class->unmap = ccbt_window_unmap;
  GTK_WINDOW_CLASS (klass)->close_request = ccbt_window_close_request;

  g_type_ensure (CCBT_TYPE_TORRENT_ITEM);
  g_type_ensure (CCBT_TYPE_TORRENT_VIEW);
  g_type_ensure (CCBT_TYPE_FILTER_SIDEBAR);
  g_type_ensure (CCBT_TYPE_DETAILS_PAGE);
  bind_template (widget_class);
  ccbt_window_keys_bind (widget_class);
}

/* How the window looks, as actions with a state. */
static void
add_looks (CcbtWindow *self)
{
  g_autoptr (GPropertyAction) search
      = g_property_action_new ("search", self->search_bar, "search-mode-enabled");
  g_autoptr (GPropertyAction) sidebar
      = g_property_action_new ("sidebar", self->flap, "reveal-flap");
  g_autoptr (GPropertyAction) table = g_property_action_new ("table", self->view, "is-table");
  g_autoptr (GSimpleActionGroup) columns = ccbt_torrent_view_new_column_actions (self->view);

  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (search));
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (sidebar));
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (table));
  gtk_widget_insert_action_group (GTK_WIDGET (self), "columns", G_ACTION_GROUP (columns));
}

static void
ccbt_window_init (CcbtWindow *self)
{
  static const GActionEntry entries[] = {
    { "add-file", add_file_cb, NULL, NULL, NULL, { 0 } },
    { "paste", paste_cb, NULL, NULL, NULL, { 0 } },
    { "show-details", show_details_cb, "s", NULL, NULL, { 0 } },
    { "show-all", show_all_cb, NULL, NULL, NULL, { 0 } },
    { "close-details", close_details_cb, NULL, NULL, NULL, { 0 } },
  };

  gtk_widget_init_template (GTK_WIDGET (self));
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  add_looks (self);
  self->filter = ccbt_torrent_filter_new ();
  gtk_filter_list_model_set_filter (self->filtered, GTK_FILTER (self->filter));
  ccbt_torrent_actions_add_to (self);
  ccbt_queue_actions_add_to (self);
  /* Typing anywhere searches. The bar finds an entry by itself only where it is its own child. */
  gtk_search_bar_connect_entry (self->search_bar, GTK_EDITABLE (self->search_entry));
  gtk_search_bar_set_key_capture_widget (self->search_bar, GTK_WIDGET (self));
  ccbt_drop_target_add_to (GTK_WIDGET (self), (CcbtDropFilesFunc) files_dropped_cb,
                           (CcbtDropTextFunc) text_dropped_cb, self);
  ccbt_accessible_tidy (GTK_WIDGET (self));
  restore_look (self);
  update_layout (self);
}

CcbtWindow *
ccbt_window_new (GtkApplication *application, CcbtClient *client)
{
  CcbtWindow *self = g_object_new (CCBT_TYPE_WINDOW, "application", application, NULL);

  set_client (self, client);
  return self;
}

void
ccbt_window_add (CcbtWindow *self, GVariant *source)
{
  g_return_if_fail (CCBT_IS_WINDOW (self));

  ccbt_adder_add (self->adder, source);
}

void
ccbt_window_add_file (CcbtWindow *self, GFile *file)
{
  g_return_if_fail (CCBT_IS_WINDOW (self));

  ccbt_adder_add_file (self->adder, file);
}

void
ccbt_window_show_details (CcbtWindow *self, const char *info_hash)
{
  CcbtTorrentItem *item = ccbt_torrent_list_lookup (get_torrents (self), info_hash);

  g_return_if_fail (CCBT_IS_WINDOW (self));

  if (item == NULL)
    return;
  ccbt_details_page_set_item (self->details, item);
  gtk_widget_set_visible (GTK_WIDGET (self->details), TRUE);
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_FORWARD);
  update_layout (self);
}

void
ccbt_window_search (CcbtWindow *self, const char *text)
{
  g_return_if_fail (CCBT_IS_WINDOW (self));

  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), text);
}

void
ccbt_window_tell (CcbtWindow *self, const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);

  ccbt_window_add_toast (self, adw_toast_new (markup));
}

void
ccbt_window_add_toast (CcbtWindow *self, AdwToast *toast)
{
  g_return_if_fail (CCBT_IS_WINDOW (self));

  adw_toast_overlay_add_toast (self->toasts, toast);
}

CcbtClient *
ccbt_window_get_client (CcbtWindow *self)
{
  return self->client;
}

gboolean
ccbt_window_act_on_selected (CcbtWindow *self, const char *action)
{
  g_autoptr (GPtrArray) items = ccbt_torrent_view_get_selected (self->view);
  g_autoptr (GPtrArray) info_hashes = g_ptr_array_new ();

  /* Not for a key meant for the sidebar. */
  if (items->len == 0 || g_strcmp0 (gtk_stack_get_visible_child_name (self->pages), "list") != 0
      || gtk_widget_get_focus_child (GTK_WIDGET (self->sidebar)) != NULL)
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    g_ptr_array_add (info_hashes, (char *) ccbt_torrent_item_get_info_hash (items->pdata[i]));
  g_ptr_array_add (info_hashes, NULL);
  return gtk_widget_activate_action (GTK_WIDGET (self), action, "^as", info_hashes->pdata);
}

gboolean
ccbt_window_open_menu (CcbtWindow *self)
{
  return ccbt_torrent_view_open_menu (self->view);
}

gboolean
ccbt_window_close_details (CcbtWindow *self)
{
  if (!gtk_widget_get_visible (GTK_WIDGET (self->details)))
    return FALSE;
  return gtk_widget_activate_action (GTK_WIDGET (self), "win.close-details", NULL);
}

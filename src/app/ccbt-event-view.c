/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-event-view.h"
#include <glib/gi18n.h>
#include "ccbt-format.h"
#include "ccbt-resource.h"

/* Pixels from the end at which one still looks at the end. */
#define NEAR_END 4

struct _CcbtEventView
{
  AdwBin parent_instance;
  GtkCustomFilter *filter;
  GtkFilterListModel *shown;
  char *key; /* what is searched; "" = everything */
  gboolean is_limited;
  CcbtTorrentId torrent; /* to this one */
  gboolean is_at_end;
  guint scroll_source; /* 0 = none */

  GtkDropDown *kind;
  GtkStringList *kinds;
  GtkSearchEntry *search;
  GtkStack *pages;
  AdwStatusPage *nothing;
  GtkScrolledWindow *scrolled;
  GtkListView *list;
  GtkMultiSelection *selection;
};

G_DEFINE_FINAL_TYPE (CcbtEventView, ccbt_event_view, ADW_TYPE_BIN)

/* --- What is shown --- */

/* Of the choices in the view, in their order; 0 = all. */
static CcbtEventKinds
get_kind (CcbtEventView *self)
{
  static const CcbtEventKinds kinds[] = { 0, CCBT_EVENT_KIND_PROBLEM, CCBT_EVENT_KIND_TORRENT,
                                          CCBT_EVENT_KIND_TRACKER, CCBT_EVENT_KIND_SETTING };
  guint selected = gtk_drop_down_get_selected (self->kind);

  return selected < G_N_ELEMENTS (kinds) ? kinds[selected] : 0;
}

static gboolean
match_cb (gpointer item, gpointer data)
{
  CcbtEventView *self = data;
  const CcbtEventKinds kind = get_kind (self);

  if (self->is_limited
      && (self->torrent == 0 || ccbt_event_item_get_torrent (item) != self->torrent))
    return FALSE;
  if (kind != 0 && (ccbt_event_item_get_kinds (item) & kind) == 0)
    return FALSE;
  return *self->key == '\0' || ccbt_event_item_matches (item, self->key);
}

static void
update_pages (CcbtEventView *self)
{
  const gboolean is_filtered = *self->key != '\0' || get_kind (self) != 0;

  adw_status_page_set_title (self->nothing,
                             is_filtered ? _ ("Nothing Found") : _ ("Nothing Happened Yet"));
  gtk_stack_set_visible_child_name (
      self->pages, g_list_model_get_n_items (G_LIST_MODEL (self->shown)) > 0 ? "list" : "empty");
}

static void
filter_changed_cb (CcbtEventView *self)
{
  if (self->filter == NULL) /* the template is being made */
    return;
  g_free (self->key);
  self->key = ccbt_format_search_key (gtk_editable_get_text (GTK_EDITABLE (self->search)));
  self->is_at_end = TRUE;
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  update_pages (self);
}

/* --- The end --- */

static gboolean
scroll_cb (gpointer data)
{
  CcbtEventView *self = data;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->shown));

  self->scroll_source = 0;
  if (n > 0 && gtk_widget_get_mapped (GTK_WIDGET (self->list)))
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", n - 1);
  self->is_at_end = TRUE;
  return G_SOURCE_REMOVE;
}

static void
scroll_soon (CcbtEventView *self)
{
  if (self->is_at_end && self->scroll_source == 0)
    self->scroll_source = g_idle_add (scroll_cb, self);
}

static void
scrolled_cb (CcbtEventView *self, GtkAdjustment *adjustment)
{
  /* Rows that came are on their way: what moves now is not the user. */
  if (self->scroll_source == 0)
    self->is_at_end
        = gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment)
          >= gtk_adjustment_get_upper (adjustment) - NEAR_END;
}

static void
items_changed_cb (CcbtEventView *self)
{
  update_pages (self);
  scroll_soon (self);
}

/* --- Copying --- */

/* The selected lines, or all that are shown. Returns: (transfer full) */
static char *
make_text (CcbtEventView *self)
{
  GListModel *model = G_LIST_MODEL (self->shown);
  g_autoptr (GtkBitset) selected
      = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  const gboolean is_any = !gtk_bitset_is_empty (selected);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (CcbtEventItem) item = g_list_model_get_item (model, i);
      g_autofree char *line = NULL;

      if (is_any && !gtk_bitset_contains (selected, i))
        continue;
      line = ccbt_event_item_to_line (item);
      g_string_append_printf (text, "%s\n", line);
    }
  return g_string_free (text, FALSE);
}

static void
copy_cb (GtkWidget *widget, const char *action, GVariant *unused)
{
  g_autofree char *text = make_text (CCBT_EVENT_VIEW (widget));

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static void
ccbt_event_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ccbt_event_view_parent_class)->map (widget);
  scroll_soon (CCBT_EVENT_VIEW (widget));
}

static void
ccbt_event_view_dispose (GObject *object)
{
  CcbtEventView *self = CCBT_EVENT_VIEW (object);

  if (self->shown != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->shown, self);
      gtk_filter_list_model_set_model (self->shown, NULL);
    }
  if (self->filter != NULL) /* it asks us */
    gtk_custom_filter_set_filter_func (self->filter, NULL, NULL, NULL);
  g_clear_handle_id (&self->scroll_source, g_source_remove);
  g_clear_object (&self->filter);
  g_clear_object (&self->shown);
  G_OBJECT_CLASS (ccbt_event_view_parent_class)->dispose (object);
}

static void
ccbt_event_view_finalize (GObject *object)
{
  g_free (CCBT_EVENT_VIEW (object)->key);
  G_OBJECT_CLASS (ccbt_event_view_parent_class)->finalize (object);
}

static void
ccbt_event_view_class_init (CcbtEventViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ccbt_event_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = ccbt_event_view_finalize;
  widget_class->map = ccbt_event_view_map;
  g_type_ensure (CCBT_TYPE_EVENT_ITEM);
  gtk_widget_class_install_action (widget_class, "log.copy", NULL, copy_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "log.copy", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, CCBT_RESOURCE ("ui/event-view.ui"));
  gtk_widget_class_bind_template_child (widget_class, CcbtEventView, kind);
  gtk_widget_class_bind_template_child (widget_class, CcbtEventView, kinds);
  gtk_widget_class_bind_template_child (widget_class, CcbtEventView, search);
  gtk_widget_class_bind_template_child (widget_class, CcbtEventView, pages);
  gtk_widget_class_bind_template_child (widget_class, CcbtEventView, nothing);
  gtk_widget_class_bind_template_child (widget_class, CcbtEventView, scrolled);
  gtk_widget_class_bind_template_child (widget_class, CcbtEventView, list);
  gtk_widget_class_bind_template_child (widget_class, CcbtEventView, selection);
  gtk_widget_class_bind_template_callback (widget_class, filter_changed_cb);
}

static void
ccbt_event_view_init (CcbtEventView *self)
{
  self->is_at_end = TRUE;
  self->key = g_strdup ("");
  gtk_widget_init_template (GTK_WIDGET (self));
  self->filter = gtk_custom_filter_new (match_cb, self, NULL);
  self->shown = gtk_filter_list_model_new (NULL, g_object_ref (GTK_FILTER (self->filter)));
  gtk_multi_selection_set_model (self->selection, G_LIST_MODEL (self->shown));
  g_signal_connect_object (self->shown, "items-changed", G_CALLBACK (items_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scrolled), "value-changed",
                           G_CALLBACK (scrolled_cb), self, G_CONNECT_SWAPPED);
  /* What takes the keyboard is the button inside, and a drop-down does not pass its name on. */
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (gtk_widget_get_first_child (GTK_WIDGET (self->kind))),
      GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("What to Show"), -1);
  update_pages (self);
}

void
ccbt_event_view_set_log (CcbtEventView *self, CcbtEventLog *log)
{
  g_return_if_fail (CCBT_IS_EVENT_VIEW (self));

  gtk_filter_list_model_set_model (self->shown, G_LIST_MODEL (log));
}

void
ccbt_event_view_limit (CcbtEventView *self, CcbtTorrentId torrent)
{
  g_return_if_fail (CCBT_IS_EVENT_VIEW (self));

  /* Settings are the session's. */
  if (!self->is_limited)
    gtk_string_list_remove (self->kinds, 4);
  self->is_limited = TRUE;
  self->torrent = torrent;
  filter_changed_cb (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-details-page.h"
#include <glib/gi18n.h>
#include "ccbt-detail-item.h"
#include "ccbt-event-view.h"
#include "ccbt-file-item.h"
#include "ccbt-file-row.h"
#include "ccbt-hindrance-row.h"
#include "ccbt-piece-bar.h"
#include "ccbt-piece-text.h"
#include "ccbt-rate-graph.h"
#include "ccbt-resource.h"
#include "ccbt-torrent-menu.h"
#include "ccbt-trackers-dialog.h"

struct _CcbtDetailsPage
{
  AdwBin parent_instance;
  CcbtTorrentItem *item;
  CcbtDetailsModel *model; /* NULL until there is an engine */

  GtkWidget *back;
  GtkWidget *close;
  GtkMenuButton *menu;
  GtkNoSelection *files;
  GtkNoSelection *peers;
  GtkNoSelection *trackers;
  GtkStack *files_pages;
  GtkStack *peers_pages;
  GtkStack *trackers_pages;
  AdwPreferencesGroup *pieces_group;
  CcbtPieceBar *pieces;
  AdwPreferencesGroup *rates_group;
  CcbtRateGraph *rates;
  CcbtEventView *log;
};

G_DEFINE_FINAL_TYPE (CcbtDetailsPage, ccbt_details_page, ADW_TYPE_BIN)

enum
{
  PROP_ITEM = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
update_subscription (CcbtDetailsPage *self)
{
  if (self->model != NULL)
    ccbt_details_model_set_item (self->model,
                                 gtk_widget_get_mapped (GTK_WIDGET (self)) ? self->item : NULL);
}

/* The menu depends on what can be done right now: made when it is opened. */
static void
create_menu_cb (GtkMenuButton *button, gpointer data)
{
  CcbtDetailsPage *self = CCBT_DETAILS_PAGE (data);
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  g_autoptr (GMenuModel) model = NULL;

  if (self->item == NULL)
    return;
  g_ptr_array_add (items, self->item);
  model = ccbt_torrent_menu_new (CCBT_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), items);
  gtk_menu_button_set_menu_model (button, model);
}

static void
update_page (GListModel *list, guint position, guint n_removed, guint n_added, GtkStack *pages)
{
  gtk_stack_set_visible_child_name (pages, g_list_model_get_n_items (list) > 0 ? "list" : "empty");
}

static void
bind_list (GtkNoSelection *selection, GListModel *list, GtkStack *pages)
{
  gtk_no_selection_set_model (selection, list);
  g_signal_connect_object (list, "items-changed", G_CALLBACK (update_page), pages, 0);
  update_page (list, 0, 0, 0, pages);
}

static void
update_pieces (CcbtDetailsPage *self, CcbtTorrentDetails *details)
{
  const CcbtPieceSummary *summary = details != NULL ? details->summary : NULL;
  g_autofree char *text = summary != NULL ? ccbt_piece_text_format (summary) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->pieces_group), summary != NULL);
  adw_preferences_group_set_description (self->pieces_group, text);
  ccbt_piece_bar_set (self->pieces, details);
}

static void
update_rates (CcbtDetailsPage *self, CcbtTorrentDetails *details)
{
  gtk_widget_set_visible (GTK_WIDGET (self->rates_group), details != NULL);
  if (details != NULL)
    ccbt_rate_graph_set (self->rates, details->recent_down, details->recent_up,
                         CCBT_RATE_TRAIL_LENGTH, CCBT_RATE_TRAIL_STEP);
}

static void
details_changed_cb (CcbtDetailsPage *self)
{
  CcbtTorrentDetails *details = ccbt_details_model_get_details (self->model);

  update_pieces (self, details);
  update_rates (self, details);
}

static void
edit_trackers_cb (GtkWidget *widget, const char *action, GVariant *unused)
{
  CcbtDetailsPage *self = CCBT_DETAILS_PAGE (widget);
  GtkWidget *dialog;

  /* What is not known yet would be lost when it is saved. */
  if (self->item == NULL || self->model == NULL
      || ccbt_details_model_get_tracker_text (self->model) == NULL)
    return;
  dialog = ccbt_trackers_dialog_new (GTK_WINDOW (gtk_widget_get_root (widget)),
                                     ccbt_details_model_get_client (self->model),
                                     ccbt_torrent_item_get_info_hash (self->item),
                                     ccbt_details_model_get_tracker_text (self->model));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
ccbt_details_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ccbt_details_page_parent_class)->map (widget);
  update_subscription (CCBT_DETAILS_PAGE (widget));
}

static void
ccbt_details_page_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ccbt_details_page_parent_class)->unmap (widget);
  update_subscription (CCBT_DETAILS_PAGE (widget));
}

static void
ccbt_details_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ITEM)
    g_value_set_object (value, CCBT_DETAILS_PAGE (object)->item);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ccbt_details_page_dispose (GObject *object)
{
  CcbtDetailsPage *self = CCBT_DETAILS_PAGE (object);

  g_clear_object (&self->model);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (ccbt_details_page_parent_class)->dispose (object);
}

static void
ccbt_details_page_class_init (CcbtDetailsPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ccbt_details_page_get_property;
  object_class->dispose = ccbt_details_page_dispose;
  widget_class->map = ccbt_details_page_map;
  widget_class->unmap = ccbt_details_page_unmap;
  props[PROP_ITEM]
      = g_param_spec_object ("item", NULL, NULL, CCBT_TYPE_TORRENT_ITEM,
                             G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  gtk_widget_class_install_action (widget_class, "details.edit-trackers", NULL, edit_trackers_cb);
  g_type_ensure (CCBT_TYPE_TORRENT_ITEM);
  g_type_ensure (CCBT_TYPE_DETAIL_ITEM);
  g_type_ensure (CCBT_TYPE_EVENT_VIEW);
  g_type_ensure (CCBT_TYPE_FILE_ITEM);
  g_type_ensure (CCBT_TYPE_FILE_ROW);
  g_type_ensure (CCBT_TYPE_HINDRANCE_ROW);
  g_type_ensure (CCBT_TYPE_PIECE_BAR);
  g_type_ensure (CCBT_TYPE_RATE_GRAPH);
  gtk_widget_class_set_template_from_resource (widget_class, CCBT_RESOURCE ("ui/details-page.ui"));
  gtk_widget_class_bind_template_child (widget_class, CcbtDetailsPage, back);
  gtk_widget_class_bind_template_child (widget_class, CcbtDetailsPage, close);
  gtk_widget_class_bind_template_child (widget_class, CcbtDetailsPage, menu);
  gtk_widget_class_bind_template_child (widget_class, CcbtDetailsPage, files);
  gtk_widget_class_bind_template_child (widget_class, CcbtDetailsPage, peers);
  gtk_widget_class_bind_template_child (widget_class, CcbtDetailsPage, trackers);
  gtk_widget_class_bind_template_child (widget_class, CcbtDetailsPage, files_pages);
  gtk_widget_class_bind_template_child (widget_class, CcbtDetailsPage, peers_pages);
  gtk_widget_class_bind_template_child (widget_class, CcbtDetailsPage, trackers_pages);
  gtk_widget_class_bind_template_child (widget_class, CcbtDetailsPage, pieces_group);
  gtk_widget_class_bind_template_child (widget_class, CcbtDetailsPage, pieces);
  gtk_widget_class_bind_template_child (widget_class, CcbtDetailsPage, rates_group);
  gtk_widget_class_bind_template_child (widget_class, CcbtDetailsPage, rates);
  gtk_widget_class_bind_template_child (widget_class, CcbtDetailsPage, log);
}

static void
ccbt_details_page_init (CcbtDetailsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_menu_button_set_create_popup_func (self->menu, create_menu_cb, self, NULL);
}

void
ccbt_details_page_set_client (CcbtDetailsPage *self, CcbtClient *client)
{
  g_return_if_fail (CCBT_IS_DETAILS_PAGE (self) && self->model == NULL);

  self->model = ccbt_details_model_new (client);
  g_signal_connect_object (self->model, "changed", G_CALLBACK (details_changed_cb), self,
                           G_CONNECT_SWAPPED);
  ccbt_event_view_limit (self->log, 0);
  ccbt_event_view_set_log (self->log, ccbt_client_get_log (client));
  bind_list (self->files, ccbt_details_model_get_files (self->model), self->files_pages);
  bind_list (self->peers, ccbt_details_model_get_peers (self->model), self->peers_pages);
  bind_list (self->trackers, ccbt_details_model_get_trackers (self->model), self->trackers_pages);
  update_subscription (self);
}

void
ccbt_details_page_set_item (CcbtDetailsPage *self, CcbtTorrentItem *item)
{
  g_return_if_fail (CCBT_IS_DETAILS_PAGE (self));

  if (!g_set_object (&self->item, item))
    return;
  ccbt_event_view_limit (self->log, item != NULL ? ccbt_torrent_item_get_status (item)->id : 0);
  update_subscription (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ITEM]);
}

CcbtTorrentItem *
ccbt_details_page_get_item (CcbtDetailsPage *self)
{
  return self->item;
}

void
ccbt_details_page_set_folded (CcbtDetailsPage *self, gboolean is_folded)
{
  g_return_if_fail (CCBT_IS_DETAILS_PAGE (self));

  gtk_widget_set_visible (self->back, is_folded);
  gtk_widget_set_visible (self->close, !is_folded);
}

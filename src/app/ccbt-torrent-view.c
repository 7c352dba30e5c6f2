/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-torrent-view.h"
#include "ccbt-resource.h"
#include "ccbt-torrent-menu.h"
#include "ccbt-torrent-row.h"

struct _CcbtTorrentView
{
  AdwBin parent_instance;
  GtkPopoverMenu *menu; /* NULL until one is opened */

  GtkSortListModel *sorted;
  GtkMultiSelection *selection;
};

G_DEFINE_FINAL_TYPE (CcbtTorrentView, ccbt_torrent_view, ADW_TYPE_BIN)

static guint selection_changed_signal;

/* --- Which torrent. --- */

/* The torrent shown at or around @widget, NULL when there is none. */
static CcbtTorrentItem *
find_item (GtkWidget *widget)
{
  for (; widget != NULL && !GTK_IS_LIST_VIEW (widget); widget = gtk_widget_get_parent (widget))
    {
      GtkWidget *child = gtk_widget_get_first_child (widget);

      if (CCBT_IS_TORRENT_ROW (widget))
        return ccbt_torrent_row_get_item (CCBT_TORRENT_ROW (widget));
      if (CCBT_IS_TORRENT_ROW (child))
        return ccbt_torrent_row_get_item (CCBT_TORRENT_ROW (child));
    }
  return NULL;
}

static guint
find_position (CcbtTorrentView *self, CcbtTorrentItem *item)
{
  GListModel *model = G_LIST_MODEL (self->selection);
  const guint n_items = g_list_model_get_n_items (model);

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr (CcbtTorrentItem) other = g_list_model_get_item (model, i);

      if (other == item)
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

/* What the menu is opened on belongs to it: alone, unless it was selected before. */
static void
select_for_menu (CcbtTorrentView *self, CcbtTorrentItem *item)
{
  const guint position = find_position (self, item);

  if (position != GTK_INVALID_LIST_POSITION
      && !gtk_selection_model_is_selected (GTK_SELECTION_MODEL (self->selection), position))
    gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), position, TRUE);
}

/* --- The menu. --- */

static void
drop_menu (CcbtTorrentView *self)
{
  if (self->menu != NULL)
    gtk_widget_unparent (GTK_WIDGET (g_steal_pointer (&self->menu)));
}

static void
make_menu (CcbtTorrentView *self)
{
  GtkWidget *menu = gtk_popover_menu_new_from_model (NULL);

  gtk_popover_set_has_arrow (GTK_POPOVER (menu), FALSE);
  gtk_popover_set_position (GTK_POPOVER (menu), GTK_POS_BOTTOM);
  gtk_widget_set_halign (menu, GTK_ALIGN_START);
  gtk_widget_set_parent (menu, GTK_WIDGET (self));
  self->menu = GTK_POPOVER_MENU (menu);
}

static void
open_menu_at (CcbtTorrentView *self, CcbtTorrentItem *item, double x, double y)
{
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GMenuModel) model = NULL;

  select_for_menu (self, item);
  items = ccbt_torrent_view_get_selected (self);
  if (items->len == 0)
    return;
  /* A new one each time: what was opened from one that had not quite gone would not show. */
  drop_menu (self);
  make_menu (self);
  model = ccbt_torrent_menu_new (items);
  gtk_popover_menu_set_menu_model (self->menu, model);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle){ (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
open_menu_at_pointer (CcbtTorrentView *self, double x, double y, GtkGesture *gesture)
{
  CcbtTorrentItem *item = find_item (gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT));

  if (item == NULL)
    return;
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  open_menu_at (self, item, x, y);
}

static void
secondary_pressed_cb (CcbtTorrentView *self, int n_press, double x, double y, GtkGesture *gesture)
{
  open_menu_at_pointer (self, x, y, gesture);
}

static void
long_pressed_cb (CcbtTorrentView *self, double x, double y, GtkGesture *gesture)
{
  open_menu_at_pointer (self, x, y, gesture);
}

gboolean
ccbt_torrent_view_open_menu (CcbtTorrentView *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  CcbtTorrentItem *item;
  double x;
  double y;

  g_return_val_if_fail (CCBT_IS_TORRENT_VIEW (self), FALSE);

  if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    return FALSE;
  item = find_item (focus);
  if (item == NULL)
    return FALSE;
  gtk_widget_translate_coordinates (focus, GTK_WIDGET (self), gtk_widget_get_width (focus) / 2.0,
                                    gtk_widget_get_height (focus) / 2.0, &x, &y);
  open_menu_at (self, item, x, y);
  return TRUE;
}

/* --- Selecting and activating. --- */

static void
activated_cb (CcbtTorrentView *self, guint position)
{
  g_autoptr (CcbtTorrentItem) item
      = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (item != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.show-details", "s",
                                ccbt_torrent_item_get_info_hash (item));
}

static void
selection_changed_cb (CcbtTorrentView *self)
{
  g_signal_emit (self, selection_changed_signal, 0);
}

GPtrArray *
ccbt_torrent_view_get_selected (CcbtTorrentView *self)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtkBitset) bits = NULL;
  GtkBitsetIter iter;
  guint position;

  g_return_val_if_fail (CCBT_IS_TORRENT_VIEW (self), items);

  bits = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  if (!gtk_bitset_iter_init_first (&iter, bits, &position))
    return items;
  do
    g_ptr_array_add (items, g_list_model_get_item (G_LIST_MODEL (self->selection), position));
  while (gtk_bitset_iter_next (&iter, &position));
  return items;
}

void
ccbt_torrent_view_set_model (CcbtTorrentView *self, GListModel *torrents)
{
  g_return_if_fail (CCBT_IS_TORRENT_VIEW (self));

  gtk_sort_list_model_set_model (self->sorted, torrents);
}

/* --- The object. --- */

static void
ccbt_torrent_view_dispose (GObject *object)
{
  CcbtTorrentView *self = CCBT_TORRENT_VIEW (object);

  drop_menu (self);
  G_OBJECT_CLASS (ccbt_torrent_view_parent_class)->dispose (object);
}

/* When what it removed was the last torrent, the page goes before the menu has closed; it would
 * swallow the next click. */
static void
ccbt_torrent_view_unmap (GtkWidget *widget)
{
  CcbtTorrentView *self = CCBT_TORRENT_VIEW (widget);

  if (self->menu != NULL)
    gtk_popover_popdown (GTK_POPOVER (self->menu));
  GTK_WIDGET_CLASS (ccbt_torrent_view_parent_class)->unmap (widget);
}

static void
ccbt_torrent_view_class_init (CcbtTorrentViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ccbt_torrent_view_dispose;
  widget_class->unmap = ccbt_torrent_view_unmap;
  selection_changed_signal = g_signal_new ("selection-changed", G_TYPE_FROM_CLASS (klass),
                                           G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (CCBT_TYPE_TORRENT_ITEM);
  g_type_ensure (CCBT_TYPE_TORRENT_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, CCBT_RESOURCE ("ui/torrent-view.ui"));
  gtk_widget_class_bind_template_child (widget_class, CcbtTorrentView, sorted);
  gtk_widget_class_bind_template_child (widget_class, CcbtTorrentView, selection);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, selection_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, secondary_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, long_pressed_cb);
}

static void
ccbt_torrent_view_init (CcbtTorrentView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

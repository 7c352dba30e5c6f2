/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-torrent-view.h"
#include "ccbt-resource.h"
#include "ccbt-torrent-columns.h"
#include "ccbt-torrent-menu.h"
#include "ccbt-torrent-row.h"

#define SORT_INTERVAL_MS 1000

struct _CcbtTorrentView
{
  AdwBin parent_instance;
  GtkPopoverMenu *menu; /* NULL when none is open */
  guint drop_source;    /* 0: no menu waits to go */

  CcbtTorrentFields changed; /* since it was sorted */
  guint sort_source;         /* 0: nothing changed */
  gboolean is_table;

  GtkStack *looks;
  GtkListView *rows;
  GtkColumnView *table;
  GtkSortListModel *sorted;
  GtkMultiSelection *selection;
};

G_DEFINE_FINAL_TYPE (CcbtTorrentView, ccbt_torrent_view, ADW_TYPE_BIN)

enum
{
  PROP_IS_TABLE = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint selection_changed_signal;

/* --- Which torrent. --- */

/* In the first of @widget's descendants, if anywhere: the row of a table is no widget of ours, nor
 * are its cells, but what is in them is. */
static CcbtTorrentItem *
find_item_in (GtkWidget *widget)
{
  CcbtTorrentItem *item = NULL;

  for (; widget != NULL && item == NULL; widget = gtk_widget_get_first_child (widget))
    item = CCBT_IS_TORRENT_ROW (widget) ? ccbt_torrent_row_get_item (CCBT_TORRENT_ROW (widget))
                                        : ccbt_torrent_columns_get_item (widget);
  return item;
}

/* The torrent shown at or around @widget, NULL when there is none. */
static CcbtTorrentItem *
find_item (GtkWidget *widget)
{
  CcbtTorrentItem *item = NULL;

  for (; widget != NULL && item == NULL && !GTK_IS_COLUMN_VIEW (widget)
         && !GTK_IS_SCROLLABLE (widget);
       widget = gtk_widget_get_parent (widget))
    item = find_item_in (widget);
  return item;
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
  g_clear_handle_id (&self->drop_source, g_source_remove);
  if (self->menu != NULL)
    gtk_widget_unparent (GTK_WIDGET (g_steal_pointer (&self->menu)));
}

static void
drop_menu_cb (gpointer data)
{
  CcbtTorrentView *self = data;

  self->drop_source = 0;
  drop_menu (self);
}

/* What was chosen in it is carried out after it has closed, so it goes a little later. But it does
 * go: it would keep the keyboard when the page goes with the last torrent. */
static void
menu_closed_cb (CcbtTorrentView *self)
{
  if (self->menu != NULL && self->drop_source == 0)
    self->drop_source = g_idle_add_once (drop_menu_cb, self);
}

static void
make_menu (CcbtTorrentView *self)
{
  GtkWidget *menu = gtk_popover_menu_new_from_model (NULL);

  gtk_popover_set_has_arrow (GTK_POPOVER (menu), FALSE);
  gtk_popover_set_position (GTK_POPOVER (menu), GTK_POS_BOTTOM);
  gtk_widget_set_halign (menu, GTK_ALIGN_START);
  gtk_widget_set_parent (menu, GTK_WIDGET (self));
  g_signal_connect_object (menu, "closed", G_CALLBACK (menu_closed_cb), self, G_CONNECT_SWAPPED);
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
  drop_menu (self);
  make_menu (self);
  model = ccbt_torrent_menu_new (CCBT_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), items);
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

/* --- Sorting: as the table is, also while it is not to be seen. --- */

static void
sort_cb (gpointer data)
{
  CcbtTorrentView *self = data;
  const CcbtTorrentFields changed = self->changed;

  self->sort_source = 0;
  self->changed = 0;
  ccbt_torrent_columns_refresh (self->table, changed);
}

void
ccbt_torrent_view_note_changes (CcbtTorrentView *self, CcbtTorrentFields changed)
{
  g_return_if_fail (CCBT_IS_TORRENT_VIEW (self));

  self->changed |= changed;
  if (self->sort_source == 0)
    self->sort_source = g_timeout_add_once (SORT_INTERVAL_MS, sort_cb, self);
}

/* --- Rows or a table. --- */

/* What is not to be seen makes no rows. */
static void
show_look (CcbtTorrentView *self)
{
  GtkSelectionModel *model = GTK_SELECTION_MODEL (self->selection);

  gtk_list_view_set_model (self->rows, self->is_table ? NULL : model);
  gtk_column_view_set_model (self->table, self->is_table ? model : NULL);
  gtk_stack_set_visible_child_name (self->looks, self->is_table ? "table" : "rows");
}

static void
set_is_table (CcbtTorrentView *self, gboolean is_table)
{
  if (self->is_table == is_table)
    return;
  self->is_table = is_table;
  show_look (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_TABLE]);
}

void
ccbt_torrent_view_save (CcbtTorrentView *self, GSettings *settings)
{
  gboolean is_descending = FALSE;
  const char *id;

  g_return_if_fail (CCBT_IS_TORRENT_VIEW (self));

  id = ccbt_torrent_columns_get_sort (self->table, &is_descending);
  g_settings_set_boolean (settings, "table", self->is_table);
  g_settings_set_value (settings, "columns", ccbt_torrent_columns_save (self->table));
  g_settings_set_string (settings, "sort-column", id != NULL ? id : "");
  g_settings_set_boolean (settings, "sort-descending", is_descending);
}

void
ccbt_torrent_view_restore (CcbtTorrentView *self, GSettings *settings)
{
  g_autoptr (GVariant) columns = g_settings_get_value (settings, "columns");
  g_autofree char *id = g_settings_get_string (settings, "sort-column");

  g_return_if_fail (CCBT_IS_TORRENT_VIEW (self));

  ccbt_torrent_columns_restore (self->table, columns);
  ccbt_torrent_columns_set_sort (self->table, id,
                                 g_settings_get_boolean (settings, "sort-descending"));
  set_is_table (self, g_settings_get_boolean (settings, "table"));
}

GSimpleActionGroup *
ccbt_torrent_view_new_column_actions (CcbtTorrentView *self)
{
  return ccbt_torrent_columns_new_actions (self->table);
}

void
ccbt_torrent_view_set_model (CcbtTorrentView *self, GListModel *torrents)
{
  g_return_if_fail (CCBT_IS_TORRENT_VIEW (self));

  gtk_sort_list_model_set_model (self->sorted, torrents);
}

/* --- The object. --- */

static void
ccbt_torrent_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_IS_TABLE)
    g_value_set_boolean (value, CCBT_TORRENT_VIEW (object)->is_table);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ccbt_torrent_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_IS_TABLE)
    set_is_table (CCBT_TORRENT_VIEW (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ccbt_torrent_view_dispose (GObject *object)
{
  CcbtTorrentView *self = CCBT_TORRENT_VIEW (object);

  g_clear_handle_id (&self->sort_source, g_source_remove);
  drop_menu (self);
  G_OBJECT_CLASS (ccbt_torrent_view_parent_class)->dispose (object);
}

static void
ccbt_torrent_view_unmap (GtkWidget *widget)
{
  menu_closed_cb (CCBT_TORRENT_VIEW (widget));
  GTK_WIDGET_CLASS (ccbt_torrent_view_parent_class)->unmap (widget);
}

static void
ccbt_torrent_view_class_init (CcbtTorrentViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->get_property = ccbt_torrent_view_get_property;
  G_OBJECT_CLASS (klass)->set_property = ccbt_torrent_view_set_property;
  G_OBJECT_CLASS (klass)->dispose = ccbt_torrent_view_dispose;
  props[PROP_IS_TABLE]
      = g_param_spec_boolean ("is-table", NULL, NULL, FALSE,
                              G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, props);
  widget_class->unmap = ccbt_torrent_view_unmap;
  selection_changed_signal = g_signal_new ("selection-changed", G_TYPE_FROM_CLASS (klass),
                                           G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (CCBT_TYPE_TORRENT_ITEM);
  g_type_ensure (CCBT_TYPE_TORRENT_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, CCBT_RESOURCE ("ui/torrent-view.ui"));
  gtk_widget_class_bind_template_child (widget_class, CcbtTorrentView, looks);
  gtk_widget_class_bind_template_child (widget_class, CcbtTorrentView, rows);
  gtk_widget_class_bind_template_child (widget_class, CcbtTorrentView, table);
  gtk_widget_class_bind_template_child (widget_class, CcbtTorrentView, sorted);
  gtk_widget_class_bind_template_child (widget_class, CcbtTorrentView, selection);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, selection_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, secondary_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, long_pressed_cb);
}

/* GTK 4.8 draws no rows of a table from right to left that is wider than its window: there columns
 * go from left to right, while what is in them keeps its direction. */
static void
keep_table_ltr (GtkColumnView *table)
{
  gtk_widget_set_direction (GTK_WIDGET (table), GTK_TEXT_DIR_LTR);
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (table)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    gtk_widget_set_direction (child, GTK_TEXT_DIR_LTR);
}

static void
ccbt_torrent_view_init (CcbtTorrentView *self)
{
  g_autoptr (GSimpleActionGroup) actions = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  keep_table_ltr (self->table);
  ccbt_torrent_columns_add_to (self->table);
  ccbt_torrent_columns_set_sort (self->table, "added", TRUE);
  gtk_sort_list_model_set_sorter (self->sorted, gtk_column_view_get_sorter (self->table));
  actions = ccbt_torrent_view_new_column_actions (self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "columns", G_ACTION_GROUP (actions));
  show_look (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-torrent-columns.h"
#include <glib/gi18n.h>
#include "ccbt-torrent-values.h"

#define MIN_WIDTH 40
#define MAX_WIDTH 2000

/* --- One cell: its data "item" is borrowed and there while it is bound. --- */

/* Labels turn round by themselves, inscriptions do not. */
static float
choose_alignment (const CcbtTorrentValue *value, GtkWidget *cell)
{
  const gboolean is_right = gtk_widget_get_direction (cell) == GTK_TEXT_DIR_RTL;
  const gboolean is_number = value->get_number != NULL && !g_str_equal (value->id, "state");

  return is_number != is_right ? 1 : 0;
}

static GtkWidget *
new_text_cell (const CcbtTorrentValue *value)
{
  GtkWidget *cell = gtk_inscription_new (NULL);

  gtk_inscription_set_xalign (GTK_INSCRIPTION (cell), choose_alignment (value, cell));
  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (cell),
                                     GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_inscription_set_min_chars (GTK_INSCRIPTION (cell), 1);
  if (value->get_number != NULL)
    gtk_widget_add_css_class (cell, "numeric");
  return cell;
}

/* The bar, and behind it the share in figures. */
static GtkWidget *
new_progress_cell (const CcbtTorrentValue *value)
{
  GtkWidget *cell = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *bar = gtk_progress_bar_new ();
  GtkWidget *text = new_text_cell (value);

  gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (bar, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Progress"), -1);
  gtk_inscription_set_min_chars (GTK_INSCRIPTION (text), 5);
  gtk_box_append (GTK_BOX (cell), bar);
  gtk_box_append (GTK_BOX (cell), text);
  return cell;
}

static void
update_bar (GtkWidget *bar, CcbtTorrentItem *item)
{
  g_auto (GStrv) classes = NULL;
  double progress;

  g_object_get (item, "progress", &progress, "bar-classes", &classes, NULL);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (bar), progress);
  gtk_widget_set_css_classes (bar, (const char **) classes);
}

static void
update_cell (GtkWidget *cell, CcbtTorrentItem *item)
{
  const CcbtTorrentValue *value = g_object_get_data (G_OBJECT (cell), "value");
  g_autofree char *text = ccbt_torrent_value_make_text (value, item);

  if (GTK_IS_INSCRIPTION (cell))
    {
      gtk_inscription_set_text (GTK_INSCRIPTION (cell), text);
      return;
    }
  update_bar (gtk_widget_get_first_child (cell), item);
  gtk_inscription_set_text (GTK_INSCRIPTION (gtk_widget_get_last_child (cell)), text);
}

static void
item_changed_cb (GtkWidget *cell, guint fields, CcbtTorrentItem *item)
{
  const CcbtTorrentValue *value = g_object_get_data (G_OBJECT (cell), "value");

  if ((value->fields & fields) != 0)
    update_cell (cell, item);
}

static void
setup_cb (GtkListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  const CcbtTorrentValue *value = data;
  GtkWidget *cell
      = g_str_equal (value->id, "progress") ? new_progress_cell (value) : new_text_cell (value);

  g_object_set_data (G_OBJECT (cell), "value", data);
  gtk_list_item_set_child (list_item, cell);
}

static void
bind_cb (GtkListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  GtkWidget *cell = gtk_list_item_get_child (list_item);
  CcbtTorrentItem *item = gtk_list_item_get_item (list_item);

  g_object_set_data (G_OBJECT (cell), "item", item);
  g_signal_connect_swapped (item, "changed", G_CALLBACK (item_changed_cb), cell);
  update_cell (cell, item);
}

static void
unbind_cb (GtkListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  GtkWidget *cell = gtk_list_item_get_child (list_item);

  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (list_item), item_changed_cb, cell);
  g_object_set_data (G_OBJECT (cell), "item", NULL);
}

CcbtTorrentItem *
ccbt_torrent_columns_get_item (GtkWidget *widget)
{
  return g_object_get_data (G_OBJECT (widget), "value") != NULL
             ? g_object_get_data (G_OBJECT (widget), "item")
             : NULL;
}

/* --- Sorting. --- */

/* GTK 4.8 does not tell by which column it sorts. So the table is made to compare two torrents that
 * are none: the column that is asked first is the one. */
typedef struct
{
  const CcbtTorrentValue *first; /* NULL: nobody was asked yet */
} Probe;

static Probe *probe; /* NULL: torrents are compared */

static int
compare_cb (gconstpointer a, gconstpointer b, gpointer data)
{
  if (probe == NULL)
    return ccbt_torrent_value_compare (data, (gpointer) a, (gpointer) b);
  if (probe->first == NULL)
    probe->first = data;
  return -1;
}

/* Returns: (transfer full): of a torrent that is none */
static CcbtTorrentItem *
new_probe_item (void)
{
  g_autoptr (CcbtTorrentStatus) status = ccbt_torrent_status_new ();

  status->options = ccbt_torrent_options_new ();
  return ccbt_torrent_item_new (status);
}

const char *
ccbt_torrent_columns_get_sort (GtkColumnView *view, gboolean *is_descending)
{
  g_autoptr (CcbtTorrentItem) a = new_probe_item ();
  g_autoptr (CcbtTorrentItem) b = new_probe_item ();
  Probe own = { NULL };

  probe = &own;
  *is_descending
      = gtk_sorter_compare (gtk_column_view_get_sorter (view), a, b) == GTK_ORDERING_LARGER;
  probe = NULL;
  return own.first != NULL ? own.first->id : NULL;
}

static const CcbtTorrentValue *
get_value (GtkColumnViewColumn *column)
{
  return g_object_get_data (G_OBJECT (column), "value");
}

/* Returns: (transfer full) (nullable) */
static GtkColumnViewColumn *
find_column (GtkColumnView *view, const char *id)
{
  GListModel *columns = gtk_column_view_get_columns (view);

  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);

      if (g_str_equal (get_value (column)->id, id))
        return g_steal_pointer (&column);
    }
  return NULL;
}

void
ccbt_torrent_columns_set_sort (GtkColumnView *view, const char *id, gboolean is_descending)
{
  g_autoptr (GtkColumnViewColumn) column = find_column (view, id);

  if (column != NULL)
    gtk_column_view_sort_by_column (view, column,
                                    is_descending ? GTK_SORT_DESCENDING : GTK_SORT_ASCENDING);
}

void
ccbt_torrent_columns_refresh (GtkColumnView *view, CcbtTorrentFields changed)
{
  gboolean is_descending;
  const char *id = ccbt_torrent_columns_get_sort (view, &is_descending);
  g_autoptr (GtkColumnViewColumn) column = id != NULL ? find_column (view, id) : NULL;

  if (column != NULL && (get_value (column)->fields & changed) != 0)
    gtk_sorter_changed (gtk_column_view_column_get_sorter (column), GTK_SORTER_CHANGE_DIFFERENT);
}

/* --- The columns. --- */

/* 1.0 for text of the usual size. */
static double
get_text_scale (void)
{
  int dpi = 0; /* of 1024 */

  g_object_get (gtk_settings_get_default (), "gtk-xft-dpi", &dpi, NULL);
  return dpi > 0 ? CLAMP (dpi / 1024.0 / 96, 0.5, 4) : 1;
}

static void
append_column (GtkColumnView *view, const CcbtTorrentValue *value, GMenuModel *menu)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *column = gtk_column_view_column_new (_ (value->title), factory);
  g_autoptr (GtkSorter) sorter
      = GTK_SORTER (gtk_custom_sorter_new (compare_cb, (gpointer) value, NULL));

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), (gpointer) value);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);
  g_object_set_data (G_OBJECT (column), "value", (gpointer) value);
  gtk_column_view_column_set_sorter (column, sorter);
  gtk_column_view_column_set_resizable (column, TRUE);
  gtk_column_view_column_set_visible (column, value->is_shown);
  gtk_column_view_column_set_header_menu (column, menu);
  gtk_column_view_column_set_fixed_width (column, (int) (value->width * get_text_scale ()));
  /* The name takes what the others leave. */
  gtk_column_view_column_set_expand (column, g_str_equal (value->id, "name"));
  gtk_column_view_append_column (view, column);
  g_object_unref (column);
}

void
ccbt_torrent_columns_add_to (GtkColumnView *view)
{
  guint n_values;
  const CcbtTorrentValue *values = ccbt_torrent_values_get (&n_values);
  g_autoptr (GMenuModel) menu = ccbt_torrent_columns_new_menu ();

  for (guint i = 0; i < n_values; i++)
    append_column (view, &values[i], menu);
}

GSimpleActionGroup *
ccbt_torrent_columns_new_actions (GtkColumnView *view)
{
  GSimpleActionGroup *group = g_simple_action_group_new ();
  guint n_values;
  const CcbtTorrentValue *values = ccbt_torrent_values_get (&n_values);

  /* A table without names would be of no use. */
  for (guint i = 1; i < n_values; i++)
    {
      g_autoptr (GtkColumnViewColumn) column = find_column (view, values[i].id);
      g_autoptr (GPropertyAction) action = g_property_action_new (values[i].id, column, "visible");

      g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (action));
    }
  return group;
}

GMenuModel *
ccbt_torrent_columns_new_menu (void)
{
  GMenu *menu = g_menu_new ();
  guint n_values;
  const CcbtTorrentValue *values = ccbt_torrent_values_get (&n_values);

  for (guint i = 1; i < n_values; i++)
    {
      g_autofree char *action = g_strconcat ("columns.", values[i].id, NULL);

      g_menu_append (menu, _ (values[i].title), action);
    }
  return G_MENU_MODEL (menu);
}

/* --- What is remembered. --- */

GVariant *
ccbt_torrent_columns_save (GtkColumnView *view)
{
  GListModel *columns = gtk_column_view_get_columns (view);
  GVariantBuilder saved;

  g_variant_builder_init (&saved, G_VARIANT_TYPE ("a(sib)"));
  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);

      g_variant_builder_add (&saved, "(sib)", get_value (column)->id,
                             gtk_column_view_column_get_fixed_width (column),
                             gtk_column_view_column_get_visible (column));
    }
  return g_variant_builder_end (&saved);
}

void
ccbt_torrent_columns_restore (GtkColumnView *view, GVariant *saved)
{
  GVariantIter iter;
  const char *id;
  gint32 width;
  gboolean is_shown;
  guint position = 0;

  g_variant_iter_init (&iter, saved);
  while (g_variant_iter_next (&iter, "(&sib)", &id, &width, &is_shown))
    {
      g_autoptr (GtkColumnViewColumn) column = find_column (view, id);

      if (column == NULL)
        continue;
      gtk_column_view_insert_column (view, position++, column);
      gtk_column_view_column_set_fixed_width (column,
                                              width > 0 ? CLAMP (width, MIN_WIDTH, MAX_WIDTH) : -1);
      gtk_column_view_column_set_visible (column, is_shown || g_str_equal (id, "name"));
    }
}

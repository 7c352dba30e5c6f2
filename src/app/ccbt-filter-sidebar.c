/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-filter-sidebar.h"
#include <glib/gi18n.h>
#include "ccbt-filter-counts.h"
#include "ccbt-resource.h"

#define REFRESH_INTERVAL_MS 1000
/* After a while without news the first comes quickly, but with what follows it at once. */
#define REFRESH_DELAY_MS 100

struct _CcbtFilterSidebar
{
  AdwBin parent_instance;
  CcbtTorrentList *torrents;
  CcbtTorrentFilter *filter;
  CcbtTorrentFields changed; /* since the last refresh */
  guint refresh_source;      /* 0: nothing new */
  gint64 last_refresh;       /* monotonic, us */
  gboolean is_choosing;      /* by ourselves */
  gboolean has_all;          /* all torrents were chosen before */

  GListStore *rows;
  GtkMultiSelection *selection;
};

G_DEFINE_FINAL_TYPE (CcbtFilterSidebar, ccbt_filter_sidebar, ADW_TYPE_BIN)

static guint changed_signal;

/* --- What is chosen. --- */

/* Returns: (transfer full): CcbtFilterItem of CCBT_FILTER_ITEM_KEY */
static GPtrArray *
list_chosen (CcbtFilterSidebar *self)
{
  GPtrArray *chosen = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtkBitset) bits
      = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  GtkBitsetIter iter;
  guint position;

  if (!gtk_bitset_iter_init_first (&iter, bits, &position))
    return chosen;
  do
    {
      g_autoptr (CcbtFilterItem) item = g_list_model_get_item (G_LIST_MODEL (self->rows), position);

      if (ccbt_filter_item_get_kind (item) == CCBT_FILTER_ITEM_KEY)
        g_ptr_array_add (chosen, g_steal_pointer (&item));
    }
  while (gtk_bitset_iter_next (&iter, &position));
  return chosen;
}

static void
apply (CcbtFilterSidebar *self)
{
  g_autoptr (GPtrArray) chosen = list_chosen (self);
  GHashTable *keys[CCBT_N_FILTER_GROUPS] = { NULL };

  for (guint i = 0; i < chosen->len; i++)
    {
      const CcbtFilterGroup group = ccbt_filter_item_get_group (chosen->pdata[i]);

      if (keys[group] == NULL)
        keys[group] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_hash_table_add (keys[group], g_strdup (ccbt_filter_item_get_key (chosen->pdata[i])));
    }
  self->has_all = chosen->len == 0;
  if (self->filter != NULL)
    ccbt_torrent_filter_set_chosen (self->filter, keys);
  g_signal_emit (self, changed_signal, 0);
}

/* "All" is chosen exactly when nothing else is; headings never are. */
static void
tidy_choice (CcbtFilterSidebar *self)
{
  GtkSelectionModel *model = GTK_SELECTION_MODEL (self->selection);
  const guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));
  g_autoptr (GPtrArray) chosen = list_chosen (self);
  const gboolean has_returned = gtk_selection_model_is_selected (model, 0) && !self->has_all;

  self->is_choosing = TRUE;
  if (chosen->len == 0 || has_returned)
    gtk_selection_model_select_item (model, 0, TRUE);
  else
    gtk_selection_model_unselect_item (model, 0);
  for (guint i = 1; i < n_rows; i++)
    {
      g_autoptr (CcbtFilterItem) item = g_list_model_get_item (G_LIST_MODEL (self->rows), i);

      if (ccbt_filter_item_get_kind (item) == CCBT_FILTER_ITEM_HEADING)
        gtk_selection_model_unselect_item (model, i);
    }
  self->is_choosing = FALSE;
}

static void
selection_changed_cb (CcbtFilterSidebar *self)
{
  if (self->is_choosing || g_list_model_get_n_items (G_LIST_MODEL (self->rows)) == 0)
    return;
  tidy_choice (self);
  apply (self);
}

/* --- The rows. --- */

static gboolean
is_same (CcbtFilterItem *a, CcbtFilterItem *b)
{
  return ccbt_filter_item_get_kind (a) == ccbt_filter_item_get_kind (b)
         && ccbt_filter_item_get_group (a) == ccbt_filter_item_get_group (b)
         && g_strcmp0 (ccbt_filter_item_get_key (a), ccbt_filter_item_get_key (b)) == 0;
}

static gboolean
has_same_rows (CcbtFilterSidebar *self, GPtrArray *rows)
{
  if (g_list_model_get_n_items (G_LIST_MODEL (self->rows)) != rows->len)
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      g_autoptr (CcbtFilterItem) item = g_list_model_get_item (G_LIST_MODEL (self->rows), i);

      if (!is_same (item, rows->pdata[i]))
        return FALSE;
    }
  return TRUE;
}

/* Puts @rows in, and chooses those of @chosen. */
static void
replace_rows (CcbtFilterSidebar *self, GPtrArray *rows, GPtrArray *chosen)
{
  GtkSelectionModel *model = GTK_SELECTION_MODEL (self->selection);

  self->is_choosing = TRUE;
  g_list_store_splice (self->rows, 0, g_list_model_get_n_items (G_LIST_MODEL (self->rows)),
                       rows->pdata, rows->len);
  gtk_selection_model_unselect_all (model);
  if (chosen->len == 0)
    gtk_selection_model_select_item (model, 0, TRUE);
  for (guint i = 0; i < rows->len; i++)
    for (guint j = 0; j < chosen->len; j++)
      if (is_same (rows->pdata[i], chosen->pdata[j]))
        gtk_selection_model_select_item (model, i, FALSE);
  self->is_choosing = FALSE;
}

static void
update_rows (CcbtFilterSidebar *self, GPtrArray *chosen)
{
  g_autoptr (CcbtFilterCounts) counts = ccbt_filter_counts_new (G_LIST_MODEL (self->torrents));
  g_autoptr (GPtrArray) rows = ccbt_filter_counts_make_rows (counts, chosen);

  if (!has_same_rows (self, rows))
    replace_rows (self, rows, chosen);
  for (guint i = 0; i < rows->len; i++)
    {
      g_autoptr (CcbtFilterItem) item = g_list_model_get_item (G_LIST_MODEL (self->rows), i);

      ccbt_filter_item_set_count (item, ccbt_filter_counts_get (counts, item));
    }
}

static void
refresh (CcbtFilterSidebar *self)
{
  g_autoptr (GPtrArray) chosen = list_chosen (self);
  const CcbtTorrentFields changed = self->changed;

  self->changed = 0;
  self->last_refresh = g_get_monotonic_time ();
  update_rows (self, chosen);
  ccbt_torrent_filter_refresh (self->filter, changed);
}

static void
refresh_cb (gpointer data)
{
  CcbtFilterSidebar *self = data;

  self->refresh_source = 0;
  refresh (self);
}

static void
schedule_refresh (CcbtFilterSidebar *self)
{
  const gint64 passed = (g_get_monotonic_time () - self->last_refresh) / 1000;

  if (self->refresh_source == 0)
    self->refresh_source = g_timeout_add_once (
        (guint) MAX (REFRESH_INTERVAL_MS - passed, REFRESH_DELAY_MS), refresh_cb, self);
}

static void
torrents_changed_cb (CcbtFilterSidebar *self, guint changed)
{
  self->changed |= changed;
  if ((changed
       & (CCBT_FIELDS_STATE | CCBT_FIELDS_RATES | CCBT_FIELDS_OPTIONS | CCBT_FIELDS_FOLDER
          | CCBT_FIELDS_NAME))
      != 0)
    schedule_refresh (self);
}

/* --- One row. --- */

static void
update_row (GtkListItem *list_item)
{
  CcbtFilterItem *item = gtk_list_item_get_item (list_item);
  GtkWidget *box = gtk_list_item_get_child (list_item);
  GtkWidget *row = gtk_widget_get_parent (box);
  const guint count = ccbt_filter_item_get_count (item);
  const char *label = ccbt_filter_item_get_label (item);
  g_autofree char *text = NULL;
  g_autofree char *name = NULL;

  if (ccbt_filter_item_get_kind (item) != CCBT_FILTER_ITEM_HEADING)
    {
      text = g_strdup_printf ("%u", count);
      /* Translators: a filter such as "Seeding", and how many torrents it shows */
      name = g_strdup_printf (ngettext ("%s: %u torrent", "%s: %u torrents", count), label, count);
    }
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_last_child (box)), text != NULL ? text : "");
  if (row != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    name != NULL ? name : label, -1);
}

static void
count_changed_cb (GtkListItem *list_item)
{
  update_row (list_item);
}

/* The row itself has the name that is read out, so its parts need none. */
static GtkWidget *
new_part (GType type)
{
  return g_object_new (type, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
}

static void
setup_cb (CcbtFilterSidebar *self, GtkListItem *list_item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = new_part (GTK_TYPE_LABEL);
  GtkWidget *count = new_part (GTK_TYPE_LABEL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_width_chars (GTK_LABEL (label), 12);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (count, "dim-label");
  gtk_widget_add_css_class (count, "numeric");
  gtk_box_append (GTK_BOX (box), new_part (GTK_TYPE_IMAGE));
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), count);
  gtk_list_item_set_child (list_item, box);
}

static void
bind_cb (CcbtFilterSidebar *self, GtkListItem *list_item)
{
  CcbtFilterItem *item = gtk_list_item_get_item (list_item);
  const gboolean is_heading = ccbt_filter_item_get_kind (item) == CCBT_FILTER_ITEM_HEADING;
  GtkWidget *icon = gtk_widget_get_first_child (gtk_list_item_get_child (list_item));
  GtkWidget *label = gtk_widget_get_next_sibling (icon);

  gtk_widget_set_visible (icon, !is_heading);
  if (!is_heading)
    gtk_image_set_from_icon_name (GTK_IMAGE (icon), ccbt_filter_item_get_icon (item));
  gtk_label_set_text (GTK_LABEL (label), ccbt_filter_item_get_label (item));
  if (is_heading)
    gtk_widget_add_css_class (label, "heading");
  else
    gtk_widget_remove_css_class (label, "heading");
  gtk_list_item_set_selectable (list_item, !is_heading);
  gtk_list_item_set_activatable (list_item, !is_heading);
  g_signal_connect_swapped (item, "notify::count", G_CALLBACK (count_changed_cb), list_item);
  update_row (list_item);
}

static void
unbind_cb (CcbtFilterSidebar *self, GtkListItem *list_item)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (list_item), count_changed_cb,
                                        list_item);
}

/* --- The object. --- */

static void
ccbt_filter_sidebar_dispose (GObject *object)
{
  CcbtFilterSidebar *self = CCBT_FILTER_SIDEBAR (object);

  g_clear_handle_id (&self->refresh_source, g_source_remove);
  g_clear_object (&self->torrents);
  g_clear_object (&self->filter);
  G_OBJECT_CLASS (ccbt_filter_sidebar_parent_class)->dispose (object);
}

static void
ccbt_filter_sidebar_class_init (CcbtFilterSidebarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ccbt_filter_sidebar_dispose;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (CCBT_TYPE_FILTER_ITEM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               CCBT_RESOURCE ("ui/filter-sidebar.ui"));
  gtk_widget_class_bind_template_child (widget_class, CcbtFilterSidebar, rows);
  gtk_widget_class_bind_template_child (widget_class, CcbtFilterSidebar, selection);
  gtk_widget_class_bind_template_callback (widget_class, selection_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, setup_cb);
  gtk_widget_class_bind_template_callback (widget_class, bind_cb);
  gtk_widget_class_bind_template_callback (widget_class, unbind_cb);
}

static void
ccbt_filter_sidebar_init (CcbtFilterSidebar *self)
{
  self->has_all = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ccbt_filter_sidebar_set_torrents (CcbtFilterSidebar *self, CcbtTorrentList *torrents,
                                  CcbtTorrentFilter *filter)
{
  g_return_if_fail (CCBT_IS_FILTER_SIDEBAR (self) && self->torrents == NULL);

  self->torrents = g_object_ref (torrents);
  self->filter = g_object_ref (filter);
  g_signal_connect_object (torrents, "changed", G_CALLBACK (torrents_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (torrents, "items-changed", G_CALLBACK (schedule_refresh), self,
                           G_CONNECT_SWAPPED);
  refresh (self);
}

void
ccbt_filter_sidebar_clear (CcbtFilterSidebar *self)
{
  g_return_if_fail (CCBT_IS_FILTER_SIDEBAR (self));

  gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), 0, TRUE);
}

GStrv
ccbt_filter_sidebar_save (CcbtFilterSidebar *self)
{
  g_autoptr (GPtrArray) chosen = list_chosen (self);
  g_autoptr (GStrvBuilder) saved = g_strv_builder_new ();

  for (guint i = 0; i < chosen->len; i++)
    {
      const char *group
          = ccbt_filter_group_get_name (ccbt_filter_item_get_group (chosen->pdata[i]));
      g_autofree char *text
          = g_strdup_printf ("%s:%s", group, ccbt_filter_item_get_key (chosen->pdata[i]));

      /* Folders can have names that no setting takes. */
      if (g_utf8_validate (text, -1, NULL))
        g_strv_builder_add (saved, text);
    }
  return g_strv_builder_end (saved);
}

/* Returns: (transfer full) (nullable): NULL for what another version has remembered */
static CcbtFilterItem *
parse_saved (const char *text)
{
  const char *colon = strchr (text, ':');

  for (guint group = 0; colon != NULL && group < CCBT_N_FILTER_GROUPS; group++)
    {
      const char *name = ccbt_filter_group_get_name (group);

      if (strlen (name) != (gsize) (colon - text) || !g_str_has_prefix (text, name))
        continue;
      if (group != CCBT_FILTER_STATE)
        return ccbt_filter_item_new (CCBT_FILTER_ITEM_KEY, group, colon + 1);
      for (guint state = 0; state < CCBT_N_FILTER_STATES; state++)
        if (g_str_equal (ccbt_filter_state_get_name (state), colon + 1))
          return ccbt_filter_item_new (CCBT_FILTER_ITEM_KEY, group, colon + 1);
    }
  return NULL;
}

void
ccbt_filter_sidebar_restore (CcbtFilterSidebar *self, const char *const *saved)
{
  g_autoptr (GPtrArray) chosen = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (CcbtFilterCounts) counts = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  g_return_if_fail (CCBT_IS_FILTER_SIDEBAR (self) && self->torrents != NULL);

  for (guint i = 0; saved[i] != NULL; i++)
    {
      CcbtFilterItem *item = parse_saved (saved[i]);

      if (item != NULL)
        g_ptr_array_add (chosen, item);
    }
  counts = ccbt_filter_counts_new (G_LIST_MODEL (self->torrents));
  rows = ccbt_filter_counts_make_rows (counts, chosen);
  replace_rows (self, rows, chosen);
  refresh (self);
  apply (self);
}

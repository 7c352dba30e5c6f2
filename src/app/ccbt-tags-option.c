/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-tags-option.h"
#include <glib/gi18n.h>
#include "ccbt-option-values.h"

struct _CcbtTagsOption
{
  GObject parent_instance;
  GHashTable *chosen; /* tag -> whether all have it; those that the user touched */
  GtkEditable *added;
};

G_DEFINE_FINAL_TYPE (CcbtTagsOption, ccbt_tags_option, G_TYPE_OBJECT)

/* --- The rows. --- */

static void
toggled_cb (CcbtTagsOption *self, GtkCheckButton *box)
{
  gtk_check_button_set_inconsistent (box, FALSE);
  g_hash_table_insert (self->chosen, g_strdup (gtk_widget_get_name (GTK_WIDGET (box))),
                       GINT_TO_POINTER (gtk_check_button_get_active (box)));
}

static GtkWidget *
new_box (CcbtTagsOption *self, GPtrArray *items, const char *tag)
{
  const guint n_items = ccbt_option_values_count_tag (items, tag);
  GtkWidget *box = gtk_check_button_new ();
  GtkWidget *label = gtk_label_new (tag);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 24);
  gtk_check_button_set_child (GTK_CHECK_BUTTON (box), label);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (box), n_items == items->len);
  gtk_check_button_set_inconsistent (GTK_CHECK_BUTTON (box), n_items > 0 && n_items < items->len);
  gtk_accessible_update_property (GTK_ACCESSIBLE (box), GTK_ACCESSIBLE_PROPERTY_LABEL, tag, -1);
  gtk_widget_set_name (box, tag);
  g_signal_connect_object (box, "toggled", G_CALLBACK (toggled_cb), self, G_CONNECT_SWAPPED);
  return box;
}

static void
add_boxes (CcbtTagsOption *self, AdwPreferencesGroup *group, GPtrArray *items,
           const char *const *used)
{
  GtkWidget *row = adw_preferences_row_new ();
  GtkWidget *boxes = gtk_flow_box_new ();

  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (boxes), GTK_SELECTION_NONE);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (boxes), 6);
  gtk_widget_set_margin_top (boxes, 6);
  gtk_widget_set_margin_bottom (boxes, 6);
  gtk_widget_set_margin_start (boxes, 6);
  gtk_widget_set_margin_end (boxes, 6);
  gtk_accessible_update_property (GTK_ACCESSIBLE (boxes), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Tags"),
                                  -1);
  for (guint i = 0; used[i] != NULL; i++)
    {
      GtkWidget *child = gtk_flow_box_child_new ();

      /* The box inside takes the keyboard. */
      gtk_widget_set_focusable (child, FALSE);
      gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), new_box (self, items, used[i]));
      gtk_flow_box_append (GTK_FLOW_BOX (boxes), child);
    }
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), boxes);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  adw_preferences_group_add (group, row);
}

static void
add_entry (CcbtTagsOption *self, AdwPreferencesGroup *group)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("New Tags, With Commas Between"));
  adw_preferences_group_add (group, row);
  self->added = GTK_EDITABLE (row);
}

/* --- What they come to. --- */

static gboolean
keeps (CcbtTagsOption *self, const char *tag)
{
  gpointer is_chosen;

  return !g_hash_table_lookup_extended (self->chosen, tag, NULL, &is_chosen)
         || GPOINTER_TO_INT (is_chosen);
}

static void
add_tag (GPtrArray *tags, char *tag)
{
  if (*tag != '\0' && !g_ptr_array_find_with_equal_func (tags, tag, g_str_equal, NULL))
    g_ptr_array_add (tags, tag);
}

GVariant *
ccbt_tags_option_get_change (CcbtTagsOption *self, CcbtTorrentItem *item)
{
  const GStrv old = ccbt_torrent_item_get_status (item)->options->tags;
  g_autoptr (GPtrArray) tags = g_ptr_array_new ();
  g_auto (GStrv) added = NULL;
  GHashTableIter iter;
  gpointer tag, is_chosen;
  guint n_kept;

  g_return_val_if_fail (CCBT_IS_TAGS_OPTION (self), NULL);

  for (guint i = 0; old[i] != NULL; i++)
    if (keeps (self, old[i]))
      g_ptr_array_add (tags, old[i]);
  n_kept = tags->len;
  g_hash_table_iter_init (&iter, self->chosen);
  while (g_hash_table_iter_next (&iter, &tag, &is_chosen))
    if (GPOINTER_TO_INT (is_chosen))
      add_tag (tags, tag);
  added = g_strsplit (gtk_editable_get_text (self->added), ",", -1);
  for (guint i = 0; added[i] != NULL; i++)
    add_tag (tags, g_strstrip (added[i]));
  if (tags->len == n_kept && n_kept == g_strv_length (old))
    return NULL;
  return g_variant_ref_sink (
      g_variant_new_strv ((const char *const *) tags->pdata, (gssize) tags->len));
}

/* --- The object. --- */

static void
ccbt_tags_option_finalize (GObject *object)
{
  g_hash_table_unref (CCBT_TAGS_OPTION (object)->chosen);
  G_OBJECT_CLASS (ccbt_tags_option_parent_class)->finalize (object);
}

static void
ccbt_tags_option_class_init (CcbtTagsOptionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ccbt_tags_option_finalize;
}

static void
ccbt_tags_option_init (CcbtTagsOption *self)
{
  self->chosen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

CcbtTagsOption *
ccbt_tags_option_new (AdwPreferencesGroup *group, GPtrArray *items, const char *const *used)
{
  CcbtTagsOption *self = g_object_new (CCBT_TYPE_TAGS_OPTION, NULL);

  if (used[0] != NULL)
    add_boxes (self, group, items, used);
  add_entry (self, group);
  return self;
}

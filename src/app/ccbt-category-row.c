/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-category-row.h"
#include <glib/gi18n.h>

struct _CcbtCategoryRow
{
  AdwActionRow parent_instance;
  char *was; /* NULL: different */
  gboolean is_touched;
  GtkEntry *entry;
};

G_DEFINE_FINAL_TYPE (CcbtCategoryRow, ccbt_category_row, ADW_TYPE_ACTION_ROW)

/* As long as nobody touched it, an empty entry can mean that they differ. */
static void
update_entry (CcbtCategoryRow *self)
{
  const gboolean is_different = self->was == NULL && !self->is_touched;
  const gboolean has_text = *gtk_editable_get_text (GTK_EDITABLE (self->entry)) != '\0';

  gtk_entry_set_placeholder_text (self->entry, is_different ? _ ("Different") : _ ("None"));
  gtk_entry_set_icon_from_icon_name (self->entry, GTK_ENTRY_ICON_SECONDARY,
                                     is_different || has_text ? "edit-clear-symbolic" : NULL);
  gtk_entry_set_icon_tooltip_text (self->entry, GTK_ENTRY_ICON_SECONDARY, _ ("No Category"));
}

static void
changed_cb (CcbtCategoryRow *self)
{
  self->is_touched = TRUE;
  update_entry (self);
}

static void
clear_cb (CcbtCategoryRow *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  changed_cb (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

static void
set_completion (CcbtCategoryRow *self, const char *const *used)
{
  g_autoptr (GtkEntryCompletion) completion = gtk_entry_completion_new ();
  g_autoptr (GtkListStore) store = gtk_list_store_new (1, G_TYPE_STRING);

  for (guint i = 0; used[i] != NULL; i++)
    gtk_list_store_insert_with_values (store, NULL, -1, 0, used[i], -1);
  gtk_entry_completion_set_model (completion, GTK_TREE_MODEL (store));
  gtk_entry_completion_set_text_column (completion, 0);
  gtk_entry_completion_set_minimum_key_length (completion, 0);
  gtk_entry_set_completion (self->entry, completion);
}

static void
ccbt_category_row_finalize (GObject *object)
{
  g_free (CCBT_CATEGORY_ROW (object)->was);
  G_OBJECT_CLASS (ccbt_category_row_parent_class)->finalize (object);
}

static void
ccbt_category_row_class_init (CcbtCategoryRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ccbt_category_row_finalize;
}

static void
ccbt_category_row_init (CcbtCategoryRow *self)
{
  GtkWidget *entry = gtk_entry_new ();

  self->entry = GTK_ENTRY (entry);
  gtk_widget_set_valign (entry, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (entry, TRUE);
  gtk_entry_set_activates_default (self->entry, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Category"), -1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _ ("Category"));
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), entry);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self), entry);
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  g_signal_connect_object (entry, "icon-press", G_CALLBACK (clear_cb), self, G_CONNECT_SWAPPED);
}

void
ccbt_category_row_set_value (CcbtCategoryRow *self, GVariant *value, const char *const *used)
{
  g_return_if_fail (CCBT_IS_CATEGORY_ROW (self));

  self->was = value != NULL ? g_variant_dup_string (value, NULL) : NULL;
  if (self->was != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->entry), self->was);
  set_completion (self, used);
  update_entry (self);
  g_signal_connect_object (self->entry, "changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
}

GVariant *
ccbt_category_row_get_change (CcbtCategoryRow *self)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (CCBT_IS_CATEGORY_ROW (self), NULL);

  text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  if (!self->is_touched || g_strcmp0 (text, self->was) == 0)
    return NULL;
  return g_variant_ref_sink (g_variant_new_string (text));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-hindrance-row.h"
#include <glib/gi18n.h>
#include "ccbt-hindrance-text.h"

struct _CcbtHindranceRow
{
  AdwActionRow parent_instance;
  CcbtTorrentItem *item; /* NULL: none is looked at */
  GtkButton *fix;
};

G_DEFINE_FINAL_TYPE (CcbtHindranceRow, ccbt_hindrance_row, ADW_TYPE_ACTION_ROW)

enum
{
  PROP_ITEM = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
update_fix (CcbtHindranceRow *self)
{
  const CcbtTorrentStatus *status = ccbt_torrent_item_get_status (self->item);
  CcbtHindranceFix fix;
  gboolean is_there = ccbt_hindrance_get_fix (status->hindrance, &fix);

  gtk_widget_set_visible (GTK_WIDGET (self->fix), is_there);
  if (!is_there)
    return;
  gtk_button_set_label (self->fix, fix.label);
  gtk_actionable_set_action_target_value (
      GTK_ACTIONABLE (self->fix),
      fix.takes_target ? g_variant_new_strv ((const char *const *) &status->info_hash, 1) : NULL);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->fix), fix.action);
}

static void
update (CcbtHindranceRow *self)
{
  g_autofree char *text = NULL;

  if (self->item != NULL)
    text = ccbt_hindrance_text (ccbt_torrent_item_get_status (self->item));
  gtk_widget_set_visible (GTK_WIDGET (self), text != NULL && *text != '\0');
  if (text == NULL || *text == '\0')
    return;
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text);
  update_fix (self);
}

static void
changed_cb (CcbtHindranceRow *self, guint fields)
{
  if (fields & (CCBT_FIELDS_STATE | CCBT_FIELDS_HINDRANCE | CCBT_FIELDS_OPTIONS))
    update (self);
}

static void
set_item (CcbtHindranceRow *self, CcbtTorrentItem *item)
{
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_set_object (&self->item, item);
  if (item != NULL)
    g_signal_connect_object (item, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
ccbt_hindrance_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ITEM)
    g_value_set_object (value, CCBT_HINDRANCE_ROW (object)->item);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ccbt_hindrance_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ITEM)
    set_item (CCBT_HINDRANCE_ROW (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ccbt_hindrance_row_dispose (GObject *object)
{
  CcbtHindranceRow *self = CCBT_HINDRANCE_ROW (object);

  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (ccbt_hindrance_row_parent_class)->dispose (object);
}

static void
ccbt_hindrance_row_class_init (CcbtHindranceRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ccbt_hindrance_row_get_property;
  object_class->set_property = ccbt_hindrance_row_set_property;
  object_class->dispose = ccbt_hindrance_row_dispose;
  props[PROP_ITEM] = g_param_spec_object ("item", NULL, NULL, CCBT_TYPE_TORRENT_ITEM,
                                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ccbt_hindrance_row_init (CcbtHindranceRow *self)
{
  self->fix = GTK_BUTTON (gtk_button_new ());
  gtk_button_set_use_underline (self->fix, TRUE);
  gtk_widget_set_valign (GTK_WIDGET (self->fix), GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _ ("Why Not Faster"));
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self), 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), GTK_WIDGET (self->fix));
  update (self);
}

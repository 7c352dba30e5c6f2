/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-file-row.h"
#include <glib/gi18n.h>
#include "ccbt-file-item.h"
#include "ccbt-resource.h"

struct _CcbtFileRow
{
  GtkWidget parent_instance;
  CcbtFileItem *item; /* NULL between bindings */
  gboolean is_live;
  gboolean is_filling; /* the item sets the widgets, not the user */

  GtkWidget *child;
  GtkCheckButton *check;
  GtkDropDown *priority;
};

G_DEFINE_FINAL_TYPE (CcbtFileRow, ccbt_file_row, GTK_TYPE_WIDGET)

enum
{
  PROP_ITEM = 1,
  PROP_IS_LIVE,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* In the order of the drop-down's entries in file-row.ui. */
static const CcbtPriority choices[]
    = { CCBT_PRIORITY_HIGH, CCBT_PRIORITY_NORMAL, CCBT_PRIORITY_LOW };

static guint
choice_of_priority (CcbtPriority priority)
{
  if (priority > CCBT_PRIORITY_NORMAL)
    return 0;
  return priority == CCBT_PRIORITY_NORMAL || priority == CCBT_PRIORITY_SKIP ? 1 : 2;
}

static void
fill (CcbtFileRow *self)
{
  CcbtPriority priority;

  if (self->item == NULL)
    return;
  priority = ccbt_file_item_get_priority (self->item);
  self->is_filling = TRUE;
  gtk_check_button_set_active (self->check, priority != CCBT_PRIORITY_SKIP);
  gtk_drop_down_set_selected (self->priority, choice_of_priority (priority));
  gtk_widget_set_sensitive (GTK_WIDGET (self->priority), priority != CCBT_PRIORITY_SKIP);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->check), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  ccbt_file_item_get_name (self->item), -1);
  self->is_filling = FALSE;
}

static void
check_toggled_cb (CcbtFileRow *self)
{
  if (self->is_filling || self->item == NULL)
    return;
  ccbt_file_item_choose (self->item, gtk_check_button_get_active (self->check)
                                         ? CCBT_PRIORITY_NORMAL
                                         : CCBT_PRIORITY_SKIP);
}

static void
priority_selected_cb (CcbtFileRow *self)
{
  guint choice = gtk_drop_down_get_selected (self->priority);

  if (!self->is_filling && self->item != NULL && choice < G_N_ELEMENTS (choices))
    ccbt_file_item_choose (self->item, choices[choice]);
}

static void
set_item (CcbtFileRow *self, CcbtFileItem *item)
{
  if (self->item == item)
    return;
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_func (self->item, fill, self);
  g_set_object (&self->item, item);
  if (item != NULL)
    g_signal_connect_swapped (item, "notify::priority", G_CALLBACK (fill), self);
  fill (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ITEM]);
}

static void
ccbt_file_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CcbtFileRow *self = CCBT_FILE_ROW (object);

  if (id == PROP_ITEM)
    g_value_set_object (value, self->item);
  else if (id == PROP_IS_LIVE)
    g_value_set_boolean (value, self->is_live);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ccbt_file_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CcbtFileRow *self = CCBT_FILE_ROW (object);

  if (id == PROP_ITEM)
    set_item (self, g_value_get_object (value));
  else if (id == PROP_IS_LIVE)
    self->is_live = g_value_get_boolean (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ccbt_file_row_dispose (GObject *object)
{
  CcbtFileRow *self = CCBT_FILE_ROW (object);

  set_item (self, NULL);
  g_clear_pointer (&self->child, gtk_widget_unparent);
  G_OBJECT_CLASS (ccbt_file_row_parent_class)->dispose (object);
}

static void
ccbt_file_row_class_init (CcbtFileRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ccbt_file_row_get_property;
  object_class->set_property = ccbt_file_row_set_property;
  object_class->dispose = ccbt_file_row_dispose;
  props[PROP_ITEM]
      = g_param_spec_object ("item", NULL, NULL, CCBT_TYPE_FILE_ITEM,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  props[PROP_IS_LIVE]
      = g_param_spec_boolean ("is-live", NULL, NULL, FALSE,
                              G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, CCBT_RESOURCE ("ui/file-row.ui"));
  gtk_widget_class_bind_template_child (widget_class, CcbtFileRow, child);
  gtk_widget_class_bind_template_child (widget_class, CcbtFileRow, check);
  gtk_widget_class_bind_template_child (widget_class, CcbtFileRow, priority);
  gtk_widget_class_bind_template_callback (widget_class, check_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, priority_selected_cb);
}

static void
ccbt_file_row_init (CcbtFileRow *self)
{
  self->is_filling = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->is_filling = FALSE;
  /* What takes the keyboard is the button inside, and a drop-down does not pass its name on. */
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (gtk_widget_get_first_child (GTK_WIDGET (self->priority))),
      GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Priority"), -1);
}

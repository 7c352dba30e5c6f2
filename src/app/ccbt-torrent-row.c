/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-torrent-row.h"
#include "ccbt-resource.h"

struct _CcbtTorrentRow
{
  GtkWidget parent_instance;
  CcbtTorrentItem *item; /* NULL between bindings */

  GtkWidget *child;
  GtkWidget *toggle;
};

G_DEFINE_FINAL_TYPE (CcbtTorrentRow, ccbt_torrent_row, GTK_TYPE_WIDGET)

enum
{
  PROP_ITEM = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* A finger has no double click and no keyboard: it opens what it taps, as the mouse selects. On
 * release: a press may still become a long one, or a scroll. */
static void
primary_released_cb (CcbtTorrentRow *self, int n_press, double x, double y, GtkGesture *gesture)
{
  GdkDevice *device
      = gtk_event_controller_get_current_event_device (GTK_EVENT_CONTROLLER (gesture));

  if (device == NULL || gdk_device_get_source (device) != GDK_SOURCE_TOUCHSCREEN)
    return;
  if (self->item != NULL && n_press == 1 && gtk_widget_contains (GTK_WIDGET (self), x, y))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.show-details", "s",
                                ccbt_torrent_item_get_info_hash (self->item));
}

/* Returns: (transfer full) */
static char *
dup_toggle_text (CcbtTorrentRow *self)
{
  char *text = NULL;

  if (self->item != NULL)
    g_object_get (self->item, "toggle-text", &text, NULL);
  return text != NULL ? text : g_strdup ("");
}

/* A name for those who do not see the icon; names cannot be bound in a .ui file. */
static void
toggle_changed_cb (CcbtTorrentRow *self)
{
  g_autofree char *text = dup_toggle_text (self);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->toggle), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, -1);
}

/* Asked for when it is shown: a tooltip-text makes GTK ask the display where the pointer is, and
 * wait, for each row it is set in. */
static gboolean
query_tooltip_cb (CcbtTorrentRow *self, int x, int y, gboolean is_keyboard, GtkTooltip *tooltip)
{
  g_autofree char *text = dup_toggle_text (self);

  gtk_tooltip_set_text (tooltip, text);
  return *text != '\0';
}

/* Labels do so by themselves; inscriptions, which are never measured anew, do not. */
static void
mirror_texts (GtkWidget *widget)
{
  if (GTK_IS_INSCRIPTION (widget))
    gtk_inscription_set_xalign (GTK_INSCRIPTION (widget),
                                1 - gtk_inscription_get_xalign (GTK_INSCRIPTION (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    mirror_texts (child);
}

static void
ccbt_torrent_row_direction_changed (GtkWidget *widget, GtkTextDirection previous)
{
  if (previous != gtk_widget_get_direction (widget))
    mirror_texts (widget);
  GTK_WIDGET_CLASS (ccbt_torrent_row_parent_class)->direction_changed (widget, previous);
}

static void
ccbt_torrent_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ITEM)
    g_value_set_object (value, CCBT_TORRENT_ROW (object)->item);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ccbt_torrent_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CcbtTorrentRow *self = CCBT_TORRENT_ROW (object);

  if (id != PROP_ITEM)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else if (g_set_object (&self->item, g_value_get_object (value)))
    g_object_notify_by_pspec (object, pspec);
}

static void
ccbt_torrent_row_dispose (GObject *object)
{
  CcbtTorrentRow *self = CCBT_TORRENT_ROW (object);

  g_clear_object (&self->item);
  g_clear_pointer (&self->child, gtk_widget_unparent);
  G_OBJECT_CLASS (ccbt_torrent_row_parent_class)->dispose (object);
}

static void
ccbt_torrent_row_class_init (CcbtTorrentRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ccbt_torrent_row_get_property;
  object_class->set_property = ccbt_torrent_row_set_property;
  object_class->dispose = ccbt_torrent_row_dispose;
  widget_class->direction_changed = ccbt_torrent_row_direction_changed;
  props[PROP_ITEM]
      = g_param_spec_object ("item", NULL, NULL, CCBT_TYPE_TORRENT_ITEM,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, CCBT_RESOURCE ("ui/torrent-row.ui"));
  gtk_widget_class_bind_template_child (widget_class, CcbtTorrentRow, child);
  gtk_widget_class_bind_template_child (widget_class, CcbtTorrentRow, toggle);
  gtk_widget_class_bind_template_callback (widget_class, toggle_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, query_tooltip_cb);
  gtk_widget_class_bind_template_callback (widget_class, primary_released_cb);
}

static void
ccbt_torrent_row_init (CcbtTorrentRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    mirror_texts (GTK_WIDGET (self));
}

CcbtTorrentItem *
ccbt_torrent_row_get_item (CcbtTorrentRow *self)
{
  g_return_val_if_fail (CCBT_IS_TORRENT_ROW (self), NULL);

  return self->item;
}

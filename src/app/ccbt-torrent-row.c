/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-torrent-row.h"
#include "ccbt-resource.h"
#include "ccbt-torrent-item.h"
#include "ccbt-torrent-menu.h"

struct _CcbtTorrentRow
{
  GtkWidget parent_instance;
  CcbtTorrentItem *item; /* NULL between bindings */

  GtkWidget *child;
  GtkPopoverMenu *menu; /* NULL until it is first opened */
  GtkWidget *toggle;
};

G_DEFINE_FINAL_TYPE (CcbtTorrentRow, ccbt_torrent_row, GTK_TYPE_WIDGET)

enum
{
  PROP_ITEM = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* Not with each row: a menu costs as much as the rest of it, and few are ever opened. */
static void
make_menu (CcbtTorrentRow *self)
{
  GtkWidget *menu = gtk_popover_menu_new_from_model (NULL);

  gtk_popover_set_has_arrow (GTK_POPOVER (menu), FALSE);
  gtk_popover_set_position (GTK_POPOVER (menu), GTK_POS_BOTTOM);
  gtk_widget_set_halign (menu, GTK_ALIGN_START);
  gtk_widget_set_parent (menu, GTK_WIDGET (self));
  self->menu = GTK_POPOVER_MENU (menu);
}

static void
open_menu_at (CcbtTorrentRow *self, const GdkRectangle *place)
{
  g_autoptr (GMenuModel) model = NULL;

  if (self->item == NULL)
    return;
  if (self->menu == NULL)
    make_menu (self);
  model = ccbt_torrent_menu_new (self->item);
  gtk_popover_menu_set_menu_model (self->menu, model);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), place);
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
open_menu_at_pointer (CcbtTorrentRow *self, double x, double y)
{
  open_menu_at (self, &(GdkRectangle){ (int) x, (int) y, 1, 1 });
}

static void
secondary_pressed_cb (CcbtTorrentRow *self, int n_press, double x, double y, GtkGesture *gesture)
{
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  open_menu_at_pointer (self, x, y);
}

static void
long_pressed_cb (CcbtTorrentRow *self, double x, double y, GtkGesture *gesture)
{
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  open_menu_at_pointer (self, x, y);
}

/* On release: a press may still become a long one, or a scroll. */
static void
primary_released_cb (CcbtTorrentRow *self, int n_press, double x, double y, GtkGesture *gesture)
{
  if (self->item == NULL || n_press != 1 || !gtk_widget_contains (GTK_WIDGET (self), x, y))
    return;
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
  if (self->menu != NULL)
    gtk_widget_unparent (GTK_WIDGET (g_steal_pointer (&self->menu)));
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
  gtk_widget_class_bind_template_callback (widget_class, secondary_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, long_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, primary_released_cb);
}

static void
ccbt_torrent_row_init (CcbtTorrentRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    mirror_texts (GTK_WIDGET (self));
}

void
ccbt_torrent_row_open_menu (CcbtTorrentRow *self)
{
  g_return_if_fail (CCBT_IS_TORRENT_ROW (self));

  open_menu_at (self, &(GdkRectangle){ gtk_widget_get_width (GTK_WIDGET (self)) / 2,
                                       gtk_widget_get_height (GTK_WIDGET (self)) / 2, 1, 1 });
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-window-keys.h"
#include "ccbt-window.h"

static gboolean
act_cb (GtkWidget *window, GVariant *action, gpointer data)
{
  return ccbt_window_act_on_selected (CCBT_WINDOW (window), g_variant_get_string (action, NULL));
}

static gboolean
open_menu_cb (GtkWidget *window, GVariant *unused, gpointer data)
{
  return ccbt_window_open_menu (CCBT_WINDOW (window));
}

static gboolean
close_details_cb (GtkWidget *window, GVariant *unused, gpointer data)
{
  return ccbt_window_close_details (CCBT_WINDOW (window));
}

void
ccbt_window_keys_bind (GtkWidgetClass *window_class)
{
  static const struct
  {
    guint key;
    GdkModifierType modifiers;
    const char *action;
  } bindings[] = {
    { GDK_KEY_Delete, 0, "win.remove" },
    { GDK_KEY_KP_Delete, 0, "win.remove" },
    { GDK_KEY_Delete, GDK_SHIFT_MASK, "win.remove-with-files" },
    { GDK_KEY_p, GDK_CONTROL_MASK, "win.toggle" },
    { GDK_KEY_r, GDK_CONTROL_MASK, "win.check" },
    { GDK_KEY_c, GDK_CONTROL_MASK, "win.copy-magnet" },
    { GDK_KEY_Return, GDK_CONTROL_MASK, "win.open" },
    { GDK_KEY_Return, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.show-folder" },
    { GDK_KEY_F2, 0, "win.rename" },
    { GDK_KEY_Return, GDK_ALT_MASK, "win.options" },
    { GDK_KEY_KP_Enter, GDK_ALT_MASK, "win.options" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bindings); i++)
    gtk_widget_class_add_binding (window_class, bindings[i].key, bindings[i].modifiers, act_cb, "s",
                                  bindings[i].action);
  gtk_widget_class_add_binding_action (window_class, GDK_KEY_v, GDK_CONTROL_MASK, "win.paste",
                                       NULL);
  gtk_widget_class_add_binding (window_class, GDK_KEY_Menu, 0, open_menu_cb, NULL);
  gtk_widget_class_add_binding (window_class, GDK_KEY_F10, GDK_SHIFT_MASK, open_menu_cb, NULL);
  gtk_widget_class_add_binding (window_class, GDK_KEY_Escape, 0, close_details_cb, NULL);
}

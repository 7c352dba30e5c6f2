/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-popover-rest.h"

/* At once, not in an idle: the motion that was asked for comes with the next frame. */
static gboolean
popover_closed_cb (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer data)
{
  GtkWidget *popover = g_value_get_object (&values[0]);

  if (!gtk_widget_get_mapped (popover))
    gtk_widget_unrealize (popover);
  return TRUE; /* stay */
}

void
ccbt_popover_rest_when_closed (void)
{
  static gboolean is_watched;

  if (is_watched)
    return;
  is_watched = TRUE;
  g_type_class_unref (g_type_class_ref (GTK_TYPE_POPOVER)); /* its signals come with its class */
  g_signal_add_emission_hook (g_signal_lookup ("closed", GTK_TYPE_POPOVER), 0, popover_closed_cb,
                              NULL, NULL);
}

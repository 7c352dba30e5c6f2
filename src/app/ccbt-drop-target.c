/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-drop-target.h"

typedef struct
{
  CcbtDropFilesFunc files;
  CcbtDropTextFunc text;
  gpointer data;
} Receiver;

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, gpointer data)
{
  Receiver *receiver = data;

  if (G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    {
      g_autoptr (GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));

      receiver->files (receiver->data, files);
      return files != NULL;
    }
  if (G_VALUE_HOLDS (value, G_TYPE_FILE))
    {
      GSList file = { g_value_get_object (value), NULL };

      receiver->files (receiver->data, &file);
      return TRUE;
    }
  if (!G_VALUE_HOLDS_STRING (value) || g_value_get_string (value) == NULL)
    return FALSE;
  receiver->text (receiver->data, g_value_get_string (value));
  return TRUE;
}

void
ccbt_drop_target_add_to (GtkWidget *widget, CcbtDropFilesFunc files, CcbtDropTextFunc text,
                         gpointer data)
{
  /* Files first: a file manager offers the names as text as well. */
  GType types[] = { GDK_TYPE_FILE_LIST, G_TYPE_FILE, G_TYPE_STRING };
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);
  Receiver *receiver = g_new (Receiver, 1);

  *receiver = (Receiver){ files, text, data };
  gtk_drop_target_set_gtypes (target, types, G_N_ELEMENTS (types));
  g_signal_connect_data (target, "drop", G_CALLBACK (drop_cb), receiver,
                         (GClosureNotify) (void (*) (void)) g_free, 0);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
}

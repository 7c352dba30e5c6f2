/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-close-dialog.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include "ccbt-accessible.h"

static void
response_cb (GObject *object, const char *response, GtkWidget *dialog)
{
  CcbtCloseFunc answered = g_object_get_data (G_OBJECT (dialog), "answered");

  if (g_str_equal (response, "keep-running") || g_str_equal (response, "quit"))
    answered (object, g_str_equal (response, "keep-running"));
}

GtkWidget *
ccbt_close_dialog_ask (GtkWindow *parent, CcbtCloseFunc answered, GObject *object)
{
  GtkWidget *widget
      = adw_message_dialog_new (parent, _ ("Keep Running in the Background?"),
                                _ ("Downloads and uploads go on without the window. Start "
                                   "ccBitTorrent again to get it back."));
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (widget);

  adw_message_dialog_add_responses (dialog, "quit", _ ("_Quit"), "keep-running",
                                    _ ("_Keep Running"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "keep-running", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "keep-running");
  g_object_set_data (G_OBJECT (dialog), "answered", answered);
  g_signal_connect_object (dialog, "response", G_CALLBACK (response_cb), object, G_CONNECT_SWAPPED);
  ccbt_accessible_tidy (widget);
  gtk_window_present (GTK_WINDOW (dialog));
  return widget;
}

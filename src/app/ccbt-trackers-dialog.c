/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-trackers-dialog.h"
#include <glib/gi18n.h>
#include "ccbt-accessible.h"
#include "ccbt-error-text.h"
#include "ccbt-resource.h"
#include "ccbt-tracker-text.h"
#include "session/ccbt-command.h"

struct _CcbtTrackersDialog
{
  AdwWindow parent_instance;
  CcbtClient *client;
  char *info_hash;

  GtkWidget *save;
  GtkTextView *text;
  GtkLabel *problem;
};

G_DEFINE_FINAL_TYPE (CcbtTrackersDialog, ccbt_trackers_dialog, ADW_TYPE_WINDOW)

/* The text stays as the user wrote it. */
static void
tell_problem (CcbtTrackersDialog *self, const GError *error)
{
  g_autofree char *text = ccbt_error_text (error);

  if (g_error_matches (error, CCBT_ERROR, CCBT_ERROR_INVALID))
    gtk_label_set_label (
        self->problem,
        _ ("Each line has one address that begins with http://, https:// or udp://, and none comes "
           "twice."));
  else
    gtk_label_set_label (self->problem, text);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), TRUE);
  gtk_widget_set_sensitive (self->save, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->text));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtTrackersDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply != NULL)
    gtk_window_destroy (GTK_WINDOW (self));
  else if (gtk_widget_get_mapped (GTK_WIDGET (self))) /* not closed meanwhile */
    tell_problem (self, error);
}

static void
save_clicked_cb (CcbtTrackersDialog *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text);
  g_autofree char *text = NULL;

  g_object_get (buffer, "text", &text, NULL);
  gtk_widget_set_sensitive (self->save, FALSE);
  if (!ccbt_client_call_async (
          self->client, "torrent.set-trackers",
          g_variant_new ("(s@a(us))", self->info_hash, ccbt_tracker_text_parse (text)), NULL,
          saved_cb, g_object_ref (self)))
    g_object_unref (self);
}

static void
ccbt_trackers_dialog_dispose (GObject *object)
{
  CcbtTrackersDialog *self = CCBT_TRACKERS_DIALOG (object);

  g_clear_object (&self->client);
  g_clear_pointer (&self->info_hash, g_free);
  G_OBJECT_CLASS (ccbt_trackers_dialog_parent_class)->dispose (object);
}

static void
ccbt_trackers_dialog_class_init (CcbtTrackersDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ccbt_trackers_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               CCBT_RESOURCE ("ui/trackers-dialog.ui"));
  gtk_widget_class_bind_template_child (widget_class, CcbtTrackersDialog, save);
  gtk_widget_class_bind_template_child (widget_class, CcbtTrackersDialog, text);
  gtk_widget_class_bind_template_child (widget_class, CcbtTrackersDialog, problem);
  gtk_widget_class_bind_template_callback (widget_class, save_clicked_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ccbt_trackers_dialog_init (CcbtTrackersDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ccbt_accessible_tidy (GTK_WIDGET (self));
}

GtkWidget *
ccbt_trackers_dialog_new (GtkWindow *parent, CcbtClient *client, const char *info_hash,
                          const char *text)
{
  CcbtTrackersDialog *self
      = g_object_new (CCBT_TYPE_TRACKERS_DIALOG, "transient-for", parent, NULL);

  self->client = g_object_ref (client);
  self->info_hash = g_strdup (info_hash);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text), text, -1);
  return GTK_WIDGET (self);
}

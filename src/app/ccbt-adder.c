/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-adder.h"
#include <glib/gi18n.h>
#include "ccbt-add-dialog.h"
#include "ccbt-error-text.h"
#include "ccbt-source.h"

struct _CcbtAdder
{
  GObject parent_instance;
  CcbtWindow *window; /* weak: NULL once it has gone */
  CcbtClient *client;
  GQueue sources;    /* GVariant: waiting for their dialog */
  GtkWidget *dialog; /* the one that is open; NULL = none */
  GtkFileChooserNative *chooser;
};

G_DEFINE_FINAL_TYPE (CcbtAdder, ccbt_adder, G_TYPE_OBJECT)

static void open_next_dialog (CcbtAdder *self);

static void
dialog_added_cb (CcbtAdder *self, const char *info_hash, gboolean is_new)
{
  /* It was only waiting to be removed. */
  if (!is_new)
    ccbt_client_undo_removal (self->client, (const char *const[]){ info_hash, NULL });
}

static void
dialog_destroyed_cb (CcbtAdder *self)
{
  self->dialog = NULL;
  open_next_dialog (self);
}

static void
open_next_dialog (CcbtAdder *self)
{
  g_autoptr (GVariant) source = NULL;

  if (self->window == NULL || self->dialog != NULL
      || ccbt_client_get_state (self->client) != CCBT_CLIENT_READY
      || gtk_widget_in_destruction (GTK_WIDGET (self->window)))
    return;
  source = g_queue_pop_head (&self->sources);
  if (source == NULL)
    return;
  self->dialog = GTK_WIDGET (ccbt_add_dialog_new (self->client, source));
  gtk_window_set_transient_for (GTK_WINDOW (self->dialog), GTK_WINDOW (self->window));
  g_signal_connect_object (self->dialog, "added", G_CALLBACK (dialog_added_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->dialog, "destroy", G_CALLBACK (dialog_destroyed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (self->dialog));
}

static void
source_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtAdder) self = data;
  g_autoptr (GError) error = NULL;
  GVariant *loaded = ccbt_source_load_finish (result, &error);
  g_autofree char *text = NULL;

  if (loaded != NULL)
    {
      ccbt_adder_add (self, loaded);
      return;
    }
  if (self->window == NULL)
    return;
  text = ccbt_error_text (error);
  ccbt_window_tell (self->window, text);
}

static void
chooser_response_cb (CcbtAdder *self, int response)
{
  g_autoptr (GListModel) files = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (self->chooser));
  for (guint i = 0; files != NULL && i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);

      ccbt_adder_add_file (self, file);
    }
  g_clear_object (&self->chooser);
}

static void
ccbt_adder_dispose (GObject *object)
{
  CcbtAdder *self = CCBT_ADDER (object);

  g_queue_clear_full (&self->sources, (GDestroyNotify) g_variant_unref);
  g_clear_weak_pointer (&self->window);
  g_clear_object (&self->chooser);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (ccbt_adder_parent_class)->dispose (object);
}

static void
ccbt_adder_class_init (CcbtAdderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ccbt_adder_dispose;
}

static void
ccbt_adder_init (CcbtAdder *self)
{
  g_queue_init (&self->sources);
}

CcbtAdder *
ccbt_adder_new (CcbtWindow *window, CcbtClient *client)
{
  CcbtAdder *self = g_object_new (CCBT_TYPE_ADDER, NULL);

  g_set_weak_pointer (&self->window, window);
  self->client = g_object_ref (client);
  g_signal_connect_object (client, "notify::state", G_CALLBACK (open_next_dialog), self,
                           G_CONNECT_SWAPPED);
  return self;
}

void
ccbt_adder_choose_files (CcbtAdder *self)
{
  g_autoptr (GtkFileFilter) torrents = gtk_file_filter_new ();

  g_return_if_fail (CCBT_IS_ADDER (self));

  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (_ ("Open Torrents"), GTK_WINDOW (self->window),
                                               GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), NULL);
  gtk_file_filter_set_name (torrents, _ ("Torrent files"));
  gtk_file_filter_add_mime_type (torrents, "application/x-bittorrent");
  gtk_file_filter_add_pattern (torrents, "*.torrent");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), torrents);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (chooser_response_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

guint
ccbt_adder_add_text (CcbtAdder *self, const char *text)
{
  g_auto (GStrv) lines = g_strsplit_set (text, "\r\n", -1);
  guint n_found = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      GVariant *source = ccbt_source_new_for_text (lines[i]);

      if (source == NULL)
        continue;
      ccbt_adder_add (self, source);
      n_found++;
    }
  return n_found;
}

static void
text_pasted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtAdder) self = data;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);

  if (self->window == NULL)
    return; /* closed meanwhile */
  if (text == NULL || ccbt_adder_add_text (self, text) == 0)
    ccbt_window_tell (self->window, _ ("There is no magnet link or web address to paste"));
}

void
ccbt_adder_paste (CcbtAdder *self)
{
  g_return_if_fail (CCBT_IS_ADDER (self));

  if (self->window != NULL)
    gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (self->window)), NULL,
                                   text_pasted_cb, g_object_ref (self));
}

void
ccbt_adder_add (CcbtAdder *self, GVariant *source)
{
  g_return_if_fail (CCBT_IS_ADDER (self));

  g_queue_push_tail (&self->sources, g_variant_ref_sink (source));
  open_next_dialog (self);
}

void
ccbt_adder_add_file (CcbtAdder *self, GFile *file)
{
  GVariant *source;

  g_return_if_fail (CCBT_IS_ADDER (self));

  source = ccbt_source_new_for_file (file);
  if (source != NULL)
    ccbt_adder_add (self, source);
  else
    ccbt_source_load_async (file, source_loaded_cb, g_object_ref (self));
}

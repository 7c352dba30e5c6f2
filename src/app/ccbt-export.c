/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-export.h"
#include <glib/gi18n.h>
#include "ccbt-error-text.h"
#include "session/ccbt-command.h"

typedef struct
{
  CcbtWindow *window;
  char *info_hash;
  GFile *file; /* NULL until it is chosen */
} Export;

static void
free_export (Export *export)
{
  g_object_unref (export->window);
  g_clear_object (&export->file);
  g_free (export->info_hash);
  g_free (export);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Export, free_export)

static void
tell_error (Export *export, const GError *error)
{
  g_autofree char *text = ccbt_error_text (error);

  ccbt_window_tell (export->window, text);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Export) export = data;
  g_autoptr (GError) error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    ccbt_window_tell (export->window, _ ("Torrent file saved"));
  else
    tell_error (export, error);
}

static void
built_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Export) export = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);
  g_autoptr (GVariant) bytes = NULL;
  g_autoptr (GBytes) content = NULL;
  GFile *file = export->file;

  if (reply == NULL)
    {
      tell_error (export, error);
      return;
    }
  bytes = g_variant_get_child_value (reply, 0);
  content = g_variant_get_data_as_bytes (bytes);
  g_file_replace_contents_bytes_async (file, content, NULL, FALSE,
                                       G_FILE_CREATE_REPLACE_DESTINATION, NULL, written_cb,
                                       g_steal_pointer (&export));
}

static void
response_cb (GtkNativeDialog *dialog, int response, gpointer data)
{
  g_autoptr (Export) export = data;
  CcbtClient *client = ccbt_window_get_client (export->window);
  GVariant *arguments = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      export->file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      arguments = g_variant_new ("(s)", export->info_hash);
      if (ccbt_client_call_async (client, "torrent.export", arguments, NULL, built_cb, export))
        g_steal_pointer (&export);
    }
  g_object_unref (dialog);
}

void
ccbt_export_choose (CcbtWindow *window, CcbtTorrentItem *item)
{
  GtkFileChooserNative *dialog
      = gtk_file_chooser_native_new (_ ("Save Torrent File"), GTK_WINDOW (window),
                                     GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), _ ("_Cancel"));
  g_autofree char *name = g_strconcat (ccbt_torrent_item_get_name (item), ".torrent", NULL);
  Export *export = g_new0 (Export, 1);

  export->window = g_object_ref (window);
  export->info_hash = g_strdup (ccbt_torrent_item_get_info_hash (item));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  /* A name is one component of a path. */
  g_strdelimit (name, G_DIR_SEPARATOR_S, '_');
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  g_signal_connect (dialog, "response", G_CALLBACK (response_cb), export);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-rename.h"
#include <glib/gi18n.h>
#include "ccbt-accessible.h"
#include "ccbt-batch.h"

typedef struct
{
  CcbtWindow *window;
  CcbtTorrentItem *item;
  GtkEditable *entry; /* of the dialog */
} Renaming;

static void
free_renaming (Renaming *renaming)
{
  g_object_unref (renaming->window);
  g_object_unref (renaming->item);
  g_free (renaming);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Renaming, free_renaming)

/* Comes once, however the dialog is closed. */
static void
response_cb (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  g_autoptr (Renaming) renaming = data;
  const CcbtTorrentStatus *status = ccbt_torrent_item_get_status (renaming->item);
  const char *info_hashes[] = { status->info_hash, NULL };
  g_autofree char *name = NULL;
  GVariantDict options;

  if (!g_str_equal (response, "rename"))
    return;
  name = g_strstrip (g_strdup (gtk_editable_get_text (renaming->entry)));
  g_variant_dict_init (&options, NULL);
  /* Its own name is no decision: it would outlive the arrival of the metadata. */
  g_variant_dict_insert (&options, "display-name", "s",
                         g_str_equal (name, status->name) ? "" : name);
  ccbt_batch_run (renaming->window, "torrent.set-options", info_hashes,
                  g_variant_dict_end (&options), NULL);
}

void
ccbt_rename_ask (CcbtWindow *window, CcbtTorrentItem *item)
{
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (window), _ ("Rename Torrent"),
      _ ("The files keep their names. Leave it empty for the torrent’s own name."));
  GtkWidget *entry = gtk_entry_new ();
  Renaming *renaming = g_new (Renaming, 1);

  *renaming = (Renaming){ g_object_ref (window), g_object_ref (item), GTK_EDITABLE (entry) };
  gtk_editable_set_text (GTK_EDITABLE (entry), ccbt_torrent_item_get_name (item));
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Name"),
                                  -1);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), entry);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "rename",
                                    _ ("_Rename"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "rename",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "rename");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect (dialog, "response", G_CALLBACK (response_cb), renaming);
  ccbt_accessible_tidy (dialog);
  gtk_window_present (GTK_WINDOW (dialog));
  gtk_widget_grab_focus (entry);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-removal.h"
#include <glib/gi18n.h>
#include "ccbt-accessible.h"
#include "ccbt-error-text.h"
#include "ccbt-own-files.h"
#include "session/ccbt-command.h"

/* Time to think again, in seconds. */
#define UNDO_SECONDS 8

static CcbtTorrentItem *
lookup (CcbtWindow *window, const char *info_hash)
{
  return ccbt_torrent_list_lookup (ccbt_client_get_torrents (ccbt_window_get_client (window)),
                                   info_hash);
}

/* --- Off the list. --- */

static const char *const *
get_info_hashes (AdwToast *toast)
{
  return g_object_get_data (G_OBJECT (toast), "info-hashes");
}

static void
undo_cb (AdwToast *toast, gpointer window)
{
  ccbt_client_undo_removal (ccbt_window_get_client (window), get_info_hashes (toast));
}

/* After an undo there is nothing left to carry out. */
static void
toast_dismissed_cb (AdwToast *toast, gpointer window)
{
  ccbt_client_commit_removal (ccbt_window_get_client (window), get_info_hashes (toast));
}

static gboolean
time_over_cb (gpointer toast)
{
  adw_toast_dismiss (toast);
  return G_SOURCE_REMOVE;
}

/* Markup, as titles of toasts are. */
static char *
describe (CcbtTorrentItem *only, guint n_torrents)
{
  g_autofree char *name = NULL;

  if (n_torrents > 1)
    return g_strdup_printf (ngettext ("%u torrent removed", "%u torrents removed", n_torrents),
                            n_torrents);
  name = g_markup_escape_text (ccbt_torrent_item_get_name (only), -1);
  /* Translators: the name of a torrent */
  return g_strdup_printf (_ ("“%s” removed"), name);
}

void
ccbt_removal_begin (CcbtWindow *window, const char *const *info_hashes)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  CcbtTorrentItem *item = NULL;
  g_autofree char *text = NULL;
  AdwToast *toast;

  for (guint i = 0; info_hashes[i] != NULL; i++)
    if (lookup (window, info_hashes[i]) != NULL)
      {
        item = lookup (window, info_hashes[i]);
        g_ptr_array_add (kept, (char *) info_hashes[i]);
      }
  if (item == NULL)
    return;
  text = describe (item, kept->len);
  g_ptr_array_add (kept, NULL);
  toast = adw_toast_new (text);
  adw_toast_set_button_label (toast, _ ("Undo"));
  /* Its own timer would stand still as long as the keyboard is on it, where GTK puts it after the
   * row has gone. */
  adw_toast_set_timeout (toast, 0);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, UNDO_SECONDS, time_over_cb, g_object_ref (toast),
                              g_object_unref);
  g_object_set_data_full (G_OBJECT (toast), "info-hashes", g_strdupv ((char **) kept->pdata),
                          (GDestroyNotify) g_strfreev);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (undo_cb), window, 0);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (toast_dismissed_cb), window, 0);
  ccbt_client_begin_removal (ccbt_window_get_client (window), get_info_hashes (toast));
  ccbt_window_add_toast (window, toast);
}

/* --- With the files. --- */

/* The engine says which files nobody else uses, then it lets go of them, then they go. */
typedef struct
{
  CcbtWindow *window;
  GPtrArray *info_hashes; /* owned */
  GVariant *own_files;    /* a(saya(sb)), of verb "torrent.list-own-files"; NULL until it answers */
  GHashTable *removed;    /* info-hashes, borrowed */
  guint n_open;           /* torrents not through yet, and one while calls are being made */
  GError *error;          /* the first; NULL */
} Trashing;

static void
free_trashing (Trashing *trashing)
{
  g_object_unref (trashing->window);
  g_ptr_array_unref (trashing->info_hashes);
  g_hash_table_unref (trashing->removed);
  g_clear_pointer (&trashing->own_files, g_variant_unref);
  g_clear_error (&trashing->error);
  g_free (trashing);
}

static void
tell_result (Trashing *trashing, const CcbtOwnFilesResult *result)
{
  g_autofree char *text = NULL;

  if (trashing->error != NULL)
    text = ccbt_error_text (trashing->error);
  else if (!result->has_trashed)
    text = g_strdup (_ ("There were no files to move to the trash"));
  else if (result->has_left)
    text = g_strdup (_ ("Files moved to the trash; what else is in the folder stays there"));
  else
    text = g_strdup (_ ("Files moved to the trash"));
  ccbt_window_tell (trashing->window, text);
}

static void
trashed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Trashing *trashing = data;
  GError *error = NULL;
  CcbtOwnFilesResult trashed;

  if (!ccbt_own_files_trash_finish (result, &trashed, &error) && trashing->error == NULL)
    trashing->error = g_steal_pointer (&error);
  g_clear_error (&error);
  tell_result (trashing, &trashed);
  free_trashing (trashing);
}

/* The files of those that the engine has let go of. Returns: (transfer floating): a(saya(sb)) */
static GVariant *
collect_files (Trashing *trashing)
{
  g_auto (GVariantBuilder) files = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(saya(sb))"));
  GVariantIter iter;
  GVariant *torrent;

  g_variant_iter_init (&iter, trashing->own_files);
  while ((torrent = g_variant_iter_next_value (&iter)) != NULL)
    {
      const char *info_hash;

      g_variant_get_child (torrent, 0, "&s", &info_hash);
      if (g_hash_table_contains (trashing->removed, info_hash))
        g_variant_builder_add_value (&files, torrent);
      g_variant_unref (torrent);
    }
  return g_variant_builder_end (&files);
}

static void
close_one (Trashing *trashing)
{
  if (--trashing->n_open > 0)
    return;
  ccbt_own_files_trash_async (collect_files (trashing), trashed_cb, trashing);
}

typedef struct
{
  Trashing *trashing;
  char *info_hash; /* borrowed from it */
} Removed;

/* The engine has closed the files. */
static void
removed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Removed *removed = data;
  Trashing *trashing = removed->trashing;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply != NULL)
    g_hash_table_add (trashing->removed, removed->info_hash);
  else if (trashing->error == NULL)
    trashing->error = g_steal_pointer (&error);
  close_one (trashing);
}

static void
remove_one (Trashing *trashing, char *info_hash)
{
  Removed *removed = g_new (Removed, 1);

  *removed = (Removed){ trashing, info_hash };
  trashing->n_open++;
  if (ccbt_client_call_async (ccbt_window_get_client (trashing->window), "torrent.remove",
                              g_variant_new ("(sb)", info_hash, FALSE), NULL, removed_cb, removed))
    return;
  g_free (removed);
  trashing->n_open--;
}

/* Without the list nothing is removed: it could not be had afterwards. */
static void
listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Trashing *trashing = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);
  g_autofree char *text = NULL;

  if (reply == NULL)
    {
      text = ccbt_error_text (error);
      ccbt_window_tell (trashing->window, text);
      free_trashing (trashing);
      return;
    }
  trashing->own_files = g_variant_get_child_value (reply, 0);
  trashing->n_open = 1;
  for (guint i = 0; i < trashing->info_hashes->len; i++)
    remove_one (trashing, trashing->info_hashes->pdata[i]);
  close_one (trashing);
}

static void
trash_response_cb (Trashing *trashing, const char *response)
{
  GVariant *info_hashes;

  if (g_str_equal (response, "trash"))
    {
      info_hashes = g_variant_new_strv ((const char *const *) trashing->info_hashes->pdata,
                                        (gssize) trashing->info_hashes->len);
      if (ccbt_client_call_async (ccbt_window_get_client (trashing->window),
                                  "torrent.list-own-files", g_variant_new ("(@as)", info_hashes),
                                  NULL, listed_cb, trashing))
        return;
    }
  free_trashing (trashing);
}

static void
format_question (AdwMessageDialog *dialog, Trashing *trashing)
{
  const guint n_torrents = trashing->info_hashes->len;

  if (n_torrents == 1)
    adw_message_dialog_format_body (
        dialog,
        /* Translators: the name of a torrent */
        _ ("“%s” is removed from the list, and what was downloaded goes to the trash."),
        ccbt_torrent_item_get_name (lookup (trashing->window, trashing->info_hashes->pdata[0])));
  else
    adw_message_dialog_format_body (
        dialog,
        ngettext ("%u torrent is removed from the list, and what was downloaded goes to the trash.",
                  "%u torrents are removed from the list, and what was downloaded goes to the "
                  "trash.",
                  n_torrents),
        n_torrents);
}

static Trashing *
new_trashing (CcbtWindow *window, const char *const *info_hashes)
{
  Trashing *trashing = g_new0 (Trashing, 1);

  trashing->window = g_object_ref (window);
  trashing->info_hashes = g_ptr_array_new_with_free_func (g_free);
  trashing->removed = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; info_hashes[i] != NULL; i++)
    {
      CcbtTorrentItem *item = lookup (window, info_hashes[i]);
      const CcbtTorrentStatus *status = item != NULL ? ccbt_torrent_item_get_status (item) : NULL;

      if (status != NULL && status->content_path != NULL)
        g_ptr_array_add (trashing->info_hashes, g_strdup (status->info_hash));
    }
  return trashing;
}

void
ccbt_removal_ask_with_files (CcbtWindow *window, const char *const *info_hashes)
{
  Trashing *trashing = new_trashing (window, info_hashes);
  GtkWidget *dialog;

  if (trashing->info_hashes->len == 0)
    {
      free_trashing (trashing);
      return;
    }
  dialog = adw_message_dialog_new (GTK_WINDOW (window), _ ("Move Files to Trash?"), NULL);
  format_question (ADW_MESSAGE_DIALOG (dialog), trashing);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "trash",
                                    _ ("Move to _Trash"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "trash",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_swapped (dialog, "response", G_CALLBACK (trash_response_cb), trashing);
  ccbt_accessible_tidy (dialog);
  gtk_window_present (GTK_WINDOW (dialog));
}

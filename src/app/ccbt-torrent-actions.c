/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-torrent-actions.h"
#include <glib/gi18n.h>
#include "ccbt-accessible.h"
#include "ccbt-error-text.h"
#include "ccbt-format.h"
#include "ccbt-show-file.h"
#include "session/ccbt-command.h"

/* Time to think again, in seconds. */
#define UNDO_SECONDS 8

static CcbtTorrentItem *
find_item (CcbtWindow *window, GVariant *target)
{
  return ccbt_torrent_list_lookup (ccbt_client_get_torrents (ccbt_window_get_client (window)),
                                   g_variant_get_string (target, NULL));
}

static void
tell_error (CcbtWindow *window, const GError *error)
{
  g_autofree char *text = ccbt_error_text (error);

  ccbt_window_tell (window, text);
}

static void
verb_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtWindow) window = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply == NULL)
    tell_error (window, error);
}

static void
call_verb (CcbtWindow *window, const char *verb, GVariant *target, GAsyncReadyCallback callback)
{
  if (!ccbt_client_call_async (ccbt_window_get_client (window), verb,
                               g_variant_new ("(s)", g_variant_get_string (target, NULL)), NULL,
                               callback, g_object_ref (window)))
    g_object_unref (window);
}

static void
run_verb (CcbtWindow *window, const char *verb, GVariant *target)
{
  call_verb (window, verb, target, verb_done_cb);
}

static void
pause_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  run_verb (window, "torrent.pause", target);
}

static void
resume_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  run_verb (window, "torrent.resume", target);
}

static void
toggle_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  CcbtTorrentItem *item = find_item (window, target);

  if (item != NULL)
    run_verb (window,
              ccbt_torrent_item_get_status (item)->is_paused ? "torrent.resume" : "torrent.pause",
              target);
}

static void
check_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  run_verb (window, "torrent.check", target);
}

/* Trackers say how often they may be asked. */
static void
announced_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtWindow) window = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);
  g_autofree char *wait = NULL;
  g_autofree char *text = NULL;
  gint64 seconds = 0;

  if (reply == NULL)
    {
      tell_error (window, error);
      return;
    }
  g_variant_get (reply, "(x)", &seconds);
  if (seconds > 0)
    {
      wait = ccbt_format_duration (seconds);
      /* Translators: a duration, such as "5 minutes" */
      text = g_strdup_printf (_ ("The trackers want to be left alone for %s"), wait);
    }
  ccbt_window_tell (window, text != NULL ? text : _ ("Asking trackers for peers"));
}

static void
announce_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  call_verb (window, "torrent.announce", target, announced_cb);
}

static void
copy_magnet_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  CcbtTorrentItem *item = find_item (window, target);

  if (item == NULL || ccbt_torrent_item_get_status (item)->magnet == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (window)),
                          ccbt_torrent_item_get_status (item)->magnet);
  ccbt_window_tell (window, _ ("Magnet link copied"));
}

static void
file_shown_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtWindow) window = data;
  g_autoptr (GError) error = NULL;

  if (!ccbt_show_file_finish (result, &error))
    tell_error (window, error);
}

static void
open_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  CcbtTorrentItem *item = find_item (window, target);

  if (item != NULL && ccbt_torrent_item_get_status (item)->content_path != NULL)
    ccbt_show_file_open_async (ccbt_torrent_item_get_status (item)->content_path, window,
                               file_shown_cb, g_object_ref (window));
}

static void
show_folder_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  CcbtTorrentItem *item = find_item (window, target);

  if (item != NULL && ccbt_torrent_item_get_status (item)->content_path != NULL)
    ccbt_show_file_in_folder_async (ccbt_torrent_item_get_status (item)->content_path, window,
                                    file_shown_cb, g_object_ref (window));
}

/* Where a torrent's files are to go is being asked. */
typedef struct
{
  CcbtWindow *window;
  char *info_hash;
  GtkFileChooserNative *chooser;
} Moving;

static void
free_moving (Moving *moving)
{
  g_object_unref (moving->chooser);
  g_object_unref (moving->window);
  g_free (moving->info_hash);
  g_free (moving);
}

static void
call_move (Moving *moving)
{
  g_autoptr (GFile) folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (moving->chooser));
  const char *path = folder != NULL ? g_file_peek_path (folder) : NULL;

  if (path == NULL || !g_utf8_validate (path, -1, NULL))
    {
      ccbt_window_tell (moving->window, _ ("Files cannot be moved there"));
      return;
    }
  if (!ccbt_client_call_async (ccbt_window_get_client (moving->window), "torrent.move",
                               g_variant_new ("(ss)", moving->info_hash, path), NULL, verb_done_cb,
                               g_object_ref (moving->window)))
    g_object_unref (moving->window);
}

static void
move_response_cb (Moving *moving, int response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    call_move (moving);
  free_moving (moving);
}

static void
move_files_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  CcbtTorrentItem *item = find_item (window, target);
  g_autoptr (GFile) folder = NULL;
  Moving *moving;

  if (item == NULL)
    return;
  folder = g_file_new_for_path (ccbt_torrent_item_get_status (item)->folder);
  moving = g_new0 (Moving, 1);
  moving->window = g_object_ref (window);
  moving->info_hash = g_variant_dup_string (target, NULL);
  moving->chooser
      = gtk_file_chooser_native_new (_ ("Move Files To"), GTK_WINDOW (window),
                                     GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Move Here"), NULL);
  gtk_file_chooser_set_file (GTK_FILE_CHOOSER (moving->chooser), folder, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (moving->chooser), TRUE);
  g_signal_connect_swapped (moving->chooser, "response", G_CALLBACK (move_response_cb), moving);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (moving->chooser));
}

static void
cancel_move_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  run_verb (window, "torrent.cancel-move", target);
}

static void
undo_cb (AdwToast *toast, gpointer window)
{
  ccbt_client_undo_removal (ccbt_window_get_client (window),
                            g_object_get_data (G_OBJECT (toast), "info-hash"));
}

/* After an undo there is nothing left to carry out. */
static void
toast_dismissed_cb (AdwToast *toast, gpointer window)
{
  ccbt_client_commit_removal (ccbt_window_get_client (window),
                              g_object_get_data (G_OBJECT (toast), "info-hash"));
}

static gboolean
time_over_cb (gpointer toast)
{
  adw_toast_dismiss (toast);
  return G_SOURCE_REMOVE;
}

static void
remove_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  CcbtTorrentItem *item = find_item (window, target);
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  AdwToast *toast;

  if (item == NULL)
    return;
  /* The titles of toasts are markup. */
  name = g_markup_escape_text (ccbt_torrent_item_get_status (item)->name, -1);
  /* Translators: the name of a torrent */
  text = g_strdup_printf (_ ("“%s” removed"), name);
  toast = adw_toast_new (text);
  adw_toast_set_button_label (toast, _ ("Undo"));
  /* Its own timer would stand still as long as the keyboard is on it, where GTK puts it after the
   * row has gone. */
  adw_toast_set_timeout (toast, 0);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, UNDO_SECONDS, time_over_cb, g_object_ref (toast),
                              g_object_unref);
  g_object_set_data_full (G_OBJECT (toast), "info-hash", g_variant_dup_string (target, NULL),
                          g_free);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (undo_cb), window, 0);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (toast_dismissed_cb), window, 0);
  ccbt_client_begin_removal (ccbt_window_get_client (window), g_variant_get_string (target, NULL));
  ccbt_window_add_toast (window, toast);
}

/* A torrent being removed together with its files. */
typedef struct
{
  CcbtWindow *window;
  char *info_hash;
  GFile *content;
} Trashing;

static void
free_trashing (Trashing *trashing)
{
  g_object_unref (trashing->window);
  g_object_unref (trashing->content);
  g_free (trashing->info_hash);
  g_free (trashing);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Trashing, free_trashing)

static void
trashed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Trashing) trashing = data;
  g_autoptr (GError) error = NULL;

  if (g_file_trash_finish (G_FILE (source), result, &error)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    ccbt_window_tell (trashing->window, _ ("Files moved to the trash"));
  else
    tell_error (trashing->window, error);
}

/* The engine has closed the files. */
static void
removed_for_trash_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Trashing) trashing = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);
  GFile *content = trashing->content;

  if (reply == NULL)
    tell_error (trashing->window, error);
  else
    g_file_trash_async (content, G_PRIORITY_DEFAULT, NULL, trashed_cb, g_steal_pointer (&trashing));
}

static void
trash_response_cb (Trashing *trashing, const char *response)
{
  if (!g_str_equal (response, "trash")
      || !ccbt_client_call_async (ccbt_window_get_client (trashing->window), "torrent.remove",
                                  g_variant_new ("(sb)", trashing->info_hash, FALSE), NULL,
                                  removed_for_trash_cb, trashing))
    free_trashing (trashing);
}

static Trashing *
new_trashing (CcbtWindow *window, const CcbtTorrentStatus *status)
{
  Trashing *trashing = g_new0 (Trashing, 1);

  trashing->window = g_object_ref (window);
  trashing->info_hash = g_strdup (status->info_hash);
  trashing->content = g_file_new_for_path (status->content_path);
  return trashing;
}

static void
remove_with_files_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  CcbtTorrentItem *item = find_item (window, target);
  const CcbtTorrentStatus *status = item != NULL ? ccbt_torrent_item_get_status (item) : NULL;
  GtkWidget *dialog;

  /* Where the content is the user's folder itself, other things in it would go too. */
  if (status == NULL || status->content_path == NULL
      || g_strcmp0 (status->content_path, status->folder) == 0)
    return;
  dialog = adw_message_dialog_new (window, _ ("Move Files to Trash?"), NULL);
  adw_message_dialog_format_body (
      ADW_MESSAGE_DIALOG (dialog),
      /* Translators: the name of a torrent */
      _ ("“%s” is removed from the list, and what was downloaded goes to the trash."),
      status->name);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "trash",
                                    _ ("Move to _Trash"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "trash",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_swapped (dialog, "response", G_CALLBACK (trash_response_cb),
                            new_trashing (window, status));
  ccbt_accessible_tidy (dialog);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
ccbt_torrent_actions_add_to (CcbtWindow *window)
{
  static const GActionEntry entries[] = {
    { "toggle", toggle_cb, "s", NULL, NULL, { 0 } },
    { "pause", pause_cb, "s", NULL, NULL, { 0 } },
    { "resume", resume_cb, "s", NULL, NULL, { 0 } },
    { "check", check_cb, "s", NULL, NULL, { 0 } },
    { "announce", announce_cb, "s", NULL, NULL, { 0 } },
    { "copy-magnet", copy_magnet_cb, "s", NULL, NULL, { 0 } },
    { "open", open_cb, "s", NULL, NULL, { 0 } },
    { "show-folder", show_folder_cb, "s", NULL, NULL, { 0 } },
    { "move-files", move_files_cb, "s", NULL, NULL, { 0 } },
    { "cancel-move", cancel_move_cb, "s", NULL, NULL, { 0 } },
    { "remove", remove_cb, "s", NULL, NULL, { 0 } },
    { "remove-with-files", remove_with_files_cb, "s", NULL, NULL, { 0 } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
}

void
ccbt_torrent_actions_tell_move_failed (CcbtWindow *window, CcbtEvent *event)
{
  int code = -1;

  if (event->payload == NULL || !g_variant_lookup (event->payload, "code", "i", &code)
      || code < 0) /* cancelled */
    return;
  switch ((CcbtError) code)
    {
    case CCBT_ERROR_EXISTS:
      ccbt_window_tell (window, _ ("The files stay where they are: the new folder has files of "
                                   "these names"));
      break;
    case CCBT_ERROR_NO_SPACE:
      ccbt_window_tell (window, _ ("The files stay where they are: there is no room for them"));
      break;
    case CCBT_ERROR_READ_ONLY:
      ccbt_window_tell (window, _ ("The files stay where they are: the new folder cannot be "
                                   "written to"));
      break;
    default:
      ccbt_window_tell (window, _ ("The files could not be moved and stay where they are"));
    }
}

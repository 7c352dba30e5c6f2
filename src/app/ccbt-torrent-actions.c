/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-torrent-actions.h"
#include <glib/gi18n.h>
#include "ccbt-batch.h"
#include "ccbt-error-text.h"
#include "ccbt-export.h"
#include "ccbt-format.h"
#include "ccbt-move-files.h"
#include "ccbt-options-dialog.h"
#include "ccbt-removal.h"
#include "ccbt-rename.h"
#include "ccbt-show-file.h"

/* Those of @target that are still there. Returns: (transfer container): CcbtTorrentItem */
static GPtrArray *
find_items (CcbtWindow *window, GVariant *target)
{
  CcbtTorrentList *torrents = ccbt_client_get_torrents (ccbt_window_get_client (window));
  g_autofree const char **info_hashes = g_variant_get_strv (target, NULL);
  GPtrArray *items = g_ptr_array_new ();

  for (guint i = 0; info_hashes[i] != NULL; i++)
    {
      CcbtTorrentItem *item = ccbt_torrent_list_lookup (torrents, info_hashes[i]);

      if (item != NULL)
        g_ptr_array_add (items, item);
    }
  return items;
}

/* Returns: (nullable) */
static CcbtTorrentItem *
find_first (CcbtWindow *window, GVariant *target)
{
  g_autoptr (GPtrArray) items = find_items (window, target);

  return items->len > 0 ? items->pdata[0] : NULL;
}

static void
run_verb (CcbtWindow *window, const char *verb, GVariant *target, CcbtBatchFunc done)
{
  g_autofree const char **info_hashes = g_variant_get_strv (target, NULL);

  ccbt_batch_run (window, verb, info_hashes, NULL, done);
}

static void
pause_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  run_verb (window, "torrent.pause", target, NULL);
}

static void
resume_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  run_verb (window, "torrent.resume", target, NULL);
}

/* Pauses all as long as one of them runs. */
static void
toggle_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  g_autoptr (GPtrArray) items = find_items (window, target);
  gboolean is_running = FALSE;

  for (guint i = 0; i < items->len; i++)
    is_running |= !ccbt_torrent_item_get_status (items->pdata[i])->is_paused;
  if (items->len > 0)
    run_verb (window, is_running ? "torrent.pause" : "torrent.resume", target, NULL);
}

static void
check_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  run_verb (window, "torrent.check", target, NULL);
}

/* Trackers say how often they may be asked. */
static void
announced_cb (CcbtWindow *window, guint n_done, GVariant *reply)
{
  g_autofree char *wait = NULL;
  g_autofree char *text = NULL;
  gint64 seconds = 0;

  g_variant_get (reply, "(x)", &seconds);
  if (seconds > 0 && n_done == 1)
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
  run_verb (window, "torrent.announce", target, announced_cb);
}

/* --- Copying: one line for each. --- */

static const char *
get_hash (CcbtTorrentItem *item)
{
  return ccbt_torrent_item_get_info_hash (item);
}

static const char *
get_magnet (CcbtTorrentItem *item)
{
  return ccbt_torrent_item_get_status (item)->magnet;
}

static const char *
get_path (CcbtTorrentItem *item)
{
  const CcbtTorrentStatus *status = ccbt_torrent_item_get_status (item);

  return status->content_path != NULL ? status->content_path : status->folder;
}

static void
copy_lines (CcbtWindow *window, GVariant *target, const char *(*get) (CcbtTorrentItem *item),
            const char *told)
{
  g_autoptr (GPtrArray) items = find_items (window, target);
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < items->len; i++)
    {
      const char *line = get (items->pdata[i]);
      g_autofree char *valid = line != NULL ? g_filename_display_name (line) : NULL;

      if (valid != NULL)
        g_string_append_printf (lines, "%s%s", lines->len > 0 ? "\n" : "", valid);
    }
  if (lines->len == 0)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (window)), lines->str);
  ccbt_window_tell (window, told);
}

static void
copy_name_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  copy_lines (window, target, ccbt_torrent_item_get_name, _ ("Name copied"));
}

static void
copy_hash_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  copy_lines (window, target, get_hash, _ ("Info-hash copied"));
}

static void
copy_magnet_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  copy_lines (window, target, get_magnet, _ ("Magnet link copied"));
}

static void
copy_path_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  copy_lines (window, target, get_path, _ ("Path copied"));
}

/* --- What is decided about them. --- */

static void
options_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  g_autoptr (GPtrArray) items = find_items (window, target);

  if (items->len > 0)
    gtk_window_present (GTK_WINDOW (
        ccbt_options_dialog_new (GTK_WINDOW (window), ccbt_window_get_client (window), items)));
}

/* --- For one of them. --- */

static void
file_shown_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtWindow) window = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (ccbt_show_file_finish (result, &error))
    return;
  text = ccbt_error_text (error);
  ccbt_window_tell (window, text);
}

static void
open_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  CcbtTorrentItem *item = find_first (window, target);

  if (item != NULL && ccbt_torrent_item_get_status (item)->content_path != NULL)
    ccbt_show_file_open_async (ccbt_torrent_item_get_status (item)->content_path, window,
                               file_shown_cb, g_object_ref (window));
}

static void
show_folder_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  CcbtTorrentItem *item = find_first (window, target);

  if (item != NULL && ccbt_torrent_item_get_status (item)->content_path != NULL)
    ccbt_show_file_in_folder_async (ccbt_torrent_item_get_status (item)->content_path, window,
                                    file_shown_cb, g_object_ref (window));
}

static void
rename_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  CcbtTorrentItem *item = find_first (window, target);

  if (item != NULL)
    ccbt_rename_ask (window, item);
}

static void
export_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  CcbtTorrentItem *item = find_first (window, target);

  if (item != NULL)
    ccbt_export_choose (window, item);
}

/* --- Files. --- */

static void
move_files_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  CcbtTorrentItem *item = find_first (window, target);
  g_autofree const char **info_hashes = g_variant_get_strv (target, NULL);

  if (item != NULL)
    ccbt_move_files_choose (window, info_hashes, ccbt_torrent_item_get_status (item)->folder);
}

static void
cancel_move_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  run_verb (window, "torrent.cancel-move", target, NULL);
}

/* --- Removing. --- */

static void
remove_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  g_autofree const char **info_hashes = g_variant_get_strv (target, NULL);

  ccbt_removal_begin (window, info_hashes);
}

static void
remove_with_files_cb (GSimpleAction *action, GVariant *target, gpointer window)
{
  g_autofree const char **info_hashes = g_variant_get_strv (target, NULL);

  ccbt_removal_ask_with_files (window, info_hashes);
}

void
ccbt_torrent_actions_add_to (CcbtWindow *window)
{
  static const GActionEntry entries[] = {
    { "toggle", toggle_cb, "as", NULL, NULL, { 0 } },
    { "pause", pause_cb, "as", NULL, NULL, { 0 } },
    { "resume", resume_cb, "as", NULL, NULL, { 0 } },
    { "check", check_cb, "as", NULL, NULL, { 0 } },
    { "announce", announce_cb, "as", NULL, NULL, { 0 } },
    { "copy-name", copy_name_cb, "as", NULL, NULL, { 0 } },
    { "copy-hash", copy_hash_cb, "as", NULL, NULL, { 0 } },
    { "copy-magnet", copy_magnet_cb, "as", NULL, NULL, { 0 } },
    { "copy-path", copy_path_cb, "as", NULL, NULL, { 0 } },
    { "open", open_cb, "as", NULL, NULL, { 0 } },
    { "show-folder", show_folder_cb, "as", NULL, NULL, { 0 } },
    { "options", options_cb, "as", NULL, NULL, { 0 } },
    { "rename", rename_cb, "as", NULL, NULL, { 0 } },
    { "export", export_cb, "as", NULL, NULL, { 0 } },
    { "move-files", move_files_cb, "as", NULL, NULL, { 0 } },
    { "cancel-move", cancel_move_cb, "as", NULL, NULL, { 0 } },
    { "remove", remove_cb, "as", NULL, NULL, { 0 } },
    { "remove-with-files", remove_with_files_cb, "as", NULL, NULL, { 0 } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
}

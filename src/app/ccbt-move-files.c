/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-move-files.h"
#include <glib/gi18n.h>
#include "base/ccbt-error.h"
#include "ccbt-batch.h"

/* Where the files are to go is being asked. */
typedef struct
{
  CcbtWindow *window;
  char **info_hashes;
  GtkFileChooserNative *chooser;
} Moving;

static void
free_moving (Moving *moving)
{
  g_object_unref (moving->chooser);
  g_object_unref (moving->window);
  g_strfreev (moving->info_hashes);
  g_free (moving);
}

static void
move_there (Moving *moving)
{
  g_autoptr (GFile) folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (moving->chooser));
  const char *path = folder != NULL ? g_file_peek_path (folder) : NULL;

  if (path == NULL || !g_utf8_validate (path, -1, NULL))
    ccbt_window_tell (moving->window, _ ("Files cannot be moved there"));
  else
    ccbt_batch_run (moving->window, "torrent.move", (const char *const *) moving->info_hashes,
                    g_variant_new_string (path), NULL);
}

static void
response_cb (Moving *moving, int response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    move_there (moving);
  free_moving (moving);
}

void
ccbt_move_files_choose (CcbtWindow *window, const char *const *info_hashes, const char *folder)
{
  g_autoptr (GFile) start = g_file_new_for_path (folder);
  Moving *moving = g_new0 (Moving, 1);

  moving->window = g_object_ref (window);
  moving->info_hashes = g_strdupv ((char **) info_hashes);
  moving->chooser
      = gtk_file_chooser_native_new (_ ("Move Files To"), GTK_WINDOW (window),
                                     GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Move Here"), NULL);
  gtk_file_chooser_set_file (GTK_FILE_CHOOSER (moving->chooser), start, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (moving->chooser), TRUE);
  g_signal_connect_swapped (moving->chooser, "response", G_CALLBACK (response_cb), moving);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (moving->chooser));
}

void
ccbt_move_files_tell_failed (CcbtWindow *window, CcbtEvent *event)
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

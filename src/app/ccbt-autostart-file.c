/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-autostart-file.h"
#include <errno.h>
#include <glib/gstdio.h>
#include "ccbt-build.h"

static char *
get_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "autostart", CCBT_APPLICATION_ID ".desktop",
                           NULL);
}

static gboolean
read_flag (GKeyFile *entry, const char *key, gboolean fallback)
{
  g_autoptr (GError) error = NULL;
  const gboolean value = g_key_file_get_boolean (entry, G_KEY_FILE_DESKTOP_GROUP, key, &error);

  return error == NULL ? value : fallback;
}

static gboolean
is_on (void)
{
  g_autofree char *path = get_path ();
  g_autoptr (GKeyFile) entry = g_key_file_new ();

  return g_key_file_load_from_file (entry, path, G_KEY_FILE_NONE, NULL)
         && !read_flag (entry, G_KEY_FILE_DESKTOP_KEY_HIDDEN, FALSE)
         && read_flag (entry, "X-GNOME-Autostart-enabled", TRUE);
}

/* This very program, as the specification of desktop entries wants it quoted. */
static char *
get_command (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GString) command = g_string_new ("\"");

  if (program == NULL || !g_utf8_validate (program, -1, NULL))
    return g_strdup ("ccbittorrent --background");
  for (const char *p = program; *p != '\0'; p++)
    {
      if (strchr ("\"`$\\", *p) != NULL)
        g_string_append_c (command, '\\');
      else if (*p == '%')
        g_string_append_c (command, '%');
      g_string_append_c (command, *p);
    }
  g_string_append (command, "\" --background");
  return g_strdup (command->str);
}

static gboolean
write_entry (const char *path, GError **error)
{
  g_autoptr (GKeyFile) entry = g_key_file_new ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *command = get_command ();

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", folder,
                   g_strerror (errno));
      return FALSE;
    }
  g_key_file_set_string (entry, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_TYPE,
                         G_KEY_FILE_DESKTOP_TYPE_APPLICATION);
  g_key_file_set_string (entry, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_NAME,
                         "ccBitTorrent");
  g_key_file_set_string (entry, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_ICON,
                         CCBT_APPLICATION_ID);
  g_key_file_set_string (entry, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_EXEC, command);
  return g_key_file_save_to_file (entry, path, error);
}

static gboolean
delete_entry (const char *path, GError **error)
{
  if (g_unlink (path) == 0 || errno == ENOENT)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", path,
               g_strerror (errno));
  return FALSE;
}

/* The answer is an int, 0 or 1; errors go beside it, since both are wanted. */
static void
return_state (GTask *task, GError *error)
{
  g_object_set_data_full (G_OBJECT (task), "error", error, (GDestroyNotify) g_error_free);
  g_task_return_int (task, is_on ());
}

static void
read_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  return_state (task, NULL);
}

static void
set_in_thread (GTask *task, gpointer source, gpointer is_wanted, GCancellable *cancellable)
{
  g_autofree char *path = get_path ();
  GError *error = NULL;

  if (GPOINTER_TO_INT (is_wanted))
    write_entry (path, &error);
  else
    delete_entry (path, &error);
  return_state (task, error);
}

void
ccbt_autostart_file_read_async (GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);

  g_task_run_in_thread (task, read_in_thread);
}

void
ccbt_autostart_file_set_async (gboolean is_wanted, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_task_data (task, GINT_TO_POINTER (is_wanted), NULL);
  g_task_run_in_thread (task, set_in_thread);
}

gboolean
ccbt_autostart_file_finish (GAsyncResult *result, gboolean *is_on_now, GError **error)
{
  const GError *failure = g_object_get_data (G_OBJECT (result), "error");

  *is_on_now = g_task_propagate_int (G_TASK (result), NULL) != 0;
  if (failure != NULL && error != NULL)
    *error = g_error_copy (failure);
  return failure == NULL;
}

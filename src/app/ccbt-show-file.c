/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-show-file.h"

#define FILE_MANAGER_NAME "org.freedesktop.FileManager1"
#define FILE_MANAGER_PATH "/org/freedesktop/FileManager1"

static GAppLaunchContext *
new_launch_context (GtkWindow *parent)
{
  GdkDisplay *display
      = parent != NULL ? gtk_widget_get_display (GTK_WIDGET (parent)) : gdk_display_get_default ();

  return display != NULL ? G_APP_LAUNCH_CONTEXT (gdk_display_get_app_launch_context (display))
                         : g_app_launch_context_new ();
}

static void
launched_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (g_app_info_launch_default_for_uri_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* Takes @task, whose data is the launch context. */
static void
launch (GTask *task, GFile *file)
{
  g_autofree char *uri = g_file_get_uri (file);

  g_app_info_launch_default_for_uri_async (uri, g_task_get_task_data (task), NULL, launched_cb,
                                           task);
}

static void
shown_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GFile *file = g_object_get_data (G_OBJECT (task), "file");
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autoptr (GFile) folder = g_file_get_parent (file);

  if (reply != NULL)
    g_task_return_boolean (task, TRUE);
  else
    launch (g_steal_pointer (&task), folder != NULL ? folder : file);
}

static GTask *
new_task (GFile *file, GtkWindow *parent, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_task_data (task, new_launch_context (parent), g_object_unref);
  g_object_set_data_full (G_OBJECT (task), "file", g_object_ref (file), g_object_unref);
  return task;
}

void
ccbt_show_file_open_async (const char *path, GtkWindow *parent, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);

  launch (new_task (file, parent, callback, user_data), file);
}

void
ccbt_show_file_in_folder_async (const char *path, GtkWindow *parent, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GTask) task = new_task (file, parent, callback, user_data);
  GApplication *application = g_application_get_default ();
  GDBusConnection *bus
      = application != NULL ? g_application_get_dbus_connection (application) : NULL;
  g_autofree char *uri = g_file_get_uri (file);
  const char *uris[] = { uri, NULL };
  g_autoptr (GFile) folder = g_file_get_parent (file);

  if (bus == NULL)
    {
      launch (g_steal_pointer (&task), folder != NULL ? folder : file);
      return;
    }
  g_dbus_connection_call (bus, FILE_MANAGER_NAME, FILE_MANAGER_PATH, FILE_MANAGER_NAME, "ShowItems",
                          g_variant_new ("(^ass)", uris, ""), NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                          NULL, shown_cb, g_steal_pointer (&task));
}

gboolean
ccbt_show_file_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

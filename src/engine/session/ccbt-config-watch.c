/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-config-watch.h"
#include <gio/gio.h>
#include <stdlib.h>

/* Editors write a new file, move it over the old one and set its mode: one change. */
#define QUIET_MS 300

struct _CcbtConfigWatch
{
  GFileMonitor *monitors[2]; /* the name, and the file that a symbolic link leads to */
  GSource *quiet;            /* NULL: nothing has happened */
  void (*changed) (gpointer data);
  gpointer data;
};

static void
stop_quiet (CcbtConfigWatch *self)
{
  if (self->quiet == NULL)
    return;
  g_source_destroy (self->quiet);
  g_clear_pointer (&self->quiet, g_source_unref);
}

static gboolean
quiet_cb (gpointer data)
{
  CcbtConfigWatch *self = data;

  stop_quiet (self);
  self->changed (self->data);
  return G_SOURCE_REMOVE;
}

static void
event_cb (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer data)
{
  CcbtConfigWatch *self = data;

  stop_quiet (self);
  self->quiet = g_timeout_source_new (QUIET_MS);
  g_source_set_callback (self->quiet, quiet_cb, self, NULL);
  g_source_attach (self->quiet, g_main_context_get_thread_default ());
}

static GFileMonitor *
watch (CcbtConfigWatch *self, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  GFileMonitor *monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, &error);

  if (monitor == NULL)
    {
      g_message ("Changes of %s will not be noticed: %s", path, error->message);
      return NULL;
    }
  g_signal_connect (monitor, "changed", G_CALLBACK (event_cb), self);
  return monitor;
}

CcbtConfigWatch *
ccbt_config_watch_new (const char *path, void (*changed) (gpointer data), gpointer data)
{
  CcbtConfigWatch *self = g_new0 (CcbtConfigWatch, 1);
  char *real = realpath (path, NULL);

  self->changed = changed;
  self->data = data;
  self->monitors[0] = watch (self, path);
  if (real != NULL && !g_str_equal (real, path))
    self->monitors[1] = watch (self, real);
  free (real);
  return self;
}

void
ccbt_config_watch_free (CcbtConfigWatch *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->monitors); i++)
    if (self->monitors[i] != NULL)
      {
        g_signal_handlers_disconnect_by_data (self->monitors[i], self);
        g_file_monitor_cancel (self->monitors[i]);
        g_object_unref (self->monitors[i]);
      }
  stop_quiet (self);
  g_free (self);
}

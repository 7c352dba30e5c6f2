/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli-daemon.h"
#include "base/ccbt-error.h"
#include "control/ccbt-control-service.h"
#include "session/ccbt-command.h"

#include <glib-unix.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
  const CcbtCliDaemonOptions *options;
  CcbtEngineHost *host;
  CcbtControlService *service;
  GMainLoop *loop;
  gboolean is_stopping;
  guint n_signals;
} Serve;

GVariant *
ccbt_cli_make_add (const char *what, const char *output)
{
  gboolean is_link = strstr (what, "://") != NULL || g_ascii_strncasecmp (what, "magnet:", 7) == 0;
  g_autofree char *path = is_link ? g_strdup (what) : g_canonicalize_filename (what, NULL);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", is_link ? "uri" : "path", g_variant_new_string (path));
  g_variant_builder_add (&builder, "{sv}", "folder", g_variant_new_string (output));
  return g_variant_new ("(a{sv})", &builder);
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Serve *self = data;
  g_autoptr (GError) error = NULL;

  if (!ccbt_engine_host_stop_finish (result, &error))
    ccbt_cli_complain ("The session did not end well: %s", error->message);
  g_main_loop_quit (self->loop);
}

static void
stop (gpointer data)
{
  Serve *self = data;

  if (self->is_stopping)
    return;
  self->is_stopping = TRUE;
  ccbt_cli_notify ("STOPPING=1");
  ccbt_control_service_stop (self->service);
  ccbt_engine_host_stop_async (self->host, stopped_cb, self);
}

static gboolean
signal_cb (gpointer data)
{
  Serve *self = data;

  if (self->n_signals++ > 0)
    exit (CCBT_EXIT_INTERRUPTED); /* asked twice: now */
  stop (self);
  return G_SOURCE_CONTINUE;
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree char *what = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply == NULL)
    ccbt_cli_complain ("%s: %s", what, error->message);
}

static void
add_torrents (Serve *self)
{
  char **torrents = self->options->torrents;

  for (guint i = 0; torrents != NULL && torrents[i] != NULL; i++)
    ccbt_command_call_async (self->host, "torrent.add",
                             ccbt_cli_make_add (torrents[i], self->options->output), NULL, added_cb,
                             g_strdup (torrents[i]));
}

static int
run (Serve *self)
{
  self->loop = g_main_loop_new (NULL, FALSE);
  g_unix_signal_add (SIGINT, signal_cb, self);
  g_unix_signal_add (SIGTERM, signal_cb, self);
  g_unix_signal_add (SIGHUP, signal_cb, self);
  add_torrents (self);
  ccbt_cli_notify ("READY=1");
  g_message ("The session is running.");
  g_main_loop_run (self->loop);
  g_message ("The session has ended.");
  g_main_loop_unref (self->loop);
  return CCBT_EXIT_DONE;
}

int
ccbt_cli_serve (const CcbtCliDaemonOptions *options)
{
  const CcbtEngineOptions engine_options = { .state_dir = options->state_dir,
                                             .config_file = options->config_file,
                                             .settings = (const char *const *) options->settings,
                                             .bind_address = options->bind,
                                             .port = options->port };
  Serve self = { .options = options };
  g_autoptr (GError) error = NULL;
  int code = CCBT_EXIT_FAILED;
  const int inherited = ccbt_cli_take_socket ();

  self.host = ccbt_engine_host_start (&engine_options, &error);
  if (self.host == NULL)
    {
      ccbt_cli_complain ("%s", error->message);
      return error->code == CCBT_ERROR_INVALID ? CCBT_EXIT_USAGE : CCBT_EXIT_FAILED;
    }
  self.service = ccbt_control_service_start (self.host, options->state_dir, stop, &self, &error);
  if (self.service != NULL && inherited >= 0
      && !ccbt_control_service_listen (self.service, inherited, &error))
    {
      ccbt_cli_complain ("%s", error->message); /* its own socket is there */
      g_clear_error (&error);
    }
  if (self.service != NULL)
    code = run (&self);
  else
    ccbt_cli_complain ("%s", error->message);
  ccbt_engine_host_free (self.host);
  return code;
}

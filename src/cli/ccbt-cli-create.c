/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli-engine.h"
#include "ccbt-cli-progress.h"
#include "ccbt-create-request.h"
#include "base/ccbt-error.h"
#include "session/ccbt-command.h"

#include <glib-unix.h>
#include <stdio.h>
#include <unistd.h>

#define LOOK_MS 100
#define JSON_EVERY_LOOK 5 /* looks between two lines of JSON */

/* A torrent made in this process, and seeded by it when that is asked for. */
typedef struct
{
  CcbtCreateRequest request;
  char *path;
  char *state_dir;
  char *bind;
  char **settings;
  int port;
  gboolean json, is_quiet;

  CcbtEngineHost *host;
  GMainLoop *loop;
  CcbtCliProgress *progress;
  guint32 number;
  guint n_looks;
  guint n_signals;
  CcbtTorrentId torrent; /* that is seeded; 0 = not yet */
  guint watch;
  gboolean is_stopping;
  gboolean has_line;
  int exit_code;
} Create;

static void
stop (Create *self, int exit_code)
{
  if (self->is_stopping)
    return;
  self->is_stopping = TRUE;
  self->exit_code = exit_code;
  ccbt_cli_stop_engine (self->host, self->loop);
}

static void
end_line (Create *self)
{
  if (self->has_line)
    g_print ("\r\033[K");
  self->has_line = FALSE;
}

static void
fail (Create *self, const GError *error)
{
  if (self->is_stopping)
    return;
  end_line (self);
  ccbt_cli_progress_fail (self->progress, error->message);
  stop (self, error->code == CCBT_ERROR_INVALID && self->number == 0 ? CCBT_EXIT_USAGE
                                                                     : CCBT_EXIT_FAILED);
}

/* --- Seeding --- */

static void
snapshots_cb (gpointer data)
{
  Create *self = data;
  g_autoptr (CcbtTorrentStatus) status
      = ccbt_snapshot_store_lookup (ccbt_engine_host_get_snapshots (self->host), self->torrent);

  if (status == NULL)
    return;
  ccbt_cli_progress_update (self->progress, status);
  if (status->state == CCBT_TORRENT_STATE_ERROR
      || status->state == CCBT_TORRENT_STATE_FILES_MISSING)
    {
      g_autoptr (GError) error
          = g_error_new_literal (CCBT_ERROR, CCBT_ERROR_DISK, status->error_text);

      fail (self, error);
    }
}

static void
begin_seeding (Create *self)
{
  CcbtSnapshotStore *snapshots = ccbt_engine_host_get_snapshots (self->host);
  CcbtSessionStatus session;

  ccbt_snapshot_store_get_session (snapshots, &session);
  ccbt_cli_progress_listening (self->progress, session.port);
  self->watch = ccbt_snapshot_store_add_watch (snapshots, NULL, snapshots_cb, self);
  snapshots_cb (self);
}

/* --- Making --- */

/* The status, its names as our JSON spells them, with where the file is. */
static void
print_json (Create *self, GVariant *status, const char *type)
{
  GVariantBuilder builder;
  GVariantIter iter;
  const char *key;
  GVariant *value;
  g_autoptr (GVariant) object = NULL;
  g_autofree char *text = NULL;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "type", g_variant_new_string (type));
  g_variant_builder_add (&builder, "{sv}", "output", g_variant_new_string (self->request.output));
  g_variant_iter_init (&iter, status);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    {
      g_autofree char *name = g_strdelimit (g_strdup (key), "-", '_');

      g_variant_builder_add (&builder, "{sv}", name, value);
    }
  object = g_variant_ref_sink (g_variant_builder_end (&builder));
  text = json_gvariant_serialize_data (object, NULL);
  g_print ("%s\n", text);
  fflush (stdout);
}

static void
show_progress (Create *self, GVariant *status)
{
  g_autofree char *text = NULL;

  if (self->json && self->n_looks % JSON_EVERY_LOOK == 0)
    print_json (self, status, "progress");
  if (self->json || self->is_quiet || !isatty (STDOUT_FILENO))
    return;
  text = ccbt_create_status_describe (status);
  g_print ("\r\033[K%s", text);
  fflush (stdout);
  self->has_line = TRUE;
}

static void
finish (Create *self, GVariant *status)
{
  g_autofree char *report = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_variant_lookup (status, "id", "u", &self->torrent))
    {
      error = ccbt_create_status_to_error (status);
      if (self->n_signals > 0)
        stop (self, CCBT_EXIT_INTERRUPTED);
      fail (self, error);
      return;
    }
  end_line (self);
  report = ccbt_create_status_report (status, self->request.output);
  if (self->json)
    print_json (self, status, "created");
  else if (!self->is_quiet)
    g_print ("%s", report);
  fflush (stdout);
  if (self->torrent == 0)
    stop (self, CCBT_EXIT_DONE);
  else if (self->n_signals > 0) /* too late to leave no file, not to leave */
    stop (self, CCBT_EXIT_INTERRUPTED);
  else
    begin_seeding (self);
}

static gboolean look_cb (gpointer data);

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Create *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);
  g_autoptr (GVariant) status = NULL;

  if (self->is_stopping)
    return;
  if (reply == NULL)
    {
      fail (self, error);
      return;
    }
  status = g_variant_get_child_value (reply, 0);
  if (ccbt_create_status_is_final (status))
    {
      finish (self, status);
      return;
    }
  show_progress (self, status);
  self->n_looks++;
  g_timeout_add (LOOK_MS, look_cb, self);
}

static gboolean
look_cb (gpointer data)
{
  Create *self = data;

  if (!self->is_stopping)
    ccbt_command_call_async (self->host, "create.status", g_variant_new ("(u)", self->number), NULL,
                             looked_cb, self);
  return G_SOURCE_REMOVE;
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Create *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply == NULL)
    {
      fail (self, error);
      return;
    }
  g_variant_get (reply, "(u)", &self->number);
  look_cb (self);
}

/* Asked once, what is under way is given up and leaves nothing; asked twice, now. */
static gboolean
interrupted_cb (gpointer data)
{
  Create *self = data;

  if (self->n_signals++ > 0)
    exit (CCBT_EXIT_INTERRUPTED);
  if (self->torrent != 0 || self->number == 0)
    stop (self, CCBT_EXIT_INTERRUPTED);
  else
    ccbt_command_call_async (self->host, "create.cancel", g_variant_new ("(u)", self->number), NULL,
                             NULL, NULL);
  return G_SOURCE_CONTINUE;
}

static int
run (Create *self, GVariant *arguments)
{
  /* Where nothing is seeded, nobody is looked for. */
  static const char *const quiet[] = { "discovery.enable_dht=false", "discovery.enable_lsd=false",
                                       "nat.auto_map_ports=false", NULL };
  gboolean seeds = self->request.seeds;
  const CcbtEngineOptions options
      = { .state_dir = self->state_dir,
          .settings = seeds ? (const char *const *) self->settings : quiet,
          .bind_address = seeds ? self->bind : "127.0.0.1",
          .port = seeds ? self->port : 0,
          .is_ephemeral = TRUE };
  g_autoptr (GError) error = NULL;

  self->host = ccbt_engine_host_start (&options, &error);
  if (self->host == NULL)
    {
      ccbt_cli_complain ("%s", error->message);
      return error->code == CCBT_ERROR_INVALID ? CCBT_EXIT_USAGE : CCBT_EXIT_FAILED;
    }
  self->loop = g_main_loop_new (NULL, FALSE);
  self->progress = ccbt_cli_progress_new (self->json, self->is_quiet);
  g_unix_signal_add (SIGINT, interrupted_cb, self);
  g_unix_signal_add (SIGTERM, interrupted_cb, self);
  ccbt_command_call_async (self->host, "create.start", arguments, NULL, started_cb, self);
  g_main_loop_run (self->loop);
  if (self->watch != 0)
    ccbt_snapshot_store_remove_watch (ccbt_engine_host_get_snapshots (self->host), self->watch);
  ccbt_cli_progress_end (self->progress);
  ccbt_cli_progress_free (self->progress);
  ccbt_engine_host_free (self->host);
  g_main_loop_unref (self->loop);
  return self->exit_code;
}

/* --- The command line --- */

static gboolean
request_option_cb (const char *name, const char *value, gpointer data, GError **error)
{
  Create *self = data;

  return ccbt_create_request_set (
      &self->request, g_str_equal (name, "-o") ? "output" : name + strlen ("--"), value, error);
}

static int
parse (Create *self, int argc, char **argv)
{
  g_auto (GStrv) rest = NULL;
  const GOptionEntry entries[] = {
#define WITH_VALUE(name, letter)                                                                   \
  { name, letter, 0, G_OPTION_ARG_CALLBACK, request_option_cb, NULL, NULL }
#define PATH(name, letter)                                                                         \
  {                                                                                                \
    name, letter, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, request_option_cb, NULL, NULL     \
  }
#define SWITCH(name)                                                                               \
  {                                                                                                \
    name, 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, request_option_cb, NULL, NULL            \
  }
    PATH ("output", 'o'),
    WITH_VALUE ("tracker", 0),
    SWITCH ("tier"),
    WITH_VALUE ("web-seed", 0),
    WITH_VALUE ("source", 0),
    WITH_VALUE ("comment", 0),
    WITH_VALUE ("piece-size", 0),
    SWITCH ("private"),
    SWITCH ("hidden"),
    SWITCH ("overwrite"),
    SWITCH ("seed"),
    { "port", 0, 0, G_OPTION_ARG_INT, &self->port, NULL, NULL },
    { "bind", 0, 0, G_OPTION_ARG_STRING, &self->bind, NULL, NULL },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->settings, NULL, NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, NULL, NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &self->is_quiet, NULL, NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("PATH");
  GOptionGroup *group = g_option_group_new ("create", "", "", self, NULL);
  g_autoptr (GError) error = NULL;

  g_option_group_add_entries (group, entries);
  g_option_context_set_main_group (context, group);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return ccbt_cli_usage_error ("%s", error->message);
  if (rest == NULL || g_strv_length (rest) != 1)
    return ccbt_cli_usage_error ("create takes one file or folder.");
  if (self->port < -1 || self->port > 65535)
    return ccbt_cli_usage_error ("--port: %d is not between 0 and 65535.", self->port);
  self->path = g_strdup (rest[0]);
  return CCBT_EXIT_DONE;
}

int
ccbt_cli_create (int argc, char **argv)
{
  Create self = { .port = -1 };
  g_autoptr (GVariant) arguments = NULL;
  g_autoptr (GError) error = NULL;
  int code;

  ccbt_create_request_init (&self.request);
  code = parse (&self, argc, argv);
  if (code == CCBT_EXIT_DONE)
    {
      arguments = ccbt_create_request_build (&self.request, self.path, &error);
      if (arguments == NULL)
        code = ccbt_cli_usage_error ("%s", error->message);
    }
  if (code == CCBT_EXIT_DONE
      && (self.state_dir = g_dir_make_tmp ("ccbt-create-XXXXXX", &error)) == NULL)
    {
      ccbt_cli_complain ("%s", error->message);
      code = CCBT_EXIT_FAILED;
    }
  if (code == CCBT_EXIT_DONE)
    {
      code = run (&self, arguments);
      ccbt_cli_remove_tree (self.state_dir);
    }
  ccbt_create_request_clear (&self.request);
  g_free (self.path);
  g_free (self.state_dir);
  g_free (self.bind);
  g_strfreev (self.settings);
  return code;
}

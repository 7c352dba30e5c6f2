/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli-daemon.h"
#include "base/ccbt-error.h"
#include "control/ccbt-control-client.h"
#include "control/ccbt-control-path.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_NOT_RUNNING 3 /* as systemctl says it */
#define PATIENCE (30 * G_USEC_PER_SEC)
#define STEP (50 * 1000)

static char *
get_log_path (const CcbtCliDaemonOptions *options)
{
  g_autofree char *folder = ccbt_control_get_state_dir (options->state_dir);

  return g_build_filename (folder, "daemon.log", NULL);
}

/* --- start --- */

static void
detach_cb (gpointer data)
{
  setsid ();
}

static gboolean
spawn (const CcbtCliDaemonOptions *options, const char *log, GPid *pid, GError **error)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func (g_free);
  char **settings = options->settings;

  g_ptr_array_add (arguments, g_strdup ("/proc/self/exe"));
  g_ptr_array_add (arguments, g_strdup ("daemon"));
  g_ptr_array_add (arguments, g_strdup ("run"));
  g_ptr_array_add (arguments, g_strconcat ("--log-file=", log, NULL));
  g_ptr_array_add (arguments, g_strdup_printf ("--port=%d", options->port));
  if (options->state_dir != NULL)
    g_ptr_array_add (arguments, g_strconcat ("--state-dir=", options->state_dir, NULL));
  if (options->config_file != NULL)
    g_ptr_array_add (arguments, g_strconcat ("--config=", options->config_file, NULL));
  if (options->bind != NULL)
    g_ptr_array_add (arguments, g_strconcat ("--bind=", options->bind, NULL));
  for (guint i = 0; settings != NULL && settings[i] != NULL; i++)
    g_ptr_array_add (arguments, g_strconcat ("--set=", settings[i], NULL));
  g_ptr_array_add (arguments, NULL);
  return g_spawn_async ("/", (char **) arguments->pdata, NULL,
                        G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL
                            | G_SPAWN_STDERR_TO_DEV_NULL,
                        detach_cb, NULL, pid, error);
}

static int
wait_for_answer (const CcbtCliDaemonOptions *options, GPid pid, const char *log)
{
  const gint64 until = g_get_monotonic_time () + PATIENCE;

  while (g_get_monotonic_time () < until)
    {
      g_autoptr (CcbtControlClient) client = ccbt_control_client_connect (options->state_dir, NULL);

      if (client != NULL)
        {
          g_print ("Started (process %d).\n", (int) pid);
          return CCBT_EXIT_DONE;
        }
      if (waitpid (pid, NULL, WNOHANG) == pid)
        {
          ccbt_cli_complain ("The daemon did not start; %s says why.", log);
          return CCBT_EXIT_FAILED;
        }
      g_usleep (STEP);
    }
  ccbt_cli_complain ("The daemon does not answer; see %s.", log);
  return CCBT_EXIT_FAILED;
}

static int
start (const CcbtCliDaemonOptions *options)
{
  g_autoptr (CcbtControlClient) running = ccbt_control_client_connect (options->state_dir, NULL);
  g_autofree char *log = get_log_path (options);
  g_autofree char *folder = g_path_get_dirname (log);
  g_autoptr (GError) error = NULL;
  GPid pid;

  if (running != NULL)
    {
      g_print ("It runs already.\n");
      return CCBT_EXIT_DONE;
    }
  g_mkdir_with_parents (folder, 0700);
  if (!spawn (options, log, &pid, &error))
    {
      ccbt_cli_complain ("%s", error->message);
      return CCBT_EXIT_FAILED;
    }
  return wait_for_answer (options, pid, log);
}

/* --- stop, status, logs --- */

/* Returns: (nullable): NULL with @code set, after complaining */
static CcbtControlClient *
reach (const CcbtCliDaemonOptions *options, int *code)
{
  g_autoptr (GError) error = NULL;
  CcbtControlClient *client = ccbt_control_client_connect (options->state_dir, &error);

  if (client == NULL)
    {
      ccbt_cli_complain ("%s", error->message);
      *code = error->code == CCBT_ERROR_NOT_FOUND ? EXIT_NOT_RUNNING : CCBT_EXIT_FAILED;
    }
  return client;
}

/* The lock goes with the process, after everything is saved. */
static gboolean
is_released (const char *state_dir)
{
  g_autofree char *folder = ccbt_control_get_state_dir (state_dir);
  g_autofree char *path = g_build_filename (folder, "lock", NULL);
  const int descriptor = open (path, O_RDONLY | O_CLOEXEC);
  gboolean result = descriptor < 0 || flock (descriptor, LOCK_SH | LOCK_NB) == 0;

  if (descriptor >= 0)
    close (descriptor);
  return result;
}

static int
stop (const CcbtCliDaemonOptions *options)
{
  int code;
  g_autoptr (CcbtControlClient) client = reach (options, &code);
  g_autoptr (GError) error = NULL;
  const gint64 until = g_get_monotonic_time () + PATIENCE;

  if (client == NULL)
    return code;
  if (!ccbt_control_client_quit (client, &error))
    {
      ccbt_cli_complain ("%s", error->message);
      return CCBT_EXIT_FAILED;
    }
  while (!is_released (options->state_dir))
    {
      if (g_get_monotonic_time () > until)
        {
          ccbt_cli_complain ("It is still running.");
          return CCBT_EXIT_FAILED;
        }
      g_usleep (STEP);
    }
  return CCBT_EXIT_DONE;
}

static int
show_status (const CcbtCliDaemonOptions *options)
{
  int code;
  g_autoptr (CcbtControlClient) client = reach (options, &code);
  g_autoptr (GVariant) status = NULL;
  g_autoptr (GError) error = NULL;
  guint pid = 0, n_torrents = 0, n_peers = 0;
  double down = 0, up = 0;

  if (client == NULL)
    return code;
  status = ccbt_control_client_status (client, &error);
  if (status == NULL)
    {
      ccbt_cli_complain ("%s", error->message);
      return CCBT_EXIT_FAILED;
    }
  if (options->json)
    {
      g_autofree char *text = json_gvariant_serialize_data (status, NULL);

      g_print ("%s\n", text);
      return CCBT_EXIT_DONE;
    }
  g_variant_lookup (status, "pid", "u", &pid);
  g_variant_lookup (status, "n-torrents", "u", &n_torrents);
  g_variant_lookup (status, "n-peers", "u", &n_peers);
  g_variant_lookup (status, "down-rate", "d", &down);
  g_variant_lookup (status, "up-rate", "d", &up);
  g_print ("Process %u. Torrents: %u. Peers: %u. Down %.0f B/s, up %.0f B/s.\n", pid, n_torrents,
           n_peers, down, up);
  return CCBT_EXIT_DONE;
}

static int
show_logs (const CcbtCliDaemonOptions *options)
{
  g_autofree char *path = get_log_path (options);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *from;
  int n_lines = 0;

  if (!g_file_get_contents (path, &text, &length, &error))
    {
      ccbt_cli_complain ("%s", error->message);
      return CCBT_EXIT_FAILED;
    }
  from = length > 0 ? text + length - 1 : text; /* before the last line's end */
  while (from > text && (from[-1] != '\n' || ++n_lines < options->lines || options->lines == 0))
    from--;
  fwrite (from, 1, (gsize) (text + length - from), stdout);
  return CCBT_EXIT_DONE;
}

static int
run (const CcbtCliDaemonOptions *options)
{
  g_autoptr (GError) error = NULL;

  if (options->log_file != NULL && !ccbt_cli_log_open (options->log_file, &error))
    {
      ccbt_cli_complain ("%s", error->message);
      return CCBT_EXIT_FAILED;
    }
  return ccbt_cli_serve (options);
}

/* --- async --- */

/* Hands the torrents to what runs already. */
static int
hand_over (CcbtControlClient *client, const CcbtCliDaemonOptions *options)
{
  int code = CCBT_EXIT_DONE;

  for (guint i = 0; options->torrents != NULL && options->torrents[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) reply = ccbt_control_client_call (
          client, "torrent.add", ccbt_cli_make_add (options->torrents[i], options->output), &error);

      if (reply == NULL)
        {
          ccbt_cli_complain ("%s: %s", options->torrents[i], error->message);
          code = CCBT_EXIT_FAILED;
        }
    }
  g_print ("A session runs already; it has been given the torrents.\n");
  return code;
}

/* --- Command lines --- */

static void
options_clear (CcbtCliDaemonOptions *self)
{
  g_free (self->state_dir);
  g_free (self->config_file);
  g_free (self->output);
  g_free (self->log_file);
  g_free (self->bind);
  g_strfreev (self->settings);
  g_strfreev (self->torrents);
}

static void
make_absolute (char **path)
{
  g_autofree char *given = *path;

  *path = g_canonicalize_filename (given != NULL ? given : ".", NULL);
}

static int
parse (CcbtCliDaemonOptions *self, int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->state_dir, NULL, NULL },
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &self->config_file, NULL, NULL },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &self->output, NULL, NULL },
    { "log-file", 0, 0, G_OPTION_ARG_FILENAME, &self->log_file, NULL, NULL },
    { "bind", 0, 0, G_OPTION_ARG_STRING, &self->bind, NULL, NULL },
    { "port", 0, 0, G_OPTION_ARG_INT, &self->port, NULL, NULL },
    { "lines", 'n', 0, G_OPTION_ARG_INT, &self->lines, NULL, NULL },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->settings, NULL, NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, NULL, NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->torrents, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("");
  g_autoptr (GError) error = NULL;

  *self = (CcbtCliDaemonOptions){ .port = -1, .lines = 100 };
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return ccbt_cli_usage_error ("%s", error->message);
  if (self->port < -1 || self->port > 65535 || self->lines < 0)
    return ccbt_cli_usage_error ("--port and --lines: a number is out of range.");
  make_absolute (&self->output);
  if (self->state_dir != NULL)
    make_absolute (&self->state_dir);
  if (self->config_file != NULL)
    make_absolute (&self->config_file);
  return CCBT_EXIT_DONE;
}

int
ccbt_cli_daemon (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    int (*run) (const CcbtCliDaemonOptions *options);
  } actions[] = { { "run", run },
                  { "start", start },
                  { "stop", stop },
                  { "status", show_status },
                  { "logs", show_logs } };
  CcbtCliDaemonOptions options;
  int code;

  for (guint i = 0; argc > 1 && i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (actions[i].name, argv[1]))
      {
        code = parse (&options, argc - 1, argv + 1);
        if (code == CCBT_EXIT_DONE)
          code = options.torrents == NULL
                     ? actions[i].run (&options)
                     : ccbt_cli_usage_error ("“%s” is one word too many.", options.torrents[0]);
        options_clear (&options);
        return code;
      }
  return ccbt_cli_usage_error ("Say ccbt daemon run, start, stop, status or logs.");
}

int
ccbt_cli_async (int argc, char **argv)
{
  CcbtCliDaemonOptions options;
  int code = parse (&options, argc, argv);

  if (code == CCBT_EXIT_DONE)
    {
      g_autoptr (CcbtControlClient) client = ccbt_control_client_connect (options.state_dir, NULL);

      code = client != NULL ? hand_over (client, &options) : ccbt_cli_serve (&options);
    }
  options_clear (&options);
  return code;
}

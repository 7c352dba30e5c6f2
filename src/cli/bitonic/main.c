/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-app.h"
#include "bitonic-screen.h"
#include "ccbt-build.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define MIN_REFRESH_S 0.1
#define MAX_REFRESH_S 60.0

typedef enum
{
  EXIT_DONE = 0,
  EXIT_FAILED = 1,
  EXIT_USAGE = 2,
  EXIT_NO_INSTANCE = 3, /* as of btbt */
} ExitCode;

typedef struct
{
  BitonicApp *app;
  GMainLoop *loop;
  guint drawing; /* source */
} Program;

static char *state_dir;
static double refresh_s = 1.0;
static gboolean no_mouse;
static gboolean wants_version;
static GString *complaints; /* kept until the terminal is free again */

static const GOptionEntry options[] = {
  { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &state_dir,
    N_ ("The instance that keeps its state there"), N_ ("DIR") },
  { "refresh", 0, 0, G_OPTION_ARG_DOUBLE, &refresh_s, N_ ("Seconds between two looks (1)"),
    N_ ("SECONDS") },
  { "no-mouse", 0, 0, G_OPTION_ARG_NONE, &no_mouse, N_ ("Leave the mouse to the terminal"), NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, &wants_version, N_ ("Print the version"), NULL },
  { NULL },
};

static void
complain (const char *text)
{
  g_autofree char *line = ccbt_text_make_printable (ccbt_span_from_string (text), 2000);

  g_printerr ("bitonic: %s\n", line);
}

/* Messages of libraries would be written across the screen. */
static GLogWriterOutput
log_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  g_autofree char *text = NULL;

  if (g_log_writer_default_would_drop (level, NULL) || complaints->len > 65536)
    return G_LOG_WRITER_HANDLED;
  text = g_log_writer_format_fields (level, fields, n_fields, FALSE);
  g_string_append_printf (complaints, "%s\n", text);
  return G_LOG_WRITER_HANDLED;
}

/* --- The loop --- */

static gboolean
draw_cb (gpointer data)
{
  Program *program = data;

  program->drawing = 0;
  bitonic_app_draw (program->app);
  bitonic_screen_show (program->app->canvas);
  if (program->app->is_over)
    g_main_loop_quit (program->loop);
  return G_SOURCE_REMOVE;
}

static void
draw_soon (gpointer data)
{
  Program *program = data;

  if (program->drawing == 0)
    program->drawing = g_idle_add (draw_cb, program);
}

static gboolean
input_cb (int fd, GIOCondition condition, gpointer data)
{
  Program *program = data;
  BitonicInput input;
  guint n = 0;

  while (!program->app->is_over && bitonic_screen_read (&input))
    {
      n++;
      if (input.key != 0)
        bitonic_app_feed_key (program->app, input.key);
      else if (input.wheel != 0)
        bitonic_app_feed_wheel (program->app, input.wheel);
      else
        bitonic_app_feed_click (program->app, input.x, input.y, input.twice);
    }
  if ((condition & (G_IO_HUP | G_IO_ERR | G_IO_NVAL)) != 0 && n == 0)
    program->app->is_over = TRUE; /* the terminal is gone */
  draw_soon (program);
  return !program->app->is_over;
}

static gboolean
tick_cb (gpointer data)
{
  Program *program = data;

  bitonic_app_refresh (program->app);
  draw_soon (program);
  return G_SOURCE_CONTINUE;
}

static gboolean
resize_cb (gpointer data)
{
  Program *program = data;
  guint width, height;

  bitonic_screen_resize ();
  bitonic_screen_get_size (&width, &height);
  bitonic_canvas_resize (program->app->canvas, width, height);
  draw_soon (program);
  return G_SOURCE_CONTINUE;
}

static gboolean
quit_cb (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

static void
run (BitonicApp *app)
{
  Program program = { app, g_main_loop_new (NULL, FALSE), 0 };
  static const int ends[] = { SIGINT, SIGTERM, SIGHUP };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    g_unix_signal_add (ends[i], quit_cb, program.loop);
  g_unix_signal_add (SIGWINCH, resize_cb, &program);
  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, input_cb, &program);
  g_timeout_add ((guint) (refresh_s * 1000), tick_cb, &program);
  app->redraw = draw_soon;
  app->redraw_data = &program;
  tick_cb (&program);
  g_main_loop_run (program.loop);
  app->redraw = NULL;
  g_main_loop_unref (program.loop);
}

/* --- Beginning --- */

static gboolean
parse (int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (
      context, _ ("The dashboard of a running ccBitTorrent. Press ? for its keys."));
  g_option_context_add_main_entries (context, options, "ccbittorrent");
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 1)
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("“%s” is too much"), (*argv)[1]);
  else if (!(refresh_s >= MIN_REFRESH_S && refresh_s <= MAX_REFRESH_S))
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("--refresh: from 0.1 to 60 seconds"));
  else
    return TRUE;
  return FALSE;
}

static ExitCode
begin (void)
{
  g_autoptr (BitonicApp) app = bitonic_app_new (80, 24, FALSE);
  g_autoptr (GError) error = NULL;
  guint width, height;

  app->link = bitonic_link_new (state_dir, bitonic_torrent_get_fields (FALSE),
                                bitonic_torrent_get_fields (TRUE), bitonic_app_get_link_events (),
                                app, &error);
  if (app->link == NULL)
    {
      complain (error->message);
      g_printerr (_ ("Start an instance with “ccbt daemon run”.\n"));
      return EXIT_NO_INSTANCE;
    }
  if (!bitonic_screen_begin (!no_mouse, &error))
    {
      complain (error->message);
      return EXIT_FAILED;
    }
  bitonic_canvas_free (app->canvas);
  bitonic_screen_get_size (&width, &height);
  app->canvas = bitonic_canvas_new (width, height, bitonic_screen_is_plain ());
  run (app);
  bitonic_screen_end ();
  return EXIT_DONE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  ExitCode code;

  setlocale (LC_ALL, "");
  bindtextdomain ("ccbittorrent", CCBT_LOCALE_DIR);
  bind_textdomain_codeset ("ccbittorrent", "UTF-8");
  textdomain ("ccbittorrent");
  complaints = g_string_new (NULL);
  g_log_set_writer_func (log_cb, NULL, NULL);
  if (!parse (&argc, &argv, &error))
    {
      complain (error->message);
      return EXIT_USAGE;
    }
  if (wants_version)
    {
      puts ("bitonic " CCBT_VERSION);
      return EXIT_DONE;
    }
  code = begin ();
  fputs (complaints->str, stderr);
  g_string_free (complaints, TRUE);
  return (int) code;
}

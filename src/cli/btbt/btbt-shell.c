/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-shell.h"
#include "btbt-handlers.h"
#include "btbt-line.h"
#include "btbt-output.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include "ccbt-build.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_LINE (256 * 1024) /* bytes; a magnet link with many trackers has some KiB */

struct _BtbtShell
{
  BtbtCall defaults;   /* what every line inherits: state_dir, json, clients, cancellable */
  GHashTable *clients; /* state folder -> CcbtControlClient */
  GCancellable *cancellable;
  gboolean is_over;
};

const char *const btbt_shell_words[] = { "help", "exit", "quit", NULL };

BtbtShell *
btbt_shell_new (const BtbtCall *call)
{
  BtbtShell *self = g_new0 (BtbtShell, 1);

  self->clients = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) ccbt_control_client_unref);
  self->cancellable = g_cancellable_new ();
  self->defaults = (BtbtCall){ .state_dir = call->state_dir,
                               .json = call->json,
                               .clients = self->clients,
                               .cancellable = self->cancellable };
  return self;
}

void
btbt_shell_free (BtbtShell *self)
{
  g_hash_table_unref (self->clients);
  g_object_unref (self->cancellable);
  g_free (self);
}

gboolean
btbt_shell_is_over (BtbtShell *self)
{
  return self->is_over;
}

GCancellable *
btbt_shell_get_cancellable (BtbtShell *self)
{
  return self->cancellable;
}

static void
print_shell_help (void)
{
  g_autofree char *help = btbt_make_help ();

  fputs (help, stdout);
  fputs (
      _ ("\nHere “btbt” is left out, and there is:\n"
         "  help [COMMAND]\n      this, or how one command is used\n"
         "  exit\n      leave; Ctrl+D does the same\n"
         "Quotes and backslashes are those of a shell; # begins a comment. Tab completes, Ctrl+R\n"
         "searches what was typed before; a line that begins with a space is not kept.\n"),
      stdout);
}

/* "help list" is "list --help". */
static int
run_help (BtbtShell *self, char **words)
{
  g_autoptr (GPtrArray) asked = g_ptr_array_new ();

  if (words[1] == NULL)
    {
      print_shell_help ();
      return BTBT_EXIT_DONE;
    }
  for (guint i = 1; words[i] != NULL; i++)
    g_ptr_array_add (asked, words[i]);
  g_ptr_array_add (asked, (char *) "--help");
  g_ptr_array_add (asked, NULL);
  return btbt_run_words ((const char *const *) asked->pdata, &self->defaults);
}

static int
run_words (BtbtShell *self, char **words)
{
  if (words[0] == NULL)
    return BTBT_EXIT_DONE;
  if (g_str_equal (words[0], "help"))
    return run_help (self, words);
  if ((g_str_equal (words[0], "exit") || g_str_equal (words[0], "quit")) && words[1] == NULL)
    {
      self->is_over = TRUE;
      return BTBT_EXIT_DONE;
    }
  return btbt_run_words ((const char *const *) words, &self->defaults);
}

int
btbt_shell_run (BtbtShell *self, const char *line)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words = NULL;
  int code;

  g_cancellable_reset (self->cancellable);
  if (strlen (line) > MAX_LINE)
    g_set_error_literal (&error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("the line is too long"));
  if (error != NULL || !btbt_line_split (line, &words, &error))
    return btbt_complain (error);
  code = run_words (self, words);
  fflush (stdout); /* answers and complaints come in their order */
  return code;
}

GPtrArray *
btbt_shell_list_names (BtbtShell *self)
{
  g_cancellable_reset (self->cancellable);
  return btbt_list_names (&self->defaults);
}

void
btbt_shell_greet (BtbtShell *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtControlClient) client = btbt_connect_quietly (&self->defaults, &error);
  g_autoptr (GVariant) status = client != NULL ? ccbt_control_client_status (client, &error) : NULL;
  guint32 n_torrents = 0;

  g_printerr ("ccBitTorrent %s. ", CCBT_VERSION);
  if (status == NULL)
    {
      g_printerr (_ ("Start an instance with “ccbt daemon start”: "));
      btbt_complain (error);
      return;
    }
  g_variant_lookup (status, "n-torrents", "u", &n_torrents);
  g_printerr (g_dngettext (NULL, "%u torrent.", "%u torrents.", n_torrents), n_torrents);
  g_printerr (" %s\n", _ ("“help” lists the commands, Ctrl+D ends."));
}

/* --- Lines of a file or a pipe --- */

/* One line of standard input without its end. Returns: FALSE at the end of all, or when it is none */
static gboolean
read_line (GString *line, gboolean *is_text)
{
  int character;

  g_string_truncate (line, 0);
  *is_text = TRUE;
  while ((character = getc_unlocked (stdin)) != EOF && character != '\n')
    {
      *is_text = *is_text && character != '\0';
      if (line->len <= MAX_LINE)
        g_string_append_c (line, (char) character);
    }
  return character != EOF || line->len > 0;
}

/* Returns: the code of the first line that failed */
static int
run_script (BtbtShell *shell, gboolean goes_on)
{
  g_autoptr (GString) line = g_string_new (NULL);
  int first = BTBT_EXIT_DONE;
  gboolean is_text;

  for (guint number = 1; !btbt_shell_is_over (shell) && read_line (line, &is_text); number++)
    {
      int code = is_text ? btbt_shell_run (shell, line->str) : BTBT_EXIT_USAGE;

      if (code == BTBT_EXIT_DONE)
        continue;
      g_printerr (goes_on ? _ ("btbt: line %u failed\n")
                          : _ ("btbt: line %u failed; nothing after it was run\n"),
                  number);
      first = first != BTBT_EXIT_DONE ? first : code;
      if (!goes_on)
        break;
    }
  return first;
}

int
btbt_run_interactive (const BtbtCall *call)
{
  g_autoptr (BtbtShell) shell = btbt_shell_new (call);

  if (isatty (STDIN_FILENO))
    return btbt_prompt_run (shell, call->state_dir);
  return run_script (shell, btbt_call_get_option (call, "keep-going") != NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-complete.h"
#include "btbt-history.h"
#include "btbt-interrupt.h"
#include "btbt-line.h"
#include "btbt-shell.h"
#include "base/ccbt-text.h"
#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

/* GNU readline has one state for the program, and callbacks without data. */
static BtbtShell *prompt_shell;

/* --- Completion --- */

/* As readline is to insert it. Returns: (transfer full) (nullable): NULL: it is nothing to type */
static char *
make_match (const char *word, const char *typed)
{
  g_autofree char *shown = ccbt_text_make_printable (ccbt_span_from_string (word), 0);

  if (!g_str_has_prefix (word, typed) || !g_str_equal (shown, word))
    return NULL;
  return btbt_line_quote (word, (char) rl_completion_quote_character);
}

/* Of readline: called again and again with a larger @state, until it returns NULL. */
static GPtrArray *matches; /* char * (nullable) */

static char *
next_match (const char *text, int state)
{
  static guint at;

  if (state == 0)
    at = 0;
  while (at < matches->len && matches->pdata[at] == NULL)
    at++;
  return at < matches->len ? strdup (matches->pdata[at++]) : NULL;
}

static char **
match_words (const char *text, const char *typed, GPtrArray *words)
{
  char **result;

  matches = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < words->len; i++)
    g_ptr_array_add (matches, make_match (words->pdata[i], typed));
  result = rl_completion_matches (text, next_match);
  g_clear_pointer (&matches, g_ptr_array_unref);
  return result;
}

static char **
complete_cb (const char *text, int start, int end)
{
  const int quoted = rl_completion_quote_character != 0 && start > 0;
  g_autofree char *before = g_strndup (rl_line_buffer, (gsize) (start - quoted));
  g_autofree char *typed = btbt_line_unquote (text, (char) rl_completion_quote_character);
  g_autoptr (GPtrArray) candidates = NULL, names = NULL;
  g_auto (GStrv) words = NULL;
  BtbtExpect expected;
  char **result;

  rl_attempted_completion_over = 1;
  if (!btbt_line_split (before, &words, NULL))
    return NULL;
  expected = btbt_complete ((const char *const *) words, typed, btbt_shell_words, &candidates);
  if (expected & BTBT_EXPECT_TORRENT)
    {
      names = btbt_shell_list_names (prompt_shell);
      g_ptr_array_extend_and_steal (candidates, g_steal_pointer (&names));
    }
  result = match_words (text, typed, candidates);
  if (result == NULL && expected & BTBT_EXPECT_FILE)
    rl_attempted_completion_over = 0; /* readline knows the files */
  return result;
}

static int
is_quoted_cb (char *text, int index)
{
  int n = 0;

  while (n < index && text[index - n - 1] == '\\')
    n++;
  return n % 2;
}

static char *
dequote_cb (char *text, int quote)
{
  g_autofree char *plain = btbt_line_unquote (text, (char) quote);

  return strdup (plain); /* readline frees it */
}

/* --- Lines --- */

static volatile sig_atomic_t is_continued;

static void
continued (int number)
{
  is_continued = 1;
}

/* A signal came while a line was typed. */
static int
signal_cb (void)
{
  if (is_continued) /* in the foreground again, on a line that the shell has written on */
    {
      is_continued = 0;
      rl_forced_update_display ();
    }
  if (!btbt_interrupt_take ())
    return 0;
  rl_crlf ();
  rl_on_new_line ();
  rl_replace_line ("", 1);
  rl_redisplay ();
  return 0;
}

static void
set_up_readline (void)
{
  rl_readline_name = "btbt";
  rl_outstream = isatty (STDOUT_FILENO) ? stdout : stderr;
  rl_attempted_completion_function = complete_cb;
  rl_completer_word_break_characters = " \t\n";
  rl_completer_quote_characters = "\"'";
  rl_filename_quote_characters = " \t\n\\\"'#$`&;|<>()*?[]{}!";
  rl_filename_dequoting_function = dequote_cb;
  rl_char_is_quoted_p = is_quoted_cb;
  rl_signal_event_hook = signal_cb;
  rl_variable_bind ("enable-bracketed-paste", "on");
}

static void
load_history (const char *path)
{
  g_auto (GStrv) lines = btbt_history_load (path);

  using_history ();
  stifle_history (BTBT_HISTORY_LINES);
  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0')
      add_history (lines[i]);
}

static void
remember (const char *path, const char *line)
{
  HIST_ENTRY *last = history_length > 0 ? history_get (history_base + history_length - 1) : NULL;

  if (last != NULL && g_str_equal (last->line, line))
    return;
  if (btbt_history_add (path, line))
    add_history (line);
}

int
btbt_prompt_run (BtbtShell *shell, const char *state_dir)
{
  g_autofree char *path = btbt_history_get_path (state_dir);
  char *line = NULL;

  prompt_shell = shell;
  set_up_readline ();
  load_history (path);
  btbt_shell_greet (shell);
  btbt_interrupt_install ();
  signal (SIGCONT, continued);
  while (!btbt_shell_is_over (shell) && (line = readline ("btbt> ")) != NULL)
    {
      remember (path, line);
      btbt_interrupt_begin (btbt_shell_get_cancellable (shell));
      btbt_shell_run (shell, line);
      btbt_interrupt_end ();
      free (line);
    }
  if (line == NULL)
    fputc ('\n', rl_outstream); /* Ctrl+D leaves the cursor behind the prompt */
  prompt_shell = NULL;
  return BTBT_EXIT_DONE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt/btbt-complete.h"
#include "btbt/btbt-history.h"
#include "btbt/btbt-line.h"
#include "btbt/btbt-shell.h"
#include "fake-control-client.h"
#include "base/ccbt-error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
test_lines_are_split_as_by_a_shell (void)
{
  g_autofree char *home = g_strdup_printf ("add|%s/x y|", g_get_home_dir ());
  const struct
  {
    const char *line, *words; /* "WORD|WORD|"; NULL: no line */
  } cases[] = {
    { "", "" },
    { "   \t ", "" },
    { "# all of it", "" },
    { "  list # the rest", "list|" },
    { "list\t# the rest", "list|" },
    { "list#not", "list#not|" },
    { "show #2 # comment", "show|#2|" },
    { "show '#2'", "show|#2|" },
    { "add 'a b' \"c d\" e\\ f", "add|a b|c d|e f|" },
    { "x 'it'\\''s' \"a\\\"b # c\"", "x|it's|a\"b # c|" },
    { "x \\'y z", "x|'y|z|" },
    { "x a\\'b '#c' d", "x|a'b|#c|d|" },
    { "add ~/'x y'", home },
    { "add a~ '~/b' b~/c", "add|a~|~/b|b~/c|" },
    { "tag add x ''", "tag|add|x||" },
    { "list\r", "list|" },
    { "say $HOME `id` $(id); list", "say|$HOME|`id`|$(id);|list|" },
    { "show 'open", NULL },
    { "show \"open\\\"", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) words = NULL;
      g_autofree char *joined = NULL, *ended = NULL;

      g_test_message ("%s", cases[i].line);
      if (!btbt_line_split (cases[i].line, &words, &error))
        {
          g_assert_null (cases[i].words);
          g_assert_error (error, CCBT_ERROR, CCBT_ERROR_INVALID);
          continue;
        }
      joined = g_strjoinv ("|", words);
      ended = g_strconcat (joined, words[0] != NULL ? "|" : "", NULL);
      g_assert_cmpstr (ended, ==, cases[i].words);
    }
}

static void
test_quoting_comes_back (void)
{
  static const char *const words[]
      = { "plain", "two words", "it's", "a\"b\\c", "#2", "~/x", "$HOME `x`", "Größe (1)" };
  static const char quotes[] = { '\0', '"', '\'' };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    for (guint j = 0; j < G_N_ELEMENTS (quotes); j++)
      {
        g_autofree char *typed = btbt_line_quote (words[i], quotes[j]), *line = NULL, *back = NULL;
        g_auto (GStrv) split = NULL;
        const char mark[] = { quotes[j], '\0' };

        if (typed == NULL)
          {
            g_assert_true (quotes[j] == '\'' && strchr (words[i], '\'') != NULL);
            continue;
          }
        line = g_strconcat (mark, typed, mark, NULL);
        back = btbt_line_unquote (typed, quotes[j]);
        g_assert_cmpstr (back, ==, words[i]);
        g_assert_true (btbt_line_split (line, &split, NULL));
        g_assert_cmpuint (g_strv_length (split), ==, 1);
        g_assert_cmpstr (split[0], ==, words[i]);
      }
  g_assert_null (btbt_line_quote ("a\nb", '\0'));
}

/* @words: "WORD|WORD"; the last is what is typed of the next */
static char *
complete (const char *line, BtbtExpect *expected)
{
  g_auto (GStrv) words = g_strsplit (line, "|", -1);
  const guint n = g_strv_length (words);
  g_autofree char *typed = g_steal_pointer (&words[n - 1]);
  g_autoptr (GPtrArray) found = NULL;

  *expected = btbt_complete ((const char *const *) words, typed, btbt_shell_words, &found);
  g_ptr_array_add (found, NULL);
  return g_strjoinv (" ", (char **) found->pdata);
}

static void
test_completion_follows_the_table (void)
{
  static const struct
  {
    const char *line, *candidates;
    BtbtExpect expected;
  } cases[] = {
    { "he", "help", 0 },
    { "ex", "export exit", 0 },
    { "qu", "queue quit", 0 },
    { "queue|", "move", 0 },
    { "queue|move|", "", BTBT_EXPECT_TORRENT },
    { "queue|move|x|", "top up down bottom", 0 },
    { "pause|a|b|", "", BTBT_EXPECT_TORRENT },
    { "move|", "cancel", BTBT_EXPECT_TORRENT },
    { "move|x|", "", BTBT_EXPECT_FILE },
    { "tracker|", "add remove", 0 },
    { "add|--", "--folder --paused --sequential --category --json --state-dir --help", 0 },
    { "add|--folder|", "", BTBT_EXPECT_FILE },
    { "add|--category|", "", 0 },
    { "add|", "", BTBT_EXPECT_FILE },
    { "config|get|limits.download_ra", "limits.download_rate", 0 },
    { "call|session.pause", "session.pause-all", 0 },
    { "alternative|o", "on off", 0 },
    { "help|conf", "config", 0 },
    { "help|config|", "get set reset", 0 },
    { "nothing|", "", 0 },
    { "status|", "", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BtbtExpect expected;
      g_autofree char *found = complete (cases[i].line, &expected);

      g_test_message ("%s", cases[i].line);
      g_assert_cmpstr (found, ==, cases[i].candidates);
      g_assert_cmpuint (expected, ==, cases[i].expected);
    }
}

static void
test_shell_keeps_its_connection (void)
{
  const BtbtCall call = { .state_dir = "/a" };
  g_autoptr (BtbtShell) shell = btbt_shell_new (&call);
  g_autoptr (GPtrArray) names = NULL;

  fake_control_reset ();
  g_assert_cmpint (btbt_shell_run (shell, "pause #1 # the first"), ==, BTBT_EXIT_DONE);
  g_assert_cmpint (btbt_shell_run (shell, "limit 1M 0"), ==, BTBT_EXIT_DONE);
  g_assert_cmpint (btbt_shell_run (shell, ""), ==, BTBT_EXIT_DONE);
  g_assert_cmpstr (fake_control.calls->str, ==,
                   "torrent.pause ('abcd000000000000000000000000000000000000',)\n"
                   "session.set-limits (1048576, 0)\n");
  names = btbt_shell_list_names (shell);
  g_assert_cmpuint (names->len, ==, 3);
  g_assert_cmpuint (fake_control.n_connections, ==, 1);
  g_assert_cmpint (btbt_shell_run (shell, "limit --state-dir=/b 1M 0"), ==, BTBT_EXIT_DONE);
  g_assert_cmpuint (fake_control.n_connections, ==, 2);

  fake_control.is_absent = TRUE;
  g_assert_cmpint (btbt_shell_run (shell, "status"), ==, BTBT_EXIT_NO_INSTANCE);
  fake_control.is_absent = FALSE;
  g_assert_cmpint (btbt_shell_run (shell, "limit 1M 0"), ==, BTBT_EXIT_DONE);
  g_assert_cmpuint (fake_control.n_connections, ==, 3);
}

/* Standard output is for the results of tests. */
static int
run_quietly (BtbtShell *shell, const char *line)
{
  const int kept = dup (STDOUT_FILENO);
  int code;

  fflush (stdout);
  g_assert_cmpint (dup2 (STDERR_FILENO, STDOUT_FILENO), >=, 0);
  code = btbt_shell_run (shell, line);
  fflush (stdout);
  g_assert_cmpint (dup2 (kept, STDOUT_FILENO), >=, 0);
  close (kept);
  return code;
}

static void
test_shell_takes_mistakes_and_ends (void)
{
  const BtbtCall call = { 0 };
  g_autoptr (BtbtShell) shell = btbt_shell_new (&call);
  g_autofree char *long_line = g_strnfill (300 * 1024, 'x');
  static const char *const mistakes[] = { "lst", "pause", "show 'x", "interactive", "exit now" };

  fake_control_reset ();
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++)
    g_assert_cmpint (btbt_shell_run (shell, mistakes[i]), ==, BTBT_EXIT_USAGE);
  g_assert_cmpint (btbt_shell_run (shell, long_line), ==, BTBT_EXIT_USAGE);
  g_assert_cmpint (btbt_shell_run (shell, "help nothing"), ==, BTBT_EXIT_USAGE);
  g_assert_cmpint (run_quietly (shell, "help queue move"), ==, BTBT_EXIT_DONE);
  g_assert_cmpint (run_quietly (shell, "help"), ==, BTBT_EXIT_DONE);
  g_assert_cmpstr (fake_control.calls->str, ==, "");
  g_assert_false (btbt_shell_is_over (shell));
  g_assert_cmpint (btbt_shell_run (shell, " quit "), ==, BTBT_EXIT_DONE);
  g_assert_true (btbt_shell_is_over (shell));
}

static void
test_history_is_private_and_bounded (void)
{
  g_autofree char *folder = g_dir_make_tmp ("ccbt-history-XXXXXX", NULL);
  g_autofree char *path = btbt_history_get_path (folder);
  g_autofree char *target = g_build_filename (folder, "other", NULL);
  g_autofree char *long_line = g_strnfill (5000, 'x');
  g_auto (GStrv) lines = NULL, again = NULL, linked = NULL;
  struct stat info;

  for (guint i = 0; i < BTBT_HISTORY_LINES + 20; i++)
    {
      g_autofree char *line = g_strdup_printf ("show #%u", i);

      g_assert_true (btbt_history_add (path, line));
    }
  g_assert_false (btbt_history_add (path, " config set secret x"));
  g_assert_false (btbt_history_add (path, ""));
  g_assert_false (btbt_history_add (path, "a\nb"));
  g_assert_false (btbt_history_add (path, long_line));
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
  lines = btbt_history_load (path);
  g_assert_cmpuint (g_strv_length (lines), ==, BTBT_HISTORY_LINES);
  g_assert_cmpstr (lines[0], ==, "show #20");
  again = btbt_history_load (path);
  g_assert_cmpuint (g_strv_length (again), ==, BTBT_HISTORY_LINES);
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);

  /* A link leads elsewhere: nothing is read or written there. */
  g_assert_cmpint (g_rename (path, target), ==, 0);
  g_assert_cmpint (symlink (target, path), ==, 0);
  linked = btbt_history_load (path);
  g_assert_cmpstr (linked[0], ==, NULL);
  g_assert_cmpint (g_stat (target, &info), ==, 0);
  btbt_history_add (path, "list");
  {
    const gint64 size = info.st_size;

    g_assert_cmpint (g_stat (target, &info), ==, 0);
    g_assert_cmpint (info.st_size, ==, size);
  }
  g_unlink (path);
  g_unlink (target);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shell/lines-are-split-as-by-a-shell", test_lines_are_split_as_by_a_shell);
  g_test_add_func ("/shell/quoting-comes-back", test_quoting_comes_back);
  g_test_add_func ("/shell/completion-follows-the-table", test_completion_follows_the_table);
  g_test_add_func ("/shell/keeps-its-connection", test_shell_keeps_its_connection);
  g_test_add_func ("/shell/takes-mistakes-and-ends", test_shell_takes_mistakes_and_ends);
  g_test_add_func ("/shell/history-is-private-and-bounded", test_history_is_private_and_bounded);
  return g_test_run ();
}

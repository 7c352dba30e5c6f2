/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-complete.h"
#include "btbt-handlers.h"
#include "btbt-line.h"
#include "btbt-output.h"
#include "base/ccbt-text.h"
#include <glib/gi18n.h>
#include <stdio.h>

/* The scripts ask btbt itself: what it knows, all shells know. Without a candidate, files are offered. */
static const struct
{
  const char *shell;
  const char *script;
} scripts[] = {
  { "bash", "# SPDX-License-Identifier: GPL-3.0-or-later\n"
            "_btbt () {\n"
            "  local word\n"
            "  COMPREPLY=()\n"
            "  while IFS= read -r word; do\n"
            "    COMPREPLY+=(\"$word\")\n"
            "  done < <(btbt complete --quoted -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
            "}\n"
            "complete -o default -F _btbt btbt\n" },
  { "zsh", "#compdef btbt\n"
           "# SPDX-License-Identifier: GPL-3.0-or-later\n"
           "_btbt () {\n"
           "  local -a before found\n"
           "  local typed=''\n"
           "  (( CURRENT > 2 )) && before=(\"${(@Q)words[2,CURRENT-1]}\")\n"
           "  [[ $PREFIX == -* ]] && typed=-\n"
           "  found=(${(f)\"$(btbt complete -- \"${before[@]}\" \"$typed\" 2>/dev/null)\"})\n"
           "  compadd -a found || _files\n"
           "}\n"
           "if [[ $funcstack[1] == _btbt ]]; then _btbt \"$@\"; else compdef _btbt btbt; fi\n" },
  { "fish", "# SPDX-License-Identifier: GPL-3.0-or-later\n"
            "function __btbt_complete\n"
            "    set -l before (commandline -opc)\n"
            "    set -e before[1]\n"
            "    set -l typed (string match -- '-*' (commandline -ct))\n"
            "    set -l found (btbt complete -- $before \"$typed\" 2>/dev/null)\n"
            "    if set -q found[1]\n"
            "        printf '%s\\n' $found\n"
            "    else\n"
            "        __fish_complete_path (commandline -ct)\n"
            "    end\n"
            "end\n"
            "complete -c btbt -f -a '(__btbt_complete)'\n" },
};

char *
btbt_make_completion (const char *shell)
{
  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    if (g_str_equal (scripts[i].shell, shell))
      return g_strdup (scripts[i].script);
  return NULL;
}

int
btbt_run_completion (const BtbtCall *call)
{
  g_autofree char *script = btbt_make_completion (call->arguments->pdata[0]);

  if (script == NULL)
    {
      g_printerr (_ ("btbt: completion: bash, zsh or fish\n"));
      return BTBT_EXIT_USAGE;
    }
  fputs (script, stdout);
  return BTBT_EXIT_DONE;
}

/* --- What the scripts ask --- */

/* What is begun of the last word. @quote: (out): the quotation mark that is open; 0 without */
static char *
read_typed (const char *word, gboolean is_quoted, char *quote)
{
  *quote = '\0';
  if (!is_quoted)
    return g_strdup (word);
  if (*word == '"' || *word == '\'')
    *quote = *word++;
  return btbt_line_unquote (word, *quote);
}

/* A word before it, which is whole. */
static char *
read_word (const char *word, gboolean is_quoted)
{
  g_auto (GStrv) words = NULL;

  if (is_quoted && btbt_line_split (word, &words, NULL) && g_strv_length (words) == 1)
    return g_strdup (words[0]);
  return g_strdup (word);
}

static void
print_candidate (const char *word, const char *typed, gboolean is_quoted, char quote)
{
  g_autofree char *shown = ccbt_text_make_printable (ccbt_span_from_string (word), 0);
  g_autofree char *text = is_quoted ? btbt_line_quote (word, quote) : g_strdup (word);

  if (text != NULL && g_str_has_prefix (word, typed) && g_str_equal (shown, word))
    puts (text);
}

int
btbt_run_complete (const BtbtCall *call)
{
  const gboolean is_quoted = btbt_call_get_option (call, "quoted") != NULL;
  const guint n = call->arguments->len - 1; /* the parser wants one at least */
  g_auto (GStrv) words = g_new0 (char *, n + 1);
  g_autoptr (BtbtCall) asked = NULL;
  g_autoptr (GPtrArray) candidates = NULL, names = NULL;
  char quote;
  g_autofree char *typed = read_typed (call->arguments->pdata[n], is_quoted, &quote);
  BtbtExpect expected;

  for (guint i = 0; i < n; i++)
    words[i] = read_word (call->arguments->pdata[i], is_quoted);
  expected = btbt_complete ((const char *const *) words, typed, NULL, &candidates);
  asked = btbt_call_read ((const char *const *) words);
  if (asked->state_dir == NULL)
    asked->state_dir = call->state_dir;
  if (expected & BTBT_EXPECT_TORRENT)
    {
      names = btbt_list_names (asked);
      g_ptr_array_extend_and_steal (candidates, g_steal_pointer (&names));
    }
  for (guint i = 0; i < candidates->len; i++)
    print_candidate (candidates->pdata[i], typed, is_quoted, quote);
  return BTBT_EXIT_DONE;
}

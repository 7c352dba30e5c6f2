/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-line.h"
#include "base/ccbt-error.h"
#include <glib/gi18n.h>
#include <string.h>

static gboolean
ends_word (char character)
{
  return character == '\0' || g_ascii_isspace (character);
}

/* At the beginning of a word. Returns: how many characters of @at it has dealt with; 0 = the rest is
 * a comment */
static gsize
begin_word (const char *at, GString *out)
{
  if (at[0] == '#' && !g_ascii_isdigit (at[1]))
    return 0;
  if (at[0] == '#')
    g_string_append (out, "\\#");
  else if (at[0] == '~' && (at[1] == '/' || ends_word (at[1])))
    {
      g_autofree char *home = g_shell_quote (g_get_home_dir ());

      g_string_append (out, home);
    }
  else
    {
      g_string_append_c (out, at[0]);
      /* What a backslash protects is no quote. */
      if (at[0] == '\\' && at[1] != '\0')
        {
          g_string_append_c (out, at[1]);
          return 2;
        }
    }
  return 1;
}

/* @line for g_shell_parse_argv(), which knows another kind of comment and no home. Returns:
 * (transfer full) */
static char *
prepare (const char *line)
{
  GString *out = g_string_new (NULL);
  gboolean is_between = TRUE;
  char quote = '\0';

  for (gsize i = 0, n; line[i] != '\0'; i += n)
    {
      n = 1;
      if (quote == '\0' && is_between && !ends_word (line[i]))
        {
          n = begin_word (line + i, out);
          if (n == 0)
            break;
        }
      else
        {
          g_string_append_c (out, line[i]);
          if (line[i] == '\\' && quote != '\'' && line[i + 1] != '\0')
            g_string_append_c (out, line[i + n++]);
        }
      is_between = quote == '\0' && ends_word (line[i]);
      if (n > 1)
        continue;
      if (quote == '\0' && (line[i] == '"' || line[i] == '\''))
        quote = line[i];
      else if (quote == line[i])
        quote = '\0';
    }
  return g_string_free (out, FALSE);
}

gboolean
btbt_line_split (const char *line, char ***words, GError **error)
{
  g_autofree char *prepared = prepare (line);
  g_autoptr (GError) problem = NULL;

  *words = NULL;
  g_strstrip (prepared);
  if (prepared[0] == '\0')
    {
      *words = g_new0 (char *, 1);
      return TRUE;
    }
  if (g_shell_parse_argv (prepared, NULL, words, &problem))
    return TRUE;
  g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                       _ ("a quotation mark is not closed, or nothing follows the last backslash"));
  return FALSE;
}

char *
btbt_line_quote (const char *word, char quote)
{
  const char *special = quote == '"' ? "\"\\$`" : " \t\\\"'#~$`&;|<>()*?[]{}!";
  GString *out;

  if (strpbrk (word, "\n\r") != NULL || (quote == '\'' && strchr (word, '\'') != NULL))
    return NULL;
  if (quote == '\'')
    return g_strdup (word);
  out = g_string_new (NULL);
  for (; *word != '\0'; word++)
    {
      if (strchr (special, *word) != NULL)
        g_string_append_c (out, '\\');
      g_string_append_c (out, *word);
    }
  return g_string_free (out, FALSE);
}

char *
btbt_line_unquote (const char *typed, char quote)
{
  GString *out = g_string_new (NULL);

  for (; *typed != '\0'; typed++)
    {
      if (*typed == '\\' && quote != '\'' && typed[1] != '\0'
          && (quote != '"' || strchr ("\"\\$`", typed[1]) != NULL))
        typed++;
      g_string_append_c (out, *typed);
    }
  return g_string_free (out, FALSE);
}

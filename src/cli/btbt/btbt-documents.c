/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-commands.h"
#include <glib/gi18n.h>
#include <string.h>

char *
btbt_command_make_synopsis (const BtbtCommand *command)
{
  GString *out = g_string_new (command->words);

  for (guint i = 0; i < BTBT_MAX_ARGUMENTS && command->arguments[i].type != BTBT_ARGUMENT_NONE; i++)
    {
      const BtbtArgument *argument = &command->arguments[i];
      gboolean is_optional = argument->is_optional && !argument->repeats;

      g_string_append_printf (out, is_optional ? " [%s%s]" : " %s%s", argument->name,
                              argument->repeats ? "..." : "");
    }
  for (guint i = 0; i < BTBT_MAX_OPTIONS && command->options[i].name != NULL; i++)
    g_string_append_printf (out, " [--%s%s%s]", command->options[i].name,
                            command->options[i].value != NULL ? "=" : "",
                            command->options[i].value != NULL ? command->options[i].value : "");
  return g_string_free (out, FALSE);
}

static void
append_options (GString *out, const BtbtOption *options, guint n, const char *format)
{
  for (guint i = 0; i < n && options[i].name != NULL; i++)
    {
      g_autofree char *name = g_strconcat (options[i].name, options[i].value != NULL ? "=" : NULL,
                                           options[i].value, NULL);

      g_string_append_printf (out, format, name, _ (options[i].help));
    }
}

char *
btbt_make_help (void)
{
  GString *out = g_string_new (_ ("Usage: btbt COMMAND [ARGUMENT...] [OPTION...]\n\n"));
  guint n;
  const BtbtCommand *table = btbt_commands_get (&n);
  const BtbtOption *common;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *synopsis = btbt_command_make_synopsis (&table[i]);

      g_string_append_printf (out, "  %s\n      %s\n", synopsis, _ (table[i].help));
    }
  common = btbt_commands_get_common (&n);
  g_string_append_c (out, '\n');
  append_options (out, common, n, "  --%-16s %s\n");
  return g_string_free (out, FALSE);
}

/* For troff: dashes as the user types them, other characters than ASCII by their numbers, no line that
 * begins with a request. */
static void
append_troff (GString *out, const char *text)
{
  if (*text == '.' || *text == '\'')
    g_string_append (out, "\\&");
  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar character = g_utf8_get_char (text);

      if (character == '-')
        g_string_append (out, "\\-");
      else if (character == '\\')
        g_string_append (out, "\\e");
      else if (character < 0x80)
        g_string_append_c (out, (char) character);
      else
        g_string_append_printf (out, "\\[u%04X]", character);
    }
}

char *
btbt_make_manual (void)
{
  GString *out = g_string_new (
      ".\\\" SPDX-License-Identifier: GPL-3.0-or-later\n"
      ".\\\" Made by btbt manual.\n"
      ".TH BTBT 1 \"2026\" \"ccBitTorrent\" \"User Commands\"\n"
      ".SH NAME\nbtbt \\- command a running ccBitTorrent\n"
      ".SH SYNOPSIS\n.B btbt\n.I COMMAND\n.RI [ ARGUMENT ]...\n.RI [ OPTION ]...\n"
      ".SH DESCRIPTION\n.B btbt\ntalks to the instance that runs for a state folder.\n"
      "A torrent is named by #ID as\n.B btbt list\n"
      "numbers them, by four or more digits that begin its info\\-hash, by its name, or by a\n"
      "part of the name that no other torrent has.\n.SH COMMANDS\n");
  guint n;
  const BtbtCommand *table = btbt_commands_get (&n);
  const BtbtOption *common;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *synopsis = btbt_command_make_synopsis (&table[i]);

      g_string_append (out, ".TP\n.B ");
      append_troff (out, synopsis);
      g_string_append_c (out, '\n');
      append_troff (out, table[i].help);
      g_string_append (out, ".\n");
      for (guint j = 0; j < BTBT_MAX_OPTIONS && table[i].options[j].name != NULL; j++)
        {
          g_string_append (out, ".br\n\\-\\-");
          append_troff (out, table[i].options[j].name);
          g_string_append (out, ": ");
          append_troff (out, table[i].options[j].help);
          g_string_append (out, ".\n");
        }
    }
  g_string_append (out, ".SH OPTIONS\n");
  common = btbt_commands_get_common (&n);
  for (guint i = 0; i < n; i++)
    {
      g_string_append (out, ".TP\n.B \\-\\-");
      append_troff (out, common[i].name);
      g_string_append_c (out, '\n');
      append_troff (out, common[i].help);
      g_string_append (out, ".\n");
    }
  g_string_append (
      out,
      ".SH INTERACTIVE USE\n.B btbt interactive\nreads commands without the word btbt, one a line, "
      "over one connection. Quotes and\nbackslashes are those of a shell, ~/ is the home folder, "
      "and # begins a comment unless a\ndigit follows, which names a torrent. There are also\n"
      ".B help\nand\n.BR exit .\nIn a terminal Tab completes, Ctrl+C takes back a line or ends "
      "a command, Ctrl+D leaves.\nWhat was typed is kept in btbt\\-history in the state folder, "
      "1000 lines that only their\nowner can read; a line that begins with a space is not.\n"
      "From a file or a pipe the first line that fails is the last, unless there is\n"
      ".BR \\-\\-keep\\-going ;\nthe exit status is that of the first line that failed.\n"
      ".SH EXIT STATUS\n.TP\n.B 0\nDone.\n.TP\n.B 1\nIt failed.\n.TP\n.B 2\nWrong usage; nothing "
      "was "
      "changed.\n.TP\n.B 3\nNo instance runs for that state folder.\n.TP\n.B 4\nThere is no such "
      "torrent.\n.TP\n.B 130\nIt was interrupted.\n.SH SEE ALSO\n.BR ccbt (1)\n");
  return g_string_free (out, FALSE);
}

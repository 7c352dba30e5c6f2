/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-complete.h"
#include "session/ccbt-command.h"
#include "session/ccbt-config.h"
#include <string.h>

/* Arguments that have few values, by their names in the table. */
static const struct
{
  const char *argument;
  const char *words[6];
} choices[] = {
  { "WHERE", { "top", "up", "down", "bottom" } },
  { "ON|OFF", { "on", "off" } },
  { "SHELL", { "bash", "zsh", "fish" } },
  { "PROGRAM", { "qbittorrent", "deluge", "transmission", "rtorrent" } },
};

static void
offer (GPtrArray *candidates, const char *typed, const char *word)
{
  if (g_str_has_prefix (word, typed)
      && !g_ptr_array_find_with_equal_func (candidates, word, g_str_equal, NULL))
    g_ptr_array_add (candidates, g_strdup (word));
}

/* The next word of all commands that begin with @words. */
static void
offer_commands (GPtrArray *candidates, const char *typed, GPtrArray *words)
{
  guint n;
  const BtbtCommand *table = btbt_commands_get (&n);

  for (guint i = 0; i < n; i++)
    {
      g_auto (GStrv) parts = g_strsplit (table[i].words, " ", -1);
      guint j = 0;

      while (j < words->len && parts[j] != NULL && g_str_equal (parts[j], words->pdata[j]))
        j++;
      if (j == words->len && parts[j] != NULL)
        offer (candidates, typed, parts[j]);
    }
}

static void
offer_options (GPtrArray *candidates, const char *typed, const BtbtOption *options, guint n)
{
  for (guint i = 0; i < n && options[i].name != NULL; i++)
    {
      g_autofree char *word = g_strconcat ("--", options[i].name, NULL);

      offer (candidates, typed, word);
    }
}

static void
offer_values (GPtrArray *candidates, const char *typed, const char *argument)
{
  guint n;

  if (g_str_equal (argument, "KEY"))
    {
      const CcbtConfigKey *keys = ccbt_config_get_schema (&n);

      for (guint i = 0; i < n; i++)
        offer (candidates, typed, keys[i].key);
    }
  else if (g_str_equal (argument, "VERB"))
    {
      const CcbtCommandInfo *verbs = ccbt_command_get_table (&n);

      for (guint i = 0; i < n; i++)
        offer (candidates, typed, verbs[i].verb);
    }
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    for (guint j = 0; g_str_equal (choices[i].argument, argument) && choices[i].words[j] != NULL;
         j++)
      offer (candidates, typed, choices[i].words[j]);
}

/* The argument after @n others. Returns: (nullable) */
static const BtbtArgument *
find_argument (const BtbtCommand *command, guint n)
{
  for (guint i = 0; i < BTBT_MAX_ARGUMENTS && command->arguments[i].type != BTBT_ARGUMENT_NONE; i++)
    if (i == n || (i < n && command->arguments[i].repeats))
      return &command->arguments[i];
  return NULL;
}

static BtbtExpect
offer_argument (GPtrArray *candidates, const char *typed, const BtbtCall *call)
{
  const BtbtArgument *argument = find_argument (call->command, call->arguments->len);

  if (argument == NULL)
    return 0;
  if (argument->type == BTBT_ARGUMENT_TEXT)
    offer_values (candidates, typed, argument->name);
  return argument->type == BTBT_ARGUMENT_TORRENT ? BTBT_EXPECT_TORRENT
         : argument->type == BTBT_ARGUMENT_FILE  ? BTBT_EXPECT_FILE
                                                 : 0;
}

/* Of the last word, when it is an option whose value comes next. Returns: (nullable) */
static const char *
find_awaited_value (const char *const *words, const BtbtCall *call)
{
  const guint n = g_strv_length ((GStrv) words);
  const BtbtOption *option = NULL;

  if (n > 0 && g_str_has_prefix (words[n - 1], "--"))
    option = btbt_command_find_option (call->command, words[n - 1] + 2);
  return option != NULL ? option->value : NULL;
}

static BtbtExpect
complete_command (const char *const *words, const char *typed, GPtrArray *candidates)
{
  g_autoptr (BtbtCall) call = btbt_call_read (words);
  const char *value = find_awaited_value (words, call);
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  g_auto (GStrv) command_words = NULL;
  guint n;

  if (value != NULL)
    return g_str_equal (value, "DIR") || g_str_equal (value, "FILE") ? BTBT_EXPECT_FILE : 0;
  if (typed[0] == '-')
    {
      const BtbtOption *common = btbt_commands_get_common (&n);

      if (call->command != NULL)
        offer_options (candidates, typed, call->command->options, BTBT_MAX_OPTIONS);
      offer_options (candidates, typed, common, n);
      return 0;
    }
  command_words = g_strsplit (call->command != NULL ? call->command->words : "", " ", -1);
  for (guint i = 0; command_words[i] != NULL; i++)
    g_ptr_array_add (parts, command_words[i]);
  for (guint i = 0; i < call->arguments->len; i++)
    g_ptr_array_add (parts, call->arguments->pdata[i]);
  offer_commands (candidates, typed, parts);
  return call->command != NULL ? offer_argument (candidates, typed, call) : 0;
}

BtbtExpect
btbt_complete (const char *const *words, const char *typed, const char *const *shell_words,
               GPtrArray **candidates)
{
  BtbtExpect expected;

  *candidates = g_ptr_array_new_with_free_func (g_free);
  if (shell_words != NULL && words[0] != NULL && g_str_equal (words[0], "help"))
    {
      complete_command (words + 1, typed, *candidates);
      return 0;
    }
  expected = complete_command (words, typed, *candidates);
  for (guint i = 0; shell_words != NULL && words[0] == NULL && shell_words[i] != NULL; i++)
    offer (*candidates, typed, shell_words[i]);
  return expected;
}

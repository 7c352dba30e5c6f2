/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../ccbt-cli-text.h"
#include "btbt-commands.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include <glib/gi18n.h>
#include <string.h>

#define MAX_WORD 4096 /* bytes; magnet links with many trackers are below it */
#define MAX_TYPO 2

static char *
printable (const char *text)
{
  return ccbt_text_make_printable (ccbt_span_from_string (text), 100);
}

/* Edits between two short words. */
static guint
distance (const char *a, const char *b)
{
  guint row[64];
  gsize n = strlen (b);

  if (n >= G_N_ELEMENTS (row) || strlen (a) >= G_N_ELEMENTS (row))
    return G_MAXUINT;
  for (guint j = 0; j <= n; j++)
    row[j] = j;
  for (guint i = 1; a[i - 1] != '\0'; i++)
    {
      guint diagonal = row[0];

      row[0] = i;
      for (guint j = 1; j <= n; j++)
        {
          guint change = diagonal + (a[i - 1] != b[j - 1]);

          diagonal = row[j];
          row[j] = MIN (change, MIN (row[j], row[j - 1]) + 1);
        }
    }
  return row[n];
}

static void
set_unknown_command (const char *word, GError **error)
{
  g_autofree char *shown = printable (word);
  const char *nearest = NULL;
  guint n, best = MAX_TYPO + 1;
  const BtbtCommand *table = btbt_commands_get (&n);

  for (guint i = 0; i < n; i++)
    if (distance (word, table[i].words) < best)
      {
        best = distance (word, table[i].words);
        nearest = table[i].words;
      }
  if (nearest != NULL)
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                 _ ("there is no command “%s”; did you mean “%s”?"), shown, nearest);
  else
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("there is no command “%s”"), shown);
}

/* The longest command that the words begin with. @n_used: (out) */
static const BtbtCommand *
find_command (GPtrArray *words, guint *n_used)
{
  guint n;
  const BtbtCommand *table = btbt_commands_get (&n), *found = NULL;

  *n_used = 0;
  for (guint i = 0; i < n; i++)
    {
      g_auto (GStrv) parts = g_strsplit (table[i].words, " ", -1);
      guint j;

      for (j = 0; parts[j] != NULL; j++)
        if (j >= words->len || !g_str_equal (parts[j], words->pdata[j]))
          break;
      if (parts[j] == NULL && j > *n_used)
        {
          *n_used = j;
          found = &table[i];
        }
    }
  return found;
}

const BtbtOption *
btbt_command_find_option (const BtbtCommand *command, const char *name)
{
  guint n;
  const BtbtOption *common = btbt_commands_get_common (&n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (common[i].name, name))
      return &common[i];
  for (guint i = 0; command != NULL && i < BTBT_MAX_OPTIONS && command->options[i].name != NULL;
       i++)
    if (g_str_equal (command->options[i].name, name))
      return &command->options[i];
  return NULL;
}

/* Before the command is known: does any command's option of this name take a value? */
static gboolean
takes_value (const char *name)
{
  guint n;
  const BtbtCommand *table = btbt_commands_get (&n);

  for (guint i = 0; i < n; i++)
    {
      const BtbtOption *option = btbt_command_find_option (&table[i], name);

      if (option != NULL)
        return option->value != NULL;
    }
  return FALSE;
}

static gboolean
check_argument (const BtbtArgument *argument, const char *text, GError **error)
{
  g_autofree char *shown = printable (text);
  guint64 rate;

  if (strlen (text) <= MAX_WORD * 16
      && (argument->type == BTBT_ARGUMENT_FILE || g_utf8_validate (text, -1, NULL)))
    {
      if (argument->type != BTBT_ARGUMENT_RATE || ccbt_cli_parse_rate (text, &rate))
        return TRUE;
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                   _ ("%s: “%s” is no rate; write bytes per second, such as 500K or 2M"),
                   argument->name, shown);
      return FALSE;
    }
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("%s: “%s” is too long or no UTF-8"),
               argument->name, shown);
  return FALSE;
}

static gboolean
check_arguments (const BtbtCall *self, GError **error)
{
  const BtbtCommand *command = self->command;
  guint n = 0;
  gboolean is_all = btbt_call_get_option (self, "all") != NULL;

  for (guint i = 0; i < BTBT_MAX_ARGUMENTS && command->arguments[i].type != BTBT_ARGUMENT_NONE; i++)
    {
      const BtbtArgument *argument = &command->arguments[i];
      gboolean is_needed = !argument->is_optional || (argument->repeats && !is_all);

      if (n >= self->arguments->len && is_needed)
        {
          g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("%s: %s is missing"),
                       command->words, argument->name);
          return FALSE;
        }
      while (n < self->arguments->len)
        {
          if (!check_argument (argument, self->arguments->pdata[n++], error))
            return FALSE;
          if (!argument->repeats)
            break;
        }
    }
  if (n < self->arguments->len || (is_all && n > 0))
    {
      g_autofree char *shown = printable (self->arguments->pdata[is_all ? 0 : n]);

      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("%s: “%s” is too much"),
                   command->words, shown);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_options (const BtbtCall *self, GError **error)
{
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, self->options);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      const BtbtOption *option = btbt_command_find_option (self->command, name);
      g_autofree char *shown = printable (name);

      if (option == NULL)
        g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("%s: there is no option --%s"),
                     self->command->words, shown);
      else if (!g_str_equal (option->name, "state-dir") && !g_utf8_validate (value, -1, NULL))
        g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("--%s: no UTF-8"), shown);
      else if (option->value != NULL && *(char *) value == '\0')
        g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("--%s needs a value: %s"), shown,
                     option->value);
      else if (option->value == NULL && *(char *) value != '\0')
        g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("--%s takes no value"), shown);
      else
        continue;
      return FALSE;
    }
  return TRUE;
}

/* @name, @value: (transfer full) */
static void
give (BtbtCall *self, char *name, char *value)
{
  g_ptr_array_add (self->given, g_strdup (name));
  g_ptr_array_add (self->given, g_strdup (value));
  g_hash_table_insert (self->options, name, value);
}

/* Options go to the table, other words to the arguments. */
static void
sort_words (BtbtCall *self, const char *const *words)
{
  gboolean only_arguments = FALSE;

  for (; *words != NULL; words++)
    {
      const char *name = *words + 2, *equals;

      if (only_arguments || (!g_str_has_prefix (*words, "--") && !g_str_equal (*words, "-h")))
        g_ptr_array_add (self->arguments, g_strdup (*words));
      else if (g_str_equal (*words, "-h"))
        give (self, g_strdup ("help"), g_strdup (""));
      else if (*name == '\0')
        only_arguments = TRUE;
      else if ((equals = strchr (name, '=')) != NULL)
        give (self, g_strndup (name, equals - name), g_strdup (equals + 1));
      else if (takes_value (name) && words[1] != NULL)
        {
          give (self, g_strdup (name), g_strdup (words[1]));
          words++;
        }
      else
        give (self, g_strdup (name), g_strdup (""));
    }
}

BtbtCall *
btbt_call_read (const char *const *words)
{
  BtbtCall *self = g_new0 (BtbtCall, 1);
  guint n_used;

  self->arguments = g_ptr_array_new_with_free_func (g_free);
  self->options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->given = g_ptr_array_new_with_free_func (g_free);
  sort_words (self, words);
  self->command = find_command (self->arguments, &n_used);
  g_ptr_array_remove_range (self->arguments, 0, n_used);
  self->wants_help = btbt_call_get_option (self, "help") != NULL;
  self->json = btbt_call_get_option (self, "json") != NULL;
  self->state_dir = btbt_call_get_option (self, "state-dir");
  return self;
}

BtbtCall *
btbt_call_parse (const char *const *words, GError **error)
{
  g_autoptr (BtbtCall) self = btbt_call_read (words);

  if (self->command == NULL)
    {
      if (self->wants_help && self->arguments->len == 0)
        return g_steal_pointer (&self);
      if (self->arguments->len == 0)
        g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("a command is missing"));
      else
        set_unknown_command (self->arguments->pdata[0], error);
      return NULL;
    }
  if (!self->wants_help && (!check_options (self, error) || !check_arguments (self, error)))
    return NULL;
  return g_steal_pointer (&self);
}

const char *
btbt_call_get_option (const BtbtCall *self, const char *name)
{
  return g_hash_table_lookup (self->options, name);
}

void
btbt_call_free (BtbtCall *self)
{
  g_clear_pointer (&self->arguments, g_ptr_array_unref);
  g_clear_pointer (&self->options, g_hash_table_unref);
  g_clear_pointer (&self->given, g_ptr_array_unref);
  g_free (self);
}

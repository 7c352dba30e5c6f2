/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-config-private.h"
#include "session/ccbt-config-file.h"
#include "session/ccbt-config-value-private.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include <string.h>

/* From the file and the environment, with all that is wrong in them. */

static void add_problem (CcbtConfig *self, gboolean is_bad, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* @is_bad: the file's fault, and more than a key nobody knows */
static void
add_problem (CcbtConfig *self, gboolean is_bad, const char *format, ...)
{
  va_list arguments;

  if (self->problems->len >= CCBT_TOML_MAX_PROBLEMS)
    return;
  va_start (arguments, format);
  g_ptr_array_add (self->problems, g_strdup_vprintf (format, arguments));
  va_end (arguments);
  if (is_bad && self->worst == NULL)
    self->worst = g_ptr_array_index (self->problems, self->problems->len - 1);
}

static void note_strict (CcbtConfig *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
note_strict (CcbtConfig *self, const char *format, ...)
{
  va_list arguments;

  g_free (self->strict_problem);
  va_start (arguments, format);
  self->strict_problem = g_strdup_vprintf (format, arguments);
  va_end (arguments);
}

/* --- The file --- */

/* What is taken: all of the user's own file; of ./ccbt.toml what does no harm, and then of the user's
 * own file the rest. */
typedef enum
{
  TAKE_ALL,
  TAKE_HARMLESS,
  TAKE_GUARDED,
} Take;

typedef struct
{
  CcbtConfig *config;
  const char *path;
  const char *text;
  Take take;
} Reading;

static void
report_unknown (const Reading *reading, const CcbtTomlEntry *entry)
{
  g_autofree char *shown = ccbt_config_value_quote_found (entry->key, strlen (entry->key));
  g_autofree char *known = ccbt_config_describe_known_keys (reading->config, entry->key);

  add_problem (reading->config, FALSE, "%s:%u: %s: found an unknown key, allowed %s", reading->path,
               entry->line, shown, known);
}

static void
report_wrong (const Reading *reading, const CcbtConfigKey *key, const CcbtTomlEntry *entry)
{
  g_autofree char *allowed = ccbt_config_key_describe_allowed (key);
  g_autofree char *found
      = ccbt_config_value_quote_found (reading->text + entry->start, entry->end - entry->start);

  add_problem (reading->config, TRUE, "%s:%u: %s: found %s, allowed %s", reading->path, entry->line,
               entry->key, found, allowed);
  if (key->is_strict)
    note_strict (reading->config, "%s:%u: %s: found %s, allowed %s", reading->path, entry->line,
                 entry->key, found, allowed);
}

static void
take_entry (const Reading *reading, CcbtTomlEntry *entry)
{
  CcbtConfig *self = reading->config;
  const guint index = ccbt_config_find_key (self, entry->key);
  const CcbtConfigKey *key = &self->keys[index];
  g_autofree char *source = NULL;

  if (index == self->n_keys)
    {
      if (reading->take != TAKE_GUARDED)
        report_unknown (reading, entry);
      return;
    }
  if (reading->take == TAKE_HARMLESS && key->is_guarded)
    {
      add_problem (self, FALSE,
                   "%s:%u: %s: found it in the file of a folder, allowed in your own file, the "
                   "environment and the command line only",
                   reading->path, entry->line, entry->key);
      return;
    }
  if (reading->take == TAKE_GUARDED && !key->is_guarded)
    return;
  if (!ccbt_config_value_fits (key, &entry->value))
    {
      report_wrong (reading, key, entry);
      return;
    }
  source = g_strdup_printf ("%s:%u", reading->path, entry->line);
  ccbt_config_take_value (self, index, &entry->value, CCBT_CONFIG_LEVEL_FILE, source);
}

/* A line that cannot be read may be the one that must not be missing. */
static gboolean
names_strict_key (const Reading *reading, guint line)
{
  g_auto (GStrv) lines = g_strsplit (reading->text, "\n", (int) line + 1);
  const char *text = g_strv_length (lines) >= line ? g_strchug (lines[line - 1]) : "";

  for (guint i = 0; i < reading->config->n_keys; i++)
    {
      const CcbtConfigKey *key = &reading->config->keys[i];

      if (key->is_strict && strstr (text, strchr (key->key, '.') + 1) != NULL && *text != '#')
        return TRUE;
    }
  return FALSE;
}

static void
take_problem (const Reading *reading, const CcbtTomlProblem *problem)
{
  g_autofree char *shown = ccbt_text_make_printable (ccbt_span_from_string (problem->text), 200);

  if (reading->take == TAKE_GUARDED && !names_strict_key (reading, problem->line))
    return;
  add_problem (reading->config, TRUE, "%s:%u: %s", reading->path, problem->line, shown);
  if (reading->take != TAKE_HARMLESS && names_strict_key (reading, problem->line))
    note_strict (reading->config, "%s:%u: %s", reading->path, problem->line, shown);
}

static void
load_file (CcbtConfig *self, const char *path, Take take)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtToml) toml = ccbt_toml_read (path, &error);
  g_autofree char *checksum = NULL;
  Reading reading = { self, path, NULL, take };
  GPtrArray *problems;
  GPtrArray *entries;
  gsize len;

  if (toml == NULL)
    {
      add_problem (self, error->code != CCBT_ERROR_NOT_FOUND, "%s", error->message);
      return;
    }
  reading.text = ccbt_toml_get_text (toml, &len);
  if (take != TAKE_GUARDED)
    {
      checksum = ccbt_config_file_make_checksum (reading.text, len);
      ccbt_config_set_checksum (self, checksum);
    }
  problems = ccbt_toml_get_problems (toml);
  for (guint i = 0; i < problems->len; i++)
    take_problem (&reading, problems->pdata[i]);
  entries = ccbt_toml_get_entries (toml);
  for (guint i = 0; i < entries->len; i++)
    take_entry (&reading, entries->pdata[i]);
}

static void
load_guarded (CcbtConfig *self)
{
  g_autofree char *own = ccbt_config_find_file (FALSE, NULL);

  if (own != NULL)
    load_file (self, own, TAKE_GUARDED);
}

/* --- The environment --- */

/* Other variables begin with CCBT_ too; one that begins with a section is a misspelt setting. */
static gboolean
names_section (CcbtConfig *self, const char *variable)
{
  for (guint i = 0; i < self->n_keys; i++)
    {
      g_autofree char *name = ccbt_config_key_make_variable (self->keys[i].key);
      const gsize len = strlen ("CCBT_") + strcspn (self->keys[i].key, ".") + 1;

      if (strncmp (variable, name, len) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
take_text (CcbtConfig *self, guint index, const char *text, const char *variable)
{
  const CcbtConfigKey *key = &self->keys[index];
  g_autoptr (GError) error = NULL;
  CcbtTomlValue value;

  if (ccbt_config_value_parse (key, text, &value, &error))
    {
      ccbt_config_take_value (self, index, &value, CCBT_CONFIG_LEVEL_ENVIRONMENT, variable);
      return;
    }
  add_problem (self, FALSE, "%s: %s", variable, error->message);
  if (key->is_strict)
    note_strict (self, "%s: %s", variable, error->message);
}

/* Of the first ccBitTorrent: seconds may be written as 30.0, choices in capitals, rates in KiB. */
static void
take_alias (CcbtConfig *self, const CcbtConfigAlias *alias, const char *text)
{
  const guint index = ccbt_config_find_key (self, alias->key);
  const CcbtConfigKey *key = &self->keys[index];
  g_autofree char *converted = NULL;
  char *end;
  const double number = g_ascii_strtod (text, &end);

  if (key->type == CCBT_CONFIG_CHOICE)
    converted = g_ascii_strdown (text, -1);
  else if (key->type == CCBT_CONFIG_INTEGER && end != text && *end == '\0' && number >= 0
           && number < 1e12 && number == (double) (gint64) number)
    converted = g_strdup_printf ("%" G_GINT64_FORMAT,
                                 (gint64) number * (alias->factor != 0 ? alias->factor : 1));
  take_text (self, index, converted != NULL ? converted : text, alias->variable);
}

static void
load_environment (CcbtConfig *self)
{
  g_auto (GStrv) variables = g_listenv ();
  guint n_aliases;
  const CcbtConfigAlias *aliases = ccbt_config_get_aliases (&n_aliases);

  for (guint i = 0; i < n_aliases; i++)
    if (g_getenv (aliases[i].variable) != NULL)
      take_alias (self, &aliases[i], g_getenv (aliases[i].variable));
  for (guint i = 0; i < self->n_keys; i++)
    {
      g_autofree char *name = ccbt_config_key_make_variable (self->keys[i].key);

      if (g_getenv (name) != NULL)
        take_text (self, i, g_getenv (name), name);
    }
  for (guint i = 0; variables[i] != NULL; i++)
    {
      gboolean is_known = !g_str_has_prefix (variables[i], "CCBT_");

      for (guint j = 0; j < self->n_keys && !is_known; j++)
        {
          g_autofree char *name = ccbt_config_key_make_variable (self->keys[j].key);

          is_known = g_str_equal (name, variables[i]);
        }
      for (guint j = 0; j < n_aliases && !is_known; j++)
        is_known = g_str_equal (aliases[j].variable, variables[i]);
      if (!is_known && names_section (self, variables[i]))
        add_problem (self, FALSE, "%s: found an unknown key, allowed CCBT_SECTION_KEY",
                     variables[i]);
    }
}

/* --- All of it --- */

/* Each takes one value away. */
static void
settle_conflicts (CcbtConfig *self)
{
  char *conflict;
  guint index;

  while ((conflict = ccbt_config_find_conflict (self, &index)) != NULL)
    {
      const CcbtConfigLevel level = ccbt_config_get_level (self, index);

      add_problem (self, level == CCBT_CONFIG_LEVEL_FILE, "%s: %s",
                   self->settings[index][level].source, conflict);
      ccbt_config_clear_value (self, index, level);
      g_free (conflict);
    }
}

CcbtConfig *
ccbt_config_load_file (const char *path)
{
  CcbtConfig *self = ccbt_config_new ();

  self->path = g_strdup (path);
  load_file (self, path, TAKE_ALL);
  settle_conflicts (self);
  g_ptr_array_add (self->problems, NULL);
  return self;
}

CcbtConfig *
ccbt_config_load_again (const char *path, gboolean is_local)
{
  CcbtConfig *self = ccbt_config_new ();

  self->path = g_strdup (path);
  self->is_local = is_local;
  if (path != NULL)
    load_file (self, path, is_local ? TAKE_HARMLESS : TAKE_ALL);
  if (is_local)
    load_guarded (self);
  load_environment (self);
  settle_conflicts (self);
  g_ptr_array_add (self->problems, NULL);
  return self;
}

CcbtConfig *
ccbt_config_load (const char *file, gboolean in_terminal)
{
  gboolean is_local = FALSE;
  g_autofree char *path
      = file != NULL ? g_strdup (file) : ccbt_config_find_file (in_terminal, &is_local);

  return ccbt_config_load_again (path, is_local);
}

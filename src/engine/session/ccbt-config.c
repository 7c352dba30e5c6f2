/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-config.h"
#include "session/ccbt-config-value-private.h"
#include "session/ccbt-toml.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include <string.h>

typedef struct
{
  CcbtTomlValue value;
  CcbtConfigLevel origin;
} Setting;

struct _CcbtConfig
{
  const CcbtConfigKey *keys;
  guint n_keys;
  Setting *settings;   /* one a key, in the same order */
  GPtrArray *problems; /* char *; NULL-terminated when loaded */
};

/* Returns: its index; n_keys when there is no such key */
static guint
find_key (CcbtConfig *self, const char *name)
{
  guint i = 0;

  while (i < self->n_keys && !g_str_equal (self->keys[i].key, name))
    i++;
  return i;
}

/* @value: (transfer full). Levels come lowest first. */
static void
take_value (CcbtConfig *self, guint index, CcbtTomlValue *value, CcbtConfigLevel level)
{
  Setting *setting = &self->settings[index];

  ccbt_toml_value_clear (&setting->value);
  setting->value = *value;
  setting->origin = level;
  value->string = NULL;
}

static void
set_defaults (CcbtConfig *self)
{
  for (guint i = 0; i < self->n_keys; i++)
    {
      CcbtTomlValue value;
      const char *text = self->keys[i].default_value;

      if (!ccbt_toml_value_parse (text, strlen (text), &value, NULL)
          || !ccbt_config_value_fits (&self->keys[i], &value))
        g_error ("the default of %s does not fit", self->keys[i].key);
      take_value (self, i, &value, CCBT_CONFIG_LEVEL_DEFAULT);
    }
}

static void add_problem (CcbtConfig *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add_problem (CcbtConfig *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (self->problems->len < CCBT_TOML_MAX_PROBLEMS)
    g_ptr_array_add (self->problems, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* --- The file --- */

/* What could stand in place of an unknown key: the keys of its section, or the sections.
 * Returns: (transfer full) */
static char *
describe_known_keys (CcbtConfig *self, const char *name)
{
  const gsize section_len = strcspn (name, ".") + 1;
  g_autoptr (GString) keys = g_string_new (NULL);
  g_autoptr (GString) sections = g_string_new (NULL);

  for (guint i = 0; i < self->n_keys; i++)
    {
      const char *key = self->keys[i].key;
      const gsize len = strcspn (key, ".");

      if (strncmp (key, name, section_len) == 0)
        g_string_append_printf (keys, "%s%s", keys->len > 0 ? ", " : "", key + section_len);
      if (i == 0 || strncmp (key, self->keys[i - 1].key, len + 1) != 0)
        g_string_append_printf (sections, "%s[%.*s]", i > 0 ? ", " : "", (int) len, key);
    }
  return g_strdup (keys->len > 0 ? keys->str : sections->str);
}

static void
report_unknown (CcbtConfig *self, const char *file, guint line, const char *name)
{
  g_autofree char *shown = ccbt_config_value_quote_found (name, strlen (name));
  g_autofree char *known = describe_known_keys (self, name);

  add_problem (self, "%s:%u: %s: found an unknown key, allowed %s", file, line, shown, known);
}

static void
take_entry (CcbtConfig *self, const char *file, const char *text, CcbtTomlEntry *entry)
{
  const guint index = find_key (self, entry->key);
  g_autofree char *allowed = NULL;
  g_autofree char *found = NULL;

  if (index == self->n_keys)
    {
      report_unknown (self, file, entry->line, entry->key);
      return;
    }
  if (ccbt_config_value_fits (&self->keys[index], &entry->value))
    {
      take_value (self, index, &entry->value, CCBT_CONFIG_LEVEL_FILE);
      return;
    }
  allowed = ccbt_config_value_describe_allowed (&self->keys[index]);
  found = ccbt_config_value_quote_found (text + entry->start, entry->end - entry->start);
  add_problem (self, "%s:%u: %s: found %s, allowed %s", file, entry->line, entry->key, found,
               allowed);
}

static void
load_file (CcbtConfig *self, const char *file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtToml) toml = ccbt_toml_read (file, &error);
  GPtrArray *problems;
  GPtrArray *entries;

  if (toml == NULL)
    {
      add_problem (self, "%s", error->message);
      return;
    }
  problems = ccbt_toml_get_problems (toml);
  for (guint i = 0; i < problems->len; i++)
    {
      const CcbtTomlProblem *problem = problems->pdata[i];
      g_autofree char *shown
          = ccbt_text_make_printable (ccbt_span_from_string (problem->text), 200);

      add_problem (self, "%s:%u: %s", file, problem->line, shown);
    }
  entries = ccbt_toml_get_entries (toml);
  for (guint i = 0; i < entries->len; i++)
    take_entry (self, file, ccbt_toml_get_text (toml, NULL), entries->pdata[i]);
}

/* Returns: (transfer full) (nullable): the first of the usual files that is there */
static char *
find_file (gboolean in_terminal)
{
  g_autofree char *usual = g_build_filename (g_get_user_config_dir (), "ccbt", "ccbt.toml", NULL);
  g_autofree char *hidden = g_build_filename (g_get_home_dir (), ".ccbt.toml", NULL);

  if (in_terminal && g_file_test ("ccbt.toml", G_FILE_TEST_EXISTS))
    return g_strdup ("ccbt.toml");
  if (g_file_test (usual, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&usual);
  if (g_file_test (hidden, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&hidden);
  return NULL;
}

/* --- The environment --- */

/* "network.listen_port" -> "CCBT_NETWORK_LISTEN_PORT". Returns: (transfer full) */
static char *
make_variable_name (const char *key)
{
  g_autofree char *upper = g_ascii_strup (key, -1);

  return g_strconcat ("CCBT_", g_strdelimit (upper, ".", '_'), NULL);
}

/* Other variables begin with CCBT_ too; one that begins with a section is a misspelt setting. */
static gboolean
names_section (CcbtConfig *self, const char *variable)
{
  for (guint i = 0; i < self->n_keys; i++)
    {
      g_autofree char *name = make_variable_name (self->keys[i].key);
      const gsize len = strlen ("CCBT_") + strcspn (self->keys[i].key, ".") + 1;

      if (strncmp (variable, name, len) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
take_variable (CcbtConfig *self, const char *variable, const char *text)
{
  for (guint i = 0; i < self->n_keys; i++)
    {
      g_autofree char *name = make_variable_name (self->keys[i].key);
      g_autoptr (GError) error = NULL;
      CcbtTomlValue value;

      if (!g_str_equal (name, variable))
        continue;
      if (ccbt_config_value_parse (&self->keys[i], text, &value, &error))
        take_value (self, i, &value, CCBT_CONFIG_LEVEL_ENVIRONMENT);
      else
        add_problem (self, "%s: %s", variable, error->message);
      return;
    }
  if (names_section (self, variable))
    add_problem (self, "%s: found an unknown key, allowed CCBT_SECTION_KEY", variable);
}

static void
load_environment (CcbtConfig *self)
{
  g_auto (GStrv) variables = g_listenv ();

  for (guint i = 0; variables[i] != NULL; i++)
    if (g_str_has_prefix (variables[i], "CCBT_") && g_getenv (variables[i]) != NULL)
      take_variable (self, variables[i], g_getenv (variables[i]));
}

/* --- What others call --- */

CcbtConfig *
ccbt_config_load (const char *file, gboolean in_terminal)
{
  CcbtConfig *self = g_new0 (CcbtConfig, 1);
  g_autofree char *usual = file == NULL ? find_file (in_terminal) : NULL;

  self->keys = ccbt_config_get_schema (&self->n_keys);
  self->settings = g_new0 (Setting, self->n_keys);
  self->problems = g_ptr_array_new_with_free_func (g_free);
  set_defaults (self);
  if (file != NULL || usual != NULL)
    load_file (self, file != NULL ? file : usual);
  load_environment (self);
  g_ptr_array_add (self->problems, NULL);
  return self;
}

void
ccbt_config_free (CcbtConfig *self)
{
  for (guint i = 0; i < self->n_keys; i++)
    ccbt_toml_value_clear (&self->settings[i].value);
  g_free (self->settings);
  g_ptr_array_unref (self->problems);
  g_free (self);
}

const char *const *
ccbt_config_get_problems (CcbtConfig *self)
{
  return (const char *const *) self->problems->pdata;
}

gboolean
ccbt_config_set_from_command_line (CcbtConfig *self, const char *assignment, GError **error)
{
  const char *equals = strchr (assignment, '=');
  g_autofree char *name = g_strstrip (
      g_strndup (assignment, equals != NULL ? (gsize) (equals - assignment) : strlen (assignment)));
  const guint index = find_key (self, name);
  CcbtTomlValue value;

  if (equals == NULL)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                   "%s: found no “=”, allowed section.key=value", name);
      return FALSE;
    }
  if (index == self->n_keys)
    {
      g_autofree char *known = describe_known_keys (self, name);

      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "%s: found an unknown key, allowed %s",
                   name, known);
      return FALSE;
    }
  if (!ccbt_config_value_parse (&self->keys[index], equals + 1, &value, error))
    return FALSE;
  take_value (self, index, &value, CCBT_CONFIG_LEVEL_COMMAND_LINE);
  return TRUE;
}

static const Setting *
get_setting (CcbtConfig *self, const char *name, CcbtConfigType type)
{
  const guint index = find_key (self, name);

  if (index == self->n_keys || self->keys[index].type != type)
    g_error ("%s is not a setting of that type", name);
  return &self->settings[index];
}

gboolean
ccbt_config_get_boolean (CcbtConfig *self, const char *key)
{
  return get_setting (self, key, CCBT_CONFIG_BOOLEAN)->value.boolean;
}

gint64
ccbt_config_get_integer (CcbtConfig *self, const char *key)
{
  return get_setting (self, key, CCBT_CONFIG_INTEGER)->value.integer;
}

double
ccbt_config_get_number (CcbtConfig *self, const char *key)
{
  return get_setting (self, key, CCBT_CONFIG_NUMBER)->value.number;
}

const char *
ccbt_config_get_string (CcbtConfig *self, const char *key)
{
  const guint index = find_key (self, key);

  if (index < self->n_keys && self->keys[index].type == CCBT_CONFIG_CHOICE)
    return self->settings[index].value.string;
  return get_setting (self, key, CCBT_CONFIG_STRING)->value.string;
}

CcbtConfigLevel
ccbt_config_get_origin (CcbtConfig *self, const char *key)
{
  const guint index = find_key (self, key);

  if (index == self->n_keys)
    g_error ("%s is not a setting", key);
  return self->settings[index].origin;
}

/* Both must have been set: raising or lowering one of them alone is no contradiction, the stricter
 * one simply holds. */
static gboolean
check_order (CcbtConfig *self, const char *smaller, const char *larger, GError **error)
{
  const gint64 least = ccbt_config_get_integer (self, smaller);
  const gint64 most = ccbt_config_get_integer (self, larger);

  if (least <= most || ccbt_config_get_origin (self, smaller) == CCBT_CONFIG_LEVEL_DEFAULT
      || ccbt_config_get_origin (self, larger) == CCBT_CONFIG_LEVEL_DEFAULT)
    return TRUE;
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
               "%s: found %" G_GINT64_FORMAT ", allowed at most %s (%" G_GINT64_FORMAT ")", smaller,
               least, larger, most);
  return FALSE;
}

gboolean
ccbt_config_validate (CcbtConfig *self, GError **error)
{
  return check_order (self, "network.max_connections_per_torrent", "network.max_connections", error)
         && check_order (self, "network.max_half_open", "network.max_connections", error)
         && check_order (self, "network.handshake_timeout", "network.peer_timeout", error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-config-private.h"
#include "session/ccbt-config-file.h"
#include "session/ccbt-config-value-private.h"
#include "base/ccbt-error.h"
#include <string.h>

/* The values, whose they are, and what changes them one by one. */

guint
ccbt_config_find_key (CcbtConfig *self, const char *name)
{
  guint i = 0;

  while (i < self->n_keys && !g_str_equal (self->keys[i].key, name))
    i++;
  return i;
}

void
ccbt_config_clear_value (CcbtConfig *self, guint index, CcbtConfigLevel level)
{
  CcbtConfigSetting *setting = &self->settings[index][level];

  ccbt_toml_value_clear (&setting->value);
  g_clear_pointer (&setting->source, g_free);
  setting->is_set = FALSE;
}

void
ccbt_config_take_value (CcbtConfig *self, guint index, CcbtTomlValue *value, CcbtConfigLevel level,
                        const char *source)
{
  ccbt_config_clear_value (self, index, level);
  self->settings[index][level]
      = (CcbtConfigSetting){ .value = *value, .is_set = TRUE, .source = g_strdup (source) };
  value->string = NULL;
}

CcbtConfigLevel
ccbt_config_get_level (CcbtConfig *self, guint index)
{
  CcbtConfigLevel level = CCBT_CONFIG_N_LEVELS - 1;

  while (level > CCBT_CONFIG_LEVEL_DEFAULT && !self->settings[index][level].is_set)
    level--;
  return level;
}

const CcbtConfigSetting *
ccbt_config_get_setting (CcbtConfig *self, guint index)
{
  return &self->settings[index][ccbt_config_get_level (self, index)];
}

char *
ccbt_config_describe_known_keys (CcbtConfig *self, const char *name)
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

CcbtConfig *
ccbt_config_new (void)
{
  CcbtConfig *self = g_new0 (CcbtConfig, 1);

  self->keys = ccbt_config_get_schema (&self->n_keys);
  self->settings = g_new0 (CcbtConfigLevels, self->n_keys);
  self->problems = g_ptr_array_new_with_free_func (g_free);
  self->checksum = g_strdup ("");
  for (guint i = 0; i < self->n_keys; i++)
    {
      CcbtTomlValue value;
      const char *text = self->keys[i].default_value;

      if (!ccbt_toml_value_parse (text, strlen (text), &value, NULL)
          || !ccbt_config_value_fits (&self->keys[i], &value))
        g_error ("the default of %s does not fit", self->keys[i].key);
      ccbt_config_take_value (self, i, &value, CCBT_CONFIG_LEVEL_DEFAULT, NULL);
    }
  return self;
}

void
ccbt_config_free (CcbtConfig *self)
{
  for (guint i = 0; i < self->n_keys; i++)
    for (guint level = 0; level < CCBT_CONFIG_N_LEVELS; level++)
      ccbt_config_clear_value (self, i, level);
  g_free (self->settings);
  g_ptr_array_unref (self->problems);
  g_free (self->strict_problem);
  g_free (self->path);
  g_free (self->checksum);
  g_free (self);
}

const char *
ccbt_config_get_path (CcbtConfig *self)
{
  return self->path;
}

gboolean
ccbt_config_is_local (CcbtConfig *self)
{
  return self->is_local;
}

const char *
ccbt_config_get_checksum (CcbtConfig *self)
{
  return self->checksum;
}

void
ccbt_config_set_checksum (CcbtConfig *self, const char *checksum)
{
  char *old = self->checksum;

  self->checksum = g_strdup (checksum);
  g_free (old);
}

const char *const *
ccbt_config_get_problems (CcbtConfig *self)
{
  static const char *const none[] = { NULL };

  return self->problems->len > 0 ? (const char *const *) self->problems->pdata : none;
}

const char *
ccbt_config_get_worst_problem (CcbtConfig *self)
{
  return self->worst;
}

/* --- One key --- */

static gboolean
parse_for (CcbtConfig *self, const char *name, const char *text, guint *index, CcbtTomlValue *out,
           GError **error)
{
  *index = ccbt_config_find_key (self, name);
  if (*index == self->n_keys)
    {
      g_autofree char *shown = ccbt_config_value_quote_found (name, strlen (name));
      g_autofree char *known = ccbt_config_describe_known_keys (self, name);

      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "%s: found an unknown key, allowed %s",
                   shown, known);
      return FALSE;
    }
  return text == NULL || ccbt_config_value_parse (&self->keys[*index], text, out, error);
}

gboolean
ccbt_config_set_from_command_line (CcbtConfig *self, const char *assignment, GError **error)
{
  const char *equals = strchr (assignment, '=');
  g_autofree char *name = g_strstrip (
      g_strndup (assignment, equals != NULL ? (gsize) (equals - assignment) : strlen (assignment)));
  CcbtTomlValue value;
  guint index;

  if (equals == NULL)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                   "%s: found no “=”, allowed section.key=value", name);
      return FALSE;
    }
  if (!parse_for (self, name, equals + 1, &index, &value, error))
    return FALSE;
  ccbt_config_take_value (self, index, &value, CCBT_CONFIG_LEVEL_COMMAND_LINE, NULL);
  return TRUE;
}

/* A value of the file that something stronger hides would change nothing, and nobody would see why. */
static gboolean
check_is_free (CcbtConfig *self, guint index, GError **error)
{
  const CcbtConfigLevel level = ccbt_config_get_level (self, index);
  g_autofree char *origin = NULL;

  if (level <= CCBT_CONFIG_LEVEL_FILE)
    return TRUE;
  origin = ccbt_config_describe_origin (self, self->keys[index].key);
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
               "%s: it is set by the %s, which is stronger than the file", self->keys[index].key,
               origin);
  return FALSE;
}

/* Puts @value (transfer full; NULL = nothing) in its place unless that breaks a rule over several
 * keys; a trial changes nothing. */
static gboolean
replace_value (CcbtConfig *self, guint index, CcbtTomlValue *value, gboolean is_trial,
               GError **error)
{
  CcbtConfigSetting *setting = &self->settings[index][CCBT_CONFIG_LEVEL_FILE];
  CcbtConfigSetting old = *setting;
  g_autofree char *conflict = NULL;
  guint loser;

  *setting = (CcbtConfigSetting){ 0 };
  if (value != NULL)
    ccbt_config_take_value (self, index, value, CCBT_CONFIG_LEVEL_FILE, self->path);
  conflict = ccbt_config_find_conflict (self, &loser);
  if (conflict == NULL && !is_trial)
    {
      ccbt_toml_value_clear (&old.value);
      g_free (old.source);
      return TRUE;
    }
  ccbt_config_clear_value (self, index, CCBT_CONFIG_LEVEL_FILE);
  *setting = old;
  if (conflict != NULL)
    g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_INVALID, conflict);
  return conflict == NULL;
}

gboolean
ccbt_config_put (CcbtConfig *self, const char *key, const char *text, GError **error)
{
  CcbtTomlValue value;
  guint index;

  return parse_for (self, key, text, &index, &value, error)
         && replace_value (self, index, text != NULL ? &value : NULL, FALSE, error);
}

gboolean
ccbt_config_check (CcbtConfig *self, const char *key, const char *text, char **toml, GError **error)
{
  g_autofree char *said = NULL;
  CcbtTomlValue value = { 0 };
  guint index;

  if (!parse_for (self, key, text, &index, &value, error))
    return FALSE;
  if (text != NULL)
    said = ccbt_config_value_to_toml (&value);
  if (!check_is_free (self, index, error))
    {
      ccbt_toml_value_clear (&value);
      return FALSE;
    }
  if (!replace_value (self, index, text != NULL ? &value : NULL, TRUE, error))
    return FALSE;
  if (toml != NULL)
    *toml = g_steal_pointer (&said);
  return TRUE;
}

/* --- Reading them --- */

static const CcbtTomlValue *
get_value (CcbtConfig *self, const char *name, CcbtConfigType type)
{
  const guint index = ccbt_config_find_key (self, name);

  if (index == self->n_keys || self->keys[index].type != type)
    g_error ("%s is not a setting of that type", name);
  return &ccbt_config_get_setting (self, index)->value;
}

gboolean
ccbt_config_get_boolean (CcbtConfig *self, const char *key)
{
  return get_value (self, key, CCBT_CONFIG_BOOLEAN)->boolean;
}

gint64
ccbt_config_get_integer (CcbtConfig *self, const char *key)
{
  return get_value (self, key, CCBT_CONFIG_INTEGER)->integer;
}

double
ccbt_config_get_number (CcbtConfig *self, const char *key)
{
  return get_value (self, key, CCBT_CONFIG_NUMBER)->number;
}

const char *
ccbt_config_get_string (CcbtConfig *self, const char *key)
{
  const guint index = ccbt_config_find_key (self, key);

  if (index < self->n_keys && self->keys[index].type == CCBT_CONFIG_CHOICE)
    return ccbt_config_get_setting (self, index)->value.string;
  return get_value (self, key, CCBT_CONFIG_STRING)->string;
}

static guint
demand_key (CcbtConfig *self, const char *key)
{
  const guint index = ccbt_config_find_key (self, key);

  if (index == self->n_keys)
    g_error ("%s is not a setting", key);
  return index;
}

CcbtConfigLevel
ccbt_config_get_origin (CcbtConfig *self, const char *key)
{
  return ccbt_config_get_level (self, demand_key (self, key));
}

char *
ccbt_config_describe_origin (CcbtConfig *self, const char *key)
{
  const guint index = demand_key (self, key);
  const char *source = ccbt_config_get_setting (self, index)->source;
  const char *level = ccbt_config_level_get_name (ccbt_config_get_level (self, index));

  return source != NULL ? g_strconcat (level, " ", source, NULL) : g_strdup (level);
}

char *
ccbt_config_get_text (CcbtConfig *self, const char *key, gboolean is_toml)
{
  const CcbtTomlValue *value = &ccbt_config_get_setting (self, demand_key (self, key))->value;

  return value->type == CCBT_TOML_STRING && !is_toml ? g_strdup (value->string)
                                                     : ccbt_config_value_to_toml (value);
}

gboolean
ccbt_config_is_default (CcbtConfig *self, const char *key)
{
  const guint index = demand_key (self, key);

  return ccbt_config_value_equals (&ccbt_config_get_setting (self, index)->value,
                                   &self->settings[index][CCBT_CONFIG_LEVEL_DEFAULT].value);
}

gboolean
ccbt_config_validate (CcbtConfig *self, GError **error)
{
  guint index;
  g_autofree char *conflict = ccbt_config_find_conflict (self, &index);

  if (conflict == NULL && self->strict_problem == NULL)
    return TRUE;
  g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                       conflict != NULL ? conflict : self->strict_problem);
  return FALSE;
}

/* --- Another state of the file --- */

static void
copy_setting (CcbtConfig *to, CcbtConfig *from, guint index, CcbtConfigLevel level)
{
  const CcbtConfigSetting *setting = &from->settings[index][level];
  CcbtTomlValue value = setting->value;

  value.string = g_strdup (value.string);
  if (setting->is_set)
    ccbt_config_take_value (to, index, &value, level, setting->source);
  else
    ccbt_config_clear_value (to, index, level);
}

char **
ccbt_config_adopt (CcbtConfig *self, CcbtConfig *fresh, GError **error)
{
  g_autoptr (GPtrArray) changed = NULL;

  if (fresh->worst != NULL)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_INVALID, fresh->worst);
      return NULL;
    }
  for (guint i = 0; i < self->n_keys; i++)
    copy_setting (fresh, self, i, CCBT_CONFIG_LEVEL_COMMAND_LINE);
  if (!ccbt_config_validate (fresh, error))
    return NULL;
  changed = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < self->n_keys; i++)
    {
      if (!ccbt_config_value_equals (&ccbt_config_get_setting (self, i)->value,
                                     &ccbt_config_get_setting (fresh, i)->value))
        g_ptr_array_add (changed, g_strdup (self->keys[i].key));
      copy_setting (self, fresh, i, CCBT_CONFIG_LEVEL_FILE);
      copy_setting (self, fresh, i, CCBT_CONFIG_LEVEL_ENVIRONMENT);
    }
  ccbt_config_set_checksum (self, fresh->checksum);
  g_ptr_array_add (changed, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&changed), FALSE);
}

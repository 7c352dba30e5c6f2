/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-config-value-private.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include <string.h>

#define MAX_SHOWN 60

static gboolean
is_within (const CcbtConfigKey *key, double number)
{
  return number >= key->minimum && number <= key->maximum; /* FALSE for what is no number */
}

gboolean
ccbt_config_value_fits (const CcbtConfigKey *key, const CcbtTomlValue *value)
{
  switch (key->type)
    {
    case CCBT_CONFIG_BOOLEAN:
      return value->type == CCBT_TOML_BOOLEAN;
    case CCBT_CONFIG_INTEGER:
      return value->type == CCBT_TOML_INTEGER && is_within (key, value->number);
    case CCBT_CONFIG_NUMBER:
      return (value->type == CCBT_TOML_INTEGER || value->type == CCBT_TOML_NUMBER)
             && is_within (key, value->number);
    case CCBT_CONFIG_STRING:
      return value->type == CCBT_TOML_STRING;
    case CCBT_CONFIG_CHOICE:
      return value->type == CCBT_TOML_STRING && g_strv_contains (key->choices, value->string);
    default:
      g_assert_not_reached ();
    }
}

static char *
describe_range (const CcbtConfigKey *key)
{
  const gboolean has_unit = *key->unit != '\0';

  if (key->type == CCBT_CONFIG_INTEGER)
    return g_strdup_printf ("%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT "%s%s",
                            (gint64) key->minimum, (gint64) key->maximum, has_unit ? " " : "",
                            key->unit);
  return g_strdup_printf ("%g to %g%s%s", key->minimum, key->maximum, has_unit ? " " : "",
                          key->unit);
}

char *
ccbt_config_value_describe_allowed (const CcbtConfigKey *key)
{
  g_autofree char *choices = NULL;

  switch (key->type)
    {
    case CCBT_CONFIG_BOOLEAN:
      return g_strdup ("true or false");
    case CCBT_CONFIG_INTEGER:
    case CCBT_CONFIG_NUMBER:
      return describe_range (key);
    case CCBT_CONFIG_STRING:
      return g_strdup ("text in quotes");
    case CCBT_CONFIG_CHOICE:
      choices = g_strjoinv ("\", \"", (char **) key->choices);
      return g_strdup_printf ("\"%s\"", choices);
    default:
      g_assert_not_reached ();
    }
}

char *
ccbt_config_value_quote_found (const char *text, gsize len)
{
  return ccbt_text_make_printable ((CcbtSpan){ (const guint8 *) text, len }, MAX_SHOWN);
}

static gboolean
is_text (const CcbtConfigKey *key)
{
  return key->type == CCBT_CONFIG_STRING || key->type == CCBT_CONFIG_CHOICE;
}

/* A shell takes the quotes away, and a path needs none. */
static gboolean
parse_text (const CcbtConfigKey *key, const char *text, CcbtTomlValue *out)
{
  if (is_text (key) && *text != '"' && *text != '\'')
    {
      if (!g_utf8_validate (text, -1, NULL))
        return FALSE;
      *out = (CcbtTomlValue){ .type = CCBT_TOML_STRING, .string = g_strdup (text) };
      return TRUE;
    }
  return ccbt_toml_value_parse (text, strlen (text), out, NULL);
}

gboolean
ccbt_config_value_parse (const CcbtConfigKey *key, const char *text, CcbtTomlValue *out,
                         GError **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  g_autofree char *allowed = NULL;
  g_autofree char *found = NULL;

  memset (out, 0, sizeof *out);
  if (parse_text (key, trimmed, out) && ccbt_config_value_fits (key, out))
    return TRUE;
  ccbt_toml_value_clear (out);
  allowed = ccbt_config_value_describe_allowed (key);
  found = ccbt_config_value_quote_found (text, strlen (text));
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "%s: found %s, allowed %s", key->key, found,
               allowed);
  return FALSE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-config-value-private.h"
#include "session/ccbt-limit-schedule.h"
#include "base/ccbt-address.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include <string.h>

#define MAX_SHOWN 60

static gboolean
is_within (const CcbtConfigKey *key, double number)
{
  return number >= key->minimum && number <= key->maximum; /* FALSE for what is no number */
}

static gboolean
has_format (CcbtConfigFormat format, const char *text)
{
  CcbtAddress address;

  if (*text == '\0')
    return TRUE;
  if (format == CCBT_CONFIG_FORMAT_ADDRESS)
    return ccbt_address_parse_ip (text, 0, &address);
  if (format == CCBT_CONFIG_FORMAT_SCHEDULE)
    {
      g_autoptr (CcbtLimitSchedule) schedule = ccbt_limit_schedule_parse (text, NULL);

      return schedule != NULL;
    }
  return TRUE;
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
      return value->type == CCBT_TOML_STRING && has_format (key->format, value->string);
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
ccbt_config_key_describe_allowed (const CcbtConfigKey *key)
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
      if (key->format == CCBT_CONFIG_FORMAT_ADDRESS)
        return g_strdup ("a numeric IP address in quotes, or \"\"");
      if (key->format == CCBT_CONFIG_FORMAT_SCHEDULE)
        return g_strdup ("times such as \"mon-fri 08:00-18:00, sat,sun 10:00-14:00\", or \"\"");
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

/* What people write where no TOML is asked for. */
static gboolean
parse_switch (const char *text, CcbtTomlValue *out)
{
  static const char *const words[][2]
      = { { "false", "true" }, { "no", "yes" }, { "off", "on" }, { "0", "1" } };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    for (guint j = 0; j < 2; j++)
      if (g_ascii_strcasecmp (text, words[i][j]) == 0)
        {
          *out = (CcbtTomlValue){ .type = CCBT_TOML_BOOLEAN, .boolean = j == 1 };
          return TRUE;
        }
  return FALSE;
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
  if (key->type == CCBT_CONFIG_BOOLEAN && parse_switch (text, out))
    return TRUE;
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
  allowed = ccbt_config_key_describe_allowed (key);
  found = ccbt_config_value_quote_found (text, strlen (text));
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "%s: found %s, allowed %s", key->key, found,
               allowed);
  return FALSE;
}

static char *
number_to_toml (double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (buffer, sizeof buffer, "%.15g", number);
  return strpbrk (buffer, ".en") != NULL ? g_strdup (buffer) : g_strconcat (buffer, ".0", NULL);
}

char *
ccbt_config_value_to_toml (const CcbtTomlValue *value)
{
  switch (value->type)
    {
    case CCBT_TOML_BOOLEAN:
      return g_strdup (value->boolean ? "true" : "false");
    case CCBT_TOML_INTEGER:
      return g_strdup_printf ("%" G_GINT64_FORMAT, value->integer);
    case CCBT_TOML_NUMBER:
      return number_to_toml (value->number);
    case CCBT_TOML_STRING:
      return ccbt_toml_quote (value->string);
    default:
      g_assert_not_reached ();
    }
}

static gboolean
is_number (const CcbtTomlValue *value)
{
  return value->type == CCBT_TOML_INTEGER || value->type == CCBT_TOML_NUMBER;
}

gboolean
ccbt_config_value_equals (const CcbtTomlValue *a, const CcbtTomlValue *b)
{
  if (a->type == CCBT_TOML_INTEGER && b->type == CCBT_TOML_INTEGER)
    return a->integer == b->integer;
  if (is_number (a) && is_number (b))
    return a->number == b->number;
  if (a->type != b->type)
    return FALSE;
  return a->type == CCBT_TOML_BOOLEAN ? a->boolean == b->boolean
                                      : g_str_equal (a->string, b->string);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-command-private.h"
#include "session/ccbt-config-live.h"
#include "base/ccbt-error.h"

/* Settings of the running session. */

static const CcbtConfigKey *
find_key (CcbtCall *call, const char *name)
{
  const CcbtConfigKey *key = ccbt_config_lookup_key (name);

  if (key == NULL)
    ccbt_call_reply_error (
        call, g_error_new (CCBT_ERROR, CCBT_ERROR_INVALID, "There is no setting %.64s.", name));
  return key;
}

static void
config_get (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtConfig *config = ccbt_session_get_config (session);
  g_autofree char *text = NULL;
  g_autofree char *origin = NULL;
  const char *name;

  g_variant_get (arguments, "(&s)", &name);
  if (find_key (call, name) == NULL)
    return;
  text = ccbt_config_get_text (config, name, FALSE);
  origin = ccbt_config_describe_origin (config, name);
  ccbt_call_reply (call, g_variant_new ("(ss)", text, origin));
}

static const char *
get_type_name (const CcbtConfigKey *key)
{
  switch (key->type)
    {
    case CCBT_CONFIG_BOOLEAN:
      return "boolean";
    case CCBT_CONFIG_INTEGER:
      return "integer";
    case CCBT_CONFIG_NUMBER:
      return "number";
    case CCBT_CONFIG_CHOICE:
      return "choice";
    case CCBT_CONFIG_STRING:
    default:
      return key->format == CCBT_CONFIG_FORMAT_FOLDER ? "folder" : "text";
    }
}

/* Returns: (transfer floating): a{sv} */
static GVariant *
describe (CcbtConfig *config, const CcbtConfigKey *key)
{
  static const char *const none[] = { NULL };
  g_autofree char *value = ccbt_config_get_text (config, key->key, FALSE);
  g_autofree char *origin = ccbt_config_describe_origin (config, key->key);
  g_autofree char *allowed = ccbt_config_key_describe_allowed (key);
  CcbtConfigLevel level = ccbt_config_get_origin (config, key->key);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "key", "s", key->key);
  g_variant_dict_insert (&dict, "title", "s", key->title);
  g_variant_dict_insert (&dict, "description", "s", key->description);
  g_variant_dict_insert (&dict, "type", "s", get_type_name (key));
  g_variant_dict_insert (&dict, "unit", "s", key->unit);
  g_variant_dict_insert (&dict, "minimum", "d", key->minimum);
  g_variant_dict_insert (&dict, "maximum", "d", key->maximum);
  g_variant_dict_insert (&dict, "choices", "^as", key->choices != NULL ? key->choices : none);
  g_variant_dict_insert (&dict, "allowed", "s", allowed);
  g_variant_dict_insert (&dict, "needs-restart", "b", key->needs_restart);
  g_variant_dict_insert (&dict, "value", "s", value);
  g_variant_dict_insert (&dict, "level", "s", ccbt_config_level_get_name (level));
  g_variant_dict_insert (&dict, "origin", "s", origin);
  return g_variant_dict_end (&dict);
}

static void
config_list (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtConfig *config = ccbt_session_get_config (session);
  guint n_keys;
  const CcbtConfigKey *keys = ccbt_config_get_schema (&n_keys);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < n_keys; i++)
    g_variant_builder_add_value (&builder, describe (config, &keys[i]));
  ccbt_call_reply (call, g_variant_new ("(aa{sv})", &builder));
}

static void
changed_cb (gpointer data, const char *const *keys, const GError *error)
{
  if (error != NULL)
    ccbt_call_reply_error (data, g_error_copy (error));
  else
    ccbt_call_reply (
        data,
        g_variant_new ("(b)", keys[0] != NULL && ccbt_config_lookup_key (keys[0])->needs_restart));
}

static void
config_set (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  const char *name, *text;

  g_variant_get (arguments, "(&s&s)", &name, &text);
  ccbt_config_live_set (ccbt_session_get_settings (session), name, text, changed_cb, call);
}

static void
config_reset (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  const char *name;

  g_variant_get (arguments, "(&s)", &name);
  ccbt_config_live_set (ccbt_session_get_settings (session), name, NULL, changed_cb, call);
}

static void
reloaded_cb (gpointer data, const char *const *keys, const GError *error)
{
  if (error != NULL)
    ccbt_call_reply_error (data, g_error_copy (error));
  else
    ccbt_call_reply (data, g_variant_new ("(^as)", keys));
}

static void
config_reload (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  ccbt_config_live_reload (ccbt_session_get_settings (session), reloaded_cb, call);
}

static const CcbtCommandEntry entries[] = {
  { { "config.get", "(s)", "(ss)", "Tell a setting's value and where it comes from" }, config_get },
  { { "config.list", "()", "(aa{sv})",
      "List all settings: key, title, description, type, unit, minimum, "
      "maximum, choices, allowed, needs-restart, value, level, origin" },
    config_list },
  { { "config.set", "(ss)", "(b)",
      "Change a setting, in the file too; replies whether that takes a restart" },
    config_set },
  { { "config.reset", "(s)", "(b)", "Put a setting back to its default, in the file too" },
    config_reset },
  { { "config.reload", "()", "(as)", "Read the file again; replies the keys that have changed" },
    config_reload },
};

const CcbtCommandGroup ccbt_config_commands = { entries, G_N_ELEMENTS (entries) };

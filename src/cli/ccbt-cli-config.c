/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli-config.h"
#include "base/ccbt-error.h"
#include "session/ccbt-config-file.h"

#include <string.h>

/* ccbt config: shows and changes settings; a session that runs notices changes of the file itself. */

typedef struct
{
  char *file; /* (nullable): --config */
  char **settings;
  char **rest;
  gboolean shows_origin;
  gboolean json;
  gboolean markdown;
} Options;

/* --- What several of them do --- */

static void
complain_of_problems (CcbtConfig *config)
{
  const char *const *problems = ccbt_config_get_problems (config);

  for (guint i = 0; problems[i] != NULL; i++)
    ccbt_cli_complain ("%s", problems[i]);
}

/* Returns: (transfer full) (nullable): NULL after complaining */
static CcbtConfig *
load (const Options *options)
{
  g_autoptr (CcbtConfig) config = ccbt_config_load (options->file, TRUE);
  g_autoptr (GError) error = NULL;

  complain_of_problems (config);
  for (guint i = 0; options->settings != NULL && options->settings[i] != NULL; i++)
    if (!ccbt_config_set_from_command_line (config, options->settings[i], &error))
      {
        ccbt_cli_complain ("%s", error->message);
        return NULL;
      }
  if (!ccbt_config_validate (config, &error))
    ccbt_cli_complain ("%s", error->message);
  return g_steal_pointer (&config);
}

static const CcbtConfigKey *
find_key (const char *name)
{
  const CcbtConfigKey *key = ccbt_config_lookup_key (name);

  if (key == NULL)
    ccbt_cli_complain ("“%s” is no setting; “ccbt config schema” lists them.", name);
  return key;
}

static void
add_member (JsonBuilder *builder, CcbtConfig *config, const CcbtConfigKey *key)
{
  g_autofree char *origin = ccbt_config_describe_origin (config, key->key);

  json_builder_set_member_name (builder, key->key);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "value");
  ccbt_cli_config_add_value (builder, config, key);
  json_builder_set_member_name (builder, "level");
  json_builder_add_string_value (
      builder, ccbt_config_level_get_name (ccbt_config_get_origin (config, key->key)));
  json_builder_set_member_name (builder, "origin");
  json_builder_add_string_value (builder, origin);
  json_builder_end_object (builder);
}

/* Those that @is_wanted (NULL: all) says, in the form of a file or as one object. */
static void
print_keys (CcbtConfig *config, const Options *options, const char *section,
            gboolean (*is_wanted) (CcbtConfig *config, const CcbtConfigKey *key))
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  guint n_keys;
  const CcbtConfigKey *keys = ccbt_config_get_schema (&n_keys);
  g_autofree char *open = NULL;

  json_builder_begin_object (builder);
  for (guint i = 0; i < n_keys; i++)
    {
      g_autofree char *of = g_strndup (keys[i].key, strcspn (keys[i].key, "."));
      g_autofree char *text = NULL;
      g_autofree char *origin = NULL;

      if ((section != NULL && !g_str_equal (of, section))
          || (is_wanted != NULL && !is_wanted (config, &keys[i])))
        continue;
      if (options->json)
        {
          add_member (builder, config, &keys[i]);
          continue;
        }
      if (g_strcmp0 (open, of) != 0)
        g_print ("%s[%s]\n", open != NULL ? "\n" : "", of);
      g_free (open);
      open = g_steal_pointer (&of);
      text = ccbt_config_get_text (config, keys[i].key, TRUE);
      origin = ccbt_config_describe_origin (config, keys[i].key);
      if (options->shows_origin)
        g_print ("%s = %s  # %s\n", strchr (keys[i].key, '.') + 1, text, origin);
      else
        g_print ("%s = %s\n", strchr (keys[i].key, '.') + 1, text);
    }
  json_builder_end_object (builder);
  if (options->json)
    ccbt_cli_print_json (builder);
}

/* --- The actions --- */

static gboolean
is_section (const char *name)
{
  guint n_keys;
  const CcbtConfigKey *keys = ccbt_config_get_schema (&n_keys);
  const gsize len = strlen (name);

  for (guint i = 0; i < n_keys; i++)
    if (strncmp (keys[i].key, name, len) == 0 && keys[i].key[len] == '.')
      return TRUE;
  return FALSE;
}

static int
show (const Options *options)
{
  const char *section = options->rest[0];
  g_autoptr (CcbtConfig) config = NULL;

  if (section != NULL && !is_section (section))
    return ccbt_cli_usage_error ("“%s” is no section of the settings.", section);
  config = load (options);
  if (config == NULL)
    return CCBT_EXIT_USAGE;
  print_keys (config, options, section, NULL);
  return CCBT_EXIT_DONE;
}

static gboolean
differs (CcbtConfig *config, const CcbtConfigKey *key)
{
  return !ccbt_config_is_default (config, key->key);
}

static int
diff (const Options *options)
{
  g_autoptr (CcbtConfig) config = load (options);

  if (config == NULL)
    return CCBT_EXIT_USAGE;
  print_keys (config, options, NULL, differs);
  return CCBT_EXIT_DONE;
}

static int
get (const Options *options)
{
  g_autoptr (CcbtConfig) config = load (options);
  const CcbtConfigKey *key = config != NULL ? find_key (options->rest[0]) : NULL;
  g_autoptr (JsonBuilder) builder = NULL;
  g_autofree char *text = NULL;
  g_autofree char *origin = NULL;

  if (key == NULL)
    return CCBT_EXIT_USAGE;
  if (options->json)
    {
      builder = json_builder_new ();
      json_builder_begin_object (builder);
      add_member (builder, config, key);
      json_builder_end_object (builder);
      ccbt_cli_print_json (builder);
      return CCBT_EXIT_DONE;
    }
  text = ccbt_config_get_text (config, key->key, FALSE);
  origin = ccbt_config_describe_origin (config, key->key);
  if (options->shows_origin)
    g_print ("%s  # %s\n", text, origin);
  else
    g_print ("%s\n", text);
  return CCBT_EXIT_DONE;
}

/* What is written is not always what counts. */
static void
tell_if_hidden (const Options *options, const char *key)
{
  g_autoptr (CcbtConfig) config = ccbt_config_load (options->file, TRUE);
  g_autofree char *origin = ccbt_config_describe_origin (config, key);

  if (ccbt_config_get_origin (config, key) > CCBT_CONFIG_LEVEL_FILE)
    ccbt_cli_complain ("%s: the %s is stronger than the file.", key, origin);
  else if (ccbt_config_is_local (config) && !ccbt_config_lookup_key (key)->is_guarded)
    ccbt_cli_complain ("%s: here %s is used instead of your own file.", key,
                       ccbt_config_get_path (config));
}

/* @text: NULL = back to the default. */
static int
change (const Options *options, const char *name, const char *text)
{
  g_autofree char *path
      = options->file != NULL ? g_strdup (options->file) : ccbt_config_file_get_usual ();
  /* The file alone: what the environment says now may not hold later. */
  g_autoptr (CcbtConfig) config = ccbt_config_load_file (path);
  const CcbtConfigKey *key = find_key (name);
  g_autofree char *toml = NULL;
  g_autoptr (GError) error = NULL;

  if (key == NULL)
    return CCBT_EXIT_USAGE;
  if (!ccbt_config_check (config, name, text, &toml, &error))
    {
      ccbt_cli_complain ("%s", error->message);
      return CCBT_EXIT_USAGE;
    }
  if (!ccbt_config_file_edit (path, name, toml, NULL, NULL, &error))
    {
      ccbt_cli_complain ("%s", error->message);
      return CCBT_EXIT_FAILED;
    }
  tell_if_hidden (options, name);
  return CCBT_EXIT_DONE;
}

static int
set (const Options *options)
{
  return change (options, options->rest[0], options->rest[1]);
}

static int
reset (const Options *options)
{
  return change (options, options->rest[0], NULL);
}

static int
schema (const Options *options)
{
  if (options->markdown)
    ccbt_cli_config_print_page ();
  else if (options->json)
    ccbt_cli_config_print_json_schema ();
  else
    ccbt_cli_config_print_table ();
  return CCBT_EXIT_DONE;
}

static int
validate (const Options *options)
{
  const char *file = options->rest[0] != NULL ? options->rest[0] : options->file;
  g_autoptr (CcbtConfig) config
      = file != NULL ? ccbt_config_load_file (file) : ccbt_config_load (NULL, TRUE);

  complain_of_problems (config);
  return ccbt_config_get_problems (config)[0] == NULL ? CCBT_EXIT_DONE : CCBT_EXIT_USAGE;
}

static int
path (const Options *options)
{
  g_autoptr (CcbtConfig) config = ccbt_config_load (options->file, TRUE);
  g_autofree char *usual = ccbt_config_file_get_usual ();

  g_print ("%s\n", ccbt_config_get_path (config) != NULL ? ccbt_config_get_path (config) : usual);
  return CCBT_EXIT_DONE;
}

/* --- The command line --- */

typedef struct
{
  const char *name;
  guint least, most; /* words after it */
  int (*run) (const Options *options);
  const char *usage;
} Action;

static const Action actions[] = {
  { "show", 0, 1, show, "ccbt config show [SECTION] [--origin] [--json]" },
  { "get", 1, 1, get, "ccbt config get KEY [--origin] [--json]" },
  { "set", 2, 2, set, "ccbt config set KEY VALUE" },
  { "reset", 1, 1, reset, "ccbt config reset KEY" },
  { "diff", 0, 0, diff, "ccbt config diff [--origin] [--json]" },
  { "schema", 0, 0, schema, "ccbt config schema [--json|--markdown]" },
  { "validate", 0, 1, validate, "ccbt config validate [FILE]" },
  { "path", 0, 0, path, "ccbt config path" },
};

static void
options_clear (Options *self)
{
  g_free (self->file);
  g_strfreev (self->settings);
  g_strfreev (self->rest);
}

static int
run (const Action *action, int argc, char **argv)
{
  Options options = { 0 };
  const GOptionEntry entries[] = {
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &options.file, NULL, NULL },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.settings, NULL, NULL },
    { "origin", 0, 0, G_OPTION_ARG_NONE, &options.shows_origin, NULL, NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, NULL, NULL },
    { "markdown", 0, 0, G_OPTION_ARG_NONE, &options.markdown, NULL, NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.rest, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  guint n_rest;
  int code;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    code = ccbt_cli_usage_error ("%s", error->message);
  else
    {
      if (options.rest == NULL)
        options.rest = g_new0 (char *, 1);
      n_rest = g_strv_length (options.rest);
      code = n_rest >= action->least && n_rest <= action->most
                 ? action->run (&options)
                 : ccbt_cli_usage_error ("Say: %s", action->usage);
    }
  options_clear (&options);
  return code;
}

int
ccbt_cli_config (int argc, char **argv)
{
  for (guint i = 0; argc > 1 && i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (actions[i].name, argv[1]))
      return run (&actions[i], argc - 1, argv + 1);
  return ccbt_cli_usage_error (
      "Say ccbt config show, get, set, reset, diff, schema, validate or path.");
}

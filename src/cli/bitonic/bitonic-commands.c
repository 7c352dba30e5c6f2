/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-commands.h"
#include "../ccbt-cli-text.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include <glib/gi18n.h>
#include <string.h>

typedef struct _Command Command;

/* Returns: (transfer floating) (nullable): NULL: the words make no sense */
typedef GVariant *(*MakeArguments) (const Command *command, const char *info_hash,
                                    const char *const *words);

struct _Command
{
  BitonicCommandInfo info;
  const char *verb;
  guint n_words;
  gboolean joins; /* the last word is all that is left of the line */
  gboolean is_of_torrent;
  MakeArguments make;
  const char *option; /* of a torrent, that it sets */
};

/* --- Arguments --- */

static GVariant *
make_none (const Command *command, const char *info_hash, const char *const *words)
{
  return g_variant_new ("()");
}

static GVariant *
make_hash (const Command *command, const char *info_hash, const char *const *words)
{
  return g_variant_new ("(s)", info_hash);
}

static GVariant *
make_text (const Command *command, const char *info_hash, const char *const *words)
{
  return g_variant_new ("(ss)", info_hash, words[0]);
}

static gboolean
parse_switch (const char *word, gboolean *is_on)
{
  *is_on = g_str_equal (word, "on");
  return *is_on || g_str_equal (word, "off");
}

static GVariant *
make_switch (const Command *command, const char *info_hash, const char *const *words)
{
  gboolean is_on;

  if (!parse_switch (words[0], &is_on))
    return NULL;
  return info_hash != NULL ? g_variant_new ("(sb)", info_hash, is_on)
                           : g_variant_new ("(b)", is_on);
}

static GVariant *
make_limits (const Command *command, const char *info_hash, const char *const *words)
{
  guint64 down, up;
  GVariantDict options;

  if (!ccbt_cli_parse_rate (words[0], &down) || !ccbt_cli_parse_rate (words[1], &up))
    return NULL;
  if (info_hash == NULL)
    return g_variant_new ("(tt)", down, up);
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "download-limit", "t", down);
  g_variant_dict_insert (&options, "upload-limit", "t", up);
  return g_variant_new ("(s@a{sv})", info_hash, g_variant_dict_end (&options));
}

static GVariant *
make_option (const char *info_hash, const char *option, GVariant *value)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert_value (&options, option, value);
  return g_variant_new ("(s@a{sv})", info_hash, g_variant_dict_end (&options));
}

static GVariant *
make_text_option (const Command *command, const char *info_hash, const char *const *words)
{
  return make_option (info_hash, command->option, g_variant_new_string (words[0]));
}

static GVariant *
make_switch_option (const Command *command, const char *info_hash, const char *const *words)
{
  gboolean is_on;

  return parse_switch (words[0], &is_on)
             ? make_option (info_hash, command->option, g_variant_new_boolean (is_on))
             : NULL;
}

static GVariant *
make_number_option (const Command *command, const char *info_hash, const char *const *words)
{
  char *end;
  const double number = g_ascii_strtod (words[0], &end);

  return *end == '\0' && end != words[0]
             ? make_option (info_hash, command->option, g_variant_new_double (number))
             : NULL;
}

static GVariant *
make_folder (const Command *command, const char *info_hash, const char *const *words)
{
  g_autofree char *folder = g_canonicalize_filename (words[0], NULL);

  return g_variant_new ("(ss)", info_hash, folder);
}

/* --- The table --- */

static const Command commands[] = {
  { { "pause", "", N_ ("pause") }, "torrent.pause", 0, FALSE, TRUE, make_hash },
  { { "resume", "", N_ ("resume") }, "torrent.resume", 0, FALSE, TRUE, make_hash },
  { { "announce", "", N_ ("ask the trackers for peers now") },
    "torrent.announce",
    0,
    FALSE,
    TRUE,
    make_hash },
  { { "rehash", "", N_ ("hash again what is on disk") },
    "torrent.check",
    0,
    FALSE,
    TRUE,
    make_hash },
  { { "limit", "DOWN UP",
      N_ ("limits of the torrent in bytes per second, such as 2M 500K; 0: none") },
    "torrent.set-options",
    2,
    FALSE,
    TRUE,
    make_limits },
  { { "limit-all", "DOWN UP", N_ ("limits of the whole instance") },
    "session.set-limits",
    2,
    FALSE,
    FALSE,
    make_limits },
  { { "alternative", "on|off", N_ ("the alternative limits") },
    "session.set-alternative",
    1,
    FALSE,
    FALSE,
    make_switch },
  { { "pause-all", "", N_ ("pause every torrent") },
    "session.pause-all",
    0,
    FALSE,
    FALSE,
    make_none },
  { { "resume-all", "", N_ ("resume every torrent") },
    "session.resume-all",
    0,
    FALSE,
    FALSE,
    make_none },
  { { "queue", "top|up|down|bottom", N_ ("its place in the queue") },
    "queue.move",
    1,
    FALSE,
    TRUE,
    make_text },
  { { "priority", "low|normal|high|maximum", N_ ("its priority in the queue") },
    "torrent.set-options",
    1,
    FALSE,
    TRUE,
    make_text_option,
    "priority" },
  { { "forced", "on|off", N_ ("runs beside the queue") },
    "torrent.set-options",
    1,
    FALSE,
    TRUE,
    make_switch_option,
    "forced" },
  { { "sequential", "on|off", N_ ("download in order") },
    "torrent.set-sequential",
    1,
    FALSE,
    TRUE,
    make_switch },
  { { "super-seeding", "on|off", N_ ("give each piece once, as the first seed") },
    "torrent.set-options",
    1,
    FALSE,
    TRUE,
    make_switch_option,
    "super-seeding" },
  { { "ratio", "NUMBER", N_ ("seed until then; 0: without end; -1: as the settings say") },
    "torrent.set-options",
    1,
    FALSE,
    TRUE,
    make_number_option,
    "ratio-goal" },
  { { "category", "NAME", N_ ("file it under a category") },
    "torrent.set-options",
    1,
    TRUE,
    TRUE,
    make_text_option,
    "category" },
  { { "rename", "NAME", N_ ("how it is called here") },
    "torrent.set-options",
    1,
    TRUE,
    TRUE,
    make_text_option,
    "display-name" },
  { { "folder", "PATH", N_ ("where its files are now") },
    "torrent.set-folder",
    1,
    TRUE,
    TRUE,
    make_folder },
  { { "peer", "ADDRESS:PORT", N_ ("connect to a peer") },
    "torrent.add-peer",
    1,
    FALSE,
    TRUE,
    make_text },
};

const BitonicCommandInfo *
bitonic_commands_get (guint *n_commands)
{
  static BitonicCommandInfo infos[G_N_ELEMENTS (commands)];

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    infos[i] = commands[i].info;
  *n_commands = G_N_ELEMENTS (commands);
  return infos;
}

/* Returns: (transfer full): the words of @line; the last holds the rest when @n_words is reached */
static char **
split (const char *line, guint n_words)
{
  GPtrArray *words = g_ptr_array_new ();

  while (*(line += strspn (line, " ")) != '\0')
    {
      const gsize length = words->len == n_words ? strlen (line) : strcspn (line, " ");

      g_ptr_array_add (words, g_strchomp (g_strndup (line, length)));
      line += length;
    }
  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_free (words, FALSE);
}

static const Command *
find_command (const char *line, GError **error)
{
  g_auto (GStrv) words = split (line, G_MAXUINT);
  g_autofree char *shown = NULL;

  for (guint i = 0; words[0] != NULL && i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (words[0], commands[i].info.name))
      return &commands[i];
  shown = ccbt_text_make_printable (ccbt_span_from_string (words[0] != NULL ? words[0] : ""), 40);
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("There is no command “%s”; ? lists them."),
               shown);
  return NULL;
}

gboolean
bitonic_command_check (const char *line, gboolean *is_of_torrent, GError **error)
{
  const Command *command = find_command (line, error);

  *is_of_torrent = command != NULL && command->is_of_torrent;
  return command != NULL;
}

GVariant *
bitonic_command_make (const char *line, const char *info_hash, const char **verb, GError **error)
{
  const Command *command = find_command (line, error);
  g_auto (GStrv) words = NULL;
  GVariant *arguments = NULL;

  if (command == NULL)
    return NULL;
  words = split (line, command->joins ? command->n_words : G_MAXUINT);
  if (g_strv_length (words) == command->n_words + 1
      && (info_hash != NULL || !command->is_of_torrent))
    arguments = command->make (command, command->is_of_torrent ? info_hash : NULL,
                               (const char *const *) words + 1);
  *verb = command->verb;
  if (arguments == NULL)
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("It is used so: %s %s"),
                 command->info.name, command->info.usage);
  return arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
}

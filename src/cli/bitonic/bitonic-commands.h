/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* What is typed after ":": one verb of the instance for each line, most of them about a torrent. */
typedef struct
{
  const char *name;
  const char *usage; /* of its arguments; "" = none */
  const char *help;  /* N_ () */
} BitonicCommandInfo;

const BitonicCommandInfo *bitonic_commands_get (guint *n_commands);

/* Is it about torrents, and so to be run for each? Errors: INVALID: there is no such command. */
gboolean bitonic_command_check (const char *line, gboolean *is_of_torrent, GError **error);

/* @info_hash: (nullable) for those that are about none. @verb: (out). Errors: INVALID: it is not
 * understood; the message is for the user. Returns: (transfer full) (nullable): the verb's arguments */
GVariant *bitonic_command_make (const char *line, const char *info_hash, const char **verb,
                                GError **error);

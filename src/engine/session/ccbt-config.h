/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* Settings: one table says every key there is; values come from five levels, lowest first: built-in
 * defaults, the configuration file, CCBT_* environment, the command line, per-torrent overrides
 * (later). Only keys that something reads are in the table. */
typedef struct _CcbtConfig CcbtConfig;

typedef enum
{
  CCBT_CONFIG_BOOLEAN,
  CCBT_CONFIG_INTEGER,
  CCBT_CONFIG_NUMBER, /* double */
  CCBT_CONFIG_STRING,
  CCBT_CONFIG_CHOICE, /* one of `choices` */
} CcbtConfigType;

typedef enum
{
  CCBT_CONFIG_LEVEL_DEFAULT,
  CCBT_CONFIG_LEVEL_FILE,
  CCBT_CONFIG_LEVEL_ENVIRONMENT,
  CCBT_CONFIG_LEVEL_COMMAND_LINE,
} CcbtConfigLevel;

typedef struct
{
  const char *key; /* "network.listen_port" */
  CcbtConfigType type;
  const char *default_value; /* as text in TOML */
  double minimum;            /* numbers */
  double maximum;
  const char *const *choices;
  const char *unit;        /* "bytes/s"; "" without */
  const char *description; /* one English sentence, marked for translation */
  gboolean needs_restart;
} CcbtConfigKey;

const CcbtConfigKey *ccbt_config_get_schema (guint *n_keys);

/* Reads the file and the environment. @file: (nullable): NULL = the first of ./ccbt.toml (only when
 * @in_terminal), $XDG_CONFIG_HOME/ccbt/ccbt.toml, ~/.ccbt.toml. Never fails as a whole: what is
 * wrong is left out and reported. Returns: (transfer full) */
CcbtConfig *ccbt_config_load (const char *file, gboolean in_terminal);
void ccbt_config_free (CcbtConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtConfig, ccbt_config_free)

/* "FILE:LINE: KEY: found X, allowed Y" sentences of the last load. (transfer none), possibly empty
 * strv */
const char *const *ccbt_config_get_problems (CcbtConfig *self);

/* @assignment: "section.key=value", from --set. Errors: INVALID: unknown key, wrong type, out of
 * range. */
gboolean ccbt_config_set_from_command_line (CcbtConfig *self, const char *assignment,
                                            GError **error);

/* The key must be in the table and of that type (programmer error otherwise). */
gboolean ccbt_config_get_boolean (CcbtConfig *self, const char *key);
gint64 ccbt_config_get_integer (CcbtConfig *self, const char *key);
double ccbt_config_get_number (CcbtConfig *self, const char *key);
const char *ccbt_config_get_string (CcbtConfig *self, const char *key);
CcbtConfigLevel ccbt_config_get_origin (CcbtConfig *self, const char *key);

/* Fails when any key violates a rule over several keys; the message names both. */
gboolean ccbt_config_validate (CcbtConfig *self, GError **error);

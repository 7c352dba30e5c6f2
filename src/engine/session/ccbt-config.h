/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* Settings: one table says every key there is; values come from five levels, lowest first: built-in
 * defaults, the configuration file, CCBT_* environment, the command line, per-torrent overrides
 * (later). Only keys that something reads are in the table. One thread at a time may use a
 * configuration; that of a session lives on the engine's context. */
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
  CCBT_CONFIG_N_LEVELS,
} CcbtConfigLevel;

/* What a string must be. */
typedef enum
{
  CCBT_CONFIG_FORMAT_ANY,
  CCBT_CONFIG_FORMAT_ADDRESS,  /* a numeric IP address, or empty */
  CCBT_CONFIG_FORMAT_FOLDER,   /* the path of one, or empty */
  CCBT_CONFIG_FORMAT_SCHEDULE, /* see ccbt-limit-schedule.h, or empty */
} CcbtConfigFormat;

typedef struct
{
  const char *key;   /* "network.listen_port" */
  const char *title; /* what it is called in a window, marked for translation */
  CcbtConfigType type;
  const char *default_value; /* as text in TOML */
  double minimum;            /* numbers */
  double maximum;
  const char *const *choices;
  const char *unit;        /* "bytes/s"; "" without */
  const char *description; /* one English sentence, marked for translation */
  gboolean needs_restart;
  CcbtConfigFormat format;
  gboolean is_guarded; /* where traffic and files go: never taken from ./ccbt.toml */
  gboolean is_strict;  /* a wrong value stops the start: leaving it out would do harm */
} CcbtConfigKey;

/* A name that the first ccBitTorrent gave to the environment variable of a key. */
typedef struct
{
  const char *variable;
  const char *key;
  guint factor; /* of that name's unit: 1024 for KiB; 0 = the same unit */
} CcbtConfigAlias;

const CcbtConfigKey *ccbt_config_get_schema (guint *n_keys);
const CcbtConfigAlias *ccbt_config_get_aliases (guint *n_aliases);
/* Returns: (nullable) */
const CcbtConfigKey *ccbt_config_lookup_key (const char *key);
/* "0 to 65535", "true or false". Returns: (transfer full) */
char *ccbt_config_key_describe_allowed (const CcbtConfigKey *key);
/* "network.listen_port" -> "CCBT_NETWORK_LISTEN_PORT". Returns: (transfer full) */
char *ccbt_config_key_make_variable (const char *key);
/* "file" */
const char *ccbt_config_level_get_name (CcbtConfigLevel level);

/* Reads the file and the environment. @file: (nullable): NULL = the first of ./ccbt.toml (only when
 * @in_terminal), $XDG_CONFIG_HOME/ccbt/ccbt.toml, ~/.ccbt.toml. With ./ccbt.toml the guarded keys
 * still come from the user's own file. Never fails as a whole: what is wrong is left out and
 * reported. Blocks. Returns: (transfer full) */
CcbtConfig *ccbt_config_load (const char *file, gboolean in_terminal);
/* The defaults alone. Returns: (transfer full) */
CcbtConfig *ccbt_config_new (void);
/* One file alone, without the environment. Blocks. Returns: (transfer full) */
CcbtConfig *ccbt_config_load_file (const char *path);
/* The same files and environment once more. Blocks, on any thread. @path: (nullable): as of
 * ccbt_config_get_path(). Returns: (transfer full) */
CcbtConfig *ccbt_config_load_again (const char *path, gboolean is_local);
void ccbt_config_free (CcbtConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtConfig, ccbt_config_free)

/* The file that was read; NULL: there was none. */
const char *ccbt_config_get_path (CcbtConfig *self);
/* Is that ./ccbt.toml? */
gboolean ccbt_config_is_local (CcbtConfig *self);
/* Of the file's bytes; "" without a file. */
const char *ccbt_config_get_checksum (CcbtConfig *self);
void ccbt_config_set_checksum (CcbtConfig *self, const char *checksum);

/* "FILE:LINE: KEY: found X, allowed Y" sentences of the last load. (transfer none), possibly empty
 * strv */
const char *const *ccbt_config_get_problems (CcbtConfig *self);
/* The first of them that is the file's fault and more than an unknown key. (nullable) */
const char *ccbt_config_get_worst_problem (CcbtConfig *self);

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
/* "file /home/me/ccbt.toml:7", "environment CCBT_X", "default". Returns: (transfer full) */
char *ccbt_config_describe_origin (CcbtConfig *self, const char *key);
/* Any key, as text: of strings the bare text when @is_toml is FALSE. Returns: (transfer full) */
char *ccbt_config_get_text (CcbtConfig *self, const char *key, gboolean is_toml);
gboolean ccbt_config_is_default (CcbtConfig *self, const char *key);

/* Fails when any key violates a rule over several keys, naming both, or when a strict key has a
 * wrong value. */
gboolean ccbt_config_validate (CcbtConfig *self, GError **error);

/* Could the file say so? @text: as on the command line; NULL = nothing, back to the default.
 * Nothing changes. @toml: (out) (optional) (transfer full): how the file is to say it; NULL with
 * NULL. Errors: INVALID: unknown key, wrong value, against another key, or a stronger level holds
 * the key. */
gboolean ccbt_config_check (CcbtConfig *self, const char *key, const char *text, char **toml,
                            GError **error);
/* The value of the file's level, from now on. Errors: the same; nothing has changed then. */
gboolean ccbt_config_put (CcbtConfig *self, const char *key, const char *text, GError **error);
/* Takes the levels of file and environment of @fresh, or nothing at all. Errors: INVALID: @fresh has
 * a problem. Returns: (transfer full) (nullable): keys whose value has changed, NULL-terminated */
char **ccbt_config_adopt (CcbtConfig *self, CcbtConfig *fresh, GError **error);

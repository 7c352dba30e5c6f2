/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-config.h"
#include "session/ccbt-toml.h"

/* What one level says of one key. */
typedef struct
{
  CcbtTomlValue value;
  gboolean is_set;
  char *source; /* (nullable): "FILE:LINE", the variable's name */
} CcbtConfigSetting;

typedef CcbtConfigSetting CcbtConfigLevels[CCBT_CONFIG_N_LEVELS];

struct _CcbtConfig
{
  const CcbtConfigKey *keys;
  guint n_keys;
  CcbtConfigLevels *settings; /* one a key, in the same order */
  GPtrArray *problems;        /* char *; NULL-terminated when loaded */
  const char *worst;          /* of `problems` */
  char *strict_problem;       /* a strict key has a wrong value */
  char *path;
  gboolean is_local;
  char *checksum;
};

/* --- ccbt-config.c --- */

/* Returns: its index; n_keys when there is no such key */
guint ccbt_config_find_key (CcbtConfig *self, const char *name);
/* @value: (transfer full). @source: (nullable) */
void ccbt_config_take_value (CcbtConfig *self, guint index, CcbtTomlValue *value,
                             CcbtConfigLevel level, const char *source);
void ccbt_config_clear_value (CcbtConfig *self, guint index, CcbtConfigLevel level);
/* That of the highest level. */
const CcbtConfigSetting *ccbt_config_get_setting (CcbtConfig *self, guint index);
CcbtConfigLevel ccbt_config_get_level (CcbtConfig *self, guint index);
/* What could stand in place of an unknown key: the keys of its section, or the sections.
 * Returns: (transfer full) */
char *ccbt_config_describe_known_keys (CcbtConfig *self, const char *name);

/* --- ccbt-config-conflicts.c --- */

/* The first rule over several keys that is broken. @index: (out): the key that gives way.
 * Returns: (transfer full) (nullable): "KEY: found X, allowed Y" */
char *ccbt_config_find_conflict (CcbtConfig *self, guint *index);

/* --- ccbt-config-file.c --- */

/* Returns: (transfer full) (nullable): the first of the usual files that is there */
char *ccbt_config_find_file (gboolean in_terminal, gboolean *is_local);

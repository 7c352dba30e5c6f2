/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-config.h"
#include "session/ccbt-toml.h"

/* Does @value fit @key? Integers fit where numbers do. */
gboolean ccbt_config_value_fits (const CcbtConfigKey *key, const CcbtTomlValue *value);

/* @text: as in the environment and on the command line: strings with or without their quotes.
 * Errors: INVALID, "KEY: found X, allowed Y" */
gboolean ccbt_config_value_parse (const CcbtConfigKey *key, const char *text, CcbtTomlValue *out,
                                  GError **error);

/* What somebody wrote, fit to be shown in a sentence. Returns: (transfer full) */
char *ccbt_config_value_quote_found (const char *text, gsize len);

/* As a file says it. Returns: (transfer full) */
char *ccbt_config_value_to_toml (const CcbtTomlValue *value);
gboolean ccbt_config_value_equals (const CcbtTomlValue *a, const CcbtTomlValue *b);

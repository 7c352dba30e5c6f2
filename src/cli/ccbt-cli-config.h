/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-cli.h"
#include "session/ccbt-config.h"

/* The table of all keys: for people, as JSON, as the page docs/configuration.md. */
void ccbt_cli_config_print_table (void);
void ccbt_cli_config_print_json_schema (void);
void ccbt_cli_config_print_page (void);

const char *ccbt_cli_config_name_type (CcbtConfigType type);
/* Adds the value of @key as JSON: a string, number or boolean. */
void ccbt_cli_config_add_value (JsonBuilder *builder, CcbtConfig *config, const CcbtConfigKey *key);

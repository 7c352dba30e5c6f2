/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "btbt-commands.h"
#include "control/ccbt-control-client.h"

/* "btbt: MESSAGE" on standard error, each of its lines made printable. Returns: the exit code for @error */
int btbt_complain (const GError *error);

/* The instance that @call is for. Returns: (transfer full) (nullable): after complaining; exit with
 * BTBT_EXIT_NO_INSTANCE */
CcbtControlClient *btbt_connect (const BtbtCall *call);
/* The same without complaining. Errors: those of ccbt_control_client_activate() */
CcbtControlClient *btbt_connect_quietly (const BtbtCall *call, GError **error);

/* The names of all torrents, for completion: nothing is said, and nothing started, when no instance runs.
 * Returns: (transfer full): char * */
GPtrArray *btbt_list_names (const BtbtCall *call);

/* Prints @value as one JSON document. */
void btbt_print_json (GVariant *value);

/* As people read it: sizes and rates of the keys that are such with units. Returns: (transfer full) */
char *btbt_format_value (const char *key, GVariant *value);

/* @rows: aa{sv}. @keys: NULL-terminated, marked as btbt_table_new() wants headings. */
void btbt_print_rows (GVariant *rows, const char *const *keys);

/* "key: value" for all of a{sv}. */
void btbt_print_dictionary (GVariant *dictionary);

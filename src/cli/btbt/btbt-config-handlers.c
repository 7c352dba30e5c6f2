/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-handlers.h"
#include "btbt-output.h"
#include "btbt-instance.h"
#include <glib/gi18n.h>
#include <stdio.h>

/* The settings of the running instance. */

/* Returns: (transfer floating): one row */
static GVariant *
make_row (const char *key, const char *value, const char *origin)
{
  GVariantDict row;

  g_variant_dict_init (&row, NULL);
  g_variant_dict_insert (&row, "key", "s", key);
  g_variant_dict_insert (&row, "value", "s", value);
  g_variant_dict_insert (&row, "origin", "s", origin);
  return g_variant_dict_end (&row);
}

int
btbt_run_config (const BtbtCall *call)
{
  g_autoptr (CcbtControlClient) client = btbt_connect (call);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL, rows = NULL;

  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  reply = ccbt_control_client_call (client, "config.list", NULL, &error);
  if (reply == NULL)
    return btbt_complain (error);
  rows = g_variant_get_child_value (reply, 0);
  if (call->json)
    btbt_print_json (rows);
  else
    btbt_print_rows (rows, (const char *const[]){ "key", "*value", "origin", NULL });
  return BTBT_EXIT_DONE;
}

int
btbt_run_config_get (const BtbtCall *call)
{
  g_autoptr (CcbtControlClient) client = btbt_connect (call);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL, row = NULL;
  const char *key = call->arguments->pdata[0], *value, *origin;

  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  reply = ccbt_control_client_call (client, "config.get", g_variant_new ("(s)", key), &error);
  if (reply == NULL)
    return btbt_complain (error);
  g_variant_get (reply, "(&s&s)", &value, &origin);
  row = g_variant_ref_sink (make_row (key, value, origin));
  if (call->json)
    btbt_print_json (row);
  else
    printf ("%s\n", value);
  return BTBT_EXIT_DONE;
}

/* "config set" and "config reset" */
int
btbt_run_config_set (const BtbtCall *call)
{
  gboolean sets = g_str_equal (call->command->words, "config set");
  g_autoptr (CcbtControlClient) client = btbt_connect (call);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  const char *key = call->arguments->pdata[0];
  gboolean needs_restart = FALSE;

  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  reply = ccbt_control_client_call (client, sets ? "config.set" : "config.reset",
                                    sets ? g_variant_new ("(ss)", key, call->arguments->pdata[1])
                                         : g_variant_new ("(s)", key),
                                    &error);
  if (reply == NULL)
    return btbt_complain (error);
  g_variant_get (reply, "(b)", &needs_restart);
  if (call->json)
    btbt_print_json (reply);
  else if (needs_restart)
    printf ("%s\n", _ ("It counts after a restart."));
  return BTBT_EXIT_DONE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../ccbt-cli-text.h"
#include "btbt-handlers.h"
#include "btbt-instance.h"
#include "btbt-output.h"
#include "session/ccbt-command.h"
#include <glib/gi18n.h>
#include <string.h>

int
btbt_run_status (const BtbtCall *call)
{
  g_autoptr (CcbtControlClient) client = btbt_connect (call);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) status = NULL;

  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  status = ccbt_control_client_status (client, &error);
  if (status == NULL)
    return btbt_complain (error);
  if (call->json)
    btbt_print_json (status);
  else
    btbt_print_dictionary (status);
  return BTBT_EXIT_DONE;
}

int
btbt_run_show (const BtbtCall *call)
{
  g_auto (BtbtInstance) instance = { .wants_all = TRUE };
  int code;
  g_autoptr (GPtrArray) hashes = btbt_instance_resolve (&instance, call, 1, &code);

  if (hashes == NULL)
    return code;
  for (gsize i = 0; i < g_variant_n_children (instance.torrents); i++)
    {
      g_autoptr (GVariant) torrent = g_variant_get_child_value (instance.torrents, i);
      const char *hash = "";

      g_variant_lookup (torrent, "info-hash", "&s", &hash);
      if (!g_str_equal (hash, hashes->pdata[0]))
        continue;
      if (call->json)
        btbt_print_json (torrent);
      else
        btbt_print_dictionary (torrent);
    }
  return BTBT_EXIT_DONE;
}

/* "files", "peers" and "trackers": the command's word is the part's name. */
int
btbt_run_details (const BtbtCall *call)
{
  static const char *const files[] = { "*path", ">length", ">done", ">priority", NULL };
  static const char *const peers[]
      = { "address", "*client", ">progress", ">down-rate", ">up-rate", "source", NULL };
  static const char *const trackers[]
      = { ">tier", "*url", "state", ">seeds", ">leechers", "message", NULL };
  const char *parts[] = { call->command->words, NULL };
  g_auto (BtbtInstance) instance = { 0 };
  int code;
  g_autoptr (GPtrArray) hashes = btbt_instance_resolve (&instance, call, 1, &code);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) details = NULL, rows = NULL;

  if (hashes == NULL)
    return code;
  details = ccbt_control_client_details (instance.client, hashes->pdata[0], parts, &error);
  if (details == NULL)
    return btbt_complain (error);
  rows = g_variant_lookup_value (details, parts[0], G_VARIANT_TYPE ("aa{sv}"));
  if (rows == NULL)
    rows = g_variant_ref_sink (g_variant_new ("aa{sv}", NULL));
  if (call->json)
    btbt_print_json (rows);
  else
    btbt_print_rows (rows, g_str_equal (parts[0], "files")   ? files
                           : g_str_equal (parts[0], "peers") ? peers
                                                             : trackers);
  return BTBT_EXIT_DONE;
}

int
btbt_run_each (const BtbtCall *call)
{
  g_auto (BtbtInstance) instance = { 0 };
  const CcbtCommandInfo *info = ccbt_command_lookup (call->command->verb);
  int code;
  g_autoptr (GPtrArray) hashes
      = btbt_instance_resolve (&instance, call, call->arguments->len, &code);

  if (hashes == NULL)
    return code;
  for (guint i = 0; i < hashes->len; i++)
    {
      /* torrent.remove alone has a second argument: its files stay. */
      GVariant *arguments = g_str_equal (info->arguments, "(sb)")
                                ? g_variant_new ("(sb)", hashes->pdata[i], FALSE)
                                : g_variant_new ("(s)", hashes->pdata[i]);
      int outcome = btbt_call_verb (instance.client, info->verb, arguments);

      code = MAX (code, outcome);
    }
  return code;
}

int
btbt_run_peer_add (const BtbtCall *call)
{
  g_auto (BtbtInstance) instance = { 0 };
  int code;
  g_autoptr (GPtrArray) hashes = btbt_instance_resolve (&instance, call, 1, &code);

  if (hashes == NULL)
    return code;
  return btbt_call_verb (instance.client, "torrent.add-peer",
                         g_variant_new ("(ss)", hashes->pdata[0], call->arguments->pdata[1]));
}

int
btbt_run_limit (const BtbtCall *call)
{
  g_autoptr (CcbtControlClient) client = NULL;
  guint64 down = 0, up = 0;

  ccbt_cli_parse_rate (call->arguments->pdata[0], &down); /* the parser has checked them */
  ccbt_cli_parse_rate (call->arguments->pdata[1], &up);
  client = btbt_connect (call);
  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  return btbt_call_verb (client, "session.set-limits", g_variant_new ("(tt)", down, up));
}

int
btbt_run_limit_torrent (const BtbtCall *call)
{
  GVariantDict options;
  guint64 down = 0, up = 0;

  ccbt_cli_parse_rate (call->arguments->pdata[1], &down);
  ccbt_cli_parse_rate (call->arguments->pdata[2], &up);
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "download-limit", "t", down);
  g_variant_dict_insert (&options, "upload-limit", "t", up);
  return btbt_set_options (call, g_variant_dict_end (&options));
}

int
btbt_run_category (const BtbtCall *call)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "category", "s", call->arguments->pdata[1]);
  return btbt_set_options (call, g_variant_dict_end (&options));
}

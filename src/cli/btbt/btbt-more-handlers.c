/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../ccbt-cli-addition.h"
#include "btbt-handlers.h"
#include "btbt-output.h"
#include "btbt-table.h"
#include "ccbt-build.h"
#include "base/ccbt-error.h"
#include "session/ccbt-command.h"
#include <glib/gi18n.h>
#include <stdio.h>

#define EVENTS_TIMEOUT_MS 20000

int
btbt_run_add (const BtbtCall *call)
{
  g_autoptr (GPtrArray) additions
      = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  g_autoptr (CcbtControlClient) client = NULL;
  g_autoptr (GVariantBuilder) added = g_variant_builder_new (G_VARIANT_TYPE ("aa{sv}"));
  g_autoptr (GVariant) rows = NULL;
  const CcbtCliAddition settings
      = { .folder = btbt_call_get_option (call, "folder"),
          .paused = btbt_call_get_option (call, "paused") != NULL,
          .sequential = btbt_call_get_option (call, "sequential") != NULL,
          .category = btbt_call_get_option (call, "category") };
  int code = BTBT_EXIT_DONE;

  for (guint i = 0; i < call->arguments->len; i++) /* all are read before one is added */
    {
      g_autoptr (GError) error = NULL;
      GVariant *addition = ccbt_cli_make_addition (call->arguments->pdata[i], &settings, &error);

      if (addition == NULL)
        return btbt_complain (error);
      g_ptr_array_add (additions, addition);
    }
  client = btbt_connect (call);
  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  for (guint i = 0; i < additions->len; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) reply
          = ccbt_control_client_call (client, "torrent.add", additions->pdata[i], &error);
      const char *hash;
      guint32 id;
      gboolean is_new;

      if (reply == NULL)
        {
          code = btbt_complain (error);
          continue;
        }
      g_variant_get (reply, "(&sub)", &hash, &id, &is_new);
      g_variant_builder_open (added, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (added, "{sv}", "info-hash", g_variant_new_string (hash));
      g_variant_builder_add (added, "{sv}", "id", g_variant_new_uint32 (id));
      g_variant_builder_add (added, "{sv}", "new", g_variant_new_boolean (is_new));
      g_variant_builder_close (added);
      if (!call->json)
        printf (is_new ? _ ("#%u %s added\n") : _ ("#%u %s was there already\n"), id, hash);
    }
  rows = g_variant_ref_sink (g_variant_builder_end (added));
  if (call->json)
    btbt_print_json (rows);
  return code;
}

int
btbt_run_verbs (const BtbtCall *call)
{
  static const char *const headings[] = { "verb", "arguments", "reply", "*help", NULL };
  g_autoptr (BtbtTable) table = btbt_table_new (headings);
  GVariantBuilder rows;
  g_autoptr (GVariant) document = NULL;
  g_autofree char *text = NULL;
  guint n;
  const CcbtCommandInfo *verbs = ccbt_command_get_table (&n);

  g_variant_builder_init (&rows, G_VARIANT_TYPE ("aa{ss}"));
  for (guint i = 0; i < n; i++)
    {
      const char *cells[] = { verbs[i].verb, verbs[i].arguments, verbs[i].reply, verbs[i].help };

      btbt_table_add (table, cells);
      g_variant_builder_open (&rows, G_VARIANT_TYPE ("a{ss}"));
      for (guint j = 0; j < G_N_ELEMENTS (cells); j++)
        g_variant_builder_add (&rows, "{ss}", headings[j] + (headings[j][0] == '*'), cells[j]);
      g_variant_builder_close (&rows);
    }
  document = g_variant_ref_sink (g_variant_builder_end (&rows));
  text = btbt_table_format (table, btbt_terminal_width ());
  if (call->json)
    btbt_print_json (document);
  else
    fputs (text, stdout);
  return BTBT_EXIT_DONE;
}

int
btbt_run_call (const BtbtCall *call)
{
  const char *verb = call->arguments->pdata[0];
  const CcbtCommandInfo *info = ccbt_command_lookup (verb);
  g_autoptr (CcbtControlClient) client = NULL;
  g_autoptr (GVariant) arguments = NULL, reply = NULL;
  g_autoptr (GError) error = NULL;

  if (info == NULL)
    {
      g_set_error (&error, CCBT_ERROR, CCBT_ERROR_INVALID,
                   _ ("there is no verb “%s”; see “btbt verbs”"), verb);
      return btbt_complain (error);
    }
  arguments = g_variant_parse (G_VARIANT_TYPE (info->arguments),
                               call->arguments->len > 1 ? call->arguments->pdata[1] : "()", NULL,
                               NULL, &error);
  if (arguments == NULL)
    {
      btbt_complain (error);
      return BTBT_EXIT_USAGE;
    }
  client = btbt_connect (call);
  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  reply = ccbt_control_client_call (client, verb, arguments, &error);
  if (reply == NULL)
    return btbt_complain (error);
  if (call->json)
    btbt_print_json (reply);
  else
    {
      g_autofree char *text = g_variant_print (reply, FALSE);

      printf ("%s\n", text);
    }
  return BTBT_EXIT_DONE;
}

/* Prints a batch: a table's worth of lines, or one JSON document a line while following. */
int
btbt_run_events (const BtbtCall *call)
{
  static const char *const keys[] = { ">time", "type", ">torrent", "*text", NULL };
  const char *type = btbt_call_get_option (call, "type");
  const char *types[] = { type, NULL };
  gboolean follows = btbt_call_get_option (call, "follow") != NULL;
  g_autoptr (CcbtControlClient) client = btbt_connect (call);
  guint64 cursor = 0;

  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  do
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) reply = ccbt_control_client_events (
          client, cursor, type != NULL ? types : NULL, follows ? EVENTS_TIMEOUT_MS : 0, &error);
      g_autoptr (GVariant) events = NULL;

      if (reply == NULL)
        return btbt_complain (error);
      g_variant_get_child (reply, 0, "t", &cursor);
      events = g_variant_get_child_value (reply, 2);
      if (follows && g_variant_n_children (events) == 0)
        continue;
      if (call->json)
        btbt_print_json (events);
      else
        btbt_print_rows (events, keys);
      fflush (stdout);
    }
  while (follows);
  return BTBT_EXIT_DONE;
}

int
btbt_run_manual (const BtbtCall *call)
{
  g_autofree char *page = btbt_make_manual ();

  fputs (page, stdout);
  return BTBT_EXIT_DONE;
}

int
btbt_run_version (const BtbtCall *call)
{
  puts ("btbt " CCBT_VERSION);
  return BTBT_EXIT_DONE;
}

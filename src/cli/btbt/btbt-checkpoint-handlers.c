/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-handlers.h"
#include "btbt-instance.h"
#include "btbt-output.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

/* Backups of the list of torrents, and single torrents as resume files. */

/* What is no path names one that is listed. Returns: (transfer full) */
static char *
get_name (const BtbtCall *call)
{
  const char *name = call->arguments->len > 0 ? call->arguments->pdata[0] : "";

  return strchr (name, '/') != NULL ? g_canonicalize_filename (name, NULL) : g_strdup (name);
}

/* @code: out: BtbtExit. Returns: (transfer full) (nullable): the first value of the reply; NULL after
 * complaining, or when it says nothing */
static GVariant *
ask (const BtbtCall *call, const char *verb, GVariant *arguments, int *code)
{
  g_autoptr (GVariant) sunk = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  g_autoptr (CcbtControlClient) client = btbt_connect (call);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  *code = BTBT_EXIT_NO_INSTANCE;
  if (client == NULL)
    return NULL;
  reply = ccbt_control_client_call (client, verb, sunk, &error);
  *code = reply != NULL ? BTBT_EXIT_DONE : btbt_complain (error);
  if (reply == NULL || g_variant_n_children (reply) == 0)
    return NULL;
  return g_variant_n_children (reply) == 1 ? g_variant_get_child_value (reply, 0)
                                           : g_steal_pointer (&reply);
}

static void
add_row (GVariantBuilder *rows, GVariant *checkpoint)
{
  GVariantDict row;
  gint64 date = 0;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *text = NULL;

  g_variant_dict_init (&row, checkpoint);
  g_variant_dict_lookup (&row, "date", "x", &date);
  time = g_date_time_new_from_unix_local (date / G_USEC_PER_SEC);
  text = g_date_time_format (time, "%Y-%m-%d %H:%M");
  g_variant_dict_insert (&row, "date", "s", text);
  g_variant_builder_add_value (rows, g_variant_dict_end (&row));
}

int
btbt_run_checkpoints (const BtbtCall *call)
{
  int code;
  g_autoptr (GVariant) list = ask (call, "checkpoint.list", NULL, &code);
  GVariantBuilder builder;
  g_autoptr (GVariant) rows = NULL;

  if (list == NULL)
    return code;
  if (call->json)
    {
      btbt_print_json (list);
      return code;
    }
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) checkpoint = g_variant_get_child_value (list, i);

      add_row (&builder, checkpoint);
    }
  rows = g_variant_ref_sink (g_variant_builder_end (&builder));
  btbt_print_rows (rows, (const char *const[]){ "*name", "kind", "date", "size", NULL });
  return code;
}

int
btbt_run_checkpoints_verify (const BtbtCall *call)
{
  g_autofree char *name = get_name (call);
  int code;
  g_autoptr (GVariant) found = ask (call, "checkpoint.verify", g_variant_new ("(s)", name), &code);
  gboolean is_whole = FALSE;

  if (found == NULL)
    return code;
  if (call->json)
    btbt_print_json (found);
  else
    btbt_print_dictionary (found);
  g_variant_lookup (found, "whole", "b", &is_whole);
  return is_whole ? BTBT_EXIT_DONE : BTBT_EXIT_FAILED;
}

int
btbt_run_checkpoints_backup (const BtbtCall *call)
{
  g_autofree char *path = call->arguments->len > 0
                              ? g_canonicalize_filename (call->arguments->pdata[0], NULL)
                              : g_strdup ("");
  int code;
  g_autoptr (GVariant) made = ask (call, "checkpoint.backup", g_variant_new ("(s)", path), &code);

  if (made == NULL)
    return code;
  if (call->json)
    btbt_print_json (made);
  else
    printf ("%s\n", g_variant_get_string (made, NULL));
  return code;
}

int
btbt_run_checkpoints_restore (const BtbtCall *call)
{
  g_autofree char *name = get_name (call);
  int code;

  ask (call, "checkpoint.restore", g_variant_new ("(s)", name), &code);
  if (code == BTBT_EXIT_DONE && !call->json)
    puts (_ ("It is the list of torrents from the next start on."));
  return code;
}

int
btbt_run_checkpoints_clean (const BtbtCall *call)
{
  int code;
  g_autoptr (GVariant) gone = ask (call, "checkpoint.clean", NULL, &code);
  guint32 n_files;
  guint64 n_bytes;
  g_autofree char *size = NULL;

  if (gone == NULL)
    return code;
  g_variant_get (gone, "(ut)", &n_files, &n_bytes);
  size = g_format_size (n_bytes);
  if (call->json)
    btbt_print_json (gone);
  else
    printf (ngettext ("%u file deleted, %s\n", "%u files deleted, %s\n", n_files), n_files, size);
  return code;
}

int
btbt_run_checkpoints_export (const BtbtCall *call)
{
  return btbt_save_reply (call, "checkpoint.export");
}

int
btbt_run_checkpoints_import (const BtbtCall *call)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) taken = NULL;
  g_autofree const char **notes = NULL;
  const char *hash;
  char *content;
  gsize len;
  int code;

  if (!g_file_get_contents (call->arguments->pdata[0], &content, &len, &error))
    return btbt_complain (error);
  taken = ask (call, "checkpoint.import",
               g_variant_new ("(@ay)", g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, content,
                                                                len, TRUE, g_free, content)),
               &code);
  if (taken == NULL)
    return code;
  g_variant_get (taken, "(&s^a&s)", &hash, &notes);
  if (call->json)
    btbt_print_json (taken);
  else
    printf (_ ("%s added\n"), hash);
  for (guint i = 0; !call->json && notes[i] != NULL; i++)
    printf ("  %s\n", notes[i]);
  return code;
}

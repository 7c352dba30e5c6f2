/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../ccbt-cli-text.h"
#include "btbt-handlers.h"
#include "btbt-instance.h"
#include "base/ccbt-error.h"
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

/* The queue, options of a torrent, limits by the clock, torrents of other programs. */

static int
complain_usage (const char *text)
{
  g_printerr ("btbt: %s\n", text);
  return BTBT_EXIT_USAGE;
}

/* --- The queue --- */

/* Returns: (transfer full) (nullable) */
static GVariant *
find_torrent (GVariant *torrents, const char *hash)
{
  for (gsize i = 0; i < g_variant_n_children (torrents); i++)
    {
      g_autoptr (GVariant) torrent = g_variant_get_child_value (torrents, i);
      const char *own = "";

      g_variant_lookup (torrent, "info-hash", "&s", &own);
      if (g_str_equal (own, hash))
        return g_steal_pointer (&torrent);
    }
  return NULL;
}

int
btbt_run_queue (const BtbtCall *call)
{
  static const char *const fields[]
      = { "id", "info-hash", "name", "state", "priority", "forced", "position", NULL };
  static const char *const keys[] = { ">id", "*name", "state", "priority", "forced", NULL };
  g_auto (BtbtInstance) instance = { 0 };
  int code = btbt_instance_open (&instance, call, fields);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL, shown = NULL;
  g_autoptr (GVariantIter) order = NULL;
  GVariantBuilder rows;
  const char *hash;

  if (code != BTBT_EXIT_DONE)
    return code;
  reply = ccbt_control_client_call (instance.client, "queue.list", NULL, &error);
  if (reply == NULL)
    return btbt_complain (error);
  g_variant_get (reply, "(as)", &order);
  g_variant_builder_init (&rows, G_VARIANT_TYPE ("aa{sv}"));
  while (g_variant_iter_next (order, "&s", &hash))
    {
      g_autoptr (GVariant) torrent = find_torrent (instance.torrents, hash);

      if (torrent != NULL)
        g_variant_builder_add_value (&rows, torrent);
    }
  shown = g_variant_ref_sink (g_variant_builder_end (&rows));
  if (call->json)
    btbt_print_json (shown);
  else
    btbt_print_rows (shown, keys);
  return BTBT_EXIT_DONE;
}

int
btbt_run_queue_move (const BtbtCall *call)
{
  g_auto (BtbtInstance) instance = { 0 };
  int code;
  g_autoptr (GPtrArray) hashes = NULL;
  const char *where = call->arguments->pdata[1];

  if (!g_strv_contains (((const char *const[]){ "top", "up", "down", "bottom", NULL }), where))
    return complain_usage (_ ("queue move: top, up, down or bottom"));
  hashes = btbt_instance_resolve (&instance, call, 1, &code);
  if (hashes == NULL)
    return code;
  return btbt_call_verb (instance.client, "queue.move",
                         g_variant_new ("(ss)", hashes->pdata[0], where));
}

/* --- Options --- */

/* @type: of the value that the option has now. Returns: (transfer floating) (nullable) */
static GVariant *
parse_value (const char *text, const GVariantType *type)
{
  if (g_variant_type_equal (type, G_VARIANT_TYPE_STRING))
    return g_variant_new_string (text);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_STRING_ARRAY))
    {
      g_auto (GStrv) words = g_strsplit (text, ",", 0);

      return g_variant_new_strv ((const char *const *) words, -1);
    }
  if (g_variant_type_equal (type, G_VARIANT_TYPE_UINT64))
    {
      guint64 number;

      return ccbt_cli_parse_rate (text, &number) ? g_variant_new_uint64 (number) : NULL;
    }
  return g_variant_parse (type, text, NULL, NULL, NULL);
}

int
btbt_run_set (const BtbtCall *call)
{
  const char *name = call->arguments->pdata[1];
  const char *fields[] = { "id", "info-hash", "name", name, NULL };
  g_autoptr (GVariant) now = NULL;
  GVariant *value;
  GVariantDict options;

  {
    g_auto (BtbtInstance) instance = { 0 };
    int code = btbt_instance_open (&instance, call, fields);

    if (code != BTBT_EXIT_DONE)
      return code;
    if (g_variant_n_children (instance.torrents) > 0)
      {
        g_autoptr (GVariant) first = g_variant_get_child_value (instance.torrents, 0);

        now = g_variant_lookup_value (first, name, NULL);
      }
  }
  if (now == NULL) /* no torrent at all: the name will not be found either */
    return btbt_set_options (call, g_variant_new ("a{sv}", NULL));
  value = parse_value (call->arguments->pdata[2], g_variant_get_type (now));
  if (value == NULL)
    return complain_usage (_ ("set: the value does not fit the option"));
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert_value (&options, name, value);
  return btbt_set_options (call, g_variant_dict_end (&options));
}

/* "tag add" and "tag remove" */
int
btbt_run_tag (const BtbtCall *call)
{
  static const char *const fields[] = { "id", "info-hash", "name", "tags", NULL };
  const char *tag = call->arguments->pdata[1];
  gboolean adds = g_str_equal (call->command->words, "tag add");
  g_auto (BtbtInstance) named = { 0 }, instance = { 0 };
  int code;
  g_autoptr (GPtrArray) hashes = btbt_instance_resolve (&named, call, 1, &code);
  g_autoptr (GVariant) torrent = NULL;
  g_autofree const char **tags = NULL;
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  GVariantDict options;

  if (hashes == NULL)
    return code;
  code = btbt_instance_open (&instance, call, fields);
  if (code != BTBT_EXIT_DONE)
    return code;
  torrent = find_torrent (instance.torrents, hashes->pdata[0]);
  if (torrent != NULL)
    g_variant_lookup (torrent, "tags", "^a&s", &tags);
  for (guint i = 0; tags != NULL && tags[i] != NULL; i++)
    if (!g_str_equal (tags[i], tag))
      g_ptr_array_add (kept, (gpointer) tags[i]);
  if (adds)
    g_ptr_array_add (kept, (gpointer) tag);
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert_value (
      &options, "tags", g_variant_new_strv ((const char *const *) kept->pdata, (gssize) kept->len));
  return btbt_call_verb (
      instance.client, "torrent.set-options",
      g_variant_new ("(s@a{sv})", hashes->pdata[0], g_variant_dict_end (&options)));
}

/* --- The whole instance --- */

int
btbt_run_alternative (const BtbtCall *call)
{
  const char *word = call->arguments->pdata[0];
  g_autoptr (CcbtControlClient) client = NULL;

  if (!g_str_equal (word, "on") && !g_str_equal (word, "off"))
    return complain_usage (_ ("alternative: on or off"));
  client = btbt_connect (call);
  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  return btbt_call_verb (client, "session.set-alternative",
                         g_variant_new ("(b)", g_str_equal (word, "on")));
}

int
btbt_run_import (const BtbtCall *call)
{
  g_autofree char *folder = g_canonicalize_filename (call->arguments->pdata[1], NULL);
  g_autoptr (CcbtControlClient) client = btbt_connect (call);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL, list = NULL, rows = NULL;
  GVariantBuilder builder;
  GVariantIter iter;
  const char *name;
  gboolean taken;
  GVariant *notes;

  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  reply = ccbt_control_client_call (
      client, "session.import", g_variant_new ("(ss)", call->arguments->pdata[0], folder), &error);
  if (reply == NULL)
    return btbt_complain (error);
  list = g_variant_get_child_value (reply, 0);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  g_variant_iter_init (&iter, list);
  while (g_variant_iter_next (&iter, "(&sb@as)", &name, &taken, &notes))
    {
      g_variant_builder_open (&builder, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&builder, "{sv}", "name", g_variant_new_string (name));
      g_variant_builder_add (&builder, "{sv}", "taken", g_variant_new_boolean (taken));
      g_variant_builder_add (&builder, "{sv}", "notes", notes);
      g_variant_builder_close (&builder);
      g_variant_unref (notes);
    }
  rows = g_variant_ref_sink (g_variant_builder_end (&builder));
  if (call->json)
    btbt_print_json (rows);
  else
    btbt_print_rows (rows, (const char *const[]){ "taken", "*name", "notes", NULL });
  return BTBT_EXIT_DONE;
}

/* --- One torrent's files, and waiting --- */

int
btbt_run_move (const BtbtCall *call)
{
  g_autofree char *folder = g_canonicalize_filename (call->arguments->pdata[1], NULL);
  g_auto (BtbtInstance) instance = { 0 };
  int code;
  g_autoptr (GPtrArray) hashes = btbt_instance_resolve (&instance, call, 1, &code);

  if (hashes == NULL)
    return code;
  return btbt_call_verb (instance.client, "torrent.move",
                         g_variant_new ("(ss)", hashes->pdata[0], folder));
}

int
btbt_run_export (const BtbtCall *call)
{
  return btbt_save_reply (call, "torrent.export");
}

/* Returns: BtbtExit, or -1 while it is not complete */
static int
look_at (CcbtControlClient *client, const char *hash)
{
  static const char *const fields[] = { "info-hash", "complete", "error-text", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_control_client_list (client, fields, 0, &error);
  g_autoptr (GVariant) torrents = NULL, torrent = NULL;
  const char *text = "";
  gboolean is_complete = FALSE;

  if (reply == NULL)
    return btbt_complain (error);
  torrents = g_variant_get_child_value (reply, 2);
  torrent = find_torrent (torrents, hash);
  if (torrent == NULL)
    {
      g_set_error_literal (&error, CCBT_ERROR, CCBT_ERROR_NOT_FOUND, _ ("the torrent was removed"));
      return btbt_complain (error);
    }
  g_variant_lookup (torrent, "error-text", "&s", &text);
  if (text[0] != '\0')
    {
      g_set_error_literal (&error, CCBT_ERROR, CCBT_ERROR_DISK, text);
      return btbt_complain (error);
    }
  g_variant_lookup (torrent, "complete", "b", &is_complete);
  return is_complete ? BTBT_EXIT_DONE : -1;
}

int
btbt_run_wait (const BtbtCall *call)
{
  g_auto (BtbtInstance) instance = { 0 };
  int code;
  g_autoptr (GPtrArray) hashes = btbt_instance_resolve (&instance, call, 1, &code);

  if (hashes == NULL)
    return code;
  while ((code = look_at (instance.client, hashes->pdata[0])) < 0)
    g_usleep (G_USEC_PER_SEC / 2);
  return code;
}

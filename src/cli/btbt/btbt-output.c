/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-output.h"
#include "btbt-table.h"
#include "control/ccbt-control-path.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include <glib/gi18n.h>
#include <string.h>
#include <json-glib/json-glib.h>
#include <stdio.h>

static void
print_lines (const char *message)
{
  g_auto (GStrv) lines = g_strsplit (message, "\n", 20);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *line = ccbt_text_make_printable (ccbt_span_from_string (lines[i]), 2000);

      g_printerr ("%s%s\n", i == 0 ? "btbt: " : "", line);
    }
}

int
btbt_complain (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_printerr (_ ("btbt: interrupted\n"));
      return BTBT_EXIT_INTERRUPTED;
    }
  print_lines (error->message);
  if (g_error_matches (error, CCBT_ERROR, CCBT_ERROR_NOT_FOUND))
    return BTBT_EXIT_NOT_FOUND;
  return g_error_matches (error, CCBT_ERROR, CCBT_ERROR_INVALID) ? BTBT_EXIT_USAGE
                                                                 : BTBT_EXIT_FAILED;
}

/* The connection that an earlier command of the shell left. Returns: (transfer full) (nullable) */
static CcbtControlClient *
find_kept (const BtbtCall *call, const char *key)
{
  CcbtControlClient *client
      = call->clients != NULL ? g_hash_table_lookup (call->clients, key) : NULL;

  if (client == NULL || ccbt_control_client_is_open (client))
    return client != NULL ? ccbt_control_client_ref (client) : NULL;
  g_hash_table_remove (call->clients, key); /* the instance has ended; perhaps another runs */
  return NULL;
}

CcbtControlClient *
btbt_connect_quietly (const BtbtCall *call, GError **error)
{
  g_autofree char *key = ccbt_control_get_state_dir (call->state_dir);
  CcbtControlClient *client = find_kept (call, key);

  if (client == NULL)
    {
      client = ccbt_control_client_activate (call->state_dir, error);
      if (client != NULL && call->clients != NULL)
        g_hash_table_insert (call->clients, g_steal_pointer (&key),
                             ccbt_control_client_ref (client));
    }
  if (client != NULL)
    ccbt_control_client_set_cancellable (client, call->cancellable);
  return client;
}

GPtrArray *
btbt_list_names (const BtbtCall *call)
{
  static const char *const fields[] = { "name", NULL };
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *key = ccbt_control_get_state_dir (call->state_dir);
  g_autoptr (CcbtControlClient) client = find_kept (call, key);
  g_autoptr (GVariant) reply = NULL, torrents = NULL;

  if (client == NULL)
    client = ccbt_control_client_connect (call->state_dir, NULL);
  reply = client != NULL ? ccbt_control_client_list (client, fields, 0, NULL) : NULL;
  if (reply == NULL)
    return names;
  torrents = g_variant_get_child_value (reply, 2);
  for (gsize i = 0; i < g_variant_n_children (torrents); i++)
    {
      g_autoptr (GVariant) torrent = g_variant_get_child_value (torrents, i);
      const char *name;

      if (g_variant_lookup (torrent, "name", "&s", &name))
        g_ptr_array_add (names, g_strdup (name));
    }
  return names;
}

CcbtControlClient *
btbt_connect (const BtbtCall *call)
{
  g_autoptr (GError) error = NULL;
  CcbtControlClient *client = btbt_connect_quietly (call, &error);

  if (client == NULL)
    {
      btbt_complain (error);
      g_printerr (_ ("Start an instance with “ccbt daemon run”.\n"));
    }
  return client;
}

void
btbt_print_json (GVariant *value)
{
  g_autofree char *text = json_gvariant_serialize_data (value, NULL);

  printf ("%s\n", text);
}

char *
btbt_format_value (const char *key, GVariant *value)
{
  gboolean is_rate = g_str_has_suffix (key, "-rate") || g_str_has_suffix (key, "-limit");

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (value, NULL);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return g_strdup (g_variant_get_boolean (value) ? _ ("yes") : _ ("no"));
  if (g_str_equal (key, "progress") && g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    return g_strdup_printf ("%.1f %%", g_variant_get_double (value) * 100);
  if (is_rate && g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    {
      g_autofree char *size = g_format_size_full ((guint64) MAX (g_variant_get_double (value), 0),
                                                  G_FORMAT_SIZE_IEC_UNITS);

      return g_strdup_printf (_ ("%s/s"), size);
    }
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64)
      && (is_rate || g_str_has_suffix (key, "-size") || g_str_equal (key, "length")
          || g_str_equal (key, "done") || g_str_has_suffix (key, "loaded")))
    return g_format_size_full (g_variant_get_uint64 (value), G_FORMAT_SIZE_IEC_UNITS);
  return g_variant_print (value, FALSE);
}

/* Goes through the dictionary once: looking up each key would search it again and again. */
static void
add_row (BtbtTable *table, GVariant *row, const char *const *keys)
{
  guint n_keys = g_strv_length ((GStrv) keys);
  g_auto (GStrv) cells = g_new0 (char *, n_keys + 1);
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, row);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    for (guint i = 0; i < n_keys; i++)
      if (cells[i] == NULL && g_str_equal (keys[i] + strspn (keys[i], ">*"), key))
        cells[i] = btbt_format_value (key, value);
  for (guint i = 0; i < n_keys; i++)
    if (cells[i] == NULL)
      cells[i] = g_strdup ("");
  btbt_table_add (table, (const char *const *) cells);
}

void
btbt_print_rows (GVariant *rows, const char *const *keys)
{
  g_autoptr (BtbtTable) table = btbt_table_new (keys);
  g_autofree char *text = NULL;
  GVariantIter iter;
  GVariant *row;

  g_variant_iter_init (&iter, rows);
  while ((row = g_variant_iter_next_value (&iter)) != NULL)
    {
      add_row (table, row, keys);
      g_variant_unref (row);
    }
  text = btbt_table_format (table, btbt_terminal_width ());
  fputs (text, stdout);
}

void
btbt_print_dictionary (GVariant *dictionary)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, dictionary);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      g_autofree char *text = btbt_format_value (key, value);
      g_autofree char *line = ccbt_text_make_printable (ccbt_span_from_string (text), 2000);

      printf ("%-18s %s\n", key, line);
      g_variant_unref (value);
    }
}

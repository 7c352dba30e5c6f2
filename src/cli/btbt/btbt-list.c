/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-columns.h"
#include "btbt-handlers.h"
#include "btbt-output.h"
#include "btbt-table.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

static void
print_table (BtbtColumns *columns, GArray *rows, const char *const *keys)
{
  g_autoptr (BtbtTable) table = btbt_table_new (keys);
  const guint n_keys = g_strv_length ((GStrv) keys);
  g_autofree char *text = NULL;

  for (guint i = 0; i < rows->len; i++)
    {
      g_auto (GStrv) cells = g_new0 (char *, n_keys + 1);

      for (guint k = 0; k < n_keys; k++)
        {
          const char *key = keys[k] + strspn (keys[k], ">*");
          g_autoptr (GVariant) cell
              = btbt_columns_get_cell (columns, key, g_array_index (rows, guint, i));

          cells[k] = cell != NULL ? btbt_format_value (key, cell) : g_strdup ("");
        }
      btbt_table_add (table, (const char *const *) cells);
    }
  text = btbt_table_format (table, btbt_terminal_width ());
  fputs (text, stdout);
}

static void
print_json (BtbtColumns *columns, GArray *rows)
{
  g_autoptr (GVariant) list = NULL;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < rows->len; i++)
    g_variant_builder_add_value (&builder,
                                 btbt_columns_get_row (columns, g_array_index (rows, guint, i)));
  list = g_variant_ref_sink (g_variant_builder_end (&builder));
  btbt_print_json (list);
}

static const char *const *
choose_fields (const BtbtCall *call, const char *sort, const char *filter)
{
  /* Of thousands, each field more takes its time. */
  static const char *const shown[]
      = { "id", "name", "state", "progress", "total-size", "down-rate", "up-rate", NULL };
  static const char *const all[]
      = { "id",      "info-hash", "name",     "state", "progress", "total-size", "down-rate",
          "up-rate", "added-at",  "category", "tags",  "eta",      "n-peers",    NULL };

  return call->json || sort != NULL || filter != NULL ? all : shown;
}

int
btbt_run_list (const BtbtCall *call)
{
  static const char *const keys[]
      = { ">id", "*name", "state", ">progress", ">total-size", ">down-rate", ">up-rate", NULL };
  static const char *const sortable[]
      = { "id", "name", "progress", "total-size", "down-rate", "up-rate", "added-at", NULL };
  const char *sort = btbt_call_get_option (call, "sort");
  const char *filter = btbt_call_get_option (call, "filter");
  g_autoptr (CcbtControlClient) client = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (BtbtColumns) columns = NULL;
  g_autoptr (GArray) rows = NULL;

  if (sort != NULL && !g_strv_contains (sortable, sort))
    {
      g_printerr (_ ("btbt: --sort: name, progress, total-size, down-rate, up-rate or added-at\n"));
      return BTBT_EXIT_USAGE;
    }
  client = btbt_connect (call);
  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  reply = ccbt_control_client_columns (client, choose_fields (call, sort, filter), &error);
  if (reply == NULL)
    return btbt_complain (error);
  columns = btbt_columns_new (reply);
  rows = btbt_columns_arrange (columns, filter, sort != NULL ? sort : "id");
  if (call->json)
    print_json (columns, rows);
  else
    print_table (columns, rows, keys);
  return BTBT_EXIT_DONE;
}

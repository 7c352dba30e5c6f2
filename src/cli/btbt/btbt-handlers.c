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

static gboolean
passes (GVariant *torrent, const char *filter)
{
  const char *state = "", *category = "", *name = "";
  g_autofree const char **tags = NULL;
  g_autofree char *folded_name = NULL, *folded_filter = NULL, *valid = NULL;

  if (filter == NULL)
    return TRUE;
  g_variant_lookup (torrent, "state", "&s", &state);
  g_variant_lookup (torrent, "category", "&s", &category);
  g_variant_lookup (torrent, "name", "&s", &name);
  g_variant_lookup (torrent, "tags", "^a&s", &tags);
  if (g_str_equal (filter, state) || g_str_equal (filter, category)
      || (tags != NULL && g_strv_contains ((const char *const *) tags, filter)))
    return TRUE;
  folded_name = g_utf8_casefold (name, -1);
  valid = g_utf8_make_valid (filter, -1);
  folded_filter = g_utf8_casefold (valid, -1);
  return strstr (folded_name, folded_filter) != NULL;
}

/* Looked up once each: a comparison must not search two dictionaries. */
typedef struct
{
  GVariant *key; /* (nullable) */
  GVariant *row;
} SortedRow;

static void
sorted_row_clear (gpointer data)
{
  SortedRow *sorted = data;

  g_clear_pointer (&sorted->key, g_variant_unref);
  g_variant_unref (sorted->row);
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  GVariant *left = ((const SortedRow *) a)->key;
  GVariant *right = ((const SortedRow *) b)->key;

  if (left == NULL || right == NULL)
    return (left != NULL) - (right != NULL);
  if (!g_variant_is_of_type (left, g_variant_get_type (right)))
    return 0;
  if (g_variant_is_of_type (left, G_VARIANT_TYPE_STRING))
    return g_utf8_collate (g_variant_get_string (left, NULL), g_variant_get_string (right, NULL));
  return g_variant_compare (left, right);
}

/* Those that pass @filter, in the order of @key. Returns: (transfer full): aa{sv} */
static GVariant *
arrange (GVariant *torrents, const char *filter, const char *key)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (SortedRow));
  GVariantBuilder builder;

  g_array_set_clear_func (rows, sorted_row_clear);
  for (gsize i = 0; i < g_variant_n_children (torrents); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (torrents, i);
      SortedRow sorted;

      if (!passes (row, filter))
        continue;
      sorted.key = g_variant_lookup_value (row, key, NULL);
      sorted.row = g_steal_pointer (&row);
      g_array_append_val (rows, sorted);
    }
  g_array_sort (rows, compare_rows);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < rows->len; i++)
    g_variant_builder_add_value (&builder, g_array_index (rows, SortedRow, i).row);
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

int
btbt_run_list (const BtbtCall *call)
{
  static const char *const keys[]
      = { ">id", "*name", "state", ">progress", ">total-size", ">down-rate", ">up-rate", NULL };
  static const char *const sortable[]
      = { "id", "name", "progress", "total-size", "down-rate", "up-rate", "added-at", NULL };
  /* Of thousands, each field more takes its time. */
  static const char *const shown_fields[]
      = { "id", "name", "state", "progress", "total-size", "down-rate", "up-rate", NULL };
  static const char *const fields[]
      = { "id",      "info-hash", "name",     "state", "progress", "total-size", "down-rate",
          "up-rate", "added-at",  "category", "tags",  "eta",      "n-peers",    NULL };
  g_auto (BtbtInstance) instance = { 0 };
  g_autoptr (GVariant) shown = NULL;
  const char *sort = btbt_call_get_option (call, "sort");
  gboolean is_plain;
  int code;

  if (sort != NULL && !g_strv_contains (sortable, sort))
    {
      g_printerr (_ ("btbt: --sort: name, progress, total-size, down-rate, up-rate or added-at\n"));
      return BTBT_EXIT_USAGE;
    }
  is_plain = !call->json && sort == NULL && btbt_call_get_option (call, "filter") == NULL;
  code = btbt_instance_open (&instance, call, is_plain ? shown_fields : fields);
  if (code != BTBT_EXIT_DONE)
    return code;
  shown = arrange (instance.torrents, btbt_call_get_option (call, "filter"),
                   sort != NULL ? sort : "id");
  if (call->json)
    btbt_print_json (shown);
  else
    btbt_print_rows (shown, keys);
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

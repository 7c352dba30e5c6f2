/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-handlers.h"
#include "btbt-names.h"
#include "btbt-output.h"
#include "session/ccbt-command.h"
#include <glib/gi18n.h>
#include <string.h>

/* The client and the torrents it has; the commands that name torrents begin with it. */
typedef struct
{
  CcbtControlClient *client;
  GVariant *torrents; /* aa{sv} */
} Instance;

static void
instance_clear (Instance *self)
{
  g_clear_pointer (&self->torrents, g_variant_unref);
  g_clear_pointer (&self->client, ccbt_control_client_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Instance, instance_clear)

/* Returns: BtbtExit */
static int
instance_open (Instance *self, const BtbtCall *call)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  self->client = btbt_connect (call);
  if (self->client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  reply = ccbt_control_client_list (self->client, NULL, 0, &error);
  if (reply == NULL)
    return btbt_complain (error);
  self->torrents = g_variant_get_child_value (reply, 2);
  return BTBT_EXIT_DONE;
}

/* All info-hashes are found before anything is done. @n: so many arguments name torrents. */
static GPtrArray *
resolve (Instance *self, const BtbtCall *call, guint n, int *code)
{
  g_autoptr (GPtrArray) hashes = g_ptr_array_new_with_free_func (g_free);
  gboolean is_all = btbt_call_get_option (call, "all") != NULL;

  *code = instance_open (self, call);
  if (*code != BTBT_EXIT_DONE)
    return NULL;
  for (gsize i = 0; is_all && i < g_variant_n_children (self->torrents); i++)
    {
      g_autoptr (GVariant) torrent = g_variant_get_child_value (self->torrents, i);
      char *hash;

      if (g_variant_lookup (torrent, "info-hash", "s", &hash))
        g_ptr_array_add (hashes, hash);
    }
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *hash
          = btbt_names_resolve (self->torrents, call->arguments->pdata[i], &error);

      if (hash == NULL)
        {
          *code = btbt_complain (error);
          return NULL;
        }
      if (!g_ptr_array_find_with_equal_func (hashes, hash, g_str_equal, NULL))
        g_ptr_array_add (hashes, g_steal_pointer (&hash));
    }
  return g_steal_pointer (&hashes);
}

static int
call_verb (CcbtControlClient *client, const char *verb, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_control_client_call (client, verb, arguments, &error);

  if (reply == NULL)
    return btbt_complain (error);
  return BTBT_EXIT_DONE;
}

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

static int
compare_rows (gconstpointer a, gconstpointer b, gpointer key)
{
  g_autoptr (GVariant) left = g_variant_lookup_value (*(GVariant **) a, key, NULL);
  g_autoptr (GVariant) right = g_variant_lookup_value (*(GVariant **) b, key, NULL);

  if (left == NULL || right == NULL)
    return (left != NULL) - (right != NULL);
  if (!g_variant_is_of_type (left, g_variant_get_type (right)))
    return 0;
  if (g_variant_is_of_type (left, G_VARIANT_TYPE_STRING))
    return g_utf8_collate (g_variant_get_string (left, NULL), g_variant_get_string (right, NULL));
  return g_variant_compare (left, right);
}

int
btbt_run_list (const BtbtCall *call)
{
  static const char *const keys[]
      = { ">id", "*name", "state", ">progress", ">total-size", ">down-rate", ">up-rate", NULL };
  static const char *const sortable[]
      = { "id", "name", "progress", "total-size", "down-rate", "up-rate", "added-at", NULL };
  g_auto (Instance) instance = { 0 };
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  g_autoptr (GVariant) shown = NULL;
  const char *sort = btbt_call_get_option (call, "sort");
  int code;

  if (sort != NULL && !g_strv_contains (sortable, sort))
    {
      g_printerr (_ ("btbt: --sort: name, progress, total-size, down-rate, up-rate or added-at\n"));
      return BTBT_EXIT_USAGE;
    }
  code = instance_open (&instance, call);
  if (code != BTBT_EXIT_DONE)
    return code;
  for (gsize i = 0; i < g_variant_n_children (instance.torrents); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (instance.torrents, i);

      if (passes (row, btbt_call_get_option (call, "filter")))
        g_ptr_array_add (rows, g_steal_pointer (&row));
    }
  g_ptr_array_sort_with_data (rows, compare_rows, (gpointer) (sort != NULL ? sort : "id"));
  shown = g_variant_ref_sink (
      g_variant_new_array (G_VARIANT_TYPE_VARDICT, (GVariant *const *) rows->pdata, rows->len));
  if (call->json)
    btbt_print_json (shown);
  else
    btbt_print_rows (shown, keys);
  return BTBT_EXIT_DONE;
}

int
btbt_run_show (const BtbtCall *call)
{
  g_auto (Instance) instance = { 0 };
  int code;
  g_autoptr (GPtrArray) hashes = resolve (&instance, call, 1, &code);

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
  g_auto (Instance) instance = { 0 };
  int code;
  g_autoptr (GPtrArray) hashes = resolve (&instance, call, 1, &code);
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
  g_auto (Instance) instance = { 0 };
  const CcbtCommandInfo *info = ccbt_command_lookup (call->command->verb);
  int code;
  g_autoptr (GPtrArray) hashes = resolve (&instance, call, call->arguments->len, &code);

  if (hashes == NULL)
    return code;
  for (guint i = 0; i < hashes->len; i++)
    {
      /* torrent.remove alone has a second argument: its files stay. */
      GVariant *arguments = g_str_equal (info->arguments, "(sb)")
                                ? g_variant_new ("(sb)", hashes->pdata[i], FALSE)
                                : g_variant_new ("(s)", hashes->pdata[i]);
      int outcome = call_verb (instance.client, info->verb, arguments);

      code = MAX (code, outcome);
    }
  return code;
}

int
btbt_run_peer_add (const BtbtCall *call)
{
  g_auto (Instance) instance = { 0 };
  int code;
  g_autoptr (GPtrArray) hashes = resolve (&instance, call, 1, &code);

  if (hashes == NULL)
    return code;
  return call_verb (instance.client, "torrent.add-peer",
                    g_variant_new ("(ss)", hashes->pdata[0], call->arguments->pdata[1]));
}

int
btbt_run_limit (const BtbtCall *call)
{
  g_autoptr (CcbtControlClient) client = NULL;
  guint64 down = 0, up = 0;

  btbt_parse_rate (call->arguments->pdata[0], &down); /* the parser has checked them */
  btbt_parse_rate (call->arguments->pdata[1], &up);
  client = btbt_connect (call);
  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  return call_verb (client, "session.set-limits", g_variant_new ("(tt)", down, up));
}

/* @options: a{sv} of base/ccbt-torrent-options.h, for the torrent that the first argument names. */
static int
set_options (const BtbtCall *call, GVariant *options)
{
  g_autoptr (GVariant) kept = g_variant_ref_sink (options);
  g_auto (Instance) instance = { 0 };
  int code;
  g_autoptr (GPtrArray) hashes = resolve (&instance, call, 1, &code);

  if (hashes == NULL)
    return code;
  return call_verb (instance.client, "torrent.set-options",
                    g_variant_new ("(s@a{sv})", hashes->pdata[0], kept));
}

int
btbt_run_limit_torrent (const BtbtCall *call)
{
  GVariantDict options;
  guint64 down = 0, up = 0;

  btbt_parse_rate (call->arguments->pdata[1], &down);
  btbt_parse_rate (call->arguments->pdata[2], &up);
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "download-limit", "t", down);
  g_variant_dict_insert (&options, "upload-limit", "t", up);
  return set_options (call, g_variant_dict_end (&options));
}

int
btbt_run_category (const BtbtCall *call)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "category", "s", call->arguments->pdata[1]);
  return set_options (call, g_variant_dict_end (&options));
}

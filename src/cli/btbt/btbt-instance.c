/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-instance.h"
#include "btbt-names.h"

void
btbt_instance_clear (BtbtInstance *self)
{
  g_clear_pointer (&self->torrents, g_variant_unref);
  g_clear_pointer (&self->client, ccbt_control_client_unref);
}

int
btbt_instance_open (BtbtInstance *self, const BtbtCall *call, const char *const *fields)
{
  static const char *const names[] = { "id", "info-hash", "name", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  self->client = btbt_connect (call);
  if (self->client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  if (fields == NULL && !self->wants_all)
    fields = names;
  reply = ccbt_control_client_list (self->client, fields, 0, &error);
  if (reply == NULL)
    return btbt_complain (error);
  self->torrents = g_variant_get_child_value (reply, 2);
  return BTBT_EXIT_DONE;
}

static void
add_all (BtbtInstance *self, GPtrArray *hashes)
{
  for (gsize i = 0; i < g_variant_n_children (self->torrents); i++)
    {
      g_autoptr (GVariant) torrent = g_variant_get_child_value (self->torrents, i);
      char *hash;

      if (g_variant_lookup (torrent, "info-hash", "s", &hash))
        g_ptr_array_add (hashes, hash);
    }
}

GPtrArray *
btbt_instance_resolve (BtbtInstance *self, const BtbtCall *call, guint n, int *code)
{
  g_autoptr (GPtrArray) hashes = g_ptr_array_new_with_free_func (g_free);

  *code = btbt_instance_open (self, call, NULL);
  if (*code != BTBT_EXIT_DONE)
    return NULL;
  if (btbt_call_get_option (call, "all") != NULL)
    add_all (self, hashes);
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

int
btbt_call_verb (CcbtControlClient *client, const char *verb, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_control_client_call (client, verb, arguments, &error);

  return reply != NULL ? BTBT_EXIT_DONE : btbt_complain (error);
}

int
btbt_set_options (const BtbtCall *call, GVariant *options)
{
  g_autoptr (GVariant) kept = g_variant_ref_sink (options);
  g_auto (BtbtInstance) instance = { 0 };
  int code;
  g_autoptr (GPtrArray) hashes = btbt_instance_resolve (&instance, call, 1, &code);

  if (hashes == NULL)
    return code;
  return btbt_call_verb (instance.client, "torrent.set-options",
                         g_variant_new ("(s@a{sv})", hashes->pdata[0], kept));
}

int
btbt_save_reply (const BtbtCall *call, const char *verb)
{
  g_auto (BtbtInstance) instance = { 0 };
  int code;
  g_autoptr (GPtrArray) hashes = btbt_instance_resolve (&instance, call, 1, &code);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL, bytes = NULL;

  if (hashes == NULL)
    return code;
  reply = ccbt_control_client_call (instance.client, verb, g_variant_new ("(s)", hashes->pdata[0]),
                                    &error);
  if (reply == NULL)
    return btbt_complain (error);
  bytes = g_variant_get_child_value (reply, 0);
  if (!g_file_set_contents (call->arguments->pdata[1], g_variant_get_data (bytes),
                            (gssize) g_variant_get_size (bytes), &error))
    return btbt_complain (error);
  return BTBT_EXIT_DONE;
}

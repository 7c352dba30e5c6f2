/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-handlers.h"
#include "btbt-output.h"
#include "btbt-instance.h"

/* Watched folders. */

static void
add_pair (GVariantBuilder *rows, const char *folder, GVariant *options)
{
  g_autofree char *text = g_variant_print (options, FALSE);

  g_variant_builder_open (rows, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (rows, "{sv}", "folder", g_variant_new_string (folder));
  g_variant_builder_add (rows, "{sv}", "options", g_variant_new_string (text));
  g_variant_builder_close (rows);
}

static void
print_table (GVariant *list)
{
  GVariantBuilder builder;
  g_autoptr (GVariant) rows = NULL;
  GVariantIter iter;
  const char *folder;
  GVariant *options;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  g_variant_iter_init (&iter, list);
  while (g_variant_iter_next (&iter, "(&s@a{sv})", &folder, &options))
    {
      add_pair (&builder, folder, options);
      g_variant_unref (options);
    }
  rows = g_variant_ref_sink (g_variant_builder_end (&builder));
  btbt_print_rows (rows, (const char *const[]){ "*folder", "options", NULL });
}

int
btbt_run_watch (const BtbtCall *call)
{
  g_autoptr (CcbtControlClient) client = btbt_connect (call);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL, list = NULL;

  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  reply = ccbt_control_client_call (client, "watch.list", NULL, &error);
  if (reply == NULL)
    return btbt_complain (error);
  list = g_variant_get_child_value (reply, 0);
  if (call->json)
    btbt_print_json (list);
  else
    print_table (list);
  return BTBT_EXIT_DONE;
}

int
btbt_run_watch_add (const BtbtCall *call)
{
  g_autofree char *watched = g_canonicalize_filename (call->arguments->pdata[0], NULL);
  const char *folder = btbt_call_get_option (call, "folder");
  const char *category = btbt_call_get_option (call, "category");
  g_autoptr (CcbtControlClient) client = btbt_connect (call);
  GVariantDict options;

  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  g_variant_dict_init (&options, NULL);
  if (folder != NULL)
    {
      g_autofree char *absolute = g_canonicalize_filename (folder, NULL);

      g_variant_dict_insert (&options, "folder", "s", absolute);
    }
  if (btbt_call_get_option (call, "paused") != NULL)
    g_variant_dict_insert (&options, "paused", "b", TRUE);
  if (btbt_call_get_option (call, "delete") != NULL)
    g_variant_dict_insert (&options, "delete", "b", TRUE);
  if (category != NULL)
    g_variant_dict_insert_value (&options, "options",
                                 g_variant_new_parsed ("{'category': <%s>}", category));
  return btbt_call_verb (client, "watch.set",
                         g_variant_new ("(s@a{sv})", watched, g_variant_dict_end (&options)));
}

int
btbt_run_watch_remove (const BtbtCall *call)
{
  g_autofree char *watched = g_canonicalize_filename (call->arguments->pdata[0], NULL);
  g_autoptr (CcbtControlClient) client = btbt_connect (call);

  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  return btbt_call_verb (client, "watch.remove", g_variant_new ("(s)", watched));
}

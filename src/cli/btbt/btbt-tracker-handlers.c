/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-handlers.h"
#include "btbt-instance.h"
#include <glib/gi18n.h>
#include <stdio.h>

/* The trackers of a torrent. */

/* "tracker add" and "tracker remove" */
int
btbt_run_tracker (const BtbtCall *call)
{
  const char *url = call->arguments->pdata[1];
  const char *tier = call->arguments->len > 2 ? call->arguments->pdata[2] : "0";
  gboolean adds = g_str_equal (call->command->words, "tracker add");
  g_auto (BtbtInstance) instance = { 0 };
  g_autoptr (GPtrArray) hashes = NULL;
  guint64 number = 0;
  int code;

  if (!g_ascii_string_to_unsigned (tier, 10, 0, G_MAXUINT32, &number, NULL))
    {
      g_printerr ("btbt: %s\n", _ ("tracker add: the tier is a number from 0"));
      return BTBT_EXIT_USAGE;
    }
  hashes = btbt_instance_resolve (&instance, call, 1, &code);
  if (hashes == NULL)
    return code;
  return btbt_call_verb (instance.client, adds ? "torrent.add-tracker" : "torrent.remove-tracker",
                         adds ? g_variant_new ("(ssu)", hashes->pdata[0], url, (guint) number)
                              : g_variant_new ("(ss)", hashes->pdata[0], url));
}

int
btbt_run_scrape (const BtbtCall *call)
{
  g_auto (BtbtInstance) instance = { 0 };
  int code;
  g_autoptr (GPtrArray) hashes = btbt_instance_resolve (&instance, call, 1, &code);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  gint64 wait = 0;

  if (hashes == NULL)
    return code;
  reply = ccbt_control_client_call (instance.client, "torrent.scrape",
                                    g_variant_new ("(s)", hashes->pdata[0]), &error);
  if (reply == NULL)
    return btbt_complain (error);
  g_variant_get (reply, "(x)", &wait);
  if (call->json)
    btbt_print_json (reply);
  else if (wait > 0)
    {
      g_autofree char *seconds = g_strdup_printf ("%" G_GINT64_FORMAT, wait);

      printf (_ ("The trackers may be asked in %s s.\n"), seconds);
    }
  return BTBT_EXIT_DONE;
}

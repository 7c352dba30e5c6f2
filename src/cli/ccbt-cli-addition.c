/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli-addition.h"
#include "ccbt-cli.h"
#include "base/ccbt-error.h"
#include <glib/gi18n.h>
#include <string.h>

/* @source: (transfer floating): what is under the key @key */
static GVariant *
make_arguments (const char *key, GVariant *source, const CcbtCliAddition *settings)
{
  GVariantDict keys;

  g_variant_dict_init (&keys, NULL);
  g_variant_dict_insert_value (&keys, key, source);
  if (settings->folder != NULL)
    {
      g_autofree char *absolute = g_canonicalize_filename (settings->folder, NULL);

      g_variant_dict_insert (&keys, "folder", "s", absolute);
    }
  if (settings->paused)
    g_variant_dict_insert (&keys, "paused", "b", TRUE);
  if (settings->sequential)
    g_variant_dict_insert (&keys, "sequential", "b", TRUE);
  if (settings->category != NULL)
    g_variant_dict_insert_value (&keys, "options",
                                 g_variant_new_parsed ("{'category': <%s>}", settings->category));
  return g_variant_ref_sink (g_variant_new ("(@a{sv})", g_variant_dict_end (&keys)));
}

static gboolean
is_link (const char *what)
{
  static const char *const schemes[] = { "magnet:", "http://", "https://" };

  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_ascii_strncasecmp (what, schemes[i], strlen (schemes[i])) == 0)
      return TRUE;
  return FALSE;
}

GVariant *
ccbt_cli_make_addition (const char *what, const CcbtCliAddition *settings, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  if (is_link (what))
    {
      if (g_utf8_validate (what, -1, NULL))
        return make_arguments ("uri", g_variant_new_string (what), settings);
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("the link is no UTF-8"));
      return NULL;
    }
  bytes = ccbt_cli_read_torrent (what, error);
  if (bytes == NULL)
    return NULL;
  return make_arguments (
      "torrent", g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE), settings);
}

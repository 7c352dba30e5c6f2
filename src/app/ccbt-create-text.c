/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-create-text.h"
#include <glib/gi18n.h>
#include "base/ccbt-error.h"
#include "ccbt-error-text.h"
#include "ccbt-tracker-text.h"

char *
ccbt_create_text_progress (GVariant *status, double *share)
{
  guint64 hashed = 0, total = 0;
  g_autofree char *hashed_size = NULL;
  g_autofree char *total_size = NULL;

  g_variant_lookup (status, "hashed", "t", &hashed);
  g_variant_lookup (status, "total-size", "t", &total);
  *share = total > 0 ? (double) hashed / (double) total : 0;
  if (total == 0)
    return g_strdup (_ ("Looking for the files"));
  hashed_size = g_format_size (hashed);
  total_size = g_format_size (total);
  /* Translators: how much was read of how much */
  return g_strdup_printf (_ ("%s of %s"), hashed_size, total_size);
}

static guint
count_skipped (GVariant *status)
{
  guint32 links = 0, hidden = 0, special = 0;

  g_variant_lookup (status, "links", "u", &links);
  g_variant_lookup (status, "hidden", "u", &hidden);
  g_variant_lookup (status, "special", "u", &special);
  return links + hidden + special;
}

char *
ccbt_create_text_done (GVariant *status, const char *output)
{
  g_autofree char *name = g_path_get_basename (output);
  guint n_skipped = count_skipped (status);

  if (n_skipped == 0)
    /* Translators: %s is the name of a torrent file */
    return g_strdup_printf (_ ("“%s” was made"), name);
  return g_strdup_printf (ngettext ("“%s” was made without %u link or hidden file",
                                    "“%s” was made without %u links and hidden files", n_skipped),
                          name, n_skipped);
}

/* What the codes mean for one who makes a torrent. */
static char *
describe_code (int code)
{
  switch (code)
    {
    case CCBT_ERROR_INVALID:
      return g_strdup (_ ("These files cannot be shared: there is nothing in them, or one has a "
                          "name that not every system can read."));
    case CCBT_ERROR_TOO_LARGE:
      return g_strdup (
          _ ("This is too much for one torrent. Choose larger pieces or fewer files."));
    case CCBT_ERROR_EXISTS:
      return g_strdup (_ ("A file of this name is there already. Choose another."));
    default:
      return g_strdup (ccbt_error_text_for_code (code));
    }
}

char *
ccbt_create_text_failure (GVariant *status)
{
  const char *changed = NULL;
  gint32 code = -1;

  g_variant_lookup (status, "error-code", "i", &code);
  if (g_variant_lookup (status, "changed", "&s", &changed))
    return g_strdup_printf (
        _ ("“%s” was changed while it was being read. Try again when nothing writes to it."),
        changed);
  return describe_code (code);
}

char *
ccbt_create_text_refusal (const GError *error)
{
  if (g_error_matches (error, CCBT_ERROR, CCBT_ERROR_INVALID))
    return g_strdup (_ ("Each line of the trackers has one address that begins with http://, "
                        "https:// or udp://; web seeds begin with http:// or https://."));
  return ccbt_error_text (error);
}

GVariant *
ccbt_create_text_parse_tiers (const char *text)
{
  g_autoptr (GVariant) flat = g_variant_ref_sink (ccbt_tracker_text_parse (text));
  GVariantBuilder tiers;
  GVariantIter iter;
  const char *url;
  guint32 tier, last = 0;
  gboolean is_open = FALSE;

  g_variant_builder_init (&tiers, G_VARIANT_TYPE ("aas"));
  g_variant_iter_init (&iter, flat);
  while (g_variant_iter_next (&iter, "(u&s)", &tier, &url))
    {
      if (is_open && tier != last)
        g_variant_builder_close (&tiers);
      if (!is_open || tier != last)
        g_variant_builder_open (&tiers, G_VARIANT_TYPE_STRING_ARRAY);
      is_open = TRUE;
      last = tier;
      g_variant_builder_add (&tiers, "s", url);
    }
  if (is_open)
    g_variant_builder_close (&tiers);
  return g_variant_builder_end (&tiers);
}

GVariant *
ccbt_create_text_parse_addresses (const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \t\n", -1);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_variant_builder_add (&builder, "s", words[i]);
  return g_variant_builder_end (&builder);
}

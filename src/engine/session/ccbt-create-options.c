/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-create.h"
#include "wire/ccbt-metainfo-writer.h"

#include <string.h>

static const struct
{
  const char *key;
  const char *type;
} known[] = {
  { "path", "s" },       { "output", "s" },       { "overwrite", "b" }, { "trackers", "aas" },
  { "web-seeds", "as" }, { "private", "b" },      { "source", "s" },    { "comment", "s" },
  { "hidden", "b" },     { "piece-length", "u" }, { "seed", "b" },
};

void
ccbt_create_options_free (CcbtCreateOptions *self)
{
  for (guint i = 0; self->tiers != NULL && self->tiers[i] != NULL; i++)
    g_strfreev (self->tiers[i]);
  g_free (self->tiers);
  g_strfreev (self->web_seeds);
  g_free (self->path);
  g_free (self->output);
  g_free (self->source);
  g_free (self->comment);
  g_free (self);
}

/* A mistyped key must not be taken for one that is left out: "private" would be missed by nobody. */
static gboolean
check_keys (GVariant *arguments, GError **error)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, arguments);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      g_autoptr (GVariant) owned = value;
      guint i = 0;

      while (i < G_N_ELEMENTS (known) && !g_str_equal (known[i].key, key))
        i++;
      if (i < G_N_ELEMENTS (known) && g_variant_is_of_type (owned, G_VARIANT_TYPE (known[i].type)))
        continue;
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                   i < G_N_ELEMENTS (known) ? "“%.64s” has a value of the wrong type."
                                            : "There is no option “%.64s”.",
                   key);
      return FALSE;
    }
  return TRUE;
}

static char *
lookup_string (GVariant *arguments, const char *key)
{
  char *value = NULL;

  return g_variant_lookup (arguments, key, "s", &value) ? value : NULL;
}

static gboolean
lookup_boolean (GVariant *arguments, const char *key)
{
  gboolean value = FALSE;

  return g_variant_lookup (arguments, key, "b", &value) && value;
}

/* Without tiers that hold nothing. */
static char ***
read_tiers (GVariant *arguments)
{
  g_autoptr (GVariant) tiers
      = g_variant_lookup_value (arguments, "trackers", G_VARIANT_TYPE ("aas"));
  GPtrArray *kept = g_ptr_array_new ();

  for (gsize i = 0; tiers != NULL && i < g_variant_n_children (tiers); i++)
    {
      g_autoptr (GVariant) tier = g_variant_get_child_value (tiers, i);

      if (g_variant_n_children (tier) > 0)
        g_ptr_array_add (kept, g_variant_dup_strv (tier, NULL));
    }
  g_ptr_array_add (kept, NULL);
  return (char ***) g_ptr_array_free (kept, FALSE);
}

static char **
read_web_seeds (GVariant *arguments)
{
  char **seeds = NULL;

  return g_variant_lookup (arguments, "web-seeds", "^as", &seeds) ? seeds : g_new0 (char *, 1);
}

/* What can be said before a file is looked at. */
static gboolean
check (const CcbtCreateOptions *self, GError **error)
{
  const CcbtMetainfoDraft draft = { .trackers = (const char *const *const *) self->tiers,
                                    .web_seeds = (const char *const *) self->web_seeds,
                                    .source = self->source,
                                    .comment = self->comment };
  const char *wrong = NULL;

  if (self->path == NULL || !g_path_is_absolute (self->path))
    wrong = "The path of the file or folder must be absolute.";
  else if (self->output != NULL && !g_path_is_absolute (self->output))
    wrong = "The path of the torrent file must be absolute.";
  else if (self->output == NULL && !self->seeds)
    wrong = "Say where the torrent file goes, or that it is to be seeded.";
  else if (self->piece_length != 0 && !ccbt_metainfo_is_piece_length (self->piece_length))
    wrong = "The size of the pieces must be a power of two from 16 KiB to 64 MiB.";
  if (wrong == NULL)
    return ccbt_metainfo_draft_check_texts (&draft, error);
  g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_INVALID, wrong);
  return FALSE;
}

CcbtCreateOptions *
ccbt_create_options_read (GVariant *arguments, GError **error)
{
  g_autoptr (CcbtCreateOptions) self = NULL;

  if (!check_keys (arguments, error))
    return NULL;
  self = g_new0 (CcbtCreateOptions, 1);
  self->path = lookup_string (arguments, "path");
  self->output = lookup_string (arguments, "output");
  self->source = lookup_string (arguments, "source");
  self->comment = lookup_string (arguments, "comment");
  self->tiers = read_tiers (arguments);
  self->web_seeds = read_web_seeds (arguments);
  self->is_private = lookup_boolean (arguments, "private");
  self->with_hidden = lookup_boolean (arguments, "hidden");
  self->overwrites = lookup_boolean (arguments, "overwrite");
  self->seeds = lookup_boolean (arguments, "seed");
  g_variant_lookup (arguments, "piece-length", "u", &self->piece_length);
  return check (self, error) ? g_steal_pointer (&self) : NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-create-request.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include <glib/gi18n.h>

static void
free_tier (gpointer data)
{
  g_ptr_array_unref (data);
}

void
ccbt_create_request_init (CcbtCreateRequest *self)
{
  *self = (CcbtCreateRequest){ .begins_tier = TRUE };
  self->tiers = g_ptr_array_new_with_free_func (free_tier);
  self->web_seeds = g_ptr_array_new_with_free_func (g_free);
}

void
ccbt_create_request_clear (CcbtCreateRequest *self)
{
  g_clear_pointer (&self->tiers, g_ptr_array_unref);
  g_clear_pointer (&self->web_seeds, g_ptr_array_unref);
  g_free (self->output);
  g_free (self->source);
  g_free (self->comment);
}

static void
add_tracker (CcbtCreateRequest *self, const char *url)
{
  if (self->begins_tier)
    g_ptr_array_add (self->tiers, g_ptr_array_new_with_free_func (g_free));
  self->begins_tier = FALSE;
  g_ptr_array_add (g_ptr_array_index (self->tiers, self->tiers->len - 1), g_strdup (url));
}

/* "512K", "4MiB", or bytes. */
static gboolean
read_size (const char *text, guint32 *out, GError **error)
{
  g_autofree char *number = g_strndup (text, strspn (text, "0123456789"));
  const char *unit = text + strlen (number);
  guint shift = 0;
  guint64 size;

  if (*unit != '\0')
    shift = g_ascii_toupper (*unit) == 'K' ? 10 : g_ascii_toupper (*unit) == 'M' ? 20 : 64;
  if (shift < 64 && (shift == 0 || unit[1] == '\0' || g_str_equal (unit + 1, "iB"))
      && g_ascii_string_to_unsigned (number, 10, 1, G_MAXUINT32 >> shift, &size, NULL))
    {
      *out = (guint32) size << shift;
      return TRUE;
    }
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
               _ ("--piece-size: “%.100s” is no size such as 512K or 4M"), text);
  return FALSE;
}

gboolean
ccbt_create_request_set (CcbtCreateRequest *self, const char *name, const char *value,
                         GError **error)
{
  const struct
  {
    const char *name;
    gboolean *flag;
  } flags[] = { { "tier", &self->begins_tier },
                { "private", &self->is_private },
                { "hidden", &self->with_hidden },
                { "overwrite", &self->overwrites },
                { "seed", &self->seeds } };
  const struct
  {
    const char *name;
    char **text;
  } texts[]
      = { { "output", &self->output }, { "source", &self->source }, { "comment", &self->comment } };

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    if (g_str_equal (flags[i].name, name))
      *flags[i].flag = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_str_equal (texts[i].name, name))
      {
        g_free (*texts[i].text);
        *texts[i].text = g_strdup (value);
      }
  if (!g_str_equal (name, "output") && value != NULL && !g_utf8_validate (value, -1, NULL))
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("--%s: no UTF-8"), name);
      return FALSE;
    }
  if (g_str_equal (name, "tracker"))
    add_tracker (self, value);
  else if (g_str_equal (name, "web-seed"))
    g_ptr_array_add (self->web_seeds, g_strdup (value));
  return !g_str_equal (name, "piece-size") || read_size (value, &self->piece_length, error);
}

static GVariant *
build_tiers (const CcbtCreateRequest *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aas"));
  for (guint i = 0; i < self->tiers->len; i++)
    {
      GPtrArray *tier = g_ptr_array_index (self->tiers, i);

      g_variant_builder_add_value (
          &builder, g_variant_new_strv ((const char *const *) tier->pdata, (gssize) tier->len));
    }
  return g_variant_builder_end (&builder);
}

GVariant *
ccbt_create_request_build (CcbtCreateRequest *self, const char *path, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *name = g_path_get_basename (absolute);
  g_autofree char *usual = g_strconcat (name, ".torrent", NULL);
  g_autofree char *given = self->output;
  GVariantDict keys;

  self->output = g_canonicalize_filename (given != NULL ? given : usual, NULL);
  if (!g_utf8_validate (absolute, -1, NULL) || !g_utf8_validate (self->output, -1, NULL))
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                           _ ("A torrent takes names in UTF-8 only; rename it first."));
      return NULL;
    }
  g_variant_dict_init (&keys, NULL);
  g_variant_dict_insert (&keys, "path", "s", absolute);
  g_variant_dict_insert (&keys, "output", "s", self->output);
  g_variant_dict_insert_value (&keys, "trackers", build_tiers (self));
  g_variant_dict_insert_value (&keys, "web-seeds",
                               g_variant_new_strv ((const char *const *) self->web_seeds->pdata,
                                                   (gssize) self->web_seeds->len));
  g_variant_dict_insert (&keys, "source", "s", self->source != NULL ? self->source : "");
  g_variant_dict_insert (&keys, "comment", "s", self->comment != NULL ? self->comment : "");
  g_variant_dict_insert (&keys, "piece-length", "u", self->piece_length);
  g_variant_dict_insert (&keys, "private", "b", self->is_private);
  g_variant_dict_insert (&keys, "hidden", "b", self->with_hidden);
  g_variant_dict_insert (&keys, "overwrite", "b", self->overwrites);
  g_variant_dict_insert (&keys, "seed", "b", self->seeds);
  return g_variant_ref_sink (g_variant_new ("(@a{sv})", g_variant_dict_end (&keys)));
}

/* --- How it goes --- */

static const char *
get_state (GVariant *status)
{
  const char *state = "";

  g_variant_lookup (status, "state", "&s", &state);
  return state;
}

gboolean
ccbt_create_status_is_final (GVariant *status)
{
  static const char *const finals[] = { "done", "failed", "cancelled", NULL };

  return g_strv_contains (finals, get_state (status));
}

char *
ccbt_create_status_describe (GVariant *status)
{
  guint64 hashed = 0, total = 0;
  g_autofree char *size = NULL;

  g_variant_lookup (status, "hashed", "t", &hashed);
  g_variant_lookup (status, "total-size", "t", &total);
  if (total == 0)
    return g_strdup (_ ("listing files"));
  size = g_format_size (total);
  return g_strdup_printf (_ ("hashing %5.1f %% of %s"), 100.0 * (double) hashed / (double) total,
                          size);
}

static guint32
lookup_count (GVariant *status, const char *key)
{
  guint32 n = 0;

  g_variant_lookup (status, key, "u", &n);
  return n;
}

static void
append_count (GString *out, const char *format, guint32 n)
{
  if (n == 0)
    return;
  g_string_append_printf (out, format, n);
  g_string_append_c (out, '\n');
}

static void
append_left_out (GString *out, GVariant *status)
{
  guint32 n_links = lookup_count (status, "links");
  guint32 n_hidden = lookup_count (status, "hidden");
  guint32 n_special = lookup_count (status, "special");

  append_count (
      out, ngettext ("%u symbolic link was left out.", "%u symbolic links were left out.", n_links),
      n_links);
  append_count (out,
                ngettext ("%u hidden file or folder was left out.",
                          "%u hidden files and folders were left out.", n_hidden),
                n_hidden);
  append_count (out,
                ngettext ("%u thing that is no file was left out.",
                          "%u things that are no files were left out.", n_special),
                n_special);
}

char *
ccbt_create_status_report (GVariant *status, const char *output)
{
  GString *out = g_string_new (NULL);
  g_autofree char *file = ccbt_text_make_printable (ccbt_span_from_string (output), 0);
  const char *hash = "", *renamed = NULL;
  gboolean is_present = FALSE;
  guint32 id = 0;

  g_variant_lookup (status, "info-hash", "&s", &hash);
  g_variant_lookup (status, "id", "u", &id);
  g_variant_lookup (status, "present", "b", &is_present);
  g_variant_lookup (status, "renamed", "&s", &renamed);
  g_string_append_printf (out, "%s\n%s\n", file, hash);
  append_left_out (out, status);
  if (renamed != NULL)
    {
      g_autofree char *shown = ccbt_text_make_printable (ccbt_span_from_string (renamed), 300);

      g_string_append_printf (out, _ ("Others will get “%s” under another name.\n"), shown);
    }
  if (is_present)
    g_string_append (out, _ ("This torrent is in the list already.\n"));
  return g_string_free (out, FALSE);
}

GError *
ccbt_create_status_to_error (GVariant *status)
{
  const char *text = _ ("given up");
  gint32 code = CCBT_ERROR_BUSY;

  g_variant_lookup (status, "error-code", "i", &code);
  g_variant_lookup (status, "error-text", "&s", &text);
  return g_error_new_literal (CCBT_ERROR, code >= 0 ? code : CCBT_ERROR_DISK, text);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli.h"
#include "base/ccbt-text.h"
#include "wire/ccbt-magnet.h"
#include "wire/ccbt-metainfo.h"

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  if (text != NULL)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

static void
add_hash (JsonBuilder *builder, const char *name, const guint8 *bytes, gsize len, gboolean is_known)
{
  g_autofree char *hex = is_known ? ccbt_hex_encode (bytes, len) : NULL;

  add_text (builder, name, hex);
}

static void
add_info_hash (JsonBuilder *builder, const CcbtInfoHash *hash)
{
  add_hash (builder, "info_hash_v1", hash->v1.bytes, sizeof hash->v1.bytes, hash->has_v1);
  add_hash (builder, "info_hash_v2", hash->v2.bytes, sizeof hash->v2.bytes, hash->has_v2);
}

static char *
describe_attributes (const CcbtMetainfoFile *file)
{
  GString *letters = g_string_new (NULL);

  if (file->attributes & CCBT_FILE_ATTRIBUTE_PAD)
    g_string_append_c (letters, 'p');
  if (file->attributes & CCBT_FILE_ATTRIBUTE_HIDDEN)
    g_string_append_c (letters, 'h');
  if (file->attributes & CCBT_FILE_ATTRIBUTE_EXECUTABLE)
    g_string_append_c (letters, 'x');
  if (file->attributes & CCBT_FILE_ATTRIBUTE_SYMLINK)
    g_string_append_c (letters, 'l');
  return g_string_free (letters, FALSE);
}

static void
add_files (JsonBuilder *builder, CcbtMetainfo *metainfo)
{
  json_builder_set_member_name (builder, "files");
  json_builder_begin_array (builder);
  for (guint i = 0; i < ccbt_metainfo_get_n_files (metainfo); i++)
    {
      const CcbtMetainfoFile *file = ccbt_metainfo_get_file (metainfo, i);
      g_autofree char *attributes = describe_attributes (file);

      json_builder_begin_object (builder);
      add_text (builder, "path", file->path);
      json_builder_set_member_name (builder, "length");
      json_builder_add_int_value (builder, (gint64) file->length);
      add_text (builder, "attributes", attributes);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/* Tier by tier, as BEP 12 has them. */
static void
add_trackers (JsonBuilder *builder, CcbtMetainfo *metainfo)
{
  const char *url;
  guint tier, last_tier = G_MAXUINT;

  json_builder_set_member_name (builder, "trackers");
  json_builder_begin_array (builder);
  for (guint i = 0; (url = ccbt_metainfo_get_tracker (metainfo, i, &tier)) != NULL; i++)
    {
      if (tier != last_tier && last_tier != G_MAXUINT)
        json_builder_end_array (builder);
      if (tier != last_tier)
        json_builder_begin_array (builder);
      last_tier = tier;
      json_builder_add_string_value (builder, url);
    }
  if (last_tier != G_MAXUINT)
    json_builder_end_array (builder);
  json_builder_end_array (builder);
}

static void
add_integer (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
show_metainfo_json (CcbtMetainfo *metainfo)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const char *const *seeds = ccbt_metainfo_get_web_seeds (metainfo);

  json_builder_begin_object (builder);
  add_info_hash (builder, ccbt_metainfo_get_info_hash (metainfo));
  add_text (builder, "name", ccbt_metainfo_get_name (metainfo));
  add_integer (builder, "piece_length", ccbt_metainfo_get_piece_length (metainfo));
  add_integer (builder, "pieces", ccbt_metainfo_get_n_pieces (metainfo));
  add_integer (builder, "total_size", (gint64) ccbt_metainfo_get_total_size (metainfo));
  json_builder_set_member_name (builder, "private");
  json_builder_add_boolean_value (builder, ccbt_metainfo_is_private (metainfo));
  add_files (builder, metainfo);
  add_trackers (builder, metainfo);
  json_builder_set_member_name (builder, "web_seeds");
  json_builder_begin_array (builder);
  for (guint i = 0; seeds[i] != NULL; i++)
    json_builder_add_string_value (builder, seeds[i]);
  json_builder_end_array (builder);
  add_text (builder, "comment", ccbt_metainfo_get_comment (metainfo));
  add_text (builder, "created_by", ccbt_metainfo_get_created_by (metainfo));
  json_builder_set_member_name (builder, "creation_date");
  if (ccbt_metainfo_get_creation_date (metainfo) != 0)
    json_builder_add_int_value (builder, ccbt_metainfo_get_creation_date (metainfo));
  else
    json_builder_add_null_value (builder);
  json_builder_end_object (builder);
  ccbt_cli_print_json (builder);
}

static void
print_row (const char *label, const char *text)
{
  g_autofree char *printable = NULL;

  if (text == NULL)
    return;
  printable = ccbt_text_make_printable (ccbt_span_from_string (text), 0);
  g_print ("%-14s %s\n", label, printable);
}

static void
print_hashes (const CcbtInfoHash *hash)
{
  g_autofree char *v1
      = hash->has_v1 ? ccbt_hex_encode (hash->v1.bytes, sizeof hash->v1.bytes) : NULL;
  g_autofree char *v2
      = hash->has_v2 ? ccbt_hex_encode (hash->v2.bytes, sizeof hash->v2.bytes) : NULL;

  print_row ("info-hash v1:", v1);
  print_row ("info-hash v2:", v2);
}

/* Pad files are no files to anybody (BEP 47); the others keep their numbers. */
static void
print_files (CcbtMetainfo *metainfo)
{
  g_print ("files:\n");
  for (guint i = 0; i < ccbt_metainfo_get_n_files (metainfo); i++)
    {
      const CcbtMetainfoFile *file = ccbt_metainfo_get_file (metainfo, i);
      g_autofree char *printable = ccbt_text_make_printable (ccbt_span_from_string (file->path), 0);
      g_autofree char *length = g_format_size (file->length);

      if ((file->attributes & CCBT_FILE_ATTRIBUTE_PAD) == 0)
        g_print ("%6u  %10s  %s\n", i + 1, length, printable);
    }
}

static void
show_metainfo (CcbtMetainfo *metainfo)
{
  g_autofree char *size
      = g_format_size_full (ccbt_metainfo_get_total_size (metainfo), G_FORMAT_SIZE_LONG_FORMAT);
  g_autofree char *piece
      = g_format_size_full (ccbt_metainfo_get_piece_length (metainfo), G_FORMAT_SIZE_IEC_UNITS);
  const char *url;

  print_row ("name:", ccbt_metainfo_get_name (metainfo));
  print_hashes (ccbt_metainfo_get_info_hash (metainfo));
  print_row ("size:", size);
  g_print ("%-14s %u × %s\n", "pieces:", ccbt_metainfo_get_n_pieces (metainfo), piece);
  print_row ("private:", ccbt_metainfo_is_private (metainfo) ? "yes" : "no");
  print_row ("comment:", ccbt_metainfo_get_comment (metainfo));
  print_row ("created by:", ccbt_metainfo_get_created_by (metainfo));
  for (guint i = 0; (url = ccbt_metainfo_get_tracker (metainfo, i, NULL)) != NULL; i++)
    print_row ("tracker:", url);
  for (guint i = 0; ccbt_metainfo_get_web_seeds (metainfo)[i] != NULL; i++)
    print_row ("web seed:", ccbt_metainfo_get_web_seeds (metainfo)[i]);
  print_files (metainfo);
}

static void
show_magnet_json (const CcbtMagnet *magnet)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_info_hash (builder, &magnet->info_hash);
  if (magnet->has_public_key)
    {
      add_hash (builder, "public_key", magnet->public_key, sizeof magnet->public_key, TRUE);
      add_hash (builder, "salt", magnet->salt, magnet->salt_len, magnet->salt_len > 0);
    }
  add_text (builder, "name", magnet->name);
  /* What only the metadata tells. */
  add_text (builder, "piece_length", NULL);
  add_text (builder, "pieces", NULL);
  add_text (builder, "total_size", NULL);
  add_text (builder, "private", NULL);
  add_text (builder, "files", NULL);
  json_builder_set_member_name (builder, "trackers");
  json_builder_begin_array (builder);
  for (guint i = 0; i < magnet->trackers->len; i++)
    {
      json_builder_begin_array (builder);
      json_builder_add_string_value (builder, g_ptr_array_index (magnet->trackers, i));
      json_builder_end_array (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "web_seeds");
  json_builder_begin_array (builder);
  for (guint i = 0; i < magnet->web_seeds->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (magnet->web_seeds, i));
  json_builder_end_array (builder);
  add_text (builder, "comment", NULL);
  add_text (builder, "created_by", NULL);
  add_text (builder, "creation_date", NULL);
  json_builder_end_object (builder);
  ccbt_cli_print_json (builder);
}

static void
print_publisher (const CcbtMagnet *magnet)
{
  g_autofree char *key = ccbt_hex_encode (magnet->public_key, sizeof magnet->public_key);
  g_autofree char *salt = ccbt_hex_encode (magnet->salt, magnet->salt_len);

  print_row ("public key:", magnet->has_public_key ? key : NULL);
  print_row ("salt:", magnet->salt_len > 0 ? salt : NULL);
}

static void
show_magnet (const CcbtMagnet *magnet)
{
  print_row ("name:", magnet->name);
  print_hashes (&magnet->info_hash);
  print_publisher (magnet);
  for (guint i = 0; i < magnet->trackers->len; i++)
    print_row ("tracker:", g_ptr_array_index (magnet->trackers, i));
  for (guint i = 0; i < magnet->web_seeds->len; i++)
    print_row ("web seed:", g_ptr_array_index (magnet->web_seeds, i));
}

static gboolean
show (const char *what, gboolean json, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (CcbtMetainfo) metainfo = NULL;

  if (ccbt_magnet_looks_like (what))
    {
      g_autoptr (CcbtMagnet) magnet = ccbt_magnet_parse (what, error);

      if (magnet == NULL)
        return FALSE;
      if (json)
        show_magnet_json (magnet);
      else
        show_magnet (magnet);
      return TRUE;
    }
  bytes = ccbt_cli_read_torrent (what, error);
  if (bytes == NULL)
    return FALSE;
  metainfo = ccbt_metainfo_parse (bytes, error);
  if (metainfo == NULL)
    {
      g_prefix_error (error, "%s: ", what);
      return FALSE;
    }
  if (json)
    show_metainfo_json (metainfo);
  else
    show_metainfo (metainfo);
  return TRUE;
}

int
ccbt_cli_show (int argc, char **argv)
{
  gboolean json = FALSE;
  g_auto (GStrv) rest = NULL;
  const GOptionEntry entries[]
      = { { "json", 0, 0, G_OPTION_ARG_NONE, &json, NULL, NULL },
          { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new ("FILE|MAGNET");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return ccbt_cli_usage_error ("%s", error->message);
  if (rest == NULL || g_strv_length (rest) != 1)
    return ccbt_cli_usage_error ("show takes one torrent file or magnet link.");
  if (!show (rest[0], json, &error))
    {
      ccbt_cli_complain ("%s", error->message);
      return CCBT_EXIT_FAILED;
    }
  return CCBT_EXIT_DONE;
}

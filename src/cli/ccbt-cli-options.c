/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli-options.h"
#include "base/ccbt-error.h"
#include "wire/ccbt-dht-item.h"
#include "wire/ccbt-magnet.h"
#include "wire/ccbt-metainfo.h"

#define MAX_FILE_NUMBER CCBT_METAINFO_MAX_FILES

/* "1,3-5": numbers as `ccbt show` prints them. */
static gboolean
parse_files (const char *spec, GArray **selected, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (spec, ",", 0);
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (gint32));

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_auto (GStrv) ends = g_strsplit (parts[i], "-", 2);
      guint64 first = 0, last = 0;

      if (!g_ascii_string_to_unsigned (g_strstrip (ends[0] != NULL ? ends[0] : (char[]){ "" }), 10,
                                       1, MAX_FILE_NUMBER, &first, NULL)
          || (ends[1] != NULL
              && !g_ascii_string_to_unsigned (g_strstrip (ends[1]), 10, first, MAX_FILE_NUMBER,
                                              &last, NULL)))
        {
          g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                       "--files: “%s” is no file number or range such as 3 or 2-5.", parts[i]);
          return FALSE;
        }
      for (guint64 n = first; n <= MAX (first, last); n++)
        {
          gint32 index = (gint32) n - 1;

          g_array_append_val (files, index);
        }
    }
  *selected = g_steal_pointer (&files);
  return TRUE;
}

/* "500K", "2.5M": bytes per second, powers of 1000 as every rate we print. */
static gboolean
parse_rate (const char *option, const char *text, guint64 *rate, GError **error)
{
  static const char units[] = "KMG";
  char *end;
  double value = g_ascii_strtod (text, &end), factor = 1;
  const char *unit = *end != '\0' ? strchr (units, g_ascii_toupper (*end)) : NULL;

  if (unit != NULL)
    {
      for (const char *u = units; u <= unit; u++)
        factor *= 1000;
      end++;
    }
  if (end == text || *end != '\0' || !(value >= 0) || value * factor > 1e12)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "%s: “%s” is no rate such as 500K or 2M.",
                   option, text);
      return FALSE;
    }
  *rate = (guint64) (value * factor);
  return TRUE;
}

static gboolean
check_peers (char **peers, GError **error)
{
  for (guint i = 0; peers != NULL && peers[i] != NULL; i++)
    {
      g_autoptr (GSocketConnectable) address = g_network_address_parse (peers[i], 0, NULL);

      if (address == NULL || g_network_address_get_port (G_NETWORK_ADDRESS (address)) == 0)
        {
          g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "--peer: “%s” is no HOST:PORT.",
                       peers[i]);
          return FALSE;
        }
    }
  return TRUE;
}

/* What a publisher names changes; where in the DHT it says so does not (BEP 46). */
static char *
name_magnet (const CcbtMagnet *magnet)
{
  CcbtSha1 target;

  if (ccbt_magnet_has_info_hash (magnet))
    return ccbt_info_hash_to_string (&magnet->info_hash);
  target = ccbt_dht_item_get_mutable_target (magnet->public_key,
                                             (CcbtSpan){ magnet->salt, magnet->salt_len });
  return ccbt_hex_encode (target.bytes, sizeof target.bytes);
}

/* A name for the state of this download: the same torrent finds it again. */
static char *
name_state (const char *what, GError **error)
{
  if (ccbt_magnet_looks_like (what))
    {
      g_autoptr (CcbtMagnet) magnet = ccbt_magnet_parse (what, error);

      return magnet != NULL ? name_magnet (magnet) : NULL;
    }
  if (g_str_has_prefix (what, "http://") || g_str_has_prefix (what, "https://"))
    return g_compute_checksum_for_string (G_CHECKSUM_SHA1, what, -1);
  {
    g_autoptr (GBytes) bytes = ccbt_cli_read_torrent (what, error);
    g_autoptr (CcbtMetainfo) metainfo = bytes != NULL ? ccbt_metainfo_parse (bytes, error) : NULL;

    if (bytes != NULL && metainfo == NULL)
      g_prefix_error (error, "%s: ", what);
    return metainfo != NULL ? ccbt_info_hash_to_string (ccbt_metainfo_get_info_hash (metainfo))
                            : NULL;
  }
}

static gboolean
choose_state_dir (CcbtCliOptions *self, GError **error)
{
  g_autofree char *name = name_state (self->what, error);

  if (name == NULL)
    return FALSE;
  if (self->state_dir == NULL)
    self->state_dir = g_build_filename (g_get_user_state_dir (), "ccbt", "downloads", name, NULL);
  return TRUE;
}

static void
add_setting (GPtrArray *settings, const char *key, guint64 value)
{
  g_ptr_array_add (settings, g_strdup_printf ("%s=%" G_GUINT64_FORMAT, key, value));
}

static void
make_absolute (char **path)
{
  g_autofree char *given = *path;

  *path = g_canonicalize_filename (given != NULL ? given : ".", NULL);
}

typedef struct
{
  char **rest;
  char **settings;
  char *files;
  char *down_limit;
  char *up_limit;
  char *dht_bootstrap;
  gboolean no_dht, no_pex, no_lsd, no_portmap;
} RawOptions;

static void
add_switches (GPtrArray *settings, const RawOptions *raw)
{
  const struct
  {
    gboolean is_off;
    const char *setting;
  } switches[] = {
    { raw->no_dht, "discovery.enable_dht=false" },
    { raw->no_pex, "discovery.enable_pex=false" },
    { raw->no_lsd, "discovery.enable_lsd=false" },
    { raw->no_portmap, "nat.auto_map_ports=false" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    if (switches[i].is_off)
      g_ptr_array_add (settings, g_strdup (switches[i].setting));
  if (raw->dht_bootstrap != NULL)
    g_ptr_array_add (settings,
                     g_strconcat ("discovery.dht_bootstrap_nodes=", raw->dht_bootstrap, NULL));
}

static int
settle (CcbtCliOptions *self, const RawOptions *raw)
{
  g_autoptr (GPtrArray) settings = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  guint64 rate;

  if (raw->rest == NULL || g_strv_length (raw->rest) != 1)
    return ccbt_cli_usage_error ("Give one torrent file, magnet link or URL.");
  if (self->port < -1 || self->port > 65535)
    return ccbt_cli_usage_error ("--port: %d is not between 0 and 65535.", self->port);
  self->what = g_strdup (raw->rest[0]);
  if (raw->files != NULL && !parse_files (raw->files, &self->selected, &error))
    return ccbt_cli_usage_error ("%s", error->message);
  if (!check_peers (self->peers, &error))
    return ccbt_cli_usage_error ("%s", error->message);
  for (guint i = 0; raw->settings != NULL && raw->settings[i] != NULL; i++)
    g_ptr_array_add (settings, g_strdup (raw->settings[i]));
  if (raw->down_limit != NULL)
    {
      if (!parse_rate ("--down-limit", raw->down_limit, &rate, &error))
        return ccbt_cli_usage_error ("%s", error->message);
      add_setting (settings, "limits.download_rate", rate);
    }
  if (raw->up_limit != NULL)
    {
      if (!parse_rate ("--up-limit", raw->up_limit, &rate, &error))
        return ccbt_cli_usage_error ("%s", error->message);
      add_setting (settings, "limits.upload_rate", rate);
    }
  add_switches (settings, raw);
  g_ptr_array_add (settings, NULL);
  self->settings = (char **) g_ptr_array_free (g_steal_pointer (&settings), FALSE);
  make_absolute (&self->output);
  if (self->state_dir != NULL)
    make_absolute (&self->state_dir);
  if (!choose_state_dir (self, &error))
    {
      ccbt_cli_complain ("%s", error->message);
      return CCBT_EXIT_FAILED;
    }
  return CCBT_EXIT_DONE;
}

int
ccbt_cli_options_parse (CcbtCliOptions *self, int argc, char **argv)
{
  RawOptions raw = { 0 };
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &self->output, NULL, NULL },
    { "port", 0, 0, G_OPTION_ARG_INT, &self->port, NULL, NULL },
    { "bind", 0, 0, G_OPTION_ARG_STRING, &self->bind, NULL, NULL },
    { "peer", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->peers, NULL, NULL },
    { "seed", 0, 0, G_OPTION_ARG_NONE, &self->seeds, NULL, NULL },
    { "super-seed", 0, 0, G_OPTION_ARG_NONE, &self->is_super_seeding, NULL, NULL },
    { "sequential", 0, 0, G_OPTION_ARG_NONE, &self->is_sequential, NULL, NULL },
    { "files", 0, 0, G_OPTION_ARG_STRING, &raw.files, NULL, NULL },
    { "down-limit", 0, 0, G_OPTION_ARG_STRING, &raw.down_limit, NULL, NULL },
    { "up-limit", 0, 0, G_OPTION_ARG_STRING, &raw.up_limit, NULL, NULL },
    { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->state_dir, NULL, NULL },
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &self->config_file, NULL, NULL },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &raw.settings, NULL, NULL },
    { "no-dht", 0, 0, G_OPTION_ARG_NONE, &raw.no_dht, NULL, NULL },
    { "no-pex", 0, 0, G_OPTION_ARG_NONE, &raw.no_pex, NULL, NULL },
    { "no-lsd", 0, 0, G_OPTION_ARG_NONE, &raw.no_lsd, NULL, NULL },
    { "no-portmap", 0, 0, G_OPTION_ARG_NONE, &raw.no_portmap, NULL, NULL },
    { "dht-bootstrap", 0, 0, G_OPTION_ARG_STRING, &raw.dht_bootstrap, NULL, NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, NULL, NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &self->is_quiet, NULL, NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &raw.rest, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("TORRENT|MAGNET|URL");
  g_autoptr (GError) error = NULL;
  int code;

  *self = (CcbtCliOptions){ .port = -1 };
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    code = ccbt_cli_usage_error ("%s", error->message);
  else
    code = settle (self, &raw);
  g_strfreev (raw.rest);
  g_strfreev (raw.settings);
  g_free (raw.files);
  g_free (raw.down_limit);
  g_free (raw.up_limit);
  g_free (raw.dht_bootstrap);
  return code;
}

void
ccbt_cli_options_clear (CcbtCliOptions *self)
{
  g_free (self->what);
  g_free (self->output);
  g_free (self->state_dir);
  g_free (self->config_file);
  g_free (self->bind);
  g_strfreev (self->peers);
  g_strfreev (self->settings);
  g_clear_pointer (&self->selected, g_array_unref);
}

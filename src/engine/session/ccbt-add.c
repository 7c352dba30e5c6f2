/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-add.h"
#include "base/ccbt-error.h"
#include "session/ccbt-load.h"
#include "session/ccbt-priorities.h"

typedef struct
{
  CcbtSession *session;
  GVariant *options; /* a{sv} */
  CcbtAddDone done;
  gpointer data;
} Add;

static gboolean
lookup_boolean (GVariant *options, const char *key, gboolean fallback)
{
  gboolean value = fallback;

  g_variant_lookup (options, key, "b", &value);
  return value;
}

/* "selected". Returns: (transfer full) (nullable): NULL when it is not there */
static GBytes *
read_selected (GVariant *options)
{
  g_autoptr (GVariant) selected
      = g_variant_lookup_value (options, "selected", G_VARIANT_TYPE ("ai"));
  const guint32 *files;
  gsize n_files;

  if (selected == NULL)
    return NULL;
  files = g_variant_get_fixed_array (selected, &n_files, sizeof *files);
  return ccbt_priorities_from_selection (files, n_files);
}

/* "selected" and "priorities" as one byte per file. Returns: (transfer full) (nullable): NULL = all
 * normal */
static GBytes *
read_priorities (GVariant *options, CcbtMetainfo *metainfo)
{
  guint n_files = ccbt_metainfo_get_n_files (metainfo);
  g_autoptr (GBytes) selected = read_selected (options);
  g_autoptr (GVariant) priorities
      = g_variant_lookup_value (options, "priorities", G_VARIANT_TYPE ("a{uu}"));
  guint8 *bytes;
  GVariantIter iter;
  guint32 index, priority;

  if (priorities == NULL)
    return g_steal_pointer (&selected);
  bytes = g_malloc (n_files);
  memset (bytes, selected != NULL ? CCBT_PRIORITY_SKIP : CCBT_PRIORITY_NORMAL, n_files);
  if (selected != NULL)
    memcpy (bytes, g_bytes_get_data (selected, NULL), MIN (n_files, g_bytes_get_size (selected)));
  g_variant_iter_init (&iter, priorities);
  while (g_variant_iter_next (&iter, "{uu}", &index, &priority))
    if (index < n_files)
      bytes[index] = (guint8) MIN (priority, CCBT_PRIORITY_MAXIMUM);
  return g_bytes_new_take (bytes, n_files);
}

/* Adding a private torrent once more must not bring it other trackers (BEP 27). */
static void
add_named_sources (CcbtTorrent *torrent, GVariant *options, gboolean is_new)
{
  g_autoptr (GVariant) peers
      = g_variant_lookup_value (options, "peers", G_VARIANT_TYPE_STRING_ARRAY);
  g_autoptr (GVariant) trackers
      = g_variant_lookup_value (options, "trackers", G_VARIANT_TYPE_STRING_ARRAY);
  CcbtAddress address;
  GVariantIter iter;
  const char *text;
  guint tier = 0;

  if (trackers != NULL && (is_new || !ccbt_torrent_is_private (torrent)))
    {
      g_variant_iter_init (&iter, trackers);
      while (g_variant_iter_next (&iter, "&s", &text))
        ccbt_torrent_add_tracker (torrent, text, tier++);
    }
  if (peers == NULL)
    return;
  g_variant_iter_init (&iter, peers);
  while (g_variant_iter_next (&iter, "&s", &text))
    if (ccbt_address_parse (text, &address))
      ccbt_torrent_add_peers (torrent, CCBT_PEER_SOURCE_USER, &address, 1, TRUE);
}

/* "options". Errors: INVALID. Returns: (transfer full) (nullable): NULL without */
static CcbtTorrentOptions *
read_options (GVariant *arguments, GError **error)
{
  g_autoptr (CcbtTorrentOptions) plain = ccbt_torrent_options_new ();
  g_autoptr (GVariant) changes
      = g_variant_lookup_value (arguments, "options", G_VARIANT_TYPE_VARDICT);

  return changes != NULL ? ccbt_torrent_options_change (plain, changes, error) : NULL;
}

static void
add_loaded_cb (gpointer data, CcbtLoaded *loaded, const GError *load_error)
{
  Add *add = data;
  g_autoptr (GBytes) priorities = NULL;
  g_autoptr (CcbtTorrentOptions) options = NULL;
  g_autofree char *folder = NULL;
  CcbtAddRequest request = { 0 };
  CcbtTorrent *torrent = NULL;
  gboolean is_new = FALSE;
  GError *error = load_error != NULL ? g_error_copy (load_error) : NULL;

  if (loaded != NULL)
    {
      if (g_variant_lookup (add->options, "folder", "s", &folder) && !g_path_is_absolute (folder))
        g_set_error (&error, CCBT_ERROR, CCBT_ERROR_INVALID, "The folder “%s” is no absolute path.",
                     folder);
      priorities = loaded->metainfo != NULL ? read_priorities (add->options, loaded->metainfo)
                                            : read_selected (add->options);
      request
          = (CcbtAddRequest){ .metainfo = loaded->metainfo,
                              .magnet = loaded->magnet,
                              .magnet_text = loaded->magnet_text,
                              .folder = folder,
                              .is_paused = lookup_boolean (add->options, "paused", FALSE),
                              .is_sequential = lookup_boolean (add->options, "sequential", FALSE),
                              .seeds = lookup_boolean (add->options, "seed", TRUE),
                              .priorities = priorities };
    }
  if (error == NULL)
    options = read_options (add->options, &error);
  request.options = options;
  if (error == NULL)
    torrent = ccbt_session_add (add->session, &request, &is_new, &error);
  if (torrent != NULL)
    add_named_sources (torrent, add->options, is_new);
  add->done (add->data, torrent, is_new, error);
  g_clear_error (&error);
  g_variant_unref (add->options);
  g_free (add);
}

void
ccbt_add (CcbtSession *session, GVariant *arguments, CcbtAddDone done, gpointer data)
{
  Add *add = g_new (Add, 1);

  *add = (Add){ session, g_variant_ref (arguments), done, data };
  ccbt_load (session, add->options, add_loaded_cb, add);
}

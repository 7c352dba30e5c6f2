/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-session-private.h"

/* Two torrents can hold a file of the same path: what one gives up may be the other's (threat C34).
 * Paths are compared as text, made canonical; nothing here waits for a disk. */

/* Returns: (transfer full): what all files of @torrent lie in, or its one file */
static char *
get_top (CcbtMetainfo *metainfo, const char *folder)
{
  const char *path = ccbt_metainfo_get_file (metainfo, 0)->path;
  const char *slash = strchr (path, '/');
  g_autofree char *top = g_strndup (path, slash != NULL ? (gsize) (slash - path) : strlen (path));

  return g_canonicalize_filename (top, folder);
}

static gboolean
is_within (const char *inner, const char *outer)
{
  gsize len = strlen (outer);

  return strncmp (inner, outer, len) == 0 && (inner[len] == '\0' || inner[len] == '/');
}

static void
mark (CcbtTorrent *other, GHashTable *ours, gboolean *shared)
{
  CcbtMetainfo *metainfo = ccbt_torrent_get_metainfo (other);

  for (guint i = 0; i < ccbt_metainfo_get_n_files (metainfo); i++)
    {
      g_autofree char *path = g_canonicalize_filename (ccbt_metainfo_get_file (metainfo, i)->path,
                                                       ccbt_torrent_get_folder (other));
      gpointer index;

      if (g_hash_table_lookup_extended (ours, path, NULL, &index))
        shared[GPOINTER_TO_UINT (index)] = TRUE;
    }
}

static GHashTable *
list_paths (CcbtMetainfo *metainfo, const char *folder)
{
  GHashTable *paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < ccbt_metainfo_get_n_files (metainfo); i++)
    g_hash_table_insert (
        paths, g_canonicalize_filename (ccbt_metainfo_get_file (metainfo, i)->path, folder),
        GUINT_TO_POINTER (i));
  return paths;
}

void
ccbt_session_mark_shared_beside (CcbtSession *self, CcbtTorrent *torrent, const char *folder,
                                 GHashTable *leaving, gboolean *shared)
{
  CcbtMetainfo *metainfo = ccbt_torrent_get_metainfo (torrent);
  g_autofree char *top = get_top (metainfo, folder);
  g_autoptr (GHashTable) ours = NULL;

  for (guint i = 0; i < self->torrents->len; i++)
    {
      CcbtTorrent *other = g_ptr_array_index (self->torrents, i);
      g_autofree char *other_top = NULL;

      if (other == torrent || ccbt_torrent_get_metainfo (other) == NULL
          || (leaving != NULL && g_hash_table_contains (leaving, other)))
        continue;
      other_top = get_top (ccbt_torrent_get_metainfo (other), ccbt_torrent_get_folder (other));
      if (!is_within (top, other_top) && !is_within (other_top, top))
        continue;
      if (ours == NULL)
        ours = list_paths (metainfo, folder);
      mark (other, ours, shared);
    }
}

void
ccbt_session_mark_shared (gpointer session, CcbtTorrent *torrent, const char *folder,
                          gboolean *shared)
{
  ccbt_session_mark_shared_beside (session, torrent, folder, NULL, shared);
}

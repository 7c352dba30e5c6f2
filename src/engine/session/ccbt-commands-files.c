/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-command-private.h"
#include "session/ccbt-session-private.h"

/* What faces ask of the files of torrents. */

/* Those that are there. Returns: (transfer container): a set */
static GHashTable *
find_torrents (CcbtSession *session, const char *const *info_hashes)
{
  GHashTable *torrents = g_hash_table_new (NULL, NULL);

  for (guint i = 0; info_hashes[i] != NULL; i++)
    {
      CcbtTorrent *torrent = ccbt_session_lookup (session, info_hashes[i]);

      if (torrent != NULL)
        g_hash_table_add (torrents, torrent);
    }
  return torrents;
}

/* Returns: (transfer floating): a(sb), see ccbt-command.h */
static GVariant *
list_files (CcbtSession *session, CcbtTorrent *torrent, GHashTable *leaving)
{
  CcbtMetainfo *metainfo = ccbt_torrent_get_metainfo (torrent);
  const guint n_files = ccbt_metainfo_get_n_files (metainfo);
  g_autofree gboolean *shared = g_new0 (gboolean, n_files);
  g_auto (GVariantBuilder) files = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sb)"));

  ccbt_session_mark_shared_beside (session, torrent, ccbt_torrent_get_folder (torrent), leaving,
                                   shared);
  for (guint i = 0; i < n_files; i++)
    {
      const CcbtKeep keep = ccbt_torrent_decide_kept (torrent, i, shared[i]);

      if (keep != CCBT_KEEP)
        g_variant_builder_add (&files, "(sb)", ccbt_metainfo_get_file (metainfo, i)->path,
                               keep == CCBT_KEEP_DATA);
    }
  return g_variant_builder_end (&files);
}

static void
torrent_list_own_files (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  g_autofree const char **info_hashes = NULL;
  g_autoptr (GHashTable) torrents = NULL;
  g_auto (GVariantBuilder) reply = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(saya(sb))"));

  g_variant_get (arguments, "(^a&s)", &info_hashes);
  torrents = find_torrents (session, info_hashes);
  for (guint i = 0; info_hashes[i] != NULL; i++)
    {
      CcbtTorrent *torrent = ccbt_session_lookup (session, info_hashes[i]);

      if (torrent != NULL && ccbt_torrent_get_metainfo (torrent) != NULL)
        g_variant_builder_add (&reply, "(s^ay@a(sb))", info_hashes[i],
                               ccbt_torrent_get_folder (torrent),
                               list_files (session, torrent, torrents));
    }
  ccbt_call_reply (call, g_variant_new ("(a(saya(sb)))", &reply));
}

static const CcbtCommandEntry entries[] = {
  { { "torrent.list-own-files", "(as)", "(a(saya(sb)))",
      "List the files that no torrents but these use: what removing them with their files "
      "removes" },
    torrent_list_own_files },
};

const CcbtCommandGroup ccbt_file_commands = { entries, G_N_ELEMENTS (entries) };

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-command-private.h"
#include "session/ccbt-session-private.h"

/* Moving the files of torrents. */

static void
torrent_move (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);
  GError *error = NULL;
  const char *folder;

  if (torrent == NULL)
    return;
  g_variant_get_child (arguments, 1, "&s", &folder);
  if (!g_path_is_absolute (folder))
    ccbt_call_reply_error (call, g_error_new (CCBT_ERROR, CCBT_ERROR_INVALID,
                                              "The folder “%s” is no absolute path.", folder));
  else if (!ccbt_session_move (session, torrent, folder, &error))
    ccbt_call_reply_error (call, error);
  else
    ccbt_call_reply (call, NULL);
}

static void
torrent_cancel_move (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);

  if (torrent == NULL)
    return;
  ccbt_torrent_cancel_move (torrent);
  ccbt_call_reply (call, NULL);
}

static const CcbtCommandEntry entries[] = {
  { { "torrent.move", "(ss)", "()",
      "Move a torrent's files to another folder; replies when it is queued" },
    torrent_move },
  { { "torrent.cancel-move", "(s)", "()", "Leave a torrent's files where they are" },
    torrent_cancel_move },
};

const CcbtCommandGroup ccbt_move_commands = { entries, G_N_ELEMENTS (entries) };

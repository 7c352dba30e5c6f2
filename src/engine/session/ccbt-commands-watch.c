/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-command-private.h"
#include "session/ccbt-session-private.h"

/* Folders whose torrent files are added by themselves. */

static void
list (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  GVariant *folders = ccbt_watch_folders_list (session->watch_folders);

  ccbt_call_reply (call, g_variant_new_tuple (&folders, 1));
}

static void
set (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  g_autoptr (GVariant) options = NULL;
  GError *error = NULL;
  const char *folder;

  g_variant_get (arguments, "(&s@a{sv})", &folder, &options);
  if (ccbt_watch_folders_set (session->watch_folders, folder, options, &error))
    ccbt_call_reply (call, NULL);
  else
    ccbt_call_reply_error (call, error);
}

static void
forget (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  GError *error = NULL;
  const char *folder;

  g_variant_get (arguments, "(&s)", &folder);
  if (ccbt_watch_folders_remove (session->watch_folders, folder, &error))
    ccbt_call_reply (call, NULL);
  else
    ccbt_call_reply_error (call, error);
}

static const CcbtCommandEntry entries[] = {
  { { "watch.list", "()", "(a(sa{sv}))", "The watched folders, and how what they hold is added" },
    list },
  { { "watch.set", "(sa{sv})", "()",
      "Add what is put into a folder, as torrent.add does; \"delete\": the file goes" },
    set },
  { { "watch.remove", "(s)", "()", "Watch a folder no longer" }, forget },
};

const CcbtCommandGroup ccbt_watch_commands = { entries, G_N_ELEMENTS (entries) };

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-session.h"

/* Folders that are watched: what is put there, as a .torrent or as a .magnet (a text file with one link), is added
 * and renamed to NAME.added, or NAME.invalid when it is none. Which folders, and how what they hold is added, is stored
 * with the session. Engine context; files are looked at on disk workers. */
typedef struct _CcbtWatchFolders CcbtWatchFolders;

#define CCBT_WATCH_FOLDERS_MAX 100u

/* Begins to watch what @store has. @store, @session: borrowed. Returns: (transfer full) */
CcbtWatchFolders *ccbt_watch_folders_new (CcbtSession *session, CcbtStateStore *store);
/* Watches no more; what a worker is at goes on without it. */
void ccbt_watch_folders_free (CcbtWatchFolders *self);

/* Watches @folder from now on, or watches it otherwise. @options: a{sv} as the verb torrent.add takes it, without what
 * names the torrent, and "delete" b: the file is deleted instead of renamed. Errors: INVALID, BUSY when there are too
 * many. */
gboolean ccbt_watch_folders_set (CcbtWatchFolders *self, const char *folder, GVariant *options,
                                 GError **error);
/* Errors: NOT_FOUND */
gboolean ccbt_watch_folders_remove (CcbtWatchFolders *self, const char *folder, GError **error);
/* Returns: (transfer floating): a(sa{sv}) folder, options; in the order they were set */
GVariant *ccbt_watch_folders_list (CcbtWatchFolders *self);

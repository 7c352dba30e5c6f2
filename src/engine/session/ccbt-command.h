/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* session: all swarms, settings and durable state; the engine's public face. Windows, D-Bus and
 * command lines see only this folder and base/. It must not know GTK, D-Bus or a terminal. */

/* The way in: every action a face can ask for is one verb with typed arguments (GVariant), run on
 * the engine's context and answered on the caller's. The table is the only list of verbs there is;
 * faces are generated over it.
 *
 * Torrents are named by info-hash (hex, s) so that a name survives restarts.
 *
 * verb                     arguments  reply
 * torrent.add              (a{sv})    (sub)      info-hash, id, FALSE when it was there already; keys below
 * torrent.inspect          (a{sv})    (a{sv})    what torrent.add would add, without adding it; below
 * torrent.remove           (sb)       ()         TRUE: its files are deleted; replies when they are closed
 * torrent.pause            (s)        ()
 * torrent.resume           (s)        ()
 * torrent.check            (s)        ()
 * torrent.announce         (s)        (x)        seconds until the tracker may be asked; 0 = asked now
 * torrent.set-files        (sa{uu})   ()         file index -> CcbtPriority
 * torrent.set-sequential   (sb)       ()
 * torrent.set-options      (sa{sv})   ()         keys of base/ccbt-torrent-options.h
 * torrent.set-folder       (ss)       ()         where its files are now (nothing is moved)
 * torrent.move             (ss)       ()         its files go to another folder, absolute; replies when that is
 *                                                queued: torrent-moved or move-failed says how it went
 * torrent.cancel-move      (s)        ()         its files stay; nothing happens once they have moved
 * torrent.add-tracker      (ssu)      ()         URL and tier, from 0
 * torrent.remove-tracker   (ss)       ()         URL
 * torrent.set-trackers     (sa(us))   ()         the whole list: tier and URL of each
 * torrent.scrape           (s)        (x)        seconds until the trackers may be asked for counts; 0 = asked now
 * torrent.add-peer         (ss)       ()         numeric address:port
 * torrent.subscribe        (s)        ()         publish its details until unsubscribed; counts
 * torrent.unsubscribe      (s)        ()
 * torrent.export           (s)        (ay)       the .torrent
 * torrent.list-own-files   (as)       (a(saya(sb))) for each that is there and has metadata: info-hash, folder in
 *                                                the file system's encoding, and the files that removing all of
 *                                                these with their files removes: path below the folder, TRUE = it
 *                                                stays when it holds data. Files of other torrents are left out
 * session.pause-all        ()         ()
 * session.resume-all       ()         ()
 * session.set-limits       (tt)       ()         bytes per second down, up; 0 = none
 * session.set-peer-limits  (tt)       ()         as set-limits, for each peer
 * session.set-alternative  (b)        ()         TRUE: the alternative limits
 * session.import           (ss)       (a(sbas))  source and folder -> name, taken, notes
 * session.flush            ()         ()         replies when the state store has everything on disk
 * queue.list               ()         (as)       info-hashes in the order of the queue
 * queue.move               (ss)       ()         "top", "up", "down", "bottom"
 * queue.set-place          (su)       ()         0 = the first
 * config.get               (s)        (ss)       value, origin
 * config.set               (ss)       (b)        key, value; TRUE: it takes a restart
 * config.reset             (s)        (b)        back to the default
 * config.list              ()         (aa{sv})   of each: "key", "title", "description" (English), "type" s ("boolean",
 *                                                "integer", "number", "choice", "text", "folder"), "unit" s,
 *                                                "minimum", "maximum" d, "choices" as, "allowed" s, "needs-restart" b, "value" s,
 *                                                "level" s ("default", "file" ...), "origin" s
 * config.reload            ()         (as)       keys that have changed
 * statistics.history       (s)        (xuatat)   "seconds", "minutes", "hours": now (seconds since 1970), seconds of a
 *                                                slot, bytes down and up of each slot, the last one is not over
 * watch.list               ()         (a(sa{sv})) folder, options
 * watch.set                (sa{sv})   ()         options: as torrent.add, without what names the torrent; and "delete" b:
 *                                                the file is deleted once added, instead of renamed
 * watch.remove             (s)        ()
 * create.start             (a{sv})    (u)        a number for the torrent that is being made; keys below
 * create.status            (u)        (a{sv})    how far it has come; below. The last 16 are remembered
 * create.cancel            (u)        ()         nothing is left of it; nothing happens once it is written
 *
 * torrent.add takes one of "torrent" ay (the bytes of a .torrent), "path" s of one, "uri" s (a magnet link); and
 * "folder" s, "paused" b, "sequential" b, "seed" b (default TRUE), "selected" ai (file indices to download),
 * "priorities" a{uu} (file index -> CcbtPriority), "options" a{sv} as in base/ccbt-torrent-options.h, "peers" as
 * (addresses to dial), "trackers" as (to add).
 *
 * torrent.inspect takes "torrent", "path" or "uri" and gives "info-hash" s, "name" s, "total-size" t, "files" a(st)
 * (path and length; absent for magnets), "comment" s, "private" b, "present" b (already in the session).
 *
 * create.start takes "path" s (a file or folder, absolute); "output" s (the .torrent, absolute; may be left out with
 * "seed"), "overwrite" b, "trackers" aas (tier by tier), "web-seeds" as, "private" b, "source" s, "comment" s,
 * "piece-length" u (bytes; 0 = by the size), "hidden" b (names that begin with a dot, too), "seed" b (add it; what was
 * hashed is not checked again).
 *
 * create.status gives "state" s (listing, hashing, writing, done, failed, cancelled), "hashed" t (bytes); once the files
 * are listed "name" s, "folder" s, "total-size" t, "piece-length" u, "links" u, "hidden" u, "special" u (how many were
 * left out) with "skipped" as (the first of them), "renamed" s (a name that those who download will not get as it is;
 * absent without); when done "info-hash" s, "id" u (of the torrent that is seeded, 0 = none), "present" b (it was in the
 * session already); when failed "error-code" i (of CcbtError, or -1), "error-text" s, "changed" s (the file that was
 * changed meanwhile; absent for other errors).
 */

typedef struct _CcbtEngineHost CcbtEngineHost;

typedef struct
{
  const char *verb;
  const char *arguments; /* GVariant type string, a tuple */
  const char *reply;     /* the same */
  const char *help;      /* one English line */
} CcbtCommandInfo;

/* The table, in a stable order. */
const CcbtCommandInfo *ccbt_command_get_table (guint *n_verbs);

/* Returns: (nullable): the row of @verb */
const CcbtCommandInfo *ccbt_command_lookup (const char *verb);

/* Any thread. @arguments: floating is taken; checked against the verb's type before it is posted.
 * The callback runs on the caller's thread-default context. Cancelling gives up the wait; what the
 * engine has begun is not undone. */
void ccbt_command_call_async (CcbtEngineHost *host, const char *verb, GVariant *arguments,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);

/* Errors: CCBT_ERROR_INVALID for a wrong verb or type, and what the verb says (CCBT_ERROR_NOT_FOUND
 * ...). Returns: (transfer full): of the verb's reply type */
GVariant *ccbt_command_call_finish (GAsyncResult *result, GError **error);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* control: one running instance, reached from other processes. A face that is not in the process of
 * the session (ccbt daemon, btbt, bitonic) talks to it through this client; the window and the
 * daemon both serve it (control/ccbt-control-service.h). The way is D-Bus, peer to peer over the
 * socket $XDG_RUNTIME_DIR/ccbt/control-HASH, where HASH is made of the state folder's path, so that
 * it works without a bus; the same objects are on the session bus while there is one. */
typedef struct _CcbtControlClient CcbtControlClient;

/* @state_dir: (nullable): NULL = the user's. Blocks for at most some seconds.
 * Errors: NOT_FOUND: nothing runs for that folder; NETWORK: it does not answer. Returns: (transfer full)
 * (nullable) */
CcbtControlClient *ccbt_control_client_connect (const char *state_dir, GError **error);
/* The same; when nothing runs for the user's own state folder and the service manager listens for it
 * (ccbt.socket), it starts an instance, which may take a while. */
CcbtControlClient *ccbt_control_client_activate (const char *state_dir, GError **error);
CcbtControlClient *ccbt_control_client_ref (CcbtControlClient *self);
void ccbt_control_client_unref (CcbtControlClient *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtControlClient, ccbt_control_client_unref)

/* FALSE once the other side is gone: every further call fails. */
gboolean ccbt_control_client_is_open (CcbtControlClient *self);

/* Gives up the calls that wait from now on: G_IO_ERROR_CANCELLED. @cancellable: (nullable) */
void ccbt_control_client_set_cancellable (CcbtControlClient *self, GCancellable *cancellable);

/* The connection, for signals and for asynchronous calls of faces that live long. Borrowed. */
GDBusConnection *ccbt_control_client_get_connection (CcbtControlClient *self);

/* Runs a verb of session/ccbt-command.h and waits. @arguments: floating is taken; NULL = "()".
 * Errors: as the verb says, in the domain CCBT_ERROR. Returns: (transfer full) (nullable): of the verb's
 * reply type */
GVariant *ccbt_control_client_call (CcbtControlClient *self, const char *verb, GVariant *arguments,
                                    GError **error);

/* What changed since @generation (0 = everything), only the fields asked for.
 * @fields: (nullable): NULL = all; names as in the reply: "info-hash" s, "id" u, "name" s, "state" s,
 * "progress" d ... one for each field of CcbtTorrentStatus that is for people, and the keys of
 * CcbtTorrentOptions.
 * Returns: (transfer full) (nullable): (t generation, b start over, aa{sv} torrents, au removed ids) */
GVariant *ccbt_control_client_list (CcbtControlClient *self, const char *const *fields,
                                    guint64 generation, GError **error);

/* The same, everything there is, by columns: much faster for thousands. Returns: (transfer full) (nullable): a{sv}: of
 * each field an array of its type, all of one length; text without a value is empty */
GVariant *ccbt_control_client_columns (CcbtControlClient *self, const char *const *fields,
                                       GError **error);

/* @parts: of "files", "peers", "trackers", "pieces". It is subscribed to for the call.
 * Returns: (transfer full) (nullable): a{sv}: "files" aa{sv}, "peers" aa{sv}, "trackers" aa{sv}, "pieces"
 * ay */
GVariant *ccbt_control_client_details (CcbtControlClient *self, const char *info_hash,
                                       const char *const *parts, GError **error);

/* The whole session: rates, totals, port, connection. Returns: (transfer full) (nullable): a{sv} */
GVariant *ccbt_control_client_status (CcbtControlClient *self, GError **error);

/* Events after @cursor (0 = those that are kept), of @types ((nullable): all); waits up to
 * @timeout_ms for the first.
 * Returns: (transfer full) (nullable): (t next cursor, t lost, aa{sv}: "type" s, "time" x, "torrent" u,
 * "info-hash" s, "text" s) */
GVariant *ccbt_control_client_events (CcbtControlClient *self, guint64 cursor,
                                      const char *const *types, guint timeout_ms, GError **error);

/* Asks the program that serves to end; it says goodbye and saves after the answer. Errors: REFUSED: the
 * window serves. */
gboolean ccbt_control_client_quit (CcbtControlClient *self, GError **error);

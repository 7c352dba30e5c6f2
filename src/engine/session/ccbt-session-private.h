/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "net/ccbt-listener.h"
#include "session/ccbt-session.h"

/* Among the files of a session:
 *   ccbt-session.c          beginning and end, the tick
 *   ccbt-session-setup.c    from settings to what torrents share
 *   ccbt-session-peers.c    incoming connections, choking, peers that wait
 *   ccbt-session-store.c    what is stored of torrents, and taken up again
 *   ccbt-session-torrents.c adding, finding, removing
 *   ccbt-session-publish.c  snapshots */

struct _CcbtSession
{
  CcbtConfig *config;
  CcbtSnapshotStore *snapshots;
  CcbtEventRing *events;
  CcbtStateStore *store;
  gboolean is_ephemeral;
  char *download_dir;

  CcbtPeerEnvironment peers;
  CcbtTorrentEnvironment environment;
  CcbtSocketFactory sockets;
  CcbtListener *listener;
  GPtrArray *lobby; /* CcbtPeer: incoming, not identified yet */

  GPtrArray *torrents; /* CcbtTorrent, in the order added */
  GHashTable *by_hash; /* wire hash (20 bytes) -> CcbtTorrent, borrowed */
  GHashTable
      *stored; /* wire hash -> CcbtTorrentRecord: ephemeral sessions take them up when added */
  GHashTable *changed; /* CcbtTorrent: to be published at the next tick */
  GHashTable *watched; /* CcbtTorrent -> subscriptions */
  CcbtTorrentId next_id;

  CcbtChoker choker;
  GSource *tick;
  GSource *choke_timer;
  GSource *wake_timer;
  gint64 next_choke;
  gint64 last_choke;
  gint64 next_details;
  CcbtRateMeter down, up;
  guint64 counted_down, counted_up;
  CcbtHistogram turns;

  void (*closed) (gpointer data);
  gpointer closed_data;
  guint n_closing;
};

/* ccbt-session.c */
GSource *ccbt_session_start_timer (guint interval_ms, GSourceFunc func, gpointer data);
void ccbt_session_stop_timer (GSource **source);

/* ccbt-session-setup.c */
gboolean ccbt_session_set_up_binding (CcbtSession *self, const CcbtEngineOptions *options,
                                      GError **error);
void ccbt_session_set_up_peers (CcbtSession *self);
void ccbt_session_set_up_environment (CcbtSession *self);
char *ccbt_session_find_download_dir (CcbtConfig *config);

/* ccbt-session-peers.c */
gboolean ccbt_session_start_listening (CcbtSession *self, const CcbtEngineOptions *options,
                                       GError **error);
gboolean ccbt_session_may_connect (gpointer session, const CcbtAddress *address);
void ccbt_session_run_choker (CcbtSession *self);
void ccbt_session_choke_soon (gpointer session);
void ccbt_session_note_stall (gpointer session);
void ccbt_session_tick_lobby (CcbtSession *self, gint64 now);

/* ccbt-session-store.c */
void ccbt_session_store_torrent (gpointer session, CcbtTorrent *torrent, gboolean progress_only);
/* Returns: (transfer none): the torrent of @record, registered, not started */
CcbtTorrent *ccbt_session_restore (CcbtSession *self, const CcbtTorrentRecord *record);
void ccbt_session_load (CcbtSession *self);

/* ccbt-session-torrents.c */
/* @torrent: (transfer full) */
void ccbt_session_register (CcbtSession *self, CcbtTorrent *torrent);

/* ccbt-session-publish.c */
void ccbt_session_note_changed (gpointer session, CcbtTorrent *torrent);
void ccbt_session_publish (CcbtSession *self, gint64 now);
void ccbt_session_publish_now (gpointer session);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-rate-history.h"
#include "discovery/ccbt-discovery.h"
#include "discovery/ccbt-udp-tracker.h"
#include "net/ccbt-listener.h"
#include "net/ccbt-port-map.h"
#include "session/ccbt-limit-schedule.h"
#include "session/ccbt-reachability.h"
#include "session/ccbt-roster.h"
#include "session/ccbt-session.h"
#include "session/ccbt-watch-folders.h"

/* Among the files of a session:
 *   ccbt-session.c          beginning and end, the tick
 *   ccbt-session-setup.c    from settings to what torrents share
 *   ccbt-session-peers.c    incoming connections, choking, peers that wait
 *   ccbt-session-discovery.c  DHT, local discovery, UDP trackers
 *   ccbt-session-router.c   our ports at the router
 *   ccbt-session-network.c  how others reach us: addresses, changes of the network
 *   ccbt-session-store.c    what is stored of torrents, and taken up again
 *   ccbt-session-torrents.c adding, finding, removing
 *   ccbt-session-limits.c   the limits in force
 *   ccbt-session-queue.c    who runs, who waits, who has given enough
 *   ccbt-session-config.c   settings that change meanwhile
 *   ccbt-session-moves.c    moving files, one torrent after the other
 *   ccbt-session-space.c    room that is left free on disks
 *   ccbt-session-shared.c   files that two torrents use
 *   ccbt-session-statistics.c  what was moved when
 *   ccbt-session-publish.c  snapshots */

typedef struct _CcbtNetworkWatch CcbtNetworkWatch;
typedef struct _CcbtSpaceLook CcbtSpaceLook;

/* Bytes per second; 0 = no limit. */
typedef struct
{
  guint64 download;
  guint64 upload;
} CcbtRatePair;

struct _CcbtSession
{
  CcbtConfig *config;
  CcbtConfigLive *settings;
  CcbtWatchFolders *watch_folders; /* NULL once it closes */
  CcbtSnapshotStore *snapshots;
  CcbtEventRing *events;
  CcbtStateStore *store;
  gboolean is_ephemeral;
  char *download_dir;

  CcbtPeerEnvironment peers;
  CcbtTorrentEnvironment environment;
  CcbtSocketFactory sockets;
  CcbtListener *listener;
  CcbtUdpMux *udp; /* NULL: no port could be had */
  CcbtUdpTracker *udp_trackers;
  CcbtDhtHost *dht; /* NULL: off */
  CcbtLsd *lsd;
  CcbtDiscovery *discovery; /* NULL before the start and after the end */
  gint64 next_dht_save;
  GPtrArray *resolving;  /* of ccbt-mutable-link.c; NULL = none */
  CcbtPortMap *port_map; /* NULL: off */
  CcbtNetworkWatch *network_watch;
  GSource *network_changed;
  struct
  {
    guint64 n_incoming;
    gint64 last_incoming; /* wall clock */
    gboolean has_source;
    CcbtAddress source;
  } families[2];
  gint64 listening_since;
  gint64 next_source_check;
  gboolean has_moved; /* and nobody was told yet */
  gint64 next_move;   /* not told before */
  guint16 told_port;  /* that others were told to reach us at; 0 = none yet */
  GPtrArray *lobby;   /* CcbtPeer: incoming, not identified yet */

  GPtrArray *torrents; /* CcbtTorrent, in the order added */
  CcbtRoster *roster;  /* CcbtTorrent: who is ticked */
  GPtrArray *leaving;  /* CcbtTorrent: removed, and not done with their disk jobs and trackers */
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
  GSource *publish_rest; /* more torrents have changed than one turn tells of */
  GPtrArray *to_start;   /* CcbtTorrent, owned: of the stored ones, the first at the end */
  GSource *start_timer;
  CcbtRatePair usual, alternative;
  gboolean is_alternative; /* that is in force */
  CcbtLimitSchedule *schedule;
  gboolean was_scheduled;
  gint64 next_schedule;
  CcbtConditions conditions;
  GPowerProfileMonitor *power; /* NULL until it is asked */
  CcbtWait waits_for;
  gboolean queue_due; /* something has changed */
  gint64 next_queue;
  gint64 earliest_queue;
  gint64 starts_since; /* the second that n_starts counts in */
  guint n_starts;
  gint64 next_choke;
  gint64 last_choke;
  gint64 next_details;
  CcbtRateMeter down, up;
  CcbtRateHistory *history;
  gboolean is_history_changed; /* since it was stored */
  gint64 next_store_history;
  CcbtHistogram turns;

  CcbtSpaceLook *space_look; /* NULL: none under way */
  gint64 next_space_look;
  GQueue moves;       /* CcbtTorrent, owned: the first is being moved */
  gboolean is_moving; /* the first, or what an earlier run has left */

  GPtrArray *creations; /* CcbtCreation, of ccbt-create.c; NULL = none yet */
  guint32 last_creation;

  void (*closed) (gpointer data);
  gpointer closed_data;
  guint n_closing;
};

/* ccbt-session.c */
/* One of those that the end waits for is over. @data: the session */
void ccbt_session_part_closed (gpointer data);
GSource *ccbt_session_start_timer (guint interval_ms, GSourceFunc func, gpointer data);
void ccbt_session_stop_timer (GSource **source);

/* It has something to do. */
void ccbt_session_wake (gpointer session, CcbtTorrent *torrent);

/* ccbt-session-setup.c */
gboolean ccbt_session_set_up_binding (CcbtSession *self, const CcbtEngineOptions *options,
                                      GError **error);
void ccbt_session_set_up_peers (CcbtSession *self);
void ccbt_session_set_up_environment (CcbtSession *self);
/* Again, after settings have changed: what all torrents and peers share. */
void ccbt_session_read_settings (CcbtSession *self);
char *ccbt_session_find_download_dir (CcbtConfig *config);

/* ccbt-session-peers.c */
gboolean ccbt_session_start_listening (CcbtSession *self, const CcbtEngineOptions *options,
                                       GError **error);
gboolean ccbt_session_may_connect (gpointer session, const CcbtAddress *address);
void ccbt_session_run_choker (CcbtSession *self);
void ccbt_session_choke_soon (gpointer session);
void ccbt_session_note_stall (gpointer session);
void ccbt_session_tick_lobby (CcbtSession *self, gint64 now);

/* ccbt-session-discovery.c */
void ccbt_session_start_discovery (CcbtSession *self);
void ccbt_session_update_discovery (CcbtSession *self, CcbtTorrent *torrent);
/* The way into the DHT that a torrent file names. */
void ccbt_session_use_nodes (CcbtSession *self, CcbtTorrent *torrent);
void ccbt_session_tick_discovery (CcbtSession *self, gint64 now);
void ccbt_session_stop_discovery (CcbtSession *self);
/* After the torrents have said goodbye to their trackers. */
void ccbt_session_close_udp (CcbtSession *self);

/* ccbt-session-router.c */
/* Errors: INVALID: the router that the settings name is no address. */
gboolean ccbt_session_check_router (CcbtSession *self, GError **error);
void ccbt_session_start_router (CcbtSession *self);
/* Another network. */
void ccbt_session_restart_router (CcbtSession *self);
void ccbt_session_describe_router (CcbtSession *self, CcbtConnectionStatus *out,
                                   CcbtReachEvidence evidence[2], gint64 now);
/* Ports are taken away, and the session goes on. */
void ccbt_session_give_up_router (CcbtSession *self);
/* Ports are taken away; @done runs when they are, a second later at most, or at once. */
void ccbt_session_stop_router (CcbtSession *self, void (*done) (gpointer data), gpointer data);
void ccbt_session_free_router (CcbtSession *self);

/* ccbt-session-network.c */
void ccbt_session_start_network (CcbtSession *self);
/* Another address, or another port at the router: trackers and the DHT are told, soon. */
void ccbt_session_note_moved (CcbtSession *self);
void ccbt_session_tick_network (CcbtSession *self, gint64 now);
void ccbt_session_note_incoming (CcbtSession *self, const CcbtAddress *from);
void ccbt_session_describe_connection (CcbtSession *self, CcbtConnectionStatus *out, gint64 now);
void ccbt_session_stop_network (CcbtSession *self);

/* ccbt-session-store.c */
void ccbt_session_store_torrent (gpointer session, CcbtTorrent *torrent, gboolean progress_only);
void ccbt_session_store_durable (gpointer session, CcbtTorrent *torrent);
void ccbt_session_tick_store (CcbtSession *self);
/* Returns: (transfer full) (nullable): NULL without metainfo */
GBytes *ccbt_session_write_resume_file (CcbtSession *self, CcbtTorrent *torrent);
/* Returns: (transfer none): the torrent of @record, registered, not started */
CcbtTorrent *ccbt_session_restore (CcbtSession *self, const CcbtTorrentRecord *record);
void ccbt_session_load (CcbtSession *self);

/* ccbt-session-start.c */
/* All that were loaded, some in each turn of the loop. */
void ccbt_session_start_torrents (CcbtSession *self);
void ccbt_session_stop_starting (CcbtSession *self);

/* ccbt-session-torrents.c */
/* @torrent: (transfer full) */
void ccbt_session_register (CcbtSession *self, CcbtTorrent *torrent);

/* ccbt-session-limits.c */
void ccbt_session_start_limits (CcbtSession *self);
/* Of each peer, and who is exempt: as the settings say. */
void ccbt_session_read_peer_limits (CcbtSession *self);
void ccbt_session_tick_limits (CcbtSession *self, gint64 now);

CcbtWait ccbt_session_find_wait (CcbtSession *self);

/* ccbt-session-queue.c */
void ccbt_session_run_queue (CcbtSession *self);
/* CcbtTorrent: whose files are checked first. */
int ccbt_session_compare_turns (gconstpointer first, gconstpointer second);
/* At once when that is cheap, else at the next tick. */
void ccbt_session_run_queue_soon (CcbtSession *self);
void ccbt_session_tick_queue (CcbtSession *self, gint64 now);
/* A new torrent comes last, unless it has a place already. */
void ccbt_session_enqueue (CcbtSession *self, CcbtTorrent *torrent);
/* In the order of their places. Returns: (transfer container) */
GPtrArray *ccbt_session_list_queue (CcbtSession *self);
void ccbt_session_move_in_queue (CcbtSession *self, CcbtTorrent *torrent, guint place);

/* ccbt-session-config.c */
void ccbt_session_start_settings (CcbtSession *self);
/* ccbt-session-moves.c */
gboolean ccbt_session_move (CcbtSession *self, CcbtTorrent *torrent, const char *folder,
                            GError **error);
void ccbt_session_record_move (gpointer session, CcbtTorrent *torrent);
void ccbt_session_move_ended (gpointer session, CcbtTorrent *torrent);
/* What an earlier run, killed, has left under way. After loading. */
void ccbt_session_mend_moves (CcbtSession *self);

/* ccbt-session-space.c */
void ccbt_session_tick_space (CcbtSession *self, gint64 now);

/* ccbt-session-shared.c */
void ccbt_session_mark_shared (gpointer session, CcbtTorrent *torrent, const char *folder,
                               gboolean *shared);
/* The same without those of @leaving (a set; nullable). */
void ccbt_session_mark_shared_beside (CcbtSession *self, CcbtTorrent *torrent, const char *folder,
                                      GHashTable *leaving, gboolean *shared);

/* ccbt-session-statistics.c */
void ccbt_session_start_statistics (CcbtSession *self);
void ccbt_session_count_transfers (CcbtSession *self, guint64 down, guint64 up);
void ccbt_session_tick_statistics (CcbtSession *self, gint64 now);
void ccbt_session_stop_statistics (CcbtSession *self);
/* Returns: (transfer floating): (xuatat), as the verb statistics.history says */
GVariant *ccbt_session_describe_history (CcbtSession *self, CcbtHistoryScale scale);

/* ccbt-session-publish.c */
void ccbt_session_note_changed (gpointer session, CcbtTorrent *torrent);
/* What has changed goes out, in lots. */
void ccbt_session_publish (CcbtSession *self);
/* All of it, before this returns. */
void ccbt_session_publish_now (gpointer session);

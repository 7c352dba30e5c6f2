/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-event-ring.h"
#include "base/ccbt-torrent-status.h"
#include "discovery/ccbt-tracker-set.h"
#include "net/ccbt-http.h"
#include "net/ccbt-socket-factory.h"
#include "peer/ccbt-peer.h"
#include "picker/ccbt-choker.h"
#include "storage/ccbt-storage.h"
#include "torrent/ccbt-check-turns.h"
#include "wire/ccbt-metainfo.h"

#define CCBT_TYPE_TORRENT (ccbt_torrent_get_type ())
G_DECLARE_FINAL_TYPE (CcbtTorrent, ccbt_torrent, CCBT, TORRENT, GObject)

/* What the session lends to every torrent, and what torrents ask of it. Outlives them. */
typedef struct
{
  CcbtPeerEnvironment *peers;
  CcbtSocketFactory *sockets;
  CcbtHttp *http;
  CcbtUdpTracker *udp_trackers;      /* NULL = UDP trackers are listed but not asked */
  CcbtTrackerShared *tracker_shared; /* NULL = announces do not take turns, nothing is scraped */
  CcbtTrackerOptions tracker_options;
  gboolean no_http_trackers; /* they are listed but not asked */
  CcbtEventRing *events;
  CcbtClock *clock;
  guint32 tracker_key;
  guint max_connections; /* of the session */
  guint max_connections_per_torrent;
  guint max_half_open;           /* outgoing ones not through yet, session */
  guint connections_per_address; /* loopback not counted */
  CcbtCheckTurns *check_turns;   /* NULL = as many are checked at once as like to */
  gsize memory_budget;           /* bytes in buffers of pieces in progress, session */
  gint number_wanted;
  guint tracker_timeout; /* seconds */
  CcbtAllocation allocation;
  CcbtPickMode pick_mode;
  const char *parts_dir;
  gboolean use_pex;       /* offer and use ut_pex (BEP 11) in torrents that are not private */
  guint16 port;           /* we listen on; 0 = not */
  guint16 announced_port; /* where others reach us, when that is another port; 0 = the same */
  guint16 dht_port;       /* our DHT node's, told to peers (BEP 5); 0 = none */
  guint n_half_open;
  guint64 downloaded; /* payload of all torrents since the start */
  guint64 uploaded;
  gpointer session;
  /* Something a face may see has changed. */
  void (*changed) (gpointer session, CcbtTorrent *torrent);
  /* Snapshots of what has changed go out now, before an event that speaks of it. */
  void (*publish) (gpointer session);
  /* It rests no longer: it has something to do at the next tick. */
  void (*wake) (gpointer session, CcbtTorrent *torrent);
  /* What is stored of it should be written: all of it, or the progress alone. */
  void (*save) (gpointer session, CcbtTorrent *torrent, gboolean progress_only);
  /* Its progress, so that it outlasts a power cut: what it tells of is on the disk by now. */
  void (*save_durable) (gpointer session, CcbtTorrent *torrent);
  /* A peer became interested, or a slot fell free. */
  void (*choke_soon) (gpointer session);
  /* A move put its folder into the torrent: store it, and say when that is safe by
   * ccbt_torrent_move_recorded(). */
  void (*record_move) (gpointer session, CcbtTorrent *torrent);
  /* It is not being moved any more, or not to be. */
  void (*move_ended) (gpointer session, CcbtTorrent *torrent);
  /* Sets @shared[i] where another torrent uses file i of @torrent below @folder. */
  void (*mark_shared) (gpointer session, CcbtTorrent *torrent, const char *folder,
                       gboolean *shared);
  /* (nullable) A peer says that this is its DHT node. */
  void (*found_node) (gpointer session, const CcbtAddress *node);
  /* May one more connection to or from this address be made? */
  gboolean (*may_connect) (gpointer session, const CcbtAddress *address);
} CcbtTorrentEnvironment;

/* How a torrent begins; borrowed during the call. */
typedef struct
{
  CcbtMetainfo *metainfo; /* (nullable): unknown yet: magnet */
  const CcbtInfoHash *info_hash;
  const char *name; /* without metainfo; NULL = the info-hash */
  const char *folder;
  const char *magnet; /* (nullable): the link it came from */
  gboolean is_paused;
  gboolean is_sequential;
  gboolean seeds;
  gint64 added_at;
  gint64 completed_at;
  guint64 downloaded;
  guint64 uploaded;
  guint64 wasted;
  guint64 active_seconds;
  guint64 seeding_seconds;
  CcbtTorrentOptions *options; /* (nullable): none decided */
  GBytes *priorities;          /* (nullable) see CcbtTorrentRecord */
  GBytes *trusted;  /* (nullable) bitfield: had; NULL with was_checked FALSE = never checked */
  GBytes *durable;  /* (nullable) bitfield: those of @trusted that were synced */
  GBytes *doubtful; /* (nullable) bitfield: to be checked before the rest is trusted */
  GBytes *stamps;   /* (nullable) CcbtFileStamp array: files that changed since are checked again */
} CcbtTorrentStart;

/* Returns: (transfer full): stands still until ccbt_torrent_start() */
CcbtTorrent *ccbt_torrent_new (CcbtTorrentEnvironment *environment, CcbtTorrentId id,
                               const CcbtTorrentStart *start);

/* Begins what its settings ask for: fetch metadata, check, download, seed, or nothing when paused.
 */
void ccbt_torrent_start (CcbtTorrent *self);
/* Ends everything: peers, trackers ("stopped", 2 s at most), disk jobs. @done runs once; the
 * torrent is of no use then.
 * @delete_files: its files are removed. */
void ccbt_torrent_close (CcbtTorrent *self, gboolean delete_files, void (*done) (gpointer data),
                         gpointer data);

/* Whether deleting leaves a file (C34): files of other torrents, and files of our names that were there
 * before and turned out to be something else. Only with metainfo. @is_shared: another torrent uses
 * it too */
CcbtKeep ccbt_torrent_decide_kept (CcbtTorrent *self, guint file, gboolean is_shared);

/* Waits for its turn, or runs: the queue decides. It is as if it were paused, but the user's wish stays. A paused
 * one is held too, so that it waits to be decided about once it is resumed. */
void ccbt_torrent_set_held (CcbtTorrent *self, gboolean held);

/* @torrent: whose turn to be checked has come; see CcbtTorrentEnvironment.check_turns */
void ccbt_torrent_begin_check_turn (gpointer torrent);

/* What the queue goes by. */
typedef struct
{
  gboolean is_paused;
  gboolean is_running;  /* neither paused nor held */
  gboolean is_fetching; /* without its metadata */
  gboolean has_failed;
  gboolean is_complete;
  gboolean is_seeding;
  gboolean is_slow;     /* has run and moved next to nothing for a while */
  guint64 idle_seconds; /* that it has seeded and given nothing */
  guint64 seeding_seconds;
  guint64 downloaded, uploaded;
  guint64 total_size; /* 0 without metadata */
} CcbtTorrentQueueFacts;

void ccbt_torrent_get_queue_facts (CcbtTorrent *self, CcbtTorrentQueueFacts *out);

void ccbt_torrent_set_paused (CcbtTorrent *self, gboolean paused);
/* Resumes it when paused; tries again at once when it stands after an error. */
void ccbt_torrent_resume (CcbtTorrent *self);
void ccbt_torrent_check (CcbtTorrent *self);
void ccbt_torrent_set_sequential (CcbtTorrent *self, gboolean sequential);
void ccbt_torrent_set_folder (CcbtTorrent *self, const char *folder);
/* Errors: INVALID: no such file, no metadata. */
gboolean ccbt_torrent_set_file_priority (CcbtTorrent *self, guint file, CcbtPriority priority,
                                         GError **error);
/* Call it after a run of the above: makes the files that became wanted, and goes on. */
void ccbt_torrent_apply_wanted_files (CcbtTorrent *self);
gboolean ccbt_torrent_add_tracker (CcbtTorrent *self, const char *url, guint tier);
/* Never NULL; (transfer none). */
CcbtTorrentOptions *ccbt_torrent_get_options (CcbtTorrent *self);
/* Stored and published. */
void ccbt_torrent_set_options (CcbtTorrent *self, CcbtTorrentOptions *options);
/* After the limits of all have changed, or its own: what is too much is closed. */
void ccbt_torrent_apply_limits (CcbtTorrent *self);
/* After the order of pieces of all has changed. */
void ccbt_torrent_apply_pick_mode (CcbtTorrent *self);
/* Returns: seconds until it will happen; 0 = now */
gint64 ccbt_torrent_announce (CcbtTorrent *self);
/* We stand at another address, or listen on another port for the world: trackers are told, and
 * connections that began at an address that is gone are closed. */
void ccbt_torrent_note_moved (CcbtTorrent *self);
/* Addresses to dial, from whatever source. Of a private torrent only trackers, incoming peers, magnet
 * links, the user and stored ones are heard; PEX, DHT, LSD and HOLEPUNCH are refused (BEP 27).
 * @allow_loopback: the source stands on this machine or is the user. */
void ccbt_torrent_add_peers (CcbtTorrent *self, CcbtPeerSource source, const CcbtAddress *addresses,
                             guint n_addresses, gboolean allow_loopback);
/* May others than its trackers be asked for peers: it is at work and not private (BEP 27)? */
gboolean ccbt_torrent_may_be_looked_up (CcbtTorrent *self);
/* Has it fewer peers, and addresses to try, than it can use? */
gboolean ccbt_torrent_needs_peers (CcbtTorrent *self);
/* Connections with the world outside that we have made, by family of addresses. */
void ccbt_torrent_count_outgoing (CcbtTorrent *self, guint by_family[2]);
/* All wanted pieces are had. */
gboolean ccbt_torrent_is_finished (CcbtTorrent *self);
/* Known to be private (BEP 27)? FALSE as long as the metadata is not there. */
gboolean ccbt_torrent_is_private (CcbtTorrent *self);
/* An incoming connection wants this torrent. Returns: FALSE when it is refused */
gboolean ccbt_torrent_adopt (CcbtTorrent *self, CcbtPeer *peer);
/* Four times a second, unless it rests. */
void ccbt_torrent_tick (CcbtTorrent *self, gint64 now);
/* After a tick. Returns: when the next one is needed if nothing happens to it (environment->wake); @now = the usual
 * one; G_MAXINT64 = never */
gint64 ccbt_torrent_get_next_tick (CcbtTorrent *self, gint64 now);
/* It rested until now. */
void ccbt_torrent_note_woken (CcbtTorrent *self, gint64 now);
/* Syncs its files; @done runs when they are, @error NULL when it worked. */
void ccbt_torrent_sync (CcbtTorrent *self, void (*done) (gpointer data, const GError *error),
                        gpointer data);

/* Does it want pieces now? */
gboolean ccbt_torrent_is_downloading (CcbtTorrent *self);
gboolean ccbt_torrent_lacks_space (CcbtTorrent *self);
/* @error: (nullable): why nothing more may be written; NULL: there is room again. */
void ccbt_torrent_set_space_error (CcbtTorrent *self, const GError *error);

/* --- Moving its files: the session says when it is their turn, one torrent after the other. --- */

/* Errors: BUSY: it is being moved already, or removed. */
gboolean ccbt_torrent_queue_move (CcbtTorrent *self, const char *folder, GError **error);
/* Its turn has come; `move_ended` follows, perhaps before this returns. A torrent that has all it
 * wants goes on seeding; another one rests until its files are moved. */
void ccbt_torrent_start_move (CcbtTorrent *self);
void ccbt_torrent_move_recorded (CcbtTorrent *self, const GError *error);
/* The files stay where they are. Nothing happens when the new folder counts already. */
void ccbt_torrent_cancel_move (CcbtTorrent *self);
/* Where the journal of a move lies. Returns: (transfer full) */
#define CCBT_MOVE_JOURNAL_SUFFIX ".move"
char *ccbt_torrent_get_move_journal (const char *parts_dir, const CcbtInfoHash *info_hash);

CcbtTorrentId ccbt_torrent_get_id (CcbtTorrent *self);
const CcbtInfoHash *ccbt_torrent_get_info_hash (CcbtTorrent *self);
CcbtMetainfo *ccbt_torrent_get_metainfo (CcbtTorrent *self); /* (nullable) */
const char *ccbt_torrent_get_folder (CcbtTorrent *self);
gboolean ccbt_torrent_is_paused (CcbtTorrent *self);
/* Has it peers, or rates that have not come to rest? */
gboolean ccbt_torrent_is_moving (CcbtTorrent *self);
const char *ccbt_torrent_get_name (CcbtTorrent *self);

/* (transfer full) */
CcbtTorrentStatus *ccbt_torrent_describe (CcbtTorrent *self);
CcbtTorrentDetails *ccbt_torrent_describe_details (CcbtTorrent *self);
/* Trackers tier by tier as "tier SPACE url\n" lines. (transfer full) */
GBytes *ccbt_torrent_describe_trackers (CcbtTorrent *self);
/* The .torrent, with the trackers it has now. Only with metainfo. (transfer full) */
GBytes *ccbt_torrent_build_file (CcbtTorrent *self);

/* What has to be stored. Spans are valid until the torrent changes. */
typedef struct
{
  gboolean is_paused, is_sequential, seeds;
  gint64 added_at, completed_at;
  guint64 downloaded, uploaded, wasted;
  guint64 active_seconds, seeding_seconds;
  GBytes *priorities;   /* (transfer full) (nullable) */
  GBytes *verified;     /* (transfer full) (nullable) */
  GBytes *durable;      /* (transfer full) (nullable) */
  gboolean is_in_check; /* what is verified and not durable is yet to be checked */
  GBytes
      *stamps; /* (transfer full) (nullable): only when nothing was written since they were taken */
  GBytes *peers;      /* (transfer full) (nullable) */
  const char *magnet; /* (nullable) */
} CcbtTorrentProgress;

void ccbt_torrent_get_progress (CcbtTorrent *self, CcbtTorrentProgress *out);

/* Appends its peers to @candidates (CcbtChokeCandidate). */
void ccbt_torrent_list_choke_candidates (CcbtTorrent *self, GArray *candidates);

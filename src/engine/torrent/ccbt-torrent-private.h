/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-text.h"
#include "discovery/ccbt-tracker-set.h"
#include "torrent/ccbt-assembly.h"
#include "torrent/ccbt-candidates.h"
#include "torrent/ccbt-holepunch-limit.h"
#include "torrent/ccbt-metadata-fetch.h"
#include "torrent/ccbt-hindrance-watch.h"
#include "torrent/ccbt-own-address.h"
#include "torrent/ccbt-pex-link.h"
#include "torrent/ccbt-pex-recent.h"
#include "torrent/ccbt-slow-watch.h"
#include "torrent/ccbt-super-seed.h"
#include "torrent/ccbt-torrent-phase.h"
#include "torrent/ccbt-torrent.h"

/* Among the files of a torrent:
 *   ccbt-torrent.c           life, settings, phases
 *   ccbt-torrent-files.c     preparing, checking, syncing, priorities
 *   ccbt-torrent-move.c      to another folder
 *   ccbt-torrent-space.c     a disk that is nearly full
 *   ccbt-torrent-recover.c   what a killed run had written and not recorded
 *   ccbt-torrent-close.c     the end
 *   ccbt-torrent-grants.c    the allowed fast set (BEP 6)
 *   ccbt-torrent-dial.c      whom to connect to
 *   ccbt-torrent-peers.c     the conversation
 *   ccbt-torrent-sources.c   what DHT and local discovery may do for it
 *   ccbt-torrent-download.c  what to ask for, what came, whom to blame
 *   ccbt-torrent-exchange.c  peers telling of peers (BEP 11), of lost pieces (BEP 54)
 *   ccbt-torrent-holepunch.c meeting through a third (BEP 55)
 *   ccbt-torrent-check-turn.c  whose files are hashed now
 *   ccbt-torrent-announce.c  what trackers are told, and tell
 *   ccbt-torrent-trackers.c  the list of them, as its user wants it
 *   ccbt-torrent-hindrance.c  what holds it up
 *   ccbt-torrent-queue.c     waiting for its turn, times
 *   ccbt-torrent-rest.c      when it has nothing to do
 *   ccbt-torrent-limits.c    options, its own limits
 *   ccbt-torrent-super-seed.c  being the first seed (BEP 16)
 *   ccbt-torrent-metadata.c  fetching and serving the info dictionary
 *   ccbt-torrent-describe.c  snapshots and what is stored */

#define CCBT_CHECK_JOBS_MAX 16u

typedef struct _CcbtTorrentMove CcbtTorrentMove;

/* Pieces that failed keep what each block's bytes were and who gave it, until the piece passes:
 * then who differs is known (threat B41). */
typedef struct
{
  guint n_blocks;
  CcbtSha1 *digests;
  CcbtAddress *givers;
} CcbtFailedPiece;

/* Most torrents are never checked: these take more than all the rest of one. */
typedef struct
{
  CcbtDiskJob jobs[CCBT_CHECK_JOBS_MAX];
  guint8 *results[CCBT_CHECK_JOBS_MAX];
  gboolean is_busy[CCBT_CHECK_JOBS_MAX];
} CcbtCheckSlots;

/* The ids we want extended messages to carry (BEP 10). */
#define CCBT_OUR_METADATA_ID 1
#define CCBT_OUR_PEX_ID 2
#define CCBT_OUR_DONT_HAVE_ID 3
#define CCBT_OUR_HOLEPUNCH_ID 4

/* What a torrent keeps of a peer for the extensions that tell of others; CcbtPeer.exchange. */
typedef struct _CcbtPeerExchange
{
  CcbtPexLink pex;
  CcbtHolepunchLimit punches;
  guint n_demotions; /* times it was complete and then was not */
} CcbtPeerExchange;

struct _CcbtTorrent
{
  GObject parent_instance;

  CcbtTorrentEnvironment *environment; /* borrowed */
  CcbtTorrentId id;
  CcbtInfoHash info_hash;
  CcbtSha1 wire_hash;
  CcbtMetainfo *metainfo; /* NULL until known */
  char *name;             /* without metainfo */
  char *folder;
  char *magnet;
  gboolean is_paused;
  gboolean is_sequential;
  CcbtTorrentOptions *options;
  gboolean is_held; /* by the queue */
  gint64 time_counted;
  CcbtSlowWatch slow;
  CcbtHindranceWatch hindrance;
  guint64 idle_seconds;
  guint64 uploaded_before;
  CcbtSuperSeed *super_seed; /* NULL: nobody was met as one */
  guint64 active_seconds;
  guint64 seconds_saved; /* of them */
  guint64 seeding_seconds;
  gboolean seeds;
  gint64 added_at;
  gint64 completed_at;
  GBytes *early_priorities; /* for when the metadata is there; NULL */

  CcbtTorrentPhase phase;
  GError *error;       /* MISSING, BROKEN */
  GError *space_error; /* ACTIVE: the disk is nearly full; NULL */
  gint64 retry_at;     /* monotonic; 0 = not by itself */

  /* With metainfo */
  CcbtPieceMap map;
  CcbtPicker *picker;
  CcbtStorage *storage;
  CcbtAssembly *assembly;
  guint8 *priorities; /* CcbtPriority, one per file */
  CcbtBitfield to_check;
  CcbtBitfield durable;
  gboolean was_checked;
  gboolean recovers;    /* was not closed in order: more may be on disk than was recorded */
  gboolean is_finished; /* all wanted pieces are had */
  CcbtFileStamp *stamps;
  gboolean stamps_are_valid; /* nothing was written since */
  GBytes *old_stamps;        /* from the store, to compare once; NULL */

  /* Disk work */
  CcbtDiskJob file_job; /* PREPARE, STAMPS, SYNC, DELETE: one at a time */
  gboolean has_file_job;
  gboolean check_wanted;
  gboolean has_check_turn;
  gboolean waits_for_check;
  gboolean made_no_files; /* it was looked at while it stood still */
  gboolean was_looked_at;
  gboolean prepare_wanted;
  CcbtCheckSlots *checks; /* NULL: none under way */
  guint n_check_jobs;
  guint32 check_next;
  guint32 n_to_check;
  guint32 n_checked;
  GArray *sync_waiters;
  CcbtBitfield syncing; /* what is had as of the SYNC under way */
  gboolean has_unsynced;
  gint64 next_sync;
  gint64 next_save;
  CcbtTorrentMove *move; /* NULL: its files stay where they are */

  /* Swarm */
  GPtrArray *peers; /* CcbtPeer, borrowed: they tell when they go */
  CcbtCandidates candidates;
  CcbtPexRecent recent;            /* parted from, but alive */
  guint64 contacts_generation;     /* changes with those we are connected to; never 0 */
  CcbtOwnAddress own_addresses[2]; /* by family */
  CcbtTrackerSet *trackers;
  CcbtMetadataFetch *fetch;
  GBytes *known_peers;       /* as last stored; NULL */
  GHashTable *failed_pieces; /* index -> CcbtFailedPiece */
  GSource *refill;           /* idle: ask peers with room again */
  CcbtRateGroup download_group;
  CcbtRateGroup upload_group;
  gint64 next_second;

  /* Totals */
  guint64 downloaded, uploaded, wasted;
  guint64 started_downloaded, started_uploaded; /* at the start trackers were told of */
  CcbtRateMeter down, up;
  CcbtRateTrail *trail; /* NULL until something moved */

  /* Closing */
  void (*closed) (gpointer data);
  gpointer closed_data;
  gboolean delete_files;
  gboolean trackers_stopped;
};

extern const CcbtPeerOwner ccbt_torrent_peer_owner;

/* ccbt-torrent-sources.c */
void ccbt_torrent_send_dht_port (CcbtTorrent *self, CcbtPeer *peer);
void ccbt_torrent_take_dht_port (CcbtTorrent *self, CcbtPeer *peer, guint16 port);

/* ccbt-torrent.c */
gboolean ccbt_torrent_step (CcbtTorrent *self, CcbtTorrentTrigger trigger);
void ccbt_torrent_fail (CcbtTorrent *self, const GError *error);
void ccbt_torrent_changed (CcbtTorrent *self);
/* Begins to check what stands still, when its disk is idle. */
void ccbt_torrent_look (CcbtTorrent *self);
void ccbt_torrent_post (CcbtTorrent *self, CcbtEventType type, GVariant *payload);
void ccbt_torrent_take_metainfo (CcbtTorrent *self, CcbtMetainfo *metainfo);
void ccbt_torrent_continue_close (CcbtTorrent *self);

/* ccbt-torrent-files.c */
void ccbt_torrent_prepare (CcbtTorrent *self);
void ccbt_torrent_begin_check (CcbtTorrent *self);
void ccbt_torrent_submit_checks (CcbtTorrent *self);
void ccbt_torrent_cancel_check (CcbtTorrent *self);
void ccbt_check_slots_free (CcbtCheckSlots *slots);
gboolean ccbt_torrent_is_disk_idle (CcbtTorrent *self);
void ccbt_torrent_tick_files (CcbtTorrent *self, gint64 now);
void ccbt_torrent_take_stamps (CcbtTorrent *self);

/* ccbt-torrent-durable.c */
/* Sets @out->verified, durable and is_in_check. */
void ccbt_torrent_describe_pieces (CcbtTorrent *self, CcbtTorrentProgress *out);
void ccbt_torrent_sync_found (CcbtTorrent *self);

void ccbt_torrent_delete_files (CcbtTorrent *self);
void ccbt_torrent_apply_priorities (CcbtTorrent *self);
void ccbt_torrent_update_finished (CcbtTorrent *self, gboolean by_download);

void ccbt_torrent_make_files (CcbtTorrent *self);

/* Its folder has changed, and all files are there: reads and writes from now on go there. Only while
 * the disk is idle. */
void ccbt_torrent_switch_storage (CcbtTorrent *self);

/* ccbt-torrent-move.c */
gboolean ccbt_torrent_rests_for_move (CcbtTorrent *self);
void ccbt_torrent_continue_move (CcbtTorrent *self);
/* Returns: FALSE when it is not being moved. @folder: (out): borrowed */
gboolean ccbt_torrent_describe_move (CcbtTorrent *self, double *progress, const char **folder);

/* ccbt-torrent-recover.c */
void ccbt_torrent_recover (CcbtTorrent *self);

/* ccbt-torrent-grants.c */
void ccbt_torrent_send_grants (CcbtTorrent *self, CcbtPeer *peer);

/* ccbt-torrent-dial.c */
void ccbt_torrent_connect_more (CcbtTorrent *self, gint64 now);
/* Out of its turn, within all limits; nothing happens when it is connected or hopeless. */
void ccbt_torrent_dial_now (CcbtTorrent *self, const CcbtAddress *address, CcbtPeerSource source,
                            gboolean allow_loopback);

/* ccbt-torrent-peers.c */
void ccbt_torrent_close_peers (CcbtTorrent *self);
void ccbt_torrent_tick_peers (CcbtTorrent *self, gint64 now);
void ccbt_torrent_ban (CcbtTorrent *self, const CcbtAddress *address, const char *reason);
void ccbt_torrent_announce_have (CcbtTorrent *self, guint32 piece);
void ccbt_torrent_greet_with_pieces (CcbtTorrent *self, CcbtPeer *peer);
void ccbt_torrent_drop_useless (CcbtTorrent *self);

/* ccbt-torrent-download.c */
extern const CcbtAssemblyOwner ccbt_torrent_assembly_owner;
void ccbt_torrent_fill (CcbtTorrent *self, CcbtPeer *peer);
void ccbt_torrent_fill_soon (CcbtTorrent *self);
void ccbt_torrent_update_interest (CcbtTorrent *self, CcbtPeer *peer);
void ccbt_torrent_abandon_all (CcbtTorrent *self, CcbtPeer *peer);
void ccbt_torrent_watch_requests (CcbtTorrent *self, CcbtPeer *peer, gint64 now);
guint8 *ccbt_torrent_land (CcbtPeer *peer, CcbtBlock block, gboolean is_continued);
void ccbt_torrent_pin (CcbtPeer *peer, CcbtBlock block, gboolean pinned);
void ccbt_torrent_landed (CcbtPeer *peer, CcbtBlock block, guint32 length, const guint8 *copy,
                          gboolean was_abandoned);
void ccbt_torrent_request_lost (CcbtPeer *peer, CcbtBlock block);
void ccbt_torrent_failed_piece_free (gpointer data);

void ccbt_torrent_abandon_piece (CcbtTorrent *self, CcbtPeer *peer, guint32 piece);

/* ccbt-torrent-exchange.c */
gboolean ccbt_torrent_may_exchange (CcbtTorrent *self);
CcbtPeerExchange *ccbt_torrent_ensure_exchange (CcbtTorrent *self, CcbtPeer *peer);
void ccbt_torrent_end_exchange (CcbtTorrent *self, CcbtPeer *peer);
/* Where others can dial @peer. Returns: FALSE when we do not know, or it is not open */
gboolean ccbt_torrent_get_contact (const CcbtPeer *peer, CcbtAddress *out);
gboolean ccbt_torrent_is_peer_complete (const CcbtPeer *peer);
/* Where @peer would dial us. Returns: FALSE when it did not say */
gboolean ccbt_torrent_get_own_address (CcbtTorrent *self, const CcbtPeer *peer, CcbtAddress *out);
/* We part from @peer though it works: others may like to know it. */
void ccbt_torrent_note_parting (CcbtTorrent *self, const CcbtPeer *peer);
/* About once a second. */
void ccbt_torrent_tick_exchange (CcbtTorrent *self, gint64 now);
void ccbt_torrent_take_pex (CcbtTorrent *self, CcbtPeer *peer, CcbtSpan payload);
void ccbt_torrent_hear_own_address (CcbtTorrent *self, const CcbtPeer *peer);
void ccbt_torrent_forget_public_peers (CcbtTorrent *self);
void ccbt_torrent_take_dont_have (CcbtTorrent *self, CcbtPeer *peer, CcbtSpan payload);

/* ccbt-torrent-holepunch.c */
void ccbt_torrent_take_holepunch (CcbtTorrent *self, CcbtPeer *peer, CcbtSpan payload);
/* @address could not be dialled: does a peer of both of us know a way? */
void ccbt_torrent_ask_for_rendezvous (CcbtTorrent *self, const CcbtAddress *address);

/* ccbt-torrent-check-turn.c */
gboolean ccbt_torrent_wants_check (CcbtTorrent *self);
/* Returns: FALSE when others are checked: ccbt_torrent_begin_check_turn() follows */
gboolean ccbt_torrent_take_check_turn (CcbtTorrent *self);
/* Has it one, or waits for it: no longer. */
void ccbt_torrent_end_check_turn (CcbtTorrent *self);

/* ccbt-torrent-announce.c */
extern const CcbtTrackerSetOwner ccbt_torrent_tracker_questions;

/* ccbt-torrent-hindrance.c */
/* Looks what held it up in the @seconds until now. */
void ccbt_torrent_count_hindrance (CcbtTorrent *self, guint64 seconds, gboolean rested);
/* It will stay the same until something happens to the torrent. */
gboolean ccbt_torrent_is_hindrance_settled (CcbtTorrent *self);
/* How many pieces or peers the current hindrance is about; 0 = it is not about such. */
guint ccbt_torrent_count_hindering (CcbtTorrent *self);

/* ccbt-torrent-queue.c */
gboolean ccbt_torrent_may_run (CcbtTorrent *self);
/* No peers, no trackers, no checking. */
void ccbt_torrent_stand_still (CcbtTorrent *self);
/* Up to now; before anything that decides what the time is counted as changes, and before it is read. */
void ccbt_torrent_count_time (CcbtTorrent *self);
/* The same when it wakes: all of that time was like the last second before. */
void ccbt_torrent_count_rest (CcbtTorrent *self);
/* They are stored now and then, though nothing else changes. */
void ccbt_torrent_save_times (CcbtTorrent *self);
gint64 ccbt_torrent_get_next_save_of_times (CcbtTorrent *self);

/* ccbt-torrent-rest.c */
void ccbt_torrent_wake (CcbtTorrent *self);

/* ccbt-torrent-limits.c */
guint ccbt_torrent_get_connection_limit (CcbtTorrent *self);
CcbtPriority ccbt_torrent_get_priority (CcbtTorrent *self);
/* Its options are new: rates count at once, peers that are too many go. */

/* ccbt-torrent-super-seed.c */
gboolean ccbt_torrent_is_super_seeding (CcbtTorrent *self);
/* In place of telling @peer what we have. */
void ccbt_torrent_super_seed_greet (CcbtTorrent *self, CcbtPeer *peer);
void ccbt_torrent_super_seed_note_have (CcbtTorrent *self, CcbtPeer *peer, guint32 piece);
void ccbt_torrent_super_seed_tick (CcbtTorrent *self, gint64 now);
void ccbt_torrent_super_seed_forget (CcbtTorrent *self, CcbtPeer *peer);
/* It begins or ends. */
void ccbt_torrent_super_seed_changed (CcbtTorrent *self);

/* ccbt-torrent-metadata.c */
void ccbt_torrent_send_extended_handshake (CcbtTorrent *self, CcbtPeer *peer);
void ccbt_torrent_take_extended (CcbtTorrent *self, CcbtPeer *peer, const CcbtMessage *message);
void ccbt_torrent_fetch_from (CcbtTorrent *self, CcbtPeer *peer, gint64 now);

static inline gboolean
ccbt_torrent_is_active (CcbtTorrent *self)
{
  return self->phase == CCBT_TORRENT_ACTIVE;
}

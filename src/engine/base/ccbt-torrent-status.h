/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib-object.h>
#include "base/ccbt-connection-status.h"
#include "base/ccbt-hindrance.h"
#include "base/ccbt-histogram.h"
#include "base/ccbt-piece-summary.h"
#include "base/ccbt-rate-trail.h"
#include "base/ccbt-torrent-options.h"
#include "base/ccbt-types.h"

/* What a torrent is doing. One at a time; facts that can hold beside it (complete, sequential) are
 * fields. */
typedef enum
{
  CCBT_TORRENT_STATE_METADATA,      /* a magnet link whose info dictionary is being fetched */
  CCBT_TORRENT_STATE_CHECKING,      /* what is on disk is being hashed */
  CCBT_TORRENT_STATE_DOWNLOADING,   /* wants pieces */
  CCBT_TORRENT_STATE_SEEDING,       /* has all it wants and serves it */
  CCBT_TORRENT_STATE_PAUSED,        /* stopped by the user, or finished and not to be seeded */
  CCBT_TORRENT_STATE_QUEUED,        /* waits for its turn */
  CCBT_TORRENT_STATE_FILES_MISSING, /* the folder or the drive is gone: waits for it */
  CCBT_TORRENT_STATE_ERROR,         /* see error_code and error_text */
} CcbtTorrentState;

#define CCBT_TORRENT_N_STATES (CCBT_TORRENT_STATE_ERROR + 1)

/* "downloading", for JSON, D-Bus and logs; never translated. */
const char *ccbt_torrent_state_get_name (CcbtTorrentState state);

/* One torrent at one instant: immutable once published, shared between threads by reference. All
 * text is printable UTF-8 (ccbt_text_make_printable), sizes are bytes, rates bytes per second,
 * times microseconds since 1970. */
typedef struct
{
  CcbtTorrentId id;
  guint64 generation; /* set by the snapshot store; grows with every change */
  char *info_hash;    /* hex, ccbt_info_hash_to_string() */
  char *name;         /* as the user called it, else the torrent's own */
  char *folder;       /* the user's folder, absolute, in the file system's encoding */
  char *content_path; /* the file, or the folder of the files, absolute; NULL without metadata */
  char *magnet;       /* magnet link for sharing */
  CcbtTorrentState state;
  int error_code;   /* CcbtError, when state is ERROR or FILES_MISSING */
  char *error_text; /* English; NULL without error */
  gboolean has_metadata;
  gboolean is_complete; /* all wanted bytes verified */
  gboolean is_private;  /* BEP 27 */
  gboolean is_sequential;
  gboolean is_paused; /* the user's wish; a paused torrent that is being checked is CHECKING */
  guint n_files;
  guint n_pieces;
  guint n_pieces_have;
  guint64 total_size;
  guint64 wanted_size; /* of the files not skipped */
  guint64 done_size;   /* verified, of the wanted ones */
  double progress;     /* 0.0-1.0 of wanted_size; of the check while CHECKING; of the metadata while
                          METADATA */
  double down_rate;    /* payload */
  double up_rate;
  guint64 downloaded; /* payload over the torrent's whole life */
  guint64 uploaded;
  guint64 wasted;     /* received but not usable: failed hash, duplicates */
  gint64 eta;         /* seconds; -1 = unknown or not downloading */
  guint n_peers;      /* connected */
  guint n_seeds;      /* of those, complete */
  guint n_candidates; /* known, not connected */
  int swarm_seeds;    /* as the tracker says; -1 = unknown */
  int swarm_leechers;
  gint64 added_at;
  gint64 completed_at;         /* 0 = not yet */
  CcbtTorrentOptions *options; /* never NULL once published */
  guint64 active_seconds;      /* over its whole life: downloading or seeding */
  guint64 seeding_seconds;     /* of those, complete */
  gboolean is_moving;          /* its files are being moved to another folder, or are to be */
  double move_progress;        /* 0.0-1.0 */
  char *move_target;           /* the other folder, in the file system's encoding; NULL */
  CcbtHindrance hindrance;     /* in the last seconds; NONE while it does not run */
  guint hindrance_count;       /* NO_PIECES: how many; UNREACHABLE: how many peers; else 0 */
} CcbtTorrentStatus;

#define CCBT_TYPE_TORRENT_STATUS (ccbt_torrent_status_get_type ())
GType ccbt_torrent_status_get_type (void);

/* Zeroed, one reference. Fill it before it is shared. */
CcbtTorrentStatus *ccbt_torrent_status_new (void);
CcbtTorrentStatus *ccbt_torrent_status_ref (CcbtTorrentStatus *self);
void ccbt_torrent_status_unref (CcbtTorrentStatus *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtTorrentStatus, ccbt_torrent_status_unref)

/* --- What is published only while somebody subscribes (verb "torrent.subscribe"). --- */

typedef struct
{
  char *path; /* relative to the folder, printable, '/' between components */
  guint64 length;
  guint64 done; /* bytes verified */
  CcbtPriority priority;
} CcbtFileStatus;

typedef struct
{
  char *address; /* with port */
  char *client;  /* printable, "" when unknown */
  double progress;
  double down_rate;
  double up_rate;
  guint64 downloaded;
  guint64 uploaded;
  gboolean is_incoming;
  gboolean is_encrypted;
  gboolean am_interested;
  gboolean am_choking;
  gboolean peer_interested;
  gboolean peer_choking;
  gboolean is_snubbed;
  const char *source; /* static: "tracker", "incoming", "magnet", "user", "resume", "pex", "dht",
                         "lsd", "holepunch" */
} CcbtPeerStatus;

typedef enum
{
  CCBT_TRACKER_STATE_IDLE, /* not contacted yet */
  CCBT_TRACKER_STATE_ANNOUNCING,
  CCBT_TRACKER_STATE_WORKING,
  CCBT_TRACKER_STATE_FAILED,
} CcbtTrackerState;

const char *ccbt_tracker_state_get_name (CcbtTrackerState state);

typedef struct
{
  char *url;
  guint tier;
  CcbtTrackerState state;
  char *message; /* failure or warning, printable; NULL without */
  int seeds;     /* -1 = unknown */
  int leechers;
  guint n_failures;     /* in a row */
  gint64 next_announce; /* seconds from the snapshot; -1 = none planned */
  int downloaded; /* how often the torrent was ever completed, as a scrape says; -1 = unknown */
  int response_time_ms; /* of its last answer; -1 = none yet */
  gint64 last_announce; /* seconds before the snapshot: the last that worked; -1 = none did */
  guint peers_received; /* with that one */
} CcbtTrackerStatus;

void ccbt_tracker_status_free (gpointer tracker); /* CcbtTrackerStatus */

/* Immutable once published. The arrays own their elements. */
typedef struct
{
  CcbtTorrentId id;
  guint64 generation;
  GPtrArray *files;    /* CcbtFileStatus, in the order of the torrent; empty without metadata */
  GPtrArray *peers;    /* CcbtPeerStatus */
  GPtrArray *trackers; /* CcbtTrackerStatus */
  GBytes *pieces;      /* bitfield of verified pieces, BEP 3 order; NULL without metadata */
  CcbtPieceSummary *summary;           /* of the same; NULL without metadata */
  guint32 hindered[CCBT_N_HINDRANCES]; /* seconds of this run that each was there */
  guint64
      recent_down[CCBT_RATE_TRAIL_LENGTH]; /* bytes in each CCBT_RATE_TRAIL_STEP, oldest first */
  guint64 recent_up[CCBT_RATE_TRAIL_LENGTH];
} CcbtTorrentDetails;

#define CCBT_TYPE_TORRENT_DETAILS (ccbt_torrent_details_get_type ())
GType ccbt_torrent_details_get_type (void);

/* Arrays are made, with free functions. */
CcbtTorrentDetails *ccbt_torrent_details_new (void);
CcbtTorrentDetails *ccbt_torrent_details_ref (CcbtTorrentDetails *self);
void ccbt_torrent_details_unref (CcbtTorrentDetails *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtTorrentDetails, ccbt_torrent_details_unref)

/* The whole session at one instant; plain value. */
/* What makes all torrents wait but those that were forced, though nobody paused them. */
typedef enum
{
  CCBT_WAIT_NONE,
  CCBT_WAIT_METERED, /* the network counts what goes over it */
  CCBT_WAIT_POWER,   /* the computer saves power */
} CcbtWait;

/* "", "metered-network", "power-saving": for JSON and D-Bus; never translated. */
const char *ccbt_wait_get_name (CcbtWait wait);

typedef struct
{
  guint64 generation;
  guint n_torrents;
  guint n_peers;
  guint16 port; /* listening; 0 = not listening */
  double down_rate;
  double up_rate;
  guint64 downloaded; /* this run */
  guint64 uploaded;
  guint64 all_downloaded; /* over all runs, also of torrents that are gone */
  guint64 all_uploaded;
  guint64 disk_queue; /* bytes waiting to be hashed or written */
  CcbtConnectionStatus connection;
  gboolean is_alternative; /* the alternative limits are in force */
  guint64 download_limit;  /* in force; 0 = none */
  guint64 upload_limit;
  CcbtHistogram engine_dispatch; /* how long each turn of the engine's loop took */
  gboolean is_scheduled; /* the alternative limits are in force because the schedule says so */
  CcbtWait waits_for;
} CcbtSessionStatus;

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"
#include "base/ccbt-rate-meter.h"
#include "net/ccbt-transport.h"
#include "peer/ccbt-peer-phase.h"
#include "peer/ccbt-request-queue.h"
#include "picker/ccbt-rate-share.h"
#include "storage/ccbt-disk-pool.h"
#include "storage/ccbt-extent-pool.h"
#include "wire/ccbt-extended.h"
#include "wire/ccbt-handshake.h"
#include "wire/ccbt-message.h"

typedef struct _CcbtPeer CcbtPeer;
typedef struct _CcbtPeerTable CcbtPeerTable;
typedef struct _CcbtScatter CcbtScatter;

/* Where we learned of a peer. */
typedef enum
{
  CCBT_PEER_SOURCE_INCOMING,
  CCBT_PEER_SOURCE_TRACKER,
  CCBT_PEER_SOURCE_MAGNET,
  CCBT_PEER_SOURCE_USER,
  CCBT_PEER_SOURCE_RESUME,
  CCBT_PEER_SOURCE_PEX,       /* another peer told of it (BEP 11) */
  CCBT_PEER_SOURCE_DHT,       /* BEP 5 */
  CCBT_PEER_SOURCE_LSD,       /* heard on the local network (BEP 14) */
  CCBT_PEER_SOURCE_HOLEPUNCH, /* a relay told us to connect (BEP 55) */
} CcbtPeerSource;

/* Those that tell the world, or hear from it: not for private torrents (BEP 27). Bits of
 * 1 << CcbtPeerSource. */
#define CCBT_PEER_SOURCES_PUBLIC                                                                   \
  (1u << CCBT_PEER_SOURCE_PEX | 1u << CCBT_PEER_SOURCE_DHT | 1u << CCBT_PEER_SOURCE_LSD            \
   | 1u << CCBT_PEER_SOURCE_HOLEPUNCH)

#define CCBT_N_PEER_SOURCES (CCBT_PEER_SOURCE_HOLEPUNCH + 1)

const char *ccbt_peer_source_get_name (CcbtPeerSource source);

/* What a peer had to wait for: bits. */
typedef enum
{
  CCBT_STALL_SESSION_LIMIT = 1 << 0,
  CCBT_STALL_TORRENT_LIMIT = 1 << 1,
  CCBT_STALL_PEER_LIMIT = 1 << 2,
  CCBT_STALL_DISK = 1 << 3,
} CcbtStallCause;

typedef struct
{
  CcbtPeerHandle peer;
  guint direction; /* CCBT_READY_READ or CCBT_READY_WRITE */
} CcbtStalledPeer;

/* What every connection of a session shares. Owned by the session; outlives all peers. */
typedef struct
{
  CcbtClock *clock;
  CcbtReactor *reactor;
  CcbtDiskPool *disk;
  CcbtExtentPool *extents;
  CcbtPeerTable *table;
  CcbtScatter *scatter; /* scratch for one read; see ccbt-peer-receive.c */
  /* Limits count all that a connection carries once the handshakes are through: payload and
   * messages, without what TCP and IP add. Messages alone never wait, but are counted. */
  CcbtRateShare download; /* of the whole session */
  CcbtRateShare upload;
  guint64 peer_download_limit; /* of each peer; bytes per second, 0 = none */
  guint64 peer_upload_limit;
  gboolean lan_is_exempt; /* no limit is for peers in the local network */
  gsize disk_queue_limit; /* bytes: past it nobody reads */
  gsize upload_buffered;  /* bytes read, or being read, to be uploaded */
  GArray *stalled;        /* CcbtStalledPeer: those that wait for a limit or the disk */
  void (*stall_noted) (gpointer session); /* (nullable) the first peer has to wait */
  gpointer session;
  guint request_limit;      /* network.max_request_queue */
  double request_cushion;   /* seconds; network.request_queue_seconds */
  gint64 handshake_timeout; /* microseconds */
  gint64 peer_timeout;
  guint8 peer_id[20];
  gboolean has_dht; /* we answer queries of the DHT (BEP 5) */
} CcbtPeerEnvironment;

/* Peers that waited for a rate limit or for the disk go on as far as they may: those of the torrent
 * first that has had least for its weight, and of its peers the one that waited longest. Call it when
 * disk jobs are done and, while anybody is stalled, every few hundredths of a second. */
void ccbt_peer_environment_wake_stalled (CcbtPeerEnvironment *self);

/* One answer a peer gets for a block it asked for. */
typedef struct
{
  guint32 piece;
  guint32 offset;
  guint32 length;
} CcbtUploadRequest;

/* Questions and news for the owner: the session's lobby while IDENTIFYING, the torrent from then
 * on. Any of them may close the peer. */
typedef struct
{
  /* Which torrent? Sets the peer's owner, or returns FALSE: it is closed without a reply. */
  gboolean (*identify) (CcbtPeer *peer, const CcbtSha1 *info_hash);
  /* Both handshakes are through. Returns: FALSE to close (ourselves, a duplicate, banned): no
   * reason is sent. */
  gboolean (*opened) (CcbtPeer *peer, const CcbtHandshake *handshake);
  /* Every message but KEEP_ALIVE, PIECE, REQUEST, CANCEL. The peer's own flags are up to date. */
  void (*got_message) (CcbtPeer *peer, const CcbtMessage *message);
  /* Where the bytes of this block go, or NULL when the peer holds no lease on the place (then they
   * land in scratch). Asked anew before each read; valid until the loop turns. @is_continued: part
   * of it is there (it is pinned): NULL when that part is not there any more. */
  guint8 *(*land) (CcbtPeer *peer, CcbtBlock block, gboolean is_continued);
  /* A leased block has bytes in its place that are not complete (TRUE), or no longer (FALSE). */
  void (*pin) (CcbtPeer *peer, CcbtBlock block, gboolean pinned);
  /* All of a block we asked for is here: in its place (@copy NULL) or in @copy. @was_abandoned: we
   * had given up on it. */
  void (*landed) (CcbtPeer *peer, CcbtBlock block, guint32 length, const guint8 *copy,
                  gboolean was_abandoned);
  /* The request for @block is over without an answer (reject, choke). */
  void (*request_lost) (CcbtPeer *peer, CcbtBlock block);
  /* May this block be read and sent? FALSE: refused (not had, choked). */
  gboolean (*may_upload) (CcbtPeer *peer, const CcbtUploadRequest *request);
  CcbtStorage *(*get_storage) (CcbtPeer *peer);
  /* Reading a block to upload failed. */
  void (*upload_failed) (CcbtPeer *peer, guint32 piece, const GError *error);
  /* The connection is gone; requests were not abandoned yet. The peer is freed afterwards. */
  void (*closed) (CcbtPeer *peer, const GError *reason);
} CcbtPeerOwner;

/* What the current block's bytes do. */
typedef enum
{
  CCBT_BODY_NONE,  /* between messages */
  CCBT_BODY_PLACE, /* into the leased place */
  CCBT_BODY_COPY,  /* into a buffer of its own: asked for, but another peer holds the lease */
  CCBT_BODY_DRAIN, /* dropped */
} CcbtBodyKind;

typedef struct
{
  CcbtBodyKind kind;
  CcbtBlock block;
  guint32 length;
  guint32 received;
  gboolean was_abandoned;
  gint64 sent_at; /* when we asked */
  guint8 *copy;   /* COPY */
} CcbtBody;

/* A plain struct: nobody listens to a peer. Fields are for the owner to read; it sets those marked
 * (owner). */
struct _CcbtPeer
{
  guint references;
  CcbtPeerHandle handle;
  CcbtPeerPhase phase;
  CcbtPeerEnvironment *environment;
  const CcbtPeerOwner *owner_class;
  gpointer owner;
  CcbtTransport *transport;
  guint interest;        /* readiness asked for */
  gboolean is_in_turn;   /* what is sent now goes out at the end of the turn */
  guint stalled;         /* CCBT_READY_*: directions in environment->stalled */
  guint download_stalls; /* CcbtStallCause since the owner set them to 0 */
  guint upload_stalls;

  CcbtAddress address;
  gboolean is_incoming;
  CcbtPeerSource source;
  gint64 connected_at; /* or begun */
  gint64 last_received;
  gint64 last_sent;

  /* The conversation */
  guint8 peer_id[20];
  gboolean has_fast;
  gboolean has_extensions;
  gboolean has_dht;
  CcbtExtendedHandshake extended; /* zero until theirs came */
  guint32 n_pieces;               /* (owner) 0 = unknown yet */
  CcbtBitfield has;        /* (owner) sized when n_pieces is known; kept up to date by the owner */
  gboolean was_open;       /* both handshakes came through, whatever happened since */
  gboolean has_everything; /* (owner) said HAVE_ALL before the number of pieces was known */
  gboolean bitfield_allowed; /* no word about its pieces came yet */
  gboolean am_choking;
  gboolean am_interested;
  gboolean peer_choking;
  gboolean peer_interested;
  gboolean upload_only;

  /* Download */
  CcbtRequestQueue requests;
  CcbtBody body;
  GByteArray *in;      /* an incomplete message; NULL when there is none */
  guint scatter_pairs; /* blocks predicted per read */
  gint64 last_block_at;
  gboolean is_snubbed;           /* (owner) */
  gboolean is_on_parole;         /* (owner) took part in a failed piece */
  guint n_unsolicited;           /* blocks nobody asked for */
  CcbtRateGroup *download_group; /* (owner) of the torrent; NULL */
  CcbtRateGroup *upload_group;
  CcbtRateBucket own_download; /* limits of this peer */
  CcbtRateBucket own_upload;
  gboolean is_local;  /* in our network: see environment->lan_is_exempt */
  CcbtRateMeter down; /* payload */
  CcbtRateMeter up;

  /* Upload */
  GArray *upload_requests; /* CcbtUploadRequest, in the order asked; NULL until the first */
  guint n_upload_requests_seen_choked;
  guint32 *granted_pieces; /* (owner) the allowed fast set we gave (BEP 6); n_granted of them */
  guint n_granted;
  GArray *allowed_pieces;   /* (owner) guint32: what they allow us while choked; NULL */
  GArray *suggested_pieces; /* (owner) guint32; NULL */
  GQueue blocks;            /* blocks read and not sent yet */
  gsize queued_upload;      /* bytes being read or waiting to be sent */
  GByteArray *out;          /* control messages not sent yet; NULL when there are none */
  guint out_position;
  gboolean is_unchoked_optimistically; /* (owner) */
  gint64 unchoked_at;                  /* (owner) */
  guint64 uploaded_at_unchoke;         /* (owner) */
  guint64 counted_down;                /* (owner) of down.total, what the torrent has counted */
  guint64 counted_up;                  /* (owner) */
  struct _CcbtPeerExchange *exchange;  /* (owner) what goes with ut_pex and its like; NULL */
  gboolean is_interest_stale; /* (owner) pieces came or went: does it still have what we want? */
};

/* Takes over @transport. @owner_class: static. Begins at once: an outgoing one sends its handshake
 * when connected.
 * @info_hash: of the torrent; NULL for incoming ones. Returns: (transfer none): it lives until
 * `closed` was called */
CcbtPeer *ccbt_peer_new (CcbtPeerEnvironment *environment, const CcbtPeerOwner *owner_class,
                         gpointer owner, CcbtTransport *transport, const CcbtAddress *address,
                         const CcbtSha1 *info_hash);

/* Ends it: `closed` is called with @reason (which may be NULL), the memory goes when nobody is
 * inside it any more. */
void ccbt_peer_close (CcbtPeer *self, const GError *reason);
void ccbt_peer_close_for (CcbtPeer *self, CcbtError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* From the owner's tick, about once a second. */
void ccbt_peer_tick (CcbtPeer *self, gint64 now);

/* Messages. Sent when the loop comes round, in order; blocks queued for upload give way to them. */
void ccbt_peer_send (CcbtPeer *self, const CcbtMessage *message);
void ccbt_peer_send_bytes (CcbtPeer *self, const guint8 *bytes, gsize len);
void ccbt_peer_send_extended (CcbtPeer *self, guint8 extended_id, const GByteArray *payload);
void ccbt_peer_set_choking (CcbtPeer *self, gboolean choking);
void ccbt_peer_set_interested (CcbtPeer *self, gboolean interested);

/* Asks for @blocks and remembers them. */
void ccbt_peer_request (CcbtPeer *self, const CcbtBlock *blocks, guint n_blocks,
                        const CcbtPieceMap *map);
/* Takes a request back: CANCEL is sent, a block that still comes is recognised. */
void ccbt_peer_cancel (CcbtPeer *self, CcbtBlock block);
/* Gives a request up without telling the peer; it may still be answered. */
void ccbt_peer_abandon_request (CcbtPeer *self, guint position);

/* Is it an outgoing or known-incoming connection that has finished its handshakes? */
static inline gboolean
ccbt_peer_is_open (const CcbtPeer *self)
{
  return self->phase == CCBT_PEER_OPEN;
}

/* --- Table of all connections of a session: handle -> peer. --- */
CcbtPeerTable *ccbt_peer_table_new (void);
void ccbt_peer_table_free (CcbtPeerTable *self);
/* Returns: (nullable): NULL when that connection is gone */
CcbtPeer *ccbt_peer_table_lookup (CcbtPeerTable *self, CcbtPeerHandle handle);
guint ccbt_peer_table_get_n (CcbtPeerTable *self);
/* Connections to and from this IP, whatever the port. */
guint ccbt_peer_table_count_ip (CcbtPeerTable *self, const CcbtAddress *address);

CcbtScatter *ccbt_scatter_new (void);
void ccbt_scatter_free (CcbtScatter *self);

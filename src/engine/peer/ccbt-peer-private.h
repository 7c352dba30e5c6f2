/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "peer/ccbt-peer.h"

/* Among the files of peer/. */

/* Sets the phase by the table. */
void ccbt_peer_step (CcbtPeer *self, CcbtPeerEvent event);

/* A callback into the owner may close the peer: hold it while working on it. */
void ccbt_peer_hold (CcbtPeer *self);
void ccbt_peer_release (CcbtPeer *self);

/* Reads and handles as much as one turn allows. */
void ccbt_peer_receive (CcbtPeer *self);
/* Handles one whole message that is no PIECE. */
void ccbt_peer_handle_message (CcbtPeer *self, const CcbtMessage *message);
/* Bytes at the start of a connection, until both handshakes are through. Returns: bytes used */
gsize ccbt_peer_handle_handshake (CcbtPeer *self, CcbtSpan in);

/* Writes as much as the transport takes. */
void ccbt_peer_flush (CcbtPeer *self);
void ccbt_peer_update_interest (CcbtPeer *self);

/* --- Limits --- */

/* Is it in our own network? Carrier NAT (RFC 6598) is not. */
gboolean ccbt_peer_address_is_local (const CcbtAddress *address);
/* How many of @want bytes all its limits let pass now. */
guint32 ccbt_peer_may_read (CcbtPeer *self, guint32 want, gint64 now);
guint32 ccbt_peer_may_write (CcbtPeer *self, guint32 want, gint64 now);
void ccbt_peer_count_read (CcbtPeer *self, guint32 bytes);
void ccbt_peer_count_written (CcbtPeer *self, guint32 bytes);
/* Remembers that it waits for a limit or the disk. @direction: CCBT_READY_READ or CCBT_READY_WRITE */
void ccbt_peer_stall (CcbtPeer *self, guint direction);

/* REQUEST and CANCEL from the other side. */
void ccbt_peer_take_upload_request (CcbtPeer *self, const CcbtMessage *message);
void ccbt_peer_drop_upload_request (CcbtPeer *self, const CcbtMessage *message);
/* --- Uploads: of what was asked, the part in front that is in memory is sent out of the files'
 * own pages, the rest is read into buffers by the disk pool first. --- */

/* Goes through what is asked: refuses what may not be had, starts reads for what is not in memory,
 * as far ahead as the socket can use it. @plan: (out): the requests in front that can be sent at
 * once, @budget bytes or a little more. */
typedef struct _CcbtUploadPlan CcbtUploadPlan;
void ccbt_peer_plan_uploads (CcbtPeer *self, guint n_most, gsize budget, CcbtUploadPlan *plan);
/* Choked: what was asked and not read is refused (BEP 6) or forgotten. */
void ccbt_peer_drop_uploads (CcbtPeer *self);
void ccbt_peer_free_uploads (CcbtPeer *self);

/* Blocks handed to one write. */
#define CCBT_UPLOAD_BLOCKS_MAX 64u

struct _CcbtUploadPlan
{
  guint n;                                    /* requests in front that are planned */
  const guint8 *data[CCBT_UPLOAD_BLOCKS_MAX]; /* of each; not for us to read */
  guint range[CCBT_UPLOAD_BLOCKS_MAX];        /* which of the ranges it is in */
  CcbtWindowRange ranges[CCBT_UPLOAD_BLOCKS_MAX];
  guint n_ranges;
};

/* A block that is read, or begun: nothing takes it back. */
typedef struct _CcbtUploadBuffer CcbtUploadBuffer;
typedef struct
{
  CcbtUploadRequest request;
  guint8 head[CCBT_MESSAGE_PIECE_HEAD];
  CcbtUploadBuffer *buffer; /* a reference; NULL: begun out of a file, goes on from there */
  const guint8 *data;       /* in the buffer */
  guint32 sent;             /* of head and data together */
  gboolean is_awaited;      /* being read because the file failed us: nothing goes out meanwhile */
  gboolean is_doubtful;     /* wrong bytes may be on their way: the peer is closed after the read */
} CcbtUploadBlock;

void ccbt_upload_block_free (CcbtPeer *self, CcbtUploadBlock *block);
guint64 ccbt_peer_get_upload_offset (CcbtPeer *self, const CcbtUploadRequest *request);
/* @sent bytes of the first request are out. Returns: the block, now first in the queue */
CcbtUploadBlock *ccbt_peer_begin_block (CcbtPeer *self, const CcbtUploadRequest *request,
                                        guint32 sent);
/* Reads what cannot be sent out of the file any more; or finds out, for the owner, why not. */
void ccbt_peer_await_block (CcbtPeer *self, CcbtUploadBlock *block, gboolean is_doubtful);

CcbtPeerHandle ccbt_peer_table_add (CcbtPeerTable *self, CcbtPeer *peer);
void ccbt_peer_table_remove (CcbtPeerTable *self, CcbtPeerHandle handle);
